/// The runtime's values as documents: what docs/openapi.yaml describes.
#pragma once

#include "runtime/gateway/service/service.hpp"

namespace ammo::web {

[[nodiscard]] document id_text(std::uint64_t id);
[[nodiscard]] document shape_of(const user_belief& b);
[[nodiscard]] document shape_of(const explanation& e, const service& with);
[[nodiscard]] document shape_of(const elaboration& e, const service& with);
[[nodiscard]] document shape_of(const runtime_health& h);
/// Is it a part that many share, and silent or quarantined? A buddy that has failed is nobody else's trouble.
[[nodiscard]] bool hinders(const part_health& p) noexcept;
/// Does each part that many share answer and work, and can changes be made durable?
[[nodiscard]] bool ready(const runtime_health& h) noexcept;
[[nodiscard]] document shape_of(const creation_receipt& r);
[[nodiscard]] document shape_of(const written_receipt& r);
[[nodiscard]] document shape_of(const runtime_statistics& s);
[[nodiscard]] document shape_of(const traffic& t);
/// All figures: the runtime's, the gateway's, the host's.
[[nodiscard]] document figures_of(const runtime_statistics& s, const service& with);

} // namespace ammo::web
