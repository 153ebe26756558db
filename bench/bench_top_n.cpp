/// Top-N against what it is made for (one user, 1,000 creations) and against Faiss's exact search (64 users,
/// 100,000 creations) on one thread; and what it takes where an ask rules some creations out. Answers are compared before anything is timed.
#include "actors/space/top_n.hpp"

#include <benchmark/benchmark.h>

#ifdef AMMO_HAVE_FAISS
#include <faiss/IndexFlat.h>
#include <omp.h>

// Present where the BLAS behind Faiss is OpenBLAS, which reads its environment before main.
extern "C" void openblas_set_num_threads(int threads) __attribute__((weak));
#endif

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <random>

namespace {

using namespace ammo;

std::vector<float> unit_vectors(std::size_t count, std::size_t dim, unsigned seed) {
  std::mt19937 g(seed);
  std::normal_distribution<float> normal;
  std::vector<float> all(count * dim);
  for (std::size_t i = 0; i < count; ++i) {
    float square = 0;
    for (std::size_t k = 0; k < dim; ++k) {
      all[i * dim + k] = normal(g);
      square += all[i * dim + k] * all[i * dim + k];
    }
    for (std::size_t k = 0; k < dim; ++k)
      all[i * dim + k] /= std::sqrt(square);
  }
  return all;
}

std::shared_ptr<const catalogue_version> catalogue_of(std::span<const float> rows, std::uint32_t dim) {
  catalogue c(subspace_id{0}, block{0, dim});
  for (std::size_t i = 0; i < rows.size() / dim; ++i)
    if (!c.add(goal_id{i}, owner_id{i}, i, rows.subspan(i * dim, dim)))
      std::abort();
  return c.publish();
}

/// One user after the other, each with a q of their own, as a User Buddy asks.
void one_user(benchmark::State& state) {
  const auto dim = static_cast<std::uint32_t>(state.range(1));
  const auto n = static_cast<std::size_t>(state.range(2));
  constexpr std::size_t users = 1024;
  const auto c = catalogue_of(unit_vectors(static_cast<std::size_t>(state.range(0)), dim, 1), dim);
  const auto q = unit_vectors(users, dim, 2);
  std::vector<scored> out(n);
  std::size_t user = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(top_n(*c, std::span(q).subspan(user * dim, dim), n, out));
    user = (user + 1) % users;
  }
}
BENCHMARK(one_user)
    ->ArgNames({"rows", "dim", "n"})
    ->Args({1000, 32, 1})
    ->Args({1000, 32, 5})
    ->Args({1000, 32, 20})
    ->Args({1434, 64, 5});

constexpr std::size_t batch_rows = 100'000, batch_dim = 64, batch_users = 64, batch_n = 10;

const std::vector<float>& batch_content() {
  static const auto rows = unit_vectors(batch_rows, batch_dim, 3);
  return rows;
}

const std::vector<float>& batch_q() {
  static const auto q = unit_vectors(batch_users, batch_dim, 4);
  return q;
}

