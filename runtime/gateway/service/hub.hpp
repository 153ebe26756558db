/// Who hears of which user's pushes.
/// Lives here: the list. May not live here: how a push travels.
#pragma once

#include "ammo/runtime.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace ammo::web {

/// Somebody who takes pushes. Held weakly.
class listener_of_pushes {
public:
  listener_of_pushes() = default;
  virtual ~listener_of_pushes() = default;
  listener_of_pushes(const listener_of_pushes&) = delete;
  listener_of_pushes& operator=(const listener_of_pushes&) = delete;
  /// On any thread; returns at once.
  virtual void pushed(const std::shared_ptr<const slate>& what) = 0;
};

/// Usable from any thread.
class push_hub {
public:
  void subscribe(user_id user, const std::shared_ptr<listener_of_pushes>& who);
  void unsubscribe(user_id user, const listener_of_pushes* who);
  [[nodiscard]] bool wanted(user_id user) const;
  void deliver(const slate& what) const;

private:
  struct entry {
    const listener_of_pushes* who = nullptr;
    std::weak_ptr<listener_of_pushes> held;
  };
  mutable std::mutex changing_;
  std::unordered_map<user_id, std::vector<entry>> by_user_;
};

} // namespace ammo::web
