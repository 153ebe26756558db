/// Occupations: what O*NET measured of each is its embedding. People are the incumbents of an occupation, whose real
/// choices are the occupations that O*NET's experts relate to it most closely.
#include "subspaces/csv.hpp"
#include "subspaces/job/occupations.hpp"
#include "subspaces/loader.hpp"
#include "subspaces/text.hpp"

#include <charconv>
#include <map>

namespace ammo {
namespace {

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

result<content> load_job(const std::string& data_root, const content_options& options) {
  const auto folder = data_root + "/job/data";
  auto all = read_occupations(folder);
  if (!all)
    return all.error();
  auto choices = read_related(folder + "/related_occupations.csv", all->codes);
  if (!choices)
    return choices.error();
  content out;
  for (std::size_t i = 0; i < all->codes.size(); ++i) {
    std::uint64_t major_group = 0;
    std::from_chars(all->codes[i].data(), all->codes[i].data() + 2, major_group);
    out.items.push_back({all->codes[i], all->titles[i], i, major_group});
  }
  hold_out(out, std::move(*choices), options);
  out.dim = options.dim;
  out.embeddings = std::move(all->profiles);
  normalise(out.embeddings, occupations::width);
  if (out.dim < occupations::width) {
    out.embeddings = projected(weighted(out.embeddings, occupations::width), out.dim, options.seed);
    normalise(out.embeddings, out.dim);
  }
  out.words = std::make_shared<const text_index>(all->titles, out.embeddings, out.dim);
  out.attribution = onet_attribution;
  return out;
}

} // namespace ammo
