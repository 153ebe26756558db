#include "actors/protocol/catalogue_rows.hpp"
#include "actors/space/top_n.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/samples.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

using namespace ammo;
using namespace ammo::test;

namespace {

constexpr block at{.offset = 4, .width = 3};
constexpr subspace_id coin{2};

/// Rows 0, 5 and 300 of two panels.
catalogue_news sparse() {
  counting from;
  return {snapshot_of(from, coin, at, 2, {0, 5, 300}), {creation_id{9}}};
}

/// The code with which a receiver answers rows that someone has tampered with.
template <class Tamper>
errc tampered(Tamper tamper) {
  auto rows = wire::fold(sparse());
  tamper(rows);
  return wire::unfold(std::move(rows), {}).code();
}

} // namespace

TEST_CASE("a catalogue crosses the wire with its ids, rows and coordinates", "[wire][catalogue]") {
  auto sent = sparse();
  auto got = decode<catalogue_news>(encode(sent)).value();
  CHECK(same(got, sent));
  for (std::uint32_t row : {0u, 5u, 300u}) {
    auto id = sent.snapshot->info(row).id;
    REQUIRE(got.snapshot->find(id) != nullptr);
    CHECK(*got.snapshot->find(id) == *sent.snapshot->find(id));
    std::vector<float> q{0.5f, -1.f, 0.25f};
    CHECK(got.snapshot->dot(row, q) == sent.snapshot->dot(row, q));
  }
  CHECK(got.snapshot->find(make_creation_id(coin, 1, 1)) == nullptr);
  CHECK(got.snapshot->find(make_creation_id(coin, 300, 12345)) == nullptr);
}

TEST_CASE("a receiver ranks as the sender does", "[wire][catalogue]") {
  catalogue c(coin, at);
  splitmix64 g(7);
  auto coordinate = [&g] { return static_cast<float>(uniform01(g) - 0.5); };
  std::vector<creation_id> ids;
  for (std::uint32_t i = 0; i < 700; ++i)
    ids.push_back(c.add(goal_id{i}, owner_id{i / 2}, i, std::vector{coordinate(), coordinate(), coordinate()}).value());
  for (std::uint32_t i = 100; i < 650; ++i)
    REQUIRE(c.retire(goal_id{i}, ids[i])); // the panel in the middle has no live row left
  catalogue_news sent{c.publish(), {ids[3]}};
  auto got = decode<catalogue_news>(encode(sent)).value();
  REQUIRE(same(got, sent));
  for (int i = 0; i < 20; ++i) {
    std::vector q{coordinate(), coordinate(), coordinate()};
    std::array<scored, 10> ours, theirs;
    REQUIRE(top_n(*got.snapshot, q, 10, theirs) == top_n(*sent.snapshot, q, 10, ours));
    REQUIRE(ours == theirs);
  }
}

