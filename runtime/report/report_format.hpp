/// Numbers and curves of a report as people read them; shared by its text, its page and its JSON.
#pragma once

#include "ammo/report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ammo {

/// "1,434".
[[nodiscard]] std::string grouped(std::uint64_t number);
/// "1,234.50", "−3.20" (with a true minus sign); "–" for what isn't finite.
[[nodiscard]] std::string fixed(double number, int decimals);
/// "31.2 %"; three significant digits below one per cent.
[[nodiscard]] std::string percent(double share);
/// "512 MB".
[[nodiscard]] std::string bytes(std::uint64_t number);
/// Micro-units as units: "1,434.00".
[[nodiscard]] std::string units(std::int64_t micros);
/// "435 people × 2,000 rounds": with the plural where it belongs.
[[nodiscard]] std::string counted(std::uint64_t number, const std::string& one, const std::string& many);

/// At most `points` means of equally long stretches of a curve, in order.
[[nodiscard]] std::vector<double> resampled(const std::vector<double>& curve, std::size_t points);
/// The running sum of a curve.
[[nodiscard]] std::vector<double> cumulated(const std::vector<double>& curve);

/// One measure of the market, by period.
[[nodiscard]] std::vector<double> market_curve(const played_policy& game, double market_shape::*what);
/// The profiles that evolution visits most, the most visited first, at most `n`, none below a hundredth.
[[nodiscard]] std::vector<std::size_t> most_visited(const diagnosis& d, std::size_t n);
/// "sampled_ucb against exploiter and static".
[[nodiscard]] std::string text_of(const diagnosis& d, const diagnosis::profile& p);

/// "settle at …", or "go round … → …".
[[nodiscard]] std::string text_of_answers(const diagnosis& d);

/// "noise 0.12, optimism 1.5": the best strain's hyper-parameters.
[[nodiscard]] std::string best_of(const evolved_buddies& e);
/// "linear of 98 %, two-valued of 2 %": of how many people rewards are of which kind.
[[nodiscard]] std::string kinds_of(const found_rewards& f);
/// "linear of all; offset 0.10, noise 0.25; 0.02 changes of taste a person": and slots and situations where they are told apart.
[[nodiscard]] std::string text_of(const found_rewards& f);
/// The deployment's policy, then the baselines.
[[nodiscard]] std::vector<const played_policy*> games_of(const report& r);
/// Total slate regret of a policy; nothing when it wasn't played.
[[nodiscard]] std::optional<double> slate_regret_of(const report& r, const std::string& policy);
/// Share of a policy's last slates that hit a held-out choice; nothing when there were none to hit.
[[nodiscard]] std::optional<double> hit_rate_of(const played_policy& game);

} // namespace ammo
