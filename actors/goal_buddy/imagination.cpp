/// How an audience imagines other people: what one of them might like instead.
#include "actors/goal_buddy/audience.hpp"
#include "actors/space/ball.hpp"

namespace ammo {
namespace {

constexpr std::size_t neighbourhood = 32; ///< creations
constexpr double most_liked_log2 = 5;     ///< of the creations of a mixture

/// Log-uniform on [least, least·ratio).
double scale_of(double least, double ratio, splitmix64& g) { return least * std::pow(ratio, uniform01(g)); }

} // namespace

std::vector<std::uint32_t> audience::neighbours(std::span<const float> x, std::size_t n) const {
  std::array<scored, 64> found;
  std::vector<std::uint32_t> rows;
  const auto most = top_n(*now_, x, std::min(n, found.size()), found);
  for (const scored& s : std::span(found).first(most))
    if (s.creation != mine_)
      rows.push_back(row_of(s.creation));
  return rows;
}

std::uint32_t audience::near(std::span<const float> x, std::size_t n, splitmix64& g) const {
  const auto rows = neighbours(x, n);
  return rows.empty() ? seen_[g() % seen_.size()] : rows[g() % rows.size()];
}

/// As often as it was seen, or by how much more often than explained.
std::uint32_t audience::drawn(bool unexplained, splitmix64& g) const {
  const auto weight = [&](std::uint32_t row) {
    const auto& c = creations_[row];
    return unexplained ? std::max(0.0f, c.seen - c.guessed) : c.seen;
  };
  double all = 0;
  for (auto row : seen_)
    all += weight(row);
  double left = uniform01(g) * all;
  for (auto row : seen_)
    if ((left -= weight(row)) < 0)
      return row;
  return seen_.front();
}

audience::vec audience::mixture(splitmix64& g) const {
  const auto liked = static_cast<int>(std::exp2(uniform01(g) * most_liked_log2));
  const auto& first = creations_[drawn(!who_.empty(), g)].e;
  const std::size_t close = 2 + g() % 40;
  const bool anything = uniform01(g) < 0.3;
  vec likes = first;
  for (int i = 1; i < liked; ++i)
    ball::add(likes, creations_[anything && g() % 2 ? drawn(false, g) : near(first, close, g)].e, 1);
  ball::rescale(likes, 1);
  return likes;
}

/// What makes e·likes the mean rewards around a creation and some others: Kaczmarz's steps, shorter for what is far or
/// seldom seen, from the middle.
audience::vec audience::explanation(splitmix64& g) const {
  const auto& middle = creations_[drawn(false, g)].e;
  const double width = uniform01(g) < 0.5 ? 2 : 0.2 + 0.6 * uniform01(g);
  auto rows = neighbours(middle, neighbourhood);
  std::erase_if(rows, [&](std::uint32_t row) { return creations_[row].seen <= 0; });
  for (int i = 0; i < 16; ++i)
    rows.push_back(drawn(false, g));
  vec likes(dim_);
  for (auto row : rows)
    ball::add(likes, creations_[row].e, 1);
  ball::rescale(likes, 1);
  for (int sweep = 0; sweep < 8; ++sweep)
    for (auto row : rows) {
      const auto& c = creations_[row];
      const double weight = c.seen * std::exp(-ball::squared_distance(c.e, middle) / (2 * width * width));
      ball::add(likes, c.e, 0.5 * weight / (weight + 0.3) * (c.mean - ball::quick_dot(c.e, likes)));
    }
  ball::rescale(likes, 1);
  return likes;
}

/// Likes a creation more or less.
void audience::push(vec& likes, const person& p, splitmix64& g) const {
  const double u = uniform01(g);
  const auto row = u < 0.5              ? near(likes, neighbourhood, g)
                   : u < 0.8 && p.shown ? near(creations_[p.rows[g() % p.shown]].e, neighbourhood, g)
                                        : drawn(u < 0.9, g);
  const double by = scale_of(0.02, 30, g);
  ball::add(likes, creations_[row].e, uniform01(g) < 0.35 ? -by : by);
  ball::rescale(likes, 1);
}

/// Closer to liking the slate as it was rewarded.
audience::vec audience::rewarded(const person& p, double rate) const {
  vec likes = p.likes;
  for (int sweep = 0; sweep < 3; ++sweep)
    for (std::size_t i = 0; i < p.shown; ++i)
      if (const auto& c = creations_[p.rows[i]]; c.seen > 0)
        ball::add(likes, c.e, rate * (c.mean - ball::quick_dot(c.e, likes)));
  ball::rescale(likes, 1);
  return likes;
}

audience::vec audience::changed(const person& p, splitmix64& g) const {
  const double u = uniform01(g);
  if (u >= 0.94)
    return mixture(g);
  if (u >= 0.88)
    return explanation(g);
  if (u >= 0.6 && u < 0.8)
    return rewarded(p, 0.5 * uniform01(g));
  vec likes = u < 0.6 ? p.likes : who_[g() % who_.size()].likes;
  push(likes, p, g);
  if (u < 0.3)
    push(likes, p, g);
  return likes;
}

/// The part of p's likes that is orthogonal to its slate, turned towards something; length and scores stay.
audience::vec audience::turned(const person& p, vec towards, double by) const {
  std::vector<vec> basis; // of the slate, by Gram and Schmidt
  vec free = p.likes;
  const auto without = [](vec& x, const vec& e) { ball::add(x, e, -ball::dot(x, e)); };
  for (std::size_t i = 0; i < p.shown; ++i) {
    vec e = creations_[p.rows[i]].e;
    for (const vec& b : basis)
      without(e, b);
    if (ball::norm(e) < 1e-3)
      continue;
    ball::rescale(e, 1);
    without(free, e);
    without(towards, e);
    basis.push_back(std::move(e));
  }
  const double length = ball::norm(free);
  vec likes = p.likes;
  ball::add(likes, free, -1);
  ball::rescale(towards, by * length);
  ball::add(free, towards, 1);
  ball::rescale(free, length);
  ball::add(likes, free, 1);
  return likes;
}

void audience::turn(std::size_t j, std::span<const std::size_t> close, splitmix64& g) {
  double by = scale_of(0.03, 40, g);
  vec towards;
  if (const double u = uniform01(g); u < 0.7) { // some place, rather a recent one
    const auto& p = places_[places_.size() - 1 - g() % (1 + g() % places_.size())];
    const auto t = static_cast<std::size_t>(&p - places_.data());
    const double fewer = p.guessed - p.viewers;
    const bool away = fewer > 0 || (fewer == 0 && g() % 2 == 0);
    for (int i = 0; i < 6 && fewer != 0 && (who_[j].scores_there[t] > who_[j].least) != away; ++i)
      j = close.empty() ? g() % who_.size() : close[g() % close.size()];
    towards = p.e;
    by = away ? -by : by;
  } else {
    towards = u < 0.85 ? creations_[near(who_[j].likes, neighbourhood, g)].e : ball::direction(g, dim_);
  }
  replace(j, turned(who_[j], std::move(towards), by), 1, g);
}

} // namespace ammo
