// What a User Buddy believes of its last slate, and of what is new.
#include "actors/user_buddy/user_mind.hpp"

#include "actors/space/regret.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace ammo {

namespace {

template <class T, std::size_t Inline>
using scratch = boost::container::small_vector<T, Inline>;

scratch<float, 16> scores_of(const auto& ranked) {
  scratch<float, 16> scores;
  for (const scored& s : ranked)
    scores.push_back(s.score);
  return scores;
}

} // namespace

bool user_mind::would_enter(std::span<const creation_id> fresh, std::uint32_t n) const {
  const coordinates q = mean();
  if (std::ranges::all_of(q, [](float x) { return x == 0; }))
    return false;
  const auto m = span_of(q);
  const auto worth_it = [&](creation_id id) {
    const catalogue_version* s = catalogues_.live_in(id);
    return s && may_show(asked_.eligible.get(), *s, id) && s->dot(row_of(id), part_of(m, *s)) >= least(subspace_of(id));
  };
  scratch<creation_id, 16> worthy;
  std::ranges::copy_if(fresh, std::back_inserter(worthy), worth_it);
  if (worthy.empty() || n == 0)
    return false;
  const ranking slate = best(m, std::min<std::size_t>(n, max_slots));
  return std::ranges::any_of(slate, [&](const scored& s) {
    return std::ranges::find(worthy, s.creation) != worthy.end();
  });
}

belief user_mind::believe() const {
  const coordinates m = mean();
  belief b{.user = user_, .rounds = rounds_, .observations = observations_, .mean = {{m.begin(), m.end()}}, .group_regret = heard_regret_, .rewards = {}};
  for (std::size_t factor = 0; factor < config_->space.factors().size(); ++factor) {
    auto f = belief_->facts(factor);
    b.rewards.push_back({std::string(f.kind), f.offset, f.noise, f.restarts, std::move(f.looks), f.apart});
  }
  believe_regret(b, span_of(m));
  const double unit = belief_->unit(0); // of the only factor; where there are several, values are rewards already
  for (float& x : b.mean.values)
    x = static_cast<float>(x * unit);
  b.believed_regret *= unit;
  b.regret_bound *= unit;
  return b;
}

float user_mind::half_width(creation_id creation) const {
  const std::size_t factor = config_->space.factor_of(subspace_of(creation));
  coordinates e(config_->space.factors()[factor].width, boost::container::default_init);
  catalogues_.embed(config_->space, creation, span_of(e));
  return static_cast<float>(two_sided_95) * static_cast<float>(config_->noise) * belief_->width(factor, span_of(e));
}

ranking user_mind::best_possible(std::span<const float> m, std::span<const creation_id> shown,
                                 std::size_t n) const {
  ranking possible;
  for (const auto& s : catalogues_.newest())
    for (std::uint32_t row = 0; row < s->rows(); ++row) {
      const creation_id id = s->info(row).id;
      if (id == no_creation)
        continue;
      const bool is_shown = std::ranges::find(shown, id) != shown.end();
      if (!is_shown && !may_show(asked_.eligible.get(), *s, id))
        continue;
      const float width = half_width(id);
      possible.push_back({id, s->dot(row, part_of(m, *s)) + (is_shown ? -width : width)});
    }
  std::ranges::sort(possible, better);
  possible.resize(std::min(n, possible.size()));
  return possible;
}

float user_mind::value_of_gone(creation_id creation, std::span<const float> m) const {
  const block& b = config_->space.factors()[config_->space.factor_of(subspace_of(creation))];
  coordinates e(b.width, boost::container::default_init);
  catalogues_.embed(config_->space, creation, span_of(e));
  return std::inner_product(e.begin(), e.end(), m.begin() + b.offset, 0.0f);
}

void user_mind::believe_regret(belief& b, std::span<const float> m) const {
  const auto slate = slates_.last();
  // An empty slot is worth what it is said to be worth, so all that counts is what a creation is worth beyond that.
  const auto empty = [&](creation_id id) { return config_->exactly ? 0.0f : least(subspace_of(id)); };
  scratch<float, 16> likely, lowest;
  for (creation_id id : slate) {
    if (const catalogue_version* s = catalogues_.live_in(id))
      likely.push_back(s->dot(row_of(id), part_of(m, *s)) - empty(id));
    else if (slates_.awaits(id) && catalogues_.knows(id))
      likely.push_back(value_of_gone(id, m) - empty(id));
    else
      continue;
    lowest.push_back(likely.back() - half_width(id));
  }
  const std::size_t n = slates_.last_slots() - (slate.size() - likely.size());
  const auto regret = [&](ranking comparator, const scratch<float, 16>& got) {
    for (scored& s : comparator)
      s.score -= empty(s.creation);
    return regret_of(span_of(scores_of(comparator)), span_of(got), config_->exactly).slate;
  };
  b.believed_regret = regret(best(m, n), likely);
  b.regret_bound = regret(best_possible(m, span_of(slate), n), lowest);
}

} // namespace ammo
