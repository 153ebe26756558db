#include "actors/space/ball.hpp"
#include "subspaces/content.hpp"
#include "subspaces/template_writer.hpp"
#include "subspaces/text.hpp"
#include "subspaces/writing_desk.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <map>
#include <set>

using namespace ammo;

namespace {

struct kind {
  const char *name, *wish;
};
constexpr kind kinds[] = {{"coin", "liquid staking"}, {"job", "nurses and physicians"}, {"edu", "machine learning"}};

const content& loaded(const std::string& name) {
  static std::map<std::string, content> all;
  auto [at, fresh] = all.try_emplace(name);
  if (fresh)
    at->second = load_content(name, ammo::test::source_path("subspaces"), {}).value();
  return at->second;
}

written_creation written(const char* name, const writing_request& r) {
  auto text = written_by_template(forms_of(name), r);
  INFO((text ? std::string() : text.error().text()));
  REQUIRE(text);
  return *text;
}

} // namespace

TEST_CASE("every item of real data is written of, and what is said is in its facts", "[writers]") {
  for (const auto& [name, wish] : kinds) {
    const auto& c = loaded(name);
    const auto own = words_of_forms(forms_of(name));
    std::size_t strange = 0, unfit = 0;
    std::string example;
    for (std::size_t i = 0; i < c.items.size(); ++i) {
      const auto r = request_of(c, i, wish, {1, 1}, i);
      const auto text = written_by_template(forms_of(name), r);
      if (!text || !check(c.items[i].facts)) {
        ++unfit;
        continue;
      }
      std::set<std::string> known(own.begin(), own.end());
      for (const auto& w : tokens(wish + ('\n' + words_of(r.facts))))
        known.insert(w);
      for (const auto& w : tokens(text->title + '\n' + text->body + '\n' + text->action))
        if (!known.contains(w)) {
          ++strange;
          example = w + " of " + c.items[i].key;
        }
      strange += text->link != fact_named(r.facts, "link");
    }
    CAPTURE(name, example);
    CHECK(unfit == 0);
    CHECK(strange == 0);
  }
}

TEST_CASE("the same seed gives the same text; the style and another seed another one", "[writers]") {
  for (const auto& [name, wish] : kinds) {
    const auto& c = loaded(name);
    const auto usual = written(name, request_of(c, 7, wish, {0.5, 0.3}));
    CHECK(usual == written(name, request_of(c, 7, wish, {0.5, 0.3})));
    std::set<std::string> bodies;
    for (std::uint64_t seed = 1; seed <= 20; ++seed)
      bodies.insert(written(name, request_of(c, 7, wish, {0.5, 0.3}, seed)).body);
    CHECK(bodies.size() > 2);
    CHECK(written(name, request_of(c, 7, wish, {0.5, 1})).body.size() > written(name, request_of(c, 7, wish, {0.5, 0})).body.size());
    CHECK(written(name, request_of(c, 7, wish, {0, 0.3})).body.find(wish) == std::string::npos);
    CHECK(written(name, request_of(c, 7, wish, {1, 0.3})).title.find(wish) != std::string::npos);
    CHECK(written(name, request_of(c, 7, "", {1, 0.3})).title == c.items[7].title); // nobody asked
  }
}

TEST_CASE("the further a text reaches for what was asked, the further it lies from the facts, and the nearer to what was asked",
          "[writers]") {
  for (const auto& [name, wish] : kinds) {
    const auto& c = loaded(name);
    const auto target = c.words->embed(wish).value();
    double distance = -1, likeness = -1;
    for (double reach : {0.0, 0.25, 0.5, 0.75, 1.0}) {
      double d = 0, l = 0;
      constexpr std::size_t step = 23;
      for (std::size_t i = 0; i < c.items.size(); i += step) {
        const auto r = request_of(c, i, wish, {reach, 1});
        const auto e = place_of(text_sense::of(c.words), r, written(name, r), 1).value();
        d += ball::squared_distance(e, r.grounded.values) / 2;
        l += ball::dot(e, target);
      }
      CAPTURE(name, reach);
      CHECK(d > distance);
      CHECK(l > likeness);
      distance = d;
      likeness = l;
    }
  }
}

