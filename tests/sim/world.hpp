/// A cluster in one thread: a virtual clock, a network and a store that do what the scenario says, and nodes that are made of the minds alone.
/// The same scenario gives the same run, event by event.
#pragma once

#include "actors/base/random.hpp"
#include "runtime/store/memory_store.hpp"
#include "tests/sim/messages.hpp"
#include "tests/sim/rules.hpp"
#include "tests/sim/scenario.hpp"
#include "tests/sim/truth.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

namespace ammo::sim {

class process;

/// What a run has come to.
struct outcome {
  std::optional<violation> failed;
  std::uint64_t events = 0, calls = 0, answered = 0, moves = 0, fences = 0;
  milliseconds whole{};  ///< from when the last node was started, in peace, until all knew of all and every unit was served
  milliseconds healed{}; ///< the same until every unit was where it should be, too
  std::uint64_t unanswered = 0; ///< calls that ended without an answer
  milliseconds slowest{};       ///< of calls that were made when all nodes had been there for a while: until the answer
  std::uint64_t trace = 0; ///< a hash of all that happened
};

class world {
public:
  explicit world(scenario s, broken_rule broken = broken_rule::none);
  ~world();
  outcome run();

  // -- for nodes ---------------------------------------------------------------------------------------------

  [[nodiscard]] broken_rule broken() const noexcept { return broken_; }
  [[nodiscard]] truth& facts() noexcept { return truth_; }
  [[nodiscard]] splitmix64& dice() noexcept { return dice_; }
  [[nodiscard]] bool calm() const noexcept { return now_ >= scenario_.quiet + milliseconds{12'000}; }
  /// May clients still make calls? Not in the last seconds: every call is to end.
  [[nodiscard]] bool open_for_calls() const noexcept { return now_ < scenario_.end - milliseconds{6'000}; }
  [[nodiscard]] bool just_thawed(std::uint32_t node) const noexcept { return now_ < frozen_[node] + milliseconds{1}; }
  /// By a node's own clock.
  [[nodiscard]] milliseconds local(std::uint32_t node) const noexcept;
  /// Calls `f` once the node's clock is there, or as soon as the node isn't frozen; never, if its process has ended by then.
  void at_local(std::uint32_t node, milliseconds when, std::function<void()> f);
  void send(std::uint32_t from, store::incarnation to, message m);
  /// The node's process has ended by itself, and is started again after a while.
  void ended(std::uint32_t node, milliseconds again_after);
  /// Has the process of that incarnation ended? What a machine knows of its own processes.
  [[nodiscard]] bool is_gone(store::incarnation who) const;
  [[nodiscard]] store::incarnation register_process(std::uint32_t node);
  /// Who owns a unit in truth.
  [[nodiscard]] store::claim claim_of(store::unit_id unit) const { return tables_->claims.at(unit); }

  /// Asks the store: `op` runs there once, some time, maybe never, maybe long after the node has given up; `done` gets what it said, or
  /// nothing where no answer came in time.
  template <class Answer>
  void ask(std::uint32_t node, std::function<Answer(store::state_store&)> op, std::function<void(std::optional<Answer>)> done) {
    const way_to_store way = way_of(node);
    auto answered = std::make_shared<bool>(false);
    const auto life = life_[node];
    const auto say = [this, node, life, answered, done](std::optional<Answer> a) {
      if (!std::exchange(*answered, true))
        done(std::move(a));
    };
    at(now_ + way.patience, node, life, [say] { say(std::nullopt); });
    if (!way.arrives)
      return;
    at(now_ + way.there, nobody, 0, [this, node, life, way, op = std::move(op), say] {
      if (down_ > 0)
        return;
      Answer a = op(*store_);
      if (way.answers && store_cut_[node] == 0)
        at(now_ + way.back, node, life, [say, a = std::move(a)] { say(a); });
    });
  }
  void count_unanswered() noexcept { ++outcome_.unanswered; }
  void on_latency(milliseconds took) noexcept { outcome_.slowest = std::max(outcome_.slowest, took); }
  [[nodiscard]] bool started() const noexcept { return now_ >= milliseconds{6'000}; }
  void count_move() noexcept { ++outcome_.moves; }
  void count_fence() noexcept { ++outcome_.fences; }

private:
  static constexpr std::uint32_t nobody = ~0u;
  struct way_to_store {
    bool arrives = true, answers = true;
    microseconds there{}, back{}, patience{};
  };
  struct event {
    microseconds when{};
    std::uint64_t number = 0;
    std::uint32_t node = nobody;
    std::uint64_t life = 0;
    std::shared_ptr<std::function<void()>> f;
    bool operator>(const event& other) const noexcept { return std::pair(when, number) > std::pair(other.when, other.number); }
  };
  void at(microseconds when, std::uint32_t node, std::uint64_t life, std::function<void()> f);
  [[nodiscard]] way_to_store way_of(std::uint32_t node);
  void begin(const fault& f);
  void end(const fault& f);
  void start(std::uint32_t node);
  void stop(std::uint32_t node);
  void look_whether_healed();
  [[nodiscard]] std::string unhealed(bool in_place) const;
  microseconds below(std::int64_t n) { return microseconds{static_cast<std::int64_t>(dice_() % static_cast<std::uint64_t>(n))}; }
  bool chance(double p) { return uniform01(dice_) < p; }

  scenario scenario_;
  broken_rule broken_;
  truth truth_;
  splitmix64 dice_;
  outcome outcome_;
  microseconds now_{}, last_start_{};
  std::uint64_t events_ = 0;
  std::priority_queue<event, std::vector<event>, std::greater<>> queue_;

  std::shared_ptr<store::memory_tables> tables_;
  std::unique_ptr<store::state_store> store_;
  int down_ = 0, slow_ = 0, storm_ = 0;
  std::vector<int> store_cut_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> cut_;

  std::vector<std::unique_ptr<process>> nodes_; ///< null: it doesn't run
  std::vector<std::uint64_t> life_;
  std::vector<microseconds> frozen_;
  std::map<store::incarnation, std::pair<std::uint32_t, std::uint64_t>> processes_; ///< node and life
};

} // namespace ammo::sim
