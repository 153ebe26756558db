#include "actors/protocol/travels.hpp"

#include <functional>

namespace {

struct points {
  int n = 0;
  std::shared_ptr<int> to;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.n, s.to); }
};
struct hides {
  std::uint64_t n = 0;
  std::shared_ptr<int> to; // not among the fields
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.n); }
};
struct holds {
  std::vector<points> all;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.all); }
};

static_assert(ammo::travelling<ammo::reward>);
static_assert(ammo::travelling<ammo::catalogue_news>);
static_assert(!ammo::travelling<points>);
static_assert(!ammo::travelling<hides>);
static_assert(!ammo::travelling<holds>);
static_assert(!ammo::travelling<int*>);
static_assert(!ammo::travelling<std::function<void()>>);

} // namespace
