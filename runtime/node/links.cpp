#include "runtime/node/links.hpp"

#include "runtime/node/asio.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <map>
#include <thread>
#include <utility>
#include <vector>

namespace ammo::node {
namespace {

constexpr std::size_t longest_hello = 128 * 1024, read_at_once = 256 * 1024;

using stream = websocket::stream<beast::ssl_stream<beast::tcp_stream>>;

bool is_tls(const boost_error& e) { return e.category() == net::error::get_ssl_category(); }

/// Of a link that was up.
refusal end_of(const boost_error& e) {
  return e == beast::error::timeout ? refusal::silent : e == websocket::error::closed ? refusal::closed
                                                                                      : refusal::broken;
}

} // namespace

class links::impl {
public:
  impl(link_options how, link_events events)
    : how_(std::move(how)), events_(std::move(events)), tls_(ssl::context::tls), acceptor_(context_) {}

  result<void> open() {
    boost_error e;
    SSL_CTX* const raw = tls_.native_handle();
    SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_num_tickets(raw, 0); // nobody resumes: every certificate is looked at
    tls_.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    const auto in = [](const std::string& pem) { return net::buffer(pem.data(), pem.size()); };
    if (tls_.add_certificate_authority(in(how_.shows.authority), e) || tls_.use_certificate(in(how_.shows.certificate), ssl::context::pem, e) ||
        tls_.use_private_key(in(how_.shows.key), ssl::context::pem, e))
      return {errc::bad_value, "TLS doesn't take the certificates: " + e.message()};
    const auto address = net::ip::make_address(how_.host, e);
    if (e)
      return {errc::bad_value, "\"" + how_.host + "\" is no address"};
    const tcp::endpoint at(address, how_.port);
    if (acceptor_.open(at.protocol(), e) || acceptor_.set_option(net::socket_base::reuse_address(true), e) || acceptor_.bind(at, e) ||
        acceptor_.listen(net::socket_base::max_listen_connections, e))
      return {errc::bad_value, how_.host + ':' + std::to_string(how_.port) + ": " + e.message()};
    port_ = acceptor_.local_endpoint().port();
    accept();
    thread_ = std::thread([this] { context_.run(); });
    return {};
  }

  ~impl() {
    context_.stop();
    if (thread_.joinable())
      thread_.join();
  }

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
  void send(store::incarnation to, address who, store::unit_id unit, store::term_number term, std::uint16_t type, store::bytes frame, bool latest);
  void forget(store::incarnation who);

