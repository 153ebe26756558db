#include "runtime/node/refusals.hpp"

namespace ammo::node {
namespace {

struct entry {
  refusal code;
  std::string_view name, sentence;
};

constexpr std::array entries{
  entry{refusal::none, "none", "Nothing was refused."},
  entry{refusal::no_certificate, "no_certificate", "The peer has shown no certificate."},
  entry{refusal::other_authority, "other_authority", "The peer's certificate is of another authority than this node's."},
  entry{refusal::self_signed, "self_signed", "The peer has signed its certificate itself."},
  entry{refusal::expired, "expired", "The peer's certificate has expired; make it a new one."},
  entry{refusal::not_yet_valid, "not_yet_valid", "The peer's certificate isn't valid yet; look at both machines' clocks."},
  entry{refusal::removed, "removed", "The peer's certificate was removed by its authority."},
  entry{refusal::not_a_node, "not_a_node", "The peer's certificate is of this authority, but not a node's."},
  entry{refusal::other_name, "other_name", "The peer calls itself by another name than its certificate does."},
  entry{refusal::bad_certificate, "bad_certificate", "The peer's certificate can't be verified."},
  entry{refusal::no_tls, "no_tls", "The peer doesn't speak TLS 1.3, or refuses this node's certificate."},
  entry{refusal::slow_handshake, "slow_handshake", "The peer hasn't said in time who it is."},
  entry{refusal::too_many_strangers, "too_many_strangers", "Too many connections haven't said yet who they are."},
  entry{refusal::bad_upgrade, "bad_upgrade", "The peer doesn't speak WebSocket."},
  entry{refusal::bad_hello, "bad_hello", "The peer's first message is no hello."},
  entry{refusal::other_protocol, "other_protocol", "The peer speaks another version of the protocol."},
  entry{refusal::other_schema, "other_schema", "The peer has another schema of the store."},
  entry{refusal::other_layout, "other_layout", "The peer plays another layout of subspaces."},
  entry{refusal::itself, "itself", "A node has called itself."},
  entry{refusal::bad_batch, "bad_batch", "The peer has sent bytes that are no batch."},
  entry{refusal::out_of_order, "out_of_order", "The peer's batches, or its acknowledgements, don't follow one another."},
  entry{refusal::too_large, "too_large", "The peer's message is over the limit."},
  entry{refusal::silent, "silent", "The peer has been silent for too long."},
  entry{refusal::broken, "broken", "The connection has broken."},
  entry{refusal::replaced, "replaced", "The peer has made a new connection in the place of this one."},
  entry{refusal::closed, "closed", "The peer, or this node, has closed the link."},
  entry{refusal::unreachable, "unreachable", "Nobody answers at the address; the link is tried again."},
  entry{refusal::unusable_files, "unusable_files", "The certificates of this node have changed, and can't be used; it goes on with those before."},
};

constexpr bool complete() {
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (static_cast<std::size_t>(entries[i].code) != i)
      return false;
  return entries.size() == static_cast<std::size_t>(refusal::end_);
}
static_assert(complete(), "every refusal needs its row here, in the order of the enum");

} // namespace

std::string_view name_of(refusal r) noexcept { return entries[static_cast<std::size_t>(r)].name; }
std::string_view sentence_of(refusal r) noexcept { return entries[static_cast<std::size_t>(r)].sentence; }

refusal refusal_of_welcome(errc code) noexcept {
  switch (code) {
  case errc::frame_wrong_version: return refusal::other_protocol;
  case errc::state_newer: return refusal::other_schema;
  case errc::state_other_layout: return refusal::other_layout;
  default: return refusal::itself;
  }
}

} // namespace ammo::node
