/// Nodes that tests link over loopback, with certificates of their own, and a program that has a certificate and does as it likes.
#pragma once

#include "runtime/node/asio.hpp"
#include "runtime/node/links.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <mutex>
#include <set>
#include <vector>

namespace ammo::testing {

using namespace ammo::node;

inline constexpr store::incarnation anna{1, 1}, bela{1, 2};

inline store::bytes text(const std::string& t) {
  const auto* first = reinterpret_cast<const std::byte*>(t.data());
  return {first, first + t.size()};
}

/// Authorities that tests share: making keys takes a moment.
struct authorities {
  scratch place{"ammo_links"};
  std::string ours = (place.folder / "ours").string(), theirs = (place.folder / "theirs").string();
  authorities() {
    for (const auto& folder : {ours, theirs}) {
      REQUIRE(make_authority(folder));
      REQUIRE(make_node(folder, "anna"));
      REQUIRE(make_node(folder, "bela"));
    }
    REQUIRE(make_node(ours, "old", std::chrono::hours(-2)));
  }
  [[nodiscard]] material of(const std::string& folder, const std::string& name) const {
    return {name, test_file(folder + "/ca.crt"), test_file(folder + "/" + name + ".crt"), test_file(folder + "/" + name + ".key"), {}, {}};
  }
  static std::string test_file(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};
inline const authorities& certificates() {
  static const authorities all;
  return all;
}
inline material of(const std::string& name) { return certificates().of(certificates().ours, name); }

/// A node's links, and what came over them.
struct one_node {
  std::mutex turn;
  std::vector<std::string> up, letters;
  std::vector<refusal> down, refused;
  std::unique_ptr<links> on;

  explicit one_node(
    store::incarnation who, material shows, const std::function<void(link_options&)>& change = [](auto&) {}) {
    link_options how;
    how.shows = std::move(shows);
    how.says = {1, 1, 2, who, {}, "coin@0+8;"};
    how.again = std::chrono::milliseconds(100);
    change(how);
    auto made = links::open(std::move(how), {[this](const cluster::hello& h) { add(up, h.name); },
                                             [this](const cluster::hello& from, const cluster::letter& l) {
                                               add(letters, from.name + ":" + std::string(name_of(l.to.of)) + ":" + std::to_string(store::term_number{l.term}) + ":" +
                                                              std::string(reinterpret_cast<const char*>(l.frame.data()), l.frame.size()));
                                             },
                                             [this](const cluster::hello&, refusal why) { add(down, why); }, [this](refusal why, const std::string&) { add(refused, why); }});
    INFO((made ? "" : made.error().text()));
    REQUIRE(made);
    on = std::move(*made);
  }
  template <class T>
  void add(std::vector<T>& to, T what) {
    const std::scoped_lock lock(turn);
    to.push_back(std::move(what));
  }
  template <class T>
  std::size_t count(const std::vector<T>& of) {
    const std::scoped_lock lock(turn);
    return of.size();
  }
  /// Otherwise says what was refused instead.
  bool was_refused(refusal why) {
    const bool was = comes_true([&] { return on->refused().of(why) > 0; });
    for (std::size_t i = 0; !was && i < static_cast<std::size_t>(refusal::end_); ++i)
      if (const auto n = on->refused().of(static_cast<refusal>(i)); n > 0)
        WARN(name_of(static_cast<refusal>(i)) << ": " << n);
    return was;
  }
};

/// A program that has a node's certificate and does as it likes.
struct raw_peer {
  net::io_context context;
  ssl::context tls{ssl::context::tls};
  std::optional<websocket::stream<beast::ssl_stream<beast::tcp_stream>>> ws;

  raw_peer(std::uint16_t port, const material& shows) {
    tls.add_certificate_authority(net::buffer(shows.authority));
    tls.use_certificate(net::buffer(shows.certificate), ssl::context::pem);
    tls.use_private_key(net::buffer(shows.key), ssl::context::pem);
    ws.emplace(context, tls);
    beast::get_lowest_layer(*ws).connect(tcp::endpoint(net::ip::make_address("127.0.0.1"), port));
    ws->next_layer().handshake(ssl::stream_base::client);
    ws->binary(true);
    ws->handshake("ammo", "/");
  }
  void say(const store::bytes& what) { ws->write(net::buffer(what)); }
  void greet(const std::string& name = "bela", store::incarnation who = bela) { say(bytes_of(cluster::hello{1, 1, 2, who, name, "coin@0+8;"})); }
};

inline store::bytes batch(std::uint64_t number, std::uint64_t acknowledged = 0) {
  cluster::batch_writer w;
  const auto frame = text("hi");
  w.add({{role::aipp, 1}, store::unit_id{1}, 1, frame});
  return w.take({number, acknowledged});
}

} // namespace ammo::testing
