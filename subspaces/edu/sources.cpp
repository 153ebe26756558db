#include "subspaces/edu/sources.hpp"

#include "subspaces/csv.hpp"

#include <map>
#include <set>

namespace ammo {
namespace {

constexpr std::uint64_t families = 100; // owners below are families of programmes (two digits of CIP), then hosts

using items_of_host = std::map<std::string, std::vector<std::uint32_t>>;

result<void> read_programmes(const std::string& path, edu_sources& to) {
  auto table = csv_table::read(path, {"cip", "family", "title", "definition", "examples", "family_title"}, 1);
  if (!table)
    return table.error();
  for (std::size_t r = 0; r < table->size(); ++r) {
    auto family = table->whole(r, 1, families);
    if (!family)
      return family.error();
    const auto of = [&](std::size_t c) -> std::string_view { return table->text(r, c); };
    to.items.push_back(
        {.key = table->text(r, 0),
         .title = table->text(r, 2),
         .owner = *family,
         .facts = facts_of({{"title", of(2)}, {"family", of(5)}, {"definition", of(3)}, {"examples", of(4)}}),
         .text = table->text(r, 2) + ' ' + table->text(r, 3) + ' ' + table->text(r, 4)});
  }
  return {};
}

result<void> read_links(const std::string& path, edu_sources& to) {
  auto table = csv_table::read(path, {"cip", "soc6"}, 2);
  if (!table)
    return table.error();
  std::map<std::string, std::size_t> number;
  for (const auto& programme : to.items)
    number.emplace(programme.key, number.size());
  to.occupations.resize(to.items.size());
  for (std::size_t r = 0; r < table->size(); ++r) {
    auto programme = number.find(table->text(r, 0));
    if (programme == number.end())
      return table->bad(r, "a cip of cip2020_programs.csv, found \"" + table->text(r, 0) + '"');
    to.occupations[programme->second].push_back(table->text(r, 1));
  }
  return {};
}

result<items_of_host> read_resources(const std::string& path, edu_sources& to) {
  auto table = csv_table::read(path, {"id", "host", "title", "section", "subsection", "kind", "notes", "url"}, 1);
  if (!table)
    return table.error();
  items_of_host of_host;
  std::map<std::string, std::uint64_t> owner;
  for (std::size_t r = 0; r < table->size(); ++r) {
    const auto& host = table->text(r, 1);
    of_host[host].push_back(static_cast<std::uint32_t>(to.items.size()));
    auto number = owner.try_emplace(host, families + owner.size()).first->second;
    const auto of = [&](std::size_t c) -> std::string_view { return table->text(r, c); };
    // Headings say most of what a resource is about, so they count twice; notes name authors and formats, no topics.
    const auto heading = ' ' + table->text(r, 3) + ' ' + table->text(r, 4);
    auto text = table->text(r, 2) + heading + heading;
    std::erase(text, '\\'); // Markdown's, as in "C\#"
    to.items.push_back({.key = "resource/" + table->text(r, 0),
                        .title = table->text(r, 2),
                        .owner = number,
                        .facts = facts_of({{"title", of(2)},
                                           {"kind", of(5)},
                                           {"section", of(3)},
                                           {"topic", of(4)},
                                           {"notes", of(6)},
                                           {"host", host},
                                           {"link", of(7)}}),
                        .text = std::move(text)});
  }
  return of_host;
}

/// The survey's platforms: which host an answer means, and the resources of that host and its subdomains.
struct platforms {
  std::map<std::string, std::string> host_of_answer;
  items_of_host items;
};

result<platforms> read_platforms(const std::string& path, const items_of_host& of_host) {
  auto table = csv_table::read(path, {"answer", "host"}, 1);
  if (!table)
    return table.error();
  platforms out;
  for (std::size_t r = 0; r < table->size(); ++r) {
    const auto& host = table->text(r, 1);
    out.host_of_answer[table->text(r, 0)] = host;
    auto [platform, fresh] = out.items.try_emplace(host);
    if (fresh)
      for (const auto& [name, items] : of_host)
        if (name == host || name.ends_with('.' + host))
          platform->second.insert(platform->second.end(), items.begin(), items.end());
    if (platform->second.empty())
      return table->bad(r, "a host of free_learning_resources.csv, found \"" + host + '"');
  }
  return out;
}

/// An answer is a column of ones and zeros ("res_edx"), or a text in the column res_other.
result<std::vector<real_choices>> read_survey(const std::string& path, const platforms& known) {
  std::vector<std::string_view> columns{"user", "res_other"};
  for (const auto& [answer, host] : known.host_of_answer)
    if (answer.starts_with("res_"))
      columns.push_back(answer);
  auto table = csv_table::read(path, columns);
  if (!table)
    return table.error();
  std::vector<real_choices> out;
  for (std::size_t r = 0; r < table->size(); ++r) {
    std::set<std::string> hosts;
    for (std::size_t c = 2; c < columns.size(); ++c) {
      auto helpful = table->whole(r, c, 2);
      if (!helpful)
        return helpful.error();
      if (*helpful)
        hosts.insert(known.host_of_answer.at(table->column(c)));
    }
    if (auto other = known.host_of_answer.find(table->text(r, 1)); other != known.host_of_answer.end())
      hosts.insert(other->second);
    if (hosts.size() < 2)
      continue;
    auto& person = out.emplace_back(real_choices{"survey " + table->text(r, 0), {}});
    for (const auto& host : hosts)
      person.units.push_back(known.items.at(host));
  }
  return out;
}

} // namespace

result<edu_sources> read_edu(const std::string& folder) {
  edu_sources out;
  if (auto done = read_programmes(folder + "/cip2020_programs.csv", out); !done)
    return done.error();
  if (auto done = read_links(folder + "/cip_soc_links.csv", out); !done)
    return done.error();
  auto of_host = read_resources(folder + "/free_learning_resources.csv", out);
  if (!of_host)
    return of_host.error();
  auto known = read_platforms(folder + "/platforms.csv", *of_host);
  if (!known)
    return known.error();
  auto choices = read_survey(folder + "/fcc2016_survey.csv", *known);
  if (!choices)
    return choices.error();
  out.choices = std::move(*choices);
  return out;
}

} // namespace ammo
