#include "actors/protocol/pooled.hpp"

namespace ammo {

namespace {

constexpr auto add = [](auto& to, const auto& from) {
  for (std::size_t i = 0; i < to.size(); ++i)
    to[i] += from[i];
};

} // namespace

pooled_sums& pooled_sums::operator+=(const pooled_sums& o) noexcept {
  people += o.people;
  add(votes, o.votes);
  second_is_higher += o.second_is_higher;
  add(tuned, o.tuned);
  add(log_lambda, o.log_lambda);
  add(log_lambda2, o.log_lambda2);
  bases += o.bases;
  base += o.base;
  base2 += o.base2;
  splits += o.splits;
  joins += o.joins;
  add(shown, o.shown);
  add(seen, o.seen);
  add(seen2, o.seen2);
  return *this;
}

} // namespace ammo
