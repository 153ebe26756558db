#include "actors/user_buddy/slate/slate_memory.hpp"

#include "actors/protocol/pooled.hpp"
#include "actors/space/layout.hpp"

#include <cmath>
#include <iterator>

namespace ammo {

namespace {

/// Room for so many, and for an eighth more: memory a buddy counts, and so does a copy of everything at each slate.
void make_room(auto& all, std::size_t size) {
  if (all.capacity() < size)
    all.reserve(size + size / 8);
}

} // namespace

static_assert(max_subspaces <= 1u << 11, "the topmost bit of a creation_id must be free");

void slate_memory::remember(std::uint64_t round, std::span<const candidate> slate, std::uint32_t slots,
                            std::uint32_t most, circumstances of) {
  const auto size = static_cast<std::uint16_t>(slate.size());
  std::size_t slates = 1, creations = size; // that there will be
  for (std::size_t i = slates_.size(); i-- > 0;)
    if (slates_[i].awaited > 0 && slates < most) {
      ++slates;
      creations += slates_[i].size;
    }
  make_room(slates_, slates);
  make_room(creations_, creations);
  make_room(scores_, creations);
  // From here on nothing throws.
  for (std::size_t i = slates_.size(); i-- > 0;)
    if (slates_[i].awaited == 0)
      forget(i);
  while (!slates_.empty() && slates_.size() >= most)
    forget(0);
  slates_.push_back({round, static_cast<std::uint16_t>(slots), size, static_cast<std::uint16_t>(std::min<std::uint32_t>(slots, size)),
                     of});
  for (const candidate& c : slate) {
    creations_.push_back(c.creation);
    scores_.push_back(c.value);
  }
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

circumstances slate_memory::of(std::uint64_t round) const noexcept {
  const entry* found = find(round).found;
  return found ? found->of : circumstances{};
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

std::optional<float> slate_memory::score(std::uint64_t round, creation_id creation) const noexcept {
  const auto [first, found] = find(round);
  for (std::size_t i = first; found && i < first + found->size; ++i)
    if (plain(creations_[i]) == creation)
      return scores_[i];
  return {};
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

void slate_memory::refer(std::vector<creation_id>& to) const {
  std::copy_if(creations_.begin(), creations_.end(), std::back_inserter(to), [](creation_id c) { return !is_learned(c); });
}

bool slate_memory::awaits(creation_id creation) const noexcept {
  return std::ranges::find(creations_, creation) != creations_.end(); // learned ones have another number
}

std::vector<remembered_slate> slate_memory::save() const {
  std::vector<remembered_slate> out;
  std::span<const creation_id> rest(creations_);
  std::span<const float> scores(scores_);
  for (const entry& s : slates_) {
    auto& to = out.emplace_back(remembered_slate{s.round, s.slots, {}, {}, s.of.shuffled, s.of.situation, {}, s.of.by_chance});
    to.scores.assign(scores.begin(), scores.begin() + s.size);
    scores = scores.subspan(s.size);
    for (std::uint32_t i = 0; i < s.size; ++i) {
      to.creations.push_back(plain(rest[i]));
      if (is_learned(rest[i]))
        to.learned.push_back(i);
    }
    rest = rest.subspan(s.size);
  }
  return out;
}

std::optional<slate_memory> slate_memory::restored(std::span<const remembered_slate> slates) {
  slate_memory memory;
  for (const remembered_slate& s : slates) {
    const std::size_t first = memory.creations_.size();
    if (s.slots > max_slots || s.situation > most_situations || s.creations.size() > std::size_t{4} * max_slots ||
        (!s.scores.empty() && s.scores.size() != s.creations.size()) || !std::ranges::all_of(s.scores, [](float v) { return std::isfinite(v); }) ||
        (!memory.slates_.empty() && memory.slates_.back().round >= s.round))
      return {};
    std::ranges::transform(s.creations, std::back_inserter(memory.creations_), plain);
    memory.scores_.insert(memory.scores_.end(), s.scores.begin(), s.scores.end());
    memory.scores_.resize(memory.creations_.size(), 0.0f); // a state from before scores were kept
    for (std::uint32_t place : s.learned) {
      if (place >= s.creations.size() || is_learned(memory.creations_[first + place]))
        return {};
      memory.creations_[first + place] = creation_id{raw(memory.creations_[first + place]) | learned_bit};
    }
    const auto size = static_cast<std::uint32_t>(s.creations.size()), learned = static_cast<std::uint32_t>(s.learned.size());
    memory.slates_.push_back({s.round, static_cast<std::uint16_t>(s.slots), static_cast<std::uint16_t>(size), static_cast<std::uint16_t>(std::min(s.slots, size) - std::min({s.slots, size, learned})), {s.shuffled, s.by_chance, static_cast<std::uint8_t>(s.situation)}});
  }
  memory.creations_.shrink_to_fit();
  memory.scores_.shrink_to_fit();
  return memory;
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
  scores_.erase(scores_.begin() + first, scores_.begin() + first + slates_[index].size);
  slates_.erase(slates_.begin() + static_cast<std::ptrdiff_t>(index));
}

} // namespace ammo