void batch(benchmark::State& state) {
  const auto c = catalogue_of(batch_content(), batch_dim);
  std::vector<scored> out(batch_users * batch_n);
  for (auto _ : state) {
    top_n_batch(*c, batch_q(), batch_n, out);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(batch)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();

// A million creations of which an ask rules out a share, beside the same search of all, turn by turn.

constexpr std::size_t many_rows = 1'000'000, many_dim = 32, many_n = 5;
constexpr std::uint32_t shares[]{0, 10, 100, 500, 900, 990, 999}; // ruled out, in thousandths
constexpr std::uint32_t together = 10'000;                        // added to a tag that neighbours have

/// For each share two tags: one whose rows are anywhere, and one whose rows are the first. Contents are rows.
const catalogue_version& many() {
  static const auto c = [] {
    catalogue builder(subspace_id{0}, block{0, many_dim});
    const auto e = unit_vectors(many_rows, many_dim, 5);
    std::mt19937 g(6);
    for (std::size_t i = 0; i < many_rows; ++i) {
      std::vector<std::uint32_t> tags;
      const std::uint32_t drawn = g() % 1000;
      for (std::uint32_t share : shares) {
        if (drawn < share)
          tags.push_back(share);
        if (i * 1000 < share * many_rows)
          tags.push_back(together + share);
      }
      if (!builder.add(goal_id{i}, owner_id{i}, i, std::span(e).subspan(i * many_dim, many_dim), nullptr, tags))
        std::abort();
    }
    return builder.publish();
  }();
  return *c;
}

std::vector<std::uint64_t> some_contents() {
  std::mt19937 g(7);
  std::vector<std::uint64_t> out(most_listed);
  for (auto& content : out)
    content = g() % many_rows;
  return out;
}

/// Seconds of this thread: what others take from it doesn't count.
double own_time() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

void beside_all(benchmark::State& state, content_set only, content_set except) {
  const auto who = eligibility::of(std::move(only), std::move(except)).value();
  constexpr std::size_t users = 64;
  const auto q = unit_vectors(users, many_dim, 8);
  std::vector<scored> out(many_n);
  std::vector<double> masked, all; // seconds
  std::size_t user = 0;
  for (auto _ : state) {
    const auto mine = std::span(q).subspan(user * many_dim, many_dim);
    const double start = own_time();
    benchmark::DoNotOptimize(top_n(many(), mine, many_n, out));
    const double middle = own_time();
    benchmark::DoNotOptimize(top_n(many(), mine, many_n, out, who.get()));
    all.push_back(middle - start);
    masked.push_back(own_time() - middle);
    state.SetIterationTime(masked.back());
    user = (user + 1) % users;
  }
  state.counters["ruled_out"] = 1 - static_cast<double>(who ? who->count(many()) : many_rows) / many_rows;
  const auto median = [](std::vector<double> of) {
    const auto middle = of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2);
    std::ranges::nth_element(of, middle);
    return *middle;
  };
  state.counters["ratio"] = median(masked) / median(all);
}

void except_tag(benchmark::State& state) { beside_all(state, {}, {.tags = {static_cast<std::uint32_t>(state.range(0))}}); }
BENCHMARK(except_tag)->ArgName("anywhere")->Arg(10)->Arg(100)->Arg(500)->Arg(900)->Arg(990)->Arg(999)->UseManualTime()->Unit(benchmark::kMillisecond);
void except_tag_together(benchmark::State& state) {
  beside_all(state, {}, {.tags = {together + static_cast<std::uint32_t>(state.range(0))}});
}
BENCHMARK(except_tag_together)->ArgName("neighbours")->Arg(10)->Arg(500)->Arg(900)->Arg(999)->UseManualTime()->Unit(benchmark::kMillisecond);
void except_contents(benchmark::State& state) { beside_all(state, {}, {.contents = some_contents()}); }
BENCHMARK(except_contents)->UseManualTime()->Unit(benchmark::kMillisecond);
void only_contents(benchmark::State& state) { beside_all(state, {.contents = some_contents()}, {}); }
BENCHMARK(only_contents)->UseManualTime()->Unit(benchmark::kMillisecond);
void only_ten_contents(benchmark::State& state) { beside_all(state, {.contents = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}, {}); }
BENCHMARK(only_ten_contents)->UseManualTime()->Unit(benchmark::kMillisecond);

#ifdef AMMO_HAVE_FAISS
/// Every place's score agrees to rounding; the creation too, unless it ties to rounding with a neighbour (the last
/// place's lower neighbour is unknown).
bool same_answers(std::span<const scored> ours, std::span<const float> scores,
                  std::span<const faiss::Index::idx_t> rows) {
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (std::abs(ours[i].score - scores[i]) > 1e-5f)
      return false;
    const bool ties_upper = i % batch_n != 0 && std::abs(scores[i] - scores[i - 1]) < 1e-5f;
    const bool ties_lower = (i + 1) % batch_n == 0 || std::abs(scores[i] - scores[i + 1]) < 1e-5f;
    if (row_of(ours[i].creation) != static_cast<std::uint32_t>(rows[i]) && !ties_upper && !ties_lower)
      return false;
  }
  return true;
}

void batch_faiss(benchmark::State& state) {
  omp_set_num_threads(1);
  if (openblas_set_num_threads != nullptr)
    openblas_set_num_threads(1);
  state.SetLabel(openblas_set_num_threads != nullptr ? "OpenBLAS" : "another BLAS: install libopenblas-dev to be fair");
  faiss::IndexFlatIP index(batch_dim);
  index.add(batch_rows, batch_content().data());
  std::vector<float> scores(batch_users * batch_n);
  std::vector<faiss::Index::idx_t> rows(batch_users * batch_n);
  auto search = [&] { index.search(batch_users, batch_q().data(), batch_n, scores.data(), rows.data()); };

  search();
  std::vector<scored> ours(batch_users * batch_n);
  top_n_batch(*catalogue_of(batch_content(), batch_dim), batch_q(), batch_n, ours);
  if (!same_answers(ours, scores, rows)) {
    state.SkipWithError("top_n_batch and Faiss disagree");
    return;
  }
  for (auto _ : state) {
    search();
    benchmark::ClobberMemory();
  }
}
BENCHMARK(batch_faiss)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
#endif

} // namespace

BENCHMARK_MAIN();
