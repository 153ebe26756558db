#include "subspaces/content.hpp"

#include "actors/space/layout.hpp"
#include "actors/space/random.hpp"
#include "subspaces/loader.hpp"
#include "subspaces/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace ammo {
namespace {

struct known_subspace {
  std::string_view name;
  std::uint32_t dim; // by default
  result<loaded> (*load)(const std::string&, std::uint32_t, std::uint64_t);
};
constexpr std::array known{known_subspace{"coin", 32, load_coin}, known_subspace{"job", 96, load_job},
                           known_subspace{"edu", 48, load_edu}};

const known_subspace* find(std::string_view name) {
  auto found = std::find_if(known.begin(), known.end(), [&](const auto& k) { return k.name == name; });
  return found == known.end() ? nullptr : &*found;
}

/// Draws whole units by chance: `share` of them rounded down, but one at least and never all.
chooser split(real_choices&& from, double share, splitmix64 g) {
  auto& units = from.units;
  for (std::size_t i = units.size(); i > 1; --i)
    std::swap(units[i - 1], units[g() % i]);
  auto held_out = share == 0 ? 0 : std::max<std::size_t>(1, static_cast<std::size_t>(share * units.size()));
  chooser out{std::move(from.key), {}, {}};
  for (std::size_t i = 0; i < units.size(); ++i) {
    auto& side = i < held_out ? out.held_out : out.chosen;
    side.insert(side.end(), units[i].begin(), units[i].end());
  }
  std::sort(out.chosen.begin(), out.chosen.end());
  std::sort(out.held_out.begin(), out.held_out.end());
  return out;
}

/// A direction at random: normals by Box and Muller.
std::vector<float> random_direction(std::uint32_t dim, splitmix64 g) {
  std::vector<float> out(dim);
  for (auto& x : out)
    x = static_cast<float>(std::sqrt(-2 * std::log(1 - uniform01(g))) * std::cos(2 * std::numbers::pi * uniform01(g)));
  normalise(out, dim);
  return out;
}

} // namespace

std::uint32_t default_dim(std::string_view name) noexcept {
  auto k = find(name);
  return k ? k->dim : 0;
}

result<content> load_content(std::string_view name, const std::string& data_root, const content_options& options) {
  auto subspace = find(name);
  if (!subspace)
    return {errc::unknown_subspace, '"' + std::string(name) + "\"; there are coin, job and edu"};
  if (!(options.hold_out >= 0 && options.hold_out < 1))
    return {errc::bad_value, "hold_out must be at least 0 and below 1"};
  if (options.dim > max_dim)
    return {errc::bad_layout, "dim " + std::to_string(options.dim) + " is above " + std::to_string(max_dim)};
  auto data = subspace->load(data_root + '/' + std::string(name) + "/data", options.dim ? options.dim : subspace->dim,
                             options.seed);
  if (!data)
    return data.error();
  auto& c = data->base;
  c.popularity.resize(c.items.size());
  for (std::size_t i = 0; i < data->choices.size(); ++i) {
    c.choosers.push_back(
        split(std::move(data->choices[i]), options.hold_out, generator(options.seed, stream::hold_out, i, 0)));
    for (auto item : c.choosers.back().chosen)
      ++c.popularity[item];
  }
  return std::move(c);
}

std::vector<float> preference_of(const content& c, std::size_t chooser, std::uint64_t copy, std::uint64_t seed) {
  auto g = generator(seed, stream::person, chooser, copy);
  if (chooser >= c.choosers.size())
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
