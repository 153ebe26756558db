/// Boost.Asio and Beast as this room includes them.
#pragma once

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

} // namespace ammo::web
