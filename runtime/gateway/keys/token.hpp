/// Tokens: JSON Web Tokens (RFC 7519) with exactly one algorithm, EdDSA with Ed25519 (RFC 8037).
/// Lives here: reading and making one. May not live here: what it permits.
#pragma once

#include "runtime/gateway/keys/key_ring.hpp"
#include "runtime/gateway/text/access.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ammo::web {

inline constexpr std::int64_t longest_life_s = 86'400; ///< from issue to expiry
inline constexpr std::size_t longest_token = 4'096;    ///< bytes
inline constexpr std::int64_t clocks_apart_s = 60;     ///< by which a token may come from the future

/// Reads and verifies a token; the signature first. Errors thrown as `refusal`: `token_refused` (no such form, forged, unknown or wrong claims),
/// `token_algorithm` (another than EdDSA, "none" too), `token_key` (an unknown `kid`), `token_expired`, `token_over_broad` (it lives for longer than
/// `longest_life_s`).
[[nodiscard]] claims read_token(std::string_view token, const key_ring& keys, std::int64_t now_s);

/// The claims of a token whose signature is right, as the JSON that they are. Errors thrown as `refusal`.
[[nodiscard]] claims read_claims(std::string_view json);

/// Makes one. Empty where libcrypto refuses.
[[nodiscard]] std::string make_token(const claims& says, std::string_view kid, const evp_key& key);

} // namespace ammo::web
