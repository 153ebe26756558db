#include "subspaces/content.hpp"

#include "actors/space/ball.hpp"
#include "actors/base/random.hpp"
#include "subspaces/csv.hpp"
#include "subspaces/loader.hpp"
#include "subspaces/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <set>

namespace ammo {
namespace {

struct known_subspace {
  std::string_view name;
  std::uint32_t least, usual, most; // coordinates
  result<content> (*load)(const std::string&, const content_options&);
};
// Projections take time with the square of their coordinates, hence 256; job has no more columns than 96.
constexpr std::array known{known_subspace{"coin", 1, 32, 256, load_coin}, known_subspace{"job", 1, 96, 96, load_job},
                           known_subspace{"edu", 4, 48, 256, load_edu}};
constexpr known_subspace of_a_host{"a CSV file", 1, 32, 256, nullptr};

const known_subspace* find(std::string_view name) {
  auto found = std::find_if(known.begin(), known.end(), [&](const auto& k) { return k.name == name; });
  return found == known.end() ? nullptr : &*found;
}

/// Options with the subspace's default in place of 0.
result<content_options> checked(content_options options, const known_subspace& of) {
  options.dim = options.dim ? options.dim : of.usual;
  if (options.dim < of.least || options.dim > of.most)
    return {errc::bad_layout, std::string(of.name) + " can have " + std::to_string(of.least) + " to " +
                                  std::to_string(of.most) + " coordinates, not " + std::to_string(options.dim)};
  if (!(options.hold_out >= 0 && options.hold_out < 1))
    return {errc::bad_value, "hold_out is at least 0 and below 1, not " + std::to_string(options.hold_out)};
  return options;
}

chooser split(real_choices from, double share, splitmix64 g) {
  auto& units = from.units;
  for (std::size_t i = units.size(); i > 1; --i)
    std::swap(units[i - 1], units[g() % i]);
  auto wanted = static_cast<std::size_t>(share * static_cast<double>(units.size()));
  auto held_out = share == 0 ? 0 : std::clamp<std::size_t>(wanted, 1, units.size() - 1);
  chooser out{std::move(from.key), {}, {}};
  for (std::size_t i = 0; i < units.size(); ++i) {
    auto& side = i < held_out ? out.held_out : out.chosen;
    side.insert(side.end(), units[i].begin(), units[i].end());
  }
  std::sort(out.chosen.begin(), out.chosen.end());
  std::sort(out.held_out.begin(), out.held_out.end());
  return out;
}

std::vector<float> random_direction(std::uint32_t dim, splitmix64 g) {
  std::vector<float> out(dim);
  for (auto& x : out) { // normal, by Box and Muller
    const auto radius = std::sqrt(-2 * std::log(1 - uniform01(g)));
    x = static_cast<float>(radius * std::cos(2 * std::numbers::pi * uniform01(g)));
  }
  normalise(out, dim);
  return out;
}

} // namespace

std::vector<neighbour> neighbours_of(const content& c, std::size_t item) {
  std::vector<std::pair<double, std::size_t>> all;
  for (std::size_t i = 0; i < c.items.size(); ++i)
    if (i != item)
      all.emplace_back(ball::squared_distance(c.embedding(i), c.embedding(item)), i);
  const auto last = all.begin() + static_cast<std::ptrdiff_t>(std::min(most_neighbours, all.size()));
  std::ranges::partial_sort(all, last);
  std::vector<neighbour> out;
  for (auto near = all.begin(); near != last; ++near)
    out.push_back({c.items[near->second].title, std::sqrt(near->first)});
  return out;
}

std::uint32_t default_dim(std::string_view name) noexcept {
  auto subspace = find(name);
  return subspace ? subspace->usual : 0;
}

result<content> load_content(std::string_view name, const std::string& data_root, const content_options& options) {
  auto subspace = find(name);
  if (!subspace)
    return {errc::unknown_subspace, '"' + std::string(name) + "\"; there are coin, job and edu"};
  auto wanted = checked(options, *subspace);
  if (!wanted)
    return wanted.error();
  return subspace->load(data_root, *wanted);
}

result<content> load_csv_content(const std::string& path, const content_options& options) {
  auto wanted = checked(options, of_a_host);
  if (!wanted)
    return wanted.error();
  auto table = csv_table::read(path, {"key", "title", "owner", "text"});
  if (!table)
    return table.error();
  content out;
  std::vector<std::string> texts;
  std::set<std::string> keys;
  std::map<std::string, std::uint64_t> owners;
  for (std::size_t r = 0; r < table->size(); ++r) {
    if (!keys.insert(table->text(r, 0)).second)
      return table->bad(r, "a key of its own, found \"" + table->text(r, 0) + "\" again");
    auto owner = owners.try_emplace(table->text(r, 2), owners.size()).first->second;
    out.items.push_back({table->text(r, 0), table->text(r, 1), r, owner,
                         facts_of({{"title", table->text(r, 1)}, {"text", table->text(r, 3)}})});
    texts.push_back(table->text(r, 1) + ' ' + table->text(r, 3));
  }
  out.dim = wanted->dim;
  out.embeddings = embedded(projected(tf_idf(texts), out.dim, options.seed), out.dim);
  out.words = std::make_shared<const text_index>(texts, out.embeddings, out.dim);
  out.popularity.resize(out.items.size());
  return out;
}

std::vector<fact> facts_of(std::initializer_list<std::pair<const char*, std::string_view>> named) {
  std::vector<fact> out;
  for (const auto& [name, text] : named)
    if (auto words = plain(text); !words.empty())
      out.push_back({name, std::move(words)});
  return out;
}

void hold_out(content& c, std::vector<real_choices> choices, const content_options& options) {
  c.popularity.assign(c.items.size(), 0);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    auto g = generator(options.seed, stream::hold_out, i, 0);
    c.choosers.push_back(split(std::move(choices[i]), options.hold_out, g));
    for (auto item : c.choosers.back().chosen)
      ++c.popularity[item];
  }
}

std::vector<float> preference_of(const content& c, std::size_t chooser, std::uint64_t copy, std::uint64_t seed) {
  auto g = generator(seed, stream::person, chooser, copy);
  if (chooser >= c.choosers.size() || c.choosers[chooser].chosen.empty())
    return random_direction(c.dim, g);
  const auto& chosen = c.choosers[chooser].chosen;
  std::vector<float> q(c.dim);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    auto row = &c.embeddings[std::size_t{chosen[copy == 0 ? i : g() % chosen.size()]} * c.dim];
    std::transform(q.begin(), q.end(), row, q.begin(), std::plus{});
  }
  normalise(q, c.dim);
  return q;
}

} // namespace ammo
