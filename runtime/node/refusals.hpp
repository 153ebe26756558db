/// Why a link to another node isn't made, or ends: the one list, and a sentence for each.
#pragma once

#include "actors/base/errc.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ammo::node {

enum class refusal : std::uint8_t {
  none,
  // certificates
  no_certificate,
  other_authority,
  self_signed,
  expired,
  not_yet_valid,
  removed,
  not_a_node,
  other_name,
  bad_certificate,
  // the handshake
  no_tls,
  slow_handshake,
  too_many_strangers,
  bad_upgrade,
  // what a peer says
  bad_hello,
  other_protocol,
  other_schema,
  other_layout,
  itself,
  bad_batch,
  out_of_order,
  too_large,
  // ends
  silent,
  broken,
  replaced,
  closed,
  unreachable,
  unusable_files,
  end_
};

/// "other_authority".
[[nodiscard]] std::string_view name_of(refusal r) noexcept;
/// One English sentence.
[[nodiscard]] std::string_view sentence_of(refusal r) noexcept;

/// Of a hello that `cluster::welcome` refuses.
[[nodiscard]] refusal refusal_of_welcome(errc code) noexcept;

/// How often each has been. Any thread.
class refusal_counts {
public:
  void add(refusal r) noexcept { counts_[static_cast<std::size_t>(r)].fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t of(refusal r) const noexcept { return counts_[static_cast<std::size_t>(r)].load(std::memory_order_relaxed); }

private:
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(refusal::end_)> counts_{};
};

} // namespace ammo::node
