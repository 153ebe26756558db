/// The attention reports of a Subspace's MetaSpace shards, until a period has all of its, or no more are waited for.
#pragma once

#include "actors/protocol/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace ammo {

/// Gathers one report of each shard a period. Reports may come late, twice and out of order. Pure.
class attention_book {
public:
  /// Periods that may be incomplete at once; an older one is given up for a newer. What was reported of it is paid for, and it isn't told.
  static constexpr std::size_t most_open = 8;

  explicit attention_book(std::uint32_t shards) : shards_(shards) {}

  /// A period that is over, with the reports that there are: one of each shard at most, by shard.
  struct account {
    std::uint64_t period = 0;
    std::vector<attention_report> reports;
    bool told = true; ///< false: a later period was complete before, or reports are missing. It is accounted for, but nobody wants to hear of it.
  };
  struct outcome {
    std::optional<account> done; ///< it is complete
    /// Of the report: `stale_epoch` where its period is complete or given up, or its shard has reported on it; `bad_value`
    /// where there is no such shard.
    errc code = errc::ok;
    std::vector<account> given_up{}; ///< with this report
  };
  outcome take(attention_report r);

private:
  static constexpr std::size_t most_remembered = 64;
  void close(std::uint64_t period);

  std::uint32_t shards_;
  std::map<std::uint64_t, std::map<std::uint32_t, attention_report>> open_; // by period, shard
  std::optional<std::uint64_t> newest_;                                     // that was complete
  std::uint64_t over_ = 0;             // every period below it is complete or given up
  std::set<std::uint64_t> over_after_; // so are these, above it
};

} // namespace ammo
