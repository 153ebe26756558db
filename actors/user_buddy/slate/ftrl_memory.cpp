#include "actors/user_buddy/slate/ftrl_memory.hpp"

#include <algorithm>
#include <utility>

namespace ammo {

namespace {

std::pair<subspace_id, std::uint32_t> place_of(creation_id id) noexcept { return {subspace_of(id), row_of(id)}; }

} // namespace

std::unique_ptr<ftrl_memory> ftrl_memory::restored(const ftrl_state& s) {
  auto learner = hybrid_ftrl::restored(s.losses, s.marginals, s.level, s.rounds);
  const auto possible = [](const awaited_marginal& a) { return a.marginal > 0 && a.marginal <= 1; };
  if (!learner || s.arms.size() != s.losses.size() || !std::ranges::is_sorted(s.arms, {}, place_of) ||
      !std::ranges::all_of(s.awaited, possible))
    return nullptr;
  auto memory = std::make_unique<ftrl_memory>();
  memory->learner_ = std::move(*learner);
  memory->arms_ = s.arms;
  memory->awaited_ = s.awaited;
  return memory;
}

void ftrl_memory::renew(snapshots_view snapshots) {
  std::vector<creation_id> arms;
  for (const auto& s : snapshots)
    for (std::uint32_t row = 0; row < s->rows(); ++row)
      if (const creation_id id = s->info(row).id; id != no_creation)
        arms.push_back(id);
  std::vector<std::size_t> origin(arms.size(), hybrid_ftrl::new_arm);
  std::size_t old = 0;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    while (old < arms_.size() && place_of(arms_[old]) < place_of(arms[i]))
      ++old;
    if (old < arms_.size() && arms_[old] == arms[i])
      origin[i] = old;
  }
  learner_.renew(origin);
  arms_ = std::move(arms);
}

std::vector<std::uint8_t> ftrl_memory::awake(snapshots_view snapshots, const eligibility& who) const {
  std::vector<std::uint8_t> out;
  out.reserve(arms_.size());
  auto home = snapshots.begin();
  for (creation_id arm : arms_) { // one of a state that was damaged may live nowhere
    while (home != snapshots.end() && (*home)->subspace() < subspace_of(arm))
      ++home;
    out.push_back(home != snapshots.end() && who.includes(**home, arm));
  }
  return out;
}

ranking ftrl_memory::choose(std::uint64_t round, std::size_t slots, std::size_t n, splitmix64 g, snapshots_view snapshots,
                            const eligibility* who) {
  const auto eligible = who ? awake(snapshots, *who) : std::vector<std::uint8_t>{};
  learner_.begin(slots, eligible);
  const auto x = learner_.marginals();
  const auto likelier = [&](std::uint32_t a, std::uint32_t b) { return x[a] != x[b] ? x[a] > x[b] : a < b; };
  auto order = learner_.draw(g);
  const auto drawn = static_cast<std::ptrdiff_t>(order.size());
  for (std::uint32_t arm : order)
    awaited_.push_back({round, arms_[arm], x[arm]});
  std::ranges::sort(order, likelier);
  if (std::min(n, arms_.size()) > order.size()) {
    std::vector<std::uint8_t> taken(arms_.size(), 0);
    for (std::uint32_t arm : order)
      taken[arm] = 1;
    for (std::uint32_t arm = 0; arm < arms_.size(); ++arm)
      if (!taken[arm] && (eligible.empty() || eligible[arm]))
        order.push_back(arm);
    n = std::min(n, order.size());
    std::partial_sort(order.begin() + drawn, order.begin() + static_cast<std::ptrdiff_t>(n), order.end(), likelier);
    order.resize(n);
  }
  ranking slate;
  for (std::uint32_t arm : order)
    slate.push_back({arms_[arm], 1.0f - static_cast<float>(slate.size()) / static_cast<float>(order.size())});
  return slate;
}

chances ftrl_memory::last(std::uint64_t round) const {
  chances told;
  for (auto s = awaited_.rbegin(); s != awaited_.rend() && s->round == round; ++s)
    told.push_back({s->creation, {static_cast<float>(s->marginal), propensity_source::exact}});
  return told;
}

void ftrl_memory::learn(const awaited_marginal& s, double reward) noexcept {
  const auto at = std::ranges::lower_bound(arms_, place_of(s.creation), {}, place_of);
  if (at != arms_.end() && *at == s.creation)
    learner_.learn(static_cast<std::size_t>(at - arms_.begin()), -std::clamp(reward, -1.0, 1.0), s.marginal);
}

void ftrl_memory::learn(std::uint64_t round, std::span<const earned> entries) {
  for (const earned& e : entries) {
    const auto s = std::ranges::find_if(
      awaited_, [&](const awaited_marginal& w) { return w.round == round && w.creation == e.creation; });
    if (s == awaited_.end())
      continue;
    learn(*s, static_cast<float>(e.reward));
    awaited_.erase(s);
  }
}

void ftrl_memory::forget(const slate_memory& slates) {
  auto s = awaited_.begin();
  for (; s != awaited_.end() && !slates.knows(s->round); ++s)
    learn(*s, 0);
  awaited_.erase(awaited_.begin(), s);
}

void ftrl_memory::save(policy_state& to) const {
  const auto losses = learner_.losses(), marginals = learner_.marginals();
  to.ftrl = {{arms_, {losses.begin(), losses.end()}, {marginals.begin(), marginals.end()}, learner_.level(),
              learner_.rounds(), awaited_}};
}

} // namespace ammo
