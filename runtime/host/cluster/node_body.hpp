/// A node: what makes a process one of several that play a deployment. A unit is at work in the process that holds the claim on it; every process of the
/// cluster takes calls, and passes on those whose units are elsewhere.
///
/// A run of it is one incarnation: it enters the store, renews its lease, has links to the others, takes units that nobody has and it should, and gives those
/// away that another should have. A run that is taken for dead ends with all that it has, and the next one begins.
#pragma once

#include "ammo/options.hpp"
#include "runtime/host/cluster/member.hpp"
#include "runtime/host/cluster/node_mail.hpp"
#include "runtime/host/cluster/switchboard.hpp"
#include "runtime/node/certificates.hpp"
#include "runtime/state/noted_frame.hpp"
#include "runtime/state/state_keeper.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace ammo {

/// Where other nodes reach one: an address in digits, and a port.
struct node_address {
  std::string host;
  std::uint16_t port = 0;
};
/// Errors: `bad_value`: it isn't HOST:PORT, or the host is one that nobody reaches (0.0.0.0).
[[nodiscard]] result<node_address> node_address_from(const std::string& text);

struct node_setup {
  std::shared_ptr<const options> deployment;
  std::shared_ptr<context> ctx;
  store::state_layout layout;
  std::function<void(std::shared_ptr<ticket>)> keep;
  std::function<void(slate, std::function<void(bool shown)>)> push; ///< to this process's host
  /// A place for the units of a run, where none is yet. `others`: where their bodies send what is for other nodes. Blocks. Errors: those of the store, and of a deployment that can't be played.
  std::function<result<std::shared_ptr<seat>>(node_seat, std::shared_ptr<outward> others)> sit;
};

class node_body {
public:
  /// Enters the cluster. Errors: `bad_value` (the options of a node aren't whole; an address that can't be listened on), those of certificates, those of the store.
  [[nodiscard]] static result<std::unique_ptr<node_body>> join(node_setup with);
  /// Leaves, if `leave` wasn't called.
  ~node_body();
  node_body(const node_body&) = delete;
  node_body& operator=(const node_body&) = delete;

  /// Any thread.
  void call(host_question q, std::shared_ptr<ticket> asker, std::uint64_t key, bool given) { board_->call(std::move(q), std::move(asker), key, given); }
  /// See `switchboard`. Any thread.
  void on_listening(bool whether) { board_->on_listening(whether); }
  void push(slate s, std::function<void(bool shown)> outcome) { board_->push(std::move(s), std::move(outcome)); }
  /// Tells a Goal Buddy of that subspace, wherever it is. Any thread.
  void tell(subspace_id subspace, address_of<role::goal_buddy> whom, std::uint16_t type, frame f);
  /// Gives its units away, one group after the other, while they serve. Then, or where nobody takes them: what is under way here ends, what was noted is written,
  /// and another node may take what is left at once. Blocks.
  void leave();
  /// Why it plays no more, under this name or with this store; ok: it plays. Any thread.
  [[nodiscard]] failure ended() const;
  /// How the cluster is, as this node sees it: JSON. Any thread.
  [[nodiscard]] std::string status() const;
  /// Where this node's units are at work; null: none is here. Any thread.
  [[nodiscard]] std::shared_ptr<seat> serving() const;
  /// Where it listens: "127.0.0.1:7101".
  [[nodiscard]] std::string address() const;
  [[nodiscard]] std::string incarnation() const;

private:
  explicit node_body(node_setup with);
  [[nodiscard]] result<void> begin(std::unique_ptr<store::state_store> rows, std::unique_ptr<store::state_store> beats);
  [[nodiscard]] result<void> open_links();
  void close_links();
  void run();
  void take();
  void give(const std::vector<cluster::membership::step::move>& moves);
  [[nodiscard]] bool give_together(const std::vector<store::claim>& units);
  [[nodiscard]] bool handed_over() const;
  [[nodiscard]] bool leaves() const;
  void on_leaving(store::incarnation who);
  void rise(bool graceful);
  void end_run(bool fence);
  void begin_again();
  void again();
  void on_look(std::span<const store::node> nodes, std::span<const store::claim> claims);
  void post(std::function<void()> what);
  [[nodiscard]] member_events events();

  const node_setup with_;
  const unit_numbers units_;
  node_address at_;                       ///< as the options have it; port 0: any that is free
  std::atomic<std::uint16_t> port_{0};    ///< of the last run, and where the next one is if it can be
  node::material shows_;
  std::shared_ptr<switchboard> board_;
  std::shared_ptr<node_mail> mail_;
  store::incarnation me_;                 ///< of this run; changes on the own thread alone
  cluster::instant entered_{};
  std::shared_ptr<node::links> links_;    ///< changes on the own thread alone, under guard_
  std::unique_ptr<member> member_;
  std::unique_ptr<store::state_store> store_; ///< of the own thread
  std::shared_ptr<seat> seat_;            ///< changes on the own thread alone, under guard_
  std::chrono::milliseconds pause_{};     ///< before the next run, where this one failed to read its units

  mutable std::mutex guard_; ///< of what follows
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool leaving_ = false, left_ = false;
  time_source::instant leaving_since_{}, last_gone_{}; ///< of a node that leaves: when one of its units went last
  std::set<store::incarnation> leavers_;  ///< other nodes that end
  std::vector<store::node> nodes_;        ///< as they were last read
  std::vector<store::claim> claims_;
  std::vector<store::claim> free_;        ///< to be taken
  std::map<store::unit_id, store::claim> mine_; ///< at work here
  std::map<store::incarnation, std::string> up_; ///< links, and the names of those at their ends
  std::map<std::string, bool> reached_;   ///< addresses that are dialled
  std::map<std::string, std::uint64_t> refused_; ///< connections that became no link, by name
  failure ended_{errc::ok, {}};
  std::uint64_t runs_ = 0;
  std::string standbys_;                  ///< of the database, that have what is acknowledged
  std::thread thread_;
};

} // namespace ammo
