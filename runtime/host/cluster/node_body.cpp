#include "runtime/host/cluster/node_body.hpp"

#include "actors/protocol/codec.hpp"
#include "runtime/cluster/capabilities.hpp"
#include "runtime/state/holders.hpp"
#include "runtime/state/state_place.hpp"

#include <algorithm>
#include <charconv>
#include <random>
#include <utility>

namespace ammo {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// How long calls that are under way may take once the units are given up; then they end as `outcome_unknown`.
constexpr auto drain = 2'000ms;
/// For answers that are on their way over links when a node leaves.
constexpr auto linger = 100ms;
/// Before a run that follows one that couldn't read its units; doubles each time.
constexpr auto first_pause = 500ms, longest_pause = 30'000ms;
/// Between two attempts to enter a store that doesn't answer.
constexpr auto between_entries = 500ms;

store::incarnation fresh_incarnation() {
  std::random_device dice;
  const auto half = [&] { return std::uint64_t{dice()} << 32 | dice(); };
  return {half(), half() | 1};
}

/// Whoever is preferred for people is preferred for all, as all units are on one node.
cluster::unit_needs all_units() { return {unit_numbers::host, "people", {}}; }

/// Waits for a silent process of this name, until its lease is over. Errors: `state_in_use`: one goes on renewing it.
result<void> await_name(store::state_store& rows, const std::string& name, milliseconds lease) {
  holder_watch watch;
  for (auto waited = 0ms;; waited += 50ms) {
    auto nodes = rows.nodes();
    if (!nodes)
      return nodes.error();
    std::erase_if(*nodes, [&](const store::node& n) { return n.name != name || n.fenced || gone_for_sure(n.mark); });
    const auto next = watch.look(*nodes, waited);
    if (next.beats || waited > 2 * lease)
      return {errc::state_in_use, "a node \"" + name + "\" is there already: process " + std::to_string(nodes->front().mark.process) + " at " + nodes->front().address};
    if (!next.waited_for)
      return {};
    std::this_thread::sleep_for(50ms);
  }
}

} // namespace

result<node_address> node_address_from(const std::string& text) {
  const failure no{errc::bad_value, "node.listen is \"" + text + "\"; it takes HOST:PORT, the host in digits, as others reach it"};
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return no;
  node_address at{text.substr(0, colon), 0};
  if (at.host.size() > 2 && at.host.front() == '[' && at.host.back() == ']')
    at.host = at.host.substr(1, at.host.size() - 2);
  const auto* first = text.data() + colon + 1;
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(first, last, at.port);
  if (error != std::errc{} || end != last || first == last)
    return no;
  if (at.host == "0.0.0.0" || at.host == "::" || at.host == "*")
    return {errc::bad_value, "node.listen is \"" + text + "\": no other node reaches that; take an address of this machine"};
  return at;
}

node_body::node_body(node_setup with) : with_(std::move(with)), units_{with_.layout.shards, with_.layout.units - with_.layout.shards - 1} {}

node_body::~node_body() {
  leave();
  board_.reset(); // its thread asks this object
}

result<std::unique_ptr<node_body>> node_body::join(node_setup with) {
  const auto& o = *with.deployment;
  if (!is_postgres(o.state))
    return {errc::bad_value, "node.name is \"" + o.node.name + "\": nodes share a state in PostgreSQL (state = \"postgresql://…\")"};
  if (o.node.listen.empty())
    return {errc::bad_value, "node \"" + o.node.name + "\" has no node.listen: where do others reach it?"};
  if (o.node.certificates.empty())
    return {errc::bad_value, "node \"" + o.node.name + "\" has no node.certificates: links between nodes are TLS, with a certificate on each side"};
  auto at = node_address_from(o.node.listen);
  if (!at)
    return at.error();
  auto shows = node::read_material(o.node.certificates, o.node.name);
  if (!shows)
    return shows.error();
  auto rows = open_store(o.state);
  if (!rows)
    return rows.error();
  if (auto laid = (*rows)->lay_out(with.layout); !laid)
    return laid.error();
  if (auto free = await_name(**rows, o.node.name, milliseconds{o.durability.lease_ms}); !free)
    return free.error();
  auto beats = open_store(o.state);
  if (!beats)
    return beats.error();
  std::unique_ptr<node_body> made(new node_body(std::move(with)));
  auto& all = *made;
  all.at_ = std::move(*at);
  all.shows_ = std::move(*shows);
  all.board_ = std::make_shared<switchboard>(switchboard_setup{
    .ctx = all.with_.ctx,
    .keep = all.with_.keep,
    .seek = [&all] {
      const std::scoped_lock turn(all.guard_);
      if (all.member_)
        all.member_->look_soon(); },
    .status = [&all] { return all.status(); },
    .each_link =
      [&all](const std::function<void(store::incarnation)>& f) {
        std::vector<store::incarnation> to;
        {
          const std::scoped_lock turn(all.guard_);
          for (const auto& [who, name] : all.up_)
            to.push_back(who);
        }
        std::ranges::for_each(to, f);
      },
    .push = all.with_.push,
    .pushes = o.limits.pushes_waiting,
    .most = o.limits.requests_under_way});
  if (auto begun = all.begin(std::move(*rows), std::move(*beats)); !begun) {
    all.left_ = true;
    return begun.error();
  }
  all.thread_ = std::thread([&all] { all.run(); });
  return made;
}

