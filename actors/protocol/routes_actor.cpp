#include "actors/protocol/routes.hpp"

#include <algorithm>
#include <utility>

namespace ammo {
namespace {

constexpr std::size_t parts_a_shard = 8;

constexpr bool is_buddy(role r) noexcept { return r == role::user_buddy || r == role::goal_buddy; }

} // namespace

routes::routes(std::uint32_t shards, std::uint32_t subspaces)
  : count_(std::max(1u, shards) * parts_a_shard), parts_(std::make_unique<part[]>(count_)) {
  auto make_room = [this](role r, std::size_t n) {
    places_[static_cast<std::size_t>(r)] = {n, std::make_unique<fixed_place[]>(n)};
  };
  for (role one : {role::host, role::clock, role::supervisor, role::population, role::evolution})
    make_room(one, 1);
  make_room(role::metaspace, std::max(1u, shards));
  make_room(role::aipp, std::max(1u, shards));
  make_room(role::subspace, std::max(1u, subspaces));
}

routes::~routes() = default;

/// A part belongs to one shard of users, so that the actors of a shard share no lock with those of another.
routes::part& routes::part_of(address at) const noexcept { return parts_[shard_of(user_id{at.id}, count_)]; }

void routes::open(address at, caf::actor to) {
  if (auto* p = place(at)) {
    auto* actor = caf::actor_cast<caf::abstract_actor*>(to);
    {
      std::lock_guard lock(keeping_);
      kept_.push_back(std::move(to));
    }
    p->store(actor, std::memory_order_release);
    return;
  }
  if (!is_buddy(at.of))
    return;
  auto& in = part_of(at);
  std::unique_lock lock(in.lock);
  if (!ended_.load(std::memory_order_relaxed))
    std::swap(in.of(at.of)[at.id], to);
  lock.unlock(); // an actor that nobody else knows ends here
}

void routes::close(address at) {
  if (auto* p = place(at)) {
    p->store(nullptr, std::memory_order_release);
    return;
  }
  if (!is_buddy(at.of))
    return;
  auto& in = part_of(at);
  std::unique_lock lock(in.lock);
  const auto gone = in.of(at.of).extract(at.id);
  lock.unlock();
}

caf::actor routes::buddy(address at) const {
  if (!is_buddy(at.of))
    return nullptr;
  auto& in = part_of(at);
  std::lock_guard lock(in.lock);
  const auto& all = in.of(at.of);
  const auto found = all.find(at.id);
  return found == all.end() ? nullptr : found->second;
}

caf::actor routes::find(address at) const {
  const auto* p = place(at);
  if (!p)
    return buddy(at);
  auto* actor = p->load(std::memory_order_acquire);
  return actor ? caf::actor_cast<caf::actor>(actor) : nullptr;
}

void routes::end_buddies() {
  ended_.store(true, std::memory_order_relaxed);
  for (std::size_t i = 0; i < count_; ++i) {
    std::unique_lock lock(parts_[i].lock);
    const auto users = std::exchange(parts_[i].users, {});
    const auto goals = std::exchange(parts_[i].goals, {});
    lock.unlock();
  }
}

void routes::clear() {
  end_buddies();
  for (auto& r : places_)
    for (std::size_t i = 0; i < r.size; ++i)
      r.first[i].store(nullptr, std::memory_order_release);
  std::lock_guard lock(keeping_);
  kept_.clear();
}

} // namespace ammo
