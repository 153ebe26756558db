/// Occupations: what O*NET measured of each is its embedding. People are the incumbents of an occupation, whose real
/// choices are the occupations that O*NET's experts relate to it most closely.
#include "subspaces/csv.hpp"
#include "subspaces/occupations.hpp"
#include "subspaces/kinds.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>

namespace ammo {
namespace {

/// "Primary" relations between occupations of `codes`, for those with three or more.
result<std::vector<real_choices>> read_related(const std::string& path, const std::vector<std::string>& codes) {
  auto table = csv_table::read(path, {"soc", "related_soc", "tier"}, 2);
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

/// The names of the `most` measures of columns `first` … `last` in which occupation i stands out most.
std::string outstanding(const occupations& all, std::size_t i, std::size_t first, std::size_t last, std::size_t most) {
  const float* z = &all.profiles[i * occupations::width];
  std::vector<std::size_t> columns(last - first);
  std::iota(columns.begin(), columns.end(), first);
  std::ranges::stable_sort(columns, [z](auto a, auto b) { return z[a] > z[b]; });
  std::string out;
  for (std::size_t k = 0; k < most && k < columns.size() && z[columns[k]] > 0; ++k)
    out += (k ? ", " : "") + all.measures[columns[k]];
  return out;
}

/// The titles of what O*NET relates to an occupation, as far as nobody is kept from knowing it.
std::string related_to(const content& c, const std::string& code) {
  const auto known = std::ranges::find(c.choosers, code, &chooser::key);
  std::string out;
  if (known != c.choosers.end())
    for (std::size_t k = 0; k < known->chosen.size() && k < 3; ++k)
      out += (k ? ", " : "") + c.items[known->chosen[k]].title;
  return out;
}

std::vector<fact> measured_facts(const occupations& all, const content& c, std::size_t i) {
  return facts_of({{"title", all.titles[i]},
                   {"description", all.descriptions[i]},
                   {"preparation", all.zones[i]},
                   {"skills", outstanding(all, i, 0, 35, 4)},
                   {"knowledge", outstanding(all, i, 35, 68, 3)},
                   {"interests", outstanding(all, i, 68, 74, 2)},
                   {"values", outstanding(all, i, 74, 80, 2)},
                   {"styles", outstanding(all, i, 80, 96, 3)},
                   {"related", related_to(c, all.codes[i])},
                   {"link", "https://www.onetonline.org/link/summary/" + all.codes[i]}});
}

result<read_content> read_jobs(const std::string& data_root) {
  const auto folder = data_root + "/job/data";
  auto all = read_occupations(folder);
  if (!all)
    return all.error();
  auto choices = read_related(folder + "/related_occupations.csv", all->codes);
  if (!choices)
    return choices.error();
  read_content out;
  for (std::size_t i = 0; i < all->codes.size(); ++i) {
    std::uint64_t major_group = 0;
    std::from_chars(all->codes[i].data(), all->codes[i].data() + 2, major_group);
    const auto& title = all->titles[i]; // says most of what an occupation is
    const auto row = std::span(all->profiles).subspan(i * occupations::width, occupations::width);
    out.items.push_back({.key = all->codes[i],
                         .title = title,
                         .owner = major_group,
                         .text = title + ' ' + title + ' ' + title + ' ' + all->descriptions[i],
                         .columns = {row.begin(), row.end()}});
  }
  out.choices = std::move(*choices);
  out.attribution = onet_attribution;
  out.facts = [measured = std::make_shared<const occupations>(std::move(*all))](const content& known, std::size_t i) {
    return measured_facts(*measured, known, i);
  };
  return out;
}

forms writing() {
  return {.told = {{"{description}", 1.5, true},
                   {"Skills that stand out: {skills}.", 0.9},
                   {"Knowledge that stands out: {knowledge}.", 0.8},
                   {"Interests that fit: {interests}.", 0.6},
                   {"What counts here: {values}.", 0.5},
                   {"Ways of working: {styles}.", 0.5},
                   {"Preparation, from 1 (little) to 5 (long): {preparation}.", 0.6},
                   {"Near it: {related}.", 0.4},
                   {"Also offered here, close to it: {nearby}.", 0.7}},
          .action = "See the occupation at O*NET"};
}

signal_table people_do() {
  auto out = default_signals();
  const auto say = [&](signal what, const char* label) { out[static_cast<std::size_t>(what)].label = label; };
  say(signal::save, "Keep");
  say(signal::response, "I applied");
  say(signal::dismiss, "Not for me");
  return out;
}

} // namespace

subspace_kind job_kind() {
  return {.name = "job",
          .width = {.least = 1, .usual = occupations::width, .most = occupations::width},
          .read = read_jobs,
          .writing = writing(),
          .signals = people_do(),
          .look = {.label = "Occupations", .emblem = "⚒", .accent = "#1d4ed8"}};
}

} // namespace ammo
