/// The page, in a real browser: on a desktop's and on a phone's viewport.
#include "runtime/gateway/calls/bundled_files.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/source_path.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

using namespace ammo;
using namespace ammo::testing;

namespace {

/// Films that need no vectors from anybody: enough for several slates, some of them with markup in their texts.
cinema filled() {
  gateway_options with;
  with.figures = [slates = std::make_shared<std::atomic<int>>(0)]() -> std::vector<std::pair<std::string, double>> {
    const auto n = static_cast<double>(slates->fetch_add(10));
    return {{"slates", n}, {"regret", 2 * n}, {"regret_at_random", 5 * n}};
  };
  auto of = cinema::deployment();
  of.goal.generator = "template";
  cinema here(std::move(with), of);
  for (std::uint64_t i = 10; i < 40; ++i) {
    const auto angle = static_cast<float>(i);
    REQUIRE(here.rt->add_goal({.goal = goal_id{i},
                               .owner = owner_id{i},
                               .subspace = "film",
                               .grounded = {0.9f * std::cos(angle), 0.9f * std::sin(angle)},
                               .content = i,
                               .facts = {{"title", "<i>Film</i> " + std::to_string(i)}, {"text", "It was shot at night. <img src=x onerror=\"document.title='owned'\">. The train is real."}},
                               .item = std::make_shared<item>(item{"<b>Film</b> " + std::to_string(i) + " <img src=x onerror=\"document.title='owned'\">", "<script>document.title='owned'</script>" + std::string(300, 'x'), "https://example.org/" + std::to_string(i)})}));
  }
  return here;
}

const std::string shown = "document.querySelectorAll('#slate .actions').length";

std::uint64_t counted(runtime& rt, const std::string& name) {
  const auto all = rt.statistics();
  REQUIRE(all);
  return std::ranges::find(all->counters, name, &counter_value::name)->value;
}

/// By the keyboard alone: a person asks an item's creator twice, reads the item written anew by their words, and dismisses it.
void hold_session(browser& tab, runtime& rt, const std::string& name) {
  const std::string ask = "document.querySelector('#slate .actions button[aria-label^=\"Ask the creator: <b\"]')", // of one that has facts
    item = "document.querySelector('#slate li:has(.said:not([hidden]))')";
  tab.value(ask + ".focus()");
  tab.press("Enter");
  CHECK(tab.value(ask + ".getAttribute('aria-expanded')") == "true");
  REQUIRE(tab.becomes("document.activeElement.labels?.[0]?.textContent === 'Your question to who made this'"));
  const auto ask_for = [&](const std::string& words) {
    tab.value("document.activeElement.value = '" + words + "'");
    tab.press("Enter");
  };
  ask_for("a <b>real</b> train");
  REQUIRE(tab.becomes("document.querySelectorAll('#slate .said .answer').length === 1"));
  CHECK(tab.becomes("/a <b>real<\\/b> train/.test(" + item + ".querySelector('h3').textContent)")); // written anew by their words
  CHECK(tab.value("/The train is real/.test(document.activeElement.textContent)") == true);            // from its facts; the focus is on the answer
  CHECK(tab.value(item + ".querySelector('.body').textContent === document.activeElement.textContent") == true);
  CHECK(tab.value("document.querySelector('#slate .asked').textContent") == "a <b>real</b> train");
  CHECK(tab.value("document.querySelectorAll('#slate b, #slate i, #slate img, #slate script').length") == 0); // markup is text, here too
  CHECK(tab.value(item + ".querySelector('.left').textContent") == "15 more questions.");
  tab.press("Tab");
  CHECK(tab.value("document.activeElement.tagName") == "INPUT");
  ask_for("the night");
  REQUIRE(tab.becomes("document.querySelectorAll('#slate .said .answer').length === 2"));
  CHECK(tab.value("document.documentElement.scrollWidth <= innerWidth") == true);
  CHECK(tab.value("[...document.querySelectorAll('#slate button, #slate input')].filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).length") == 0);
  CHECK(tab.value("[...document.querySelectorAll('button, a, input')].filter(e => e.offsetParent && !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).length") == 0);
  CHECK(tab.value("document.querySelector('#status').textContent.length > 0") == true); // said to who listens
  tab.picture(name + "-session");
  CHECK(counted(rt, "questions") == 2);

  // What they think of it reaches both buddies, and the session has ended.
  tab.value("{ const dismiss = " + item + ".querySelector('button[aria-label^=Dismiss]'); dismiss.focus(); }");
  tab.press("Enter");
  REQUIRE(tab.becomes("document.getElementById('observations').textContent === '2'"));
  CHECK(tab.becomes("!document.querySelector('#slate .session form label[for]')?.closest('.session')?.querySelector('.answer')"));
  for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20); counted(rt, "session_feedback") == 0 && std::chrono::steady_clock::now() < until;)
    ;
  CHECK(counted(rt, "session_feedback") == 1);
}

