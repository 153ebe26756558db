/// Best-response dynamics of creators, as published in arXiv 2401.16641: the whole table for one embedding seed,
/// uniform and skewed users, linear and softmax serving, with its time.
#include "actors/goal_buddy/creator_market.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace {

using namespace ammo;
using clock_type = std::chrono::steady_clock;

constexpr std::uint32_t embedding_seed = 13, table_seed = 505;
constexpr std::array<std::size_t, 12> creators{2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100};

double seconds_since(clock_type::time_point start) {
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

void show(std::size_t d, std::size_t n, const market_outcome& o) {
  std::printf("%3zu %4zu %8zu %-8s %.17g  ", d, n, o.iterations, o.settled ? "settled" : o.cycle ? "cycles" : "moving",
              o.mean_user_utility);
  for (const auto k : o.creators)
    std::printf(" %u", k);
  std::printf("\n");
}

void table(user_kind kind, const char* users, serving how, const char* rule) {
  const auto start = clock_type::now();
  std::printf("\n%s users, %s serving\n", users, rule);
  std::printf("  d    n    moves end      mean user utility     creators per direction\n");
  word_stream random(table_seed);
  for (const std::size_t d : {5, 10, 15, 20}) {
    auto market = creator_market::open(draw_users(kind, 10'000, d, embedding_seed), how).value();
    for (const std::size_t n : creators)
      show(d, n, market.run(n, random));
  }
  std::printf("%.2f s\n", seconds_since(start));
}

} // namespace

int main() {
  const auto start = clock_type::now();
  for (const auto& [kind, users] : {std::pair{user_kind::uniform, "uniform"}, std::pair{user_kind::skewed, "skewed"}}) {
    table(kind, users, {}, "linear");
    table(kind, users, {100.0}, "softmax (temperature 100)");
    table(kind, users, {10.0}, "softmax (temperature 10)");
    table(kind, users, {1.0}, "softmax (temperature 1)");
    table(kind, users, {0.1}, "softmax (temperature 0.1)");
    table(kind, users, {0.01}, "softmax (temperature 0.01)");
  }
  std::printf("\nall tables: %.2f s\n", seconds_since(start));
}
