/// A mind that is told its log again is the mind that wrote it, to the bit: from the beginning, and from a snapshot.
#include "actors/protocol/state_codec.hpp"
#include "runtime/state/comparison/unit_replays.hpp"
#include "runtime/state/replay.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/moving_catalogues.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

using namespace ammo;
using namespace ammo::test;

namespace {

constexpr user_id ann{7};
constexpr auto shard = address_of<role::aipp>(0u);
constexpr auto buddy = address_of<role::user_buddy>(ann);

/// A User Buddy and its part of AiPP, with the log that their bodies would write.
struct logged_user {
  static std::vector<std::string> names() { return {"sampled_ucb", "thompson", "greedy", "ftrl", "restart", "discount", "people", "spares", "limited", "strict"}; }

  logged_user(const std::string& name, std::uint64_t seed) : random{splitmix64(seed)}, space(two_blocks()), catalogues(space) {
    config.space = space;
    config.seed = 3;
    if (const auto policy = user_policy_named(name))
      config.policy = *policy;
    if (const auto drift = user_drift_named(name))
      config.drift = *drift;
    if (name == "spares")
      config.spare_candidates = 4;
    limited = name == "limited";
    strict = name == "strict";
    if (name == "people")
      config.learner = user_learner::people;
    mind.emplace(own(), ann);
    aipp.emplace(people());
    REQUIRE(aipp->add(ann, std::nullopt));
    note(buddy, join{ann, 1});
    for (int i = 0; i < 20; ++i)
      see();
  }

  std::shared_ptr<const user_config> own() const {
    auto c = std::make_shared<user_config>(config);
    c->embeddings = std::make_shared<embedding_store>();
    return c;
  }
  aipp_config people() const { return {.space = space, .people = {}, .shards = 1, .noted_first = strict}; }

  template <class Message> void note(address whose, const Message& m) {
    log.push_back(packed_frame({store::unit_id{1}, whose, Message::type, encode(m, {.source = whose, .time_us = 1'000'000})}));
    (whose == address(buddy) ? mind_at : aipp_at) = log.size();
  }
  void note_slate(const slate_proposal& p) {
    auto frame_of = mind->frame_of(p, 0);
    for (const auto& c : p.candidates)
      if (named.insert(c.creation).second)
        frame_of.named.push_back(mind->embedding_of(c.creation));
    log.push_back(packed_frame({store::unit_id{1}, buddy, state_frame | slate_frame::kind, encode_state(frame_of)}));
    mind_at = log.size();
  }

  [[nodiscard]] slate_wish wish() const {
    slate_wish w{.request = 1, .n = 4};
    if (limited)
      w.at_most = {3, 500};
    w.now_s = static_cast<std::int64_t>(log.size());
    return w;
  }

  void see() {
    const auto news = catalogues.next(random);
    mind->see(news.snapshot);
    aipp->see(news.snapshot);
  }

  void step() {
    switch (random.below(6)) {
    case 0: return see();
    case 1: {
      const interest_statement said{ann, 0, 0.4, {{subspace_id{1}, {random.vector(3)}}}};
      if (random.one_in(8) && mind->take_interest(subspace_id{1}, said.stated[0].v.values, said.confidence) == errc::ok)
        note(buddy, said);
      return;
    }
    case 2:
    case 3: {
      const auto proposed = mind->propose(wish());
      REQUIRE(proposed);
      note_slate(*proposed);
      slate_granted g{.user = ann, .round = proposed->round, .why = occasion::request, .impressions = {}};
      for (std::size_t i = 0; i < std::min<std::size_t>(4, proposed->candidates.size()); ++i)
        g.impressions.push_back({make_impression_id(0, ++impressions), proposed->candidates[i].creation, {}});
      const auto out = aipp->granted(g);
      REQUIRE(out.delivered);
      const slate_outcome shown{ann, out.delivered->delivery, !strict || !random.one_in(4)};
      auto slate = aipp->awaits(ann, shown.delivery).value();
      note(shard, slates_granted{{slate}});
      REQUIRE(aipp->take(shown) == shown.shown);
      if (!shown.shown) { // revoked
        slate.code = errc::timed_out;
        note(shard, slates_granted{{slate}});
        return;
      }
      for (const auto& i : g.impressions)
        open.push_back(i.id);
      return;
    }
    default: {
      if (open.empty())
        return;
      const auto at = random.below(open.size());
      const feedback given{ann, open[at], random.real(-1, 1), 0};
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
      const auto learned = aipp->take(given);
      if (!learned)
        return;
      note(shard, given);
      if (mind->learn(*learned) != errc::ok)
        return;
      note(buddy, *learned);
      if (mind->remembers())
        note_slate({.user = ann, .candidates = {}});
    }
    }
  }

  frame snapshot() const {
    user_shard_state s;
    s.users.push_back({mind->save_own(), {}});
    s.places.push_back(mind_at);
    s.aipp = aipp->save();
    s.aipp->catalogues.clear();
    s.aipp->previous.clear();
    s.aipp_place = aipp_at;
    return encode_state(s);
  }

  static user_mind_state without_memory(const user_mind& m) {
    auto s = m.save_own();
    s.policy = {};
    s.asked = {}; // of the last ask alone
    return s;
  }
  static frame log_of(const aipp_mind& m) {
    aipp_mind_state s;
    s.log = m.save().log;
    return encode_state(s);
  }

