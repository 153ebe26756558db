/// A part that fails at a message comes back with what the state has of it, while the rest goes on.
#include "actors/protocol/state_codec.hpp"
#include "runtime/host/bridge_actor.hpp"
#include "runtime/state/state_keeper.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/films.hpp"
#include "tests/support/scratch.hpp"

#include <caf/all.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

using namespace ammo;
using namespace ammo::testing;
using namespace std::chrono_literals;

namespace {

constexpr user_id ann{1};
constexpr address_of<role::aipp> aipp_0(0u);
constexpr address_of<role::subspace> film_space(subspace_id{0});

/// The keeper's log, which throws when parts of a role note a message of a type, so many times.
struct failing_frames final : frame_log {
  explicit failing_frames(std::shared_ptr<state_keeper> k) : keeper(std::move(k)) {}
  std::uint64_t note(address unit, address entity, std::uint16_t what, std::span<const std::byte> frame) override {
    if (entity.of == whose && what == type && times > 0 && times-- > 0)
      throw std::runtime_error("no room");
    return keeper->note(unit, entity, what, frame);
  }
  std::uint64_t note_slate(address unit, address entity, slate_frame slate, const embedder& embed) override {
    return keeper->note_slate(unit, entity, std::move(slate), embed);
  }
  [[nodiscard]] std::uint64_t noted() const override { return keeper->noted(); }
  [[nodiscard]] result<void> takes_changes() const override { return keeper->takes_changes(); }
  [[nodiscard]] result<void> takes_slates() const override { return keeper->takes_slates(); }
  void bring_back(address part) noexcept override {
    ++asked;
    keeper->bring_back(part);
  }
  std::shared_ptr<state_keeper> keeper;
  std::atomic<role> whose{};
  std::atomic<std::uint16_t> type{0};
  std::atomic<int> times{0}, asked{0};
};

/// The actors of a live deployment with a state, and a host that plays them by hand.
struct playing {
  explicit playing(const scratch& in, std::uint32_t snapshot_frames = 50'000, std::uint32_t publish_interval_ms = 5) : deployment(films_in((in.folder / "state").string())) {
    deployment.shards = 1;
    deployment.durability.snapshot_frames = snapshot_frames;
    deployment.limits.publish_interval_ms = publish_interval_ms;
    auto made = actor_graph::make(deployment);
    REQUIRE(made);
    graph = std::move(*made);
    auto opened = state_keeper::open(deployment, graph->space(), graph->context());
    REQUIRE(opened);
    auto found = (*opened)->recover(graph->configs());
    REQUIRE(found);
    log = std::make_shared<failing_frames>(*opened);
    ctx().frames = log;
    log->keeper->start([](std::uint64_t) {});
    host = std::make_unique<caf::scoped_actor>(graph->system());
    ctx().routes.open(the_host, caf::actor_cast<caf::actor>(*host));
    graph->start({.clocked = false, .push = false, .host = the_host, .policies = {}, .people = {}, .variety = {}, .recovered = std::move(*found)});
  }
  ~playing() {
    log->keeper->stop(10s);
    host.reset();
    graph.reset();
    log->keeper->close();
  }
  body_context& ctx() { return *graph->context(); }

