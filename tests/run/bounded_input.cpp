/// Input is bounded: what is too long, too deep or no file is refused by name and place before anything is built from it.
#include "ammo/runtime.hpp"
#include "ammo/simulation.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace ammo;
using Catch::Matchers::Contains;

namespace {

std::string many(std::size_t times, const std::string& what) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i)
    out += what;
  return out;
}

void malformed(const std::string& text, const std::string& where) {
  const auto read = options::from_toml(text, "deep.toml");
  REQUIRE(read.code() == errc::malformed_toml);
  CHECK_THAT(read.error().detail, Contains(where));
}

const std::string film = "[[subspace]]\nname = \"film\"\nkind = \"host\"\nwidth = 2\n";

options few(std::uint64_t users) {
  options o;
  o.simulation.users = static_cast<std::uint32_t>(users);
  o.subspaces.push_back({.name = "film", .width = 2});
  return o;
}

} // namespace

TEST_CASE("a key of too many parts is refused with its place", "[options][input]") {
  malformed("slots = 3\n" + many(50'000, "a.") + "b = 1\n", "deep.toml:2:64: nested deeper than 32 levels");
  malformed('[' + many(50'000, "a.") + "b]\n", "deep.toml:1:");
  malformed("a = " + many(50'000, "[") + "\n", "deep.toml:1:");
  malformed("a = " + many(50'000, "{a=") + "\n", "deep.toml:1:");
  malformed(many(40, "\"a\".") + "b = 1\n", "deep.toml:1:");
}

TEST_CASE("dots and brackets of texts and comments are no depth", "[options][input]") {
  const auto dots = many(200, "a.[{");
  CHECK(options::from_toml("name = \"" + dots + "\"\n" + film));
  CHECK(options::from_toml("name = '" + dots + "' # " + dots + '\n' + film));
  CHECK(options::from_toml("name = \"\"\"x\n" + dots + "\\\"\"\"\"\n" + film));
  CHECK(options::from_toml("name = \'\'\'x\n" + dots + "\'\'\'\n" + film));
}

TEST_CASE("a file of more than a mebibyte isn't read, and what is no file isn't opened", "[options][input]") {
  const scratch here("ammo_bounded_input");
  const auto large = options::from_file(here.write("large.toml", film + '#' + std::string(1 << 20, 'x')));
  CHECK(large.code() == errc::malformed_toml);
  CHECK_THAT(large.error().detail, Contains("at most 1048576"));
  const auto fifo = (here.folder / "fifo.toml").string();
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  for (const auto& path : {fifo, std::string("/dev/zero"), here.folder.string()}) {
    INFO(path);
    const auto read = options::from_file(path);
    CHECK(read.code() == errc::no_such_file);
    CHECK_THAT(read.error().detail, Contains("is no regular file"));
  }
}

TEST_CASE("a text that is too long is refused, and never comes back whole", "[options][input]") {
  const std::string endless(1 << 19, 'x');
  for (const std::string& text : {"name = \"" + endless + "\"\n" + film, endless + " = 1\n" + film,
                                  "[user]\npolicy = \"" + endless + "\"\n" + film}) {
    const auto read = options::from_toml(text, "long.toml");
    REQUIRE_FALSE(read);
    CHECK(read.error().detail.size() < 500);
  }
  auto started = runtime::start(few(1));
  REQUIRE(started);
  const auto added = (*started)->add_goal({.goal = goal_id{1}, .subspace = std::string(20'000'000, 'x'), .grounded = {1, 0}});
  REQUIRE(added.code() == errc::unknown_subspace);
  CHECK(added.error().detail.size() < 500);
}

TEST_CASE("budgets at the end of 64 bits are refused", "[options][input]") {
  const auto read = options::from_toml("[goal]\nbudget_micros = 9223372036854775807\n" + film, "rich.toml");
  CHECK(read.code() == errc::budget_overflow);
  CHECK_THAT(read.error().detail, Contains("rich.toml:2"));
}

TEST_CASE("threads that the system doesn't give are a named error", "[run][input]") {
  auto o = few(1);
  o.threads = 1024;
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NPROC, &before) == 0);
  auto narrow = before;
  narrow.rlim_cur = 1;
  if (geteuid() == 0 || setrlimit(RLIMIT_NPROC, &narrow) != 0)
    return; // root has no such limit: the test of the command limits memory instead
  const auto started = runtime::start(o);
  REQUIRE(setrlimit(RLIMIT_NPROC, &before) == 0);
  CHECK(started.code() == errc::system_refused);
}

TEST_CASE("fire and forget works, also where a call is refused at once", "[run][input]") {
  auto o = few(1);
  o.limits.requests_under_way = 2;
  auto started = runtime::start(o);
  REQUIRE(started);
  auto& rt = **started;
  REQUIRE(rt.add_user(user_id{1}));
  for (int i = 0; i < 1'000; ++i) {
    rt.feedback(user_id{1}, impression_id{1}, 0.5, callback<void>{});
    rt.add_goal({.goal = goal_id{1}, .subspace = "none", .grounded = {1, 0}}, callback<creation_receipt>{});
  }
  rt.ask(user_id{1}, 65, [](const result<slate>&) { throw 1; });
  rt.stop();
  rt.ask(user_id{1}, 1, callback<slate>{});
  rt.ask(user_id{1}, 1, [](const result<slate>&) { throw 1; });
}
