#include "subspaces/content.hpp"
#include "subspaces/kind.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <stdexcept>

using namespace ammo;

namespace {

/// Two items of three columns, two texts.
subspace_kind tea() {
  subspace_kind kind;
  kind.name = "tea";
  kind.width = {.least = 1, .usual = 3, .most = 8};
  kind.read = [](const std::string&) -> result<read_content> {
    read_content out;
    out.items = {{.key = "a",
                  .title = "Assam",
                  .owner = 4,
                  .facts = {{"title", "Assam"}, {"taste", "malty and strong"}},
                  .text = "black malty",
                  .columns = {3, 4, 0}},
                 {.key = "s",
                  .title = "Sencha",
                  .facts = {{"title", "Sencha"}, {"link", "https://tea.example/s"}},
                  .text = "green grassy",
                  .columns = {0, 0, 2}}};
    out.choices = {{"ann", {{0}, {1}}}};
    out.attribution = "by the shop";
    return out;
  };
  kind.writing = {{{"It is {taste}.", 1}}, "Brew it"};
  return kind;
}

/// With another way to read it.
subspace_kind tea_that(std::function<void(read_content&)> spoil) {
  auto kind = tea();
  kind.read = [spoil](const std::string& root) -> result<read_content> {
    auto read = tea().read(root);
    spoil(*read);
    return read;
  };
  return kind;
}

errc loaded_as(std::function<void(read_content&)> spoil, const content_options& options = {}) {
  return load_content(tea_that(std::move(spoil)), "", options).code();
}

} // namespace

TEST_CASE("coin, job, edu and host are kinds; a host adds its own by name", "[kinds]") {
  kind_list kinds;
  CHECK(kinds.names() == std::vector<std::string_view>{"coin", "job", "edu", "host"});
  CHECK(kinds.find("job")->width.usual == 96);
  CHECK(kinds.find("tea") == nullptr);
  REQUIRE(kinds.add(tea()));
  CHECK(kinds.names().back() == "tea");
  CHECK(kinds.find("tea")->writing.action == "Brew it");
  CHECK(kind_list{}.find("tea") == nullptr); // a list is a value
  CHECK(kinds != kind_list{});
  CHECK(kinds == kind_list(kinds));
}

TEST_CASE("a kind that can't be is refused by name, and nothing is added", "[kinds]") {
  kind_list kinds;
  const auto refused = [&](auto spoil) {
    auto kind = tea();
    spoil(kind);
    return kinds.add(std::move(kind)).code();
  };
  CHECK(refused([](subspace_kind& k) { k.name.clear(); }) == errc::bad_value);
  CHECK(refused([](subspace_kind& k) { k.name = "coin"; }) == errc::bad_value);
  CHECK(refused([](subspace_kind& k) { k.width = {.least = 4, .usual = 3, .most = 8}; }) == errc::bad_value);
  CHECK(refused([](subspace_kind& k) { k.width.least = 0; }) == errc::bad_value);
  CHECK(refused([](subspace_kind& k) { k.signals.push_back({"", 0.1}); }) == errc::bad_value);
  CHECK(refused([](subspace_kind& k) { k.signals.push_back({"like", 0.1}); }) == errc::bad_value);
  CHECK(refused([](subspace_kind& k) { k.signals.push_back({"sip", 1.5}); }) == errc::reward_out_of_range);
  CHECK(refused([](subspace_kind& k) {
          k.signals.push_back({"sip", std::numeric_limits<double>::quiet_NaN()});
        }) == errc::not_finite);
  CHECK(kinds == kind_list{});
}

TEST_CASE("columns become embeddings, choices become people, facts ground creations", "[kinds]") {
  const auto c = load_content(tea(), "", {});
  REQUIRE(c);
  CHECK(c->dim == 3);
  CHECK(c->attribution == "by the shop");
  CHECK(c->embedding(0)[0] == Approx(0.6));
  CHECK(c->embedding(0)[1] == Approx(0.8));
  CHECK(c->embedding(1)[2] == Approx(1));
  CHECK(c->items[0].owner == 4);
  CHECK((c->items[0].text.empty() && c->items[0].columns.empty())); // what they told is in the embeddings
  REQUIRE(c->choosers.size() == 1);
  CHECK((c->choosers[0].chosen.size() == 1 && c->choosers[0].held_out.size() == 1));
  REQUIRE(c->words);
  CHECK(c->words->embed("something malty").value()[1] == Approx(0.8));

  const auto narrow = load_content(tea(), "", {.dim = 2});
  REQUIRE(narrow);
  CHECK(narrow->embeddings.size() == 4);
  const auto told = load_content(tea_that([](read_content& r) {
                                   for (auto& i : r.items)
                                     i.columns.clear();
                                 }),
                                 "", {});
  REQUIRE(told); // by its texts
  CHECK(told->embeddings.size() == 6);
}

