#include "actors/user_buddy/person/learner.hpp"

#include "actors/user_buddy/person/people_belief.hpp"

namespace ammo {

std::unique_ptr<belief_model> learner_of(const belief_options& options) {
  if (options.learner == user_learner::people)
    return std::make_unique<people_belief>(options);
  return belief_of(options);
}

std::unique_ptr<belief_model> learner_of(const belief_options& options, const belief_state& saved) {
  if (options.learner == user_learner::people)
    return people_belief::restored(options, saved);
  return saved.people.empty() ? belief_of(options, saved) : nullptr;
}

} // namespace ammo