/// A new run: another incarnation, with links of its own.
result<void> node_body::begin(std::unique_ptr<store::state_store> rows, std::unique_ptr<store::state_store> beats) {
  {
    const std::scoped_lock turn(guard_);
    me_ = fresh_incarnation();
  }
  if (auto opened = open_links(); !opened)
    return opened;
  const auto& o = *with_.deployment;
  cluster::capabilities can;
  for (const auto& label : o.node.prefers)
    can.prefers.emplace(label, cluster::usual_preference);
  const store::node row{.id = me_, .name = o.node.name, .address = address(), .capabilities = cluster::text_of(can), .mark = mark_of_this_process(), .lease_left_ms = 0, .head = 0, .fenced = false};
  cluster::membership_times times;
  times.lease = milliseconds{o.durability.lease_ms};
  entered_ = member::now();
  const auto entered = rows->enter(row, times.lease);
  if (!entered)
    return entered.error();
  board_->on_run(me_, links_);
  store_ = std::move(rows);
  auto made = std::make_unique<member>(std::move(beats), cluster::candidate{me_, o.node.name, std::move(can)}, std::vector{all_units()}, times, entered_, events());
  const std::scoped_lock turn(guard_);
  member_ = std::move(made);
  ++runs_;
  return {};
}

member_events node_body::events() {
  return {.on_look = [this](std::span<const store::node> nodes, std::span<const store::claim> claims) { on_look(nodes, claims); },
          .on_take = [this](const store::claim& c) { post([this, c] { sit(c); }); },
          .on_give =
            [this](const store::claim& c, store::incarnation to) {
              post([this, c, to] {
                const std::string label = all_units().label;
                bool preferred = false;
                {
                  const std::scoped_lock turn(guard_);
                  for (const auto& n : nodes_)
                    if (const auto can = cluster::capabilities_from(n.capabilities); can && n.id == to)
                      preferred = can->prefers.contains(label);
                }
                const auto& mine = with_.deployment->node.prefers;
                if (!preferred || std::ranges::find(mine, label) != mine.end()) // where everybody is as good, they stay
                  return member_->on_kept(c.unit);
                with_.ctx->note(log_level::info, "units_given", {{"to", std::string_view(store::text_of(to))}});
                rise(true);
                end_run(false);
                begin_again();
              });
            },
          .on_fenced =
            [this] {
              post([this] {
                with_.ctx->refused(this, errc::state_in_use);
                with_.ctx->note(log_level::error, "node_fenced", {{"node", std::string_view(with_.deployment->node.name)}});
                rise(false);
                end_run(false);
                begin_again();
              });
            },
          .on_end =
            [this](const failure& why) {
              post([this, why] {
                with_.ctx->refused(this, why.code);
                with_.ctx->note(log_level::error, "node_ended", {{"code", name_of(why.code)}, {"detail", std::string_view(why.detail)}});
                {
                  const std::scoped_lock turn(guard_);
                  ended_ = why;
                }
                rise(false);
                end_run(true);
                board_->on_end(why);
              });
            },
          .on_trouble =
            [this](const failure& why) {
              with_.ctx->refused(this, why.code);
              with_.ctx->note(log_level::error, "store_unavailable", {{"code", name_of(why.code)}, {"detail", std::string_view(why.detail)}});
            }};
}

void node_body::post(std::function<void()> what) {
  {
    const std::scoped_lock turn(guard_);
    tasks_.push_back(std::move(what));
  }
  changed_.notify_all();
}

