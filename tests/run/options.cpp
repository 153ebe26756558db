#include "ammo/options.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

using ammo::errc;
using ammo::options;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

const std::string one_subspace = "\n[[subspace]]\nname = \"coin\"\nkind = \"coin\"\n";

/// The failure of a text that is not to be taken.
ammo::failure refusal_of(const std::string& toml) {
  auto read = options::from_toml(toml, "my.toml");
  REQUIRE_FALSE(read);
  return read.error();
}

void refused(const std::string& toml, errc code, const std::string& place, const std::string& what) {
  INFO(toml);
  auto why = refusal_of(toml);
  CHECK(ammo::name_of(why.code) == ammo::name_of(code));
  CHECK_THAT(why.detail, StartsWith("my.toml:" + place + ": "));
  CHECK_THAT(why.detail, Contains(what));
}

options good() { return *options::from_toml(one_subspace); }

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("a deployment of one subspace takes every default", "[options]") {
  auto o = good();
  CHECK(o.slots == 5);
  CHECK(o.user.policy == "sampled_ucb");
  CHECK(o.goal.policy.empty());
  CHECK(o.simulation.rounds == 2'000);
  CHECK(o.subspaces.at(0).offset == -1);
  CHECK(o.check());
}

TEST_CASE("every key of every table is read", "[options]") {
  auto read = options::from_toml(R"(
name = "mine"
seed = 7
dim = 40
slots = 3
threads = 2
shards = 8
wire_check = true
data_root = "/data"
[[subspace]]
name = "a"
kind = "host"
offset = 0
width = 16
norm_cap = 2
capacity = 10
price_micros = 1
distance_price_micros = 2
slot_price_micros = 3
slate_cap = 4
creations_per_owner = 5
[[subspace]]
name = "b"
kind = "host"
offset = 8
width = 32
[user]
policy = "greedy"
noise = 0.5
prior_variance = 0.25
epsilon = 0.125
optimism = 1.5
exactly = true
drift = "restart"
[goal]
policy = "exploiter"
share = 0.5
lambda = 2
step = 0.25
patience = 3
budget_micros = 9
[caps]
per_goal = 1
per_owner = 2
[simulation]
users = 11
rounds = 12
rounds_per_epoch = 13
feedback = "choice"
noise = 0
temperature = 0.5
threshold = -0.5
hold_out = 0.5
baselines = false
[limits]
request_timeout_ms = 1
epoch_timeout_ms = 2
requests_under_way = 3
open_impressions = 4
impression_days = 11
publish_interval_ms = 5
callback_threads = 6
pushes_waiting = 7
stop_wait_ms = 8
policy_budget_ms = 9
policies_at_once = 10
sessions = 12
session_minutes = 13
session_questions = 14
)");
  REQUIRE(read);
  const auto& o = *read;
  CHECK((o.name == "mine" && o.seed == 7 && o.dim == 40 && o.slots == 3 && o.threads == 2 && o.shards == 8));
  CHECK((o.wire_check && o.data_root == "/data"));
  REQUIRE(o.subspaces.size() == 2);
  const auto& a = o.subspaces[0];
  CHECK((a.name == "a" && a.kind == "host" && a.offset == 0 && a.width == 16 && a.norm_cap == 2 && a.capacity == 10));
  CHECK((a.price_micros == 1 && a.distance_price_micros == 2 && a.slot_price_micros == 3 && a.slate_cap == 4));
  CHECK((a.creations_per_owner == 5 && o.subspaces[1].offset == 8));
  CHECK((o.user.policy == "greedy" && o.user.noise == 0.5 && o.user.prior_variance == 0.25 && o.user.exactly));
  CHECK(o.user.drift == "restart");
  CHECK((o.user.epsilon == 0.125 && o.user.optimism == 1.5));
  CHECK((o.goal.policy == "exploiter" && o.goal.share == 0.5 && o.goal.lambda == 2 && o.goal.step == 0.25));
  CHECK((o.goal.patience == 3 && o.goal.budget_micros == 9 && o.caps.per_goal == 1 && o.caps.per_owner == 2));
  const auto& s = o.simulation;
  CHECK((s.users == 11 && s.rounds == 12 && s.rounds_per_epoch == 13 && s.feedback == "choice" && s.noise == 0));
  CHECK((s.temperature == 0.5 && s.threshold == -0.5 && s.hold_out == 0.5 && !s.baselines));
  const auto& l = o.limits;
  CHECK((l.request_timeout_ms == 1 && l.epoch_timeout_ms == 2 && l.requests_under_way == 3));
  CHECK((l.open_impressions == 4 && l.impression_days == 11 && l.publish_interval_ms == 5));
  CHECK((l.callback_threads == 6 && l.pushes_waiting == 7 && l.stop_wait_ms == 8));
  CHECK((l.policy_budget_ms == 9 && l.policies_at_once == 10));
  CHECK((l.sessions == 12 && l.session_minutes == 13 && l.session_questions == 14));
}

TEST_CASE("an unknown key is refused with its place and the nearest known one", "[options]") {
  refused("seed = 1\nslotz = 5" + one_subspace, errc::unknown_key, "2:1", "nearest: \"slots\"");
  refused(one_subspace + "[user]\npolice = \"greedy\"\n", errc::unknown_key, "6:1", "nearest: \"policy\"");
  refused("[[subspace]]\nname = \"x\"\nwith = 3\n", errc::unknown_key, "3:1", "nearest: \"width\"");
  refused(one_subspace + "[simulations]\n", errc::unknown_key, "5:2", "nearest: \"simulation\"");
}

TEST_CASE("a key in the wrong table is sent home", "[options]") {
  refused("rounds = 5" + one_subspace, errc::unknown_key, "1:1", "belongs to [simulation]");
  refused(one_subspace + "[user]\nslots = 2\n", errc::unknown_key, "6:1", "belongs to the top of the file");
}

TEST_CASE("a value of the wrong type is refused with what the key takes", "[options]") {
  refused("slots = \"five\"" + one_subspace, errc::wrong_type, "1:9", "slots takes a whole number, not a text");
  refused("slots = 5.0" + one_subspace, errc::wrong_type, "1:9", "takes a whole number");
  refused("wire_check = 1" + one_subspace, errc::wrong_type, "1:14", "true or false");
  refused("name = 3" + one_subspace, errc::wrong_type, "1:8", "a text");
  refused("user = 3" + one_subspace, errc::wrong_type, "1:8", "a table: [user]");
  refused("[subspace]\nname = \"coin\"\n", errc::wrong_type, "1:1", "[[subspace]]");
  refused("subspace = [1]\n", errc::wrong_type, "1:13", "[[subspace]]");
}

TEST_CASE("a value out of range is refused with the range", "[options]") {
  auto simulation = one_subspace + "[simulation]\n";
  refused(simulation + "rounds = 0", errc::bad_value, "6:10", "simulation.rounds is 0; allowed: from 1 to 100000000");
  refused(simulation + "hold_out = 1.0", errc::bad_value, "6:12", "above 0 and below 1");
  refused(simulation + "temperature = 0", errc::bad_value, "6:15", "above 0");
  refused(simulation + "feedback = \"linaer\"", errc::bad_value, "6:12", "nearest: \"linear\"");
  refused("seed = -1" + one_subspace, errc::bad_value, "1:8", "at least 0");
  refused(one_subspace + "[caps]\nper_goal = 4294967296", errc::bad_value, "6:12", "from 0 to 4294967295");
  refused("slots = 0" + one_subspace, errc::no_slots, "1:9", "from 1 to 64");
  refused("slots = 65" + one_subspace, errc::too_many_slots, "1:9", "from 1 to 64");
  refused(one_subspace + "[goal]\nbudget_micros = -1", errc::budget_negative, "6:17", "from 0 to 1000000000000");
}

TEST_CASE("NaN and infinity are refused", "[options]") {
  refused(one_subspace + "[user]\nnoise = nan", errc::not_finite, "6:9", "user.noise is NaN");
  refused(one_subspace + "[user]\nnoise = inf", errc::not_finite, "6:9", "infinite");
}

TEST_CASE("what has no default must be there", "[options]") {
  refused("seed = 1", errc::missing_key, "1:1", "[[subspace]]");
  refused("[[subspace]]\nwidth = 3", errc::missing_key, "1:1", "name");
  refused("seed = 1\n[[subspace]]\nname = \"x\"", errc::missing_key, "2:1", "width");
}

TEST_CASE("blocks that don't fit D are refused at the subspace that doesn't", "[options]") {
  refused("dim = 16" + one_subspace, errc::bad_layout, "2:1", "coin");
  refused("dim = 40" + one_subspace + "[[subspace]]\nname = \"job\"\nwidth = 9\n", errc::bad_layout, "5:1", "job");
  refused(one_subspace + one_subspace, errc::bad_layout, "6:1", "coin");
  refused("dim = 5000" + one_subspace, errc::bad_layout, "1:7", "from 0 to 4096");
}

TEST_CASE("text that is no TOML is refused with its line", "[options]") {
  refused("seed = 1\nslots = = 3\n", errc::malformed_toml, "2:9", "");
  refused("seed = 1\nseed = 2\n", errc::malformed_toml, "2:8", "seed");
}

TEST_CASE("a struct is judged as a file is", "[options]") {
  auto refused_as = [](auto&& spoil) {
    auto o = good();
    spoil(o);
    return o.check().code();
  };
  CHECK(refused_as([](options& o) { o.slots = 0; }) == errc::no_slots);
  CHECK(refused_as([](options& o) { o.slots = 65; }) == errc::too_many_slots);
  CHECK(refused_as([](options& o) { o.goal.budget_micros = -1; }) == errc::budget_negative);
  CHECK(refused_as([](options& o) { o.user.noise = std::nan(""); }) == errc::not_finite);
  CHECK(refused_as([](options& o) { o.goal.step = std::numeric_limits<double>::infinity(); }) == errc::not_finite);
  CHECK(refused_as([](options& o) { o.user.policy = "lucky"; }) == errc::bad_value);
  CHECK(refused_as([](options& o) { o.simulation.users = 0; }) == errc::bad_value);
  CHECK(refused_as([](options& o) { o.subspaces[0].norm_cap = 0; }) == errc::bad_value);
  CHECK(refused_as([](options& o) { o.subspaces[0].kind = "host"; }) == errc::missing_key);
  CHECK(refused_as([](options& o) { o.subspaces[0].name.clear(); }) == errc::missing_key);
  CHECK(refused_as([](options& o) { o.subspaces.clear(); }) == errc::missing_key);
  CHECK(refused_as([](options& o) { o.dim = 31; }) == errc::bad_layout);
  CHECK(refused_as([](options&) {}) == errc::ok);
}

TEST_CASE("a key is set from a text, or nothing changes", "[options]") {
  auto o = good();
  CHECK(o.set("simulation.rounds", "500"));
  CHECK(o.set("user.policy", "greedy"));
  CHECK(o.set("goal.lambda", "0.5"));
  CHECK(o.set("wire_check", "true"));
  CHECK(o.set("name", "42"));
  CHECK((o.simulation.rounds == 500 && o.user.policy == "greedy" && o.goal.lambda == 0.5));
  CHECK((o.wire_check && o.name == "42"));
  CHECK(o.set("simulation.rounds", "0").code() == errc::bad_value);
  CHECK(o.set("simulation.rounds", "many").code() == errc::wrong_type);
  CHECK(o.set("slots", "-3").code() == errc::no_slots);
  CHECK(o.set("dim", "8").code() == errc::bad_layout);
  auto unknown = o.set("simulation.round", "5");
  REQUIRE_FALSE(unknown);
  CHECK_THAT(unknown.error().detail, Contains("nearest: \"rounds\""));
  CHECK(o.set("sim.rounds", "5").code() == errc::unknown_key);
  CHECK((o.simulation.rounds == 500 && o.slots == 5 && o.dim == 0));
}

TEST_CASE("a file that isn't there is refused by name", "[options]") {
  auto read = options::from_file("/no/such.toml");
  CHECK(read.code() == errc::no_such_file);
  CHECK(options::from_file(ammo::test::source_path()).code() == errc::no_such_file);
}

TEST_CASE("a relative data_root is relative to its file", "[options]") {
  auto folder = std::filesystem::temp_directory_path() / "ammo_options_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "d.toml") << "data_root = \"data\"" << one_subspace;
  auto read = options::from_file((folder / "d.toml").string());
  std::filesystem::remove_all(folder);
  REQUIRE(read);
  CHECK(read->data_root == (folder / "data").string());
}

TEST_CASE("the built-in deployments are the files of examples/deployments", "[options]") {
  auto folder = std::filesystem::path(ammo::test::source_path("examples/deployments"));
  for (std::string name : {"coin", "job", "edu", "all"}) {
    INFO(name);
    auto built_in = options::built_in(name);
    auto file = options::from_toml(text_of(folder / (name + ".toml")), name);
    REQUIRE(built_in);
    REQUIRE(file);
    CHECK(*built_in == *file);
    CHECK(built_in->name == name);
    CHECK(built_in->check());
  }
  auto none = options::built_in("coins");
  CHECK(none.code() == errc::unknown_subspace);
  CHECK_THAT(none.error().detail, Contains("all, coin, edu, job"));
}

TEST_CASE("a subspace is customised by configuration: what people can do, and how it is shown", "[options]") {
  const auto read = options::from_toml(one_subspace + "signals = { stake = 0.9, held_it = 1 }\ntakes = [\"like\", \"held_it\", \"stake\"]\nlabel = \"Tokens\"\naccent = \"#0f766e\"\n"
                                                      "item_title = \"{title} ({symbol})\"\nitem_body = \"{title} lives on {moon}.\"\n[[subspace]]\nname = \"film\"\nkind = \"host\"\nwidth = 2\n");
  REQUIRE(read);
  const auto all = ammo::customs_of(*read);
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "coin");
  CHECK(all[0].look == ammo::presentation{"Tokens", "◎", "#0f766e", "Open its site"});
  CHECK(all[0].signals == ammo::signal_table{{"like", 0.5, "Like"}, {"held_it", 1, "Held it"}, {"stake", 0.9, "Stake"}});
  CHECK(all[1].look == ammo::presentation{"film", "", "", "Read more"});
  CHECK(all[1].signals == ammo::default_signals());
  CHECK(ammo::find_signal(all[1].signals, "view")->label.empty());

  const std::vector<ammo::fact> facts{{"title", "Atom"}, {"symbol", "ATOM"}, {"link", "https://example.org"}};
  const auto coin = read->kinds.find("coin");
  const auto told = ammo::rendered(*coin, facts, {read->subspaces[0].item_title, read->subspaces[0].item_body, ""});
  CHECK(told.title == "Atom (ATOM)");
  CHECK(told.body == ammo::rendered(*coin, facts).body); // nothing is known of a moon
  CHECK(told.link == "https://example.org");

  refused(one_subspace + "takes = [\"clap\"]", errc::unknown_signal, "2:1", "known: view, like, save");
  refused(one_subspace + "accent = \"red\"", errc::bad_value, "2:1", "six hexadecimal digits");
  refused(one_subspace + "takes = [\"like\", \"like\"]", errc::bad_value, "5:9", "twice");
}

