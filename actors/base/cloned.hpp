/// A value behind an interface: it is copied by its own `clone`.
#pragma once

#include <memory>
#include <utility>

namespace ammo {

/// A T of any kind, or nothing. 8 bytes, and what is pointed to.
template <class T>
class cloned {
public:
  cloned() = default;
  explicit(false) cloned(std::unique_ptr<T> value) noexcept : value_(std::move(value)) {}
  cloned(cloned&&) noexcept = default;
  cloned& operator=(cloned&&) noexcept = default;
  cloned(const cloned& other) : value_(other ? other->clone() : nullptr) {}
  cloned& operator=(const cloned& other) { return *this = cloned(other); }
  ~cloned() = default;

  explicit operator bool() const noexcept { return value_ != nullptr; }
  [[nodiscard]] T& operator*() noexcept { return *value_; }
  [[nodiscard]] T* operator->() noexcept { return value_.get(); }
  [[nodiscard]] T* get() noexcept { return value_.get(); }
  [[nodiscard]] const T& operator*() const noexcept { return *value_; }
  [[nodiscard]] const T* operator->() const noexcept { return value_.get(); }
  [[nodiscard]] const T* get() const noexcept { return value_.get(); }

private:
  std::unique_ptr<T> value_;
};

} // namespace ammo
