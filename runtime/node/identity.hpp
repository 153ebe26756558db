/// Who this node is by TLS, and whom it believes; both follow their files while it runs.
#pragma once

#include "runtime/node/asio.hpp"
#include "runtime/node/certificates.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>

namespace ammo::node {

/// Of one thread.
class identity {
public:
  /// Errors: `bad_value`: TLS doesn't take it.
  [[nodiscard]] static result<identity> of(material shows);

  struct change {
    bool taken = false;
    std::string unusable; ///< why it can't be taken, said once of each change
  };
  /// Looks whether a file has changed since the last that was taken; the first look reads them all. What can't be used leaves what there was, and is looked at again.
  [[nodiscard]] change look();
  /// For a new connection: TLS 1.3, both sides show a certificate, nobody resumes.
  [[nodiscard]] const std::shared_ptr<ssl::context>& tls() const noexcept { return tls_; }
  /// A certificate that was believed once: `none` while it still is.
  [[nodiscard]] refusal judge(x509_st* peer) const;

private:
  /// What tells a file from the one that was there before: its place, its size, its time in nanoseconds.
  using stamp = std::array<std::int64_t, 3>;
  using stamps = std::array<stamp, 4>;
  [[nodiscard]] stamps looked_at() const;

  material shows_;
  std::shared_ptr<ssl::context> tls_;
  stamps of_{};      ///< of what was taken last
  stamps refused_{}; ///< of what couldn't be taken
};

} // namespace ammo::node
