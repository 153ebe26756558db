#include "runtime/config/deployment_layout.hpp"

#include <algorithm>

namespace ammo {

std::vector<subspace_block> blocks_of(const options& deployment) {
  std::vector<subspace_block> blocks;
  std::uint32_t end = 0;
  for (const auto& s : deployment.subspaces) {
    const auto kind = deployment.kinds.find(s.kind);
    const block b{.offset = s.offset < 0 ? end : static_cast<std::uint32_t>(s.offset),
                  .width = s.width != 0 || !kind ? s.width : kind->width.usual};
    end = b.end();
    blocks.push_back({s.name, b});
  }
  return blocks;
}

std::uint32_t dim_of(const options& deployment, const std::vector<subspace_block>& blocks) noexcept {
  if (deployment.dim != 0)
    return deployment.dim;
  std::uint32_t dim = 0;
  for (const auto& b : blocks)
    dim = std::max(dim, b.coordinates.end());
  return dim;
}

result<layout> layout_of(const options& deployment) {
  auto blocks = blocks_of(deployment);
  auto dim = dim_of(deployment, blocks);
  return layout::make(dim, std::move(blocks));
}

} // namespace ammo
