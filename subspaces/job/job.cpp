/// Occupations: what O*NET measured of each is its embedding. People are the incumbents of an occupation, whose real
/// choices are the occupations that O*NET's experts relate to it most closely.
#include "subspaces/csv.hpp"
#include "subspaces/job/occupations.hpp"
#include "subspaces/loader.hpp"
#include "subspaces/text.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace ammo {
namespace {

constexpr auto attribution =
    "This product includes information from the O*NET 29.3 Database by the U.S. Department of Labor, Employment and "
    "Training Administration (USDOL/ETA). Used under the CC BY 4.0 license. O*NET(R) is a trademark of USDOL/ETA. The "
    "information has been modified (reshaped to wide CSV); USDOL/ETA has not approved, endorsed, or tested these "
    "modifications.";

/// "Primary" relations between occupations of `codes`, for those with three or more.
result<std::vector<real_choices>> read_related(const std::string& path, const std::vector<std::string>& codes) {
  auto table = csv_table::read(path, {"soc", "related_soc", "tier"});
  if (!table)
    return table.error();
  std::map<std::string, std::uint32_t> number;
  for (const auto& code : codes)
    number.emplace(code, number.size());
  std::map<std::string, std::vector<std::vector<std::uint32_t>>> related;
  for (std::size_t r = 0; r < table->size(); ++r)
    if (auto to = number.find(table->text(r, 1));
        to != number.end() && number.count(table->text(r, 0)) && table->text(r, 2).starts_with("Primary"))
      related[table->text(r, 0)].push_back({to->second});
  std::vector<real_choices> out;
  for (auto& [code, to] : related)
    if (to.size() >= 3)
      out.push_back({code, std::move(to)});
  return out;
}

} // namespace

result<loaded> load_job(const std::string& folder, std::uint32_t dim, std::uint64_t seed) {
  if (dim > occupations::width)
    return {errc::bad_layout, "job has 1 to 96 coordinates, not " + std::to_string(dim)};
  auto all = read_occupations(folder);
  if (!all)
    return all.error();
  auto choices = read_related(folder + "/related_occupations.csv", all->codes);
  if (!choices)
    return choices.error();
  loaded out;
  out.choices = std::move(*choices);
  for (std::size_t i = 0; i < all->codes.size(); ++i) {
    std::uint64_t major_group = 0;
    std::from_chars(all->codes[i].data(), all->codes[i].data() + 2, major_group);
    out.base.items.push_back({all->codes[i], all->titles[i], i, major_group});
  }
  out.base.dim = dim;
  out.base.attribution = attribution;
  normalise(all->profiles, occupations::width);
  out.base.embeddings = dim == occupations::width ? std::move(all->profiles)
                                                  : projected(all->profiles, occupations::width, dim, seed);
  normalise(out.base.embeddings, dim);
  return out;
}

} // namespace ammo