TEST_CASE("a kind embeds and grounds in its own way, and knows nothing of what is held out", "[kinds]") {
  const auto kind = tea_that([](read_content& r) {
    r.embed = [](const content& known, const content_options& options) -> result<std::vector<float>> {
      std::vector<float> out(known.items.size() * options.dim);
      for (std::size_t i = 0; i < known.items.size(); ++i)
        out[i * options.dim] = known.popularity[i] ? 1.0f : 0.5f;
      return out;
    };
    r.facts = [](const content& known, std::size_t i) {
      return std::vector<fact>{{"title", known.items[i].title + (known.popularity[i] ? " (liked)" : "")}};
    };
  });
  const auto c = load_content(kind, "", {});
  REQUIRE(c);
  const auto liked = c->choosers[0].chosen[0], other = c->choosers[0].held_out[0];
  CHECK((c->embedding(liked)[0] == 1.0f && c->embedding(other)[0] == 0.5f));
  CHECK(fact_named(c->items[liked].facts, "title").ends_with("(liked)"));
  CHECK_FALSE(fact_named(c->items[other].facts, "title").ends_with("(liked)"));
}

TEST_CASE("content that breaks its promise is refused by name", "[kinds]") {
  CHECK(loaded_as([](read_content&) {}) == errc::ok);
  CHECK(loaded_as([](read_content&) {}, {.dim = 9}) == errc::bad_layout);
  CHECK(loaded_as([](read_content&) {}, {.dim = 4}) == errc::bad_layout); // three columns
  CHECK(loaded_as([](read_content& r) { r.items[1].key = "a"; }) == errc::bad_value);
  CHECK(loaded_as([](read_content& r) { r.items[1].columns.pop_back(); }) == errc::bad_layout);
  CHECK(loaded_as([](read_content& r) { r.choices[0].units[1] = {2}; }) == errc::bad_value);
  CHECK(loaded_as([](read_content& r) { r.choices[0].units[1] = {0}; }) == errc::bad_value);
  CHECK(loaded_as([](read_content& r) { r.choices[0].units.pop_back(); }) == errc::bad_value);
  const auto embeds = [](std::vector<float> what) {
    return [what](read_content& r) {
      r.embed = [what](const content&, const content_options&) { return result<std::vector<float>>(what); };
    };
  };
  CHECK(loaded_as(embeds({1, 0, 0})) == errc::wrong_dimension);
  CHECK(loaded_as(embeds({1, 0, 0, 1, 1, 0})) == errc::norm_over_cap);
  CHECK(loaded_as(embeds({1, 0, 0, std::numeric_limits<float>::infinity(), 0, 0})) == errc::not_finite);
  CHECK(loaded_as([](read_content& r) {
          r.facts = [](const content&, std::size_t) -> std::vector<fact> { throw std::runtime_error("no"); };
        }) == errc::internal);
  CHECK(loaded_as([](read_content& r) { r = {}; }) == errc::ok); // nothing there is no fault
}

TEST_CASE("an item is rendered from its facts, or as its kind says", "[kinds]") {
  auto kind = tea();
  const auto c = load_content(kind, "", {}).value();
  CHECK(rendered(kind, c.items[0].facts) == item{"Assam", "It is malty and strong.\n", ""});
  CHECK(rendered(kind, c.items[1].facts).link == "https://tea.example/s");
  CHECK(rendered(kind, {}) == item{}); // nothing to tell
  kind.render = [](const std::vector<fact>& facts) {
    return item{std::string(fact_named(facts, "title")), "a tea", {}};
  };
  CHECK(rendered(kind, c.items[1].facts) == item{"Sencha", "a tea", ""});
  const auto coin = kind_list{}.find("coin");
  CHECK(rendered(*coin, {{"title", "Atom"}, {"symbol", "ATOM"}, {"chain", "Cosmos Hub"}}).body ==
        "Atom (ATOM) is a coin from Cosmos Hub.\n");
}

TEST_CASE("a kind without content has none, of the width that is asked for", "[kinds]") {
  const auto none = load_content(*kind_list{}.find("host"), "", {.dim = 7});
  REQUIRE(none);
  CHECK((none->dim == 7 && none->items.empty() && !none->words));
  CHECK(load_content(*kind_list{}.find("host"), "", {}).code() == errc::bad_layout);
}