  link_options how_;
  link_events events_;
  net::io_context context_{1};
  ssl::context tls_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  refusal_counts counts_;
  std::map<store::incarnation, peer> peers_;
  std::size_t strangers_ = 0;
  std::thread thread_;
};

/// One connection: TLS, WebSocket, hellos, then batches in both directions.
class links::impl::session : public std::enable_shared_from_this<session> {
public:
  session(impl& of, tcp::socket socket, target_ptr dialled)
    : of_(of), ws_(beast::tcp_stream(std::move(socket)), of.tls_), deadline_(of.context_), target_(std::move(dialled)) {
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
      beast::get_lowest_layer(self->ws_).async_connect(found, [self](boost_error no, const tcp::endpoint&) { no ? self->end(refusal::unreachable, no.message()) : self->shake(); });
    });
  }

  /// Sends what waits, as far as the window lets it.
  void pump() {
    if (writes_ || !up_ || ended_)
      return;
    auto& box = of_.peer_of(theirs_.who).box;
    auto batch = box.next(inbox_.received());
    if (!batch && owes_)
      batch = box.acknowledgement(inbox_.received());
    if (!batch)
      return;
    owes_ = false;
    writes_ = true;
    out_ = *std::move(batch);
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
    X509* const shown = SSL_get1_peer_certificate(ws_.next_layer().native_handle());
    const auto name = shown ? node_in(shown) : std::nullopt;
    X509_free(shown);
    if (!name)
      return end(shown ? refusal::not_a_node : refusal::no_certificate);
    name_ = *name;
    ws_.binary(true);
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

void links::impl::accept() {
  acceptor_.async_accept([this](boost_error e, tcp::socket socket) {
    if (!e && strangers_ >= how_.strangers)
      refuse(refusal::too_many_strangers, {});
    else if (!e)
      std::make_shared<session>(*this, std::move(socket), nullptr)->start();
    if (acceptor_.is_open())
      accept();
  });
}

void links::impl::dial(const target_ptr& to) {
  if (const auto known = peers_.find(to->who); known != peers_.end() && known->second.link) // it has called meanwhile
    return dial_later(to, how_.again);
  std::make_shared<session>(*this, tcp::socket(context_), to)->start();
}

/// Of two connections of two nodes that have called each other both keep the one that the lower incarnation has made; a later one of the same side replaces the earlier.
bool links::impl::on_up(const session_ptr& s) {
  auto& p = peer_of(s->theirs().who);
  if (s->dialled())
    s->dialled()->who = s->theirs().who;
  if (p.link) {
    const bool wanted_mine = how_.says.who < s->theirs().who;
    const bool is_mine = s->dialled() != nullptr, was_mine = p.link->dialled() != nullptr;
    if (is_mine != was_mine && is_mine != wanted_mine)
      return s->end(refusal::replaced), false;
    const auto before = p.link;
    before->end(refusal::replaced);
  }
  s->is_up();
  p.link = s;
  if (s->dialled())
    s->dialled()->pause = std::chrono::milliseconds{50};
  if (events_.on_up)
    events_.on_up(s->theirs());
  return true;
}

void links::impl::on_end(const session_ptr& s, refusal why, const std::string& detail) {
  counts_.add(why);
  if (s->was_up()) {
    auto& p = peer_of(s->theirs().who);
    if (p.link == s) {
      p.link.reset();
      p.box.on_broken();
    }
    if (events_.on_down)
      events_.on_down(s->theirs(), why);
  } else if (events_.on_refused) {
    events_.on_refused(why, detail);
  }
  if (const auto& to = s->dialled()) {
    dial_later(to, to->pause);
    to->pause = std::min(2 * to->pause, how_.again);
  }
}

void links::impl::send(store::incarnation to, address who, store::unit_id unit, store::term_number term, std::uint16_t type, store::bytes frame, bool latest) {
  auto& p = peer_of(to);
  (void)p.box.add(who, unit, term, type, std::move(frame), latest); // it counts what it sheds
  if (p.link)
    p.link->pump();
}

void links::impl::forget(store::incarnation who) {
  if (const auto found = peers_.find(who); found != peers_.end())
    if (const auto link = found->second.link)
      link->end(refusal::closed);
  peers_.erase(who);
}

links::links(std::unique_ptr<impl> i) : impl_(std::move(i)) {}
links::~links() = default;

result<std::unique_ptr<links>> links::open(link_options how, link_events events) {
  how.says.name = how.shows.name;
  auto made = std::make_unique<impl>(std::move(how), std::move(events));
  if (auto opened = made->open(); !opened)
    return opened.error();
  return std::unique_ptr<links>(new links(std::move(made)));
}

std::uint16_t links::port() const noexcept { return impl_->port_; }
const refusal_counts& links::refused() const noexcept { return impl_->counts_; }

void links::reach(const std::string& host, std::uint16_t port) {
  net::post(impl_->context_, [i = impl_.get(), to = std::make_shared<impl::target>(impl_->context_, host, port)] { i->dial(to); });
}

void links::send(store::incarnation to, address who, store::unit_id unit, store::term_number term, std::uint16_t type, store::bytes frame, bool latest) {
  net::post(impl_->context_, [=, i = impl_.get(), bytes = std::move(frame)]() mutable { i->send(to, who, unit, term, type, std::move(bytes), latest); });
}

void links::forget(store::incarnation node) {
  net::post(impl_->context_, [i = impl_.get(), node] { i->forget(node); });
}

} // namespace ammo::node
