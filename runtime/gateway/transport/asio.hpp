/// Boost.Asio and Beast as this room includes them.
#pragma once

#include <string>
#include <utility> // before Asio 1.74: it uses std::exchange and doesn't include it

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace ammo::web {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = net::ip::tcp;
using boost_error = boost::system::error_code;

/// A connection belongs to one context, and a context to one thread: that is its strand.
using context_executor = net::io_context::executor_type;
using context_socket = net::basic_stream_socket<tcp, context_executor>;
using context_stream = beast::basic_stream<tcp, context_executor>;

/// The client's address, without its port; empty where it has gone.
[[nodiscard]] inline std::string address_of(const context_socket& socket) {
  boost_error gone;
  const auto at = socket.remote_endpoint(gone);
  return gone ? std::string() : at.address().to_string();
}

} // namespace ammo::web