  void check_same(shard_replay& past) {
    past.finish();
    REQUIRE(past.users().size() == 1);
    CHECK(past.differed() == 0);
    auto& again = *past.users().front();
    CHECK(encode_state(without_memory(again)) == encode_state(without_memory(*mind)));
    std::vector<std::shared_ptr<const catalogue_version>> live;
    for (auto& c : catalogues.builders)
      live.push_back(c.publish());
    again.see(live);
    mind->see(live);
    if (mind->remembers()) { // arms come and go between frames, in other steps than now
      CHECK(again.save().policy.ftrl.at(0).arms == mind->save().policy.ftrl.at(0).arms);
      return;
    }
    // And it goes on as the first would.
    const auto next = mind->propose(wish()), same = again.propose(wish());
    REQUIRE((next && same));
    CHECK(encode(*next) == encode(*same));
    CHECK(log_of(*past.aipp()) == log_of(*aipp));
  }

  dice random;
  layout space;
  moving_catalogues catalogues;
  user_config config;
  std::optional<user_mind> mind;
  std::optional<aipp_mind> aipp;
  std::vector<store::bytes> log;
  std::uint64_t mind_at = 0, aipp_at = 0, impressions = 0;
  std::unordered_set<creation_id> named;
  bool limited = false, strict = false; ///< a creation is shown at most so often
  std::vector<impression_id> open;
};

/// Until the last frame says that the User Buddy has learned.
void up_to_a_reward(logged_user& u) {
  for (auto f = unpacked_frame(u.log.back()); f->entity.of != role::user_buddy || f->what != reward::type; f = unpacked_frame(u.log.back()))
    u.step();
}

void replay(shard_replay& past, const logged_user& from, std::size_t after) {
  for (std::size_t i = after; i < from.log.size(); ++i) {
    const auto f = unpacked_frame(from.log[i]);
    REQUIRE(f);
    const auto done = past.apply(*f, {1, i + 1});
    INFO("frame " << i + 1 << ": " << (done ? std::string{} : done.error().text()));
    REQUIRE(done);
  }
}

} // namespace

TEST_CASE("a User Buddy that is told its log again is the same to the bit", "[state][replay]") {
  for (const auto& name : logged_user::names())
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      INFO(name << ", seed " << seed);
      logged_user u(name, seed);
      for (int i = 0; i < 400; ++i)
        u.step();
      shard_replay past(u.own(), u.people());
      replay(past, u, 0);
      u.check_same(past);
    }
}

TEST_CASE("a snapshot and the frames since are the same to the bit, wherever it was taken", "[state][replay]") {
  for (const auto& name : logged_user::names())
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      INFO(name << ", seed " << seed);
      logged_user u(name, seed);
      for (int i = 0; i < 200; ++i)
        u.step();
      const auto from = u.log.size(); // the snapshot begins, and each part is saved a while later
      u.named.clear();
      for (int i = 0; i < 30; ++i)
        u.step();
      const auto saved = u.snapshot();
      for (int i = 0; i < 200; ++i)
        u.step();
      shard_replay past(u.own(), u.people());
      const auto adopted = past.adopt(saved, {1, from});
      INFO((adopted ? std::string{} : adopted.error().text()));
      REQUIRE(adopted);
      replay(past, u, from);
      u.check_same(past);
    }
}

TEST_CASE("what AiPP has counted and the User Buddy hasn't noted is learned once", "[state][replay]") {
  logged_user u("sampled_ucb", 1);
  for (int i = 0; i < 300; ++i)
    u.step();
  up_to_a_reward(u);
  const auto told = u.mind->observations();
  shard_replay whole(u.own(), u.people());
  replay(whole, u, 0);
  whole.finish();
  CHECK(whole.users().front()->observations() == told);
  u.log.pop_back();
  shard_replay past(u.own(), u.people());
  replay(past, u, 0);
  CHECK(past.users().front()->observations() == told - 1);
  past.finish();
  CHECK(past.users().front()->observations() == told);
}

TEST_CASE("a start that learned what was on its way, and noted nothing itself, is played again", "[state][replay][comparison]") {
  logged_user u("sampled_ucb", 3);
  for (int i = 0; i < 100; ++i)
    u.step();
  const auto from = u.log.size();
  const auto older = u.snapshot();
  u.named.clear();
  for (int i = 0; i < 100; ++i)
    u.step();
  up_to_a_reward(u);
  u.log.pop_back(); // the process ended before it was noted
  user_shard_check check({1, from}, {2, 0}, u.own(), u.people(), [](std::uint64_t) { return result<std::optional<store::sleeper>>(std::nullopt); });
  REQUIRE(check.adopt(older, u.snapshot())); // of the next life
  unit_comparison found;
  for (std::size_t i = from; i < u.log.size(); ++i)
    REQUIRE(check.take(unpacked_frame(u.log[i]).value(), {1, i + 1}, found));
  check.compare(found);
  CHECK(found.differs == "");
  CHECK(found.users == 1);
}

TEST_CASE("frames that can't be are refused by name", "[state][replay][hostile]") {
  logged_user u("sampled_ucb", 2);
  for (int i = 0; i < 60; ++i)
    u.step();
  for (const auto& bytes : u.log)
    for (std::size_t cut = 0; cut < bytes.size(); cut += 7) {
      const std::span<const std::byte> part(bytes.data(), cut);
      shard_replay past(u.own(), u.people());
      const auto f = unpacked_frame(part);
      if (f && f->what != leave::type && f->what != join::type)
        (void)past.apply(*f, {1, 1}); // it may be refused, and does nothing else
    }
  shard_replay past(u.own(), u.people());
  CHECK(past.apply({store::unit_id{1}, the_host, 1, {}}, {1, 1}).code() == errc::frame_unknown_type);
  CHECK_FALSE(past.adopt(std::vector<std::byte>(9, std::byte{0x94}), {1, 1}));
}
