/// How an audience guesses what people like.
#include "bench/attack/audience.hpp"

#include "actors/space/ball.hpp"
#include "actors/space/top_n.hpp"

#include <array>

namespace ammo {
namespace {

constexpr std::size_t guesses = 64;       ///< of a group, of which comes what is first believed
constexpr double wider = 3, anywhere = 3e-3; ///< than the guesses, which are too much alike
constexpr int rounds_of_agreement = 3;
constexpr float surely = 1e-3f;           ///< by how much a score is above or below another
constexpr double close = 0.5;             ///< to the facts
constexpr std::size_t most_guessed_from = 400'000; ///< rows times groups: what a turn may take
constexpr std::size_t looked_at = 16;     ///< the creations that a guess likes most

/// Moves likes so that it scores x as said. Zero stays.
void project(std::span<float> likes, std::span<const float> x, double score) {
  if (const double square = ball::dot(x, x); square > 1e-9)
    ball::add(likes, x, (score - ball::dot(x, likes)) / square);
}

} // namespace

audience::vec audience::embedding(std::uint32_t row) const {
  vec e(now_->coordinates().width);
  now_->embedding(row, e);
  return e;
}

void audience::update_beliefs(const goal_view& view, splitmix64& g) {
  auto demand = view.wanted();
  ball::rescale(demand, 1);
  std::size_t first = std::max<std::size_t>(1, most_guessed_from / std::max<std::size_t>(1, now_->rows()));
  for (group& one : groups_) {
    if (one.q.empty() && first > 0) { // others have to wait
      one.q = first_of(one, demand, g);
      --first;
    }
    if (!one.q.empty())
      compare_with_places(one);
  }
  for (int i = 0; i < rounds_of_agreement; ++i)
    for (std::uint32_t at = 0; at < places_.size(); ++at)
      learn_rewards(at);
}

/// By what it loses, and by what its slate tells.
taste_belief audience::first_of(const group& one, std::span<const float> demand, splitmix64& g) const {
  std::vector<vec> guessed;
  while (guessed.size() < guesses) {
    guessed.push_back(guess(one, demand, g));
    for (int i = 0; i < rounds_of_agreement; ++i) {
      agree_on_slate(one, guessed.back());
      agree_on_loss(one, guessed.back());
    }
  }
  taste_belief q(guessed, wider, anywhere);
  const vec loses = embedding(one.loses);
  q.becomes(loses, q.spread(loses), one.least(), taste_belief::exact);
  std::array<scored, looked_at> found;
  const auto n = top_n(*now_, q.mean(), found.size(), found);
  for (const scored& s : std::span(found).first(n))
    if (taste_belief::factor said; s.creation != mine_ && !is_seen(row_of(s.creation)))
      q.compare(embedding(row_of(s.creation)), one.least(), false, said);
  return q;
}

/// Every place that says something once more: what it says depends on the others.
void audience::compare_with_places(group& one) const {
  for (std::size_t at = 0; at < places_.size(); ++at)
    if (presence& here = one.at[at]; here.shown && (!here.compared || here.said.precision != 0)) {
      here.compared = true;
      one.q.compare(places_[at].e, one.least(), *here.shown, here.said);
    }
}

/// The sum of rewards at a place of which it is known who was shown the creation there. Each is believed to have been off by
/// a part of the difference, as large as his part of its variance.
void audience::learn_rewards(std::uint32_t at) {
  const place& p = places_[at];
  struct part {
    group& one;
    vec spread;
    double mean, variance;
  };
  std::vector<part> parts;
  attention expected;
  double variance = taste_belief::exact;
  for (group& one : groups_) {
    if (!one.at[at].shown.value_or(false))
      continue;
    if (one.q.empty())
      return;
    vec spread = one.q.spread(p.e);
    const double mean = ball::dot(p.e, one.q.mean()), of_it = double{ball::quick_dot(spread, p.e)};
    expected = expected + attention{one.of.people, one.of.people * mean};
    variance += one.of.people * one.of.people * std::max(0.0, of_it);
    parts.push_back({one, std::move(spread), mean, of_it});
  }
  if (expected.people == 0 || expected.people != p.own.people)
    return;
  for (part& of : parts) {
    const double share = of.one.of.people * of.variance / variance;
    const bool counted = std::exchange(of.one.at[at].counted, true);
    of.one.q.becomes(p.e, of.spread, of.mean + share * (p.own.worth - expected.worth),
                     counted ? of.variance : of.variance - share * of.one.of.people * of.variance);
  }
}

/// Likes some of what is close to what it loses, and perhaps what everybody demands.
audience::vec audience::guess(const group& one, std::span<const float> demand, splitmix64& g) const {
  constexpr std::size_t most_liked_log2 = 5;
  vec likes = embedding(one.loses);
  std::array<scored, 48> found;
  const auto n = top_n(*now_, likes, found.size(), found);
  const auto seen = std::ranges::remove_if(std::span(found).first(n), [&](const scored& s) {
    return s.creation == mine_ || !is_seen(row_of(s.creation));
  });
  const std::size_t near = std::min(2 + g() % 40, n - seen.size());
  if (g() % 2 == 0)
    ball::add(likes, demand, 3 * uniform01(g));
  for (auto left = static_cast<int>(std::exp2(uniform01(g) * most_liked_log2)); left > 0 && near > 0; --left)
    ball::add(likes, embedding(row_of(found[g() % near].creation)), 1);
  ball::rescale(likes, 1);
  agree_on_loss(one, likes);
  return likes;
}

void audience::agree_on_loss(const group& one, vec& likes) const {
  ball::rescale(likes, 1);
  project(likes, embedding(one.loses), one.least());
}

/// As many creations as the slate has beside the last score more than that, and all of them are seen by somebody.
void audience::agree_on_slate(const group& one, vec& likes) const {
  std::array<scored, looked_at> found;
  const auto n = top_n(*now_, likes, found.size(), found);
  const auto least = static_cast<float>(one.least());
  std::size_t better = 0;
  for (const scored& s : std::span(found).first(n)) {
    const auto row = row_of(s.creation);
    if (s.creation == mine_ || row == one.loses)
      continue;
    const bool has_place = better + 1 < slots_ && is_seen(row);
    if (has_place)
      ++better;
    if (has_place != (s.score > least))
      project(likes, embedding(row), has_place ? least + surely : least - surely);
    else if (!has_place && better + 1 >= slots_)
      break;
  }
}

std::vector<float> audience::towards_unknown(const goal_view& view, splitmix64& g) const {
  std::vector<double> left;
  for (const attention& a : alone_)
    left.push_back(a.people);
  std::array<scored, max_slots + 1> slate;
  for (const group& one : groups_) {
    if (one.q.empty())
      continue;
    const auto n = top_n(*now_, one.q.mean(), slots_ + 1, slate);
    for (const scored& s : std::span(slate).first(n))
      if (s.creation != mine_ && row_of(s.creation) < left.size())
        left[row_of(s.creation)] -= one.of.people;
  }
  std::vector<float> to;
  double most = 0;
  for (std::uint32_t row = 0; row < std::min<std::size_t>(left.size(), now_->rows()); ++row) {
    if (left[row] <= 0)
      continue;
    const vec e = embedding(row);
    const double closeness = std::exp(-ball::squared_distance(e, view.grounded) / (2 * close * close));
    if (left[row] * closeness <= most)
      continue;
    auto x = ball::between(view.grounded, e, 0.7 + 0.3 * uniform01(g), view.config.norm_cap);
    ball::rescale(x, view.config.norm_cap); // seen more than on the chord
    const bool been = std::ranges::any_of(places_, [&](const place& p) { return ball::squared_distance(p.e, x) < 0.01; });
    const double promise = left[row] * closeness * (been ? 0.1 : 1);
    if (promise > most) {
      most = promise;
      to = std::move(x);
    }
  }
  return to;
}

} // namespace ammo
