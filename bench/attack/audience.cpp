#include "bench/attack/audience.hpp"

#include "actors/protocol/exposures.hpp"
#include "actors/space/ball.hpp"
#include "actors/space/top_n.hpp"

namespace ammo {
namespace {

constexpr double most_worth = 1e6; ///< to one person

bool knows_creations(const goal_view& view) noexcept {
  return view.creations && view.creations->coordinates().width == view.e.size() && view.heard.rounds > 0;
}

/// Single precision has to hold the squares of what things are worth.
bool believable(const auto& of) noexcept { return std::abs(of.worth) <= most_worth * of.people; }

} // namespace

void audience::hear(const goal_view& view, splitmix64& g) {
  try {
    learn_broadcast(view, g);
  } catch (...) {
    forget(); // groups may not have all places
    throw;
  }
}

void audience::learn_broadcast(const goal_view& view, splitmix64& g) {
  if (!knows_creations(view))
    return forget();
  now_ = view.creations;
  mine_ = view.creation;
  rounds_ = static_cast<double>(view.heard.rounds);
  std::vector<attention> now(now_->rows());
  attention own;
  double all = 0;
  for (const exposure& x : view.heard.exposures) {
    const attention seen{static_cast<double>(x.impressions), sum_of(x.engagement).value()};
    all += seen.people;
    if (!believable(seen))
      return forget();
    if (x.creation == mine_)
      own = seen;
    else if (now_->find(x.creation))
      now[row_of(x.creation)] = seen;
  }
  slots_ = static_cast<std::size_t>(std::clamp(all / rounds_ + 0.5, 1.0, double{max_slots}));
  if (!note(view, now, own))
    forget();
  last_ = std::move(now);
  last_own_ = own;
  if (open() && still_) {
    explain();
    update_beliefs(view, g);
  }
}

/// Is what was seen what a still world shows?
bool audience::note(const goal_view& view, std::span<const attention> now, attention own) {
  if (!open()) {
    double changed = 0;
    for (std::size_t row = 0; row < now.size(); ++row)
      changed += std::abs(now[row].people - (row < last_.size() ? last_[row].people : 0));
    still_ = !last_.empty() && changed <= own.people + last_own_.people;
    if (still_ && own.people == 0)
      alone_.assign(now.begin(), now.end());
    return true;
  }
  if (now.size() < alone_.size())
    return false; // another catalogue
  place here{{view.e.begin(), view.e.end()}, own, {}};
  double lost = 0;
  for (std::uint32_t row = 0; row < now.size(); ++row) {
    const attention before = row < alone_.size() ? alone_[row] : attention{}; // creations may be new
    const attention less = before - now[row];
    lost += less.people;
    if (less.people < 0 || (less.people == 0 ? !same(less, {}) : !believable(less)))
      return false;
    if (less.people > 0)
      here.losses.push_back({row, less});
  }
  if (lost != own.people)
    return false;
  if (was_at(here.e))
    return true;
  std::size_t losses = here.losses.size();
  if (losses > remembered_losses)
    return true; // too many to learn from
  for (const place& p : places_)
    losses += p.losses.size();
  while (places_.size() >= remembered || losses > remembered_losses) {
    losses -= places_.front().losses.size();
    forget_oldest();
  }
  for (group& one : groups_) {
    one.at.emplace_back();
    if (std::ranges::find(here.losses, one.loses, &loss::row) == here.losses.end())
      one.at.back().shown = false;
  }
  places_.push_back(std::move(here));
  return true;
}

void audience::forget() {
  still_ = false;
  alone_.clear();
  places_.clear();
  groups_.clear();
}

void audience::forget_oldest() {
  places_.erase(places_.begin());
  for (group& one : groups_)
    one.at.erase(one.at.begin());
}

bool audience::was_at(std::span<const float> x) const {
  return std::ranges::any_of(places_, [&](const place& p) { return ball::squared_distance(p.e, x) < 1e-7; });
}

std::vector<likely_taste> audience::people() const {
  std::vector<likely_taste> out;
  for (const group& one : groups_)
    if (!one.q.empty())
      out.push_back({&one.q, one.least(), one.of.people / rounds_});
  return out;
}

std::vector<taste> audience::sampled(splitmix64& g) const {
  std::vector<taste> out;
  for (const group& one : groups_) {
    if (one.q.empty())
      continue;
    vec likes = one.q.draw(g);
    const double size = std::max(1e-3, ball::norm(likes));
    ball::rescale(likes, 1); // the half-space stays
    out.push_back({std::move(likes), static_cast<float>(one.least() / size) + response::surely,
                   static_cast<float>(one.of.people / rounds_)});
  }
  return out;
}

} // namespace ammo