TEST_CASE("who is nearly the same crosses with a catalogue, and what contradicts it is refused", "[wire][catalogue][hostile]") {
  catalogue c(coin, at, 9, 1u << 20, 1e-3);
  for (float x : {1.0f, 1.0f, 0.5f, 3.0f})
    REQUIRE(c.add(goal_id{1}, owner_id{1}, 1, std::vector{x, x == 0.5f ? 0.5f : 0.0f, 0.0f}));
  const catalogue_news sent{c.publish(), {}};
  REQUIRE(sent.snapshot->bunches());
  const auto got = decode<catalogue_news>(encode(sent)).value();
  REQUIRE(got.snapshot->bunches());
  CHECK(std::ranges::equal(got.snapshot->bunches()->rows(), sent.snapshot->bunches()->rows()));
  CHECK(std::ranges::equal(got.snapshot->bunches()->followers(), sent.snapshot->bunches()->followers()));
  CHECK(got.snapshot->usual_length() == sent.snapshot->usual_length());
  CHECK(got.snapshot->longest() == 1.0f);
  const auto refused = [&](auto tamper) {
    auto rows = wire::fold(sent);
    tamper(rows.facts);
    return wire::unfold(std::move(rows), {}).code() == errc::frame_wrong_shape;
  };
  using facts = wire::facts_form;
  CHECK_FALSE(refused([](facts&) {}));
  CHECK(refused([](facts& f) { f.rows.pop_back(); }));
  CHECK(refused([](facts& f) { f.rows[1] = 0; }));
  CHECK(refused([](facts& f) { f.rows[2] = 100; }));
  CHECK(refused([](facts& f) { f.rows[2] = 100'000; }));
  CHECK(refused([](facts& f) { f.firsts[0] = 1; }));
  CHECK(refused([](facts& f) { f.firsts[2] = 1; }));
  CHECK(refused([](facts& f) { f.usual_length = {1, 1}; }));
  CHECK(refused([](facts& f) { f.usual_length = {-1}; }));
  CHECK(refused([](facts& f) { f.usual_length = {std::nanf("")}; }));
}

TEST_CASE("an empty catalogue crosses, too", "[wire][catalogue]") {
  counting from;
  for (std::uint32_t panels : {0u, 2u}) {
    catalogue_news sent{snapshot_of(from, coin, at, panels, {}), {}};
    CHECK(same(decode<catalogue_news>(encode(sent)).value(), sent));
  }
}

TEST_CASE("rows that contradict each other are refused", "[wire][catalogue][hostile]") {
  using rows = wire::catalogue_rows;
  CHECK(tampered([](rows&) {}) == errc::ok);
  CHECK(tampered([](rows& r) { r.ids[1] = r.ids[0]; }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { std::swap(r.ids[1], r.ids[0]); }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.tags.pop_back(); }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.tags[0] = {7, 7}; }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.tags[0] = {8, 7}; }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.tags[0] = {7, 8}; }) == errc::ok);
  CHECK(tampered([](rows& r) {
          for (std::uint32_t tag = 0; tag <= most_tags; ++tag)
            r.tags[0].push_back(tag);
        }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.ids[2] = make_creation_id(coin, 512, 1); }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.ids[2] = make_creation_id(coin, 300, 0); }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.ids[2] = make_creation_id(subspace_id{3}, 300, 1); }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.ids[0] = no_creation; }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.ids.pop_back(); }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.goals.pop_back(); }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.owners.emplace_back(); }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.contents.clear(); }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.coordinates.values.pop_back(); }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.width = 0; }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.width = 9; }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.width = UINT32_MAX; }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.offset = max_dim - 2; }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.offset = UINT32_MAX; }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.rows += 1; }) == errc::frame_wrong_shape);
  CHECK(tampered([](rows& r) { r.rows = 0; }) == errc::frame_wrong_shape);
}

TEST_CASE("a few rows far apart can't make a receiver allocate much", "[wire][catalogue][hostile]") {
  auto spread = [](std::uint32_t live, std::uint32_t step, std::uint32_t width) {
    wire::catalogue_rows r{};
    r.width = width;
    r.rows = live * step;
    for (std::uint32_t i = 0; i < live; ++i)
      r.ids.push_back(make_creation_id(subspace_id{0}, i * step, 1));
    r.goals.resize(live);
    r.owners.resize(live);
    r.contents.resize(live);
    r.coordinates.values.resize(std::size_t{live} * width);
    auto before = allocated_bytes();
    errc code = wire::unfold(std::move(r), {}).code();
    CHECK(allocated_bytes() - before < std::size_t{64} << 20);
    return code;
  };
  CHECK(spread(1, 1u << 20, 8) == errc::ok);
  CHECK(spread(1, 1u << 28, 8) == errc::frame_too_large); // all rows that ids can name, one of them live
  CHECK(spread(100, panel_rows, 64) == errc::ok);
  CHECK(spread(2000, panel_rows, 64) == errc::frame_too_large);
  CHECK(spread(20, panel_rows, max_dim) == errc::frame_too_large);
}