TEST_CASE("signals are a table by name, beside the keys from before", "[options]") {
  const auto read = options::from_toml(one_subspace + "signals = { like = 0.25, staked = 1 }\nsignal_view = 0.5\n");
  REQUIRE(read);
  const auto& s = read->subspaces[0];
  CHECK(s.signals == ammo::signal_table{{"like", 0.25}, {"staked", 1}});
  CHECK(s.signal_view == 0.5);
  refused(one_subspace + "signals = 3", errc::wrong_type, "5:11", "a table of numbers");
  refused(one_subspace + "signals = { like = \"much\" }", errc::wrong_type, "5:11", "signals.like takes a number");
  refused(one_subspace + "signals = { like = 1.5 }", errc::reward_out_of_range, "5:11", "\"like\" is worth 1.5");
  refused(one_subspace + "signal = { like = 1 }", errc::unknown_key, "5:1", "nearest: \"signals\"");
  auto o = good();
  o.subspaces[0].signals = {{"like", 0.1}, {"like", 0.2}};
  CHECK(o.check().code() == errc::bad_value);
}

TEST_CASE("a kind is one of those that exist, or of the host's", "[options]") {
  refused("[[subspace]]\nname = \"x\"\nkind = \"coyn\"\n", errc::bad_value, "3:8", "nearest: \"coin\"");
  const std::string teas = "[[subspace]]\nname = \"shelf\"\nkind = \"tea\"\n";
  refused(teas, errc::bad_value, "3:8", "\"coin\", \"job\", \"edu\", \"host\"");
  ammo::kind_list kinds;
  REQUIRE(kinds.add({.name = "tea", .width = {.least = 2, .usual = 5, .most = 9}}));
  const auto read = options::from_toml(teas, "teas", kinds);
  REQUIRE(read);
  CHECK(read->check());
  CHECK(read->kinds == kinds);
  auto without = *read;
  without.kinds = {};
  CHECK(without.check().code() == errc::bad_value);
}
