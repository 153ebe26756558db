/// The future forms of the host's calls, and the blocking ones, from the callback forms.
#include "ammo/runtime.hpp"

#include <future>
#include <memory>

namespace ammo {
namespace {

/// The future form of a call, from its callback form.
template <class T, class Call>
std::future<result<T>> as_future(Call call) {
  auto promise = std::make_shared<std::promise<result<T>>>();
  auto future = promise->get_future();
  call([promise](result<T> r) { promise->set_value(std::move(r)); });
  return future;
}

} // namespace

std::future<result<void>> runtime::add_user(user_id user, use_future_t) {
  return as_future<void>([&](auto done) { add_user(user, std::move(done)); });
}
std::future<result<void>> runtime::add_user(user_id user, stated_interest interest, use_future_t) {
  return as_future<void>([&](auto done) { add_user(user, std::move(interest), std::move(done)); });
}
std::future<result<void>> runtime::state_interest(user_id user, stated_interest interest, use_future_t) {
  return as_future<void>([&](auto done) { state_interest(user, std::move(interest), std::move(done)); });
}
std::future<result<void>> runtime::remove_user(user_id user, use_future_t) {
  return as_future<void>([&](auto done) { remove_user(user, std::move(done)); });
}
std::future<result<creation_receipt>> runtime::add_goal(goal_spec goal, use_future_t) {
  return as_future<creation_receipt>([&](auto done) { add_goal(std::move(goal), std::move(done)); });
}
std::future<result<creation_receipt>> runtime::create(creation_spec creation, use_future_t) {
  return as_future<creation_receipt>([&](auto done) { create(std::move(creation), std::move(done)); });
}
std::future<result<written_receipt>> runtime::write(writing_spec what, use_future_t) {
  return as_future<written_receipt>([&](auto done) { write(std::move(what), std::move(done)); });
}
std::future<result<void>> runtime::withdraw(goal_id goal, creation_id creation, use_future_t) {
  return as_future<void>([&](auto done) { withdraw(goal, creation, std::move(done)); });
}
std::future<result<slate>> runtime::ask(user_id user, std::uint32_t n, use_future_t) {
  return as_future<slate>([&](auto done) { ask(user, n, std::move(done)); });
}
std::future<result<void>> runtime::feedback(user_id user, impression_id impression, double value, use_future_t) {
  return as_future<void>([&](auto done) { feedback(user, impression, value, std::move(done)); });
}
std::future<result<void>> runtime::feedback(user_id user, impression_id impression, signal what, use_future_t) {
  return as_future<void>([&](auto done) { feedback(user, impression, what, std::move(done)); });
}
std::future<result<void>> runtime::feedback(user_id user, impression_id impression, std::string_view signal,
                                            use_future_t) {
  return as_future<void>([&](auto done) { feedback(user, impression, signal, std::move(done)); });
}
std::future<result<void>> runtime::prefer(user_id user, impression_id better, impression_id worse, use_future_t) {
  return as_future<void>([&](auto done) { prefer(user, better, worse, std::move(done)); });
}
std::future<result<user_belief>> runtime::regret(user_id user, use_future_t) {
  return as_future<user_belief>([&](auto done) { regret(user, std::move(done)); });
}
std::future<result<evolution_standing>> runtime::evolution(use_future_t) {
  return as_future<evolution_standing>([&](auto done) { evolution(std::move(done)); });
}
std::future<result<runtime_statistics>> runtime::statistics(use_future_t) {
  return as_future<runtime_statistics>([&](auto done) { statistics(std::move(done)); });
}

result<void> runtime::add_user(user_id user) { return add_user(user, use_future).get(); }
result<void> runtime::add_user(user_id user, stated_interest interest) {
  return add_user(user, std::move(interest), use_future).get();
}
result<void> runtime::state_interest(user_id user, stated_interest interest) {
  return state_interest(user, std::move(interest), use_future).get();
}
result<void> runtime::remove_user(user_id user) { return remove_user(user, use_future).get(); }
result<creation_receipt> runtime::add_goal(goal_spec goal) { return add_goal(std::move(goal), use_future).get(); }
result<creation_receipt> runtime::create(creation_spec creation) { return create(std::move(creation), use_future).get(); }
result<written_receipt> runtime::write(writing_spec what) { return write(std::move(what), use_future).get(); }
result<void> runtime::withdraw(goal_id goal, creation_id creation) { return withdraw(goal, creation, use_future).get(); }
result<slate> runtime::ask(user_id user, std::uint32_t n) { return ask(user, n, use_future).get(); }
result<void> runtime::feedback(user_id user, impression_id impression, double value) {
  return feedback(user, impression, value, use_future).get();
}
result<void> runtime::feedback(user_id user, impression_id impression, signal what) {
  return feedback(user, impression, what, use_future).get();
}
result<void> runtime::feedback(user_id user, impression_id impression, std::string_view signal) {
  return feedback(user, impression, signal, use_future).get();
}
result<void> runtime::prefer(user_id user, impression_id better, impression_id worse) {
  return prefer(user, better, worse, use_future).get();
}
result<user_belief> runtime::regret(user_id user) { return regret(user, use_future).get(); }
result<evolution_standing> runtime::evolution() { return evolution(use_future).get(); }
result<runtime_statistics> runtime::statistics() { return statistics(use_future).get(); }

} // namespace ammo
