/// The answer to a request with many items: how many were accepted, and which were refused, and why.
#pragma once

#include "runtime/gateway/text/exchange.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

namespace ammo::web {

/// Answers once all of its items have been heard of. Usable from any thread.
class gathering {
public:
  /// `alone`: the request was one item, not an array, so that its refusal is the request's.
  gathering(std::size_t items, bool alone, form as, answerer to);

  void accept();
  void refuse(std::size_t item, const refusal& why);
  /// What became of one.
  void hear(std::size_t item, const result<void>& done);

private:
  void heard(std::unique_lock<std::mutex> locked);

  std::mutex changing_;
  std::size_t left_, accepted_ = 0;
  const bool alone_;
  const form as_;
  std::map<std::size_t, refusal> refused_; ///< by item
  answerer to_;
};

/// Calls `each` with every item of a body that is one item or an array of at most `most`; answers once all were heard of. What `each` throws
/// as `refusal` is that item's. Errors thrown: `too_many_items`, those of `body_of`.
void for_each_item(const request& r, std::size_t most, answerer to,
                   const std::function<void(const document& item, std::size_t number, callback<void> done)>& each);

} // namespace ammo::web
