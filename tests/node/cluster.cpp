/// Real processes that play a deployment together: every call reaches the units, and what was acknowledged is there whoever dies.
#include "runtime/host/cluster/ask_status.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/films.hpp"
#include "tests/support/node_process.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <tuple>

using namespace ammo;
using namespace ammo::test;
using namespace ammo::testing;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

constexpr user_id ann{1}, ben{2};

/// People at a node who ask and answer without a pause, and what they were told.
class crowd {
public:
  /// Users `first` and so on, whom nobody knows yet.
  crowd(runtime& at, int people, std::uint64_t first = 100) : at_(at) {
    for (int i = 0; i < people; ++i)
      threads_.emplace_back([this, user = first + static_cast<std::uint64_t>(i)] { live(user_id(user)); });
  }
  ~crowd() { end(); }
  void end() {
    over_ = true;
    for (auto& t : threads_)
      t.join();
    threads_.clear();
  }
  /// Every feedback that was acknowledged has counted; nothing that wasn't said has.
  void check_at(runtime& rt) {
    std::map<std::uint64_t, std::uint64_t> taken, said;
    for (const auto& [user, impression] : acknowledged) {
      ++taken[raw(user)];
      auto again = rt.feedback(user, impression, 0.5);
      for (int tries = 0; tries < 20 && (again.code() == errc::outcome_unknown || again.code() == errc::timed_out); ++tries) // its unit moves just now
        again = rt.feedback(user, impression, 0.5);
      INFO(name_of(again.code()));
      CHECK((again.code() == errc::feedback_twice || again.code() == errc::feedback_late)); // late: so many were shown since
    }
    for (const auto& [user, impression] : unknown)
      ++said[raw(user)];
    INFO(failures());
    for (const auto& [user, n] : taken) {
      const auto b = rt.regret(user_id{user});
      REQUIRE(b);
      CHECK(b->observations >= n);
      CHECK(b->observations <= n + said[user]);
    }
    for (const auto& [user, impression, code] : refused) { // it hasn't happened
      INFO(name_of(code) << ", user " << raw(user));
      CHECK(rt.feedback(user, impression, 0.5).code() != errc::feedback_twice);
    }
  }
  [[nodiscard]] std::size_t answered() const { return slates_.load(); }
  [[nodiscard]] std::chrono::milliseconds slowest() const { return std::chrono::milliseconds(slowest_.load()); }

  [[nodiscard]] std::string failures() const {
    std::string out;
    for (const auto& [code, n] : failed)
      out += std::string(name_of(code)) + ": " + std::to_string(n) + '\n';
    return out;
  }

  std::mutex guard;
  std::vector<std::pair<user_id, impression_id>> acknowledged, unknown;
  std::vector<std::tuple<user_id, impression_id, errc>> refused;
  std::map<errc, int> failed;

private:
  void live(user_id user) {
    while (!over_) {
      if (const auto added = at_.add_user(user); added || added.code() == errc::duplicate_user)
        break;
      else
        note(added.code());
    }
    while (!over_) {
      const auto begun = std::chrono::steady_clock::now();
      const auto shown = at_.ask(user);
      const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun).count();
      for (auto most = slowest_.load(); took > most && !slowest_.compare_exchange_weak(most, took);) {}
      if (!shown) {
        note(shown.code());
        continue;
      }
      ++slates_;
      if (shown->creations.empty())
        continue;
      const auto impression = shown->creations.front().impression;
      const auto given = at_.feedback(user, impression, 0.5);
      const std::scoped_lock turn(guard);
      if (given)
        acknowledged.emplace_back(user, impression);
      else if (given.code() == errc::outcome_unknown)
        unknown.emplace_back(user, impression);
      else {
        refused.emplace_back(user, impression, given.code());
        ++failed[given.code()];
      }
    }
  }
  void note(errc code) {
    const std::scoped_lock turn(guard);
    ++failed[code];
  }
  runtime& at_;
  std::atomic<bool> over_{false};
  std::atomic<std::size_t> slates_{0};
  std::atomic<std::int64_t> slowest_{0};
  std::vector<std::thread> threads_;
};

