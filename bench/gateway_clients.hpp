/// Clients that ask a server again and again, each one request at a time, and how long their answers take.
#pragma once

#include "runtime/gateway/text/message_scanner.hpp"
#include "runtime/gateway/transport/asio.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <utility>
#include <vector>

namespace ammo::bench {

using namespace web;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

/// Processor time of this process in µs, and how often a thread of it has waited or was made to.
inline std::pair<double, double> used() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  const auto us = [](const timeval& t) { return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec); };
  return {us(u.ru_utime) + us(u.ru_stime), static_cast<double>(u.ru_nvcsw + u.ru_nivcsw)};
}

struct measured {
  double rate = 0, p50_ms = 0, p99_ms = 0;
  double cpu_us = 0, switches = 0; ///< of this process, its clients among it, an answer: processor time, and threads that gave a processor up
  std::size_t bytes = 0, failed = 0;
};

/// Asks again and again on one connection, one request at a time; from a schedule where there is one.
class client {
public:
  client(net::io_context& context, std::uint16_t port, std::string asked, bool rpc, steady::duration every, steady::time_point first)
    : socket_(context), due_(context), asked_(std::move(asked)), rpc_(rpc), every_(every), next_(first) {
    socket_.connect({net::ip::address_v4::loopback(), port});
    socket_.set_option(tcp::no_delay(true));
  }
  void start() {
    if (every_ == steady::duration::zero())
      return ask(steady::now());
    due_.expires_at(next_);
    due_.async_wait([this](boost_error) { ask(next_); }); // late is late: measured from when it was due
  }
  std::vector<float> ms;
  std::size_t bytes = 0, failed = 0;

private:
  void ask(steady::time_point from) {
    from_ = from;
    net::async_write(socket_, net::buffer(asked_), [this](boost_error error, std::size_t) {
      if (!error)
        read();
    });
  }
  void read() {
    socket_.async_read_some(net::buffer(read_), [this](boost_error error, std::size_t n) {
      if (error)
        return;
      got_.append(read_, n);
      if (rpc_ ? scanner_.scan(got_) == 0 : !whole())
        return read();
      ms.push_back(std::chrono::duration<float, std::milli>(steady::now() - from_).count());
      failed += rpc_ ? got_[7] != '\xC0' : got_.compare(0, 12, "HTTP/1.1 200") != 0;
      bytes = got_.size();
      got_.clear();
      next_ += every_;
      start();
    });
  }
  [[nodiscard]] bool whole() const {
    const auto head = got_.find("\r\n\r\n");
    if (head == got_.npos)
      return false;
    const auto at = got_.find("Content-Length: ");
    std::size_t length = 0;
    std::from_chars(got_.data() + at + 16, got_.data() + head, length);
    return got_.size() >= head + 4 + length;
  }

  tcp::socket socket_;
  net::steady_timer due_;
  const std::string asked_;
  const bool rpc_;
  message_scanner scanner_{1 << 20};
  const steady::duration every_;
  steady::time_point next_, from_{};
  char read_[16'384];
  std::string got_;
};

/// `rate` 0: as fast as answers come.
inline measured measure(std::uint16_t port, const std::vector<std::string>& questions, std::size_t connections, double seconds, double rate, bool rpc = false) {
  net::io_context context(1);
  std::vector<std::unique_ptr<client>> all;
  const auto every = rate > 0 ? std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(static_cast<double>(connections) / rate)) : steady::duration::zero();
  const auto begun = steady::now();
  const auto [cpu, switches] = used();
  for (std::size_t i = 0; i < connections; ++i)
    all.push_back(std::make_unique<client>(context, port, questions[i % questions.size()], rpc, every,
                                           begun + 50ms + every * static_cast<int>(i) / static_cast<int>(connections)));
  for (auto& c : all)
    c->start();
  context.run_for(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(seconds)));
  const auto took = std::chrono::duration<double>(steady::now() - begun).count();
  const auto [cpu_now, switches_now] = used();
  std::vector<float> ms;
  measured out;
  for (const auto& c : all) {
    ms.insert(ms.end(), c->ms.begin(), c->ms.end());
    out.bytes = std::max(out.bytes, c->bytes);
    out.failed += c->failed;
  }
  if (ms.empty())
    return out;
  std::ranges::sort(ms);
  out.rate = static_cast<double>(ms.size()) / took;
  out.cpu_us = (cpu_now - cpu) / static_cast<double>(ms.size());
  out.switches = (switches_now - switches) / static_cast<double>(ms.size());
  out.p50_ms = ms[ms.size() / 2];
  out.p99_ms = ms[std::min(ms.size() - 1, ms.size() * 99 / 100)];
  return out;
}

} // namespace ammo::bench
