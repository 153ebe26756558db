/// The policy of docs/embedding.md.
#pragma once

#include "ammo/policy.hpp"

#include <algorithm>

struct curious : ammo::host_policy {
  // What is worth most by belief, and in the last slot what is known least.
  std::vector<ammo::valued_creation> choose(const ammo::policy_view& view) const override {
    auto slate = view.top(view.mean(), view.most());
    ammo::valued_creation stranger;
    float widest = 0;
    view.each_live([&](const ammo::live_creation& c) {
      const auto believed = view.value(c.creation);
      if (believed->deviation > widest &&
          std::ranges::find(slate, c.creation, &ammo::valued_creation::creation) == slate.end()) {
        widest = believed->deviation;
        stranger = {c.creation, slate.back().value};
      }
    });
    if (widest > 0)
      slate.back() = stranger;
    return slate;
  }
};
