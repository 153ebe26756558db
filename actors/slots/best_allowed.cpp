#include "actors/slots/best_allowed.hpp"

#include "actors/slots/likenesses.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace ammo {
namespace {

constexpr std::size_t first_look = std::size_t{4} * max_slots;

bool better(const scored& a, const scored& b) noexcept {
  const auto place = [](const scored& s) { return std::pair(subspace_of(s.creation), row_of(s.creation)); };
  return a.score != b.score ? a.score > b.score : place(a) < place(b);
}

std::vector<scored> best_of(const catalogue_version& c, std::span<const float> part, const eligibility* who) {
  std::vector<scored> best(std::min(first_look, c.live()));
  best.resize(top_n(c, part, best.size(), best, who));
  return best;
}

std::vector<scored> all_of(const catalogue_version& c, std::span<const float> part, const eligibility* who) {
  std::vector<scored> all;
  all.reserve(c.live());
  for (std::uint32_t row = 0; row < c.rows(); ++row)
    if (const creation_id id = c.info(row).id; id != no_creation && may_show(who, c, id))
      all.push_back({id, c.dot(row, part)});
  std::ranges::sort(all, better);
  return all;
}

} // namespace

std::vector<scored> within_caps(const slate_caps& caps, const catalogue_version& c, std::span<const scored> best_first,
                                std::uint32_t n) {
  likenesses alike(caps.near_duplicate);
  picks so_far(caps);
  std::vector<scored> kept;
  for (const scored& s : best_first) {
    if (kept.size() == n)
      break;
    const auto& info = c.info(row_of(s.creation));
    const contender who{info.goal, info.owner, c.subspace(),
                        caps.near_duplicate > 0 ? alike.of(c, row_of(s.creation)) : row_of(s.creation)};
    if (so_far.judge(who) != picks::verdict::fits)
      continue;
    so_far.add(who);
    kept.push_back(s);
  }
  return kept;
}

std::vector<scored> allowed_share(const slate_caps& caps, const catalogue_version& c, std::span<const float> part,
                                  std::uint32_t n, bool exactly, const eligibility* who, float least) {
  if (exactly)
    least = -std::numeric_limits<float>::infinity();
  const std::uint32_t most = caps.most_of(c.subspace(), n);
  const auto share = [&](std::vector<scored> best_first) {
    std::erase_if(best_first, [=](const scored& s) { return s.score < least; });
    return within_caps(caps, c, best_first, most);
  };
  const std::vector<scored> looked_at = best_of(c, part, who);
  const bool nobody_else = looked_at.size() < std::min(first_look, c.live()) || looked_at.size() == c.live() || looked_at.back().score < least;
  std::vector<scored> kept = share(looked_at);
  return nobody_else || kept.size() == most ? kept : share(all_of(c, part, who));
}

boost::container::small_vector<float, 8> best_allowed(const slate_caps& caps,
                                                      std::span<const std::shared_ptr<const catalogue_version>> live,
                                                      std::span<const float> q, std::uint32_t n, bool exactly,
                                                      float least) {
  std::vector<scored> all;
  for (const auto& c : live)
    if (c && c->live() > 0) {
      const auto part = q.subspan(c->coordinates().offset, c->coordinates().width);
      const auto share = allowed_share(caps, *c, part, n, exactly, nullptr, least);
      all.insert(all.end(), share.begin(), share.end());
    }
  std::ranges::sort(all, better);
  std::vector<contender> contenders;
  contenders.reserve(all.size());
  for (const scored& s : all) {
    const auto c = std::ranges::find_if(live, [&](const auto& e) { return e && e->subspace() == subspace_of(s.creation); });
    const auto& info = (*c)->info(row_of(s.creation));
    contenders.push_back({info.goal, info.owner, (*c)->subspace(), static_cast<std::uint32_t>(contenders.size())});
  }
  boost::container::small_vector<float, 8> values;
  for (auto i : arbitrate(caps, contenders, n))
    values.push_back(all[i].score);
  return values;
}

} // namespace ammo
