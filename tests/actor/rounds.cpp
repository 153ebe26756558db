/// Memory runs out at each point of a round, once: whoever waits for an answer has one within a second, and the rest goes on.
#include "actors/aipp/aipp_actor.hpp"
#include "actors/subspace/subspace_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"
#include "tests/actor/fixture.hpp"
#include "tests/support/allocations.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <string>

using namespace ammo;
using namespace ammo::test;
using namespace std::chrono_literals;

namespace {

/// Writes a title at once.
struct quick_scribe final : text_generator {
  std::uint64_t write(writing_request r, answer done) override {
    auto n = answer_to(r);
    n.text.title = "written";
    n.e = r.grounded;
    done(std::move(n));
    return 0;
  }
};

/// A deployment of one shard and one Subspace; the test is its host, and keeps what it hears.
struct deployment : fixture {
  deployment() {
    auto with = std::make_shared<user_config>(user_config{{.space = space}, {}});
    with->embeddings = std::make_shared<embedding_store>();
    auto links = std::make_shared<user_buddy_links>(
      user_buddy_links{.ctx = ctx, .config = with, .metaspace = metaspace_0, .slots = 2, .push = true, .subspaces = 1});
    goal_config creators;
    creators.generator = std::make_shared<quick_scribe>();
    put(the_supervisor, system.spawn(supervisor, std::make_shared<supervisor_setup>(
                                                   supervisor_setup{.ctx = ctx, .users = {links}, .goals = {creators}, .host = the_host})));
    put(metaspace_0, system.spawn(metaspace, std::make_shared<metaspace_setup>(metaspace_setup{.ctx = ctx, .caps = {}, .space = space, .push = true})));
    aipp_setup people{.ctx = ctx, .config = {.space = space, .people = {}}, .host = the_host, .people = {}};
    put(aipp_0, system.spawn(aipp, std::make_shared<aipp_setup>(people)));
    subspace_setup only{};
    only.ctx = ctx;
    only.config = {.id = subspace_id{0}, .coordinates = {0, 2}};
    only.host = the_host;
    put(subspace_0, system.spawn(subspace, std::make_shared<subspace_setup>(only)));
    listen(the_host);
    settle();
  }
  /// All that the host is told in the next second.
  void hear() {
    advance(1s);
    bool more = true;
    const auto told = [this](std::uint64_t request, errc code) { heard.insert_or_assign(request, code); };
    while (more)
      self->receive(
        [&](const delivery<slate_delivery>& d) {
          last = d.body;
          if (d.body.why == occasion::request)
            told(d.body.request, d.body.code);
        },
        [&](const delivery<feedback_verdict>& d) { told(d.body.request, d.body.code); },
        [&](const delivery<creation_verdict>& d) {
          told(d.body.request, d.body.code);
          created = d.body.creation;
        },
        [&](const delivery<admission>& d) { told(d.body.request, d.body.code); }, [&](const delivery<written_news>& d) { told(d.body.request, d.body.code); },
        [&](const delivery<belief>& d) { told(d.body.request, errc::ok); }, [&](const delivery<explained>& d) { told(d.body.request, d.body.code); },
        [&](const delivery<statistics>& d) { told(d.body.request, errc::ok); }, [&](const delivery<join>& d) { introduced = d.body.user; },
        [&](const delivery<leave>& d) {
          left = d.body;
          send(the_host, user(raw(d.body.user)), d.body); // behind all that was asked before
        },
        [&](const call_failed& m) { told(m.request, errc::actor_failed); }, caf::after(0s) >> [&] { more = false; });
  }
  errc answer_to(std::uint64_t request) {
    hear();
    const auto known = heard.find(request);
    return known == heard.end() ? errc::timed_out : known->second;
  }
  void add_user(std::uint64_t id, std::uint64_t request) { send(the_host, the_supervisor, admit_user{user_id{id}, request}); }
  void add_goal(std::uint64_t id, std::uint64_t request) {
    admit_goal m;
    m.goal = goal_id{id};
    m.grounded.values = {1, 0};
    m.budget_micros = 1'000'000'000;
    m.request = request;
    m.facts = {{"title", "Atom"}};
    send(the_host, the_supervisor, std::move(m));
  }
  void create(std::uint64_t request) {
    creation_offer m;
    m.goal = goal_id{1};
    m.key = (std::uint64_t{1} << 63) + request;
    m.e.values = m.grounded.values = {0, 1};
    m.request = request;
    send(the_host, subspace_0, std::move(m));
  }
  void ask(std::uint64_t request) { send(the_host, user(1), slate_request{.user = user_id{1}, .request = request, .slots = 2}); }
  /// The person has seen what was delivered last.
  void look() { send(the_host, aipp_0, slate_outcome{user_id{1}, last.delivery, true}); }
  [[nodiscard]] impression_id seen(std::size_t slot = 0) const { return last.slate.at(slot).impression; }
  void like(std::size_t slot, std::uint64_t request) { send(the_host, aipp_0, feedback{user_id{1}, seen(slot), 0.5, request}); }