  template <class Address, class Message> void send(Address to, Message m) { send_as(the_host, ctx(), to, std::move(m)); }
  /// The answer under a request; nothing: a part has failed at it. All else that comes is passed over.
  template <class Answer> std::optional<Answer> answer(std::uint64_t request) {
    for (const auto end = std::chrono::steady_clock::now() + 20s; std::chrono::steady_clock::now() < end;) {
      std::optional<Answer> got;
      bool failed = false;
      (*host)->receive([&](delivery<Answer>& d) { if (d.body.request == request) got = std::move(d.body); },
                       [&](const call_failed& m) { failed = m.request == request; },
                       caf::others >> [](caf::message_view&) -> caf::result<caf::message> { return caf::message{}; }, caf::after(100ms) >> [] {});
      if (got || failed)
        return got;
    }
    FAIL("no answer to " << request);
    return {};
  }
  /// So many answers come, in any order, and all are good.
  template <class Answer> bool all_well(std::size_t n) {
    return comes_true([&] {
      (*host)->receive([&](delivery<Answer>& d) { n -= d.body.code == errc::ok; }, caf::after(100ms) >> [] {});
      return n == 0;
    });
  }
  template <class Answer, class Address, class Question> std::optional<Answer> ask(Address to, Question q) {
    q.request = ++requests;
    send(to, std::move(q));
    return answer<Answer>(requests);
  }
  void add_films(int n) {
    for (int i = 0; i < n; ++i) {
      admit_goal g;
      g.goal = goal_id(static_cast<std::uint64_t>(i));
      g.owner = owner_id(static_cast<std::uint64_t>(i));
      g.grounded.values = direction(i);
      g.budget_micros = 1'000'000;
      REQUIRE(ask<admission>(the_supervisor, std::move(g)).value().code == errc::ok);
    }
  }
  void add_ann() { REQUIRE(ask<admission>(the_supervisor, admit_user{ann}).value().code == errc::ok); }
  std::vector<shown_creation> slate() {
    std::optional<slate_delivery> d;
    REQUIRE(comes_true([&] { // the first one waits for a catalogue
      d = ask<slate_delivery>(address_of<role::user_buddy>(ann), slate_request{.user = ann, .slots = 3});
      return d && d->code != errc::no_catalogue;
    }));
    REQUIRE(d->code == errc::ok);
    send(aipp_0, slate_outcome{ann, d->delivery, true});
    return d->slate;
  }
  std::optional<feedback_verdict> react(const shown_creation& x) {
    return ask<feedback_verdict>(aipp_0, feedback{ann, x.impression, 0.1 * static_cast<double>(raw(x.goal)), 0});
  }
  void play(int rounds) {
    for (int i = 0; i < rounds; ++i)
      for (const auto& x : slate())
        REQUIRE(react(x).value().code == errc::ok);
  }
  /// The next message of that type at which a part of a role is noting throws.
  template <class Message> void fail_at(role whose, int times = 1) {
    log->whose = whose;
    log->type = Message::type;
    log->times = times;
  }
  template <class State, class Address> State state_of(Address whom) {
    std::promise<State> told;
    hand_over(ctx(), whom, save_call<State>{[&](std::uint64_t, State s) { told.set_value(std::move(s)); }});
    auto got = told.get_future();
    REQUIRE(got.wait_for(20s) == std::future_status::ready);
    return got.get();
  }
  std::vector<std::byte> mind_of_ann() { return encode_state(state_of<user_mind_state>(address_of<role::user_buddy>(ann))); }
  /// What AiPP holds of people, without what it has counted of a period.
  std::vector<std::byte> impressions() {
    auto s = state_of<aipp_mind_state>(aipp_0);
    aipp_mind_state held;
    held.hosts = std::move(s.hosts);
    held.log = std::move(s.log);
    return encode_state(held);
  }
  std::vector<std::byte> accounts() {
    subspace_mind_state held;
    held.ledger = state_of<subspace_mind_state>(film_space).ledger;
    return encode_state(held);
  }
  bool back() {
    return comes_true([&] { return log->asked > 0 && std::ranges::none_of(ctx().failures.all(), [&](const auto& f) { return ctx().failures.doubts(f.part); }); });
  }

  options deployment;
  std::unique_ptr<actor_graph> graph;
  std::shared_ptr<failing_frames> log;
  std::unique_ptr<caf::scoped_actor> host;
  std::uint64_t requests = 0;
};

} // namespace

TEST_CASE("a User Buddy that failed is what an undisturbed one is, to the bit", "[state][failures]") {
  const scratch here("ammo_failed"), there("ammo_undisturbed");
  std::vector<std::byte> undisturbed;
  {
    playing p(there);
    p.add_films(8);
    p.add_ann();
    p.play(6);
    undisturbed = p.mind_of_ann();
  }
  playing p(here);
  p.add_films(8);
  p.add_ann();
  p.play(3);
  const auto shown = p.slate();
  p.fail_at<reward>(role::user_buddy);
  for (const auto& x : shown) // AiPP has counted it: the User Buddy learns it when it is back
    CHECK(p.react(x).value().code == errc::ok);
  p.play(2);
  CHECK(p.log->asked == 1);
  CHECK(p.back());
  CHECK(p.mind_of_ann() == undisturbed);
}

