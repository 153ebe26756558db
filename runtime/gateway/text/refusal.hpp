/// What the gateway refuses: faults of its own (bytes, paths, documents), and the runtime's errors with their HTTP status.
/// Lives here: the two tables. May not live here: what finds a fault.
#pragma once

#include "ammo/errc.hpp"
#include "ammo/result.hpp"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace ammo::web {

/// Faults of a connection or a request, which never reach the runtime.
enum class fault : std::uint8_t {
  malformed_request,
  header_too_large,
  body_too_large,
  request_late,
  too_many_connections,
  stopping,
  bad_host,
  bad_origin,
  token_refused,
  unknown_path,
  unknown_method,
  upgrade_needed,
  bad_query,
  bad_id,
  bad_key,
  unsupported_type,
  malformed_body,
  body_too_deep,
  repeated_member,
  bad_utf8,
  missing_member,
  unknown_member,
  wrong_member_type,
  too_many_items,
  stream_behind,
  not_ready,
  token_missing,
  token_algorithm,
  token_key,
  token_expired,
  token_over_broad,
  verb_refused,
  other_user,
  subspace_refused,
  rate_limited,
  handshake_failed,
  handshake_late,
  certificate_unusable,
  unread_full,
  bad_traceparent,
  end_ ///< one past the last
};
inline constexpr std::size_t faults = static_cast<std::size_t>(fault::end_);

[[nodiscard]] unsigned status_of(fault what) noexcept;
[[nodiscard]] std::string_view name_of(fault what) noexcept;
/// One English sentence that says what is wrong and what to do.
[[nodiscard]] std::string_view sentence_of(fault what) noexcept;

/// The HTTP status of one of the runtime's errors. The one table of it.
[[nodiscard]] unsigned status_of(errc code) noexcept;

/// A request that isn't carried out. Handlers throw it, and the router answers with it: it leaves no thread of the gateway.
class refusal : public std::exception {
public:
  explicit refusal(fault what, std::string detail = {}) : fault_(what), detail_(std::move(detail)) {}
  explicit refusal(const failure& why) : code_(why.code), detail_(why.detail), key_(why.key) {}

  [[nodiscard]] bool of_runtime() const noexcept { return fault_ == fault::end_; }
  [[nodiscard]] fault what_fault() const noexcept { return fault_; }
  [[nodiscard]] errc code() const noexcept { return code_; }
  [[nodiscard]] unsigned status() const noexcept { return of_runtime() ? status_of(code_) : status_of(fault_); }
  [[nodiscard]] std::string_view name() const noexcept { return of_runtime() ? ammo::name_of(code_) : name_of(fault_); }
  [[nodiscard]] std::string_view sentence() const noexcept { return of_runtime() ? ammo::sentence_of(code_) : sentence_of(fault_); }
  [[nodiscard]] const std::string& detail() const noexcept { return detail_; }
  /// Of `outcome_unknown`: what the runtime calls the request; 0: nothing.
  [[nodiscard]] std::uint64_t key() const noexcept { return key_; }
  [[nodiscard]] const char* what() const noexcept override { return name().data(); }

private:
  fault fault_ = fault::end_;
  errc code_ = errc::ok;
  std::string detail_;
  std::uint64_t key_ = 0;
};

} // namespace ammo::web
