#include "actors/user_buddy/slate/slate_memory.hpp"

#include "actors/space/layout.hpp"

namespace ammo {

static_assert(max_subspaces <= 1u << 11, "the topmost bit of a creation_id must be free");

void slate_memory::remember(std::uint64_t round, std::span<const candidate> slate, std::uint32_t slots,
                            std::uint32_t most) {
  for (std::size_t i = slates_.size(); i-- > 0;)
    if (slates_[i].awaited == 0)
      forget(i);
  while (!slates_.empty() && slates_.size() >= most)
    forget(0);
  const auto size = static_cast<std::uint16_t>(slate.size());
  slates_.push_back({round, static_cast<std::uint16_t>(slots), size, std::min<std::uint32_t>(slots, size)});
  creations_.reserve(creations_.size() + size); // exactly: memory a buddy counts
  for (const candidate& c : slate)
    creations_.push_back(c.creation);
}

slate_memory::place slate_memory::find(std::uint64_t round) const noexcept {
  std::size_t first = creations_.size();
  for (std::size_t i = slates_.size(); i-- > 0;) {
    first -= slates_[i].size;
    if (slates_[i].round == round)
      return {first, &slates_[i]};
  }
  return {0, nullptr};
}

bool slate_memory::knows(std::uint64_t round) const noexcept { return find(round).found != nullptr; }

slate_memory::standing slate_memory::of(std::uint64_t round, creation_id creation) const noexcept {
  const auto [first, found] = find(round);
  if (!found)
    return standing::forgotten;
  for (creation_id c : std::span(creations_).subspan(first, found->size))
    if (plain(c) == creation)
      return is_learned(c) ? standing::learned : standing::awaited;
  return standing::not_in_slate;
}

void slate_memory::mark_learned(std::uint64_t round, creation_id creation) noexcept {
  const auto [first, found] = find(round);
  if (!found)
    return;
  for (creation_id& c : std::span(creations_).subspan(first, found->size))
    if (c == creation) {
      c = creation_id{raw(c) | learned_bit};
      entry& s = slates_[static_cast<std::size_t>(found - slates_.data())];
      s.awaited -= s.awaited > 0;
    }
}

per_slot<creation_id> slate_memory::last() const {
  per_slot<creation_id> shown;
  if (slates_.empty())
    return shown;
  const entry& s = slates_.back();
  for (creation_id c : std::span(creations_).last(s.size).first(std::min(s.size, s.slots)))
    shown.push_back(plain(c));
  return shown;
}

void slate_memory::forget(std::size_t index) {
  std::ptrdiff_t first = 0;
  for (std::size_t i = 0; i < index; ++i)
    first += slates_[i].size;
  creations_.erase(creations_.begin() + first, creations_.begin() + first + slates_[index].size);
  slates_.erase(slates_.begin() + static_cast<std::ptrdiff_t>(index));
}

} // namespace ammo
