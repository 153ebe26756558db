#include "actors/goal_buddy/goal_policy.hpp"

#include "actors/goal_buddy/adaptive.hpp"
#include "actors/goal_buddy/climbing.hpp"
#include "actors/goal_buddy/explorer.hpp"
#include "actors/base/named.hpp"
#include "actors/space/ball.hpp"

#include <array>
#include <string>

namespace ammo {
namespace {

constexpr std::array<std::string_view, 5> names{"static", "exploiter", "explorer", "adaptive", "host"};

} // namespace

std::string_view name_of(goal_policy p) noexcept { return p == goal_policy::unstated ? "" : name_in(names, p); }

result<goal_policy> goal_policy_named(std::string_view name) {
  if (name.empty())
    return goal_policy::unstated;
  return named_in<goal_policy>(names, "goal policy", name);
}

double goal_view::error_of(std::span<const float> x) const noexcept { return ball::half_squared_distance(x, grounded); }

std::vector<float> goal_view::wanted() const {
  std::vector<float> sum(e.size());
  for (std::span<const float> v : {std::span<const float>(heard.demand.values), interests})
    if (const double size = v.size() == e.size() && ball::finite(v) ? ball::norm(v) : 0; size > 0)
      for (std::size_t k = 0; k < sum.size(); ++k)
        sum[k] += static_cast<float>(v[k] / size);
  return sum;
}

splitmix64 goal_view::randomness() const noexcept { return generator(config.seed, stream::goal, raw(goal), asked + 1); }

std::unique_ptr<goal_strategy> make_goal_strategy(const goal_config& config, goal_id goal) {
  switch (config.policy) {
    case goal_policy::exploiter: return std::make_unique<climbing>(config);
    case goal_policy::explorer: return std::make_unique<explorer>(config);
    case goal_policy::adaptive: return std::make_unique<adaptive>();
    case goal_policy::host: {
      try {
        return config.host ? config.host(goal) : nullptr;
      } catch (...) {
        return nullptr; // static, as promised
      }
    }
    case goal_policy::unstated:
    case goal_policy::fixed: break;
  }
  return nullptr;
}

} // namespace ammo
