/// What links are made of: the one thread's state, and a connection. For links.cpp alone.
#pragma once

#include "runtime/node/asio.hpp"
#include "runtime/node/identity.hpp"
#include "runtime/node/links.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace ammo::node {

inline constexpr std::size_t longest_hello = 128 * 1024, read_at_once = 256 * 1024, write_at_once = 64 * 1024;

using stream = websocket::stream<beast::ssl_stream<beast::tcp_stream>>;

inline bool is_tls(const boost_error& e) { return e.category() == net::error::get_ssl_category(); }

/// Of a link that was up.
inline refusal end_of(const boost_error& e) {
  return e == beast::error::timeout ? refusal::silent : e == websocket::error::closed ? refusal::closed
                                                                                      : refusal::broken;
}

class links::impl {
public:
  impl(link_options how, link_events events)
    : how_(std::move(how)), events_(std::move(events)), looks_(context_), acceptor_(context_) {}

  result<void> open();
  ~impl() {
    context_.stop();
    if (thread_.joinable())
      thread_.join();
  }

  /// A frame between the thread that sends it and the links'.
  struct handed {
    store::incarnation to;
    address who;
    store::unit_id unit{};
    store::term_number term = 0;
    std::uint16_t type = 0;
    bool latest = false;
    store::bytes frame;
  };
  class session;
  using session_ptr = std::shared_ptr<session>;
  /// A node, with a link or without.
  struct peer {
    cluster::outbox box;
    session_ptr link;
  };
  /// Where a node is to be reached, and who was there last.
  struct target {
    std::string host;
    std::uint16_t port = 0;
    net::steady_timer wait;
    std::chrono::milliseconds pause{50};
    store::incarnation who{};
    target(net::io_context& in, std::string h, std::uint16_t p) : host(std::move(h)), port(p), wait(in) {}
  };
  using target_ptr = std::shared_ptr<target>;

  void accept();
  void look();
  void dial(const target_ptr& to);
  void dial_later(const target_ptr& to, std::chrono::milliseconds after) {
    to->wait.expires_after(after);
    to->wait.async_wait([this, to](boost_error e) {
      if (!e)
        dial(to);
    });
  }
  void refuse(refusal why, const std::string& detail) {
    counts_.add(why);
    if (events_.on_refused)
      events_.on_refused(why, detail);
  }
  bool on_up(const session_ptr& s);
  void on_end(const session_ptr& s, refusal why, const std::string& detail);
  peer& peer_of(store::incarnation who) {
    const auto known = peers_.find(who);
    return known != peers_.end() ? known->second : peers_.emplace(who, peer{cluster::outbox(how_.outbox), nullptr}).first->second;
  }
  void hand_over(handed one); ///< any thread
  void take_over();
  void forget(store::incarnation who);
  /// `add`: to what has gone to or from the node.
  template <class Add> void count(store::incarnation who, Add add) {
    const auto& box = peer_of(who).box;
    const std::scoped_lock lock(counting_);
    auto& t = traffic_[who];
    add(t);
    t.waiting_bytes = box.waiting_bytes();
    t.on_the_way_bytes = box.on_the_way();
  }

  link_options how_;
  link_events events_;
  net::io_context context_{1};
  std::optional<identity> who_;
  net::steady_timer looks_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  refusal_counts counts_;
  std::map<store::incarnation, peer> peers_;
  std::size_t strangers_ = 0;
  std::mutex handing_;
  std::vector<handed> handed_, taken_; ///< handed over, under the lock; the links' thread's own
  std::size_t handed_bytes_ = 0;
  std::atomic<std::uint64_t> shed_{0};
  mutable std::mutex counting_;
  std::map<store::incarnation, link_traffic> traffic_; ///< under counting_
  std::thread thread_;
};

/// One connection: TLS, WebSocket, hellos, then batches in both directions.
class links::impl::session : public std::enable_shared_from_this<session> {
public:
  session(impl& of, tcp::socket socket, target_ptr dialled)
    : of_(of), tls_(of.who_->tls()), ws_(beast::tcp_stream(std::move(socket)), *tls_), deadline_(of.context_), target_(std::move(dialled)) {
    ++of_.strangers_;
  }

