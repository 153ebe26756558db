/// Where a node's calls go: to the units that it has, or over a link to the node that has them; and what comes over links for its own units.
/// Lives here: a thread that asks the router, and keeps who waits for what. May not live here: a unit, a row of the store.
///
/// A call that waits, is repeated, or goes on to another node is one call: its ticket ends once. What was sent to a node that then lost its units may have
/// happened: its repeat is told by its key, and where that says nothing the call ends as `outcome_unknown`.
#pragma once

#include "actors/base/context.hpp"
#include "actors/protocol/codec.hpp"
#include "runtime/cluster/call_letters.hpp"
#include "runtime/cluster/router.hpp"
#include "runtime/host/calls/ticket.hpp"
#include "runtime/host/cluster/seat.hpp"
#include "runtime/node/links.hpp"
#include "runtime/state/noted_frame.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ammo {

struct switchboard_setup {
  std::shared_ptr<context> ctx;                          ///< required
  unit_numbers units;                                    ///< of the deployment
  std::function<void(std::shared_ptr<ticket>)> keep;     ///< has a ticket end at its deadline
  std::function<void()> seek;                            ///< a call waits for an owner: look at the store's rows
  std::function<void(store::incarnation)> leaves;        ///< another node ends: look at the store's rows, too
  std::function<std::string()> status;                   ///< of the cluster, for whoever asks over a link
  std::function<void(const std::function<void(store::incarnation)>&)> each_link; ///< nodes to which there is a link
  std::function<void(slate, std::function<void(bool shown)>)> push; ///< to this node's host, where it listens
  std::size_t pushes = 1'024;                            ///< to hosts of other nodes that are under way; more are shed
  std::size_t most = 65'536;                             ///< calls of other nodes that are under way here; more are `overloaded`
};

class switchboard : public std::enable_shared_from_this<switchboard> {
public:
  explicit switchboard(switchboard_setup with);
  /// Calls that wait end as `stopped`.
  ~switchboard();
  switchboard(const switchboard&) = delete;
  switchboard& operator=(const switchboard&) = delete;

