// What an inspection says, to people and to machines.
#include "runtime/state/inspection.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ammo {
namespace {

constexpr std::size_t most_goals_told = 20;

std::string grouped(std::uint64_t n) {
  std::string text = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), 1, ',');
  return text;
}

std::string units_of_money(std::int64_t micros) {
  auto text = std::to_string(micros / 1'000'000) + '.' + std::to_string(1'000'000 + micros % 1'000'000).substr(1);
  return text;
}

template <class Rows, class Get> std::uint64_t sum(const Rows& rows, Get get) {
  std::uint64_t all = 0;
  for (const auto& r : rows)
    all += static_cast<std::uint64_t>(r.*get);
  return all;
}

} // namespace

std::string state_inspection::to_text() const {
  std::string out = "State in " + path + '\n';
  if (!in_use.empty())
    out += "In use: " + in_use + '\n';
  out += "Subspaces (name@first coordinate+width): " + layout + " " + grouped(shards) + " user shards; " + grouped(bytes) + " bytes\n\n";
  out += "As of the snapshots:\n  " + grouped(users.size()) + " users, " + grouped(sum(users, &user::rounds)) + " slates, " +
         grouped(sum(users, &user::observations)) + " rewards learned, " + grouped(sum(users, &user::open)) + " impressions await feedback\n  " +
         grouped(static_cast<std::uint64_t>(std::ranges::count_if(users, &user::asleep))) + " of them asleep\n  " +
         grouped(goals.size()) + " Goal Buddies, " + grouped(sum(goals, &goal::live)) + " creations live; budgets " +
         units_of_money(static_cast<std::int64_t>(sum(goals, &goal::granted_micros))) + ", spent " +
         units_of_money(static_cast<std::int64_t>(sum(goals, &goal::spent_micros))) + "\n  " + grouped(keys) + " answers under keys\n\n";
  out += "Goal Buddy            subspace        live        budget         spent\n";
  for (std::size_t i = 0; i < std::min(goals.size(), most_goals_told); ++i) {
    const auto& g = goals[i];
    const auto pad = [](std::string text, std::size_t width) { return text.size() < width ? std::string(width - text.size(), ' ') + text : text; };
    auto name = std::to_string(g.goal), where = g.subspace;
    name.resize(std::max<std::size_t>(name.size(), 22), ' ');
    where.resize(std::max<std::size_t>(where.size(), 12), ' ');
    out += name + where + pad(grouped(g.live), 8) + pad(units_of_money(g.granted_micros), 14) + pad(units_of_money(g.spent_micros), 14) + '\n';
  }
  if (goals.size() > most_goals_told)
    out += "… and " + grouped(goals.size() - most_goals_told) + " more (--json has all)\n";
  out += "\nUnit                  snapshot (term, place)       bytes   frames since\n";
  for (const auto& u : units) {
    auto name = u.name, at = u.term == 0 ? std::string("none") : std::to_string(u.term) + ", " + std::to_string(u.place);
    name.resize(std::max<std::size_t>(name.size(), 22), ' ');
    at.resize(std::max<std::size_t>(at.size(), 24), ' ');
    auto size = grouped(u.bytes), frames = grouped(u.frames);
    out += name + at + std::string(size.size() < 10 ? 10 - size.size() : 0, ' ') + size + std::string(frames.size() < 15 ? 15 - frames.size() : 0, ' ') + frames + '\n';
  }
  std::uint64_t blocks = 0;
  for (const auto& l : logs) {
    out += "Log of " + l.node + (l.ended ? " (ended)" : "") + ": places " + grouped(l.first) + " to " + grouped(l.head) + ", " + grouped(l.blocks) +
           " blocks, " + grouped(l.bytes) + " bytes\n";
    blocks += l.blocks;
  }
  if (damage.empty())
    return out + "Every checksum matches: " + grouped(pieces) + " pieces of snapshots, " + grouped(blocks) + " blocks, " + grouped(rows) + " sleepers.\n";
  for (const auto& d : damage)
    out += "DAMAGED: " + d.text() + '\n';
  return out;
}

std::string state_inspection::to_json() const {
  using nlohmann::json;
  std::string out;
  const auto line = [&out](const json& j) { out += j.dump(-1, ' ', false, json::error_handler_t::replace) + '\n'; };
  line({{"kind", "state"}, {"path", path}, {"layout", layout}, {"shards", shards}, {"bytes", bytes}, {"in_use", in_use}, {"users", users.size()}, {"goals", goals.size()}, {"keys", keys}, {"pieces", pieces}, {"sleepers", rows}, {"damaged", damage.size()}});
  for (const auto& u : users)
    line({{"kind", "user"}, {"user", u.user}, {"rounds", u.rounds}, {"observations", u.observations}, {"open", u.open}, {"asleep", u.asleep}});
  for (const auto& g : goals)
    line({{"kind", "goal"}, {"goal", g.goal}, {"owner", g.owner}, {"subspace", g.subspace}, {"live", g.live}, {"granted_micros", g.granted_micros}, {"spent_micros", g.spent_micros}});
  for (const auto& u : units)
    line({{"kind", "unit"}, {"name", u.name}, {"term", u.term}, {"place", u.place}, {"bytes", u.bytes}, {"frames", u.frames}});
  for (const auto& l : logs)
    line({{"kind", "log"}, {"node", l.node}, {"ended", l.ended}, {"first", l.first}, {"head", l.head}, {"blocks", l.blocks}, {"bytes", l.bytes}});
  for (const auto& d : damage)
    line({{"kind", "damage"}, {"code", name_of(d.code)}, {"detail", d.detail}});
  return out;
}

} // namespace ammo
