/// A private authority and the certificates of its nodes: made, read and judged. libcrypto alone.
///
/// FOLDER/ca.key and ca.crt are the authority's: ca.key stays where certificates are made, ca.crt goes to every node. NAME.key and NAME.crt are a
/// node's. Keys are Ed25519; a node's certificate says "ammo://node/NAME", so no other certificate of the same authority passes for a node's.
#pragma once

#include "actors/base/result.hpp"
#include "runtime/node/refusals.hpp"

#include <chrono>
#include <optional>
#include <string>

struct x509_st;

namespace ammo::node {

/// A name of a node: a letter or a digit, then letters, digits and -, in small letters, at most 63.
[[nodiscard]] bool is_node_name(const std::string& name) noexcept;

/// What a node shows and what it believes, in PEM.
struct material {
  std::string name;
  std::string authority, certificate, key;
};

/// Makes an authority. Errors: `bad_value` (there is one already: it is never overwritten), `system_refused`.
[[nodiscard]] result<void> make_authority(const std::string& folder, std::chrono::hours valid = std::chrono::hours{24 * 3650});
/// Makes a node's key and certificate by the authority that is there. `valid` may be negative, for tests. Errors: `no_such_file`, `bad_value` (no name of a node;
/// there is one of that name; the authority's files don't fit one another), `system_refused`.
[[nodiscard]] result<void> make_node(const std::string& folder, const std::string& name, std::chrono::hours valid = std::chrono::hours{24 * 365});
/// What a node of that name needs, judged as a peer would judge it. Errors: `no_such_file`; `bad_value`: the key can be read by others, isn't the certificate's, or the
/// certificate is refused, by name.
[[nodiscard]] result<material> read_material(const std::string& folder, const std::string& name);

/// The node that a certificate names; none: it is not a node's.
[[nodiscard]] std::optional<std::string> node_in(const x509_st* certificate);
/// Of an error of X.509 verification.
[[nodiscard]] refusal refusal_of(long verification) noexcept;

} // namespace ammo::node
