/// The three forms of each call: with a callback, as a future, and blocking.
#include "runtime/host/runtime_impl.hpp"

#include <future>
#include <memory>

namespace ammo {
namespace {

/// The future form of a call. Its promise is kept on the spot: it waits for no callback of anybody's.
template <class T, class Call>
std::future<result<T>> as_future(call_key key, Call call) {
  auto promise = std::make_shared<std::promise<result<T>>>();
  auto future = promise->get_future();
  call(reply<T>{[promise](result<T> r) { promise->set_value(std::move(r)); }, true, key});
  return future;
}

} // namespace

void runtime::add_user(user_id user, callback<void> done, call_key key) { impl_->add_user(user, reply<void>{std::move(done), false, key}); }
void runtime::add_user(user_id user, stated_interest interest, callback<void> done, call_key key) { impl_->add_user(user, interest, reply<void>{std::move(done), false, key}); }
void runtime::state_interest(user_id user, stated_interest interest, callback<void> done, call_key key) { impl_->state_interest(user, interest, reply<void>{std::move(done), false, key}); }
void runtime::remove_user(user_id user, callback<void> done, call_key key) { impl_->remove_user(user, reply<void>{std::move(done), false, key}); }
void runtime::add_goal(goal_spec goal, callback<creation_receipt> done, call_key key) { impl_->add_goal(std::move(goal), reply<creation_receipt>{std::move(done), false, key}); }
void runtime::create(creation_spec creation, callback<creation_receipt> done, call_key key) { impl_->create(std::move(creation), reply<creation_receipt>{std::move(done), false, key}); }
void runtime::write(writing_spec what, callback<written_receipt> done, call_key key) { impl_->write(std::move(what), reply<written_receipt>{std::move(done), false, key}); }
void runtime::elaborate(user_id user, impression_id impression, std::string question, callback<elaboration> done, writing_style style) { impl_->elaborate(user, impression, std::move(question), style, reply<elaboration>{std::move(done)}); }
void runtime::withdraw(goal_id goal, creation_id creation, callback<void> done, call_key key) { impl_->withdraw(goal, creation, reply<void>{std::move(done), false, key}); }
void runtime::withdraw(goal_id goal, callback<void> done, call_key key) { impl_->withdraw(goal, no_creation, reply<void>{std::move(done), false, key}); }
void runtime::remove_goal(goal_id goal, callback<void> done, call_key key) { impl_->remove_goal(goal, reply<void>{std::move(done), false, key}); }
void runtime::ask(user_id user, std::uint32_t n, callback<slate> done) { impl_->ask(user, n, {}, reply<slate>{std::move(done)}); }
void runtime::ask(user_id user, std::uint32_t n, ask_options how, callback<slate> done) { impl_->ask(user, n, std::move(how), reply<slate>{std::move(done)}); }
void runtime::ask(user_id user, std::uint32_t n, situation when, callback<slate> done) { ask(user, n, ask_options{.situation = std::move(when)}, std::move(done)); }
void runtime::feedback(user_id user, impression_id impression, double value, callback<void> done, call_key key) { impl_->feedback(user, impression, value, reply<void>{std::move(done), false, key}); }
void runtime::feedback(user_id user, impression_id impression, signal what, callback<void> done, call_key key) { impl_->feedback(user, impression, what, reply<void>{std::move(done), false, key}); }
void runtime::feedback(user_id user, impression_id impression, std::string_view signal, callback<void> done, call_key key) { impl_->feedback(user, impression, signal, reply<void>{std::move(done), false, key}); }
void runtime::prefer(user_id user, impression_id better, impression_id worse, callback<void> done, call_key key) { impl_->prefer(user, better, worse, reply<void>{std::move(done), false, key}); }
void runtime::regret(user_id user, callback<user_belief> done) { impl_->regret(user, reply<user_belief>{std::move(done)}); }
void runtime::explain(user_id user, impression_id impression, callback<explanation> done) { impl_->explain(user, impression, reply<explanation>{std::move(done)}); }
void runtime::evolution(callback<evolution_standing> done) { impl_->evolution(reply<evolution_standing>{std::move(done)}); }
void runtime::statistics(callback<runtime_statistics> done) { impl_->statistics(reply<runtime_statistics>{std::move(done)}); }
void runtime::health(callback<runtime_health> done) { impl_->health(reply<runtime_health>{std::move(done)}); }

std::future<result<void>> runtime::add_user(user_id user, use_future_t, call_key key) {
  return as_future<void>(key, [&](auto to) { impl_->add_user(user, std::move(to)); });
}
std::future<result<void>> runtime::add_user(user_id user, stated_interest interest, use_future_t, call_key key) {
  return as_future<void>(key, [&](auto to) { impl_->add_user(user, interest, std::move(to)); });
}
std::future<result<void>> runtime::state_interest(user_id user, stated_interest interest, use_future_t, call_key key) {
  return as_future<void>(key, [&](auto to) { impl_->state_interest(user, interest, std::move(to)); });
}
std::future<result<void>> runtime::remove_user(user_id user, use_future_t, call_key key) {
  return as_future<void>(key, [&](auto to) { impl_->remove_user(user, std::move(to)); });
}
std::future<result<creation_receipt>> runtime::add_goal(goal_spec goal, use_future_t, call_key key) {
  return as_future<creation_receipt>(key, [&](auto to) { impl_->add_goal(std::move(goal), std::move(to)); });
}
std::future<result<creation_receipt>> runtime::create(creation_spec creation, use_future_t, call_key key) {
  return as_future<creation_receipt>(key, [&](auto to) { impl_->create(std::move(creation), std::move(to)); });
}
std::future<result<written_receipt>> runtime::write(writing_spec what, use_future_t, call_key key) {
  return as_future<written_receipt>(key, [&](auto to) { impl_->write(std::move(what), std::move(to)); });
}
std::future<result<elaboration>> runtime::elaborate(user_id user, impression_id impression, std::string question, use_future_t, writing_style style) {
  return as_future<elaboration>({}, [&](auto to) { impl_->elaborate(user, impression, std::move(question), style, std::move(to)); });
}
std::future<result<void>> runtime::withdraw(goal_id goal, creation_id creation, use_future_t, call_key key) {
  return as_future<void>(key, [&](auto to) { impl_->withdraw(goal, creation, std::move(to)); });
}
std::future<result<void>> runtime::withdraw(goal_id goal, use_future_t, call_key key) {
  return as_future<void>(key, [&](auto to) { impl_->withdraw(goal, no_creation, std::move(to)); });
}
std::future<result<void>> runtime::remove_goal(goal_id goal, use_future_t, call_key key) {
  return as_future<void>(key, [&](auto to) { impl_->remove_goal(goal, std::move(to)); });
}
std::future<result<slate>> runtime::ask(user_id user, std::uint32_t n, use_future_t) {
  return ask(user, n, ask_options{}, use_future);
}
std::future<result<slate>> runtime::ask(user_id user, std::uint32_t n, ask_options how, use_future_t) {
  return as_future<slate>({}, [&](auto to) { impl_->ask(user, n, std::move(how), std::move(to)); });
}
std::future<result<slate>> runtime::ask(user_id user, std::uint32_t n, situation when, use_future_t) {
  return ask(user, n, ask_options{.situation = std::move(when)}, use_future);
}
std::future<result<void>> runtime::feedback(user_id user, impression_id impression, double value, use_future_t, call_key key) {
  return as_future<void>(key, [&](auto to) { impl_->feedback(user, impression, value, std::move(to)); });
}
std::future<result<void>> runtime::feedback(user_id user, impression_id impression, signal what, use_future_t, call_key key) {
  return as_future<void>(key, [&](auto to) { impl_->feedback(user, impression, what, std::move(to)); });
}
std::future<result<void>> runtime::feedback(user_id user, impression_id impression, std::string_view signal, use_future_t, call_key key) {
  return as_future<void>(key, [&](auto to) { impl_->feedback(user, impression, signal, std::move(to)); });
}
std::future<result<void>> runtime::prefer(user_id user, impression_id better, impression_id worse, use_future_t, call_key key) {
  return as_future<void>(key, [&](auto to) { impl_->prefer(user, better, worse, std::move(to)); });
}
std::future<result<user_belief>> runtime::regret(user_id user, use_future_t) {
  return as_future<user_belief>({}, [&](auto to) { impl_->regret(user, std::move(to)); });
}
std::future<result<explanation>> runtime::explain(user_id user, impression_id impression, use_future_t) {
  return as_future<explanation>({}, [&](auto to) { impl_->explain(user, impression, std::move(to)); });
}
std::future<result<evolution_standing>> runtime::evolution(use_future_t) {
  return as_future<evolution_standing>({}, [&](auto to) { impl_->evolution(std::move(to)); });
}
std::future<result<runtime_statistics>> runtime::statistics(use_future_t) {
  return as_future<runtime_statistics>({}, [&](auto to) { impl_->statistics(std::move(to)); });
}
std::future<result<runtime_health>> runtime::health(use_future_t) {
  return as_future<runtime_health>({}, [&](auto to) { impl_->health(std::move(to)); });
}

result<void> runtime::add_user(user_id user, call_key key) { return add_user(user, use_future, key).get(); }
result<void> runtime::add_user(user_id user, stated_interest interest, call_key key) { return add_user(user, std::move(interest), use_future, key).get(); }
result<void> runtime::state_interest(user_id user, stated_interest interest, call_key key) { return state_interest(user, std::move(interest), use_future, key).get(); }
result<void> runtime::remove_user(user_id user, call_key key) { return remove_user(user, use_future, key).get(); }
result<creation_receipt> runtime::add_goal(goal_spec goal, call_key key) { return add_goal(std::move(goal), use_future, key).get(); }
result<creation_receipt> runtime::create(creation_spec creation, call_key key) { return create(std::move(creation), use_future, key).get(); }
result<written_receipt> runtime::write(writing_spec what, call_key key) { return write(std::move(what), use_future, key).get(); }
result<elaboration> runtime::elaborate(user_id user, impression_id impression, std::string question, writing_style style) { return elaborate(user, impression, std::move(question), use_future, style).get(); }
result<void> runtime::withdraw(goal_id goal, creation_id creation, call_key key) { return withdraw(goal, creation, use_future, key).get(); }
result<void> runtime::withdraw(goal_id goal, call_key key) { return withdraw(goal, use_future, key).get(); }
result<void> runtime::remove_goal(goal_id goal, call_key key) { return remove_goal(goal, use_future, key).get(); }
result<slate> runtime::ask(user_id user, std::uint32_t n) { return ask(user, n, use_future).get(); }
result<slate> runtime::ask(user_id user, std::uint32_t n, ask_options how) { return ask(user, n, std::move(how), use_future).get(); }
result<slate> runtime::ask(user_id user, std::uint32_t n, situation when) { return ask(user, n, std::move(when), use_future).get(); }
result<void> runtime::feedback(user_id user, impression_id impression, double value, call_key key) { return feedback(user, impression, value, use_future, key).get(); }
result<void> runtime::feedback(user_id user, impression_id impression, signal what, call_key key) { return feedback(user, impression, what, use_future, key).get(); }
result<void> runtime::feedback(user_id user, impression_id impression, std::string_view signal, call_key key) { return feedback(user, impression, signal, use_future, key).get(); }
result<void> runtime::prefer(user_id user, impression_id better, impression_id worse, call_key key) { return prefer(user, better, worse, use_future, key).get(); }
result<user_belief> runtime::regret(user_id user) { return regret(user, use_future).get(); }
result<explanation> runtime::explain(user_id user, impression_id impression) { return explain(user, impression, use_future).get(); }
result<evolution_standing> runtime::evolution() { return evolution(use_future).get(); }
result<runtime_statistics> runtime::statistics() { return statistics(use_future).get(); }
result<runtime_health> runtime::health() { return health(use_future).get(); }
result<void> runtime::release(const std::string& part) { return impl_->release(part); }

} // namespace ammo
