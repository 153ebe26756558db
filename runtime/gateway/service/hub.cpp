#include "runtime/gateway/service/hub.hpp"

#include <algorithm>

namespace ammo::web {

void push_hub::subscribe(user_id user, const std::shared_ptr<listener_of_pushes>& who) {
  std::lock_guard locked(changing_);
  auto& all = by_user_[user];
  if (std::ranges::find(all, who.get(), &entry::who) == all.end())
    all.push_back({who.get(), who});
}

void push_hub::unsubscribe(user_id user, const listener_of_pushes* who) {
  std::lock_guard locked(changing_);
  const auto found = by_user_.find(user);
  if (found == by_user_.end())
    return;
  std::erase_if(found->second, [&](const entry& e) { return e.who == who; });
  if (found->second.empty())
    by_user_.erase(found);
}

bool push_hub::wanted(user_id user) const {
  std::lock_guard locked(changing_);
  return by_user_.contains(user);
}

void push_hub::deliver(const slate& what) const {
  std::vector<std::shared_ptr<listener_of_pushes>> all;
  {
    std::lock_guard locked(changing_);
    if (const auto found = by_user_.find(what.user); found != by_user_.end())
      for (const auto& e : found->second)
        if (auto who = e.held.lock())
          all.push_back(std::move(who));
  }
  if (all.empty())
    return;
  const auto shared = std::make_shared<const slate>(what);
  for (const auto& who : all)
    who->pushed(shared);
}

} // namespace ammo::web
