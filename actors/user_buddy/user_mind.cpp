#include "actors/user_buddy/user_mind.hpp"

#include "actors/user_buddy/person/learner.hpp"
#include "actors/user_buddy/slate/diverse_slate.hpp"
#include "actors/user_buddy/slate/fill_allowed.hpp"
#include "actors/user_buddy/slate/one_of_each.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <ranges>
#include <string>

namespace ammo {

namespace {

/// Most candidates of a subspace among which a diverse slate is looked for.
constexpr std::size_t most_pooled = 64;
/// A classic belief takes rewards of known scale.
constexpr double largest_reward = 1e15, largest_classic_reward = 1e3;
/// What is gone and no longer referred to is let go of once in so many rounds.
constexpr std::uint64_t rounds_between_releases = 16;

template <class T, std::size_t Inline>
using scratch = boost::container::small_vector<T, Inline>;

} // namespace

user_mind::user_mind(std::shared_ptr<const user_config> config, user_id user) : user_mind(user, std::move(config)) {
  assert(config_ && config_->noise > 0);
  assert(config_->policy != user_policy::host || config_->host);
  belief_ = config_->newcomer && !config_->prior ? config_->newcomer->clone() : learner_of(*config_);
  memory_ = policy().memory();
}

const slate_policy& user_mind::policy() const noexcept {
  return config_->policy == user_policy::host ? *config_->host : policy_of(config_->policy);
}

std::vector<creation_id> user_mind::referred() const {
  std::vector<creation_id> all;
  slates_.refer(all);
  belief_->refer(all);
  return all;
}

void user_mind::see(std::span<const std::shared_ptr<const catalogue_version>> snapshots) {
  const auto is_newer = [&](const auto& s) { return s && s->version() > this->seen(s->subspace()); };
  if (std::ranges::none_of(snapshots, is_newer))
    return;
  const layout& space = config_->space;
  auto seen = catalogues_;
  bool newer = false;
  for (const auto& snapshot : snapshots) {
    if (!snapshot || raw(snapshot->subspace()) >= space.size() ||
        snapshot->coordinates() != space.coordinates(snapshot->subspace()))
      continue;
    const bool looks = seen.keeps() || seen.newest(snapshot->subspace());
    const auto still = looks ? referred() : std::vector<creation_id>{};
    if (!seen.see(snapshot, still, *config_->embeddings))
      continue;
    if (seen.keeps())
      seen.keep_only(still);
    newer = true;
  }
  if (!newer)
    return;
  auto memory = memory_;
  if (memory)
    memory->renew(seen.newest());
  catalogues_ = std::move(seen);
  memory_ = std::move(memory);
}

coordinates user_mind::mean() const {
  coordinates q(config_->space.dim(), 0.0f);
  catch_up();
  const auto& factors = config_->space.factors();
  for (std::size_t f = 0; f < factors.size(); ++f)
    belief_->mean(f, span_of(q).subspan(factors[f].offset, factors[f].width));
  return q;
}

void user_mind::catch_up() const { belief_->catch_up(lookup(config_->space, catalogues_)); }

ranking user_mind::best(std::span<const float> q, std::size_t n) const {
  return best_slate(*config_, catalogues_.newest(), q, n, asked_.eligible.get());
}

slate_view user_mind::view_of(std::uint64_t round, const slate_wish& w, std::size_t n, chances* told) const {
  return {.space = config_->space, .options = *config_, .believed = *belief_, .explores = explores(), .noise = config_->noise, .user = user_, .round = round, .slots = w.n, .n = n, .snapshots = catalogues_.newest(), .told = told, .eligible = asked_.eligible.get(), .situation = w.situation, .fills = config_->exactly};
}

void user_mind::attend(const slate_wish& w) {
  belief_->situate(w.situation);
  catch_up();
  asked_.anew = w.why != occasion::push && !(same(asked_.said, w.eligible) && asked_.at_most == w.at_most);
  if (w.why != occasion::push) {
    asked_.said = w.eligible;
    asked_.at_most = w.at_most;
  }
  asked_.eligible = asked_.said;
  if (asked_.at_most.times == 0)
    return;
  if (!showings_)
    showings_ = boxed(showing_log{});
  if (auto over = showings_->over(asked_.at_most, w.now_s, catalogues_); !over.empty())
    asked_.eligible = eligibility::without(asked_.said, std::move(over));
}

void user_mind::granted(std::uint64_t round, std::span<const impression> shown) {
  if (showings_)
    showings_->granted(round, shown);
}

/// How many creations are chosen, of which a slate is made.
std::size_t user_mind::pool_of(std::size_t slots) const {
  const std::size_t n = std::min(most_candidates, slots + config_->spare_candidates);
  return diverse() ? std::max(n, std::min(most_pooled, 4 * slots)) : n;
}

host_choice_made user_mind::ask_host(const slate_wish& w, std::uint64_t ahead) {
  host_choice_made made;
  attend(w);
  made.chosen = config_->host->choose(view_of(rounds_ + 1 + ahead, w, pool_of(w.n), alone() ? &made.told : nullptr));
  return made;
}

/// Somebody who has disliked everything is shown something again now and then.
bool user_mind::tries_again(std::uint64_t round, const slate_wish& w) const noexcept {
  if (config_->exactly || w.why == occasion::push || memory_ || config_->policy == user_policy::host)
    return false;
  splitmix64 g = generator(config_->seed, stream::retry, raw(user_), round);
  return uniform01(g) < config_->empty_slate_retry;
}

bool user_mind::controls(std::uint64_t round, const slate_wish& w) const noexcept {
  if (!(config_->control_share > 0) || w.why == occasion::push) // nobody is disturbed at random
    return false;
  splitmix64 g = generator(config_->seed, stream::control, raw(user_), round);
  return uniform01(g) < config_->control_share;
}

ranking user_mind::choose_for_control(std::uint64_t round, const slate_wish& w, chances& told) const {
  const std::size_t n = std::min(most_candidates, std::size_t{w.n} + config_->spare_candidates);
  const bool exact = config_->spare_candidates == 0;
  ranking drawn = policy_of(user_policy::uniform).choose(view_of(round, w, n, exact ? &told : nullptr));
  for (chance& c : told)
    c.of.source = propensity_source::control;
  if (!exact)
    for (const scored& s : drawn)
      told.push_back({s.creation, {0, propensity_source::control}});
  return drawn;
}

ranking user_mind::choose(std::uint64_t round, const slate_wish& w, errc& fault, chances& told, bool& by_chance, const slate_policy* host) {
  if (controls(round, w)) {
    by_chance = true;
    return choose_for_control(round, w, told);
  }
  slate_view view = view_of(round, w, pool_of(w.n), alone() ? &told : nullptr);
  view.memory = memory_.get();
  ranking chosen = config_->policy == user_policy::host ? host_choice(host ? *host : *config_->host, view, fault)
                                                        : choose_one_of_each(policy(), view);
  by_chance = config_->policy != user_policy::host && policy().by_chance(view);
  if (chosen.empty() && tries_again(round, w)) {
    told.clear();
    view.told = nullptr; // how likely that it would be empty nobody knows
    view.fills = true;
    by_chance = true;
    chosen = choose_one_of_each(policy(), view);
  }
  fill_allowed(chosen, view);
  if (!diverse())
    return chosen;
  const std::size_t n = std::min(most_candidates, std::size_t{w.n} + config_->spare_candidates);
  return diversified(chosen, config_->space, catalogues_.newest(), config_->spare_candidates > 0 ? chosen.size() : n,
                     static_cast<float>(config_->diversity));
}

result<void> user_mind::can_propose(std::uint32_t n) const {
  if (n == 0)
    return errc::no_slots;
  if (n > max_slots)
    return {errc::too_many_slots, std::to_string(n) + " slots asked, at most " + std::to_string(max_slots)};
  if (catalogues_.newest().empty())
    return errc::no_catalogue;
  return {};
}

result<slate_proposal> user_mind::propose(const slate_wish& w, errc* policy_fault, const slate_policy* host) {
  if (w.situation > most_situations)
    return errc::bad_value;
  if (auto fine = can_propose(w.n); !fine)
    return fine.error();
  auto before = asked_;
  auto memory = memory_;
  const auto situation = belief_->situation();
  const bool counted = static_cast<bool>(showings_);
  try {
    return proposed(w, policy_fault, host);
  } catch (...) {
    asked_ = std::move(before);
    memory_ = std::move(memory);
    if (counted)
      showings_->granted(rounds_ + 1, {});
    else
      showings_ = {};
    belief_->situate(situation);
    throw;
  }
}

slate_proposal user_mind::proposed(const slate_wish& w, errc* policy_fault, const slate_policy* host) {
  slate_proposal p{user_, rounds_ + 1, w.why, w.request, w.n, {}, 0};
  errc fault = errc::ok;
  chances told;
  bool by_chance = false;
  attend(w);
  const ranking chosen = choose(p.round, w, fault, told, by_chance, host);
  if (policy_fault)
    *policy_fault = fault;
  p.candidates.resize(chosen.size());
  std::ranges::transform(chosen, p.candidates.begin(), [&](const scored& s) {
    const auto likely = std::ranges::find(told, s.creation, &chance::creation);
    return candidate{s.creation, s.score, likely == told.end() ? propensity{} : likely->of};
  });
  if (splitmix64 g = generator(config_->seed, stream::slots, raw(user_), p.round);
      config_->policy != user_policy::host && belief_->shuffles(g)) // a host says the order
    p.shuffle = g() | 1;
  if (showings_) {
    p.wants_grant = config_->spare_candidates > 0;
    showings_->proposed(p.round, span_of(p.candidates), w.n, !p.wants_grant, w.now_s, catalogues_);
  }
  count(p, w.situation, by_chance);
  if (showings_) {
    if (asked_.at_most.times > 0)
      showings_->keep(asked_.at_most.within_s);
    showings_->forget_old(w.now_s);
  }
  return p;
}

void user_mind::count(const slate_proposal& p, std::uint32_t situation, bool by_chance) {
  slates_.remember(p.round, span_of(p.candidates), p.slots, config_->remembered_slates,
                   {p.shuffle != 0, by_chance, static_cast<std::uint8_t>(situation)});
  if (memory_)
    memory_->forget(slates_);
  ++rounds_;
  if (catalogues_.keeps() && rounds_ % rounds_between_releases == 0)
    try {
      catalogues_.keep_only(referred());
    } catch (...) { // later, then
    }
}

errc user_mind::check(const reward& r) const noexcept {
  if (r.user != user_)
    return errc::unknown_user;
  if (r.round == 0 || r.round > rounds_)
    return errc::feedback_not_shown;
  if (!slates_.knows(r.round))
    return errc::feedback_late;
  for (auto e = r.entries.begin(); e != r.entries.end(); ++e) {
    const auto standing = slates_.of(r.round, e->creation);
    if (standing == slate_memory::standing::not_in_slate || !catalogues_.knows(e->creation))
      return errc::unknown_creation;
    if (standing == slate_memory::standing::learned ||
        std::any_of(r.entries.begin(), e, [&](const earned& other) { return other.creation == e->creation; }))
      return errc::feedback_twice;
    if (!std::isfinite(e->reward))
      return errc::not_finite;
    if (std::abs(e->reward) > (config_->learner == user_learner::classic ? largest_classic_reward : largest_reward))
      return errc::reward_out_of_range;
  }
  return errc::ok;
}

bool user_mind::learn(std::uint64_t round, std::span<const observation> all) {
  const lookup where(config_->space, catalogues_);
  const auto slate = slates_.of(round);
  return belief_->learn(*config_, {round, all, slates_.oldest_awaited(rounds_ + 1), slate.shuffled, slate.situation}, where);
}

errc user_mind::learn(const reward& r) {
  if (const errc refused = check(r); refused != errc::ok)
    return refused;
  scratch<observation, 8> all;
  for (const earned& entry : r.entries)
    all.push_back({entry.creation, no_creation, entry.reward, entry.slot});
  if (!learn(r.round, span_of(all)))
    return errc::posterior_not_definite;
  for (const earned& entry : r.entries)
    slates_.mark_learned(r.round, entry.creation);
  if (memory_)
    memory_->learn(r.round, span_of(r.entries));
  observations_ += r.entries.size();
  return errc::ok;
}

errc user_mind::check(const comparison& c) const noexcept {
  if (c.better == c.worse || !belief_->compares())
    return errc::bad_value;
  for (const auto& [round, creation] : {std::pair(c.better_round, c.better), std::pair(c.worse_round, c.worse)}) {
    const reward alone{.user = c.user, .round = round, .entries = {{creation, 0}}};
    if (const errc refused = check(alone); refused != errc::ok)
      return refused;
  }
  return errc::ok;
}

errc user_mind::learn(const comparison& c) {
  if (const errc refused = check(c); refused != errc::ok)
    return refused;
  const auto factor_of = [&](creation_id id) { return config_->space.factor_of(subspace_of(id)); };
  scratch<observation, 2> all{{c.better, c.worse, 1, 0}};
  if (factor_of(c.better) != factor_of(c.worse)) // each factor learns its own part
    all.push_back({c.worse, c.better, 0, 0});
  if (!learn(std::max(c.better_round, c.worse_round), span_of(all)))
    return errc::posterior_not_definite;
  slates_.mark_learned(c.better_round, c.better);
  slates_.mark_learned(c.worse_round, c.worse);
  ++observations_;
  return errc::ok;
}

errc user_mind::take_interest(subspace_id subspace, std::span<const float> v, double confidence, std::uint32_t situation) {
  if (raw(subspace) >= config_->space.size())
    return errc::unknown_subspace;
  const block b = config_->space.within_factor(subspace);
  if (v.size() != b.width)
    return errc::wrong_dimension;
  if (!(confidence > 0 && confidence <= 0.99) || situation > most_situations)
    return errc::bad_value;
  const double norm = std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
  if (!(norm > 0 && std::isfinite(norm)))
    return errc::not_finite;
  const std::size_t factor = config_->space.factor_of(subspace);
  std::vector<float> direction(config_->space.factors()[factor].width);
  std::ranges::transform(v, direction.begin() + b.offset, [norm](float x) { return static_cast<float>(x / norm); });
  const lookup where(config_->space, catalogues_);
  return belief_->take(*config_, factor, {direction, b, confidence, situation}, where) ? errc::ok : errc::posterior_not_definite;
}

bool user_mind::hear(subspace_id subspace, const shared_consensus& group) {
  const layout& space = config_->space;
  if (!(config_->group_weight > 0) || raw(subspace) >= space.size())
    return false;
  const std::size_t factor = space.factor_of(subspace);
  const auto shared = [&](std::size_t s) { return space.factor_of(subspace_id{static_cast<std::uint16_t>(s)}) == factor; };
  return std::ranges::count_if(std::views::iota(std::size_t{0}, space.size()), shared) == 1 &&
         belief_->hear(*config_, factor, group);
}

bool user_mind::add_to_ring(std::span<std::uint64_t> ring) const {
  const auto own = statistics();
  if (own.empty() || ring.size() != own.size() * pooled_numbers)
    return false;
  for (std::size_t f = 0; f < own.size(); ++f)
    ammo::add_to_ring(ring.subspan(f * pooled_numbers).first<pooled_numbers>(), own[f]);
  return true;
}

bool user_mind::hear_people(std::span<const pooled_sums> sums) { return belief_->hear_people(sums); }

} // namespace ammo
