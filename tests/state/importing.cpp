/// A deployment begins warm: from a log that another recommender wrote, or from its own decisions.
#include "ammo/runtime.hpp"
#include "runtime/state/decisions/decision_export.hpp"
#include "runtime/state/decisions/importing.hpp"
#include "tests/support/films.hpp"
#include "tests/support/private_postgres.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <sstream>

using namespace ammo;
using namespace ammo::testing;

namespace {

const std::string head = "user,time,item,slot,propensity,reward,embedding\n";

std::string now() { return std::to_string(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())); }

/// Two people who were shown twelve films in turn, two at once. The first likes those to the right, the second those to the left.
std::string foreign_log() {
  std::ostringstream out;
  out << head;
  for (int user = 1; user <= 2; ++user)
    for (int round = 0; round < 12; ++round)
      for (int slot = 0; slot < 2; ++slot) {
        const int film = (2 * round + slot) % 12;
        const auto e = direction(film);
        out << user << ',' << now() << '.' << 100 + round << ",film-" << film << ',' << slot << ",0.25," << (user == 1 ? e[0] : -e[0]) << ',';
        if (user == 1 && round < 6)
          out << e[0] << ' ' << e[1];
        out << '\n';
      }
  return out.str();
}

imported_log imported(const options& o, const std::string& file) {
  const auto done = import_log(o, file);
  INFO((done ? std::string{} : done.error().text()));
  REQUIRE(done);
  return *done;
}

void warms(const std::string& state, const scratch& in) {
  auto o = films_in(state);
  o.state_decisions = true;
  const auto file = in.write("history.csv", foreign_log());
  const auto done = imported(o, file);
  INFO((done.why ? done.why->text() : std::string{}));
  CHECK_FALSE(done.why);
  CHECK(done.users == 2);
  CHECK(done.slates == 24);
  CHECK(done.rewards == 48);
  CHECK(done.items == 12);
  {
    auto rt = started(o);
    add_films(*rt, 12);
    const auto right = believed(*rt, user_id{1}), left = believed(*rt, user_id{2});
    CHECK(right.observations == 24);
    CHECK(right.rounds == 12);
    CHECK(right.mean[0] > 0.5f);
    CHECK(left.mean[0] < -0.5f);
    const auto shown = rt->ask(user_id{1}); // and it goes on from there
    REQUIRE(shown);
    CHECK(shown->round == 13);
  }
  std::size_t decisions = 0, with_propensity = 0;
  REQUIRE(export_decisions(state, std::nullopt, false, [&](const std::string& line) {
    decisions += line.find("\"kind\":\"decision\"") != std::string::npos;
    with_propensity += line.find("\"propensity\":0.25") != std::string::npos;
    return true;
  }));
  CHECK(decisions == 25);
  CHECK(with_propensity == 24);
  // Who is there is never taught twice.
  const auto again = import_log(o, file);
  CHECK(again.code() == errc::duplicate_user);
  CHECK(again.error().detail.find("history.csv:2") != std::string::npos);
}

} // namespace

TEST_CASE("another recommender's log warms a deployment", "[state][import]") {
  const scratch in("ammo_import");
  SECTION("in a folder") { warms((in.folder / "state").string(), in); }
  SECTION("in PostgreSQL") { warms(test::new_postgres_database(), in); }
}

TEST_CASE("its own decisions teach a deployment what it knew", "[state][import]") {
  const scratch in("ammo_import");
  auto o = films_in((in.folder / "old").string());
  o.user.policy = "uniform";
  o.user.learner = "classic";
  o.state_decisions = true;
  user_belief before;
  {
    auto rt = started(o);
    add_films(*rt, 12);
    REQUIRE(rt->add_user(user_id{1}));
    like(*rt, user_id{1}, 30);
    before = believed(*rt, user_id{1});
  }
  std::string csv;
  REQUIRE(export_decisions(o.state, std::nullopt, true, [&](const std::string& line) {
    csv += line;
    return true;
  }));
  const auto file = in.write("log.csv", csv);
  o.state = (in.folder / "new").string();
  CHECK(imported(o, file).rewards == 90);
  auto rt = started(o);
  const auto after = believed(*rt, user_id{1});
  CHECK(after.rounds == before.rounds);
  CHECK(after.observations == before.observations);
  REQUIRE(after.mean.size() == before.mean.size());
  for (std::size_t k = 0; k < after.mean.size(); ++k)
    CHECK(after.mean[k] == before.mean[k]);
}

TEST_CASE("a log that can't be read is refused by its line, and nothing is written", "[state][import]") {
  const scratch in("ammo_import");
  const auto o = films_in((in.folder / "state").string());
  const auto told = [&](const std::string& rows) {
    const auto done = import_log(o, in.write("bad.csv", head + rows));
    CHECK_FALSE(done);
    CHECK_FALSE(std::filesystem::exists(o.state));
    return done ? std::string{} : done.error().text();
  };
  const std::string good = "1,5,a,0,0.5,1,1 0\n";
  CHECK(told(good + "x,5,a,0,0.5,1,\n").find("bad.csv:3") != std::string::npos);
  CHECK(told(good + "1,5.1x,a,0,0.5,1,\n").find("seconds since 1970") != std::string::npos);
  CHECK(told(good + "1,6,a,1,0.5,1,\n").find("slot 0") != std::string::npos);
  CHECK(told(good + "1,6,a,0,1.5,1,\n").find("propensity") != std::string::npos);
  CHECK(told(good + "1,6,a,0,0,1,\n").find("propensity") != std::string::npos);
  CHECK(told(good + "1,6,a,0,0.5,much,\n").find("reward") != std::string::npos);
  CHECK(told(good + "1,6,b,0,0.5,1,\n").find("embedding") != std::string::npos);
  CHECK(told(good + "1,6,b,0,0.5,1,1 0 0\n").find("2 numbers") != std::string::npos);
  CHECK(told(good + "1,6,b,0,0.5,1,1 nan\n").find("finite") != std::string::npos);
  CHECK(told(good + "1,6,a,0,0.5,1,\n1,6,a,1,0.5,1,\n").find("another item") != std::string::npos);
  CHECK(told(good + "1,6,a,0,0.5,1,\n1,6,b,0,0.5,1,0 1\n").find("another slot") != std::string::npos);
  CHECK(told("1,5,a,0,0.5,1\n").find("bad.csv:2") != std::string::npos);
  CHECK(import_log(o, in.write("columns.csv", "user,time\n")).code() == errc::bad_data_line);
  CHECK(import_log(o, (in.folder / "none.csv").string()).code() == errc::missing_data);
}

TEST_CASE("an import that ends early says what is in", "[state][import]") {
  const scratch in("ammo_import");
  const auto o = films_in((in.folder / "state").string());
  const auto done = imported(o, in.write("log.csv", head + "1,5,a,0,0.5,1,1 0\n1,6,a,0,0.5,1e16,\n1,7,a,0,0.5,1,\n"));
  REQUIRE(done.why);
  CHECK(done.why->code == errc::reward_out_of_range);
  CHECK(done.why->detail.find("log.csv:3") != std::string::npos);
  CHECK(done.slates == 2);
  CHECK(done.rewards == 1);
  auto rt = started(o);
  CHECK(believed(*rt, user_id{1}).observations == 1);
}
