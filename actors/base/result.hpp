/// A value or a named error: how everything in AMMO says that it failed.
/// Lives here: `failure` and `result<T>`. Nothing here throws or allocates beyond its strings.
#ifndef AMMO_RESULT_HPP // hosts see this file as ammo/result.hpp: one guard for both
#define AMMO_RESULT_HPP

#include "actors/base/errc.hpp"
#include "actors/base/export.hpp"

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace ammo {

/// A named error with the place and the advice that a person needs ("config.toml:12: …").
struct AMMO_EXPORT failure {
  errc code = errc::internal;
  std::string detail; ///< where and what, for a person; may be empty
  std::uint64_t key = 0; ///< of `outcome_unknown`: the call, repeated under this key, is told what became of it; else 0

  /// "norm_over_cap: a creation's norm … (creation 7 of goal 3 has norm 4.2)".
  [[nodiscard]] std::string text() const;
  friend bool operator==(const failure&, const failure&) = default;
};

/// A value of type T, or a `failure`. Reading the wrong side is a programming error (asserted).
template <class T>
class [[nodiscard]] result {
public:
  using value_type = T;
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  result(failure err) : state_(std::in_place_index<1>, std::move(err)) {}
  result(errc code, std::string detail = {})
    : state_(std::in_place_index<1>, failure{code, std::move(detail)}) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  T& value() & { assert(has_value()); return *std::get_if<0>(&state_); }
  const T& value() const& { assert(has_value()); return *std::get_if<0>(&state_); }
  T&& value() && { assert(has_value()); return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  [[nodiscard]] const failure& error() const { assert(!has_value()); return *std::get_if<1>(&state_); }
  [[nodiscard]] errc code() const noexcept { return has_value() ? errc::ok : error().code; }

private:
  std::variant<T, failure> state_;
};

/// Success without a value, or a `failure`.
template <>
class [[nodiscard]] result<void> {
public:
  using value_type = void;
  result() = default;
  result(failure err) : state_(std::move(err)) {}
  result(errc code, std::string detail = {}) : state_(failure{code, std::move(detail)}) {}

  [[nodiscard]] bool has_value() const noexcept { return !state_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }
  [[nodiscard]] const failure& error() const { assert(state_); return *state_; }
  [[nodiscard]] errc code() const noexcept { return state_ ? state_->code : errc::ok; }

private:
  std::optional<failure> state_;
};

} // namespace ammo

#endif
