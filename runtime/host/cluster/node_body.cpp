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

/// For answers that are on their way over links when a node leaves.
constexpr auto linger = 100ms;
/// Units that a node gives away, and whose next owner hasn't begun.
constexpr std::size_t moves_at_once = 16;
/// Whether a node that leaves has given everything away.
constexpr auto between_questions = 20ms;
/// Between two attempts to enter a store that doesn't answer.
constexpr auto between_entries = 500ms;

store::incarnation fresh_incarnation() {
  std::random_device dice;
  const auto half = [&] { return std::uint64_t{dice()} << 32 | dice(); };
  return {half(), half() | 1};
}

/// What a deployment has to be played.
std::vector<cluster::unit_needs> units_of(const options& o, unit_numbers units) {
  std::vector<cluster::unit_needs> out{{unit_numbers::host, "evolution", {}}};
  for (std::uint32_t i = 0; i < units.shards; ++i)
    out.push_back({units.of_shard(i), "people", {}});
  for (std::uint32_t at = 0; at < units.subspaces; ++at)
    out.push_back({units.of_subspace(at), o.subspaces[at].name, {}});
  return out;
}

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
  all.port_ = all.at_.port;
  all.shows_ = std::move(*shows);
  all.mail_ = std::make_shared<node_mail>(all.with_.ctx, all.units_);
  all.board_ = std::make_shared<switchboard>(switchboard_setup{
    .ctx = all.with_.ctx,
    .units = all.units_,
    .keep = all.with_.keep,
    .seek = [&all] {
      const std::scoped_lock turn(all.guard_);
      if (all.member_)
        all.member_->look_soon(); },
    .leaves = [&all](store::incarnation who) { all.on_leaving(who); },
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
  times.moves_at_once = moves_at_once;
  auto standbys = rows->standbys();
  if (!standbys)
    return standbys.error();
  {
    const std::scoped_lock turn(guard_);
    standbys_ = *std::move(standbys);
  }
  entered_ = member::now();
  const auto entered = rows->enter(row, times.lease);
  if (!entered)
    return entered.error();
  board_->on_run(me_, links_);
  mail_->on_run(me_, links_);
  store_ = std::move(rows);
  auto made = std::make_unique<member>(std::move(beats), cluster::candidate{me_, o.node.name, std::move(can)}, units_of(o, units_), times, entered_, events());
  auto* const mine = made.get();
  {
    const std::scoped_lock turn(guard_);
    member_ = std::move(made);
    ++runs_;
  }
  auto up = with_.sit({me_, [mine] { return mine->holds(); }}, mail_);
  if (!up) {
    end_run(true);
    return up.error();
  }
  {
    const std::scoped_lock turn(guard_);
    seat_ = std::move(*up);
  }
  board_->on_seat(seat_);
  std::vector<store::incarnation> early; // links that were there before anybody could be told
  {
    const std::scoped_lock turn(guard_);
    for (const auto& [who, name] : up_)
      early.push_back(who);
  }
  for (const auto& who : early)
    board_->on_link_up(who);
  return {};
}

member_events node_body::events() {
  return {.on_look = [this](std::span<const store::node> nodes, std::span<const store::claim> claims) { on_look(nodes, claims); },
          .on_take =
            [this](std::span<const store::claim> free) {
              {
                const std::scoped_lock turn(guard_);
                free_.insert(free_.end(), free.begin(), free.end());
              }
              post([this] { take(); });
            },
          .on_give = [this](std::span<const cluster::membership::step::move> moves) { post([this, all = std::vector(moves.begin(), moves.end())] { give(all); }); },
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
  while (!handed_over()) {
    std::function<void()> next;
    {
      std::unique_lock turn(guard_);
      if (leaving_)
        changed_.wait_for(turn, between_questions, [this] { return !tasks_.empty(); });
      else
        changed_.wait(turn, [this] { return leaving_ || !tasks_.empty(); });
      if (tasks_.empty())
        continue;
      next = std::move(tasks_.front());
      tasks_.pop_front();
    }
    try {
      next();
    } catch (const std::exception&) { // no memory, or no thread: what has been done of it nobody knows
      with_.ctx->refused(this, errc::actor_failed);
      for (bool more = true; more;)
        try {
          again();
          more = false;
        } catch (const std::exception&) {
          std::this_thread::sleep_for(between_entries);
        }
    }
  }
  rise(true);
  if (store_)
    (void)store_->fence(me_, true); // whoever waits for its name needn't wait for its lease
  std::this_thread::sleep_for(linger);
  end_run(false);
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
  mail_->on_run({}, nullptr);
  close_links();
  const std::scoped_lock turn(guard_);
  tasks_.clear(); // what the run that is over has said
  free_.clear();
  up_.clear();
  reached_.clear();
  leavers_.clear();
  nodes_.clear();
}

/// This run can't go on: it is fenced, and another one begins.
void node_body::again() {
  rise(false);
  end_run(true);
  begin_again();
}

/// Until the store answers, or the node leaves.
void node_body::begin_again() {
  auto said = errc::ok;
  for (auto wait = pause_;; wait = between_entries) {
    {
      std::unique_lock turn(guard_);
      if (changed_.wait_for(turn, wait, [this] { return leaving_; }))
        return;
    }
    auto rows = open_store(with_.deployment->state), beats = open_store(with_.deployment->state);
    const auto begun = rows && beats ? begin(std::move(*rows), std::move(*beats)) : result<void>(rows ? beats.error() : rows.error());
    if (begun)
      return;
    close_links();
    mail_->on_run({}, nullptr);
    {
      const std::scoped_lock turn(guard_);
      up_.clear();
    }
    with_.ctx->refused(this, begun.code());
    if (std::exchange(said, begun.code()) != begun.code())
      with_.ctx->note(log_level::error, "node_not_back", {{"code", name_of(begun.code())}, {"detail", std::string_view(begun.error().detail)}});
  }
}

void node_body::tell(subspace_id subspace, address_of<role::goal_buddy> whom, std::uint16_t type, frame f) {
  const auto unit = units_.of_subspace(raw(subspace));
  std::shared_ptr<seat> here;
  {
    const std::scoped_lock turn(guard_);
    if (mine_.contains(unit))
      here = seat_;
  }
  if (!here)
    return mail_->send_to(unit, whom, type, std::move(f));
  if (const auto arrived = here->arrive(whom, f); !arrived)
    with_.ctx->refused(this, arrived.code());
}

void node_body::leave() {
  std::unique_lock turn(guard_);
  if (std::exchange(left_, true))
    return;
  leaving_ = true;
  leaving_since_ = last_gone_ = with_.ctx->time->now();
  board_->tell_to_look(true);
  if (member_) {
    member_->leave();
    member_->look_soon();
  }
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
  return mine_.empty() ? nullptr : seat_;
}

std::string node_body::address() const { return (at_.host.find(':') == std::string::npos ? at_.host : '[' + at_.host + ']') + ':' + std::to_string(port_.load()); }

std::string node_body::incarnation() const {
  const std::scoped_lock turn(guard_);
  return store::text_of(me_);
}

} // namespace ammo
