/// Who the server is by TLS: a certificate and its key, as files that may be renewed while they are served.
/// Lives here: files and OpenSSL. May not live here: connections.
#pragma once

#include "runtime/gateway/transport/byte_stream.hpp"

#include "ammo/result.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace ammo::web {

/// TLS 1.3 alone. Usable from any thread.
class tls_identity {
public:
  /// Both files in PEM: the certificate with those that lead to its issuer behind it. Errors: `no_such_file` (one can't be opened), `bad_value` (no
  /// certificate, no key, or a key of another certificate), each with the file.
  [[nodiscard]] static result<std::shared_ptr<tls_identity>> load(std::string certificate, std::string key);

  /// For a new connection. Looks at most once in a second whether a file has changed. Files that can't be used leave what there was in its place, and
  /// are read again until they can.
  struct offer {
    std::shared_ptr<tls_context> context;
    bool refused = false; ///< files have changed, and can't be used: said once of each change
  };
  [[nodiscard]] offer current(std::chrono::steady_clock::time_point now);

  /// Is it a name, or an address in digits, that the certificate is for?
  [[nodiscard]] bool is_for(std::string_view host) const;

private:
  using stamp = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;
  tls_identity(std::string certificate, std::string key) : certificate_(std::move(certificate)), key_(std::move(key)) {}
  [[nodiscard]] stamp looked_at() const;
  [[nodiscard]] result<std::shared_ptr<tls_context>> read() const;

  const std::string certificate_, key_;
  mutable std::mutex changing_;
  std::shared_ptr<tls_context> context_;
  stamp of_{};      ///< of what is offered
  stamp refused_{}; ///< of what couldn't be taken, and is looked at again
  std::chrono::steady_clock::time_point looked_{};
};

} // namespace ammo::web
