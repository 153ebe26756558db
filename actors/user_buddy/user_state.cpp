// A User Buddy's mind as a value, and back.
#include "actors/protocol/state/user_state.hpp"

#include "actors/base/random.hpp"
#include "actors/base/saved.hpp"
#include "actors/space/eligibility.hpp"
#include "actors/user_buddy/belief/factor_models.hpp"
#include "actors/user_buddy/person/learner.hpp"
#include "actors/user_buddy/user_mind.hpp"

#include <algorithm>
#include <utility>

namespace ammo {
namespace {

std::vector<posterior_state> prior_of(const user_config& config) {
  std::vector<posterior_state> out;
  if (config.prior)
    for (const auto& p : *config.prior)
      out.push_back(saved(p));
  return out;
}

/// The configuration with which a mind began with this prior; null where it isn't one.
std::shared_ptr<const user_config> with_prior(std::shared_ptr<const user_config> config,
                                              const std::vector<posterior_state>& prior) {
  if (prior == prior_of(*config))
    return config;
  auto own = std::make_shared<user_config>(*config);
  own->prior = nullptr;
  if (!prior.empty()) {
    const auto& factors = config->space.factors();
    if (prior.size() != factors.size())
      return nullptr;
    auto all = std::make_shared<std::vector<ridge_posterior<float>>>();
    for (std::size_t f = 0; f < factors.size(); ++f) {
      auto p = restored(prior[f], factors[f]);
      if (!p)
        return nullptr;
      all->push_back(std::move(*p));
    }
    own->prior = std::move(all);
  }
  return own;
}

/// A belief of before subspaces were added at the end: what is new begins with its prior.
belief_state grown(belief_state saved, const user_config& config) {
  const auto factors = config.space.factors().size();
  const auto few = [factors](const auto& of) { return !of.empty() && of.size() < factors; };
  if (!few(saved.now.posteriors) && !few(saved.now.drifting) && !few(saved.people))
    return saved;
  const auto fresh = learner_of(config)->save();
  const auto grow = [&](auto& of, const auto& begun) {
    if (few(of) && begun.size() == factors)
      of.insert(of.end(), begun.begin() + static_cast<std::ptrdiff_t>(of.size()), begun.end());
  };
  for (factors_state* at : {&saved.now, saved.base.empty() ? nullptr : &saved.base.front()})
    if (at) {
      grow(at->posteriors, fresh.now.posteriors);
      grow(at->drifting, fresh.now.drifting);
    }
  grow(saved.people, fresh.people);
  if (few(saved.heard))
    saved.heard.resize(factors);
  return saved;
}

last_ask_state last_ask(const eligible_ptr& said, const eligible_ptr& eligible, const most_showings& at_most) {
  last_ask_state s;
  if (said) {
    s.only = said->only();
    s.except = said->except();
  }
  if (eligible)
    s.over.assign(eligible->over().begin(), eligible->over().end());
  s.at_most = at_most.times;
  s.within_s = at_most.within_s;
  return s;
}

} // namespace

user_mind_state user_mind::save() const {
  user_mind_state s;
  s.user = user_;
  s.rounds = rounds_;
  s.observations = observations_;
  if (explores_)
    s.explores = {explores_->noise, explores_->epsilon, explores_->optimism};
  s.prior = prior_of(*config_);
  s.belief = belief_->save();
  s.catalogues.assign(catalogues_.newest().begin(), catalogues_.newest().end());
  auto still = referred();
  std::ranges::sort(still);
  for (const auto& held : catalogues_.gone()) // some may have been learned since
    if (std::ranges::binary_search(still, held->creation))
      s.gone.push_back(held);
  s.slates = slates_.save();
  if (memory_)
    memory_->save(s.policy);
  s.policy.host = policy().save(user_);
  s.heard_regret = heard_regret_;
  if (asked_.eligible || asked_.at_most.times > 0)
    s.asked = last_ask(asked_.said, asked_.eligible, asked_.at_most);
  if (showings_)
    s.showings = showings_->save();
  return s;
}

user_mind_state user_mind::save_own() const {
  user_mind_state s = save();
  s.catalogues.clear();
  s.gone.clear();
  auto still = referred();
  std::ranges::sort(still);
  still.erase(std::ranges::unique(still).begin(), still.end());
  for (const creation_id id : still)
    if (auto held = embedding_of(id))
      s.gone.push_back(std::move(held));
  return s;
}

embedding_store::handle user_mind::embedding_of(creation_id creation) const {
  return catalogues_.held(creation, *config_->embeddings);
}

decision_context user_mind::context_of(const slate_proposal& p) const {
  decision_context c;
  std::uint64_t rows = 0;
  for (const auto& version : catalogues_.newest()) {
    c.catalogues.push_back(version ? version->version() : 0);
    if (version) {
      c.eligible += how_many(asked_.eligible.get(), *version);
      rows += version->rows();
    }
  }
  for (const candidate& x : p.candidates)
    c.values.push_back(x.value);
  const auto look = [&](std::uint64_t row) {
    for (const auto& version : catalogues_.newest()) {
      const std::uint64_t has = version ? version->rows() : 0;
      if (row < has) {
        const creation_id id = version->info(static_cast<std::uint32_t>(row)).id;
        if (id != no_creation && may_show(asked_.eligible.get(), *version, id) && std::ranges::find(c.among, id) == c.among.end())
          c.among.push_back(id);
        return;
      }
      row -= has;
    }
  };
  if (c.eligible <= most_eligible_told) {
    for (std::uint64_t row = 0; row < rows && c.among.size() < c.eligible; ++row)
      look(row);
    return c;
  }
  auto dice = generator(config_->seed, stream::decision, raw(p.user), p.round);
  for (std::uint32_t tries = 0; tries < 64 * most_eligible_told && c.among.size() < most_eligible_told; ++tries)
    look(dice() % rows);
  return c;
}

slate_frame user_mind::frame_of(slate_proposal proposed, std::uint32_t situation) const {
  slate_frame s{std::move(proposed), situation, {}, {}, {}, {}, {}, false};
  s.by_chance = slates_.of(s.proposed.round).by_chance;
  if (config_->logs_decisions && s.proposed.round > 0)
    s.context = context_of(s.proposed);
  for (candidate& c : s.proposed.candidates) // how likely it was makes no difference afterwards
    c = {.creation = c.creation, .value = c.value};
  if (memory_)
    memory_->save(s.remembered);
  if (showings_ && s.proposed.round > 0)
    s.showings = showings_->added(s.proposed.round);
  if (s.proposed.round > 0 && (asked_.anew || (asked_.eligible && !asked_.eligible->over().empty())))
    s.asked = last_ask(asked_.said, asked_.eligible, asked_.at_most);
  return s;
}

result<void> user_mind::repeat(const slate_frame& slate, std::span<const embedding_store::handle> named) {
  const auto& p = slate.proposed;
  const auto remember = [&]() -> result<void> {
    if (!memory_)
      return {};
    memory_ = policy().memory(slate.remembered);
    return memory_ ? result<void>{} : bad_state("what the policy of user " + std::to_string(raw(user_)) + " remembers");
  };
  if (p.user == user_ && p.round == 0)
    return remember();
  if (p.user != user_ || p.round != rounds_ + 1 || slate.situation > most_situations)
    return bad_state("slate " + std::to_string(p.round) + " of user " + std::to_string(raw(user_)) + " after slate " +
                     std::to_string(rounds_));
  for (const auto& held : named)
    if (held && !catalogues_.knows(held->creation))
      catalogues_.keep(config_->embeddings->hold(held->creation, held->e));
  belief_->situate(slate.situation);
  catch_up();
  count(p, slate.situation, slate.by_chance);
  if (slate.showings) {
    if (!showings_)
      showings_ = boxed(showing_log{});
    showings_->add(*slate.showings);
  }
  asked_.eligible = asked_.said;
  if (slate.asked && !adopt(*slate.asked))
    return bad_state("what user " + std::to_string(raw(user_)) + " may be shown");
  return remember();
}

result<user_mind> user_mind::restore(std::shared_ptr<const user_config> config, const user_mind_state& state) {
  config = with_prior(std::move(config), state.prior);
  if (!config)
    return bad_state("the prior of a user");
  user_mind mind(state.user, std::move(config));
  if (auto adopted = mind.adopt(state); !adopted)
    return adopted.error();
  return mind;
}

bool user_mind::adopt(const last_ask_state& asked) {
  auto said = eligibility::of(asked.only, asked.except);
  if (!said || asked.over.size() > showing_log::most || !ascends(asked.over))
    return false;
  asked_.said = std::move(*said);
  asked_.at_most = {asked.at_most, asked.within_s};
  asked_.eligible = asked.over.empty() ? asked_.said : eligibility::without(asked_.said, asked.over);
  return true;
}

result<void> user_mind::adopt(const user_mind_state& state) {
  const layout& space = config_->space;
  rounds_ = state.rounds;
  observations_ = state.observations;
  heard_regret_ = state.heard_regret;
  const auto sound = [](double x) { return x >= 0 && x <= 1e6; };
  if (const auto& e = state.explores; e && !(sound(e->noise) && sound(e->epsilon) && sound(e->optimism)))
    return bad_state("what a strain gave a user");
  if (state.explores)
    explores_ = boxed(exploration{state.explores->noise, state.explores->epsilon, state.explores->optimism});
  belief_ = learner_of(*config_, grown(state.belief, *config_));
  if (!belief_)
    return bad_state("the belief of a user");
  const auto in_space = [&](subspace_id s) { return raw(s) < space.size(); };
  for (const auto& c : state.catalogues)
    if (!c || !in_space(c->subspace()) || c->coordinates() != space.coordinates(c->subspace()) ||
        !catalogues_.see(c, {}, *config_->embeddings))
      return bad_state("the catalogues of a user");
  for (const auto& g : state.gone) {
    if (!g || !in_space(subspace_of(g->creation)) || catalogues_.knows(g->creation) ||
        g->e.size() != space.coordinates(subspace_of(g->creation)).width)
      return bad_state("what a user refers to");
    catalogues_.keep(config_->embeddings->hold(g->creation, g->e));
  }
  auto slates = slate_memory::restored(state.slates);
  if (!slates || (!state.slates.empty() && state.slates.back().round > rounds_))
    return bad_state("the slates of a user");
  slates_ = std::move(*slates);
  if (state.asked && !adopt(*state.asked))
    return bad_state("what a user may be shown");
  if (state.showings) {
    auto log = showing_log::restored(*state.showings);
    if (!log)
      return bad_state("what a user was shown");
    showings_ = boxed(std::move(*log));
  }
  if (!std::ranges::all_of(referred(), [&](creation_id id) { return catalogues_.knows(id); }))
    return bad_state("a user refers to a creation that isn't known");
  memory_ = policy().memory(state.policy);
  if (!memory_ && policy().memory())
    return bad_state("what the policy of a user remembers");
  if (!policy().restore(user_, state.policy.host))
    return bad_state("what the host's policy remembers of a user");
  return {};
}

} // namespace ammo
