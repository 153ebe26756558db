#include "actors/goal_buddy/audience.hpp"

#include "actors/protocol/exposures.hpp"
#include "actors/space/ball.hpp"
#include "actors/space/top_n.hpp"

namespace ammo {
namespace {

constexpr double same_worth = 2e-6;  ///< sums of rewards that differ by less are the same
constexpr double alike = 0.3;        ///< people who lose the same creation have thresholds within this share of their mean
constexpr double newcomer = 0.02;    ///< how surprising it is, in scores, to meet somebody new
constexpr std::size_t told_apart = 8;  ///< groups that lose the same
constexpr std::size_t most_groups = 256; ///< in all: what a turn may cost

bool knows_creations(const goal_view& view) noexcept {
  return view.creations && view.creations->coordinates().width == view.e.size() && view.heard.rounds > 0;
}

bool likely(double a, double b) noexcept { return std::abs(a - b) <= alike * b; }

} // namespace

void audience::hear(const goal_view& view, splitmix64& g) {
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
    imagine(view, g);
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
    const attention less{before.people - now[row].people, before.worth - now[row].worth};
    lost += less.people;
    if (less.people < 0 || (less.people == 0 && std::abs(less.worth) > same_worth))
      return false;
    if (less.people > 0)
      here.losses.push_back({row, less});
  }
  if (lost != own.people)
    return false;
  if (was_at(here.e))
    return true;
  if (places_.size() == remembered) {
    places_.erase(places_.begin());
    for (group& one : groups_)
      one.shown.erase(one.shown.begin());
  }
  for (group& one : groups_)
    one.shown.push_back(std::ranges::find(here.losses, one.loses, &loss::row) != here.losses.end() ? maybe : 0);
  places_.push_back(std::move(here));
  return true;
}

void audience::forget() {
  still_ = false;
  alone_.clear();
  places_.clear();
  groups_.clear();
}

void audience::explain() {
  for (bool again = true; std::exchange(again, false);)
    for (std::size_t at = 0; at < places_.size(); ++at)
      for (loss& l : places_[at].losses)
        again |= !l.explained && explain(at, l);
}

/// By how much x scores more than it has to, by the mean of the guesses.
double audience::margin(const group& one, std::span<const float> x) const {
  double sum = 0;
  for (const vec& likes : one.likes)
    sum += double{ball::quick_dot(x, likes)} - one.least();
  return one.likes.empty() ? 0 : sum / static_cast<double>(one.likes.size());
}

/// Whose loss it is: of some groups that add up to it; else of some groups and either somebody new or a part of another
/// one, whichever is the least surprising. True: groups changed, so that others may be explained now.
bool audience::explain(std::size_t at, loss& l) {
  std::vector<std::size_t> known;
  for (std::size_t j = 0; j < groups_.size(); ++j)
    if (groups_[j].loses == l.row)
      known.push_back(j);
  if (known.size() > told_apart)
    return false;
  const auto met = [&](std::size_t some, std::size_t i) { return (some >> i & 1) != 0; };
  const auto settle = [&](std::size_t some) {
    for (std::size_t i = 0; i < known.size(); ++i)
      groups_[known[i]].shown[at] = met(some, i);
    l.explained = true;
  };
  double people_known = 0, mean = 0, least_surprise = 1e300;
  std::vector<double> margins;
  for (auto j : known) {
    margins.push_back(margin(groups_[j], places_[at].e));
    people_known += groups_[j].people;
    mean += groups_[j].least() / static_cast<double>(known.size());
  }
  std::size_t likeliest = 0;
  attention rest_of_it;
  std::optional<std::size_t> part_of;
  for (std::size_t some = 0; some < std::size_t{1} << known.size(); ++some) {
    attention rest = l.of;
    double wrong = 0;
    for (std::size_t i = 0; i < known.size(); ++i) {
      const group& one = groups_[known[i]];
      wrong += std::max(0.0, met(some, i) ? -margins[i] : margins[i]);
      if (met(some, i))
        rest = {rest.people - one.people, rest.worth - one.worth};
    }
    if (rest.people == 0 && std::abs(rest.worth) < same_worth) {
      settle(some);
      return false;
    }
    const double least = rest.worth / rest.people;
    if (rest.people < 1 || !(least > 0) || (!known.empty() && !likely(least, mean)))
      continue;
    const auto consider = [&](double how_wrong, std::optional<std::size_t> part) {
      if (how_wrong < least_surprise) {
        least_surprise = how_wrong;
        likeliest = some;
        rest_of_it = rest;
        part_of = part;
      }
    };
    if (people_known + rest.people <= alone_[l.row].people)
      consider(wrong + newcomer, {});
    for (std::size_t i = 0; i < known.size(); ++i)
      if (const group& one = groups_[known[i]]; !met(some, i) && one.people > rest.people)
        if (const double other = (one.worth - rest.worth) / (one.people - rest.people); other > 0 && likely(other, least))
          consider(wrong, known[i]);
  }
  if (least_surprise == 1e300 || groups_.size() == most_groups)
    return false;
  settle(likeliest);
  meet(at, l, rest_of_it, part_of);
  return true;
}

void audience::meet(std::size_t at, const loss& l, attention who, std::optional<std::size_t> part_of) {
  group one;
  if (part_of) {
    group& whole = groups_[*part_of];
    one = whole;
    whole.people -= who.people;
    whole.worth -= who.worth;
  } else {
    one.loses = l.row;
    for (const place& p : places_) {
      const auto lost = std::ranges::find(p.losses, l.row, &loss::row);
      one.shown.push_back(lost == p.losses.end() || lost->explained ? 0 : maybe);
    }
  }
  one.people = who.people;
  one.worth = who.worth;
  one.shown[at] = 1;
  groups_.push_back(std::move(one));
}

bool audience::was_at(std::span<const float> x) const {
  return std::ranges::any_of(places_, [&](const place& p) { return ball::squared_distance(p.e, x) < 1e-7; });
}

std::vector<taste> audience::people(std::optional<std::size_t> guess) const {
  std::vector<taste> out;
  for (const group& one : groups_)
    for (std::size_t k = 0; k < one.likes.size(); ++k)
      if (!guess || *guess == k)
        out.push_back({one.likes[k], static_cast<float>(one.least()) + response::surely,
                       static_cast<float>(one.people / rounds_ / (guess ? 1 : static_cast<double>(guesses)))});
  return out;
}

} // namespace ammo
