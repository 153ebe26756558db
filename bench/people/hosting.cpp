#include "bench/people/hosting.hpp"

#include "bench/estimate.hpp"
#include "bench/people/play.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <istream>
#include <ostream>
#include <stdexcept>

namespace people_bench {

namespace {

using nlohmann::json;

/// Somebody whose learner is at the other end of the streams.
class remote_player final : public player {
public:
  remote_player(const subspace_of_people& s, std::size_t person, std::istream& in, std::ostream& out)
    : creations_(s.rows.size()), person_(person), in_(in), out_(out) {}

  std::vector<std::uint64_t> choose(std::uint32_t round, std::uint32_t situation) override {
    out_ << json{"choose", person_, round, situation} << std::endl;
    std::string line;
    if (!std::getline(in_, line))
      throw std::runtime_error("the learner has ended before the world did, in round " + std::to_string(round));
    const json said = json::parse(line, nullptr, false);
    const bool whole = said.is_array() && said.size() == slots && std::ranges::all_of(said, [&](const json& c) {
                         return c.is_number_unsigned() && c.get<std::uint64_t>() < creations_;
                       });
    if (!whole)
      throw std::runtime_error("a slate is an array of " + std::to_string(slots) + " contents below " + std::to_string(creations_) +
                               ", not " + line.substr(0, 200));
    auto contents = said.get<std::vector<std::uint64_t>>();
    auto sorted = contents;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end())
      throw std::runtime_error("a slate shows no content twice, as " + line.substr(0, 200) + " does");
    return contents;
  }

  void learn(std::uint32_t round, std::uint32_t situation, const std::vector<told_reward>& told) override {
    json rewards = json::array();
    for (const told_reward& t : told)
      rewards.push_back({t.content, t.slot, t.reward});
    out_ << json{"learn", person_, round, situation, std::move(rewards)} << '\n';
  }

private:
  const std::size_t creations_, person_;
  std::istream& in_;
  std::ostream& out_;
};

json number_or_null(double x) { return std::isfinite(x) ? json(x) : json(nullptr); }

/// Standard deviation of a reward as it is told, at a creation of value 0.
json noise_of(const world& w) {
  switch (w.answers) {
  case response::line: return w.told_scale * w.sigma;
  case response::stars: return w.told_scale * 0.8;
  case response::clicks: return w.told_scale * std::sqrt(w.base * (1 - w.base));
  case response::revenue:
  case response::purchase:
  case response::heart: break;
  }
  return nullptr;
}

} // namespace

void host_world(const world& w, std::uint64_t seed, std::size_t people, std::istream& in, std::ostream& out) {
  const auto here = make_people(w, seed, people);
  out << json{{"world", w.name}, {"people", people}, {"rounds", w.rounds}, {"dim", w.dim}, {"slots", slots}, {"situations", w.situations}, {"noise", noise_of(w)}, {"seed", seed}, {"rows", here.rows}} << '\n';
  const auto result = play(here, people, 0, [&](const subspace_of_people& s, std::size_t who) { return std::make_unique<remote_player>(s, who, in, out); });
  const auto& values = result.back.empty() ? result.regret : result.back;
  const auto [mean, half] = ammo::bench::estimate_of(values);
  out << json{{"of", result.back.empty() ? "regret" : "rounds to come back"}, {"mean", mean}, {"half", number_or_null(half)}, {"worst", *std::ranges::max_element(values)}, {"values", values}, {"curve", result.curve}} << std::endl;
}

} // namespace people_bench
