#include "actors/protocol/shared_catalogues.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace ammo::wire {
namespace {

panel_form fold(const panel& p) {
  panel_form out{.width = p.width, .ids = {}, .goals = {}, .owners = {}, .contents = {}, .coordinates = {}};
  for (std::uint32_t row = 0; row < panel_rows; ++row) {
    const creation_info& info = p.info[row];
    if (info.id == no_creation)
      continue;
    append_row(out, p, row);
    auto& all = out.coordinates.values;
    all.resize(all.size() + p.width);
    p.get(row, std::span(all).last(p.width));
  }
  return out;
}

/// Rows of one panel of one subspace, ascending.
bool is_consistent(const panel_form& p) {
  const std::size_t live = p.ids.size();
  if (p.width == 0 || p.width > max_dim || live > panel_rows || p.goals.size() != live || p.owners.size() != live ||
      p.contents.size() != live || (!p.shown.empty() && p.shown.size() != live) ||
      p.coordinates.values.size() != live * p.width || !are_tags(p.tags, live))
    return false;
  const auto follows = [](creation_id a, creation_id b) {
    return subspace_of(a) == subspace_of(b) && row_of(a) / panel_rows == row_of(b) / panel_rows &&
           row_of(a) < row_of(b);
  };
  for (std::size_t i = 0; i < live; ++i)
    if (generation_of(p.ids[i]) == 0 || (i > 0 && !follows(p.ids[i - 1], p.ids[i])))
      return false;
  return true;
}

std::shared_ptr<const panel> unfold(const panel_form& p) {
  auto out = std::make_shared<panel>(p.width);
  for (std::size_t i = 0; i < p.ids.size(); ++i)
    out->set(row_of(p.ids[i]) % panel_rows, {p.ids[i], p.goals[i], p.owners[i], p.contents[i], p.shown.empty() ? nullptr : p.shown[i]},
             std::span(p.coordinates.values).subspan(i * p.width, p.width), tags_at(p.tags, i));
  return out;
}

/// May the panel stand at that place of a catalogue?
bool belongs(const panel_form& p, const version_form& v, std::size_t place) {
  return p.width == v.width &&
         (p.ids.empty() || (subspace_of(p.ids[0]) == v.subspace && row_of(p.ids[0]) / panel_rows == place));
}

failure contradiction(std::string what) { return {errc::frame_wrong_shape, std::move(what) + " contradicts itself"}; }

} // namespace

std::uint32_t catalogue_table::place_of(const std::shared_ptr<const panel>& p) {
  if (!p)
    return 0;
  const auto [at, fresh] = panels_.try_emplace(p.get(), static_cast<std::uint32_t>(form_.panels.size() + 1));
  if (fresh)
    form_.panels.push_back(fold(*p));
  return at->second;
}

std::uint32_t catalogue_table::place_of(const std::shared_ptr<const catalogue_version>& v) {
  if (!v)
    return 0;
  const auto [at, fresh] = versions_.try_emplace(v.get(), static_cast<std::uint32_t>(form_.versions.size() + 1));
  if (!fresh)
    return at->second;
  version_form out{v->subspace(), v->coordinates().offset, v->coordinates().width, v->version(), {}, fold_facts(*v)};
  for (const auto& p : v->panels())
    out.panels.push_back(place_of(p));
  form_.versions.push_back(std::move(out));
  return at->second;
}

std::uint32_t catalogue_table::place_of(const embedding_store::handle& e) {
  if (!e)
    return 0;
  const auto [at, fresh] = gone_.try_emplace(e.get(), static_cast<std::uint32_t>(form_.gone.size() + 1));
  if (fresh)
    form_.gone.push_back({e->creation, {e->e}});
  return at->second;
}

result<shared_catalogues> unfold(catalogue_table_form&& table, const wire_limits& limits) {
  shared_catalogues out;
  std::size_t bytes = 0;
  for (const panel_form& p : table.panels) {
    if (!is_consistent(p))
      return contradiction("a panel");
    bytes += sizeof(panel) + sizeof(float) * panel_rows * p.width + size_of_tags(p.tags);
    if (bytes > limits.unfolded)
      return {errc::frame_too_large, "panels of more than " + std::to_string(limits.unfolded) + " bytes"};
    out.panels.push_back(unfold(p));
  }
  for (const version_form& v : table.versions) {
    if (v.width == 0 || v.width > max_dim || v.offset > max_dim - v.width || v.panels.size() > limits.rows / panel_rows)
      return contradiction("a catalogue version");
    std::vector<std::shared_ptr<const panel>> panels;
    std::size_t live = 0;
    for (std::uint32_t place : v.panels) {
      if (place == 0 || place > out.panels.size() || !belongs(table.panels[place - 1], v, panels.size()))
        return contradiction("a catalogue version");
      panels.push_back(out.panels[place - 1]);
      live += table.panels[place - 1].ids.size();
    }
    auto found = unfold_facts(v.facts, panels);
    if (!found)
      return contradiction("a catalogue version");
    out.versions.push_back(std::make_shared<const catalogue_version>(v.subspace, block{v.offset, v.width}, v.version,
                                                                     live, std::move(panels), *std::move(found)));
  }
  for (gone_form& g : table.gone)
    out.gone.push_back(std::make_shared<const held_embedding>(held_embedding{g.creation, std::move(g.e.values)}));
  return out;
}

} // namespace ammo::wire