cluster_place nobody_dies() { return cluster_place({"a", "b", "c"}, 20'000); }

/// Node a as a process, with the units.
std::unique_ptr<node_process> serving(const cluster_place& place) {
  auto a = std::make_unique<node_process>(place, "a");
  INFO(a->said());
  REQUIRE(comes_true([&] {
    const auto told = ask_status(place.of("a"), a->address(), 10s);
    return told && nlohmann::json::parse(*told).at("serves") == true;
  }));
  return a;
}

/// Answers that a caller may have to live with while nodes die: nothing has happened, or it can't be told. `store`: while the database is gone, too.
void check_failures(const crowd& c, bool store = false) {
  for (const auto& [code, n] : c.failed) {
    INFO(name_of(code) << ": " << n);
    // A slate is relaxed: its frame may have gone with the process, and then feedback on it finds nothing.
    CHECK((code == errc::timed_out || code == errc::unknown_impression || code == errc::feedback_not_shown || code == errc::no_catalogue ||
           (store && code == errc::store_unavailable)));
  }
}

/// Who has each unit, by name; empty: nobody.
std::map<std::string, std::string> owners(runtime& rt) {
  std::map<std::string, std::string> out;
  const auto told = status_of(rt);
  for (const auto& u : told.at("units"))
    out[u.at("unit")] = u.at("owner").is_string() ? u.at("owner").get<std::string>() : "";
  return out;
}

} // namespace

TEST_CASE("two nodes play one deployment: whoever is asked, the units answer", "[node][cluster]") {
  const cluster_place place = nobody_dies();
  auto a = started(place.of("a"));
  REQUIRE(comes_true([&] { return serves(*a); }));
  add_films(*a, 12);
  auto b = started(place.of("b"));
  REQUIRE(b->add_user(ann));
  CHECK(b->add_user(ann).code() == errc::duplicate_user);
  CHECK(a->add_user(ann).code() == errc::duplicate_user);
  like(*b, ann, 30);
  check_same(believed(*b, ann), believed(*a, ann));
  CHECK(believed(*a, ann).observations == 90);

  const auto shown = b->ask(ann);
  REQUIRE(shown);
  const auto impression = shown->creations[0].impression;
  CHECK(a->feedback(ann, impression, 0.5, call_key(7)));
  CHECK(b->feedback(ann, impression, 0.5, call_key(7)));
  CHECK(b->feedback(ann, impression, 0.5).code() == errc::feedback_twice);
  CHECK(b->feedback(ann, impression_id{1}, 0.5).code() == errc::unknown_impression);
  CHECK(b->explain(ann, impression));
  CHECK(b->ask(ben).code() == errc::unknown_user);

  // Two nodes that create for one Goal Buddy at the same time make two creations.
  const auto one = a->create({.goal = goal_id{1}, .e = {1, 0}}), other = b->create({.goal = goal_id{1}, .e = {0, 1}});
  REQUIRE(one);
  REQUIRE(other);
  CHECK(one->creation != other->creation);
  CHECK(b->withdraw(goal_id{1}, one->creation));
  const auto counted = b->statistics();
  REQUIRE(counted);
  CHECK(counted->users == 1);
  CHECK(counted->goals == 12);
  CHECK(counted->creations == a->statistics()->creations);
  REQUIRE(b->health());
  CHECK(b->health()->state == errc::ok);
}

TEST_CASE("a node says how its cluster is, to its host and over a link", "[node][cluster]") {
  const cluster_place place = nobody_dies();
  const auto process = serving(place);
  auto& a = *process;
  CHECK_THAT(a.said(), Contains("ready 127.0.0.1:"));
  auto b = started(place.of("b"));
  REQUIRE(comes_true([&] { return status_of(*b).at("nodes").size() == 2 && status_of(*b).at("links").size() == 1; }));
  const auto seen = status_of(*b);
  CHECK(seen.at("node") == "b");
  CHECK(seen.at("links").at(0) == "a");
  CHECK(seen.at("units").size() == 6); // the host's, four shards, one subspace
  REQUIRE(comes_true([&] { return status_of(*b).at("units").at(5).at("owner") == "a"; }));
  CHECK(status_of(*b).at("units").at(1).at("unit") == "people 0");
  CHECK(status_of(*b).at("units").at(5).at("unit") == "film");

  REQUIRE(b->add_user(ann));
  const auto told = ask_status(place.of("b"), a.address(), 10s);
  INFO((told ? std::string{} : told.error().text()));
  REQUIRE(told);
  const auto of_a = nlohmann::json::parse(*told);
  CHECK(of_a.at("node") == "a");
  CHECK(of_a.at("serves") == true);
  nlohmann::json traffic;
  REQUIRE(comes_true([&] { // a knows of b with its next look
    const auto now = ask_status(place.of("b"), a.address(), 10s);
    traffic = now ? nlohmann::json::parse(*now).at("traffic") : nlohmann::json{};
    return traffic.size() == 1;
  }));
  CHECK(traffic[0].at("node") == "b");
  CHECK(traffic[0].at("letters_in").get<int>() > 0); // b was asked, and asked a
  CHECK(traffic[0].at("bytes_out").get<int>() > 0);
  CHECK(of_a.at("shed") == 0);
  CHECK(a.said() == "ready " + of_a.at("address").get<std::string>() + ' ' + of_a.at("incarnation").get<std::string>() + " standby=none\n");
  CHECK(ask_status(place.of("b"), "127.0.0.1:1", 300ms).code() == errc::bad_value);
  CHECK(started(films())->node_status().code() == errc::bad_value);
}

TEST_CASE("a node that is killed loses nothing that was acknowledged at another", "[node][cluster][kill]") {
  const cluster_place place;
  auto first = serving(place);
  auto b = started(place.of("b"));
  add_films(*b, 12);
  for (int kills = 0; kills < 3; ++kills) {
    INFO("kill " << kills);
    const auto from = static_cast<std::uint64_t>(100 * (kills + 1));
    crowd people(*b, 4, from);
    REQUIRE(comes_true([&] { return people.answered() > 100; }));
    first->kill();
    const auto before = people.answered();
    REQUIRE(comes_true([&] { return people.answered() > before + 20; })); // how soon: bench_cluster
    people.end();
    check_failures(people);
    CHECK(serves(*b));
    people.check_at(*b);
    // Back to a process, which b gives way to by leaving.
    first = std::make_unique<node_process>(place, "a");
    b.reset();
    b = started(place.of("b"));
    REQUIRE(comes_true([&] { return b->regret(user_id{from}).code() == errc::ok; }));
    people.acknowledged.resize(std::min<std::size_t>(people.acknowledged.size(), 50));
    for (const auto& [user, impression] : people.acknowledged)
      CHECK(b->feedback(user, impression, 0.5).code() == errc::feedback_twice);
  }
}

TEST_CASE("units go to the nodes that prefer them, while everybody goes on, and come back", "[node][cluster][units]") {
  const cluster_place place = nobody_dies();
  auto of_a = place.of("a"), of_b = place.of("b");
  of_a.node.prefers = {"film", "evolution"};
  of_b.node.prefers = {"people"};
  std::mutex guard;
  std::string said;
  of_a.log = log_sink([&](const log_record& r) {
    const std::scoped_lock turn(guard);
    said += text_of(r) + '\n';
  });
  auto a = started(of_a);
  add_films(*a, 12);
  REQUIRE(a->add_user(ann));
  like(*a, ann, 20);
  const auto before = believed(*a, ann);
  crowd people(*a, 4);
  REQUIRE(comes_true([&] { return people.answered() > 100; }));
  auto b = started(of_b);
  REQUIRE(comes_true([&] {
    const auto who = owners(*a);
    return who.at("film") == "a" && who.at("people 0") == "b" && who.at("people 1") == "b" && who.at("people 2") == "b" && who.at("people 3") == "b";
  }));
  // Two machines play now: people at b, what they are shown at a.
  check_same(before, believed(*b, ann));
  const auto far = people.answered();
  const bool goes_on = comes_true([&] { return people.answered() > far + 100; });
  const auto so_far = [&] {
    const std::scoped_lock turn(guard);
    return said;
  };
  INFO(people.failures() << so_far() << status_of(*a).dump(1) << status_of(*b).dump(1));
  REQUIRE(goes_on);
  CHECK(status_of(*a).at("runs") == 1);
  REQUIRE(a->add_goal(film(40)));
  CHECK(b->create({.goal = goal_id{40}, .e = {0.5, 0.5}}));
  CHECK(b->withdraw(goal_id{40}));
  CHECK(b->create({.goal = goal_id{4'000}, .e = {0.5, 0.5}}).code() == errc::unknown_goal);
  REQUIRE(b->add_goal(film(41)));
  CHECK(comes_true([&] { // a new creation crosses a link, and is shown
    const auto shown = b->ask(ann, 20);
    return shown && std::ranges::any_of(shown->creations, [](const shown_creation& c) { return c.goal == goal_id{41}; });
  }));
  REQUIRE(b->add_user(ben));
  CHECK(a->add_user(ben).code() == errc::duplicate_user);
  const auto counted = a->statistics();
  REQUIRE(counted);
  CHECK(counted->users == 6);
  CHECK(counted->goals == 14);
  people.end();
  INFO("the slowest ask took " << people.slowest().count() << " ms");
  INFO(people.failures());
  CHECK(people.failed.empty());
  CHECK(people.unknown.empty());
  people.check_at(*b);
  const auto later = believed(*b, ann);
  b.reset();
  REQUIRE(comes_true([&] { return owners(*a).at("people 0") == "a"; }));
  check_same(later, believed(*a, ann));
  CHECK(a->feedback(ann, a->ask(ann)->creations[0].impression, 0.5));
}

TEST_CASE("a Goal Buddy's calls are its subspace's, wherever that goes, and so are their keys", "[node][cluster][units]") {
  const cluster_place place = nobody_dies();
  auto of_a = place.of("a"), of_b = place.of("b");
  for (auto* o : {&of_a, &of_b})
    o->subspaces.push_back({.name = "book", .width = 2});
  of_a.node.prefers = {"film"};
  of_b.node.prefers = {"book"};
  auto a = started(of_a);
  add_films(*a, 3);
  auto book = film(50);
  book.subspace = "book";
  REQUIRE(a->add_goal(book));
  const auto made = a->create({.goal = goal_id{50}, .e = {0, 1}, .key = 7}); // nobody has asked for it before: the first subspace is tried first
  REQUIRE(made);
  CHECK(a->create({.goal = goal_id{51}, .e = {0, 1}}).code() == errc::unknown_goal);
  auto b = started(of_b);
  REQUIRE(comes_true([&] { return owners(*a).at("book") == "b" && owners(*a).at("film") == "a"; }));
  for (auto* rt : {a.get(), b.get()}) {
    const auto again = rt->create({.goal = goal_id{50}, .e = {0, 1}, .key = 7});
    REQUIRE(again);
    CHECK(again->creation == made->creation);
  }
  CHECK(b->statistics()->creations == 5);
  CHECK(a->withdraw(goal_id{50}, made->creation));
  CHECK(b->remove_goal(goal_id{50}));
  CHECK(b->create({.goal = goal_id{50}, .e = {0, 1}}).code() == errc::unknown_goal);
  CHECK(b->create({.goal = goal_id{1}, .e = {0, 1}})); // a film's, which is at a
}

TEST_CASE("a node that is told to end hands over, and no call fails", "[node][cluster]") {
  const cluster_place place = nobody_dies();
  const auto process = serving(place);
  auto& a = *process;
  auto b = started(place.of("b"));
  add_films(*b, 12);
  crowd people(*b, 4);
  REQUIRE(comes_true([&] { return people.answered() > 100; }));
  CHECK(a.terminate() == 0);
  const auto before = people.answered();
  REQUIRE(comes_true([&] { return people.answered() > before + 100; }));
  people.end();
  INFO("the slowest ask took " << people.slowest().count() << " ms");
  CHECK(people.failed.empty());
  CHECK(people.unknown.empty());
  CHECK(serves(*b));
  people.check_at(*b);
}

TEST_CASE("a node that is frozen past its lease comes back as another run, and nothing that it says counts", "[node][cluster]") {
  const cluster_place place;
  const auto process = serving(place);
  auto& a = *process;
  auto b = started(place.of("b"));
  add_films(*b, 12);
  crowd people(*b, 2);
  REQUIRE(comes_true([&] { return people.answered() > 50; }));
  a.freeze();
  REQUIRE(comes_true([&] { return serves(*b); }));
  const auto before = people.answered();
  REQUIRE(comes_true([&] { return people.answered() > before + 20; }));
  a.thaw();
  REQUIRE(comes_true([&] {
    const auto told = ask_status(place.of("b"), a.address(), 10s);
    return told && nlohmann::json::parse(*told).at("runs") == 2;
  }));
  people.end();
  check_failures(people);
  people.check_at(*b);
  REQUIRE(comes_true([&] { return status_of(*b).at("links").size() == 1; }));
  CHECK(serves(*b));
  CHECK(a.terminate() == 0);
}

TEST_CASE("a database that crashes under a cluster loses nothing that was acknowledged", "[node][cluster][kill]") {
  const cluster_place place;
  const auto process = serving(place);
  auto b = started(place.of("b"));
  add_films(*b, 12);
  for (const auto down : {0s, 2s}) { // until leases are over, too
    INFO("down for " << down.count() << " s");
    crowd people(*b, 3, 100 + 10 * static_cast<std::uint64_t>(down.count()));
    REQUIRE(comes_true([&] { return people.answered() > 50; }));
    crash_private_postgres(down);
    const auto taken = [&] {
      const std::scoped_lock turn(people.guard);
      return people.acknowledged.size();
    };
    const auto before = taken();
    REQUIRE(comes_true([&] { return taken() > before + 20; }));
    people.end();
    people.check_at(*b);
  }
}

TEST_CASE("a node that can't be one is refused by name", "[node][cluster]") {
  const cluster_place place;
  const auto refused = [](const options& o) {
    const auto rt = runtime::start(o);
    REQUIRE_FALSE(rt);
    return rt.error().text();
  };
  auto o = place.of("a");
  o.state = "somewhere";
  CHECK_THAT(refused(o), Contains("PostgreSQL"));
  o = place.of("a");
  o.node.listen.clear();
  CHECK_THAT(refused(o), Contains("node.listen"));
  o.node.listen = "0.0.0.0:7101";
  CHECK_THAT(refused(o), Contains("no other node reaches that"));
  o.node.listen = "127.0.0.1";
  CHECK_THAT(refused(o), Contains("HOST:PORT"));
  o = place.of("a");
  o.node.certificates.clear();
  CHECK_THAT(refused(o), Contains("node.certificates"));
  CHECK_THAT(refused(place.of("nobody")), Contains("nobody"));
  o = place.of("a");
  o.node.prefers = {"peeple"};
  CHECK_THAT(refused(o), Contains("nearest: \"people\""));

  const auto a = started(place.of("a"));
  CHECK_THAT(refused(place.of("a")), Contains("is there already"));
  auto alone = place.of("b");
  alone.node.name.clear();
  CHECK(runtime::start(alone).code() == errc::state_in_use);
  auto other = place.of("b");
  other.subspaces[0].width = 3;
  CHECK(runtime::start(other).code() == errc::state_other_layout);
}

TEST_CASE("a cluster whose nodes are killed, frozen and ended over and over loses nothing, and counts nothing twice", "[node][.science][cluster][kill]") {
  const cluster_place place({"a", "b", "c", "d"});
  std::map<std::string, std::unique_ptr<node_process>> nodes;
  for (const auto* name : {"a", "b", "c"})
    nodes[name] = std::make_unique<node_process>(place, name);
  std::mutex guard;
  std::string said;
  auto d = place.of("d");
  d.log = log_sink([&](const log_record& r) {
    const std::scoped_lock turn(guard);
    said += text_of(r) + '\n';
  });
  auto host = started(d);
  add_films(*host, 12);
  crowd people(*host, 6);
  std::mt19937_64 dice(1);
  for (int turn = 0; turn < 50; ++turn) {
    const auto before = people.answered();
    INFO("turn " << turn);
    const bool goes_on = comes_true([&] { return people.answered() > before + 50; });
    const std::scoped_lock quiet(guard);
    INFO(said << status_of(*host).dump(1));
    REQUIRE(goes_on);
    said.clear();
    auto owner = status_of(*host).at("units").at(0).at("owner");
    const std::string name = owner.is_string() && nodes.contains(owner.get<std::string>()) ? owner.get<std::string>() : std::string(1, static_cast<char>('a' + dice() % 3));
    switch (dice() % 4) {
    case 0: CHECK(nodes[name]->terminate() == 0); break;
    case 1:
      nodes[name]->freeze();
      REQUIRE(comes_true([&] { return status_of(*host).at("units").at(0).at("owner") != name; }));
      nodes[name]->thaw();
      continue;
    default: nodes[name]->kill();
    }
    if (turn % 10 == 9)
      crash_private_postgres();
    nodes[name] = std::make_unique<node_process>(place, name);
    CHECK_FALSE(nodes[name]->said().empty());
  }
  people.end();
  check_failures(people, true);
  people.check_at(*host);
  const auto counted = host->statistics();
  REQUIRE(counted);
  CHECK(counted->goals == 12);
  CHECK(counted->budget_spent_micros == 12 * 1'000);
}

TEST_CASE("a push goes to a node whose host listens, and counts as shown there alone", "[node][cluster][push]") {
  const cluster_place place = nobody_dies();
  const auto process = serving(place);
  auto b = started(place.of("b")), c = started(place.of("c"));
  std::atomic<int> to_b{0}, to_c{0};
  std::mutex guard;
  slate pushed;
  b->on_push([&](const slate&) { ++to_b; }, [](user_id) { return false; });
  c->on_push([&](const slate& s) {
    const std::scoped_lock turn(guard);
    pushed = s;
    ++to_c;
  });
  for (int i = 2; i < 10; ++i)
    REQUIRE(b->add_goal(film(i)));
  REQUIRE(b->add_user(ann));
  like(*b, ann, 20);
  REQUIRE(b->add_goal(film(0))); // the one that ann likes most
  REQUIRE(comes_true([&] { return to_c > 0; }));
  const std::scoped_lock turn(guard);
  CHECK(pushed.pushed);
  CHECK(pushed.user == ann);
  REQUIRE_FALSE(pushed.creations.empty());
  CHECK(comes_true([&] { return c->feedback(ann, pushed.creations[0].impression, 1) || b->feedback(ann, pushed.creations[0].impression, 1).code() == errc::feedback_twice; }));
  CHECK(to_b == 0);
}
