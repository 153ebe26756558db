/// The decision log as whoever judges policies reads it: each slate with its rewards, as JSON lines or CSV.
#pragma once

#include "actors/protocol/state/decision_state.hpp"
#include "runtime/store/decisions/decision_store.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ammo {

struct decision {
  decided_slate slate;
  std::vector<std::optional<double>> rewards; ///< by slot; nothing: no feedback has come
};

/// Days since 1970 of "2026-11-29". Error: `bad_value`.
[[nodiscard]] result<std::uint32_t> day_named(std::string_view date);
[[nodiscard]] std::string name_of_day(std::uint32_t day);

/// Hands over the slates of a day, or of all, each user's in order, with the rewards that have come since. Holds rewards in memory, about
/// 50 bytes each. Stops where `take` says false. Errors: those of the store.
[[nodiscard]] result<void> read_decisions(store::decision_store& from, std::optional<std::uint32_t> day,
                                          const std::function<bool(const decision&)>& take);

/// Writes decisions as text, a line at a time.
class decision_writer {
public:
  using embedder = std::function<std::vector<float>(creation_id)>;
  /// `subspaces`: names, in order. `put`: false: nothing more can be written. `embedding_of`: for CSV, where one is known.
  decision_writer(std::vector<std::string> subspaces, std::function<bool(const std::string&)> put, embedder embedding_of = {})
    : subspaces_(std::move(subspaces)), put_(std::move(put)), embedding_of_(std::move(embedding_of)) {}

  /// One JSON object: kind "decision".
  bool json(const decision& d);
  /// One JSON object: kind "creation", with its embedding; nothing where that isn't known.
  bool json(const store::decided_creation& c);
  bool csv_head();
  /// A line an impression; a creation's embedding is in the first that shows it. A slate with an unknown propensity is left out, and counted.
  bool csv(const decision& d);

  [[nodiscard]] std::uint64_t written() const noexcept { return written_; } ///< slates
  [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }

private:
  [[nodiscard]] std::string subspace_named(creation_id id) const;

  std::vector<std::string> subspaces_;
  std::function<bool(const std::string&)> put_;
  embedder embedding_of_;
  std::unordered_map<std::uint64_t, std::uint64_t> items_; ///< creations by number, as they come: 0, 1, …
  std::uint64_t lines_ = 0, written_ = 0, left_out_ = 0;
};

} // namespace ammo
