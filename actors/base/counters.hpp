/// Everything that a deployment counts: the one table, and the counters themselves.
/// Lives here: what is counted. May not live here: when.
#pragma once

#include "actors/base/counter_value.hpp"
#include "actors/base/errc.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

/// The table: X(name, kind, label, help). A line here is all that a new counter takes: it then has an enumerator, a place in
/// every stripe, and a line in `runtime_statistics` and in the JSON report. Rows with a label have one value for each errc.
#define AMMO_EACH_COUNTER(X)                                                                                        \
  X(handled, timing, "", "Messages that actors have handled. Grants that travel together are one.")                 \
  X(sent, counter, "", "Messages that were sent to actors. Grants that travel together count one by one.")          \
  X(refused, counter, "code", "Refusals, by their error.")                                                          \
  X(slates, counter, "", "Slates that people were shown.")                                                          \
  X(slates_revoked, counter, "", "Slates that were granted and not shown: too late, shed, or nobody listened.")     \
  X(slots_granted, counter, "", "Slots that MetaSpace has granted.")                                                \
  X(feedback, counter, "", "Rewards that counted.")                                                                 \
  X(questions, counter, "", "Questions of people in sessions that Goal Buddies have answered.")                     \
  X(session_feedback, counter, "", "Feedback that Goal Buddies have heard of what they wrote in a session.")        \
  X(impressions_expired, counter, "", "Impressions that had no feedback when they became too old, or too many.")    \
  X(pushes, counter, "", "Slates that nobody asked for.")                                                           \
  X(pushes_shed, counter, "", "Pushes that no callback was called with, as too many waited.")                       \
  X(policies_dropped, counter, "", "Answers of a host's policies that came after their time.")                      \
  X(watches, counter, "", "Times that a User Buddy said anew what could enter its slate.")                          \
  X(wakes, counter, "", "User Buddies that had to look at a new creation.")                                         \
  X(versions, counter, "", "Catalogue versions that Subspaces have published.")                                     \
  X(restarts, counter, "", "Messages that an actor failed at, and buddies that were started again.")                \
  X(long_turns, timing, "", "Turns of an actor that took longer than 5 ms, by the clock on the wall.")              \
  X(heavy_turns, timing, "", "Of them, those that used more than 5 ms of processor time.")                          \
  X(decisions, counter, "", "Slates that the decision log has taken.")                                              \
  X(decisions_dropped, counter, "", "Rows and frames that the decision log has dropped, by quota or age, or lost.") \
  X(keys_forgotten, counter, "", "Answers under keys of calls that made room for newer ones.")                      \
  X(fell_asleep, counter, "", "User Buddies that have left memory: nobody used them.")                              \
  X(woken, counter, "", "Sleepers that were back in memory for a call.")                                            \
  X(letters_lost, timing, "", "What actors had for other nodes when no way led there.")                             \
  X(users, gauge, "", "User Buddies at work.")                                                                      \
  X(asleep, gauge, "", "Users who have left memory until their next call.")                                         \
  X(goals, gauge, "", "Goal Buddies at work.")                                                                      \
  X(creations, gauge, "", "Creations that are live.")                                                               \
  X(budget_granted_micros, gauge, "", "Budgets of all Goal Buddies, in micro-units.")                               \
  X(budget_spent_micros, gauge, "", "What Goal Buddies have spent of them, in micro-units.")

namespace ammo {

/// Names a counter. Its number may change from one version to the next; its name may not.
enum class counter : std::uint8_t {
#define AMMO_COUNTER(name, kind, label, help) name,
  AMMO_EACH_COUNTER(AMMO_COUNTER)
#undef AMMO_COUNTER
    end_ ///< one past the last; not a counter
};

/// A counter only grows. So does a timing, but it depends on who met whom in a mailbox: two runs of one seed differ. A
/// gauge is what an actor holds now; whoever collects statistics fills it in.
enum class counter_kind : std::uint8_t { counter,
                                         timing,
                                         gauge };

/// A row of the table.
struct counter_info {
  std::string_view name;
  counter_kind kind = counter_kind::counter;
  std::string_view label; ///< empty: none
  std::string_view help;  ///< a sentence
};

/// The rows, by enumerator.
[[nodiscard]] std::span<const counter_info> counter_table() noexcept;
/// The row of a name; null where there is none.
[[nodiscard]] const counter_info* counter_named(std::string_view name) noexcept;

/// Counters that many actors write and an operator reads. Striped, so that two threads rarely meet on a cache line.
/// `who` is whoever counts, by address: it chooses the stripe and nothing else.
class counters {
public:
  static constexpr std::size_t stripes = 16;

  void add(counter what, const void* who, std::uint64_t n = 1) noexcept {
    stripe_of(who).plain[static_cast<std::size_t>(what)].fetch_add(n, std::memory_order_relaxed);
  }
  void refused(const void* who, errc code, std::uint64_t n = 1) noexcept {
    stripe_of(who).refused[static_cast<std::size_t>(code)].fetch_add(n, std::memory_order_relaxed);
  }
  void handled(const void* who) noexcept { add(counter::handled, who); }
  void sent(const void* who, std::uint64_t n) noexcept { add(counter::sent, who, n); }

  /// Summed over stripes; of `refused`, over codes too.
  [[nodiscard]] std::uint64_t of(counter what) const noexcept;
  [[nodiscard]] std::uint64_t refused(errc code) const noexcept;

private:
  struct alignas(64) stripe {
    std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(counter::end_)> plain{};
    std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(errc::end_)> refused{};
  };
  stripe& stripe_of(const void* who) noexcept { return stripes_[reinterpret_cast<std::uintptr_t>(who) / 256 % stripes]; }
  std::array<stripe, stripes> stripes_;
};

/// Values of gauges, by enumerator; those of counters are ignored.
using gauge_values = std::array<std::uint64_t, static_cast<std::size_t>(counter::end_)>;

/// All values in the order of the table; of rows with a label those that aren't 0.
[[nodiscard]] std::vector<counter_value> readings(const counters& all, const gauge_values& gauges);

} // namespace ammo
