#include "runtime/gateway/gateway.hpp"

#include "runtime/gateway/service/service.hpp"
#include "runtime/gateway/transport/listener.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <thread>

namespace ammo {
namespace {

using namespace web;

/// "127.0.0.1:8088", "[::1]:0", "localhost:80".
result<tcp::endpoint> endpoint_of(const std::string& listen, const gateway_options& with) {
  const auto colon = listen.rfind(':');
  auto host = colon == listen.npos ? listen : listen.substr(0, colon);
  const auto digits = colon == listen.npos ? std::string_view() : std::string_view(listen).substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size())
    return {errc::bad_value, "\"" + listen + "\" is not HOST:PORT, as in 127.0.0.1:8088"};
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  if (host == "localhost")
    host = "127.0.0.1";
  boost_error bad;
  const auto address = net::ip::make_address(host, bad);
  if (bad)
    return {errc::bad_value, "\"" + host + "\" is no address; give one in digits, as in 127.0.0.1:8088"};
  if (!address.is_loopback() && (with.certificate.empty() || with.keys.empty()))
    return {errc::bad_value, host + " is beyond this machine: that takes TLS (a certificate and its key) and keys for tokens; without them only loopback is listened on "
                                    "(127.0.0.1, ::1)"};
  return tcp::endpoint(address, port);
}

result<void> check(const gateway_options& o) {
  const auto within = [](std::string_view name, std::uint64_t value, std::uint64_t least, std::uint64_t most) -> result<void> {
    if (value >= least && value <= most)
      return {};
    return {errc::bad_value, std::string(name) + " is " + std::to_string(value) + "; from " + std::to_string(least) + " to " + std::to_string(most)};
  };
  for (const auto& checked :
       {within("threads", o.threads, 1, 64), within("connections", o.connections, 1, 1'000'000), within("handshake_ms", o.handshake_ms, 1, 3'600'000), within("idle_ms", o.idle_ms, 1, 3'600'000),
        within("read_ms", o.read_ms, 1, 3'600'000), within("write_ms", o.write_ms, 1, 3'600'000), within("header_bytes", o.header_bytes, 256, 1 << 20),
        within("body_bytes", o.body_bytes, 1, 1 << 30), within("batch_bytes", o.batch_bytes, o.body_bytes, 1 << 30),
        within("feedback_items", o.feedback_items, 1, 65'536)})
    if (!checked)
      return checked;
  if (o.certificate.empty() != o.certificate_key.empty())
    return {errc::bad_value, o.certificate.empty() ? "a certificate's key without the certificate" : "a certificate without its key"};
  for (const double rate : {o.token_rate, o.address_rate})
    if (!(rate >= 0 && rate <= 1e6))
      return {errc::bad_value, "a rate of " + std::to_string(rate) + " a second; from 0 to 1,000,000"};
  return {};
}

} // namespace

struct gateway::impl {
  std::shared_ptr<front> shared;
  /// Where one of the protocols is spoken.
  struct entrance {
    std::shared_ptr<listener> door;
    std::string address;
    std::uint16_t port = 0;

    result<void> open(const std::shared_ptr<front>& shared, const std::string& listen, listener::protocol speaks) {
      const auto at = endpoint_of(listen, shared->limits);
      if (!at)
        return at.error();
      auto opened = listener::open(shared, *at, speaks);
      if (!opened)
        return opened.error();
      door = std::move(*opened);
      port = door->endpoint().port();
      address = (at->address().is_v6() ? "[" + at->address().to_string() + "]" : at->address().to_string()) + ':' + std::to_string(port);
      return {};
    }
  };
  entrance http, admin, rpc;
  std::vector<net::executor_work_guard<context_executor>> at_work;
  std::vector<std::thread> threads;
  std::uint32_t call_ms = 0; ///< within which the runtime ends every call
  std::mutex stopping;
  bool stopped = false;

  void stop() {
    std::lock_guard once(stopping);
    if (stopped)
      return;
    stopped = true;
    for (const auto* at : {&http, &admin, &rpc})
      if (at->door)
        at->door->close();
    if (shared->limits.pushes)
      shared->serves->rt.on_push({});
    for (const auto& c : shared->connections())
      c->wind_up();
    if (!shared->wait_until_closed(std::chrono::milliseconds(call_ms + shared->limits.read_ms + shared->limits.write_ms)))
      for (const auto& c : shared->connections())
        c->abort();
    at_work.clear();
    for (auto& t : threads)
      t.join();
  }
};

gateway::gateway(std::unique_ptr<impl> all) : impl_(std::move(all)) {}
gateway::~gateway() { stop(); }
const std::string& gateway::address() const noexcept { return impl_->http.address; }
std::uint16_t gateway::port() const noexcept { return impl_->http.port; }
const std::string& gateway::rpc_address() const noexcept { return impl_->rpc.address; }
std::uint16_t gateway::rpc_port() const noexcept { return impl_->rpc.port; }
const std::string& gateway::admin_address() const noexcept { return impl_->admin.address; }
std::uint16_t gateway::admin_port() const noexcept { return impl_->admin.port; }
void gateway::stop() { impl_->stop(); }

result<std::unique_ptr<gateway>> gateway::start(runtime& rt, const options& deployment, gateway_options with) {
  if (auto fine = check(with); !fine)
    return fine.error();
  try {
    const auto counts = std::make_shared<traffic>();
    const auto hub = std::make_shared<push_hub>();
    std::shared_ptr<const key_ring> keys;
    if (!with.keys.empty()) {
      auto loaded = key_ring::load(with.keys);
      if (!loaded)
        return loaded.error();
      keys = std::move(*loaded);
    }
    std::shared_ptr<tls_identity> tls;
    if (!with.certificate.empty()) {
      auto loaded = tls_identity::load(with.certificate, with.certificate_key);
      if (!loaded)
        return loaded.error();
      tls = std::move(*loaded);
    }
    const auto serves = std::make_shared<const service>(service{rt, deployment, with, counts, hub, keys});
    auto all = std::make_unique<impl>();
    all->shared = std::make_shared<front>(with, serves, tls);
    all->call_ms = deployment.limits.request_timeout_ms;
    if (auto opened = all->http.open(all->shared, with.listen, listener::protocol::http); !opened)
      return opened.error();
    if (!with.admin.empty())
      if (auto opened = all->admin.open(all->shared, with.admin, listener::protocol::admin_http); !opened)
        return opened.error();
    if (!with.rpc.empty())
      if (auto opened = all->rpc.open(all->shared, with.rpc, listener::protocol::msgpack_rpc); !opened)
        return opened.error();
    auto* const running = all.get();
    std::unique_ptr<gateway> out(new gateway(std::move(all)));
    for (const auto& context : running->shared->contexts) {
      running->at_work.push_back(net::make_work_guard(*context));
      running->threads.emplace_back([c = context.get()] { c->run(); });
    }
    if (with.pushes)
      rt.on_push([hub](const slate& s) { hub->deliver(s); }, [hub](user_id user) { return hub->wanted(user); });
    for (const auto* at : {&running->http, &running->admin, &running->rpc})
      if (at->door)
        at->door->start();
    return out;
  } catch (const std::system_error& e) {
    return {errc::system_refused, e.what()};
  } catch (const std::bad_alloc&) {
    return {errc::not_enough_memory, "for a gateway"};
  }
}

} // namespace ammo
