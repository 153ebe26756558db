#include "actors/protocol/written.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace ammo;

namespace {

written_creation fine() { return {"A title", "One line.\nAnother.\n", "https://a.example/x.png", "http://a.example/", "Read more"}; }

template <class Change>
result<void> checked(Change change) {
  auto w = fine();
  change(w);
  return check(w);
}

} // namespace

TEST_CASE("a text that is fit to be shown passes, with all or little in it", "[written]") {
  CHECK(check(fine()));
  CHECK(check(written_creation{"Only a title", {}, {}, {}, {}}));
  CHECK(checked([](auto& w) { w.title = "Größe, 東京, 🙂"; }));
  CHECK(checked([](auto& w) { w.body.assign(longest_body, 'x'); }));
  std::string long_title;
  for (std::size_t i = 0; i < longest_title; ++i)
    long_title += "é"; // characters count, not bytes
  CHECK(checked([&](auto& w) { w.title = long_title; }));
}

TEST_CASE("a text that isn't is refused by name, and the part is told", "[written]") {
  const auto control = GENERATE(as<std::string>{}, "\x1b[2J", "\r", "\t", std::string(1, '\0'), "\x7f", "\xC2\x9B" "1m", "\xE2\x80\xAE", "\xE2\x81\xA6");
  CHECK(checked([&](auto& w) { w.title += control; }).code() == errc::text_control);
  CHECK(checked([&](auto& w) { w.body += control; }).code() == errc::text_control);
  CHECK(checked([&](auto& w) { w.action += control; }).code() == errc::text_control);
  CHECK(checked([&](auto& w) { w.link += control; }).code() == errc::text_control);

  CHECK(checked([](auto& w) { w.title += '\n'; }).code() == errc::text_control);
  CHECK(checked([](auto& w) { w.title.clear(); }).code() == errc::bad_text);
  CHECK(checked([](auto& w) { w.body += "\xff"; }).code() == errc::bad_text);
  CHECK(checked([](auto& w) { w.title.assign(longest_title + 1, 'x'); }).code() == errc::text_too_long);
  CHECK(checked([](auto& w) { w.action.assign(longest_action + 1, 'x'); }).code() == errc::text_too_long);
  CHECK(checked([](auto& w) { w.link = "https://a.example/" + std::string(longest_link, 'x'); }).code() == errc::text_too_long);
  const auto too_long = checked([](auto& w) { w.body.assign(longest_body + 1, 'x'); });
  CHECK(too_long.code() == errc::text_too_long);
  CHECK(too_long.error().detail.find("the body has 4097 bytes, at most 4096") != std::string::npos);
}

TEST_CASE("whatever is said to be close by, what is fit of it is little and harmless", "[written][bad-input]") {
  const auto nan = std::nan("");
  const auto some = fit({{"far", 1.5}, {"no\x1b[2J\nwhere \xE2\x80\xAE", 0.5}, {"", 0.1}, {"\x1b", 0.1}, {"\xff", 0.1}, {"a", nan},
                         {"b", HUGE_VAL}, {"c", -0.1}, {"here", 0}, {std::string(10'000'000, 'x'), 2}});
  REQUIRE(some.size() == 4);
  CHECK(some[0] == neighbour{"here", 0});
  CHECK(some[1] == neighbour{"no [2J where", 0.5});
  CHECK(some[2] == neighbour{"far", 1.5});
  CHECK(some[3].title.size() == longest_neighbour);
  CHECK(fit(std::vector<neighbour>(10'000, {"x", 1})).size() == most_neighbours);
}

TEST_CASE("links lead to the web and nowhere else", "[written]") {
  const auto bad = GENERATE(as<std::string>{}, "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//a.example", "ftp://a.example",
                            "https://a.example/\" onclick=\"x", "https://a.example/<b>", "https://a example");
  CHECK(checked([&](auto& w) { w.link = bad; }).code() == errc::bad_link);
  CHECK(checked([&](auto& w) { w.media = bad; }).code() == errc::bad_link);
  CHECK(to_html({"t", "b", bad, bad, "go"}).find(bad) == std::string::npos); // even where nobody has checked
}

TEST_CASE("a page shows what was written and runs none of it", "[written]") {
  const auto page = to_html({"<script>x</script>", "a & b\n\"c\" 'd'", {}, "https://a.example/?x=1&y=2", "<i>go</i>"});
  CHECK(page.find("<script>") == std::string::npos);
  CHECK(page.find("<i>") == std::string::npos);
  CHECK(page.find("&lt;script&gt;") != std::string::npos);
  CHECK(page.find("<p>a &amp; b</p>") != std::string::npos);
  CHECK(page.find("<p>&quot;c&quot; &#39;d&#39;</p>") != std::string::npos);
  CHECK(page.find("href=\"https://a.example/?x=1&amp;y=2\"") != std::string::npos);
  CHECK(to_text(fine()) == "A title\nOne line.\nAnother.\nRead more: http://a.example/\n");
  CHECK(to_text({"t", "b", {}, {}, {}}) == "t\nb\n");
}

TEST_CASE("what data files say becomes a fact that passes", "[written]") {
  CHECK(plain("  a\tb\r\n\x1b[1m c  ") == "a b [1m c");
  CHECK(plain("ééé", 5) == "éé"); // no half a character
  CHECK(plain("one two three", 9) == "one two"); // nor half a word
  CHECK(plain("one two three", 7) == "one two");
  CHECK(plain("") == "");
  const std::vector<fact> facts{{"title", plain("A\x07")}, {"link", "https://a.example"}};
  CHECK(check(facts));
  CHECK(words_of(facts) == "A");
  CHECK(fact_named(facts, "link") == "https://a.example");
  CHECK(fact_named(facts, "none") == "");
  CHECK(check(std::vector<fact>{{"x", "\x07"}}).code() == errc::text_control);
  CHECK(check(std::vector<fact>(most_facts + 1)).code() == errc::text_too_long);
  CHECK(check(std::vector<fact>{{"x", std::string(longest_fact + 1, 'x')}}).code() == errc::text_too_long);
}
