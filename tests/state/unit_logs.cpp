/// Units that go from one node to another and back: their frames come in the order of their terms.
#include "runtime/state/unit_logs.hpp"

#include "runtime/store/log_writer.hpp"
#include "runtime/store/memory_store.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <chrono>
#include <map>
#include <string>

using namespace ammo;
using namespace ammo::store;
using namespace std::chrono_literals;

namespace {

constexpr unit_id first{1}, second{2};

/// Two nodes on one store, each with a log of its own.
struct two_nodes {
  std::shared_ptr<memory_tables> tables = std::make_shared<memory_tables>([] { return 0ms; });
  std::unique_ptr<state_store> rows = open_memory(tables);
  std::array<incarnation, 2> who{incarnation{1, 1}, incarnation{2, 2}};
  std::array<std::unique_ptr<log_writer>, 2> logs;
  std::map<unit_id, term_number> terms;

  two_nodes() {
    REQUIRE(rows->lay_out({"space", 1, 3}));
    for (std::size_t i = 0; i < 2; ++i) {
      REQUIRE(rows->enter({.id = who[i], .name = "n", .address = {}, .capabilities = {}, .mark = {}, .lease_left_ms = 0, .head = 0, .fenced = false}, 1h).value() == store::verdict::done);
      logs[i] = std::make_unique<log_writer>(open_memory(tables), who[i], commit_limits{.wait = 0us}, log_events{});
    }
  }
  void take(std::size_t node, unit_id unit) { REQUIRE(rows->take(who[node], unit, terms[unit]++).value() == store::verdict::done); }
  void say(std::size_t node, unit_id unit, std::uint16_t what) {
    REQUIRE(logs[node]->add(packed_frame({unit, {role::aipp, 0}, what, {}})));
    REQUIRE(logs[node]->flush(5s));
  }
  void give(std::size_t node, unit_id unit) { REQUIRE(logs[node]->release(packed_frame(last_frame_of(unit)), unit, terms[unit], 5s).value() == store::verdict::done); }
  /// What is read of each unit, but the words that it was given up.
  std::map<unit_id, std::string> read(std::map<unit_id, position> kept = {}) {
    auto histories = histories_of(rows->segments().value(), 3);
    for (const auto& [unit, at] : kept)
      histories[raw(unit)].kept = at;
    auto nodes = rows->nodes().value();
    std::map<unit_id, std::string> out;
    CHECK(read_unit_logs(*rows, nodes, histories, [&](const unit_frame& f) -> result<void> {
      if (!is_last(f.what))
        out[f.what.unit] += static_cast<char>(f.what.what);
      return {};
    }));
    return out;
  }
};

} // namespace

TEST_CASE("a unit that has been away and come back is read in the order of its terms", "[state][units]") {
  two_nodes n;
  n.take(0, first);
  n.take(0, second);
  n.say(0, first, 'a');
  n.say(0, second, 'x');
  n.give(0, first);
  n.say(0, second, 'y'); // the node goes on with what it has
  n.take(1, first);
  n.say(1, first, 'b');
  n.give(1, first);
  n.take(0, first);
  n.say(0, first, 'c');
  n.give(0, first);
  n.take(1, first);
  n.say(1, first, 'd');
  const auto all = n.read();
  CHECK(all.at(first) == "abcd");
  CHECK(all.at(second) == "xy");
  CHECK(n.read({{first, position{2, 1}}}).at(first) == "cd"); // behind a snapshot of the second term
}

TEST_CASE("what a node notes of a unit that it has given up isn't the unit's", "[state][units]") {
  two_nodes n;
  n.take(0, first);
  n.say(0, first, 'a');
  n.give(0, first);
  n.say(0, first, 'z'); // late
  n.take(1, first);
  n.say(1, first, 'b');
  CHECK(n.read().at(first) == "ab");
  CHECK(n.rows->claims().value()[first == unit_id{1} ? 1 : 0].owner == n.who[1]);
}

TEST_CASE("a unit that another node was told of can't be released twice", "[state][units]") {
  two_nodes n;
  n.take(0, first);
  n.give(0, first);
  n.take(1, first);
  CHECK(n.logs[0]->release(packed_frame(last_frame_of(first)), first, 1, 5s).value() == store::verdict::refused);
}
