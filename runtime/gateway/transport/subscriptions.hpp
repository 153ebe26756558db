/// What a connection hears without asking each time: pushes of users, an operator's figures.
/// Lives here: who has subscribed to what. May not live here: how it is written to the connection.
#pragma once

#include "runtime/gateway/service/hub.hpp"
#include "runtime/gateway/service/service.hpp"
#include "runtime/gateway/text/members.hpp"
#include "runtime/gateway/transport/asio.hpp"
#include "runtime/gateway/transport/front.hpp"

#include <cstdint>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace ammo::web {

/// Of one connection. All its members but `pushed` run on its context's thread.
class subscriptions final : public listener_of_pushes, public std::enable_shared_from_this<subscriptions> {
public:
  static constexpr std::size_t most_subscribed = 1'024; ///< users

  /// `tell`: takes what was subscribed to ("push", "statistics") and a document in the form of the last subscription. It must not keep its
  /// connection alive.
  subscriptions(std::shared_ptr<front> shared, const context_executor& context, std::function<void(std::string_view, std::string, form)> tell);
  ~subscriptions() override;

  /// To "pushes" (of a "user") or "statistics" ("every_ms"), until the token expires. Errors thrown: those of `members` and of `permit`, `bad_value`, `too_many_items`.
  void subscribe(const std::string& what, members& from, form as, const access& who);
  void unsubscribe(const std::string& what, members& from);
  /// Tells the first figures of a subscription that was just answered.
  void begin();
  [[nodiscard]] bool any() const noexcept { return !users_.empty() || figures_every_ms_ > 0; }
  /// Nothing is told any more.
  void cancel();
  void pushed(const std::shared_ptr<const slate>& what) override;

private:
  using steady_timer = net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>, context_executor>;
  void tell_figures();

  std::shared_ptr<front> front_; // first: it holds the context
  shared_service with_;
  context_executor context_;
  std::function<void(std::string_view, std::string, form)> tell_;
  using seconds_since_1970 = std::int64_t;
  std::unordered_map<user_id, seconds_since_1970> users_; // until their tokens expire
  seconds_since_1970 figures_until_ = 0;
  steady_timer figures_due_;
  std::uint32_t figures_every_ms_ = 0; // 0: not subscribed
  std::uint64_t figures_turn_ = 0;
  form as_ = form::json;
  bool fresh_ = false, cancelled_ = false;
};

} // namespace ammo::web