  // -- any thread --------------------------------------------------------------------------------------------
  void call(host_question q, std::shared_ptr<ticket> asker, std::uint64_t key, bool given);
  /// A run of the node begins: what it is, and its links. Null: it is over, and no call is sent to anybody until the next one begins. Returns once nobody has
  /// the links before.
  void on_run(store::incarnation me, std::shared_ptr<node::links> links);
  /// What a peer has sent.
  void on_letter(store::incarnation from, const cluster::letter& l);
  void on_link_up(store::incarnation to);
  /// `replaced`: by another link to it.
  void on_link_lost(store::incarnation to, bool replaced);
  /// This node's host has a callback for pushes, or none any more.
  void on_listening(bool whether);
  /// A push that nobody hears in this process: to a node whose host listens and wants it, one after the other. `outcome` as `callback_runner::push` has it.
  void push(slate s, std::function<void(bool shown)> outcome);
  /// As the store's rows say.
  void on_claim(const store::claim& c);
  /// Where this node's units are at work, as they come; null: none is here any more. What is under way there goes on. Returns once no further call goes to those
  /// before.
  void on_seat(std::shared_ptr<seat> here);
  /// These serve here from now on.
  void on_here(std::vector<store::claim> mine);
  /// Calls for these wait for their next owner. What is under way goes on. Returns once no further call goes there.
  void on_gone(std::vector<store::unit_id> units);
  /// Tells all nodes that units are free, or are going to be: this one `leaves`.
  void tell_to_look(bool leaves);
  /// Nothing can be carried out any more; why.
  void on_end(failure why);
  /// Calls that are under way at this node's units, and at one of them.
  [[nodiscard]] std::size_t at_work() const noexcept { return at_work_.load(std::memory_order_acquire); }
  [[nodiscard]] std::size_t at_work(store::unit_id unit) const noexcept { return of_unit_[store::raw(unit)].load(std::memory_order_acquire); }
  /// Calls of this node's host that are under way, wherever.
  [[nodiscard]] std::size_t under_way_here() const noexcept { return waiting_.load(std::memory_order_acquire); }

private:
  [[nodiscard]] bool called_here(const host_question& q, const std::shared_ptr<ticket>& asker, std::uint64_t key, bool given);
  using task = std::function<void()>;
  struct under_way {
    host_question question;
    std::shared_ptr<ticket> asker;
    std::uint64_t key = 0;
    bool given = false;
    store::unit_id unit{};                   ///< whom it is for
    std::vector<store::unit_id> elsewhere{}; ///< of a call about a Goal Buddy: subspaces that haven't been asked for it yet
    bool sent = false;     ///< to anybody
    bool here = false;     ///< it is under way at this node's units
    bool begun = false;    ///< it may have happened, and nobody has said what came of it
    bool unkeyed = false;  ///< the same, and no key tells
    std::uint32_t attempt = 0;
    store::incarnation to; ///< where the last copy went over a link, of which nothing has been heard; nobody: there is none
    std::uint32_t oldest = 0; ///< the first copy that went there and of which nothing has been heard
    bool cut = false;      ///< the link to there was lost since; what came over it may be lost, too
    frame bytes;           ///< once it was sent over a link
  };
  void post(task t, bool bounded = false);
  void attempt(const task& t) noexcept;
  void run();
  void pump();
  [[nodiscard]] cluster::router::instant now() const;
  void open(host_question q, std::shared_ptr<ticket> asker, std::uint64_t key, bool given);
  void open_at(under_way c);
  void open_sum(const statistics_request& q, std::shared_ptr<ticket> asker);
  [[nodiscard]] bool goes_on_elsewhere(under_way& c, const host_answer& a);
  [[nodiscard]] store::claim known(store::unit_id unit) const;
  [[nodiscard]] std::shared_ptr<ticket> inner(store::unit_id unit, time_source::instant due, std::uint64_t key, std::uint64_t holder, ticket::taker done);
  void send(const cluster::router::sending& s);
  void send_here(std::uint64_t number, under_way& c);
  void send_over(const cluster::router::sending& s, under_way& c);
  void answered_here(std::uint64_t number, std::uint32_t attempt, host_answer a);
  void finish(std::uint64_t number, host_answer a);
  void lost(under_way& c);
  void tell(store::incarnation to, const cluster::host_letter& l, store::unit_id unit = unit_numbers::host);
  void hear(store::incarnation from, store::unit_id unit, const store::bytes& bytes);
  void hear_call(store::incarnation from, store::unit_id unit, const cluster::call_letter& l);
  void hear(store::incarnation from, const cluster::answer_letter& l);
  void hear(store::incarnation from, const cluster::away_letter& l);
  void hear(store::incarnation from, const cluster::question_letter& l);
  void hear(store::incarnation, const cluster::told_letter&) {}
  void hear(store::incarnation from, const cluster::look_letter& l) { l.leaves ? with_.leaves(from) : with_.seek(); }
  void hear(store::incarnation from, const cluster::listens_letter& l);
  void hear(store::incarnation from, const cluster::push_letter& l);
  void hear(store::incarnation from, const cluster::shown_letter& l);
  struct push_under_way {
    frame bytes;
    std::function<void(bool)> outcome;
    std::vector<store::incarnation> left; ///< who may want it
    store::incarnation asked;
    cluster::router::instant until{};     ///< then it was shown to nobody
  };
  void ask_next(std::uint64_t number);
  void expire_pushes();
  void answer_health(const std::shared_ptr<ticket>& asker);

  const switchboard_setup with_;
  std::atomic<std::size_t> at_work_{0}, waiting_{0};
  std::vector<std::atomic<std::size_t>> of_unit_; ///< of at_work_
  /// What is here, for calls that needn't ask the thread. Changed by the thread alone.
  mutable std::shared_mutex nearby_;
  std::shared_ptr<seat> seat_;   ///< under nearby_, as here_
  std::set<store::unit_id> here_; ///< they serve
  std::mutex guard_;
  std::condition_variable changed_;
  std::deque<task> tasks_; ///< under guard_
  std::size_t letters_ = 0; ///< among these; under guard_
  bool stop_ = false;      ///< under guard_
  // Of the thread alone:
  cluster::router router_;
  std::unordered_map<std::uint64_t, under_way> calls_;                          ///< by number
  std::map<std::pair<store::incarnation, std::uint64_t>, std::uint32_t> peers_; ///< calls of other nodes that are under way here, with their last attempt
  std::set<store::incarnation> listeners_;                                      ///< nodes whose hosts listen
  std::map<std::uint64_t, push_under_way> pushes_;                              ///< by number, which is the order of their ends
  bool listens_ = false;
  std::uint64_t next_ = 1, next_push_ = 1;
  store::incarnation me_;
  std::shared_ptr<node::links> links_;
  std::map<store::unit_id, store::claim> claims_; ///< the newest that were heard of
  std::unordered_map<std::uint64_t, store::unit_id> goals_; ///< where Goal Buddies were found
  failure ended_{errc::ok, {}};
  std::thread thread_;
};

} // namespace ammo
