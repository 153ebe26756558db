// Why a User Buddy showed what it did.
#include "actors/user_buddy/user_mind.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>

namespace ammo {

result<explanation> user_mind::explain(const impression_question& q) const {
  catch_up();
  if (q.user != user_)
    return errc::unknown_user;
  if (raw(subspace_of(q.creation)) >= config_->space.size() || !catalogues_.knows(q.creation))
    return {errc::unknown_creation, "creation " + std::to_string(raw(q.creation)) + " has gone, and nothing is remembered of it"};
  explanation out{.user = user_, .impression = q.impression, .creation = q.creation, .goal = {}, .subspace = subspace_of(q.creation), .item = {}, .round = q.round, .slot = q.slot, .answered = q.answered, .policy = std::string(name_of(config_->policy)), .score = {}, .reasons = {}};
  const auto name = [this](creation_id id, auto& to) {
    if (const catalogue_version* live = catalogues_.live_in(id)) {
      const creation_info& who = live->info(row_of(id));
      to.goal = who.goal;
      to.content = who.content;
      to.item = who.shown;
    }
  };
  name(q.creation, out);
  std::optional<std::uint32_t> situation;
  if (slates_.knows(q.round)) {
    const auto slate = slates_.of(q.round);
    situation = slate.situation;
    out.by_chance = slate.by_chance;
    out.score = slates_.score(q.round, q.creation);
  }

  const std::size_t factor = config_->space.factor_of(subspace_of(q.creation));
  std::vector<float> e(config_->space.factors()[factor].width);
  catalogues_.embed(config_->space, q.creation, e);
  belief_reasons from = belief_->reasons(*config_, factor, e, situation, lookup(config_->space, catalogues_));
  out.expected = from.expected;
  out.low = from.low;
  out.high = from.high;
  out.usual = from.usual;
  out.rewards = from.rewards.value_or(observations_);
  out.from_group = from.from_group;
  out.from_rewards = from.from_rewards;
  out.from_other = out.expected - out.usual - out.from_group - out.from_rewards;
  from.largest.resize(std::min(from.largest.size(), most_reasons));
  out.reasons = std::move(from.largest);
  for (reason& r : out.reasons)
    name(r.creation, r);
  return out;
}

} // namespace ammo
