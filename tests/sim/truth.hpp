/// What the simulator knows and no node does, and what must be true of it.
#pragma once

#include "runtime/store/store.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ammo::sim {

inline constexpr std::uint32_t shards = 6;
inline constexpr store::unit_id the_ledger{shards};
inline constexpr std::uint32_t units = shards + 1;
inline constexpr std::size_t goals = 3;

/// A frame of a unit, as the simulated log has it.
struct entry {
  enum class kind : std::uint32_t { counted,
                                    booked,
                                    released };
  kind what = kind::counted;
  store::unit_id unit{};
  std::uint64_t key = 0, content = 0; ///< counted: `content` names the call, whatever its key
  std::int64_t answer = 0;
  std::uint32_t goal = 0;
  std::uint32_t from = 0; ///< booked: the unit whose totals these are
  std::int64_t amount = 0;
  store::position at;     ///< booked: of that unit's
  std::array<std::int64_t, goals> totals{}, booked{}; ///< booked: what the unit said, and what was new in it
};

[[nodiscard]] store::bytes bytes_of(const entry& e);
/// A unit's history as recovery reads it: the newest snapshot, then every segment from there on, in order of term.
[[nodiscard]] std::vector<entry> history_of(store::state_store& s, store::unit_id unit);
/// Entries one behind the other: what a snapshot of the simulator holds.
[[nodiscard]] store::bytes bytes_of(std::span<const entry> all);

/// What a rule that doesn't hold is called.
enum class invariant : std::uint8_t {
  single_writer,     ///< who answers for a unit owns it
  nothing_lost,      ///< what was acknowledged is in the unit's history, with that answer
  nothing_twice,     ///< a key counts once
  nothing_happened,  ///< of what ended as timed out
  calls_end,         ///< within the deadline and half a second
  budgets_exact,     ///< what units have spent is what the ledger has booked
  no_false_stop,     ///< a node stops for what isn't so
  converges,         ///< in peace every unit has the owner that it should have, and every call its answer
};
[[nodiscard]] const char* name_of(invariant i) noexcept;

struct violation {
  invariant what;
  std::string detail;
};

class truth {
public:
  struct call {
    store::unit_id unit{};
    std::uint32_t goal = 0;
    std::int64_t amount = 0;
    std::optional<std::int64_t> answer{};
    bool unknown = false; ///< it ended once without anybody knowing
    bool ended = false;
    bool in_calm = false; ///< made when all had been well for long: it must be answered
  };

  std::uint64_t open(call c) {
    calls_.emplace(++last_key_, c);
    return last_key_;
  }
  [[nodiscard]] call& of(std::uint64_t key) { return calls_.at(key); }
  void on_answer(std::uint64_t key, std::int64_t answer);
  void fail(invariant what, std::string detail) {
    if (!failed_)
      failed_ = violation{what, std::move(detail)};
  }
  [[nodiscard]] const std::optional<violation>& failed() const noexcept { return failed_; }
  /// At the end of all: what the store has is what was promised.
  void judge(store::state_store& s);
  [[nodiscard]] std::uint64_t calls() const noexcept { return last_key_; }
  [[nodiscard]] std::uint64_t answered() const;

private:
  std::map<std::uint64_t, call> calls_;
  std::uint64_t last_key_ = 0;
  std::optional<violation> failed_;
};

} // namespace ammo::sim
