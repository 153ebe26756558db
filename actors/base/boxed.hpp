/// A value that few have, in the space of a pointer.
#pragma once

#include <memory>
#include <utility>

namespace ammo {

/// A T or nothing; copies as a T does. 8 bytes until there is one.
template <class T>
class boxed {
public:
  boxed() = default;
  explicit boxed(T value) : value_(std::make_unique<T>(std::move(value))) {}
  boxed(boxed&&) noexcept = default;
  boxed& operator=(boxed&&) noexcept = default;
  boxed(const boxed& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
  boxed& operator=(const boxed& other) { return *this = boxed(other); }
  ~boxed() = default;

  explicit operator bool() const noexcept { return value_ != nullptr; }
  [[nodiscard]] T& operator*() const noexcept { return *value_; }
  [[nodiscard]] T* operator->() const noexcept { return value_.get(); }
  [[nodiscard]] T* get() const noexcept { return value_.get(); }

private:
  std::unique_ptr<T> value_;
};

} // namespace ammo