  std::map<std::uint64_t, errc> heard; ///< by request
  slate_delivery last;
  creation_id created = no_creation;
  std::optional<user_id> introduced;
  std::optional<leave> left;
};

constexpr std::uint64_t asked = 1'000, once_more = 2'000; ///< the request at which memory runs out, and one after it

struct piece {
  const char* name = "";
  std::function<void(deployment&)> before{}, run{};
  bool (*over)(deployment&) = [](deployment& d) { return d.answer_to(asked) != errc::timed_out; };
  std::function<void(deployment&)> again = [](deployment& d) { d.add_user(9, once_more); }; ///< works afterwards, where nothing is quarantined
};

void with_films(deployment& d) {
  d.add_goal(1, 1);
  d.add_goal(2, 2);
  d.add_user(1, 3);
  REQUIRE(d.answer_to(1) == errc::ok);
  REQUIRE(d.answer_to(2) == errc::ok);
  REQUIRE(d.answer_to(3) == errc::ok);
}
void with_slate(deployment& d) {
  with_films(d);
  d.ask(4);
  REQUIRE(d.answer_to(4) == errc::ok);
  REQUIRE(d.last.slate.size() == 2);
  d.look();
  d.settle();
}
void with_likes(deployment& d) {
  with_slate(d);
  d.like(0, 5);
  d.like(1, 6);
  REQUIRE(d.answer_to(5) == errc::ok);
  REQUIRE(d.answer_to(6) == errc::ok);
}

const std::vector<piece> pieces{
  {"add_user", [](deployment&) {}, [](deployment& d) { d.add_user(1, asked); },
   [](deployment& d) {
     const auto told = d.answer_to(asked); // who is taken in waits for the introduction
     return told == errc::ok ? d.introduced == user_id{1} : told != errc::timed_out;
   }},
  {"add_goal", [](deployment&) {}, [](deployment& d) { d.add_goal(1, asked); }},
  {"create", with_films, [](deployment& d) { d.create(asked); }},
  {"withdraw",
   [](deployment& d) {
     with_films(d);
     d.create(4);
     REQUIRE(d.answer_to(4) == errc::ok);
   },
   [](deployment& d) { d.send(the_host, subspace_0, creation_withdrawal{goal_id{1}, d.created, asked}); }},
  {"ask", with_films, [](deployment& d) { d.ask(asked); }},
  {"feedback", with_slate, [](deployment& d) { d.like(0, asked); }},
  {"compare", with_likes, [](deployment& d) { d.send(the_host, aipp_0, stated_preference{user_id{1}, d.seen(0), d.seen(1), asked}); }},
  {"interest", with_films, [](deployment& d) { d.send(the_host, user(1), interest_statement{user_id{1}, asked, 0.5, {{subspace_id{0}, {{1, 0}}}}, 0}); }},
  {"regret", with_likes, [](deployment& d) { d.send(the_host, user(1), belief_request{user_id{1}, asked}); }},
  {"explain", with_slate, [](deployment& d) { d.send(the_host, aipp_0, explain_request{user_id{1}, d.seen(), asked}); }},
  {"write", with_films,
   [](deployment& d) {
     writing_request m;
     m.goal = goal_id{1};
     m.request = asked;
     m.text = "what is it?";
     d.send(the_host, the_supervisor, std::move(m));
   }},
  {"statistics", with_films, [](deployment& d) { d.send(the_host, the_supervisor, statistics_request{asked}); }},
  {"remove_goal", with_films, [](deployment& d) { d.send(the_host, the_supervisor, dismiss_goal{goal_id{1}, asked}); }, piece{}.over,
   [](deployment& d) {
     if (d.answer_to(asked) == errc::ok)
       d.add_goal(1, once_more);
     else
       d.add_user(9, once_more);
   }},
  {"remove_user", with_films, [](deployment& d) { d.send(the_host, the_supervisor, dismiss_user{user_id{1}, asked}); },
   [](deployment& d) {
     const auto told = d.answer_to(asked);
     return told == errc::ok ? d.left && d.left->user == user_id{1} : told != errc::timed_out;
   },
   [](deployment& d) { d.add_user(d.answer_to(asked) == errc::ok ? 1 : 9, once_more); }},
};

/// All that calls can be about: a slate that was seen, and a creation beside the first ones.
void with_creation(deployment& d) {
  with_slate(d);
  d.create(7);
  REQUIRE(d.answer_to(7) == errc::ok);
  REQUIRE(d.last.why == occasion::request); // nobody was pushed anything since
}

/// A deployment in which this part is quarantined, as memory ran out at the first point of the call at which it fails.
std::unique_ptr<deployment> quarantined(address part, void (*call)(deployment&)) {
  for (std::size_t at = 0; at < 1'000; ++at) {
    auto d = std::make_unique<deployment>();
    with_creation(*d);
    call(*d);
    fail_allocation_after(at);
    try {
      d->settle();
    } catch (const std::bad_alloc&) { // the test's own clock
    }
    const bool failed = !spare_allocations();
    d->hear();
    if (d->ctx->failures.holds(part))
      return d;
    if (!failed)
      break;
  }
  FAIL("no point of the call quarantines " << name_of(part.of));
  return {};
}

void order_text(deployment& d, writing_order order) {
  writing_request m;
  m.goal = goal_id{1};
  m.request = once_more;
  m.order = order;
  m.text = "what is it?";
  d.send(the_host, the_supervisor, std::move(m));
}

/// What a call is told while the Subspace is quarantined, and while AiPP is.
struct held_call {
  const char* name = "";
  void (*run)(deployment&) = nullptr;
  errc without_subspace{}, without_aipp{};
};

constexpr auto works = errc::ok, refused = errc::actor_failed;

const std::vector<held_call> held_calls{
  {"add_user", [](deployment& d) { d.add_user(9, once_more); }, works, works},
  {"add_goal", [](deployment& d) { d.add_goal(9, once_more); }, refused, works},
  {"create", [](deployment& d) { d.create(once_more); }, refused, works},
  {"withdraw", [](deployment& d) { d.send(the_host, subspace_0, creation_withdrawal{goal_id{1}, d.created, once_more}); }, refused, works},
  {"ask", [](deployment& d) { d.ask(once_more); }, works, refused},
  {"feedback", [](deployment& d) { d.like(1, once_more); }, works, refused},
  {"signal", [](deployment& d) { d.send(the_host, aipp_0, graded_feedback{user_id{1}, d.seen(1), signal::like, once_more}); }, works, refused},
  {"compare", [](deployment& d) { d.send(the_host, aipp_0, stated_preference{user_id{1}, d.seen(0), d.seen(1), once_more}); }, works, refused},
  {"explain", [](deployment& d) { d.send(the_host, aipp_0, explain_request{user_id{1}, d.seen(), once_more}); }, works, refused},
  {"interest", [](deployment& d) { d.send(the_host, user(1), interest_statement{user_id{1}, once_more, 0.5, {{subspace_id{0}, {{1, 0}}}}, 0}); }, works, works},
  {"regret", [](deployment& d) { d.send(the_host, user(1), belief_request{user_id{1}, once_more}); }, works, works},
  {"write a draft", [](deployment& d) { order_text(d, writing_order::draft); }, works, works},
  {"write and publish", [](deployment& d) { order_text(d, writing_order::publish); }, refused, works},
  {"recall", [](deployment& d) { order_text(d, writing_order::recall); }, works, works},
  {"statistics of the Supervisor", [](deployment& d) { d.send(the_host, the_supervisor, statistics_request{once_more}); }, works, works},
  {"statistics of MetaSpace", [](deployment& d) { d.send(the_host, metaspace_0, statistics_request{once_more}); }, works, works},
  {"statistics of the Subspace", [](deployment& d) { d.send(the_host, subspace_0, statistics_request{once_more}); }, refused, works},
  {"statistics of AiPP", [](deployment& d) { d.send(the_host, aipp_0, statistics_request{once_more}); }, works, refused},
  {"remove_goal", [](deployment& d) { d.send(the_host, the_supervisor, dismiss_goal{goal_id{2}, once_more}); }, works, works},
  {"remove_user", [](deployment& d) { d.send(the_host, the_supervisor, dismiss_user{user_id{1}, once_more}); }, works, works},
};

} // namespace

