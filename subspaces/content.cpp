#include "subspaces/content.hpp"

#include "actors/base/random.hpp"
#include "actors/space/ball.hpp"
#include "actors/space/eligibility.hpp"
#include "subspaces/text.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <set>

namespace ammo {
namespace {

/// Options with the kind's default in place of 0.
result<content_options> checked(content_options options, const subspace_kind& of) {
  const auto& [least, usual, most] = of.width;
  options.dim = options.dim ? options.dim : usual;
  if (options.dim < least || options.dim > most)
    return {errc::bad_layout, of.name + " can have " + std::to_string(least) + " to " + std::to_string(most) +
                                  " coordinates, not " + std::to_string(options.dim)};
  if (!(options.hold_out >= 0 && options.hold_out < 1))
    return {errc::bad_value, "hold_out is at least 0 and below 1, not " + std::to_string(options.hold_out)};
  return options;
}

/// Do keys differ, and do choices name what is there?
result<void> judge(const read_content& read, const std::string& kind) {
  std::set<std::string_view> keys;
  for (const auto& i : read.items)
    if (!keys.insert(i.key).second)
      return {errc::bad_value, "two items of kind \"" + kind + "\" have the key \"" + i.key + '"'};
  for (const auto& i : read.items)
    if (auto fine = check_tags(i.tags); !fine)
      return {fine.code(), fine.error().detail + ": item \"" + i.key + "\" of kind \"" + kind + '"'};
  for (const auto& person : read.choices) {
    std::set<std::uint32_t> chosen;
    std::size_t all = 0;
    for (const auto& unit : person.units) {
      chosen.insert(unit.begin(), unit.end());
      all += unit.size();
    }
    if (person.units.size() < 2 || chosen.size() != all || (all > 0 && *chosen.rbegin() >= read.items.size()))
      return {errc::bad_value, "the choices of \"" + person.key + "\" in kind \"" + kind +
                                   "\": two units or more, of items that are there, each once"};
  }
  return {};
}

/// Are these as many coordinates as they should be, and within the ball?
result<void> judge(const std::vector<float>& embeddings, std::size_t items, std::uint32_t dim,
                   const std::string& kind) {
  if (embeddings.size() != items * dim)
    return {errc::wrong_dimension, "kind \"" + kind + "\" embeds " + std::to_string(items) + " items in " +
                                       std::to_string(dim) + " coordinates with " + std::to_string(embeddings.size()) +
                                       " numbers"};
  for (std::size_t i = 0; i < items; ++i) {
    const auto row = std::span(embeddings).subspan(i * dim, dim);
    if (!ball::finite(row))
      return {errc::not_finite, "an embedding of kind \"" + kind + '"'};
    if (ball::norm(row) > 1 + 1e-4)
      return {errc::norm_over_cap, "an embedding of kind \"" + kind + "\" is longer than 1"};
  }
  return {};
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

/// Fills `choosers` and `popularity`: draws the units of each person that are held out. What is grounded or embedded
/// later knows `chosen` alone.
void hold_out(content& c, std::vector<real_choices> choices, const content_options& options) {
  c.popularity.assign(c.items.size(), 0);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    auto g = generator(options.seed, stream::hold_out, i, 0);
    c.choosers.push_back(split(std::move(choices[i]), options.hold_out, g));
    for (auto item : c.choosers.back().chosen)
      ++c.popularity[item];
  }
}

std::vector<std::string> texts_of(const content& c) {
  std::vector<std::string> out;
  for (const auto& i : c.items)
    out.push_back(i.text);
  return out;
}

} // namespace

std::vector<neighbour> neighbours_of(const content& c, std::size_t position) {
  std::vector<std::pair<double, std::size_t>> all;
  for (std::size_t i = 0; i < c.items.size(); ++i)
    if (i != position)
      all.emplace_back(ball::squared_distance(c.embedding(i), c.embedding(position)), i);
  const auto last = all.begin() + static_cast<std::ptrdiff_t>(std::min(most_neighbours, all.size()));
  std::ranges::partial_sort(all, last);
  std::vector<neighbour> out;
  for (auto near = all.begin(); near != last; ++near)
    out.push_back({c.items[near->second].title, std::sqrt(near->first)});
  return out;
}

result<content> load_content(std::string_view name, const std::string& data_root, const content_options& options) {
  if (const auto kind = kind_list{}.find(name); kind && kind->read)
    return load_content(*kind, data_root, options);
  std::string known;
  for (auto other : kind_list{}.names())
    if (kind_list{}.find(other)->read)
      known += (known.empty() ? "" : ", ") + std::string(other);
  return {errc::unknown_subspace, '"' + std::string(name) + "\"; there are " + known};
}

result<content> load_content(const subspace_kind& kind, const std::string& data_root,
                             const content_options& options) try {
  const auto wanted = checked(options, kind);
  if (!wanted)
    return wanted.error();
  content out;
  out.dim = wanted->dim;
  if (!kind.read)
    return out;
  auto read = kind.read(data_root);
  if (!read)
    return read.error();
  if (auto fine = judge(*read, kind.name); !fine)
    return fine.error();
  out.items = std::move(read->items);
  out.attribution = std::move(read->attribution);
  hold_out(out, std::move(read->choices), *wanted);
  if (read->facts)
    for (std::size_t i = 0; i < out.items.size(); ++i)
      out.items[i].facts = read->facts(out, i);
  for (auto& i : out.items) // what is written of an item has its title
    if (fact_named(i.facts, "title").empty() && !i.title.empty())
      i.facts.insert(i.facts.begin(), {"title", plain(i.title)});
  const bool measured = !out.items.empty() && !out.items.front().columns.empty();
  auto embeddings = read->embed ? read->embed(out, *wanted)
                    : measured  ? embed_columns(out, *wanted)
                                : embed_texts(out, *wanted);
  if (!embeddings)
    return embeddings.error();
  if (auto fine = judge(*embeddings, out.items.size(), out.dim, kind.name); !fine)
    return fine.error();
  out.embeddings = std::move(*embeddings);
  if (const auto texts = texts_of(out); std::ranges::any_of(texts, [](const auto& t) { return !t.empty(); }))
    out.words = std::make_shared<const text_index>(texts, out.embeddings, out.dim);
  for (auto& i : out.items) { // what they told is in the embeddings now
    std::string().swap(i.text);
    std::vector<float>().swap(i.columns);
  }
  return out;
} catch (...) { // a host's kind must not throw
  return {errc::internal, "a function of kind \"" + kind.name + "\" threw"};
}

result<std::vector<float>> embed_texts(const content& known, const content_options& options) {
  return embedded(projected(tf_idf(texts_of(known)), options.dim, options.seed), options.dim);
}

result<std::vector<float>> embed_columns(const content& known, const content_options& options) {
  std::vector<float> rows;
  const std::size_t columns = known.items.empty() ? options.dim : known.items.front().columns.size();
  for (const auto& i : known.items) {
    if (i.columns.size() != columns || columns < options.dim)
      return {errc::bad_layout, "item \"" + i.key + "\" has " + std::to_string(i.columns.size()) + " columns for " +
                                    std::to_string(options.dim) + " coordinates; the first has " +
                                    std::to_string(columns)};
    rows.insert(rows.end(), i.columns.begin(), i.columns.end());
  }
  const auto width = static_cast<std::uint32_t>(columns);
  normalise(rows, width);
  if (options.dim < width) {
    rows = projected(weighted(rows, width), options.dim, options.seed);
    normalise(rows, options.dim);
  }
  return rows;
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
