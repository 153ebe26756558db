#include "runtime/gateway/calls/gathering.hpp"

namespace ammo::web {

gathering::gathering(std::size_t items, bool alone, form as, answerer to) : left_(items), alone_(alone), as_(as), to_(std::move(to)) {}

void gathering::accept() {
  std::unique_lock locked(changing_);
  ++accepted_;
  heard(std::move(locked));
}

void gathering::refuse(std::size_t item, const refusal& why) {
  std::unique_lock locked(changing_);
  refused_.emplace(item, why);
  heard(std::move(locked));
}

void gathering::hear(std::size_t item, const result<void>& done) {
  if (done)
    accept();
  else
    refuse(item, refusal(done.error()));
}

void gathering::heard(std::unique_lock<std::mutex> locked) {
  if (--left_ > 0)
    return;
  const auto to = std::move(to_);
  locked.unlock();
  if (alone_ && !refused_.empty())
    return to(problem(refused_.begin()->second, as_));
  document refused = document::array();
  for (const auto& [item, why] : refused_)
    refused.push_back({{"index", item}, {"error", why.name()}, {"detail", why.detail()}});
  auto out = answer_with(200, {{"accepted", accepted_}, {"refused", std::move(refused)}}, as_);
  for (const auto& [_, why] : refused_)
    if (!why.of_runtime())
      out.faults.push_back(why.what_fault());
  to(std::move(out));
}

void for_each_item(const request& r, std::size_t most, answerer to,
                   const std::function<void(const document& item, std::size_t number, callback<void> done)>& each) {
  const auto body = body_of(r);
  const bool alone = !body.is_array();
  const auto count = alone ? 1 : body.size();
  if (count > most)
    throw refusal(fault::too_many_items, std::to_string(count) + ", at most " + std::to_string(most));
  if (count == 0)
    return to(answer_with(200, {{"accepted", 0}, {"refused", document::array()}}, r.answer));
  const auto all = std::make_shared<gathering>(count, alone, r.answer, std::move(to));
  for (std::size_t i = 0; i < count; ++i) {
    try {
      each(alone ? body : body[i], i, [all, i](const result<void>& done) { all->hear(i, done); });
    } catch (const refusal& why) {
      all->refuse(i, why);
    }
  }
}

} // namespace ammo::web
