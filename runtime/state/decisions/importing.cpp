#include "runtime/state/decisions/importing.hpp"

#include "actors/protocol/state_codec.hpp"
#include "runtime/config/deployment_content.hpp"
#include "runtime/config/deployment_layout.hpp"
#include "runtime/state/decisions/import_rows.hpp"
#include "runtime/state/state_keeper.hpp"
#include "runtime/system/actor_graph.hpp"

#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace ammo {
namespace {

using namespace std::chrono_literals;

/// Slates that are played before the log is waited for.
constexpr std::size_t slates_at_once = 1024;
/// Items of another recommender have ids of a generation that no row of a catalogue comes to.
constexpr std::uint32_t imported_generation = 0xFFFFFF;

/// Plays slates to minds and notes what their bodies would.
class importer {
public:
  importer(const options& deployment, const imported_rows& log, state_keeper& keeper, recovered_minds minds)
    : log_(log), keeper_(keeper), minds_(std::move(minds)), shards_(std::max(1u, deployment.shards)), impressions_(minds_.first_impressions), named_(shards_) {
    for (const auto& mind : minds_.buddies->users)
      known_.insert(raw(mind->user()));
  }

  [[nodiscard]] bool knows(user_id user) const { return known_.contains(raw(user)); }

  /// One slate with its rewards. The row that was refused is told.
  result<void> play(const imported_slate& s, imported_log& out, std::size_t& line) {
    const auto shard = shard_of(s.user, shards_);
    const auto& config = minds_.configs.users[shard];
    auto& aipp = *minds_.aipp[shard];
    auto& mind = users_[raw(s.user)];
    if (!mind) {
      mind = std::make_unique<user_mind>(config, s.user);
      (void)aipp.add(s.user, std::nullopt);
      note(shard, buddy_of(s), s, join{s.user, 0});
      ++out.users;
    }
    const std::span rows(log_.rows.data() + s.first, s.rows);
    line = rows.front().line;
    slate_frame frame{.proposed = {.user = s.user, .round = mind->rounds() + 1, .why = occasion::request, .slots = s.rows, .candidates = {}}, .situation = s.situation, .remembered = {}, .named = {}};
    slate_granted shown{.user = s.user, .round = mind->rounds() + 1, .impressions = {}}; // another policy's: nothing is compared with it
    std::vector<embedding_store::handle> held;
    for (const auto& row : rows) {
      const auto id = creation_of(row.item);
      frame.proposed.candidates.push_back({.creation = id});
      held.push_back(config->embeddings->hold(id, log_.items[row.item].e));
      if (named_[shard].insert(row.item).second)
        frame.named.push_back(held.back());
      shown.impressions.push_back({make_impression_id(shard, impressions_[shard]++), id, row.propensity});
    }
    if (auto done = mind->repeat(frame, held); !done)
      return done;
    keeper_.note(address_of<role::aipp>(shard), buddy_of(s), state_frame | slate_frame::kind, encode_state(frame));
    aipp.reopen(shown);
    note(shard, address_of<role::aipp>(shard), s, slates_granted{{shown}});
    ++out.slates;
    for (std::size_t k = 0; k < rows.size(); ++k) {
      line = rows[k].line;
      if (!rows[k].reward) {
        ++out.without_reward;
        continue;
      }
      const feedback given{s.user, shown.impressions[k].id, *rows[k].reward, 0};
      const auto learned = aipp.take(given);
      if (!learned)
        return learned.error();
      if (const errc code = mind->learn(*learned); code != errc::ok)
        return code;
      note(shard, address_of<role::aipp>(shard), s, given);
      note(shard, buddy_of(s), s, *learned);
      ++out.rewards;
    }
    return {};
  }

private:
  static address buddy_of(const imported_slate& s) { return address_of<role::user_buddy>(s.user); }
  [[nodiscard]] creation_id creation_of(std::uint32_t item) const { return make_creation_id(log_.items[item].subspace, item, imported_generation); }

  template <class Message> void note(std::uint32_t shard, address whose, const imported_slate& s, const Message& m) {
    keeper_.note(address_of<role::aipp>(shard), whose, Message::type, encode(m, {.source = whose, .time_us = s.time_us}));
  }

  const imported_rows& log_;
  state_keeper& keeper_;
  recovered_minds minds_;
  std::uint32_t shards_;
  std::vector<std::uint64_t> impressions_;                  ///< by shard: the next one's number
  std::vector<std::unordered_set<std::uint32_t>> named_;     ///< by shard: items that its log has named
  std::unordered_set<std::uint64_t> known_;                 ///< users who were there before
  std::unordered_map<std::uint64_t, std::unique_ptr<user_mind>> users_;
};

failure at_line(const std::string& file, std::size_t line, failure why) {
  why.detail = file + ':' + std::to_string(line) + (why.detail.empty() ? "" : ": " + why.detail);
  return why;
}

/// Reads the file whole.
result<imported_rows> rows_of(const options& deployment, const std::string& file) {
  const auto space = layout_of(deployment);
  if (!space)
    return space.error();
  const auto contents = contents_of(deployment);
  if (!contents)
    return contents.error();
  const auto embed = [&](subspace_id s, std::string_view text) -> result<std::vector<float>> {
    const auto& words = (*contents)[raw(s)].words;
    if (!words)
      return {errc::bad_text, "texts aren't understood in subspace " + space->name(s) + ": it has no content with words"};
    return words->embed(text);
  };
  return read_import(file, *space, 64, static_cast<std::uint32_t>(deployment.user.situations.size()), embed);
}

} // namespace

result<imported_log> import_log(const options& deployment, const std::string& file, const std::function<void(double)>& progress) {
  if (auto fine = deployment.check(); !fine)
    return fine.error();
  const auto log = rows_of(deployment, file);
  if (!log)
    return log.error();
  const auto space = layout_of(deployment);
  if (!space)
    return space.error();
  const auto graph = actor_graph::make(deployment, {});
  if (!graph)
    return graph.error();
  auto keeper = state_keeper::open(deployment, *space, (*graph)->context());
  if (!keeper)
    return keeper.error();
  auto minds = (*keeper)->recover((*graph)->configs());
  if (!minds)
    return minds.error();
  importer to(deployment, *log, **keeper, std::move(*minds));
  for (const auto& s : log->slates)
    if (to.knows(s.user))
      return at_line(file, log->rows[s.first].line, {errc::duplicate_user, "the state has user " + std::to_string(raw(s.user)) + " already"});
  (*keeper)->start([](std::uint64_t) {});
  imported_log out;
  out.items = log->items.size();
  for (std::size_t i = 0; i < log->slates.size() && !out.why; ++i) {
    std::size_t line = 0;
    if (auto played = to.play(log->slates[i], out, line); !played)
      out.why = at_line(file, line, played.error());
    if (i % slates_at_once == 0 || i + 1 == log->slates.size() || out.why) {
      if (!(*keeper)->written(60s))
        out.why = (*keeper)->takes_changes() ? failure{errc::timed_out, "the state's store doesn't answer"} : (*keeper)->takes_changes().error();
      if (progress)
        progress(static_cast<double>(i + 1) / static_cast<double>(log->slates.size()));
    }
  }
  (*keeper)->close();
  return out;
}

} // namespace ammo
