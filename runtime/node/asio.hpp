/// Boost.Asio and Beast as this room includes them.
#pragma once

#include <string>
#include <utility> // before Asio 1.74: it uses std::exchange and doesn't include it

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace ammo::node {

namespace net = boost::asio;
namespace ssl = net::ssl;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = net::ip::tcp;
using boost_error = boost::system::error_code;

} // namespace ammo::node
