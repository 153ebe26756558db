/// The three forms of each call: with a callback, as a future, and blocking.
#include "runtime/host/runtime_impl.hpp"
#include "runtime/system/machine.hpp"

#include <chrono>
#include <future>
#include <memory>

namespace ammo {
namespace {

/// The callback form of a call.
template <class T, class All, class Call>
void with_callback(All& all, callback<T> done, call_key key, Call call) noexcept {
  reply<T> to{std::move(done), false, key};
  all.answered_somehow(to, [&] { call(std::move(to)); });
}

/// The future form of a call. Its promise is kept on the spot: it waits for no callback of anybody's. Where there is no memory for that the
/// future isn't valid.
template <class T, class Call>
std::future<result<T>> as_future(call_key key, Call call) noexcept {
  std::shared_ptr<std::promise<result<T>>> promise;
  std::future<result<T>> future;
  try {
    promise = std::make_shared<std::promise<result<T>>>();
    future = promise->get_future();
    call(reply<T>{[promise](result<T> r) { promise->set_value(std::move(r)); }, true, key});
  } catch (...) {
    if (future.valid() && future.wait_for(std::chrono::seconds(0)) == std::future_status::timeout) // nobody has the promise: nothing has happened
      promise->set_value(result<T>(errc::not_enough_memory));
  }
  return future;
}

/// The blocking form.
template <class T>
result<T> answer_of(std::future<result<T>> f) {
  return f.valid() ? f.get() : result<T>(errc::not_enough_memory);
}

} // namespace

void runtime::add_user(user_id user, callback<void> done, call_key key) {
  with_callback<void>(*impl_, std::move(done), key, [&](auto&& to) { impl_->add_user(user, std::move(to)); });
}
void runtime::add_user(user_id user, stated_interest interest, callback<void> done, call_key key) {
  with_callback<void>(*impl_, std::move(done), key, [&](auto&& to) { impl_->add_user(user, interest, std::move(to)); });
}
void runtime::state_interest(user_id user, stated_interest interest, callback<void> done, call_key key) {
  with_callback<void>(*impl_, std::move(done), key, [&](auto&& to) { impl_->state_interest(user, interest, std::move(to)); });
}
void runtime::remove_user(user_id user, callback<void> done, call_key key) {
  with_callback<void>(*impl_, std::move(done), key, [&](auto&& to) { impl_->remove_user(user, std::move(to)); });
}
void runtime::add_goal(goal_spec goal, callback<creation_receipt> done, call_key key) {
  with_callback<creation_receipt>(*impl_, std::move(done), key, [&](auto&& to) { impl_->add_goal(std::move(goal), std::move(to)); });
}
void runtime::create(creation_spec creation, callback<creation_receipt> done, call_key key) {
  with_callback<creation_receipt>(*impl_, std::move(done), key, [&](auto&& to) { impl_->create(std::move(creation), std::move(to)); });
}
void runtime::write(writing_spec what, callback<written_receipt> done, call_key key) {
  with_callback<written_receipt>(*impl_, std::move(done), key, [&](auto&& to) { impl_->write(std::move(what), std::move(to)); });
}
void runtime::elaborate(user_id user, impression_id impression, std::string question, callback<elaboration> done, writing_style style) {
  with_callback<elaboration>(*impl_, std::move(done), call_key{}, [&](auto&& to) { impl_->elaborate(user, impression, std::move(question), style, std::move(to)); });
}
void runtime::withdraw(goal_id goal, creation_id creation, callback<void> done, call_key key) {
  with_callback<void>(*impl_, std::move(done), key, [&](auto&& to) { impl_->withdraw(goal, creation, std::move(to)); });
}
void runtime::withdraw(goal_id goal, callback<void> done, call_key key) {
  with_callback<void>(*impl_, std::move(done), key, [&](auto&& to) { impl_->withdraw(goal, no_creation, std::move(to)); });
}
void runtime::remove_goal(goal_id goal, callback<void> done, call_key key) {
  with_callback<void>(*impl_, std::move(done), key, [&](auto&& to) { impl_->remove_goal(goal, std::move(to)); });
}
void runtime::ask(user_id user, std::uint32_t n, callback<slate> done) {
  with_callback<slate>(*impl_, std::move(done), call_key{}, [&](auto&& to) { impl_->ask(user, n, {}, std::move(to)); });
}
void runtime::ask(user_id user, std::uint32_t n, ask_options how, callback<slate> done) {
  with_callback<slate>(*impl_, std::move(done), call_key{}, [&](auto&& to) { impl_->ask(user, n, std::move(how), std::move(to)); });
}
void runtime::ask(user_id user, std::uint32_t n, situation when, callback<slate> done) { ask(user, n, ask_options{.situation = std::move(when)}, std::move(done)); }
void runtime::feedback(user_id user, impression_id impression, double value, callback<void> done, call_key key) {
  with_callback<void>(*impl_, std::move(done), key, [&](auto&& to) { impl_->feedback(user, impression, value, std::move(to)); });
}
void runtime::feedback(user_id user, impression_id impression, signal what, callback<void> done, call_key key) {
  with_callback<void>(*impl_, std::move(done), key, [&](auto&& to) { impl_->feedback(user, impression, what, std::move(to)); });
}
void runtime::feedback(user_id user, impression_id impression, std::string_view signal, callback<void> done, call_key key) {
  with_callback<void>(*impl_, std::move(done), key, [&](auto&& to) { impl_->feedback(user, impression, signal, std::move(to)); });
}
void runtime::prefer(user_id user, impression_id better, impression_id worse, callback<void> done, call_key key) {
  with_callback<void>(*impl_, std::move(done), key, [&](auto&& to) { impl_->prefer(user, better, worse, std::move(to)); });
}
void runtime::regret(user_id user, callback<user_belief> done) {
  with_callback<user_belief>(*impl_, std::move(done), call_key{}, [&](auto&& to) { impl_->regret(user, std::move(to)); });
}
void runtime::explain(user_id user, impression_id impression, callback<explanation> done) {
  with_callback<explanation>(*impl_, std::move(done), call_key{}, [&](auto&& to) { impl_->explain(user, impression, std::move(to)); });
}
void runtime::evolution(callback<evolution_standing> done) {
  with_callback<evolution_standing>(*impl_, std::move(done), call_key{}, [&](auto&& to) { impl_->evolution(std::move(to)); });
}
void runtime::statistics(callback<runtime_statistics> done) {
  with_callback<runtime_statistics>(*impl_, std::move(done), call_key{}, [&](auto&& to) { impl_->statistics(std::move(to)); });
}
void runtime::health(callback<runtime_health> done) {
  with_callback<runtime_health>(*impl_, std::move(done), call_key{}, [&](auto&& to) { impl_->health(std::move(to)); });
}

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

result<void> runtime::add_user(user_id user, call_key key) { return answer_of(add_user(user, use_future, key)); }
result<void> runtime::add_user(user_id user, stated_interest interest, call_key key) { return answer_of(add_user(user, std::move(interest), use_future, key)); }
result<void> runtime::state_interest(user_id user, stated_interest interest, call_key key) { return answer_of(state_interest(user, std::move(interest), use_future, key)); }
result<void> runtime::remove_user(user_id user, call_key key) { return answer_of(remove_user(user, use_future, key)); }
result<creation_receipt> runtime::add_goal(goal_spec goal, call_key key) { return answer_of(add_goal(std::move(goal), use_future, key)); }
result<creation_receipt> runtime::create(creation_spec creation, call_key key) { return answer_of(create(std::move(creation), use_future, key)); }
result<written_receipt> runtime::write(writing_spec what, call_key key) { return answer_of(write(std::move(what), use_future, key)); }
result<elaboration> runtime::elaborate(user_id user, impression_id impression, std::string question, writing_style style) { return answer_of(elaborate(user, impression, std::move(question), use_future, style)); }
result<void> runtime::withdraw(goal_id goal, creation_id creation, call_key key) { return answer_of(withdraw(goal, creation, use_future, key)); }
result<void> runtime::withdraw(goal_id goal, call_key key) { return answer_of(withdraw(goal, use_future, key)); }
result<void> runtime::remove_goal(goal_id goal, call_key key) { return answer_of(remove_goal(goal, use_future, key)); }
result<slate> runtime::ask(user_id user, std::uint32_t n) { return answer_of(ask(user, n, use_future)); }
result<slate> runtime::ask(user_id user, std::uint32_t n, ask_options how) { return answer_of(ask(user, n, std::move(how), use_future)); }
result<slate> runtime::ask(user_id user, std::uint32_t n, situation when) { return answer_of(ask(user, n, std::move(when), use_future)); }
result<void> runtime::feedback(user_id user, impression_id impression, double value, call_key key) { return answer_of(feedback(user, impression, value, use_future, key)); }
result<void> runtime::feedback(user_id user, impression_id impression, signal what, call_key key) { return answer_of(feedback(user, impression, what, use_future, key)); }
result<void> runtime::feedback(user_id user, impression_id impression, std::string_view signal, call_key key) { return answer_of(feedback(user, impression, signal, use_future, key)); }
result<void> runtime::prefer(user_id user, impression_id better, impression_id worse, call_key key) { return answer_of(prefer(user, better, worse, use_future, key)); }
result<user_belief> runtime::regret(user_id user) { return answer_of(regret(user, use_future)); }
result<explanation> runtime::explain(user_id user, impression_id impression) { return answer_of(explain(user, impression, use_future)); }
result<evolution_standing> runtime::evolution() { return answer_of(evolution(use_future)); }
result<runtime_statistics> runtime::statistics() { return answer_of(statistics(use_future)); }
result<runtime_health> runtime::health() { return answer_of(health(use_future)); }
result<void> runtime::release(const std::string& part) {
  return without_exceptions([&] { return impl_->release(part); });
}

} // namespace ammo