  void start() {
    deadline_.expires_after(of_.how_.handshake);
    deadline_.async_wait([self = shared_from_this()](boost_error e) {
      if (!e && !self->up_)
        self->end(refusal::slow_handshake);
    });
    ws_.next_layer().set_verify_callback([this](bool sound, ssl::verify_context& c) {
      if (!sound && found_ == refusal::none)
        found_ = node::refusal_of(X509_STORE_CTX_get_error(c.native_handle()));
      return sound;
    });
    if (!target_)
      return shake();
    resolver_.emplace(of_.context_);
    resolver_->async_resolve(target_->host, std::to_string(target_->port), [self = shared_from_this()](boost_error e, const tcp::resolver::results_type& found) {
      if (e)
        return self->end(refusal::unreachable, e.message());
      beast::get_lowest_layer(self->ws_).async_connect(found, [self](boost_error no, const tcp::endpoint& there) {
        if (no)
          return self->end(refusal::unreachable, no.message());
        boost_error unknown;
        if (beast::get_lowest_layer(self->ws_).socket().local_endpoint(unknown) == there) // nobody listens there, and the port was free for this end, too
          return self->end(refusal::itself, "connected to itself");
        self->shake();
      });
    });
  }

  /// Sends what waits, as far as the window lets it.
  void pump() {
    if (writes_ || !up_ || ended_)
      return;
    auto& box = of_.peer_of(theirs_.who).box;
    const auto waited = box.waiting();
    auto batch = box.next(inbox_.received());
    const auto letters = waited - box.waiting();
    if (!batch && owes_)
      batch = box.acknowledgement(inbox_.received());
    if (!batch)
      return;
    owes_ = false;
    writes_ = true;
    out_ = *std::move(batch);
    of_.count(theirs_.who, [&](link_traffic& t) {
      ++t.batches_out;
      t.letters_out += letters;
      t.bytes_out += out_.size();
    });
    ws_.async_write(net::buffer(out_), [self = shared_from_this()](boost_error e, std::size_t) {
      self->writes_ = false;
      e ? self->end(end_of(e)) : self->pump();
    });
  }

  void end(refusal why, const std::string& detail = {}) {
    if (std::exchange(ended_, true))
      return;
    deadline_.cancel();
    boost_error ignored;
    beast::get_lowest_layer(ws_).socket().close(ignored);
    if (!up_)
      --of_.strangers_;
    of_.on_end(shared_from_this(), why, detail);
    net::post(of_.context_, [self = shared_from_this()] {}); // Beast's own ping knows TLS by a reference: it ends first
  }

  /// Whether what the peer showed still counts. `anew`: by other files than before.
  void judge(bool anew) {
    X509* const shown = SSL_get0_peer_certificate(ws_.next_layer().native_handle());
    const bool over = X509_cmp_current_time(X509_get0_notAfter(shown)) < 0;
    if (const auto why = over ? refusal::expired : anew ? of_.who_->judge(shown)
                                                        : refusal::none;
        why != refusal::none)
      end(why);
  }

  void is_up() { up_ = true, --of_.strangers_; } ///< this connection is the link now
  [[nodiscard]] const cluster::hello& theirs() const noexcept { return theirs_; }
  [[nodiscard]] bool was_up() const noexcept { return up_; }
  [[nodiscard]] const target_ptr& dialled() const noexcept { return target_; }

private:
  void shake() {
    if (ended_)
      return;
    boost_error ignored;
    beast::get_lowest_layer(ws_).socket().set_option(tcp::no_delay(true), ignored);
    ws_.next_layer().async_handshake(target_ ? ssl::stream_base::client : ssl::stream_base::server, [self = shared_from_this()](boost_error e) {
      if (self->ended_) // its time was over in the same moment
        return;
      if (e)
        return self->end(self->why_no_tls(e), e.message());
      self->upgrade();
    });
  }

  [[nodiscard]] refusal why_no_tls(const boost_error& e) const {
    if (found_ != refusal::none)
      return found_;
    return is_tls(e) && ERR_GET_REASON(static_cast<unsigned long>(e.value())) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE ? refusal::no_certificate : refusal::no_tls;
  }

