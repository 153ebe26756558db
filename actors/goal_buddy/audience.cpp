#include "actors/goal_buddy/audience.hpp"

#include "actors/space/ball.hpp"
#include "actors/protocol/sums.hpp"

#include <limits>

namespace ammo {
namespace {

constexpr std::size_t most_people = 256;
constexpr std::size_t remembered = 160, remembered_moving = 16; ///< places
constexpr std::size_t first_changes = 20'000, changes = 1'000;  ///< tried in a turn
// How wrong a guess may be: a standard deviation of each number that is explained.
constexpr double of_impressions = 0.5, of_rewards = 0.1, of_viewers = 1, of_own_rewards = 0.3, of_taken = 1;

double squared(double x) noexcept { return x * x; }

bool knows_creations(const goal_view& view) noexcept {
  return view.creations && view.creations->coordinates().width == view.e.size() && view.heard.rounds > 0;
}

/// The best n of the creations of others for who likes x.
std::size_t slate_of(const catalogue_epoch& all, creation_id mine, std::span<const float> x, std::span<scored> out) {
  const auto n = top_n(all, x, out.size(), out);
  const auto kept = std::ranges::remove_if(out.first(n), [&](const scored& s) { return s.creation == mine; });
  return n - kept.size();
}

} // namespace

double nearness(const goal_view& view, std::span<const float> x) {
  std::array<scored, 2> found;
  const bool any = knows_creations(view) && slate_of(*view.creations, view.creation, x, found) > 0;
  return any ? found.front().score : 0;
}

std::vector<taste> audience::people() const {
  std::vector<taste> out;
  for (const person& p : who_)
    out.push_back({p.likes, p.least});
  return out;
}

bool audience::was_at(std::span<const float> x) const {
  return std::ranges::any_of(places_, [&](const place& p) { return ball::squared_distance(p.e, x) < 1e-6; });
}

void audience::hear(const goal_view& view, std::span<const float> home, splitmix64& g) {
  if (!knows_creations(view))
    return;
  now_ = view.creations;
  mine_ = view.creation;
  dim_ = view.e.size();
  note(view);
  if (seen_.empty()) {
    who_.clear();
    return;
  }
  const bool first = who_.empty();
  if (first)
    for (std::size_t j = 0; j < std::min<std::size_t>(view.heard.rounds, most_people); ++j)
      who_.push_back(of(uniform01(g) < 0.5 ? mixture(g) : explanation(g)));
  recount();
  imagine(home, first, g);
}

/// Impressions are counted in people: as many as are imagined for all rounds.
void audience::note(const goal_view& view) {
  const double people = static_cast<double>(std::min<std::size_t>(view.heard.rounds, most_people)) /
                        static_cast<double>(view.heard.rounds);
  place here{.e = {view.e.begin(), view.e.end()}, .left = {}, .taken = {}};
  std::vector<float> heard(creations_.size()), mean;
  creations_.resize(std::max<std::size_t>(creations_.size(), now_->rows()));
  heard.resize(creations_.size());
  mean.resize(creations_.size());
  double impressions = 0;
  for (const exposure& x : view.heard.exposures) {
    const double sum = sum_of(x.engagement).value();
    impressions += static_cast<double>(x.impressions);
    if (x.creation == mine_) {
      here.viewers = people * static_cast<double>(x.impressions);
      here.reward = people * sum;
    } else if (x.impressions > 0 && now_->find(x.creation)) {
      heard[row_of(x.creation)] = static_cast<float>(people * static_cast<double>(x.impressions));
      mean[row_of(x.creation)] = static_cast<float>(sum / static_cast<double>(x.impressions));
    }
  }
  slots_ = static_cast<std::size_t>(std::clamp(impressions / static_cast<double>(view.heard.rounds) + 0.5, 1.0, double{max_slots}));
  double differs = 0;
  for (std::uint32_t row : seen_) {
    const auto& last = places_.back();
    const auto column = creations_[row].column;
    differs += std::abs(heard[row] - (column < last.left.size() ? last.left[column] : 0));
  }
  const bool still = !places_.empty() && differs <= here.viewers + places_.back().viewers + 1e-3;
  forget(still ? remembered - 1 : remembered_moving - 1);
  seen_.clear();
  for (std::uint32_t row = 0; row < creations_.size(); ++row) {
    auto& c = creations_[row];
    c.e.resize(dim_);
    if (row < now_->rows())
      now_->embedding(row, c.e);
    if (!still || heard[row] > c.seen) { // less is seen of it where the own creation takes some
      c.seen = heard[row];
      c.mean = mean[row];
    }
    if (c.seen > 0) {
      seen_.push_back(row);
      if (c.column == 0)
        c.column = ++columns_;
    }
  }
  here.left.resize(columns_ + 1);
  for (std::uint32_t row : seen_)
    here.left[creations_[row].column] = heard[row];
  places_.push_back(std::move(here));
  if (!still)
    for (std::size_t j = 0; j < who_.size(); ++j)
      who_[j] = of(std::move(who_[j].likes));
}

void audience::forget(std::size_t kept) {
  if (kept < remembered_moving)
    for (place& p : places_)
      p.left.clear();
  if (places_.size() > kept)
    places_.erase(places_.begin(), places_.end() - static_cast<std::ptrdiff_t>(kept));
}

void audience::recount() {
  for (auto& c : creations_)
    c.guessed = c.guessed_reward = 0;
  for (auto& p : places_) {
    p.guessed = p.guessed_reward = 0;
    p.taken.assign(columns_ + 1, 0);
    if (!p.left.empty())
      p.left.resize(columns_ + 1);
  }
  for (auto& one : who_) {
    one.scores_there.resize(places_.size());
    std::ranges::transform(places_, one.scores_there.begin(),
                           [&](const place& p) { return ball::quick_dot(p.e, one.likes); });
    count(one, 1);
  }
}

audience::person audience::of(vec likes) const {
  person p{.likes = std::move(likes), .scores_there = vec(places_.size())};
  std::array<scored, max_slots + 1> found;
  p.shown = std::min(slots_, slate_of(*now_, mine_, p.likes, std::span(found).first(slots_ + 1)));
  for (std::size_t i = 0; i < p.shown; ++i) {
    p.rows[i] = row_of(found[i].creation);
    p.scores[i] = found[i].score;
  }
  p.least = p.shown > 0 ? std::max(0.0f, p.scores[p.shown - 1]) : 0;
  std::ranges::transform(places_, p.scores_there.begin(),
                         [&](const place& at) { return ball::quick_dot(at.e, p.likes); });
  return p;
}

void audience::count(const person& p, float sign) {
  for (std::size_t i = 0; i < p.shown; ++i) {
    creations_[p.rows[i]].guessed += sign;
    creations_[p.rows[i]].guessed_reward += sign * p.scores[i];
  }
  const auto column = creations_[p.last()].column;
  for (std::size_t t = 0; t < places_.size(); ++t)
    if (p.scores_there[t] > p.least) {
      places_[t].guessed += sign;
      places_[t].guessed_reward += double{sign} * p.scores_there[t];
      places_[t].taken[column] += sign;
    }
}

double audience::misfit(const creation& c) const {
  const double reward = c.seen > 0 ? (c.guessed * c.mean - c.guessed_reward) / of_rewards : 0;
  return squared((c.seen - c.guessed) / of_impressions) + squared(reward);
}

double audience::misfit(const place& p, std::uint32_t row) const {
  const auto& c = creations_[row];
  return p.left.empty() ? 0 : squared((c.seen - p.left[c.column] - p.taken[c.column]) / of_taken);
}

/// Of all that the two people have a part in.
double audience::misfit(const person& a, const person& b) const {
  double sum = 0;
  for (std::size_t i = 0; i < a.shown; ++i)
    sum += misfit(creations_[a.rows[i]]);
  for (std::size_t i = 0; i < b.shown; ++i)
    if (const auto end = a.rows.begin() + a.shown; std::find(a.rows.begin(), end, b.rows[i]) == end)
      sum += misfit(creations_[b.rows[i]]);
  for (std::size_t t = 0; t < places_.size(); ++t)
    if (a.scores_there[t] > a.least || b.scores_there[t] > b.least) {
      const auto& p = places_[t];
      const double mean = p.viewers > 0 ? p.reward / p.viewers : 0;
      sum += squared((p.viewers - p.guessed) / of_viewers) + misfit(p, a.last()) +
             squared((p.guessed * mean - p.guessed_reward) / of_own_rewards) +
             (a.last() == b.last() ? 0 : misfit(p, b.last()));
    }
  return sum;
}

void audience::replace(std::size_t j, vec likes, double temperature, splitmix64& g) {
  person now = of(std::move(likes));
  const double before = misfit(who_[j], now);
  count(who_[j], -1);
  count(now, 1);
  const double worse = misfit(who_[j], now) - before;
  if (worse < 0 || uniform01(g) < std::exp(-worse / (2 * temperature))) {
    who_[j] = std::move(now);
    return;
  }
  count(now, -1);
  count(who_[j], 1);
}

void audience::imagine(std::span<const float> home, bool first, splitmix64& g) {
  constexpr float reach = 0.12f;
  std::vector<std::size_t> close; // to being shown what is at home
  for (std::size_t j = 0; j < who_.size(); ++j)
    if (!home.empty() && ball::quick_dot(home, who_[j].likes) > who_[j].least - reach)
      close.push_back(j);
  const auto someone = [&] {
    return close.empty() || uniform01(g) < 0.5 ? g() % who_.size() : close[g() % close.size()];
  };
  const std::size_t tries = first ? first_changes : changes;
  for (std::size_t i = 0; i < tries; ++i)
    if (!first && uniform01(g) < 0.4) {
      turn(someone(), close, g);
    } else {
      const double hot = 20 * (1 - 1.5 * static_cast<double>(i) / static_cast<double>(tries));
      const std::size_t j = someone();
      replace(j, changed(who_[j], g), first ? std::max(1.0, hot) : 1, g);
    }
}

} // namespace ammo
