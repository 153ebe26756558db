/// How the tests' clients wait: for one thing at a time, ten seconds at most.
#pragma once

#include "runtime/gateway/transport/asio.hpp"

#include <chrono>

namespace ammo::testing {

/// A connection whose steps are finished one by one.
struct timed {
  /// Begins a step with the handler that it is to call, and waits for that. What became of it is in `failed`.
  template <class Start> void run(web::beast::tcp_stream& on, Start start) {
    on.expires_after(std::chrono::seconds(10));
    failed = {};
    start([this](web::boost_error error) { failed = error; });
    context.restart();
    context.run();
  }

  web::net::io_context context;
  web::boost_error failed;
};

} // namespace ammo::testing
