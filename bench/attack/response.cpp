#include "bench/attack/response.hpp"

#include "actors/space/ball.hpp"

namespace ammo {
namespace {

constexpr float nearly = 0.02f;      ///< of a score: who lacks no more may be won, too
constexpr float slack = 1e-3f;       ///< of a score: who has no more is what holds a place back
constexpr int most_sweeps = 200;
constexpr double settled = 1e-5;      ///< sum of the changes of a sweep
constexpr int most_rounds = 40;      ///< of improving by single tastes
constexpr std::size_t most_won = 150; ///< one after the other
constexpr std::size_t neighbours = 12, replacements = 4;
constexpr double gain = 1e-7;        ///< what counts as one

} // namespace

double response::utility(std::span<const float> x, float within) const {
  double share = 0;
  for (const taste& p : people_)
    if (ball::quick_dot(x, p.likes) >= p.least - within)
      share += double{p.share};
  return share - view_.config.lambda * view_.error_of(x);
}

std::vector<float> response::nearest(std::span<const std::uint32_t> people) const {
  std::vector<float> y(view_.grounded.begin(), view_.grounded.end()), pushed(people.size());
  const double cap = view_.config.norm_cap;
  double square = ball::dot(y, y);
  const auto push = [&](std::size_t i) {
    const taste& p = people_[people[i]];
    const double score = double{ball::quick_dot(y, p.likes)};
    double more = p.least - score;
    if (square + 2 * more * score + more * more > cap * cap) { // scaled back to the cap it has to score that still
      const double cosine = std::clamp(p.least / cap, -0.999, 0.999);
      more = std::sqrt(std::max(1e-12, square - score * score)) * cosine / std::sqrt(1 - cosine * cosine) - score;
    }
    more = std::max(-double{pushed[i]}, more);
    if (std::abs(more) < 1e-9)
      return 0.0;
    pushed[i] += static_cast<float>(more);
    ball::add(y, p.likes, more);
    square += 2 * more * score + more * more;
    return std::abs(more);
  };
  for (int sweeps = 0; sweeps < most_sweeps;) { // everyone, then those who push until that has settled
    double moved = 0;
    for (std::size_t i = 0; i < people.size(); ++i)
      moved += push(i);
    if (moved < settled)
      break;
    for (++sweeps; moved >= settled && sweeps < most_sweeps; ++sweeps) {
      moved = 0;
      for (std::size_t i = 0; i < people.size(); ++i)
        if (pushed[i] > 0)
          moved += push(i);
    }
  }
  ball::pull_back(y, cap);
  return y;
}

std::vector<std::uint32_t> response::won_at(std::span<const float> x) const {
  std::vector<std::uint32_t> won;
  for (std::uint32_t j = 0; j < people_.size(); ++j)
    if (ball::quick_dot(x, people_[j].likes) >= people_[j].least - tolerance)
      won.push_back(j);
  return won;
}

std::vector<std::uint32_t> response::closest_lost(std::span<const float> x, std::size_t most) const {
  std::vector<std::pair<float, std::uint32_t>> lost;
  for (std::uint32_t j = 0; j < people_.size(); ++j)
    if (const float gap = people_[j].least - ball::quick_dot(x, people_[j].likes); gap > tolerance)
      lost.emplace_back(gap, j);
  const auto n = static_cast<std::ptrdiff_t>(std::min(most, lost.size()));
  std::ranges::partial_sort(lost, lost.begin() + n);
  std::vector<std::uint32_t> out;
  for (auto it = lost.begin(); it != lost.begin() + n; ++it)
    out.push_back(it->second);
  return out;
}

bool response::tight(std::uint32_t person, std::span<const float> x) const {
  return ball::quick_dot(x, people_[person].likes) <= people_[person].least + slack;
}

response::place response::at(std::vector<float> x) const {
  const double u = utility(x);
  return {u, std::move(x)};
}

response::place response::grown(std::vector<float> x, std::size_t patience) const {
  place best = at(x);
  std::vector<char> out_of_reach(people_.size());
  std::size_t in_vain = 0;
  for (std::size_t i = 0; i < most_won && in_vain < patience; ++i) {
    const auto lost = closest_lost(x, people_.size());
    const auto next = std::ranges::find_if(lost, [&](std::uint32_t j) { return !out_of_reach[j]; });
    if (next == lost.end())
      break;
    auto won = won_at(x);
    won.push_back(*next);
    auto to = at(nearest(won));
    if (ball::quick_dot(to.x, people_[*next].likes) < people_[*next].least - slack) {
      out_of_reach[*next] = 1;
      continue;
    }
    x = to.x;
    in_vain = to.utility > best.utility + gain ? 0 : in_vain + 1;
    if (in_vain == 0)
      best = std::move(to);
  }
  return best;
}

bool response::improve(place& p) const {
  const auto won = won_at(p.x);
  place best = p;
  const auto consider = [&](std::span<const std::uint32_t> people) {
    if (auto here = at(nearest(people)); here.utility > best.utility + gain)
      best = std::move(here);
  };
  const auto with = [](std::vector<std::uint32_t> people, std::uint32_t one) {
    people.push_back(one);
    return people;
  };
  std::vector<std::vector<std::uint32_t>> without; // each who holds it back
  for (std::uint32_t one : won)
    if (tight(one, p.x)) {
      without.push_back(won);
      std::erase(without.back(), one);
    }
  consider(won);
  for (auto one : closest_lost(p.x, neighbours))
    consider(with(won, one));
  for (const auto& people : without)
    consider(people);
  for (std::size_t i = 0; i < without.size() && best.utility <= p.utility; ++i) {
    const auto x = nearest(without[i]);
    const auto rest = won_at(x);
    for (auto one : closest_lost(x, replacements))
      consider(with(rest, one));
  }
  const bool better = best.utility > p.utility;
  p = std::move(best);
  return better;
}

response::place response::improved(place from) const {
  for (int i = 0; i < most_rounds && improve(from); ++i) {
  }
  return from;
}

std::vector<std::vector<float>> response::cheapest(std::size_t most) const {
  std::vector<place> found;
  for (std::uint32_t j = 0; j < people_.size() && most > 0; ++j)
    if (ball::quick_dot(view_.grounded, people_[j].likes) < people_[j].least) {
      auto x = nearest(std::span(&j, 1));
      const double u = utility(x, nearly);
      found.push_back({u, std::move(x)});
    }
  const auto n = static_cast<std::ptrdiff_t>(std::min(most, found.size()));
  std::ranges::partial_sort(found, found.begin() + n, std::greater{}, &place::utility);
  std::vector<std::vector<float>> out;
  for (auto it = found.begin(); it != found.begin() + n; ++it)
    out.push_back(std::move(it->x));
  return out;
}

std::vector<float> response::best(std::vector<std::vector<float>> starts, const response_effort& effort) const {
  starts.emplace_back(view_.grounded.begin(), view_.grounded.end());
  for (auto& x : cheapest(effort.starts))
    starts.push_back(std::move(x));
  std::vector<place> found;
  for (auto& x : starts)
    found.push_back(grown(std::move(x), effort.patience));
  std::ranges::sort(found, std::greater{}, &place::utility);
  place best = found.front();
  for (std::size_t i = 0; i < std::min(effort.polished, found.size()); ++i)
    if (auto here = improved(found[i]); here.utility > best.utility)
      best = std::move(here);
  return best.x;
}

} // namespace ammo
