/// Catalogues whose creations come, move and go at random: what minds of states are told of.
#pragma once

#include "actors/protocol/messages.hpp"
#include "tests/support/dice.hpp"

#include <string>
#include <vector>

namespace ammo::test {

/// Two subspaces of E = R^7: blocks of 4 and of 3 coordinates.
inline layout two_blocks() { return layout::make(7, {{"coin", {0, 4}}, {"job", {4, 3}}}).value(); }

struct moving_catalogues {
  explicit moving_catalogues(const layout& of) : space(of) {
    for (std::size_t i = 0; i < space.size(); ++i)
      builders.emplace_back(at(i), space.coordinates(at(i)));
  }
  static subspace_id at(std::size_t i) { return subspace_id{static_cast<std::uint16_t>(i)}; }

  /// Changes one of them a little, and publishes it.
  catalogue_news next(dice& random) {
    auto& c = builders[random.below(builders.size())];
    catalogue_news news;
    for (auto n = 1 + random.below(5); n > 0; --n) {
      const auto e = random.vector(c.publish()->coordinates().width);
      const goal_id goal{1 + random.below(6)};
      const auto id = some(random);
      const auto* info = c.find(id);
      if (!info || random.one_in(2)) {
        if (c.live() < 40)
          note(news, c.add(goal, owner_id{raw(goal) % 3}, random.below(50), e));
      } else if (random.one_in(3)) {
        (void)c.retire(info->goal, id);
      } else {
        note(news, c.move(info->goal, id, e));
      }
    }
    news.snapshot = c.publish();
    std::erase_if(news.fresh, [&](creation_id id) { return !news.snapshot->find(id); });
    return news;
  }

  /// Of all that ever were, rather a new one; or one that never was.
  creation_id some(dice& random) const {
    if (ids.empty() || random.one_in(30))
      return make_creation_id(subspace_id{static_cast<std::uint16_t>(random.below(3))},
                              static_cast<std::uint32_t>(random.below(300)), 1);
    const auto recent = std::min<std::uint64_t>(ids.size(), random.one_in(3) ? ids.size() : 25);
    return ids[ids.size() - 1 - random.below(recent)];
  }

  void note(catalogue_news& news, const result<creation_id>& made) {
    if (made) {
      news.fresh.push_back(*made);
      ids.push_back(*made);
    }
  }

  layout space;
  std::vector<catalogue> builders;
  std::vector<creation_id> ids;
};

} // namespace ammo::test
