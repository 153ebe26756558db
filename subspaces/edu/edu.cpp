/// Programmes of study and learning resources in one space: what they say (words), what the occupations ask that they
/// lead to (O*NET, through the crosswalk), and how many people found them helpful. People are those of a survey who
/// found two or more platforms helpful.
#include "subspaces/edu/sources.hpp"
#include "subspaces/occupations.hpp"
#include "subspaces/text.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace ammo {
namespace {

constexpr auto attribution =
  "Source: U.S. Department of Education, NCES, CIP 2020; NCES/BLS CIP-SOC crosswalk (revised final draft). Free "
  "Programming Books, Free Ebook Foundation and contributors, CC BY 4.0; list items reduced to CSV. Contains "
  "information from the 2016 New Coder Survey by freeCodeCamp (and CodeNewbie), made available under the ODbL 1.0. ";

/// Some coordinates of every item, each row of norm 1 or zero, and what they weigh beside the words.
struct part {
  std::vector<float> rows;
  std::uint32_t dim;
  float weight;
};

void add(float* to, const float* from, float weight, std::uint32_t dim) {
  for (std::uint32_t k = 0; k < dim; ++k)
    to[k] += weight * from[k];
}

/// The mean of the profiles that a programme's occupations have; zero for programmes that lead to none of them.
std::vector<float> of_linked(const edu_sources& from, const occupations& jobs, std::uint32_t dim, std::uint64_t seed) {
  auto profiles = jobs.profiles;
  normalise(profiles, occupations::width);
  profiles = projected(weighted(profiles, occupations::width), dim, seed);
  std::multimap<std::string, std::size_t> with_code;
  for (std::size_t i = 0; i < jobs.codes.size(); ++i)
    with_code.emplace(jobs.codes[i].substr(0, 7), i);
  std::vector<float> out(from.items.size() * dim);
  for (std::size_t i = 0; i < from.occupations.size(); ++i)
    for (const auto& code : from.occupations[i])
      for (auto [at, end] = with_code.equal_range(code); at != end; ++at)
        add(&out[i * dim], &profiles[at->second * dim], 1, dim);
  normalise(out, dim);
  return out;
}

/// The occupations' part of all items. Resources, and programmes without a link, take after the five linked programmes
/// whose words are most like theirs.
part of_occupations(const edu_sources& from, const occupations& jobs, const part& words, std::uint32_t dim,
                    std::uint64_t seed) {
  auto rows = of_linked(from, jobs, dim, seed);
  std::vector<std::size_t> linked, others;
  for (std::size_t i = 0; i < from.items.size(); ++i) {
    auto row = rows.begin() + static_cast<std::ptrdiff_t>(i * dim);
    (std::any_of(row, row + dim, [](float x) { return x != 0; }) ? linked : others).push_back(i);
  }
  constexpr std::size_t neighbours = 5;
  std::vector<std::pair<float, std::size_t>> likeness(linked.size());
  for (auto i : others) {
    std::transform(linked.begin(), linked.end(), likeness.begin(), [&](std::size_t j) {
      return std::pair(dot(&words.rows[i * words.dim], &words.rows[j * words.dim], words.dim), j);
    });
    auto last = likeness.begin() + static_cast<std::ptrdiff_t>(std::min(neighbours, likeness.size()));
    std::partial_sort(likeness.begin(), last, likeness.end(), std::greater{});
    for (auto near = likeness.begin(); near != last; ++near)
      add(&rows[i * dim], &rows[near->second * dim], std::max(near->first, 0.0f), dim);
  }
  centre(rows, dim);
  normalise(rows, dim);
  return {std::move(rows), dim, 0.5f};
}

/// One coordinate: the logarithm of how many people found an item helpful, held-out choices not counted.
part of_people(const content& c) {
  std::vector<float> rows;
  const auto most = *std::max_element(c.popularity.begin(), c.popularity.end());
  for (auto count : c.popularity)
    rows.push_back(most ? static_cast<float>(std::log1p(count) / std::log1p(most)) : 0);
  return {std::move(rows), 1, 0.5f};
}

std::vector<float> side_by_side(std::size_t rows, std::initializer_list<const part*> parts) {
  std::vector<float> out;
  for (std::size_t i = 0; i < rows; ++i)
    for (auto p : parts)
      for (std::uint32_t k = 0; k < p->dim; ++k)
        out.push_back(p->weight * p->rows[i * p->dim + k]);
  return out;
}

/// Beside its words, what a programme leads to: the titles of three of its occupations.
void tell_occupations(edu_sources& from, const occupations& jobs) {
  std::map<std::string, std::string> title;
  for (std::size_t i = 0; i < jobs.codes.size(); ++i)
    title.emplace(jobs.codes[i].substr(0, 7), jobs.titles[i]);
  for (std::size_t i = 0; i < from.occupations.size(); ++i) {
    std::string all;
    std::size_t told = 0;
    for (const auto& code : from.occupations[i])
      if (auto found = title.find(code); found != title.end() && told < 3)
        all += (told++ ? ", " : "") + found->second;
    for (auto& f : facts_of({{"occupations", all}}))
      from.items[i].facts.push_back(std::move(f));
  }
}

/// Two thirds of the coordinates are of words, one third of occupations, one of people.
std::vector<float> embedded_items(const edu_sources& from, const occupations& jobs, const content& known,
                                  const content_options& options) {
  std::vector<std::string> texts;
  for (const auto& i : known.items)
    texts.push_back(i.text);
  const auto of_jobs = options.dim / 3, of_words = options.dim - of_jobs - 1;
  part words{projected(tf_idf(texts), of_words, options.seed), of_words, 1.0f};
  normalise(words.rows, words.dim);
  const auto leads_to = of_occupations(from, jobs, words, of_jobs, options.seed);
  const auto helpful = of_people(known);
  auto out = side_by_side(known.items.size(), {&words, &leads_to, &helpful});
  centre(out, options.dim);
  normalise(out, options.dim);
  return out;
}

result<read_content> read_programmes_and_resources(const std::string& data_root) {
  auto from = read_edu(data_root + "/edu/data");
  if (!from)
    return from.error();
  auto jobs = read_occupations(data_root + "/job/data");
  if (!jobs)
    return jobs.error();
  tell_occupations(*from, *jobs);
  read_content out;
  out.items = from->items;
  out.choices = std::move(from->choices);
  out.attribution = std::string(attribution) + onet_attribution;
  out.embed = [from = std::make_shared<const edu_sources>(std::move(*from)),
               jobs = std::make_shared<const occupations>(std::move(*jobs))](
                const content& known, const content_options& options) -> result<std::vector<float>> {
    return embedded_items(*from, *jobs, known, options);
  };
  return out;
}

forms writing() {
  return {.told = {{"{definition}", 1.5, true},
                   {"Examples: {examples}", 0.6},
                   {"Where it leads: {occupations}.", 0.8},
                   {"Its family: {family}.", 0.4},
                   {"A free {kind} on {section}, at {host}.", 2},
                   {"More closely: {topic}.", 1},
                   {"Notes: {notes}.", 0.5},
                   {"Others like it here: {nearby}.", 0.7}},
          .action = "Start learning"};
}

signal_table people_do() {
  auto out = default_signals();
  const auto say = [&](signal what, const char* label) { out[static_cast<std::size_t>(what)].label = label; };
  say(signal::save, "Bookmark");
  say(signal::response, "I enrolled");
  say(signal::dismiss, "Not for me");
  return out;
}

} // namespace

subspace_kind edu_kind() {
  return {.name = "edu",
          .width = {.least = 4, .usual = 48, .most = 256},
          .read = read_programmes_and_resources,
          .writing = writing(),
          .signals = people_do(),
          .look = {.label = "Courses", .emblem = "✎", .accent = "#7e22ce"}};
}

} // namespace ammo
