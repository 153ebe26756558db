/// The attention reports of a Subspace's MetaSpace shards, until a period has all of its.
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
  /// Periods that may be incomplete at once; an older one is given up for a newer.
  static constexpr std::size_t most_open = 8;

  explicit attention_book(std::uint32_t shards) : shards_(shards) {}

  /// A period that has all of its reports: one of each shard, by shard.
  struct complete {
    std::uint64_t period = 0;
    std::vector<attention_report> reports;
    bool newest = true; ///< false: a later period was complete before. It is accounted for, but nobody wants to hear of it.
  };
  struct outcome {
    std::optional<complete> done;
    /// Of the report: `stale_epoch` where its period is complete or given up, or its shard has reported on it; `bad_value`
    /// where there is no such shard.
    errc code = errc::ok;
    std::size_t given_up = 0; ///< periods, with this report
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
