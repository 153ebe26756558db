#include "runtime/node/links.hpp"

#include "runtime/node/links_impl.hpp"

namespace ammo::node {

result<void> links::impl::open() {
  boost_error e;
  auto who = identity::of(how_.shows);
  if (!who)
    return who.error();
  who_.emplace(*std::move(who));
  const auto address = net::ip::make_address(how_.host, e);
  if (e)
    return {errc::bad_value, "\"" + how_.host + "\" is no address"};
  const tcp::endpoint at(address, how_.port);
  if (acceptor_.open(at.protocol(), e) || acceptor_.set_option(net::socket_base::reuse_address(true), e) || acceptor_.bind(at, e) ||
      acceptor_.listen(net::socket_base::max_listen_connections, e))
    return {errc::bad_value, how_.host + ':' + std::to_string(how_.port) + ": " + e.message()};
  port_ = acceptor_.local_endpoint().port();
  accept();
  look();
  thread_ = std::thread([this] { context_.run(); });
  return {};
}

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

void links::impl::look() {
  looks_.expires_after(how_.look);
  looks_.async_wait([this](boost_error e) {
    if (e)
      return;
    const auto changed = who_->look();
    if (!changed.unusable.empty())
      refuse(refusal::unusable_files, changed.unusable);
    std::vector<session_ptr> standing;
    for (const auto& [_, p] : peers_)
      if (p.link)
        standing.push_back(p.link);
    for (const auto& link : standing)
      link->judge(changed.taken);
    look();
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

void links::impl::hand_over(handed one) {
  const std::scoped_lock lock(handing_);
  if (handed_bytes_ + one.frame.size() > how_.outbox.queue) {
    shed_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  handed_bytes_ += one.frame.size();
  handed_.push_back(std::move(one));
  if (handed_.size() == 1) // the links' thread takes all that has come when it gets there
    net::post(context_, [this] { take_over(); });
}

void links::impl::take_over() {
  {
    const std::scoped_lock lock(handing_);
    std::swap(handed_, taken_);
    handed_bytes_ = 0;
  }
  for (auto& one : taken_)
    if (!peer_of(one.to).box.add(one.who, one.unit, one.term, one.type, std::move(one.frame), one.latest))
      shed_.fetch_add(1, std::memory_order_relaxed);
  for (const auto& one : taken_)
    if (const auto& link = peer_of(one.to).link)
      link->pump();
  taken_.clear();
}

void links::impl::forget(store::incarnation who) {
  if (const auto found = peers_.find(who); found != peers_.end())
    if (const auto link = found->second.link)
      link->end(refusal::closed);
  peers_.erase(who);
  const std::scoped_lock lock(counting_);
  traffic_.erase(who);
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
std::map<store::incarnation, link_traffic> links::traffic() const {
  const std::scoped_lock lock(impl_->counting_);
  return impl_->traffic_;
}
std::uint64_t links::shed() const noexcept { return impl_->shed_.load(std::memory_order_relaxed); }

void links::reach(const std::string& host, std::uint16_t port) {
  net::post(impl_->context_, [i = impl_.get(), to = std::make_shared<impl::target>(impl_->context_, host, port)] { i->dial(to); });
}

void links::send(store::incarnation to, address who, store::unit_id unit, store::term_number term, std::uint16_t type, store::bytes frame, bool latest) {
  impl_->hand_over({to, who, unit, term, type, latest, std::move(frame)});
}

void links::forget(store::incarnation node) {
  net::post(impl_->context_, [i = impl_.get(), node] { i->forget(node); });
}

} // namespace ammo::node
