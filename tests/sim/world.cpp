#include "tests/sim/world.hpp"

#include "tests/sim/process.hpp"

#include <algorithm>
#include <cmath>

namespace ammo::sim {

world::world(scenario s, broken_rule broken)
  : scenario_(std::move(s)), broken_(broken), dice_(scenario_.seed), store_cut_(scenario_.starts.size()), nodes_(scenario_.starts.size()),
    life_(scenario_.starts.size()), frozen_(scenario_.starts.size()) {
  tables_ = std::make_shared<store::memory_tables>([this] { return std::chrono::duration_cast<milliseconds>(now_); });
  store_ = store::open_memory(tables_);
  (void)store_->lay_out({"coin:8", shards, units}).has_value();
  for (std::uint32_t n = 0; n < nodes_.size(); ++n)
    at(scenario_.starts[n], nobody, 0, [this, n] { start(n); });
  for (fault& f : scenario_.faults) {
    f.length = std::min(f.length, scenario_.quiet - f.at);
    at(f.at, nobody, 0, [this, &f] { begin(f); });
    at(f.at + f.length, nobody, 0, [this, &f] { end(f); });
  }
  for (milliseconds t = scenario_.quiet; t < scenario_.end; t += milliseconds{50})
    at(t, nobody, 0, [this] { look_whether_healed(); });
}

world::~world() = default;

outcome world::run() {
  while (!queue_.empty() && !truth_.failed() && queue_.top().when <= scenario_.end) {
    event e = queue_.top();
    queue_.pop();
    now_ = e.when;
    if (e.node != nobody) {
      if (e.life != life_[e.node] || !nodes_[e.node])
        continue;
      if (frozen_[e.node] > now_) { // its turn comes when the node goes on, behind what came before
        e.when = frozen_[e.node];
        queue_.push(std::move(e));
        continue;
      }
    }
    ++outcome_.events;
    outcome_.trace = splitmix64(outcome_.trace ^ e.number ^ static_cast<std::uint64_t>(now_.count()) << 20)();
    (*e.f)();
    if (e.node != nobody && e.life == life_[e.node] && nodes_[e.node])
      nodes_[e.node]->wake();
  }
  if (!truth_.failed()) {
    if (const auto why = unhealed(true); !why.empty())
      truth_.fail(invariant::converges, why);
    truth_.judge(*store_);
  }
  outcome_.failed = truth_.failed();
  outcome_.calls = truth_.calls();
  outcome_.answered = truth_.answered();
  return outcome_;
}

void world::at(microseconds when, std::uint32_t node, std::uint64_t life, std::function<void()> f) {
  queue_.push({std::max(when, now_), ++events_, node, life, std::make_shared<std::function<void()>>(std::move(f))});
}

milliseconds world::local(std::uint32_t node) const noexcept {
  const auto& c = scenario_.clocks[node];
  return c.skew + milliseconds{static_cast<std::int64_t>(static_cast<double>(now_.count()) * (1 + c.drift) / 1000)};
}

void world::at_local(std::uint32_t node, milliseconds when, std::function<void()> f) {
  const auto& c = scenario_.clocks[node];
  const double then = static_cast<double>((when - c.skew).count()) * 1000 / (1 + c.drift);
  at(microseconds{static_cast<std::int64_t>(std::ceil(then)) + 1}, node, life_[node], std::move(f));
}

world::way_to_store world::way_of(std::uint32_t node) {
  way_to_store w{true, true, microseconds{100} + below(800), microseconds{100} + below(800), milliseconds{700}};
  if (store_cut_[node] > 0 || down_ > 0)
    w.arrives = chance(0.05); // sent before the link broke, say
  if (slow_ > 0) {
    w.arrives = w.arrives && !chance(0.05);
    w.answers = !chance(0.1);
    if (chance(0.3))
      w.there += below(3'000'000);
  }
  return w;
}

void world::send(std::uint32_t from, store::incarnation to, message m) {
  const auto found = processes_.find(to);
  if (found == processes_.end())
    return;
  const auto [node, life] = found->second;
  int copies = 1;
  microseconds longest{2'000};
  if (node != from) {
    if (cut_[std::minmax(from, node)] > 0)
      return;
    if (storm_ > 0) {
      copies = chance(0.15) ? 0 : chance(0.1) ? 2
                                              : 1;
      longest = chance(0.2) ? microseconds{1'500'000} : microseconds{20'000};
    }
  } else {
    longest = microseconds{10};
  }
  const std::uint32_t to_node = node;
  for (; copies > 0; --copies)
    at(now_ + microseconds{50} + below(longest.count()), node, life, [this, to_node, m] { nodes_[to_node]->on_message(m); });
}

store::incarnation world::register_process(std::uint32_t node) {
  const store::incarnation id{1 + dice_() % 1000, (std::uint64_t{node} + 1) << 32 | life_[node]};
  processes_[id] = {node, life_[node]};
  return id;
}

bool world::is_gone(store::incarnation who) const {
  const auto found = processes_.find(who);
  return found != processes_.end() && (found->second.second != life_[found->second.first] || !nodes_[found->second.first]);
}

void world::start(std::uint32_t node) {
  if (nodes_[node])
    return;
  ++life_[node];
  last_start_ = now_;
  nodes_[node] = std::make_unique<process>(*this, node);
  at(now_, node, life_[node], [this, node] { nodes_[node]->start(); });
}

void world::stop(std::uint32_t node) {
  if (!nodes_[node])
    return;
  const auto life = life_[node];
  nodes_[node].reset();
  frozen_[node] = {};
  for (const auto& [id, where] : processes_) // its links break, and those at their other ends see it, soon
    if (where == std::pair(node, life))
      for (std::uint32_t n = 0; n < nodes_.size(); ++n)
        if (nodes_[n])
          at(now_ + below(50'000), n, life_[n], [this, n, gone = id] { nodes_[n]->on_message(lost_message{gone}); });
}

void world::ended(std::uint32_t node, milliseconds again_after) {
  // Not while it is running: its own event is the one that ends it.
  at(now_, nobody, 0, [this, node, life = life_[node]] {
    if (life == life_[node])
      stop(node);
  });
  at(now_ + again_after, nobody, 0, [this, node] { start(node); });
}

void world::begin(const fault& f) {
  switch (f.what) {
  case fault::kind::crash: return stop(f.node);
  case fault::kind::freeze: frozen_[f.node] = std::max<microseconds>(frozen_[f.node], f.at + f.length); return;
  case fault::kind::leave:
    if (nodes_[f.node])
      at(now_, f.node, life_[f.node], [this, n = f.node, l = f.length] { nodes_[n]->leave(l); });
    return;
  case fault::kind::cut: ++cut_[std::minmax(f.node, f.other)]; return;
  case fault::kind::storm: ++storm_; return;
  case fault::kind::store_cut: ++store_cut_[f.node]; return;
  case fault::kind::store_down: ++down_; return;
  case fault::kind::store_slow: ++slow_; return;
  case fault::kind::end_: return;
  }
}

void world::end(const fault& f) {
  switch (f.what) {
  case fault::kind::crash: return start(f.node);
  case fault::kind::freeze:
  case fault::kind::leave: return;
  case fault::kind::cut: --cut_[std::minmax(f.node, f.other)]; return;
  case fault::kind::storm: --storm_; return;
  case fault::kind::store_cut: --store_cut_[f.node]; return;
  case fault::kind::store_down: --down_; return;
  case fault::kind::store_slow: --slow_; return;
  case fault::kind::end_: return;
  }
}

/// Why the cluster isn't whole; empty: it is.
std::string world::unhealed(bool in_place) const {
  for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
    if (!nodes_[n])
      return "node " + std::to_string(n) + " doesn't run";
    if (const auto seen = nodes_[n]->live(); seen != nodes_.size())
      return "node " + std::to_string(n) + " knows of " + std::to_string(seen) + " nodes of " + std::to_string(nodes_.size());
  }
  for (std::uint32_t u = 0; u < units; ++u) {
    const auto wanted = nodes_[0]->best_for(store::unit_id{u});
    const auto owner = tables_->claims.at(store::unit_id{u}).owner;
    if (!owner || (in_place && owner != wanted))
      return "unit " + std::to_string(u) + " isn't where it should be";
    if (is_gone(owner) || !nodes_[processes_.at(owner).first]->serves(store::unit_id{u}))
      return "unit " + std::to_string(u) + " isn't served";
  }
  return {};
}

void world::look_whether_healed() {
  const auto since = std::chrono::duration_cast<milliseconds>(now_ - std::max<microseconds>(scenario_.quiet, last_start_)) + milliseconds{1};
  if (outcome_.whole == milliseconds{} && unhealed(false).empty())
    outcome_.whole = since;
  if (outcome_.healed == milliseconds{} && unhealed(true).empty())
    outcome_.healed = since;
}

} // namespace ammo::sim