/// A person comes, reacts, says what they look for, and has everything forgotten.
void visit(int width, int height, const std::string& name) {
  if (chromium().empty()) {
    WARN("no chromium here: the page is not looked at");
    return;
  }
  auto here = filled();
  const auto address = "http://" + here.door->address() + '/';
  browser tab(address, width, height);
  REQUIRE(tab.becomes(shown + " === 6"));
  tab.picture(name + "-person");
  CHECK(tab.value("document.title") == "AMMO · For you");
  CHECK(tab.value("document.querySelectorAll('#slate b, #slate img, #slate script').length") == 0); // markup is text
  CHECK(tab.value("document.documentElement.scrollWidth <= innerWidth") == true);                  // nothing sticks out
  CHECK(tab.becomes("[...document.querySelectorAll('button, input, nav a')].filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).length === 0")); // 44 px, once it is laid out
  CHECK(tab.value("[...document.querySelectorAll('button, a, input')].filter(e => e.offsetParent && !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).length") == 0);

  // A like by the keyboard: it is said, learned from, and the focus isn't lost.
  tab.value("document.querySelector('#slate .actions button').focus()");
  tab.press("Enter");
  REQUIRE(tab.becomes("document.querySelector('#slate .given')"));
  CHECK(tab.becomes("document.getElementById('observations').textContent === '1'"));
  CHECK(tab.value("document.activeElement.className") == "given");
  CHECK(tab.value("document.querySelector('#slate .given').textContent") == "You like it.");

  // Why another one is shown, told on demand and put away again.
  const std::string why = "document.querySelector('#slate .actions button[aria-label^=Why]')";
  tab.value(why + ".click()");
  CHECK(tab.becomes("/expected to be worth .* usual here/.test(document.querySelector('#slate .why:not([hidden])')?.textContent)"));
  CHECK(tab.value(why + ".getAttribute('aria-expanded')") == "true");
  tab.picture(name + "-why");
  tab.value(why + ".click()");
  CHECK(tab.value("document.querySelectorAll('#slate .why:not([hidden])').length") == 0);

  hold_session(tab, *here.rt, name);

  // Fewer slots: a shorter slate.
  tab.value("{ const s = document.getElementById('slots'); s.value = 3; s.dispatchEvent(new Event('input')); s.dispatchEvent(new Event('change')); }");
  CHECK(tab.becomes(shown + " === 3"));
  CHECK(tab.value("document.getElementById('slots-said').textContent") == "3");

  // Words that nobody knows here are refused in words.
  tab.value("{ document.getElementById('words').value = 'heist'; document.querySelector('#interest button').click(); }");
  CHECK(tab.becomes("document.querySelector('#status.bad')"));

  // Forgetting asks first.
  const auto before = tab.value("localStorage.getItem('ammo.user')");
  tab.value("document.getElementById('forget').click()");
  CHECK(tab.value("document.activeElement.id") == "forget-no");
  tab.value("document.getElementById('forget-yes').click()");
  REQUIRE(tab.becomes("document.getElementById('observations').textContent === '0'"));
  CHECK(tab.value("localStorage.getItem('ammo.user')") != before);
  CHECK(here.rt->regret(user_id{std::stoull(before.get<std::string>())}).code() == errc::unknown_user);

  // The operator's view, reached by its link.
  tab.value("document.getElementById('to-operator').click()");
  CHECK(tab.becomes("document.querySelectorAll('#figures dd').length === 10"));
  CHECK(tab.becomes("(document.querySelector('#regret-chart .a')?.getAttribute('points') ?? '').split(' ').length >= 3"));
  CHECK(tab.becomes("/subspace film.*works/.test(document.getElementById('health').textContent)"));
  CHECK(tab.value("document.getElementById('health-said').textContent") == "every part is well");
  CHECK(tab.value("document.getElementById('person-view').hidden") == true);
  CHECK(tab.value("document.documentElement.scrollWidth <= innerWidth") == true);
  CHECK(tab.becomes("/bad_text/.test(document.getElementById('refused').textContent)"));
  CHECK(tab.value("[...document.querySelectorAll('td, th')].filter(c => c.offsetParent && c.clientHeight > 60).length") == 0); // no word is broken to bits
  tab.picture(name + "-operator");

  // The refusal of the unknown words is the only thing that the browser's log may hold.
  for (const auto& complaint : tab.complaints())
    CHECK_THAT(complaint, Catch::Matchers::Contains("422"));
  CHECK(tab.value("document.title") == "AMMO · Operator");
}

} // namespace

TEST_CASE("the page on a desktop") { visit(1280, 900, "desktop"); }

TEST_CASE("the page on a phone") { visit(360, 740, "phone"); }

