/// How an audience guesses what people like.
#include "actors/goal_buddy/audience.hpp"

#include "actors/space/ball.hpp"
#include "actors/space/top_n.hpp"

#include <array>

namespace ammo {
namespace {

constexpr double shake = 0.1;             ///< longest step of a guess in a turn, before it agrees again
constexpr int rounds_of_agreement = 6;
constexpr float surely = 1e-3f;           ///< by how much a score is above or below another
constexpr double close = 0.5;             ///< to the facts
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

void audience::imagine(const goal_view& view, splitmix64& g) {
  auto demand = view.wanted();
  ball::rescale(demand, 1);
  for (group& one : groups_)
    if (one.likes.empty())
      while (one.likes.size() < guesses)
        one.likes.push_back(guess(one, demand, g));
    else
      for (vec& likes : one.likes) {
        ball::add(likes, ball::direction(g, likes.size()), shake * uniform01(g));
        ball::rescale(likes, 1);
      }
  for (int i = 0; i < rounds_of_agreement; ++i)
    for (std::size_t k = 0; k < guesses; ++k) {
      agree_on_rewards(k);
      for (group& one : groups_) {
        if (i % 2 == 0)
          agree_on_slate(one, one.likes[k]);
        agree_on_places(one, one.likes[k]);
        agree_on_places(one, one.likes[k]);
      }
    }
}

/// Likes some of what is close to what it loses, and perhaps what everybody demands.
audience::vec audience::guess(const group& one, std::span<const float> demand, splitmix64& g) const {
  constexpr std::size_t most_liked_log2 = 5;
  vec likes = embedding(one.loses);
  std::array<scored, 48> found;
  const auto n = top_n(*now_, likes, found.size(), found);
  const auto seen = std::ranges::remove_if(std::span(found).first(n), [&](const scored& s) {
    return s.creation == mine_ || row_of(s.creation) >= alone_.size() || alone_[row_of(s.creation)].people == 0;
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

/// The sum of rewards at each place of which it is known who was shown the creation.
void audience::agree_on_rewards(std::size_t guess) {
  for (std::size_t at = 0; at < places_.size(); ++at) {
    const place& p = places_[at];
    double people = 0, squares = 0, worth = 0;
    for (const group& one : groups_)
      if (one.shown[at] == 1) {
        people += one.people;
        squares += one.people * one.people;
        worth += one.people * double{ball::quick_dot(p.e, one.likes[guess])};
      }
    if (people == 0 || people != p.own.people)
      continue;
    const double more = (p.own.worth - worth) / squares / std::max(1e-6, ball::dot(p.e, p.e));
    for (group& one : groups_)
      if (one.shown[at] == 1)
        ball::add(one.likes[guess], p.e, more * one.people);
  }
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
    const bool has_place = better + 1 < slots_ && row < alone_.size() && alone_[row].people > 0;
    if (has_place)
      ++better;
    if (has_place != (s.score > least))
      project(likes, embedding(row), has_place ? least + surely : least - surely);
    else if (!has_place && better + 1 >= slots_)
      break;
  }
}

void audience::agree_on_places(const group& one, vec& likes) const {
  const auto least = static_cast<float>(one.least());
  for (std::size_t at = 0; at < places_.size(); ++at) {
    if (one.shown[at] == maybe)
      continue;
    const float score = ball::quick_dot(places_[at].e, likes);
    const bool shown = one.shown[at] == 1;
    if (shown ? score < least + surely : score > least - surely)
      project(likes, places_[at].e, shown ? least + surely : least - surely);
  }
  agree_on_loss(one, likes);
}

std::vector<float> audience::unknown(const goal_view& view, splitmix64& g) const {
  std::vector<double> left;
  for (const attention& a : alone_)
    left.push_back(a.people);
  std::array<scored, max_slots + 1> slate;
  for (const group& one : groups_) {
    vec likes(view.e.size());
    for (const vec& guessed : one.likes)
      ball::add(likes, guessed, 1);
    const auto n = top_n(*now_, likes, slots_ + 1, slate);
    for (const scored& s : std::span(slate).first(n))
      if (s.creation != mine_ && row_of(s.creation) < left.size())
        left[row_of(s.creation)] -= one.people;
  }
  std::vector<float> to;
  double most = 0;
  for (std::uint32_t row = 0; row < std::min<std::size_t>(left.size(), now_->rows()); ++row) {
    if (left[row] <= 0)
      continue;
    const vec e = embedding(row);
    auto x = ball::between(view.grounded, e, 0.7 + 0.3 * uniform01(g), view.config.norm_cap);
    ball::rescale(x, view.config.norm_cap); // seen more than on the chord
    const bool been = std::ranges::any_of(places_, [&](const place& p) { return ball::squared_distance(p.e, x) < 0.01; });
    const double closeness = std::exp(-ball::squared_distance(e, view.grounded) / (2 * close * close));
    const double promise = left[row] * closeness * (been ? 0.1 : 1);
    if (promise > most) {
      most = promise;
      to = std::move(x);
    }
  }
  return to;
}

} // namespace ammo
