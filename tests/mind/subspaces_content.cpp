#include "subspaces/content.hpp"

#include "tests/support/scratch.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <set>

using namespace ammo;

namespace {

const std::string root = ammo::test::source_path("subspaces");

content loaded(std::string_view name, const content_options& options = {}) {
  auto c = load_content(name, root, options);
  INFO((c ? std::string() : c.error().text()));
  REQUIRE(c);
  return *c;
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

double norm(const float* row, std::size_t dim) {
  double square = 0;
  for (std::size_t k = 0; k < dim; ++k)
    square += static_cast<double>(row[k]) * row[k];
  return std::sqrt(square);
}

/// What holds of every subspace's content.
void check_shape(const content& c, std::size_t items, std::size_t choosers) {
  CHECK(c.items.size() == items);
  CHECK(c.choosers.size() == choosers);
  REQUIRE(c.embeddings.size() == items * c.dim);
  CHECK_FALSE(c.attribution.empty());
  std::set<std::string> keys;
  bool unit = true, titled = true;
  for (std::size_t i = 0; i < items; ++i) {
    const auto length = norm(&c.embeddings[i * c.dim], c.dim);
    unit = unit && length <= 1 && length > 0.999;
    titled = titled && !c.items[i].title.empty();
    keys.insert(c.items[i].key);
  }
  CHECK(unit);
  CHECK(titled);
  CHECK(keys.size() == items);
}

/// Held-out choices are apart from what is learned from, and popularity knows only the latter.
void check_hold_out(const content& c) {
  std::vector<std::uint32_t> counted(c.items.size());
  bool apart = true, some = true, known = true;
  for (const auto& person : c.choosers) {
    std::vector<std::uint32_t> both;
    std::set_intersection(person.chosen.begin(), person.chosen.end(), person.held_out.begin(), person.held_out.end(),
                          std::back_inserter(both));
    apart = apart && both.empty();
    some = some && !person.chosen.empty() && !person.held_out.empty();
    known = known && person.chosen.back() < c.items.size() && person.held_out.back() < c.items.size();
    for (auto item : person.chosen)
      ++counted[item];
  }
  CHECK(apart);
  CHECK(some);
  CHECK(known);
  CHECK(c.popularity == counted);
}

} // namespace

TEST_CASE("coin: 1,434 coins and the 87 chains that list three or more", "[content]") {
  auto c = loaded("coin");
  CHECK(c.dim == 32);
  check_shape(c, 1434, 87);
  check_hold_out(c);
  CHECK(c.items[0].key == "ethereum/USDC");
  CHECK(c.items[0].owner == c.items[1].owner);
  CHECK(c.items[0].owner != c.items[2].owner);
  CHECK(c.attribution.find("CC BY 4.0") != std::string::npos);
}

TEST_CASE("job: the 873 occupations of all six tables, and the people in them", "[content]") {
  auto c = loaded("job");
  CHECK(c.dim == 96);
  check_shape(c, 873, 873);
  check_hold_out(c);
  CHECK(c.items[0].key == "11-1011.00");
  CHECK(c.items[0].title == "Chief Executives");
  CHECK(c.items[0].owner == 11);
  check_shape(loaded("job", {.dim = 32}), 873, 873);
}

TEST_CASE("edu: 2,172 programmes, 4,340 resources, and the survey's people with two platforms or more", "[content]") {
  auto c = loaded("edu");
  CHECK(c.dim == 48);
  check_shape(c, 2172 + 4340, 12021);
  check_hold_out(c);
  CHECK(c.items[0].key == "01.0000");
  CHECK(c.items[2172].key == "resource/0");
  CHECK(c.attribution.find("ODbL") != std::string::npos);
  // A platform is held out as a whole: nobody learns from one course of it and is tested on another.
  bool whole = true;
  for (const auto& person : c.choosers) {
    std::set<std::uint64_t> hosts;
    for (auto item : person.chosen)
      hosts.insert(c.items[item].owner);
    for (auto item : person.held_out)
      whole = whole && !hosts.count(c.items[item].owner);
  }
  CHECK(whole);
}

TEST_CASE("content is the same for the same seed, and another for another", "[content]") {
  for (auto name : {"coin", "job"}) {
    auto a = loaded(name, {.dim = 24, .seed = 7}), b = loaded(name, {.dim = 24, .seed = 7});
    auto other = loaded(name, {.dim = 24, .seed = 8});
    CHECK(a.embeddings == b.embeddings);
    CHECK(a.popularity == b.popularity);
    CHECK(a.choosers[0].held_out == b.choosers[0].held_out);
    CHECK(a.embeddings != other.embeddings);
    CHECK(a.popularity != other.popularity);
  }
}

TEST_CASE("the share that is held out is the one that was asked for", "[content]") {
  for (const auto& person : loaded("coin", {.hold_out = 0}).choosers)
    CHECK((person.held_out.empty() && person.chosen.size() >= 3));
  for (const auto& person : loaded("coin", {.hold_out = 0.5}).choosers)
    CHECK(person.held_out.size() == (person.held_out.size() + person.chosen.size()) / 2);
  CHECK(load_content("coin", root, {.hold_out = 1}).code() == errc::bad_value);
  CHECK(load_content("coin", root, {.hold_out = std::nan("")}).code() == errc::bad_value);
}

TEST_CASE("a person's q is the mean of their choices, a copy's that of a resample", "[content]") {
  content c;
  c.dim = 2;
  c.embeddings = {1, 0, 0, 1, -1, 0};
  c.items.resize(3);
  c.choosers = {{"both", {0, 1}, {2}}};
  auto q = preference_of(c, 0, 0, 1);
  CHECK(q[0] == Approx(std::sqrt(0.5)));
  CHECK(q[1] == Approx(std::sqrt(0.5)));
  CHECK(q == preference_of(c, 0, 0, 2));
  std::set<std::vector<float>> seen;
  for (std::uint64_t copy = 1; copy < 20; ++copy) {
    seen.insert(preference_of(c, 0, copy, 1));
    CHECK(preference_of(c, 0, copy, 1) == preference_of(c, 0, copy, 1));
  }
  CHECK(seen.size() == 3); // {0,0}, {0,1}, {1,1}
  auto stranger = preference_of(c, 1, 0, 1);
  CHECK(norm(stranger.data(), 2) == Approx(1));
  CHECK(stranger != preference_of(c, 2, 0, 1));
  CHECK(stranger != preference_of(c, 1, 0, 2));
}

TEST_CASE("what can't be loaded is refused by name", "[content]") {
  auto unknown = load_content("music", root, {});
  CHECK(unknown.code() == errc::unknown_subspace);
  CHECK(unknown.error().detail == "\"music\"; there are coin, job, edu");
  auto wide = load_content("job", root, {.dim = 97});
  CHECK(wide.code() == errc::bad_layout);
  CHECK(wide.error().detail == "job can have 1 to 96 coordinates, not 97");
  CHECK(load_content("coin", root, {.dim = 257}).code() == errc::bad_layout);
  CHECK(load_content("edu", root, {.dim = 3}).code() == errc::bad_layout);
  auto nowhere = load_content("coin", "/nowhere", {});
  CHECK(nowhere.error() == failure{errc::missing_data, "/nowhere/coin/data/chains.csv"});
}

TEST_CASE("a broken line of a subspace's data is named", "[content]") {
  scratch copy("ammo_content");
  for (std::string name : {"coin", "job", "edu"}) {
    std::filesystem::create_directories(copy.folder / name / "data");
    for (const auto& file : std::filesystem::directory_iterator(root + '/' + name + "/data"))
      copy.write(name + "/data/" + file.path().filename().string(), contents(file.path()));
  }
  auto refusal = [&](std::string_view name = "coin") {
    auto refused = load_content(name, copy.folder.string(), {});
    REQUIRE(refused.code() == errc::bad_data_line);
    return refused.error().detail.substr(refused.error().detail.rfind('/') + 1);
  };
  copy.write("edu/data/platforms.csv", "answer,host\nres_edx,edx.org\nres_devtips,devtips.tv\n");
  CHECK(refusal("edu") == "platforms.csv:3: expected a host of free_learning_resources.csv, found \"devtips.tv\"");
  copy.write("edu/data/cip_soc_links.csv", "cip,soc6\n01.0000,19-1011\n00.0000,19-1011\n");
  CHECK(refusal("edu") == "cip_soc_links.csv:3: expected a cip of cip2020_programs.csv, found \"00.0000\"");
  copy.write("job/data/work_values.csv", "soc,Achievement\n11-1011.00,1\n");
  CHECK(refusal("job") == "work_values.csv:1: expected soc and 6 other columns");
  copy.write("job/data/work_values.csv", "soc,A,B,C,D,E,F\n11-1011.00,1,2,3,4,5,\n");
  CHECK(refusal("job") == "work_values.csv:2: expected a number as F, found \"\"");
  copy.write("coin/data/chain_coin_listings.csv", "chain,coin_id\nosmosis,1\nosmosis,1434\n");
  CHECK(refusal() == "chain_coin_listings.csv:3: expected a whole number below 1434 as coin_id, found \"1434\"");
  const std::string header = "coin_id,origin_chain,symbol,name,type_asset,keywords,description,extended_description,website,chains_listing\n";
  copy.write("coin/data/coins.csv", header + "0,osmosis,OSMO,Osmosis,,,,,,\n2,osmosis,ION,Ion,,,,,,\n");
  CHECK(refusal() == "coins.csv:3: expected coin_id 1");
  copy.write("coin/data/coins.csv", header + "0,atlantis,ATL,Atlantis,,,,,,\n");
  CHECK(refusal() == "coins.csv:2: expected an origin_chain of chains.csv, found \"atlantis\"");
}

TEST_CASE("a host brings its own content as a CSV file", "[content]") {
  scratch own("ammo_own");
  auto path = own.write("songs.csv", "key,title,owner,text\n"
                                     "a,Night train,north,slow blues piano\n"
                                     "b,Morning,south,fast brass\n"
                                     "c,Late,north,slow piano ballad\n");
  auto c = load_content(csv_kind("songs", path), "", {.dim = 8});
  REQUIRE(c);
  CHECK(c->dim == 8);
  CHECK(c->items[2].key == "c");
  CHECK(c->items[2].owner == c->items[0].owner);
  CHECK(c->items[1].owner != c->items[0].owner);
  CHECK(c->embeddings.size() == 3 * 8);
  CHECK(c->choosers.empty());
  CHECK(load_content(csv_kind("songs", path), "", {.dim = 300}).code() == errc::bad_layout);
  auto refusal = [&](const char* text) {
    auto refused = load_content(csv_kind("songs", own.write("x.csv", text)), "", {});
    REQUIRE(refused.code() == errc::bad_data_line);
    return refused.error().detail.substr(refused.error().detail.find("x.csv"));
  };
  CHECK(refusal("key,title\n") == "x.csv:1: expected a column \"owner\"");
  CHECK(refusal("key,title,owner,text\na,,,\na,,,\n") == "x.csv:3: expected a key of its own, found \"a\" again");
  CHECK(refusal("key,tags,title,owner,text\na,1 x,,,\n") == "x.csv:2: expected whole numbers as tags, found \"x\"");
  CHECK(refusal("key,tags,title,owner,text\na,-1,,,\n") == "x.csv:2: expected whole numbers as tags, found \"-1\"");
  auto tagged = load_content(csv_kind("songs", own.write("x.csv", "key,title,owner,text,tags\na,A,,slow piano,7  12\nb,B,,fast brass,\n")), "", {.dim = 2});
  REQUIRE(tagged);
  CHECK(tagged->items[0].tags == std::vector<std::uint32_t>{7, 12});
  CHECK(tagged->items[1].tags.empty());
  auto none = load_content(csv_kind("songs", own.write("x.csv", "key,title,owner,text\n")), "", {});
  REQUIRE(none);
  CHECK(none->items.empty());
}