TEST_CASE("a text of nothing but the facts lies where they lie", "[writers]") {
  for (const auto& [name, wish] : kinds) {
    const auto& c = loaded(name);
    const auto r = request_of(c, 11, {}, {0, 1});
    written_creation all{"", words_of(r.facts), {}, {}, {}};
    CHECK(ball::squared_distance(place_of(text_sense::of(c.words), r, all, 1).value(), r.grounded.values) < 1e-10);
  }
}

TEST_CASE("a text names the nearest alternatives, and says nothing of them but their names", "[writers]") {
  for (const auto& [name, wish] : kinds) {
    const auto& c = loaded(name);
    std::size_t naming = 0, asked = 0;
    for (std::size_t i = 0; i < c.items.size(); i += 29) {
      auto r = request_of(c, i, {}, {0, 1}, i);
      const auto alone = written(name, r);
      r.nearby = neighbours_of(c, i);
      CAPTURE(name, c.items[i].title);
      REQUIRE(r.nearby.size() == most_neighbours);
      const auto body = written(name, r).body;
      std::set<std::string> known;
      for (const auto& w : words_of_forms(forms_of(name)))
        known.insert(w);
      std::string all = words_of(r.facts);
      for (const auto& n : r.nearby)
        all += '\n' + n.title;
      for (const auto& w : tokens(all))
        known.insert(w);
      for (const auto& w : tokens(body))
        CHECK(known.contains(w));
      const auto other = std::ranges::find_if(r.nearby, [&](const auto& n) { return n.title != c.items[i].title; });
      if (other == r.nearby.end())
        continue;
      ++asked;
      naming += body.find(plain(other->title, 80)) != std::string::npos && body != alone.body;
    }
    CAPTURE(name, naming, asked);
    CHECK(naming * 10 >= asked * 9); // where facts are many, there is no room
  }
}

TEST_CASE("a text names each alternative once, two at most, and never itself", "[writers]") {
  auto r = request_of(loaded("coin"), 2, {}, {0, 1});
  const auto own = std::string(fact_named(r.facts, "title"));
  const auto body = [&](std::vector<neighbour> nearby) {
    r.nearby = std::move(nearby);
    return written("coin", r).body;
  };
  const auto many = body({{own, 0}, {"Alpha", 0.1}, {"Alpha", 0.2}, {"Beta", 0.3}, {"Gamma", 0.4}});
  CHECK(many.find("alternatives here: Alpha and Beta.") != std::string::npos);
  CHECK(body({{own, 0}, {"Alpha", 0.1}}).find("alternatives here: Alpha.") != std::string::npos);
  CHECK(body({{own, 0}}).find("alternatives") == std::string::npos);
  CHECK(body({}).find("alternatives") == std::string::npos);
}

TEST_CASE("a text with neighbours still costs little where it states facts", "[writers]") {
  for (const auto& [name, wish] : kinds) {
    const auto& c = loaded(name);
    double sum = 0, texts = 0;
    for (std::size_t i = 0; i < c.items.size(); i += 23) {
      auto r = request_of(c, i, {}, {0, 0.5});
      r.nearby = neighbours_of(c, i);
      sum += ball::half_squared_distance(place_of(text_sense::of(c.words), r, written(name, r), 1).value(), r.grounded.values);
      ++texts;
    }
    CAPTURE(name, sum / texts);
    CHECK(sum / texts < 0.04);
  }
}

TEST_CASE("words lie where they are said to lie", "[text]") {
  for (const auto& [name, wish] : kinds) {
    const auto& c = loaded(name);
    const auto v = c.words->embed(wish).value();
    const auto near = c.words->nearest_words(v, 3);
    REQUIRE(near.size() == 3);
    const auto back = c.words->embed(near[0] + ' ' + near[1] + ' ' + near[2]).value();
    CAPTURE(name, near);
    CHECK(dot(back.data(), v.data(), c.dim) > 0.6);
  }
  CHECK(loaded("coin").words->nearest_words(std::vector<float>(loaded("coin").dim), 3).empty()); // no direction, no words
}

