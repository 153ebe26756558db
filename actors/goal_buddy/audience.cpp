#include "actors/goal_buddy/audience.hpp"

#include "actors/space/ball.hpp"
#include "actors/protocol/exposures.hpp"
#include "actors/space/top_n.hpp"

#include <functional>

namespace ammo {
namespace {

constexpr std::size_t imagined = 256; ///< people, before they are weighed
constexpr double most_liked_log2 = 7; ///< of the creations that one of them likes
constexpr std::size_t neighbours = 32; ///< creations of a neighbourhood
constexpr int iterations = 10;        ///< of weighing
constexpr int most_steps = 48;      ///< of a climb
constexpr std::size_t starts = 4;   ///< beside the one that is asked for

bool knows_creations(const goal_view& view) noexcept {
  return view.creations && view.creations->coordinates().width == view.e.size() && view.heard.rounds > 0;
}

/// What explains rewards e·q by one q: kernel ridge regression, each row with a weight in (0, 1]. Empty: no rows.
class explained_rewards {
public:
  void add(std::span<const float> e, double reward, double weight) {
    rows_.push_back({{e.begin(), e.end()}, reward, weight});
  }
  /// Σ αᵢ eᵢ with (EEᵀ + diag(doubt/weight)) α = r, by Cholesky. O(rows³ + rows²·width).
  [[nodiscard]] std::vector<double> q(std::size_t dim) const {
    const std::size_t n = rows_.size();
    std::vector<double> l(n * n), a(n), out(dim);
    for (std::size_t i = 0; i < n; ++i) {
      double r = rows_[i].reward;
      for (std::size_t j = 0; j <= i; ++j) {
        double s = ball::dot(rows_[i].e, rows_[j].e) + (i == j ? doubt / rows_[i].weight : 0);
        for (std::size_t k = 0; k < j; ++k)
          s -= l[i * n + k] * l[j * n + k];
        l[i * n + j] = i == j ? std::sqrt(std::max(s, 1e-12)) : s / l[j * n + j];
      }
      for (std::size_t k = 0; k < i; ++k)
        r -= l[i * n + k] * a[k];
      a[i] = r / l[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
      for (std::size_t k = i + 1; k < n; ++k)
        a[i] -= l[k * n + i] * a[k];
      a[i] /= l[i * n + i];
      for (std::size_t d = 0; d < dim; ++d)
        out[d] += a[i] * rows_[i].e[d];
    }
    return out;
  }

private:
  static constexpr double doubt = 1e-3;
  struct row {
    std::vector<float> e;
    double reward, weight;
  };
  std::vector<row> rows_;
};

/// The best n of the creations of others for who likes x.
std::vector<scored> slate_of(const goal_view& view, std::span<const float> x, std::size_t n) {
  std::vector<scored> found(n + 1);
  found.resize(top_n(*view.creations, x, n + 1, found));
  std::erase_if(found, [&](const scored& s) { return s.creation == view.creation; });
  found.resize(std::min(n, found.size()));
  return found;
}

} // namespace

double nearness(const goal_view& view, std::span<const float> x) {
  const auto nearest = knows_creations(view) ? slate_of(view, x, 1) : std::vector<scored>{};
  return nearest.empty() ? 0 : nearest.front().score;
}

audience::audience(const goal_view& view, std::span<const experience> known, splitmix64& g) : view_(view) {
  if (!knows_creations(view))
    return;
  margin_ = 0.03 * uniform01(g);
  imagine(view, known, g);
  calibrate(known, g);
  gram_.resize(people_.size() * people_.size());
  for (std::size_t i = 0; i < people_.size(); ++i)
    for (std::size_t j = 0; j <= i; ++j)
      gram_[i * people_.size() + j] = gram_[j * people_.size() + i] = ball::dot(people_[i].likes, people_[j].likes);
  facts_.square = ball::dot(view.grounded, view.grounded);
  for (const auto& person : people_)
    facts_.dots.push_back(ball::dot(view.grounded, person.likes));
}

void audience::imagine(const goal_view& view, std::span<const experience> known, splitmix64& g) {
  std::vector<exposure> seen;
  std::uint64_t impressions = 0;
  for (const auto& x : view.heard.exposures) {
    impressions += x.impressions;
    if (x.creation != view.creation && x.impressions > 0 && view.creations->find(x.creation))
      seen.push_back(x);
  }
  if (seen.empty())
    return;
  const auto rounds = static_cast<double>(view.heard.rounds);
  const auto slots = static_cast<std::size_t>(
    std::clamp(std::lround(static_cast<double>(impressions) / rounds), 1l, static_cast<long>(max_slots)));
  std::vector<double> until(seen.size()); // cumulated impressions, to draw creations by
  double all = 0;
  for (std::size_t i = 0; i < seen.size(); ++i)
    until[i] = all += static_cast<double>(seen[i].impressions);

  const auto seen_of = [&](creation_id id) {
    const auto* x = exposure_of(view.heard.exposures, id);
    return x ? static_cast<double>(x->impressions) : 0.0;
  };
  std::vector<float> e(view.e.size()), middle(view.e.size());
  std::vector<double> sum(view.e.size());
  const auto add = [&](creation_id id, double w) {
    view.creations->embedding(row_of(id), e);
    for (std::size_t d = 0; d < sum.size(); ++d)
      sum[d] += w * e[d];
  };
  const auto draw = [&] {
    const auto at = static_cast<std::size_t>(std::ranges::upper_bound(until, uniform01(g) * all) - until.begin());
    return seen[std::min(at, seen.size() - 1)].creation;
  };
  for (std::size_t k = 0; k < imagined; ++k) {
    std::ranges::fill(sum, 0.0);
    if (k % 8 == 0) { // explains the rewards of a neighbourhood, and the own ones
      explained_rewards rewards;
      view.creations->embedding(row_of(draw()), middle);
      const double h = k < imagined / 2 ? 2 : 0.2 + 0.6 * uniform01(g);
      for (const scored& s : slate_of(view, middle, neighbours))
        if (const auto at = std::ranges::find(seen, s.creation, &exposure::creation); at != seen.end()) {
          view.creations->embedding(row_of(s.creation), e);
          rewards.add(e, mean_reward(*at), std::exp(-ball::squared_distance(e, middle) / (2 * h * h)));
        }
      for (const auto& x : known)
        if (x.visibility > 0)
          rewards.add(x.e, x.reward, std::exp(-ball::squared_distance(x.e, middle) / (2 * h * h)));
      sum = rewards.q(sum.size());
    } else if (k % 2 == 0) { // likes a neighbourhood
      view.creations->embedding(row_of(draw()), middle);
      const double h = 0.1 + 0.6 * uniform01(g);
      for (const scored& s : slate_of(view, middle, neighbours)) {
        view.creations->embedding(row_of(s.creation), e);
        add(s.creation, seen_of(s.creation) * std::exp(-ball::squared_distance(e, middle) / (2 * h * h)));
      }
    } else { // likes a mixture
      for (auto liked = static_cast<std::size_t>(std::exp2(uniform01(g) * most_liked_log2)); liked > 0; --liked)
        add(draw(), -std::log(1 - uniform01(g)));
    }
    double square = 0;
    for (double x : sum)
      square += x * x;
    if (!(square > 0))
      continue;
    typical person;
    person.likes.resize(sum.size());
    std::ranges::transform(sum, person.likes.begin(), [&](double x) { return static_cast<float>(x / std::sqrt(square)); });
    person.slate = slate_of(view, person.likes, slots);
    person.threshold = person.slate.empty() ? 0 : std::max(0.0f, person.slate.back().score);
    people_.push_back(std::move(person));
  }
  weigh(seen, rounds);
}

void audience::calibrate(std::span<const experience> known, splitmix64& g) {
  offset_ = -0.2 * uniform01(g);
  if (known.empty())
    return;
  std::vector<double> dots(known.size() * people_.size());
  for (std::size_t i = 0; i < known.size(); ++i)
    for (std::size_t k = 0; k < people_.size(); ++k)
      dots[i * people_.size() + k] = ball::dot(known[i].e, people_[k].likes);
  double least = 1e300, best_offset = 0, best_softness = softness_;
  for (double softness : {0.01, 0.03, 0.08})
    for (double offset = -0.3; offset < 0.125; offset += 0.05) {
      offset_ = offset;
      softness_ = softness;
      double wrong = 0;
      for (std::size_t i = 0; i < known.size(); ++i) {
        const double miss = guess(std::span(dots).subspan(i * people_.size(), people_.size())) - known[i].visibility;
        wrong += miss * miss;
      }
      if (wrong < least) {
        least = wrong;
        best_offset = offset;
        best_softness = softness;
      }
    }
  offset_ = best_offset;
  softness_ = best_softness;
  reweigh(known, dots);
}

void audience::reweigh(std::span<const experience> known, std::span<const double> dots) {
  constexpr double doubt = 0.02;
  for (int pass = 0; pass < 3; ++pass)
    for (std::size_t i = 0; i < known.size(); ++i) {
      const auto of_i = dots.subspan(i * people_.size(), people_.size());
      double all = 0;
      for (const auto& person : people_)
        all += person.weight;
      const double guessed = guess(of_i), seen = known[i].visibility;
      const double shown = (seen + doubt) / (guessed + doubt);
      const double not_shown = (std::max(0.0, all - seen) + doubt) / (std::max(0.0, all - guessed) + doubt);
      for (std::size_t k = 0; k < people_.size(); ++k) {
        const double c = chance(people_[k], of_i[k]);
        people_[k].weight *= c * shown + (1 - c) * not_shown;
      }
    }
}

double audience::chance(const typical& person, double dot) const {
  return 1 / (1 + std::exp(std::clamp((person.threshold + offset_ - dot) / softness_, -30.0, 30.0)));
}

void audience::weigh(std::span<const exposure> seen, double rounds) {
  std::vector<std::vector<std::size_t>> rows(people_.size()); // which of the seen creations a person's slate shows
  for (std::size_t k = 0; k < people_.size(); ++k)
    for (const scored& s : people_[k].slate)
      if (const auto at = std::ranges::find(seen, s.creation, &exposure::creation); at != seen.end())
        rows[k].push_back(static_cast<std::size_t>(at - seen.begin()));
  for (auto& person : people_)
    person.weight = 1.0 / static_cast<double>(people_.size());
  std::vector<double> explained(seen.size());
  for (int i = 0; i < iterations; ++i) {
    std::ranges::fill(explained, 1e-9);
    for (std::size_t k = 0; k < people_.size(); ++k)
      for (auto row : rows[k])
        explained[row] += people_[k].weight;
    for (std::size_t k = 0; k < people_.size(); ++k) {
      double ratio = 0; // creations of the slate that nobody saw count as 0
      for (auto row : rows[k])
        ratio += static_cast<double>(seen[row].impressions) / rounds / explained[row];
      people_[k].weight *= ratio / static_cast<double>(std::max<std::size_t>(1, people_[k].slate.size()));
    }
  }
  std::ranges::stable_sort(people_, std::greater{}, &typical::weight);
  people_.resize(std::min(most, people_.size()));
}

double audience::guess(std::span<const double> dots) const {
  double sum = 0;
  for (std::size_t k = 0; k < people_.size(); ++k)
    sum += people_[k].weight * chance(people_[k], dots[k]);
  return sum;
}

std::span<const float> audience::someone(splitmix64& g) const {
  double all = 0;
  for (const auto& person : people_)
    all += person.weight;
  double left = uniform01(g) * all;
  for (const auto& person : people_)
    if ((left -= person.weight) < 0)
      return person.likes;
  return people_.back().likes;
}

double audience::visibility_at(std::span<const float> x) const {
  std::vector<double> dots(people_.size());
  for (std::size_t k = 0; k < dots.size(); ++k)
    dots[k] = ball::dot(x, people_[k].likes);
  return guess(dots);
}

struct audience::place {
  std::vector<float> x;
  std::vector<double> dots;     ///< with each person's likes
  double square = 0, facts = 0; ///< with itself, with the facts
  double utility = -1e300;
};

audience::place audience::at(std::vector<float> x) const {
  place p{std::move(x), std::vector<double>(people_.size())};
  p.square = ball::dot(p.x, p.x);
  p.facts = ball::dot(p.x, view_.grounded);
  for (std::size_t k = 0; k < people_.size(); ++k)
    p.dots[k] = ball::dot(p.x, people_[k].likes);
  p.utility = utility(p.dots, p.square, p.facts);
  return p;
}

double audience::utility(std::span<const double> dots, double square, double facts) const {
  return guess(dots) - view_.config.lambda * (square - 2 * facts + facts_.square) / 2;
}

std::vector<float> audience::best_response(std::span<const float> from) const {
  place best = climbed(at({from.begin(), from.end()}));
  for (place& start : promising())
    if (place p = climbed(std::move(start)); p.utility > best.utility)
      best = std::move(p);
  return std::move(best.x);
}

std::vector<audience::place> audience::promising() const {
  std::vector<std::pair<double, std::vector<float>>> found;
  for (const auto& person : people_) {
    double highest = -1e300;
    std::vector<float> best;
    for (double t : {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}) {
      auto x = ball::between(view_.grounded, person.likes, t, view_.config.norm_cap);
      const double u = visibility_at(x) - view_.config.lambda * view_.error_of(x);
      if (u > highest) {
        highest = u;
        best = std::move(x);
      }
    }
    found.emplace_back(-highest, std::move(best));
  }
  std::ranges::sort(found);
  std::vector<place> out;
  for (std::size_t i = 0; i < std::min<std::size_t>(starts, found.size()); ++i)
    out.push_back(at(std::move(found[i].second)));
  return out;
}

audience::place audience::climbed(place here) const {
  std::vector<double> dots(people_.size());
  for (int steps = 0; steps < most_steps; ++steps) {
    double best = here.utility + 1e-9, length = 0;
    const typical* towards = nullptr;
    for (std::size_t j = 0; j < people_.size(); ++j) { // one more person, by the shortest way
      const double l = people_[j].threshold + offset_ + margin_ - here.dots[j];
      if (l <= 0)
        continue;
      const double square = here.square + 2 * l * here.dots[j] + l * l;
      const double shrink = std::min(1.0, view_.config.norm_cap / std::sqrt(square));
      for (std::size_t k = 0; k < dots.size(); ++k)
        dots[k] = shrink * (here.dots[k] + l * gram_[j * people_.size() + k]);
      if (const double u = utility(dots, shrink * shrink * square, shrink * (here.facts + l * facts_.dots[j])); u > best) {
        best = u;
        length = l;
        towards = &people_[j];
      }
    }
    for (double t : {0.02, 0.1, 0.3}) { // or back towards the facts
      for (std::size_t k = 0; k < dots.size(); ++k)
        dots[k] = (1 - t) * here.dots[k] + t * facts_.dots[k];
      const double square = (1 - t) * (1 - t) * here.square + 2 * t * (1 - t) * here.facts + t * t * facts_.square;
      if (const double u = utility(dots, square, (1 - t) * here.facts + t * facts_.square); u > best) {
        best = u;
        length = t;
        towards = nullptr;
      }
    }
    if (length == 0)
      break;
    here = at(towards ? ball::along(here.x, towards->likes, length, view_.config.norm_cap)
                      : ball::between(here.x, view_.grounded, length, view_.config.norm_cap));
  }
  return here;
}

} // namespace ammo
