#include "actors/protocol/routes.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace ammo {
namespace {

constexpr std::size_t parts_a_shard = 8;

constexpr bool is_buddy(role r) noexcept { return r == role::user_buddy || r == role::goal_buddy; }

/// As `shard_of` hashes users: a part belongs to one shard of them, so the actors of two shards share no lock.
std::uint64_t hash_of(std::uint64_t id) noexcept { return splitmix64(id)(); }

} // namespace

/// Where the id is, or where it would go. There is a free place. The lowest bits say which part it is: all the same here.
std::size_t routes::actors_by_id::at(std::uint64_t id, std::uint64_t hash) const noexcept {
  const std::size_t mask = entries_.size() - 1;
  auto i = static_cast<std::size_t>(hash >> 32) & mask;
  while (entries_[i].who && entries_[i].id != id)
    i = (i + 1) & mask;
  return i;
}

caf::actor routes::actors_by_id::find(std::uint64_t id, std::uint64_t hash) const {
  return entries_.empty() ? nullptr : entries_[at(id, hash)].who;
}

caf::actor routes::actors_by_id::put(std::uint64_t id, std::uint64_t hash, caf::actor who) {
  if (3 * (size_ + 1) > 2 * entries_.size())
    grow();
  auto& e = entries_[at(id, hash)];
  size_ += !e.who;
  e.id = id;
  std::swap(e.who, who);
  return who;
}

/// Entries behind the gap move up, unless their own place lies behind it.
caf::actor routes::actors_by_id::take(std::uint64_t id, std::uint64_t hash) {
  if (entries_.empty())
    return nullptr;
  const std::size_t mask = entries_.size() - 1;
  auto gap = at(id, hash);
  caf::actor gone = std::exchange(entries_[gap].who, nullptr);
  if (!gone)
    return gone;
  --size_;
  for (auto i = (gap + 1) & mask; entries_[i].who; i = (i + 1) & mask)
    if (const auto own = static_cast<std::size_t>(hash_of(entries_[i].id) >> 32) & mask; ((i - own) & mask) >= ((i - gap) & mask)) {
      entries_[gap] = std::exchange(entries_[i], {});
      gap = i;
    }
  return gone;
}

void routes::actors_by_id::give(std::vector<caf::actor>& to) {
  to.reserve(to.size() + size_);
  for (entry& e : entries_)
    if (e.who)
      to.push_back(std::move(e.who));
  entries_.clear();
  size_ = 0;
}

void routes::actors_by_id::grow() {
  auto before = std::exchange(entries_, std::vector<entry>(std::max<std::size_t>(8, 2 * entries_.size())));
  for (auto& e : before)
    if (e.who)
      entries_[at(e.id, hash_of(e.id))] = std::move(e);
}

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
  const auto hash = hash_of(at.id);
  auto& in = part_of(hash);
  std::unique_lock lock(in.lock);
  if (!ended_.load(std::memory_order_relaxed))
    to = in.of(at.of).put(at.id, hash, std::move(to));
  lock.unlock(); // an actor that nobody else knows ends here
}

void routes::close(address at) {
  if (auto* p = place(at)) {
    p->store(nullptr, std::memory_order_release);
    return;
  }
  if (!is_buddy(at.of))
    return;
  const auto hash = hash_of(at.id);
  auto& in = part_of(hash);
  std::unique_lock lock(in.lock);
  const auto gone = in.of(at.of).take(at.id, hash);
  lock.unlock();
}

caf::actor routes::buddy(address at) const {
  if (!is_buddy(at.of))
    return nullptr;
  const auto hash = hash_of(at.id);
  auto& in = part_of(hash);
  std::lock_guard lock(in.lock);
  return in.of(at.of).find(at.id, hash);
}

caf::actor routes::find(address at) const {
  const auto* p = place(at);
  if (!p)
    return buddy(at);
  auto* actor = p->load(std::memory_order_acquire);
  return actor ? caf::actor_cast<caf::actor>(actor) : nullptr;
}

void routes::shut_off() noexcept {
  for (auto visits = visits_.fetch_or(off, std::memory_order_acq_rel) | off; visits != off; visits = visits_.load(std::memory_order_acquire))
    visits_.wait(visits, std::memory_order_acquire);
}

/// A buddy ends as it is forgotten. In the order of their places in memory a million of them take a third of the time: what is freed is beside
/// what was freed before. On several threads they would wait for each other, as most have their memory from one.
void routes::end_buddies(bool tell) {
  ended_.store(true, std::memory_order_relaxed);
  std::vector<caf::actor> all;
  for (std::size_t i = 0; i < count_; ++i) {
    std::unique_lock lock(parts_[i].lock);
    auto users = std::exchange(parts_[i].users, {});
    auto goals = std::exchange(parts_[i].goals, {});
    lock.unlock();
    if (tell)
      users.each([](const caf::actor& buddy) { caf::anon_send_exit(buddy, caf::exit_reason::user_shutdown); });
    users.give(all);
    goals.give(all);
  }
  const auto place = [](const caf::actor& a) { return caf::actor_cast<caf::actor_control_block*>(a); };
  std::ranges::sort(all, std::less<>{}, place);
  for (caf::actor& buddy : all)
    buddy = nullptr;
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
