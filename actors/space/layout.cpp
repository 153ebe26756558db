#include "actors/space/layout.hpp"

#include <algorithm>
#include <numeric>

namespace ammo {
namespace {

std::string text_of(const block& b) {
  return std::to_string(b.offset) + " to " + std::to_string(std::uint64_t{b.offset} + b.width - 1);
}

result<void> check(std::uint32_t dim, const std::vector<subspace_block>& subspaces) {
  auto bad = [](std::string detail) { return result<void>{errc::bad_layout, std::move(detail)}; };
  if (dim == 0 || dim > max_dim)
    return bad("D is " + std::to_string(dim) + "; it must lie in [1, " + std::to_string(max_dim) + "]");
  if (subspaces.empty() || subspaces.size() > max_subspaces)
    return bad(std::to_string(subspaces.size()) + " subspaces; there must be 1 to " + std::to_string(max_subspaces));
  for (auto s = subspaces.begin(); s != subspaces.end(); ++s) {
    const block& b = s->coordinates;
    if (s->name.empty())
      return bad("subspace " + std::to_string(s - subspaces.begin()) + " has no name");
    if (std::any_of(subspaces.begin(), s, [&](const auto& earlier) { return earlier.name == s->name; }))
      return bad("two subspaces are named " + s->name);
    if (b.width == 0)
      return bad("subspace " + s->name + " has no coordinates");
    if (b.width > dim || b.offset > dim - b.width)
      return bad("subspace " + s->name + " owns coordinates " + text_of(b) + ", beyond D = " + std::to_string(dim));
  }
  return {};
}

} // namespace

result<layout> layout::make(std::uint32_t dim, std::vector<subspace_block> subspaces) {
  if (auto checked = check(dim, subspaces); !checked)
    return checked.error();
  layout made;
  made.dim_ = dim;
  made.subspaces_ = std::move(subspaces);
  made.factor_of_.resize(made.subspaces_.size());

  std::vector<std::uint16_t> by_offset(made.subspaces_.size());
  std::iota(by_offset.begin(), by_offset.end(), std::uint16_t{0});
  std::ranges::stable_sort(by_offset, {}, [&](std::uint16_t s) { return made.subspaces_[s].coordinates.offset; });
  for (std::uint16_t s : by_offset) {
    const block& b = made.subspaces_[s].coordinates;
    if (made.factors_.empty() || b.offset >= made.factors_.back().end())
      made.factors_.push_back(b);
    block& factor = made.factors_.back();
    factor.width = std::max(factor.end(), b.end()) - factor.offset;
    made.factor_of_[s] = static_cast<std::uint16_t>(made.factors_.size() - 1);
  }
  return made;
}

std::optional<subspace_id> layout::find(std::string_view name) const noexcept {
  auto found = std::ranges::find(subspaces_, name, &subspace_block::name);
  if (found == subspaces_.end())
    return std::nullopt;
  return subspace_id{static_cast<std::uint16_t>(found - subspaces_.begin())};
}

block layout::within_factor(subspace_id s) const {
  block b = coordinates(s);
  b.offset -= factors_[factor_of(s)].offset;
  return b;
}

} // namespace ammo
