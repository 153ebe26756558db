#include "actors/protocol/catalogue_rows.hpp"

#include <cassert>
#include <cmath>
#include <string>
#include <utility>

namespace ammo::wire {
namespace {

bool is_consistent(const catalogue_rows& r) {
  std::size_t live = r.ids.size();
  if ((!r.shown.empty() && r.shown.size() != live) || !are_tags(r.tags, live))
    return false;
  if (r.goals.size() != live || r.owners.size() != live || r.contents.size() != live)
    return false;
  if (r.width == 0 || r.width > max_dim || r.offset > max_dim - r.width || r.rows % panel_rows != 0)
    return false;
  if (r.coordinates.values.size() != live * r.width)
    return false;
  std::uint64_t next = 0; // the lowest row that the next id may have
  for (creation_id id : r.ids) {
    if (subspace_of(id) != r.subspace || generation_of(id) == 0 || row_of(id) < next || row_of(id) >= r.rows)
      return false;
    next = std::uint64_t{row_of(id)} + 1;
  }
  return true;
}

/// Bytes that the panels will take: one for each run of ids that share it, a blank one, and the pointers.
std::size_t unfolded_size(const catalogue_rows& r) {
  std::size_t panels = 1;
  std::uint64_t last = ~std::uint64_t{0};
  for (creation_id id : r.ids)
    if (auto index = row_of(id) / panel_rows; index != last)
      ++panels, last = index;
  return panels * (sizeof(panel) + sizeof(float) * panel_rows * r.width) +
         r.rows / panel_rows * sizeof(std::shared_ptr<const panel>) + size_of_tags(r.tags);
}

} // namespace

facts_form fold_facts(const catalogue_version& c) {
  facts_form out;
  if (c.bunches())
    for (const bunch_row& r : c.bunches()->rows()) {
      out.rows.push_back(r.row);
      out.firsts.push_back(r.first);
    }
  if (std::isfinite(c.usual_length()))
    out.usual_length.push_back(c.usual_length());
  out.raised_cap = std::isfinite(c.longest());
  return out;
}

std::optional<catalogue_facts> unfold_facts(const facts_form& from, std::span<const std::shared_ptr<const panel>> panels) {
  if (from.rows.size() != from.firsts.size() || from.usual_length.size() > 1)
    return {};
  catalogue_facts out;
  out.raised_cap = from.raised_cap;
  if (!from.usual_length.empty())
    out.usual_length = from.usual_length.front();
  if (!(out.usual_length >= 0))
    return {};
  if (from.rows.empty())
    return out;
  std::vector<bunch_row> rows;
  for (std::size_t i = 0; i < from.rows.size(); ++i)
    rows.push_back({from.rows[i], from.firsts[i]});
  if (!bunches::sound(rows, panels))
    return {};
  out.bunches = std::make_shared<const bunches>(std::move(rows), panels);
  return out;
}

catalogue_rows fold(const catalogue_news& news) {
  assert(news.snapshot);
  const catalogue_version& c = *news.snapshot;
  catalogue_rows out{.subspace = c.subspace(), .version = c.version(), .offset = c.coordinates().offset, .width = c.coordinates().width, .rows = c.rows(), .ids = {}, .goals = {}, .owners = {}, .contents = {}, .coordinates = {}, .fresh = news.fresh};
  out.coordinates.values.resize(c.live() * out.width);
  std::span<float> rest(out.coordinates.values);
  for (std::uint32_t row = 0; row < c.rows(); ++row) {
    const creation_info& info = c.info(row);
    if (info.id == no_creation)
      continue;
    append_row(out, *c.panels()[row / panel_rows], row % panel_rows);
    c.embedding(row, rest.first(out.width));
    rest = rest.subspan(out.width);
  }
  out.facts = fold_facts(c);
  return out;
}

result<catalogue_news> unfold(catalogue_rows&& r, const wire_limits& limits) {
  if (!is_consistent(r))
    return {errc::frame_wrong_shape, "rows of a catalogue contradict each other"};
  if (r.rows > limits.rows)
    return {errc::frame_too_large, "a catalogue of " + std::to_string(r.rows) + " rows"};
  if (auto size = unfolded_size(r); size > limits.unfolded)
    return {errc::frame_too_large, "a catalogue of " + std::to_string(size) + " bytes"};

  auto blank = std::make_shared<const panel>(r.width);
  std::vector<std::shared_ptr<const panel>> panels(r.rows / panel_rows, blank);
  std::shared_ptr<panel> filling;
  for (std::size_t i = 0; i < r.ids.size(); ++i) {
    std::uint32_t row = row_of(r.ids[i]);
    if (auto& slot = panels[row / panel_rows]; slot == blank)
      slot = filling = std::make_shared<panel>(r.width);
    filling->set(row % panel_rows,
                 {r.ids[i], r.goals[i], r.owners[i], r.contents[i], r.shown.empty() ? nullptr : std::move(r.shown[i])},
                 std::span(r.coordinates.values).subspan(i * r.width, r.width), tags_at(r.tags, i));
  }
  auto found = unfold_facts(r.facts, panels);
  if (!found)
    return {errc::frame_wrong_shape, "facts of a catalogue contradict it"};
  auto snapshot = std::make_shared<const catalogue_version>(r.subspace, block{r.offset, r.width}, r.version, r.ids.size(),
                                                            std::move(panels), *std::move(found));
  return catalogue_news{std::move(snapshot), std::move(r.fresh)};
}

} // namespace ammo::wire