  void upgrade() {
    const X509* const shown = SSL_get0_peer_certificate(ws_.next_layer().native_handle());
    const auto name = shown ? node_in(shown) : std::nullopt;
    if (!name)
      return end(shown ? refusal::not_a_node : refusal::no_certificate);
    name_ = *name;
    ws_.binary(true);
    ws_.auto_fragment(false); // else a batch is cut into pieces of 4 KiB, each with a record of TLS and a call of the system of its own
    ws_.write_buffer_bytes(write_at_once);
    ws_.read_message_max(0); // `take_in` has the limit: Beast would wait for the peer's goodbye before it says that there was too much
    const auto shaken = [self = shared_from_this()](boost_error e) {
      if (self->ended_)
        return;
      if (e)
        return self->end(is_tls(e) ? refusal::no_tls : refusal::bad_upgrade, e.message());
      self->greet();
    };
    target_ ? ws_.async_handshake("ammo", "/", shaken) : ws_.async_accept(shaken);
  }

  void greet() {
    out_ = bytes_of(of_.how_.says);
    writes_ = true;
    ws_.async_write(net::buffer(out_), [self = shared_from_this()](boost_error e, std::size_t) {
      self->writes_ = false;
      e ? self->end(end_of(e)) : self->pump();
    });
    take_in(longest_hello, [](session& me) { me.on_hello(); });
  }

  /// A whole message, of at most so many bytes.
  void take_in(std::size_t most, void (*then)(session&)) {
    ws_.async_read_some(in_, read_at_once, [self = shared_from_this(), most, then](boost_error e, std::size_t) {
      if (self->ended_) // what it says now is of a link that another one has replaced
        return;
      if (e)
        return self->end(!self->up_ && is_tls(e) ? refusal::no_tls : end_of(e), e.message());
      if (self->in_.size() > most)
        return self->end(refusal::too_large);
      self->ws_.is_message_done() ? then(*self) : self->take_in(most, then);
    });
  }

  void on_hello() {
    auto said = cluster::read_hello(received());
    in_.clear();
    if (!said)
      return end(refusal::bad_hello, said.error().text());
    theirs_ = *std::move(said);
    if (theirs_.name != name_)
      return end(refusal::other_name, "\"" + theirs_.name + "\" shows the certificate of \"" + name_ + "\"");
    if (const auto welcome = cluster::welcome(of_.how_.says, theirs_); !welcome)
      return end(refusal_of_welcome(welcome.code()), welcome.error().detail);
    deadline_.cancel();
    ws_.set_option(websocket::stream_base::timeout{websocket::stream_base::none(), of_.how_.silence, true});
    if (!of_.on_up(shared_from_this()))
      return;
    pump();
    read();
  }

  void read() {
    take_in(of_.how_.batches.bytes, [](session& me) { me.on_batch(); });
  }

  void on_batch() {
    letters_.clear();
    const auto head = cluster::read_batch(
      received(), [this](const cluster::letter& l) { letters_.push_back(l); }, of_.how_.batches);
    if (!head || !ws_.got_binary())
      return end(refusal::bad_batch, head ? "text" : head.error().text());
    if (!inbox_.on_batch(head->number) || !of_.peer_of(theirs_.who).box.on_acknowledged(head->acknowledged))
      return end(refusal::out_of_order);
    of_.count(theirs_.who, [&](link_traffic& t) {
      ++t.batches_in;
      t.letters_in += letters_.size();
      t.bytes_in += in_.size();
    });
    for (const auto& l : letters_)
      if (of_.events_.on_letter && !ended_)
        of_.events_.on_letter(theirs_, l);
    owes_ = owes_ || !letters_.empty();
    in_.clear();
    pump();
    read();
  }

  [[nodiscard]] std::span<const std::byte> received() const {
    const auto bytes = in_.cdata();
    return {static_cast<const std::byte*>(bytes.data()), bytes.size()};
  }

  impl& of_;
  std::shared_ptr<ssl::context> tls_; ///< of when it began
  stream ws_;
  std::optional<tcp::resolver> resolver_;
  net::steady_timer deadline_;
  target_ptr target_; ///< null: the other side has called
  refusal found_ = refusal::none;
  std::string name_; ///< in the peer's certificate
  cluster::hello theirs_;
  cluster::inbox inbox_;
  beast::flat_buffer in_;
  store::bytes out_;
  std::vector<cluster::letter> letters_;
  bool up_ = false, ended_ = false, writes_ = false, owes_ = false;
};

} // namespace ammo::node
