/// A Subspace's relay at a node that doesn't have it.
#include "actors/subspace/subspace_actor.hpp"
#include "actors/subspace/subspace_relay_actor.hpp"
#include "tests/actor/fixture.hpp"

#include <map>

using namespace ammo;
using namespace ammo::test;

namespace {

/// What left for other nodes.
struct posted final : outward {
  void send(address to, std::uint16_t type, frame) override {
    CHECK(to == address(subspace_0));
    ++sent[type];
  }
  void spread(address of, std::uint16_t type, std::function<frame()> make) override {
    CHECK(of == address(subspace_0));
    ++all[type];
    newest[type] = make();
  }
  std::map<std::uint16_t, int> sent, all;
  std::map<std::uint16_t, frame> newest;
};

/// A relay, two User Buddies and a shard; the test receives for them.
struct at_another_node {
  fixture f;
  std::shared_ptr<posted> out = std::make_shared<posted>();

  at_another_node() {
    f.ctx->others = out;
    f.put(subspace_0, f.system.spawn(subspace_relay, std::make_shared<subspace_relay_setup>(subspace_relay_setup{f.ctx, subspace_id{0}, 1})));
    f.listen(the_host, user(1), user(2), address_of<role::metaspace>(0), address_of<role::aipp>(0));
  }
  void join_as(std::uint64_t id) {
    f.send(user(id), subspace_0, join{user_id{id}, 1});
    f.receive([&](const join& m) { CHECK(raw(m.user) == id); }); // the bridge hears of it
  }
  void hear(std::shared_ptr<const catalogue_version> v) { f.send(subspace_0, subspace_0, catalogue_news{std::move(v), {}}); }
};

} // namespace

TEST_CASE("what a Subspace of another node publishes goes round once it has crossed a link", "[actor][relay]") {
  at_another_node at;
  at.join_as(1);
  at.join_as(2);
  at.hear(at.f.snapshot(3));
  std::size_t fresh = 0;
  at.f.receive_all(4, [&](const catalogue_news& m) {
    CHECK(m.snapshot->live() == 3);
    fresh += m.fresh.size();
  });
  CHECK(fresh == 4 * 3);
  CHECK(at.f.ctx->catalogues.newest(subspace_id{0})->live() == 3);
  fresh = 0;
  at.hear(at.f.snapshot(5)); // versions may be passed over: what is fresh is found by comparing
  at.f.receive_all(4, [&](const catalogue_news& m) { fresh += m.fresh.size(); });
  CHECK(fresh == 4 * 2);
  CHECK(at.out->sent.empty());
}

TEST_CASE("regret goes round, and who comes later is told where things stand", "[actor][relay]") {
  at_another_node at;
  at.join_as(1);
  regret_feedback regret;
  regret.period = 7;
  at.f.send(subspace_0, subspace_0, regret);
  at.f.receive([](const regret_feedback& m) { CHECK(m.period == 7); });
  at.hear(at.f.snapshot(1));
  at.f.receive_all(3, [](const catalogue_news&) {});
  at.f.send(user(2), subspace_0, join{user_id{2}, 1});
  int news = 0, periods = 0, joins = 0;
  at.f.receive_all(3, [&](const catalogue_news&) { ++news; }, [&](const regret_feedback&) { ++periods; }, [&](const join&) { ++joins; });
  CHECK((news == 1 && periods == 1 && joins == 1));
}

TEST_CASE("what people of a node tell a Subspace goes to the node that has it, and nothing else does", "[actor][relay]") {
  at_another_node at;
  attention_report report;
  report.period = 3;
  at.f.send(address_of<role::metaspace>(0), subspace_0, report);
  interest_notice notice;
  at.f.send(user(1), subspace_0, notice);
  at.f.send(goal(1), subspace_0, join_goal{goal_id{1}, owner_id{1}, 1'000});
  at.f.settle();
  CHECK(at.out->sent == std::map<std::uint16_t, int>{{attention_report::type, 1}, {interest_notice::type, 1}});
  CHECK(at.f.ctx->count.refused(errc::state_in_use) == 1);
}

TEST_CASE("as a Subspace comes and goes its User Buddies stay its members", "[actor][relay]") {
  at_another_node at;
  at.join_as(1);
  at.join_as(2);
  const auto relay = at.f.ctx->routes.find(subspace_0);
  auto setup = std::make_shared<subspace_setup>();
  setup->ctx = at.f.ctx;
  setup->config = {.id = subspace_id{0}, .coordinates = {0, 2}};
  setup->host = the_host;
  at.f.put(subspace_0, at.f.system.spawn(subspace, setup));
  caf::anon_send(relay, hand_members{});
  at.f.receive_all(2, [](const join&) {}); // both have joined the Subspace
  at.f.listen(goal(1));
  at.f.send(goal(1), subspace_0, join_goal{goal_id{1}, owner_id{1}, 1'000});
  creation_offer o;
  o.goal = goal_id{1};
  o.key = 1;
  o.e.values = o.grounded.values = {1, 0};
  at.f.send(goal(1), subspace_0, std::move(o));
  int news = 0;
  at.f.receive_all(6, [&](const catalogue_news&) { ++news; }, [](const creation_verdict& v) { CHECK(v.code == errc::ok); }, [](const join_goal&) {});
  CHECK(news == 4);
  CHECK(at.out->all[catalogue_news::type] == 1); // one for each other node, whoever is there
  auto crossed = decode<catalogue_news>(at.out->newest[catalogue_news::type]);
  REQUIRE(crossed);
  CHECK(crossed->snapshot->live() == 1);

  const auto gone = at.f.ctx->routes.find(subspace_0);
  at.f.put(subspace_0, at.f.system.spawn(subspace_relay, std::make_shared<subspace_relay_setup>(subspace_relay_setup{at.f.ctx, subspace_id{0}, 1})));
  caf::anon_send(gone, hand_members{});
  at.f.receive_all(4, [](const join&) {}, [](const catalogue_news& m) { CHECK(m.snapshot->live() == 1); });
}
