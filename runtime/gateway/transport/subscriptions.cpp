#include "runtime/gateway/transport/subscriptions.hpp"

#include "runtime/gateway/calls/shapes.hpp"
#include "runtime/gateway/calls/slate_text.hpp"
#include "runtime/gateway/service/permission.hpp"

#include <chrono>
#include <limits>

namespace ammo::web {
namespace {

std::int64_t now_s() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count(); }
/// When what a token allows is over.
std::int64_t end_of(const access& who) { return who.token ? who.token->expires : std::numeric_limits<std::int64_t>::max(); }

constexpr std::int64_t shortest_ms = 100, longest_ms = 3'600'000; // between two figures

} // namespace

subscriptions::subscriptions(std::shared_ptr<front> shared, const context_executor& context, std::function<void(std::string_view, std::string, form)> tell)
  : front_(std::move(shared)), with_(front_->serves), context_(context), tell_(std::move(tell)), figures_due_(context) {}

subscriptions::~subscriptions() {
  for (const auto& [user, until] : users_)
    with_->pushes->unsubscribe(user, this);
}

void subscriptions::subscribe(const std::string& what, members& from, form as, const access& who) {
  const auto now = now_s();
  if (what == "pushes") {
    const user_id user{from.needed_id("user")};
    from.end();
    permit(who, "subscribe_pushes", reach::person, now);
    permit_for(who, user);
    permit_in(who, {});
    if (users_.size() == most_subscribed && !users_.contains(user))
      throw refusal(fault::too_many_items, "at most " + std::to_string(most_subscribed) + " users");
    users_.insert_or_assign(user, end_of(who));
    with_->pushes->subscribe(user, shared_from_this());
  } else if (what == "statistics") {
    const auto every = from.whole("every_ms", 1'000);
    from.end();
    permit(who, "subscribe_statistics", reach::admin, now);
    if (every < shortest_ms || every > longest_ms)
      throw refusal(failure{errc::bad_value, "every_ms is " + std::to_string(every) + "; from " + std::to_string(shortest_ms) + " to " + std::to_string(longest_ms)});
    figures_every_ms_ = static_cast<std::uint32_t>(every);
    figures_until_ = end_of(who);
    ++figures_turn_;
    fresh_ = true;
  } else {
    throw refusal(failure{errc::bad_value, "\"" + what.substr(0, 40) + "\"; pushes and statistics can be subscribed to"});
  }
  as_ = as;
}

void subscriptions::unsubscribe(const std::string& what, members& from) {
  if (what == "pushes") {
    const user_id user{from.needed_id("user")};
    from.end();
    users_.erase(user);
    with_->pushes->unsubscribe(user, this);
  } else if (what == "statistics") {
    from.end();
    figures_every_ms_ = 0;
    ++figures_turn_;
    figures_due_.cancel();
  } else {
    throw refusal(failure{errc::bad_value, "\"" + what.substr(0, 40) + "\"; pushes and statistics can be unsubscribed from"});
  }
}

void subscriptions::begin() {
  if (std::exchange(fresh_, false))
    tell_figures();
}

void subscriptions::cancel() {
  cancelled_ = true;
  figures_due_.cancel();
}

void subscriptions::tell_figures() {
  if (figures_until_ <= now_s())
    figures_every_ms_ = 0;
  if (figures_every_ms_ == 0 || cancelled_)
    return;
  with_->rt.statistics([self = shared_from_this(), turn = figures_turn_](const result<runtime_statistics>& counted) {
    if (!counted)
      return; // the runtime has stopped, or is too busy: the next time will tell
    auto told = std::make_shared<document>(figures_of(*counted, *self->with_));
    net::post(self->context_, [self, turn, told] {
      if (turn == self->figures_turn_ && !self->cancelled_)
        self->tell_("statistics", write_document(*told, self->as_), self->as_);
    });
  });
  figures_due_.expires_after(std::chrono::milliseconds(figures_every_ms_));
  figures_due_.async_wait([self = shared_from_this(), turn = figures_turn_](boost_error error) {
    if (!error && turn == self->figures_turn_)
      self->tell_figures();
  });
}

void subscriptions::pushed(const std::shared_ptr<const slate>& what) {
  net::post(context_, [self = shared_from_this(), what] {
    const auto of = self->users_.find(what->user);
    if (of == self->users_.end() || self->cancelled_)
      return;
    if (of->second <= now_s()) {
      self->with_->pushes->unsubscribe(what->user, self.get());
      self->users_.erase(of);
    } else
      self->tell_("push", bytes_of(*what, *self->with_, self->as_), self->as_);
  });
}

} // namespace ammo::web
