#include "runtime/gateway/transport/rpc_session.hpp"

#include <algorithm>
#include <atomic>

namespace ammo::web {
namespace {

/// A part of a path or a query, from a text, a whole number, or yes and no.
std::string text_of(const document& value, std::string_view what) {
  if (value.is_string())
    return value.get<std::string>();
  if (value.is_number_integer() || value.is_boolean())
    return value.dump();
  throw refusal(fault::wrong_member_type, std::string(what) + " is neither a text nor a whole number");
}

request request_of(rpc_call&& call, const route& to, const front& by) {
  request out;
  out.method = to.method;
  out.path = to.path;
  out.answer = form::msgpack;
  auto& params = call.params;
  const auto parts = static_cast<std::size_t>(std::ranges::count(to.path, '{'));
  if (params.size() < parts)
    throw refusal(fault::missing_member, std::to_string(parts) + " params at least, as in " + std::string(to.path));
  if (params.size() > parts + 3)
    throw refusal(fault::unknown_member, "more params than the " + std::to_string(parts) + " of " + std::string(to.path) + ", an object, a key and a traceparent");
  for (std::size_t i = 0; i < parts; ++i)
    out.path_parts.push_back(text_of(params[i], "param " + std::to_string(i)));
  if (params.size() > parts && !params[parts].is_null()) {
    if (to.method == "GET" || to.method == "DELETE") {
      if (!params[parts].is_object())
        throw refusal(fault::wrong_member_type, "param " + std::to_string(parts) + " is no object");
      for (const auto& [name, value] : params[parts].items())
        out.query.emplace_back(name, text_of(value, name.substr(0, 80)));
    } else {
      out.read = std::move(params[parts]);
    }
  }
  if (params.size() > parts + 1 && !params[parts + 1].is_null())
    out.idempotency_key = text_of(params[parts + 1], "the key");
  if (params.size() > parts + 2 && !params[parts + 2].is_null())
    out.trace = by.trace_named(text_of(params[parts + 2], "the traceparent"));
  return out;
}

} // namespace

rpc_session::rpc_session(std::shared_ptr<front> shared, const context_executor& context, std::weak_ptr<rpc_carrier> by, access who, std::string address)
  : front_(std::move(shared)), context_(context), by_(std::move(by)), who_(std::move(who)), address_(std::move(address)) {
  heard_ = std::make_shared<subscriptions>(front_, context, [carrier = by_, counts = front_->serves->counts](std::string_view name, const std::string& bytes, form) {
    const auto to = carrier.lock();
    if (to && to->behind())
      counts->refuse(fault::stream_behind);
    else if (to)
      to->carry(rpc_notification(name, bytes));
  });
}

void rpc_session::take(std::string_view message) {
  auto call = read_call(message);
  const auto id = call.id;
  front_->counts.requests.fetch_add(1, std::memory_order_relaxed);
  try {
    if (call.bad)
      throw refusal(*call.bad);
    front_->count_request(who_, address_);
    if (call.method == "authorize")
      authorize(call);
    else if (call.method == "subscribe" || call.method == "unsubscribe")
      subscribe(call, call.method == "subscribe");
    else
      carry_out(std::move(call));
  } catch (const refusal& why) {
    answer(id, problem(why, form::msgpack));
  } catch (const std::exception& e) {
    answer(id, problem(refusal(failure{errc::internal, e.what()}), form::msgpack));
  }
}

void rpc_session::carry_out(rpc_call&& call) {
  const auto id = call.id;
  const route* const to = front_->routes.named(call.method);
  if (!to)
    throw refusal(fault::unknown_method, call.method.substr(0, 40) + "; methods are the operations of /openapi.json, subscribe and unsubscribe");
  auto asked = request_of(std::move(call), *to, *front_);
  asked.who = who_;
  ++under_way_;
  const auto answered = std::make_shared<std::atomic<bool>>(false);
  // A connection that is full neither reads nor writes: its calls keep it.
  front_->routes.carry_out(*to, std::move(asked), [self = shared_from_this(), by = by_.lock(), id, answered](response out) {
    if (answered->exchange(true))
      return;
    net::post(self->context_, [self, by, id, out = std::move(out)] {
      --self->under_way_;
      const bool sayable = out.type.empty() || out.type == msgpack_type;
      self->answer(id, sayable ? out : problem(refusal(fault::unknown_method, "files are sent over HTTP alone"), form::msgpack));
      if (by)
        by->on_room();
    });
  });
}

void rpc_session::authorize(const rpc_call& call) {
  if (call.params.size() != 1 || !call.params[0].is_string())
    throw refusal(fault::wrong_member_type, "the param is a token");
  who_ = front_->identify("Bearer " + call.params[0].get<std::string>(), who_.admin_door);
  answer(call.id, nothing());
}

void rpc_session::subscribe(const rpc_call& call, bool on) {
  const auto& params = call.params;
  if (params.empty() || params.size() > 2 || !params[0].is_string())
    throw refusal(fault::wrong_member_type, "params are \"pushes\" or \"statistics\", and an object");
  static const document nothing_more = document::object();
  members from(params.size() == 2 ? params[1] : nothing_more);
  const auto& what = params[0].get_ref<const std::string&>();
  if (on)
    heard_->subscribe(what, from, form::msgpack, who_);
  else
    heard_->unsubscribe(what, from);
  answer(call.id, nothing());
  heard_->begin();
}

void rpc_session::answer(std::optional<std::uint32_t> id, const response& out) {
  for (const auto what : out.faults)
    front_->counts.refuse(what);
  front_->counts.answered(out.status);
  const auto by = by_.lock();
  if (by && id)
    by->carry(out.error.empty() ? rpc_answer(*id, out.body) : rpc_error(*id, out.error));
}

} // namespace ammo::web
