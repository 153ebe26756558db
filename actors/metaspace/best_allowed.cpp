#include "actors/metaspace/best_allowed.hpp"

#include "actors/metaspace/likenesses.hpp"
#include "actors/space/top_n.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace ammo {
namespace {

constexpr std::size_t first_look = std::size_t{4} * max_slots;

struct found {
  float value = 0;
  std::uint32_t row = 0;
  const catalogue_epoch* epoch = nullptr;
};

bool better(const found& a, const found& b) noexcept {
  if (a.value != b.value)
    return a.value > b.value;
  return std::pair(a.epoch->subspace(), a.row) < std::pair(b.epoch->subspace(), b.row);
}

/// Appends the best of one subspace, or all; returns the largest value that may have been left out.
float look(std::vector<found>& all, const catalogue_epoch& c, std::span<const float> q, bool at_all) {
  const auto part = q.subspan(c.coordinates().offset, c.coordinates().width);
  if (at_all) {
    for (std::uint32_t row = 0; row < c.rows(); ++row)
      if (c.info(row).id != no_creation)
        all.push_back({c.dot(row, part), row, &c});
    return -std::numeric_limits<float>::infinity();
  }
  std::vector<scored> top(std::min(first_look, c.live()));
  top.resize(top_n(c, part, top.size(), top));
  for (const scored& s : top)
    all.push_back({s.score, row_of(s.creation), &c});
  return top.size() < c.live() ? top.back().score : -std::numeric_limits<float>::infinity();
}

} // namespace

boost::container::small_vector<float, 8> best_allowed(const slate_caps& caps,
                                                      std::span<const std::shared_ptr<const catalogue_epoch>> live,
                                                      std::span<const float> q, std::uint32_t n, bool exactly) {
  boost::container::small_vector<float, 8> values;
  for (const bool at_all : {false, true}) {
    std::vector<found> all;
    float left_out = -std::numeric_limits<float>::infinity();
    for (const auto& c : live)
      if (c && c->live() > 0)
        left_out = std::max(left_out, look(all, *c, q, at_all));
    if (!exactly)
      std::erase_if(all, [](const found& f) { return f.value < 0; });
    std::ranges::sort(all, better);
    likenesses alike(caps.near_duplicate);
    std::vector<contender> contenders;
    contenders.reserve(all.size());
    for (const found& f : all) {
      const auto& info = f.epoch->info(f.row);
      contenders.push_back({info.goal, info.owner, f.epoch->subspace(),
                            caps.near_duplicate > 0 ? alike.of(*f.epoch, f.row)
                                                    : static_cast<std::uint32_t>(contenders.size())});
    }
    values.clear();
    for (auto i : arbitrate(caps, contenders, n))
      values.push_back(all[i].value);
    // Nobody who wasn't looked at could have had a slot: all slots are taken by those who are worth more.
    const bool nobody = left_out == -std::numeric_limits<float>::infinity() || (!exactly && left_out < 0);
    if (nobody || (values.size() == n && values.back() >= left_out))
      break;
  }
  return values;
}

} // namespace ammo
