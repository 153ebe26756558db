#include "runtime/state/comparison/state_comparison.hpp"

#include "actors/protocol/state_codec.hpp"
#include "runtime/state/comparison/unit_replays.hpp"
#include "runtime/state/holders.hpp"
#include "runtime/state/state_keeper.hpp"
#include "runtime/state/state_folder.hpp"
#include "runtime/state/state_place.hpp"
#include "runtime/state/unit_logs.hpp"
#include "runtime/store/commit_queue.hpp"
#include "runtime/system/actor_graph.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>

namespace ammo {
namespace {

class state_player {
public:
  state_player(store::state_store& of, unit_numbers units, mind_configs configs, const layout& space)
    : store_(of), units_(units), configs_(std::move(configs)), space_(space) {}

  result<state_comparison> run() {
    for (std::uint32_t n = 0; n < units_.size(); ++n) {
      out_.units.push_back({.name = name_of_unit(n), .differs = {}});
      if (auto begun = begin(store::unit_id{n}); !begun)
        return begun.error();
    }
    if (auto read = read_logs(); !read)
      return read.error();
    for (std::uint32_t n = 0; n < units_.size(); ++n)
      if (replays_[n] && out_.units[n].differs.empty())
        replays_[n]->compare(out_.units[n]);
    return std::move(out_);
  }

private:
  [[nodiscard]] std::string name_of_unit(std::uint32_t n) const {
    return n == 0 ? "host" : n <= units_.shards ? "users " + std::to_string(n - 1)
                                                : space_.name(subspace_id{static_cast<std::uint16_t>(n - 1 - units_.shards)});
  }

  [[nodiscard]] std::unique_ptr<unit_replay> replay_of(std::uint32_t n, store::position from, store::position to) const {
    if (n == 0)
      return std::make_unique<host_check>(from, to);
    if (n <= units_.shards)
      return std::make_unique<user_shard_check>(from, to, configs_.users[n - 1], configs_.aipp[n - 1],
                                                [this, n](std::uint64_t user) { return store_.read_sleeper(store::unit_id{n}, user); });
    return std::make_unique<subspace_check>(from, to, configs_.subspaces[n - 1 - units_.shards]);
  }

  /// What can't be read or adopted is a difference of its unit; the others are played on.
  void differs(std::uint32_t n, const failure& why, const std::string& where) {
    out_.units[n].compared = true;
    if (out_.units[n].differs.empty())
      out_.units[n].differs = where + ": " + why.text();
  }

  result<void> begin(store::unit_id u) {
    replays_.emplace_back();
    auto segments = store_.segments(u);
    if (!segments)
      return segments.error();
    histories_.push_back({*std::move(segments), {}});
    const auto all = store_.snapshots(u);
    if (!all)
      return all.error();
    if (all->size() < 2)
      return {};
    const auto n = store::raw(u);
    const auto &newer = (*all)[0], &older = (*all)[1];
    histories_[n].kept = older.at;
    std::array<store::bytes, 2> read;
    for (auto [whole, to] : {std::pair(&older, &read[0]), std::pair(&newer, &read[1])})
      for (std::uint32_t p = 0; p < whole->pieces; ++p) {
        const auto part = store_.read_piece(u, whole->at, p);
        if (!part && part.code() != errc::state_damaged)
          return part.error();
        if (!part) {
          differs(n, part.error(), to == &read[0] ? "the older snapshot" : "the newer snapshot");
          return {};
        }
        to->insert(to->end(), part->begin(), part->end());
      }
    replays_[n] = replay_of(n, older.at, newer.at);
    if (auto adopted = replays_[n]->adopt(read[0], read[1]); !adopted) {
      differs(n, adopted.error(), "its snapshots");
      replays_[n] = nullptr;
    }
    return {};
  }

  result<void> read_logs() {
    auto nodes = store_.nodes();
    if (!nodes)
      return nodes.error();
    return read_unit_logs(store_, *nodes, histories_, [this](const unit_frame& f) -> result<void> {
      const auto n = store::raw(f.what.unit);
      if (!replays_[n] || !out_.units[n].differs.empty())
        return {};
      if (auto done = replays_[n]->take(f.what, f.at, out_.units[n]); !done)
        differs(n, done.error(), "the frame at term " + std::to_string(f.at.term) + ", place " + std::to_string(f.at.place));
      return {};
    });
  }

  store::state_store& store_;
  unit_numbers units_;
  mind_configs configs_;
  const layout& space_;
  std::vector<store::unit_history> histories_;
  std::vector<std::unique_ptr<unit_replay>> replays_;
  state_comparison out_;
};

} // namespace

bool state_comparison::equal() const noexcept {
  return std::ranges::all_of(units, [](const unit_comparison& u) { return u.differs.empty(); });
}

std::string state_comparison::to_text() const {
  std::string out;
  for (const auto& u : units) {
    auto name = u.name;
    name.resize(std::max<std::size_t>(name.size() + 1, 22), ' ');
    out += name;
    if (!u.compared)
      out += "one snapshot only: nothing to compare\n";
    else if (!u.differs.empty())
      out += "DIFFERS at " + u.differs + '\n';
    else
      out += "equal after " + std::to_string(u.frames) + " frames" + (u.users > 0 ? ", " + std::to_string(u.users) + " users" : "") +
             (u.heard_news > 0 ? "; " + std::to_string(u.heard_news) + " of them heard of others in between, so their posteriors aren't compared" : "") + '\n';
  }
  return out;
}

std::string state_comparison::to_json() const {
  std::string out;
  for (const auto& u : units) {
    const nlohmann::json line{{"kind", "unit"}, {"name", u.name}, {"compared", u.compared}, {"equal", u.differs.empty()}, {"frames", u.frames}, {"users", u.users}, {"heard_news", u.heard_news}, {"differs", u.differs}};
    out += line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
  }
  return out;
}

result<state_comparison> replay_state(const options& deployment) {
  if (auto fine = deployment.check(); !fine)
    return fine.error();
  const auto& place = deployment.state;
  std::optional<state_folder> folder;
  if (!is_postgres(place)) {
    std::error_code unreadable;
    if (!std::filesystem::is_regular_file(state_folder::file_in(place), unreadable))
      return {errc::no_such_file, '"' + place + "\" holds no state"};
    auto held = state_folder::hold(place);
    if (!held)
      return held.error();
    folder = std::move(*held);
  }
  auto store = open_store(place);
  if (!store)
    return store.error();
  if (!folder) {
    const auto holder = holder_of(**store);
    if (!holder || !holder->empty())
      return holder ? failure{errc::state_in_use, '"' + shown(place) + "\": " + *holder} : holder.error();
  }
  const auto has = (*store)->layout();
  if (!has)
    return has.error();
  if (!*has)
    return {errc::no_such_file, '"' + shown(place) + "\" holds no deployment's state"};
  auto graph = actor_graph::make(deployment, {});
  if (!graph)
    return graph.error();
  const unit_numbers units{(*graph)->shards(), (*graph)->subspaces()};
  if (const auto wanted = state_keeper::layout_of((*graph)->space(), units); **has != wanted)
    return {errc::state_other_layout, "the state in \"" + shown(place) + "\" is of \"" + (*has)->layout + "\" with " + std::to_string((*has)->shards) +
                                        " shards, the deployment has \"" + wanted.layout + "\" with " + std::to_string(wanted.shards)};
  return state_player(**store, units, (*graph)->configs(), (*graph)->space()).run();
}

} // namespace ammo