TEST_CASE("a desk finds words for a direction, and reaches as far as it is away", "[writers]") {
  const auto& c = loaded("coin");
  writing_desk desk(std::make_shared<template_writer>("coin"), text_sense::of(c.words), c.dim, 1);
  const auto ask = [&](double far) {
    auto r = request_of(c, 2, {}, {1, 0.3});
    const auto target = c.words->embed("liquid staking").value();
    r.direction.values = ball::between(r.grounded.values, target, far, 1);
    written_news out;
    desk.write(r, [&](written_news n) { out = std::move(n); });
    REQUIRE(out.code == errc::ok);
    return std::pair(ball::squared_distance(out.e.values, r.grounded.values), ball::dot(out.e.values, target));
  };
  const auto near = ask(0.1), far = ask(1);
  CHECK(near.first < far.first);
  CHECK(near.second < far.second);
}

namespace {

/// Answers what it is told to answer.
struct puppet final : text_generator {
  written_news says;
  writing_request heard;
  std::uint64_t write(writing_request r, answer done) override {
    heard = r;
    says.goal = r.goal;
    says.request = r.request;
    done(says);
    return 0;
  }
};

} // namespace

TEST_CASE("a desk refuses by name what a generator shouldn't have written", "[writers]") {
  const auto& c = loaded("coin");
  auto who = std::make_shared<puppet>();
  const auto asked = [&](std::shared_ptr<const text_index> words, written_creation text, std::vector<float> e = {}, writing_order order = writing_order::draft) {
    who->says = {};
    who->says.text = std::move(text);
    who->says.e.values = std::move(e);
    written_news out;
    auto wanted = request_of(c, 2, "staking", {});
    wanted.order = order;
    writing_desk(who, text_sense::of(std::move(words)), c.dim, 1).write(std::move(wanted), [&](written_news n) { out = std::move(n); });
    return out;
  };
  const written_creation good{"ATOM for staking", "On Cosmos.", {}, {}, {}};
  const std::vector<float> flat(c.dim, 0.1f);
  const float nan = std::numeric_limits<float>::quiet_NaN();

  CHECK(asked(c.words, good).code == errc::ok);
  CHECK(asked(c.words, good, flat).e.values != flat); // it can't say itself where its text lies
  CHECK(asked(c.words, good, {nan}).code == errc::not_finite);
  CHECK(asked(c.words, {"\x1b[2J", "x", {}, {}, {}}).code == errc::text_control);
  CHECK(asked(c.words, {"t", std::string(10'000'000, 'x'), {}, {}, {}}).code == errc::text_too_long);
  CHECK(asked(c.words, {"qqqq", "zzzz", {}, {}, {}}).code == errc::bad_text); // no word means anything here
  CHECK(asked(nullptr, good, flat).e.values == flat); // where texts aren't understood, it has to
  CHECK(std::ranges::equal(asked(nullptr, good).e.values, c.embedding(2))); // a draft is told beside its facts
  CHECK(asked(nullptr, good, {}, writing_order::publish).code == errc::wrong_dimension);
  CHECK(asked(nullptr, good, std::vector<float>(c.dim, 1)).code == errc::norm_over_cap);
  CHECK(asked(nullptr, good, std::vector<float>(c.dim, nan)).code == errc::not_finite);
}

TEST_CASE("a desk passes on what is fit of what is close by", "[writers][bad-input]") {
  const auto& c = loaded("coin");
  auto who = std::make_shared<puppet>();
  who->says.text = {"ATOM for staking", {}, {}, {}, {}};
  auto r = request_of(c, 2, "staking", {});
  r.nearby.assign(10'000, {std::string(5'000, 'x'), 1});
  r.nearby.push_back({"rival\x1b[2J", 0.5});
  r.nearby.push_back({"nowhere", std::numeric_limits<double>::quiet_NaN()});
  written_news out;
  writing_desk(who, text_sense::of(c.words), c.dim, 1).write(std::move(r), [&](written_news n) { out = std::move(n); });
  CHECK(out.code == errc::ok);
  REQUIRE(who->heard.nearby.size() == most_neighbours);
  CHECK(who->heard.nearby[0] == neighbour{"rival [2J", 0.5});
  CHECK(who->heard.nearby[1].title.size() == longest_neighbour);
}

TEST_CASE("a question is quoted, not taken for what is looked for", "[writers][session]") {
  const auto& c = loaded("coin");
  const auto text = written("coin", request_of(c, 0, "can I stake it?", {0.5, 0.5}, 7));
  CHECK(text.title.find("\"can I stake it?\"") != std::string::npos);
  CHECK(text.body.find("\"can I stake it?\"") != std::string::npos);
  CHECK(text.body.find("??") == std::string::npos);
}
