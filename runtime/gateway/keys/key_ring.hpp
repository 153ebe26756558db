/// Keys that tokens are signed with: Ed25519, each with a name (`kid`).
/// Lives here: keys and their files. May not live here: what a token says.
#pragma once

#include "ammo/result.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace ammo::web {

struct evp_key_deleter {
  void operator()(void* key) const noexcept;
};
/// An Ed25519 key of libcrypto's: public, or private. Immutable, so usable from any thread.
using evp_key = std::unique_ptr<void, evp_key_deleter>;

inline constexpr std::size_t signature_bytes = 64;
inline constexpr std::size_t longest_kid = 64; ///< letters, digits, '-' and '_'

[[nodiscard]] bool is_kid(std::string_view name) noexcept;

/// Public keys by name. Immutable.
class key_ring {
public:
  /// All files KID.pub of a folder (PEM). Errors: `no_such_file` (no folder, or no key in it), `bad_value` (a file that is no Ed25519 key, a bad name).
  static result<std::shared_ptr<const key_ring>> load(const std::string& folder);

  void add(std::string kid, evp_key key) { keys_[std::move(kid)] = std::move(key); }
  /// Is it a signature of `signed_text` by that key? False where there is no such key.
  [[nodiscard]] bool verifies(std::string_view kid, std::string_view signed_text, std::string_view signature) const noexcept;
  [[nodiscard]] bool has(std::string_view kid) const noexcept { return keys_.find(kid) != keys_.end(); }

private:
  std::map<std::string, evp_key, std::less<>> keys_;
};

/// A fresh private key. Errors: `system_refused`.
[[nodiscard]] result<evp_key> fresh_key();
/// The public half. Errors: `system_refused`.
[[nodiscard]] result<evp_key> public_of(const evp_key& key);
/// Empty where libcrypto refuses.
[[nodiscard]] std::string signature_of(const evp_key& key, std::string_view text);

/// Writes KID.key (readable by its owner alone) and KID.pub into a folder, which is made where there is none. Errors: `bad_value` (the name, or a key
/// of that name is there), `system_refused`.
[[nodiscard]] result<void> write_key(const std::string& folder, const std::string& kid, const evp_key& key);
/// The private key KID.key. Errors: `no_such_file`, `bad_value`.
[[nodiscard]] result<evp_key> read_private_key(const std::string& folder, const std::string& kid);

} // namespace ammo::web
