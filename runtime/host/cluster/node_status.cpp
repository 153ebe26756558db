// What a node says of its cluster.
#include "runtime/host/cluster/node_body.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace ammo {

std::string node_body::status() const {
  using value = nlohmann::ordered_json;
  std::shared_ptr<node::links> open; // if it is the last to know them their thread ends once guard_ is free
  const std::scoped_lock turn(guard_);
  open = links_;
  value nodes = value::array(), units = value::array(), links = value::array(), traffic = value::array(), refused = value::object();
  std::map<store::incarnation, std::string> names;
  for (const auto& n : nodes_) {
    names.emplace(n.id, n.name);
    if (!n.fenced)
      nodes.push_back({{"name", n.name}, {"address", n.address}, {"incarnation", store::text_of(n.id)}, {"lease_ms", n.lease_left_ms}, {"log", n.head}});
  }
  for (const auto& c : claims_) {
    const auto number = store::raw(c.unit);
    const std::string name = number == 0               ? "evolution"
                             : number <= units_.shards ? "people " + std::to_string(number - 1)
                             : number < units_.size()  ? with_.deployment->subspaces[number - 1 - units_.shards].name
                                                       : std::to_string(number);
    const auto owner = std::ranges::find(nodes_, c.owner, &store::node::id);
    const bool owned = owner != nodes_.end() && !owner->fenced;
    units.push_back({{"unit", name}, {"owner", owned ? value(owner->name) : value(nullptr)}, {"term", c.term}});
  }
  for (const auto& [who, name] : up_)
    if (names.contains(who)) // others only ask
      links.push_back(name);
  if (open)
    for (const auto& [who, t] : open->traffic())
      if (const auto name = names.find(who); name != names.end())
        traffic.push_back({{"node", name->second}, {"letters_out", t.letters_out}, {"batches_out", t.batches_out}, {"bytes_out", t.bytes_out}, {"letters_in", t.letters_in}, {"batches_in", t.batches_in}, {"bytes_in", t.bytes_in}, {"waiting_bytes", t.waiting_bytes}, {"on_the_way_bytes", t.on_the_way_bytes}});
  for (const auto& [why, count] : refused_)
    refused[why] = count;
  return value{{"node", with_.deployment->node.name}, {"address", address()}, {"incarnation", store::text_of(me_)}, {"serves", !mine_.empty()}, {"units_here", mine_.size()}, {"runs", runs_}, {"standbys", standbys_}, {"calls", board_->under_way_here()}, {"at_work", board_->at_work()}, {"nodes", nodes}, {"units", units}, {"links", links}, {"traffic", traffic}, {"shed", open ? open->shed() : 0}, {"refused", refused}}
    .dump(2);
}

} // namespace ammo
