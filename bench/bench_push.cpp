/// Whom does a new creation matter to? The reverse top-N index beside scoring every user, both on one thread and both
/// vector code: the same sets, or exit code 1. Users are the real choosers of coin and edu with bootstrap copies, people
/// in clusters, and, the hard case, directions without any structure; thresholds are the value of the N-th best of the
/// creations that were there before.
#include "actors/base/gaussian.hpp"
#include "actors/space/cones/reverse_top_n.hpp"
#include "actors/space/top_n.hpp"
#include "subspaces/content.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <numeric>
#include <string>

namespace {

using namespace ammo;

constexpr std::size_t users = 100'000, slots = 5, asked = 100;
constexpr std::uint64_t seed = 1;

/// `asked` creations are new, all others were there before.
struct setting {
  std::string name;
  std::uint32_t dim = 0;
  std::vector<float> people, creations;
};

void add_direction(std::vector<float>& to, std::span<const float> around, float spread, splitmix64& g,
                   std::uint32_t dim) {
  std::vector<float> v(dim);
  standard_normal(g, v);
  float square = 0;
  for (std::size_t k = 0; k < dim; ++k) {
    v[k] = v[k] * spread / std::sqrt(static_cast<float>(dim)) + (around.empty() ? 0 : around[k]);
    square += v[k] * v[k];
  }
  for (float x : v)
    to.push_back(x / std::sqrt(square));
}

/// `clusters` tastes, people and creations around them; 0: no structure at all.
setting drawn(const std::string& name, std::uint32_t dim, std::size_t clusters, float spread) {
  setting s{name, dim, {}, {}};
  splitmix64 g(seed);
  std::vector<float> tastes;
  for (std::size_t i = 0; i < clusters; ++i)
    add_direction(tastes, {}, 1, g, dim);
  const auto draw = [&](std::vector<float>& to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      add_direction(to, clusters == 0 ? std::span<const float>{} : std::span(tastes).subspan(g() % clusters * dim, dim),
                    spread, g, dim);
  };
  draw(s.people, users);
  draw(s.creations, 1000 + asked);
  return s;
}

setting real(const std::string& name, std::uint32_t dim, const std::string& data_root) {
  auto c = load_content(name, data_root, {.dim = dim, .hold_out = 0.3, .seed = seed});
  if (!c) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(), c.error().detail.c_str());
    std::exit(1);
  }
  setting s{name, dim, {}, {}};
  for (std::size_t u = 0; u < users; ++u) {
    const auto q = preference_of(*c, u % c->choosers.size(), u / c->choosers.size(), seed);
    s.people.insert(s.people.end(), q.begin(), q.end());
  }
  std::vector<std::size_t> order(c->items.size());
  std::iota(order.begin(), order.end(), 0u);
  splitmix64 g(seed);
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[g() % i]);
  for (std::size_t i : order)
    s.creations.insert(s.creations.end(), c->embeddings.begin() + static_cast<std::ptrdiff_t>(i * dim),
                       c->embeddings.begin() + static_cast<std::ptrdiff_t>((i + 1) * dim));
  return s;
}

std::vector<float> thresholds(const setting& s) {
  catalogue c(subspace_id{0}, block{0, s.dim});
  const auto all = std::span(s.creations);
  for (std::size_t i = asked; i < all.size() / s.dim; ++i)
    if (!c.add(goal_id{i}, owner_id{i}, i, all.subspan(i * s.dim, s.dim)))
      std::exit(1);
  std::vector<scored> best(users * slots);
  top_n_batch(*c.publish(), s.people, slots, best);
  std::vector<float> out(users);
  for (std::size_t u = 0; u < users; ++u)
    out[u] = std::max(best[(u + 1) * slots - 1].score, 0.0f);
  return out;
}

/// Processor time of this thread: what others on the machine take from it meanwhile doesn't count.
double microseconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) * 1e-3;
}

/// Returns whether both ways found the same.
bool measure(const setting& s, float slack) {
  reverse_top_n index(s.dim), everyone(s.dim); // one of them stays without a tree, its panels full
  const auto least = thresholds(s);
  for (std::size_t u = 0; u < users; ++u)
    for (auto* to : {&index, &everyone})
      to->put(user_id{u}, std::span(s.people).subspan(u * s.dim, s.dim), least[u], slack);
  const double building = microseconds();
  index.build();
  const double build = microseconds() - building;

  std::vector<user_id> quick, slow;
  double quick_us = 0, slow_us = 0;
  std::vector<std::size_t> sizes;
  bool same = true;
  const auto new_one = [&](std::size_t i) { return std::span(s.creations).subspan(i * s.dim, s.dim); };
  for (std::size_t i = 0; i < asked; ++i) {
    slow.clear();
    quick.clear();
    everyone.find_among_all(new_one(i), slow);
    index.find(new_one(i), quick);
    std::ranges::sort(slow);
    std::ranges::sort(quick);
    same = same && slow == quick;
    sizes.push_back(slow.size());
  }
  for (int pass = 0; pass < 5; ++pass) {
    double begun = microseconds();
    for (std::size_t i = 0; i < asked; ++i, slow.clear())
      everyone.find_among_all(new_one(i), slow);
    slow_us += (microseconds() - begun) / 5;
    begun = microseconds();
    for (std::size_t i = 0; i < asked; ++i, quick.clear())
      index.find(new_one(i), quick);
    quick_us += (microseconds() - begun) / 5;
  }
  std::ranges::sort(sizes);
  const double mean = static_cast<double>(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0})) / asked;
  std::printf("%-12s d=%2u slack %.2f  users found: mean %7.1f median %6zu most %6zu   all %7.1f us  index %6.1f us  "
              "ratio %6.1f  build %6.1f ms  %s\n",
              s.name.c_str(), s.dim, static_cast<double>(slack), mean, sizes[asked / 2], sizes.back(),
              slow_us / asked, quick_us / asked, slow_us / quick_us, build / 1000, same ? "same" : "DIFFERENT");
  return same;
}

} // namespace

int main(int argc, char** argv) {
  const std::string data_root = argc > 1 ? argv[1] : AMMO_SOURCE_DATA;
  bool same = true;
  for (std::uint32_t dim : {16u, 32u, 64u}) {
    for (const auto& s : {real("coin", dim, data_root), real("edu", dim, data_root), drawn("clustered", dim, 50, 0.5f),
                          drawn("isotropic", dim, 0, 1)})
      for (float slack : {0.0f, 0.05f})
        same = measure(s, slack) && same;
  }
  return same ? 0 : 1;
}
