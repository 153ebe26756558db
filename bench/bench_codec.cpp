// What a frame costs: writing and reading the messages of a round, and an embedding on its own.
#include "actors/protocol/codec.hpp"

#include <benchmark/benchmark.h>
#include <msgpack.hpp>

using namespace ammo;

namespace {

struct appended {
  frame bytes;
  void write(const char* data, std::size_t size) {
    auto b = reinterpret_cast<const std::byte*>(data);
    bytes.insert(bytes.end(), b, b + size);
  }
};

embedding unit(std::size_t dim) { return {std::vector<float>(dim, 0.125f)}; }

slate_proposal a_proposal() {
  slate_proposal m{.user = user_id{123456}, .round = 77, .slots = 5, .candidates = {}};
  for (std::uint32_t i = 0; i < 8; ++i)
    m.candidates.push_back({make_creation_id(subspace_id{1}, i * 100, 3), 0.5f});
  return m;
}

reward a_reward() {
  reward m{.user = user_id{123456}, .round = 77, .entries = {}};
  for (std::uint32_t i = 0; i < 5; ++i)
    m.entries.push_back({make_creation_id(subspace_id{1}, i * 100, 3), 0.5f});
  return m;
}

belief a_belief(std::size_t dim) { return {.user = user_id{1}, .mean = unit(dim)}; }

catalogue_news a_catalogue(std::uint32_t rows, std::uint32_t width) {
  catalogue c(subspace_id{1}, {0, width});
  std::vector<float> e(width, 0.1f);
  for (std::uint32_t i = 0; i < rows; ++i)
    (void)c.add(goal_id{i}, owner_id{i}, i, e);
  return {c.publish(), {}};
}

template <class Message>
void encodes(benchmark::State& state, const Message& m) {
  frame out;
  for (auto _ : state) {
    out.clear();
    encode_to(out, m);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * out.size()));
}

template <class Message>
void decodes(benchmark::State& state, const Message& m) {
  frame bytes = encode(m);
  for (auto _ : state)
    benchmark::DoNotOptimize(decode<Message>(bytes));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
}

template <class Message>
void gates(benchmark::State& state, const Message& m) {
  frame bytes = encode(m);
  for (auto _ : state)
    benchmark::DoNotOptimize(gate(bytes));
}

/// The message without its embedding tells what the embedding adds.
void register_all() {
  auto add = [](const std::string& name, const auto& m) {
    benchmark::RegisterBenchmark(("encode/" + name).c_str(), [m](benchmark::State& s) { encodes(s, m); });
    benchmark::RegisterBenchmark(("decode/" + name).c_str(), [m](benchmark::State& s) { decodes(s, m); });
    benchmark::RegisterBenchmark(("gate/" + name).c_str(), [m](benchmark::State& s) { gates(s, m); });
  };
  add("belief_dim_0", a_belief(0));
  add("belief_dim_64", a_belief(64));
  add("slate_proposal_8", a_proposal());
  add("reward_5", a_reward());
  add("feedback", feedback{user_id{1}, impression_id{2}, 0.5, 3});
  add("catalogue_news_1000x32", a_catalogue(1000, 32));
}

/// The yardstick of the design: msgpack-c alone, an array of 64 floats, read through its object tree.
void array_of_64_floats(benchmark::State& state) {
  appended to;
  msgpack::pack(to, unit(64).values);
  for (auto _ : state) {
    auto tree = msgpack::unpack(reinterpret_cast<const char*>(to.bytes.data()), to.bytes.size());
    benchmark::DoNotOptimize(tree.get().as<std::vector<float>>());
  }
}
BENCHMARK(array_of_64_floats);

} // namespace

int main(int argc, char** argv) {
  register_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