void node_body::run() {
  std::unique_lock turn(guard_);
  for (;;) {
    changed_.wait(turn, [this] { return leaving_ || !tasks_.empty(); });
    if (leaving_)
      break;
    const auto next = std::move(tasks_.front());
    tasks_.pop_front();
    turn.unlock();
    try {
      next();
    } catch (const std::exception&) { // no memory, or no thread: the next look at the rows says it again
      with_.ctx->refused(this, errc::actor_failed);
    }
    turn.lock();
  }
  turn.unlock();
  rise(true);
  if (store_)
    (void)store_->fence(me_, true); // whoever waits for its name needn't wait for its lease
  std::this_thread::sleep_for(linger);
  end_run(false);
}

/// Takes the units, and brings them up. Where they can't be read they aren't kept: another node may be able to.
void node_body::sit(const store::claim& c) {
  if (seat_ || !member_)
    return;
  const auto begun = with_.ctx->time->now();
  auto up = with_.sit({me_, [m = member_.get()] { return m->holds(); }});
  if (!up && up.code() == errc::state_in_use)
    return member_->on_not_taken(c.unit);
  if (!up) {
    with_.ctx->refused(this, up.code());
    with_.ctx->note(log_level::error, "units_not_read", {{"code", name_of(up.code())}, {"detail", std::string_view(up.error().detail)}});
    pause_ = std::clamp(2 * pause_, milliseconds{first_pause}, milliseconds{longest_pause});
    end_run(true);
    return begin_again();
  }
  pause_ = 0ms;
  {
    const std::scoped_lock turn(guard_);
    seat_ = std::move(*up);
  }
  const store::claim mine{c.unit, me_, c.term + 1};
  member_->on_taken(mine.unit, mine.term);
  board_->on_seat(seat_, mine);
  const auto took = std::chrono::duration_cast<milliseconds>(with_.ctx->time->now() - begun);
  with_.ctx->note(log_level::info, "units_taken", {{"term", mine.term}, {"ms", std::uint64_t(took.count())}});
}

/// Gracefully: a snapshot is written while the units still serve, then calls wait for the next owner. What is under way here ends and is written, then this run
/// fences itself, so that others needn't wait until all has ended here.
void node_body::rise(bool graceful) {
  if (!seat_)
    return;
  if (graceful)
    seat_->prepare();
  board_->on_seat(nullptr, {});
  for (auto waited = 0ms; graceful && board_->at_work() > 0 && waited < drain; waited += 2ms)
    std::this_thread::sleep_for(2ms);
  if (graceful) {
    seat_->write();
    (void)store_->fence(me_, true);
  }
  seat_->end();
  const std::scoped_lock turn(guard_);
  seat_.reset();
}

void node_body::end_run(bool fence) {
  std::unique_ptr<member> before;
  {
    const std::scoped_lock turn(guard_);
    before = std::move(member_);
  }
  before.reset();
  if (fence && store_)
    (void)store_->fence(me_, true);
  board_->on_run({}, nullptr);
  links_.reset();
  const std::scoped_lock turn(guard_);
  tasks_.clear(); // what the run that is over has said
  up_.clear();
  reached_.clear();
  nodes_.clear();
}

/// Until the store answers, or the node leaves.
void node_body::begin_again() {
  for (auto wait = pause_;; wait = between_entries) {
    {
      std::unique_lock turn(guard_);
      if (changed_.wait_for(turn, wait, [this] { return leaving_; }))
        return;
    }
    auto rows = open_store(with_.deployment->state), beats = open_store(with_.deployment->state);
    if (rows && beats && begin(std::move(*rows), std::move(*beats)))
      return;
    links_.reset();
  }
}

void node_body::leave() {
  std::unique_lock turn(guard_);
  if (std::exchange(left_, true))
    return;
  leaving_ = true;
  if (member_)
    member_->leave();
  turn.unlock();
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

failure node_body::ended() const {
  const std::scoped_lock turn(guard_);
  return ended_;
}

std::shared_ptr<seat> node_body::serving() const {
  const std::scoped_lock turn(guard_);
  return seat_;
}

std::string node_body::address() const { return (at_.host.find(':') == std::string::npos ? at_.host : '[' + at_.host + ']') + ':' + std::to_string(at_.port); }

std::string node_body::incarnation() const {
  const std::scoped_lock turn(guard_);
  return store::text_of(me_);
}

} // namespace ammo
