#include "actors/space/catalogue_state.hpp"

#include "actors/base/saved.hpp"

#include <algorithm>
#include <utility>

namespace ammo {
namespace {

failure contradiction(const std::string& what) { return bad_state("a catalogue: " + what); }

} // namespace

catalogue_state catalogue::save() const {
  catalogue_state out{version_, changed_, generations_, {}, published_};
  for (std::size_t i = 0; i < panels_.size(); ++i)
    if (visible_[i])
      out.panels.push_back(panels_[i]);
    else
      out.panels.push_back(std::make_shared<const panel>(*panels_[i]));
  return out;
}

result<catalogue> catalogue::restore(subspace_id subspace, block coordinates, float norm_cap, std::uint32_t capacity,
                                     const catalogue_state& state, double near_duplicate) {
  catalogue out(subspace, coordinates, norm_cap, capacity, near_duplicate);
  if (auto adopted = out.adopt(state); !adopted)
    return adopted.error();
  return out;
}

result<void> catalogue::adopt(const catalogue_state& s) {
  const std::size_t used = s.generations.size();
  if (s.panels.size() != (used + panel_rows - 1) / panel_rows)
    return contradiction("rows and panels");
  std::vector<float> e(coordinates_.width);
  std::vector<std::uint32_t> lived;
  for (std::uint32_t row = 0; row < s.panels.size() * panel_rows; ++row) {
    const auto& p = s.panels[row / panel_rows];
    if (!p || p->width != coordinates_.width)
      return contradiction("a panel");
    const creation_id id = p->info[row % panel_rows].id;
    const bool live = id != no_creation;
    if (row >= used ? live
                    : s.generations[row] == 0 || (live && id != make_creation_id(subspace_, row, s.generations[row])))
      return contradiction("row " + std::to_string(row));
    if (live) {
      p->get(row % panel_rows, e);
      if (auto fine = check_embedding(e); !fine)
        return contradiction("row " + std::to_string(row) + ", " + fine.error().text());
      ++live_;
      lived.push_back(row);
    } else if (row < used) {
      free_.push_back(row); // ascending: a heap already
    }
  }
  if ((s.version == 0) != (s.published == nullptr))
    return contradiction("its version");
  if (s.published && (s.published->version() != s.version || s.published->subspace() != subspace_ ||
                      s.published->coordinates() != coordinates_ || s.published->panels().size() > s.panels.size()))
    return contradiction("its version");
  if (!s.changed && (!s.published || !std::ranges::equal(s.panels, s.published->panels())))
    return contradiction("a change that it hasn't noticed");
  version_ = s.version;
  changed_ = s.changed;
  generations_ = s.generations;
  for (const auto& p : s.panels)
    panels_.push_back(std::const_pointer_cast<panel>(p)); // never written: each counts as visible
  visible_.assign(panels_.size(), 1);
  for (std::uint32_t row : lived)
    changed(row);
  published_ = s.published;
  return {};
}

} // namespace ammo