TEST_CASE("while a large part is quarantined, calls that need it are told so within a second, and the others go on", "[actor][failures][rounds]") {
  const bool of_aipp = GENERATE(false, true);
  const address part = of_aipp ? address(aipp_0) : address(subspace_0);
  for (const auto& call : held_calls) {
    const auto d = of_aipp ? quarantined(part, [](deployment& of) { of.like(0, asked); }) : quarantined(part, [](deployment& of) { of.create(asked); });
    INFO(name_of(part.of) << " is quarantined: " << call.name);
    CHECK(d->answer_to(asked) == errc::actor_failed);
    CHECK(d->ctx->failures.all() == std::vector{failure_book::entry{part, 1, true}});
    d->introduced.reset();
    call.run(*d);
    CHECK(d->answer_to(once_more) == (of_aipp ? call.without_aipp : call.without_subspace));
    if (call.run == held_calls.front().run)
      CHECK(d->introduced == user_id{9}); // add_user waits for the introduction, too
  }
}

TEST_CASE("memory runs out once at each point of each call: it has its answer within a second", "[actor][failures][rounds]") {
  for (const auto& p : pieces) {
    std::vector<std::size_t> unanswered, blocked;
    std::size_t at = 0;
    for (bool failed = true; failed; ++at) {
      deployment d;
      p.before(d);
      p.run(d);
      fail_allocation_after(at);
      try {
        d.advance(200ms); // what a timer does is part of it
      } catch (const std::bad_alloc&) { // the test's own clock
      }
      failed = !spare_allocations();
      if (!p.over(d))
        unanswered.push_back(at);
      // What isn't quarantined works.
      if (const auto parts = d.ctx->failures.all(); std::ranges::none_of(parts, &failure_book::entry::quarantined)) {
        p.again(d);
        d.hear();
        if (d.answer_to(once_more) != errc::ok)
          blocked.push_back(at);
      }
    }
    INFO(p.name << ", of " << at << " points");
    CHECK(at > 1);
    CHECK(unanswered == std::vector<std::size_t>{});
    CHECK(blocked == std::vector<std::size_t>{});
  }
}
