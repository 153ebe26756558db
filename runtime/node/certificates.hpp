/// A private authority and the certificates of its nodes: made, renewed, removed, read and judged. libcrypto alone.
///
/// FOLDER/ca.key, ca.crt and ca.crl are the authority's: ca.key stays where certificates are made, with ca.issued, the list of all that were; ca.crt and ca.crl, the
/// certificates that no longer count, go to every node. NAME.key and NAME.crt are a node's. Keys are Ed25519; a node's certificate says "ammo://node/NAME", so no other
/// certificate of the same authority passes for a node's.
#pragma once

#include "actors/base/result.hpp"
#include "runtime/node/refusals.hpp"

#include <chrono>
#include <cstddef>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

struct x509_st;
struct x509_store_st;

namespace ammo::node {

/// A name of a node: a letter or a digit, then letters, digits and -, in small letters, at most 63.
[[nodiscard]] bool is_node_name(const std::string& name) noexcept;

/// What a node shows and what it believes, in PEM.
struct material {
  std::string name;
  std::string authority, certificate, key;
  std::string removed; ///< certificates that no longer count, as the authority has signed it (a CRL); empty: all count
  std::string folder;  ///< where it was read, and may be renewed; empty: nowhere
};

/// How long a certificate counts. It begins an hour before it is made, for clocks that are behind. Negative, for tests: it is over.
inline constexpr std::chrono::seconds years_of_an_authority{std::chrono::hours{24 * 3650}}, year_of_a_node{std::chrono::hours{24 * 365}};

/// Makes an authority. Errors: `bad_value` (there is one already: it is never overwritten), `system_refused`.
[[nodiscard]] result<void> make_authority(const std::string& folder, std::chrono::seconds valid = years_of_an_authority);
/// Makes a node's key and certificate by the authority that is there; `hosts`: names and addresses in digits that a client of the node may look for, beside its name. Errors:
/// `no_such_file`, `bad_value` (no name of a node, no host; there is one of that name; the authority's files don't fit one another), `system_refused`.
[[nodiscard]] result<void> make_node(const std::string& folder, const std::string& name, std::chrono::seconds valid = year_of_a_node, const std::vector<std::string>& hosts = {});
/// The same in the place of a node's files: another key, another certificate. The one before counts until it ends or is removed. Errors: those, and `no_such_file`: it has none.
[[nodiscard]] result<void> renew_node(const std::string& folder, const std::string& name, std::chrono::seconds valid = year_of_a_node, const std::vector<std::string>& hosts = {});
/// All certificates that the node was given no longer count; its files go. A new one may be made. Gives how many that are. Errors: `no_such_file` (no authority; none was given),
/// `bad_value`, `system_refused`.
[[nodiscard]] result<std::size_t> remove_node(const std::string& folder, const std::string& name);

/// What a node of that name needs, judged as a peer would judge it. Errors: `no_such_file`; `bad_value`: the key can be read by others, isn't the certificate's, or the
/// certificate is refused, by name.
[[nodiscard]] result<material> read_material(const std::string& folder, const std::string& name);

/// Believes the authority, less what is removed. False: it isn't PEM of that.
[[nodiscard]] bool believe(x509_store_st* store, const material& m);
/// A peer's certificate, by what this node believes at that time. `none`: it is a node's of this authority.
[[nodiscard]] refusal judge(x509_st* peer, const material& by, std::time_t now);
/// The node that a certificate names; none: it is not a node's.
[[nodiscard]] std::optional<std::string> node_in(const x509_st* certificate);
/// Of an error of X.509 verification.
[[nodiscard]] refusal refusal_of(long verification) noexcept;
/// The day on which a certificate ends, "2027-11-29"; empty: it isn't PEM of one.
[[nodiscard]] std::string ends_on(const std::string& certificate_pem);

} // namespace ammo::node