TEST_CASE("what enters a visitor's slate is pushed to the page") {
  if (chromium().empty()) {
    WARN("no chromium here: the page is not looked at");
    return;
  }
  cinema here;
  browser tab("http://" + here.door->address() + '/', 1280, 900);
  REQUIRE(tab.becomes(shown + " > 0"));
  const auto visitor = user_id{std::stoull(tab.value("localStorage.getItem('ammo.user')").get<std::string>())};
  for (int i = 0; i < 40; ++i) {
    const auto asked = here.rt->ask(visitor, 2);
    REQUIRE(asked);
    for (const auto& c : asked->creations)
      REQUIRE(here.rt->feedback(visitor, c.impression, c.goal == goal_id{1} ? 1.0 : -1.0));
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (std::uint64_t goal = 1'000; here.rt->statistics()->pushes == 0 && std::chrono::steady_clock::now() < until; ++goal)
    REQUIRE(here.rt->add_goal({.goal = goal_id{goal}, .owner = owner_id{goal}, .subspace = "film", .grounded = {0.96f, 0.2f}, .content = goal, .item = std::make_shared<item>(item{"Premiere", "", ""})}));
  CHECK(tab.becomes("/New for you/.test(document.getElementById('status').textContent)"));
  CHECK(tab.becomes("/Premiere/.test(document.getElementById('slate').textContent)"));
  CHECK(tab.complaints().empty());
}

TEST_CASE("subspaces differ on the page as their kinds and options say") {
  if (chromium().empty()) {
    WARN("no chromium here: the page is not looked at");
    return;
  }
  auto all = options::built_in("all");
  REQUIRE(all);
  all->data_root = ammo::test::source_path("subspaces");
  all->threads = 2;
  all->slots = 12; // so that a slate with nothing of a subspace is rare
  all->subspaces[0].signals = {{"stake", 0.9}};
  all->subspaces[0].takes = {"like", "stake", "dismiss"};
  all->subspaces[0].label = "Tokens";
  all->subspaces[0].item_title = "{title} ({symbol})";
  auto rt = runtime::start(*all);
  REQUIRE(rt);
  gateway_options with;
  with.listen = "127.0.0.1:0";
  auto door = gateway::start(**rt, *all, with);
  REQUIRE(door);
  for (const auto& [width, height, name] : {std::tuple(1280, 900, "kinds-desktop"), std::tuple(360, 740, "kinds-phone")}) {
    browser tab("http://" + (*door)->address() + '/', width, height);
    REQUIRE(tab.becomes(shown + " > 0"));
    const auto of = [](const std::string& label) { return "[...document.querySelectorAll('#slate > li')].find(l => l.querySelector('.kind').textContent.endsWith('" + label + "'))"; };
    for (int asked = 0; asked < 100 && !tab.value("!!(" + of("Tokens") + " && " + of("Occupations") + " && " + of("Courses") + ")").get<bool>(); ++asked) {
      const auto before = tab.value("document.querySelector('#slate h3').textContent").get<std::string>();
      tab.value("document.querySelectorAll('#slate .actions').forEach(a => a.querySelector('.signal-dismiss').click())"); // the next slate comes by itself
      REQUIRE(tab.becomes(shown + " > 0 && !document.querySelector('#slate .given')"));
    }
    tab.picture(name);
    const auto buttons = [&](const std::string& label) { return tab.value("[..." + of(label) + ".querySelectorAll('.actions [class^=signal]')].map(b => b.textContent).join()"); };
    CHECK(buttons("Tokens") == "Like,Stake,Not for me");
    CHECK(buttons("Occupations") == "Like,Keep,Share,I applied,Not for me");
    CHECK(buttons("Courses") == "Like,Bookmark,Share,I enrolled,Not for me");
    CHECK(tab.value("/ \\([^)]+\\)$/.test(" + of("Tokens") + ".querySelector('h3').textContent)") == true);
    CHECK(tab.value("new Set([...document.querySelectorAll('#slate > li')].map(l => getComputedStyle(l).borderLeftColor)).size") == 3);
    CHECK(tab.value(of("Occupations") + ".querySelector('.action').textContent") == "See the occupation at O*NET");
    CHECK(tab.value("document.documentElement.scrollWidth <= innerWidth") == true);
    tab.value(of("Tokens") + ".querySelector('.signal-stake').click()");
    CHECK(tab.becomes("document.querySelector('#slate .given')?.textContent === 'Noted: Stake.'"));
    CHECK(tab.complaints().empty());
  }
}

TEST_CASE("the page is small, and loads nothing from elsewhere") {
  std::size_t bytes = 0;
  for (const auto& file : web::bundled_files())
    if (file.name != "openapi.json") {
      bytes += file.text.size();
      CHECK(file.text.find("http://") == file.text.find("http://www.w3.org/2000/svg")); // the name of SVG
      CHECK(file.text.find("https://") == file.text.npos);
      CHECK(file.text.find("style=") == file.text.npos);
      CHECK(file.text.find("onclick") == file.text.npos);
    }
  CHECK(bytes > 1'000);
  CHECK(bytes <= 150'000);
  cinema here;
  auto got = here.client().get("/");
  CHECK(got.type == "text/html; charset=utf-8");
  CHECK(got.fields.at("Content-Security-Policy").find("unsafe") == std::string::npos);
  CHECK(got.fields.at("Content-Security-Policy").find("default-src 'none'") == 0);
  CHECK(here.client().get("/page.js").type == "text/javascript; charset=utf-8");
}