TEST_CASE("an AiPP shard that failed has all open impressions, and nothing of what it failed at", "[state][failures]") {
  const scratch in("ammo_failed");
  playing p(in, GENERATE(50'000u, 10u)); // from the log alone; from a snapshot
  p.add_films(8);
  p.add_ann();
  p.play(3);
  const auto before = p.slate(), later = p.slate();
  CHECK(p.react(later[0]).value().code == errc::ok);
  const auto held = p.impressions();
  p.fail_at<feedback>(role::aipp);
  CHECK_FALSE(p.react(before[0]));
  REQUIRE(p.back());
  CHECK(p.impressions() == held);
  CHECK(p.react(before[0]).value().code == errc::ok);
  CHECK(p.react(before[0]).value().code == errc::feedback_twice);
  CHECK(p.react(later[0]).value().code == errc::feedback_twice);
  for (std::size_t i = 1; i < 3; ++i)
    CHECK(p.react(later[i]).value().code == errc::ok);
  p.play(2);
  CHECK_FALSE(p.ctx().failures.holds(aipp_0));
}

TEST_CASE("a Subspace that failed has its creations and its ledger, and takes more", "[state][failures]") {
  const scratch in("ammo_failed");
  playing p(in);
  p.add_films(8);
  p.add_ann();
  p.play(2);
  creation_offer moved;
  moved.goal = goal_id{3};
  moved.e.values = direction(4);
  moved.grounded.values = direction(3);
  moved.key = 7;
  p.fail_at<creation_offer>(role::subspace);
  const auto accounts = p.accounts();
  CHECK_FALSE(p.ask<creation_verdict>(film_space, moved));
  REQUIRE(p.back());
  CHECK(p.accounts() == accounts);
  p.play(2);
  const auto taken = p.ask<creation_verdict>(film_space, moved);
  REQUIRE(taken);
  CHECK(taken->code == errc::ok);
  CHECK(p.ask<creation_verdict>(film_space, moved).value().creation == taken->creation); // under its key
  CHECK(p.accounts() != accounts);
  p.play(2);
}

TEST_CASE("a verdict that waits for a version when its Subspace fails comes with the version after that", "[state][failures]") {
  const scratch in("ammo_failed");
  playing p(in, 50'000, 2'000);
  for (std::uint64_t i = 0; i < 3; ++i) { // all in one version
    admit_goal g;
    g.goal = goal_id{i};
    g.owner = owner_id{i};
    g.grounded.values = direction(static_cast<int>(i));
    g.budget_micros = 1'000'000;
    g.request = ++p.requests;
    p.send(the_supervisor, std::move(g));
  }
  REQUIRE(p.all_well<admission>(3));
  const auto moved = [&](std::uint64_t goal, std::uint64_t key) {
    creation_offer o;
    o.goal = goal_id{goal};
    o.e.values = direction(7);
    o.grounded.values = direction(static_cast<int>(goal));
    o.key = key;
    return o;
  };
  auto good = moved(1, 7);
  good.request = ++p.requests;
  p.send(film_space, good);
  (void)p.accounts(); // it has got round to that
  p.fail_at<creation_offer>(role::subspace);
  CHECK_FALSE(p.ask<creation_verdict>(film_space, moved(2, 8)));
  REQUIRE(p.back());
  const auto verdict = p.answer<creation_verdict>(good.request);
  REQUIRE(verdict);
  CHECK(verdict->code == errc::ok);
  CHECK(p.ask<creation_verdict>(film_space, moved(1, 7)).value().creation == verdict->creation);
}

TEST_CASE("a part that fails again and again stays away until it is released", "[state][failures]") {
  const scratch in("ammo_failed");
  playing p(in);
  p.add_films(8);
  p.add_ann();
  p.play(1);
  const auto shown = p.slate();
  p.fail_at<feedback>(role::aipp, 6);
  for (int i = 0; i < 6; ++i)
    CHECK_FALSE(p.react(shown[0]));
  CHECK(p.ctx().failures.holds(aipp_0));
  CHECK_FALSE(p.react(shown[0]));
  CHECK(p.ctx().failures.release(aipp_0));
  p.log->bring_back(aipp_0);
  REQUIRE(p.back());
  CHECK(p.react(shown[0]).value().code == errc::ok);
  p.play(1);
}
