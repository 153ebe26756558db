/// Cheats gain nothing by default: each beside an honest twin, as a share of slots, for new and for experienced users.
#include "actors/protocol/state_codec.hpp"
#include "ammo/runtime.hpp"
#include "tests/support/market.hpp"

#include <algorithm>
#include <future>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr std::uint32_t dim = 16, slots = 5;
constexpr std::uint64_t cheat = 1'000'000; ///< contents and owners from here on are the cheat's

options deployment() {
  options o;
  o.slots = slots;
  o.goal.policy = "static";
  o.subspaces.push_back({.name = "film", .width = dim});
  return o;
}

/// Shares of slots that were the cheat's.
struct share {
  double first = 0, all = 0;
  std::size_t slates = 0, granted = 0;
  void add(const std::vector<shown_slot>& slate) {
    ++slates;
    granted += slate.size();
    first += !slate.empty() && slate[0].content >= cheat;
    for (const auto& s : slate)
      all += s.content >= cheat;
  }
  [[nodiscard]] double of_first() const { return first / static_cast<double>(slates); }
  [[nodiscard]] double of_all() const { return all / static_cast<double>(granted); }
};

struct shares {
  share fresh, experienced;
  std::size_t preferred = 0; ///< preferences that colluders have stated
};

double value_of(const point& e, const point& q) { return std::inner_product(e.begin(), e.end(), q.begin(), 0.0); }

constexpr std::size_t newcomers = 1'500; ///< people who are asked once, at the end

double noise(splitmix64& g) {
  float x = 0;
  standard_normal(g, {&x, 1});
  return 0.2 * x;
}

/// People of these tastes play rounds, of which the second half counts; then come those who are new. `place`: of a content.
template <class Place>
shares played(market& m, const std::vector<point>& tastes, int rounds, splitmix64& g, Place place) {
  shares out;
  std::vector<std::size_t> who;
  for (std::size_t u = 0; u < tastes.size(); ++u)
    who.push_back(m.arrive());
  for (int t = 0; t < rounds; ++t) {
    for (std::size_t u = 0; u < who.size(); ++u) {
      const auto slate = m.ask(who[u]);
      if (t >= rounds / 2)
        out.experienced.add(slate);
      for (const auto& s : slate)
        m.tell(who[u], s.impression, value_of(place(s.content), tastes[u]) + noise(g));
    }
    m.close();
  }
  for (std::size_t u = 0; u < newcomers; ++u)
    out.fresh.add(m.ask(m.arrive()));
  return out;
}

enum class crowd { none,
                   one_owner,
                   many_owners,
                   jittered };

/// A hundred honest creations about a centre, and at the centre one more, or a thousand.
shares flooded(crowd how, std::uint64_t seed, std::size_t experienced = 40, int rounds = 50) {
  splitmix64 g(seed);
  const point centre = direction(g, dim);
  const auto honest = around(centre, 100, 1.2, g);
  const auto tastes = around(centre, experienced, 1.5, g);
  market m(deployment(), seed);
  std::uint64_t n = 0;
  for (const point& e : honest) {
    m.offer(n, e, n);
    ++n;
  }
  const std::size_t many = how == crowd::none ? 1 : 1'000;
  std::vector<point> cheats;
  for (std::size_t i = 0; i < many; ++i) {
    cheats.push_back(how == crowd::jittered ? around(centre, 1, 0.02, g)[0] : centre);
    m.offer(cheat + i, cheats.back(), how == crowd::one_owner ? cheat : cheat + i);
  }
  m.publish();
  return played(m, tastes, rounds, g, [&](std::uint64_t content) -> const point& {
    return content >= cheat ? cheats[content - cheat] : honest[content];
  });
}

/// What colluders do for their item.
enum class channel {
  rewards,    ///< they like it, and dislike all else
  own,        ///< they like it, and all else as people do
  preferences ///< they prefer it to what is beside it, and dislike slates without it
};

/// Honest people and, of `colluders`, what they gain for an item: its share of the slates of who is new after `rounds`, and of those who have played them.
shares colluded(std::size_t colluders, int their_rounds, int rounds, std::uint64_t seed, channel how) {
  constexpr std::size_t honest = 495;
  splitmix64 g(seed), theirs(seed + 1'000);
  const point centre = direction(g, dim);
  const auto places = around(centre, 100, 1.2, g);
  const auto tastes = around(centre, honest, 1.5, g), their_tastes = around(centre, colluders, 1.5, theirs);
  market m(deployment(), seed);
  for (std::uint64_t i = 0; i + 1 < places.size(); ++i)
    m.offer(i, places[i], i);
  m.offer(cheat, places.back(), cheat);
  m.publish();
  std::vector<std::size_t> people, pushers;
  for (std::size_t u = 0; u < colluders; ++u)
    pushers.push_back(m.arrive());
  for (std::size_t u = 0; u < honest; ++u)
    people.push_back(m.arrive());
  const auto place = [&](std::uint64_t content) -> const point& { return content == cheat ? places.back() : places[content]; };
  shares out;
  const auto push = [&](std::size_t u) {
    const auto slate = m.ask(pushers[u]);
    const auto its = std::ranges::find(slate, cheat, &shown_slot::content);
    if (how == channel::preferences && its != slate.end() && slate.size() > 1) {
      out.preferred += m.prefer(pushers[u], its->impression, slate[its == slate.begin() ? 1 : 0].impression);
      return;
    }
    for (const auto& s : slate)
      if (s.content == cheat)
        m.tell(pushers[u], s.impression, 1);
      else
        m.tell(pushers[u], s.impression, how == channel::own ? value_of(place(s.content), their_tastes[u]) + noise(theirs) : -1);
  };
  for (int t = 0; t < std::max(rounds, their_rounds); ++t) {
    if (t < their_rounds)
      for (std::size_t u = 0; u < colluders; ++u)
        push(u);
    if (t < rounds)
      for (std::size_t u = 0; u < honest; ++u)
        for (const auto& s : m.ask(people[u]))
          m.tell(people[u], s.impression, value_of(place(s.content), tastes[u]) + noise(g));
    m.close();
  }
  for (std::size_t u = 0; u < newcomers; ++u)
    out.fresh.add(m.ask(m.arrive()));
  for (int t = 0; t < 3; ++t)
    for (std::size_t u : people)
      out.experienced.add(m.ask(u));
  return out;
}

/// One creation of that length in a direction of its own, among a hundred others'; people like it as one of theirs.
shares inflated(double cap, double others, double length, std::uint64_t seed, std::size_t experienced = 24, int rounds = 80) {
  splitmix64 g(seed);
  const point centre = direction(g, dim);
  auto honest = around(centre, 100, 1.2, g);
  for (point& e : honest)
    e = scaled(e, others);
  const auto tastes = around(centre, experienced, 1.5, g);
  const point place = scaled(around(centre, 1, 1.2, g)[0], others);
  auto o = deployment();
  o.subspaces[0].norm_cap = cap;
  o.subspaces[0].distance_price_micros = 0;
  market m(o, seed);
  for (std::uint64_t i = 0; i < honest.size(); ++i)
    m.offer(i, honest[i], i);
  m.offer(cheat, scaled(place, length), cheat);
  m.publish();
  return played(m, tastes, rounds, g, [&](std::uint64_t content) -> const point& { return content == cheat ? place : honest[content]; });
}

/// What one of a hundred gets where all get as much.
constexpr double fair = 0.01;

void add(share& to, const share& more) {
  to.first += more.first;
  to.all += more.all;
  to.slates += more.slates;
  to.granted += more.granted;
}

/// At most twice the honest twin's share; where that has less than anybody's, twice anybody's.
void gains_nothing(const share& cheated, const share& honest) {
  INFO("first " << cheated.of_first() << " for " << honest.of_first() << ", all " << cheated.of_all() << " for " << honest.of_all());
  CHECK(cheated.of_first() <= 2 * std::max(honest.of_first(), fair));
  CHECK(cheated.of_all() <= 2 * std::max(honest.of_all(), fair));
}

void floods_gain_nothing(crowd how, std::uint64_t seeds) {
  share fresh, twin_fresh, later, twin_later, experienced, twin_experienced;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    add(fresh, flooded(how, seed, 0, 0).fresh);
    add(twin_fresh, flooded(crowd::none, seed, 0, 0).fresh);
    const auto cheated = flooded(how, seed), honest = flooded(crowd::none, seed);
    add(later, cheated.fresh);
    add(twin_later, honest.fresh);
    add(experienced, cheated.experienced);
    add(twin_experienced, honest.experienced);
  }
  CAPTURE(static_cast<int>(how));
  gains_nothing(fresh, twin_fresh);
  gains_nothing(later, twin_later);
  gains_nothing(experienced, twin_experienced);
}

void collusion_gains_nothing(std::size_t colluders, int their_rounds, int rounds, std::uint64_t seeds, channel how = channel::rewards) {
  share fresh, twin_fresh, experienced, twin_experienced;
  std::size_t preferred = 0; // where slates hold the item seldom, not with every seed
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto cheated = colluded(colluders, their_rounds, rounds, seed, how), honest = colluded(0, 0, rounds, seed, how);
    add(fresh, cheated.fresh);
    add(twin_fresh, honest.fresh);
    add(experienced, cheated.experienced);
    add(twin_experienced, honest.experienced);
    preferred += cheated.preferred;
  }
  CHECK((preferred > 0) == (how == channel::preferences));
  CAPTURE(colluders, their_rounds, rounds, static_cast<int>(how));
  gains_nothing(fresh, twin_fresh);
  gains_nothing(experienced, twin_experienced);
}

/// `played`: others have, and the group is heard. Within the cap, length says how strong a creation is as soon as people have answered.
void length_gains_nothing(double cap, double others, double length, std::uint64_t seeds, bool played = true) {
  share fresh, twin_fresh, experienced, twin_experienced;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const std::size_t people = played ? 24 : 0;
    const int rounds = played ? 80 : 0;
    const auto cheated = inflated(cap, others, length, seed, people, rounds), honest = inflated(cap, others, others, seed, people, rounds);
    add(fresh, cheated.fresh);
    add(twin_fresh, honest.fresh);
    add(experienced, cheated.experienced);
    add(twin_experienced, honest.experienced);
  }
  CAPTURE(cap, others, length);
  gains_nothing(fresh, twin_fresh);
  if (played)
    gains_nothing(experienced, twin_experienced);
}

} // namespace

TEST_CASE("a thousand Goal Buddies at the centre get about what one would", "[cheats]") {
  for (auto how : {crowd::one_owner, crowd::many_owners, crowd::jittered})
    floods_gain_nothing(how, 2);
}

TEST_CASE("a thousand Goal Buddies at the centre get about what one would, over many seeds", "[cheats][.science]") {
  for (auto how : {crowd::one_owner, crowd::many_owners, crowd::jittered})
    floods_gain_nothing(how, 10);
}

TEST_CASE("one in a hundred people can't push an item to anybody, however many rounds they play", "[cheats]") {
  collusion_gains_nothing(5, 30, 1, 2);
  collusion_gains_nothing(5, 300, 5, 2);
}

TEST_CASE("one in a hundred people can't push an item to anybody, over many seeds", "[cheats][.science]") {
  for (int rounds : {1, 5, 30})
    for (int theirs : {30, 300})
      collusion_gains_nothing(5, theirs, rounds, 10);
}

TEST_CASE("an owner who likes their own content gains nothing by it", "[cheats]") {
  for (auto how : {channel::rewards, channel::own})
    collusion_gains_nothing(1, 300, 5, 2, how);
}

TEST_CASE("an owner who likes their own content gains nothing by it, over many seeds", "[cheats][.science]") {
  for (auto how : {channel::rewards, channel::own})
    for (int rounds : {1, 5, 30})
      for (int theirs : {30, 300})
        collusion_gains_nothing(1, theirs, rounds, 10, how);
}

TEST_CASE("one in a hundred people who prefer an item to all else can't push it to anybody", "[cheats]") {
  collusion_gains_nothing(5, 300, 5, 2, channel::preferences);
}

TEST_CASE("one in a hundred people who prefer an item to all else can't push it to anybody, over many seeds", "[cheats][.science]") {
  for (int rounds : {1, 5, 30})
    for (int theirs : {30, 300})
      collusion_gains_nothing(5, theirs, rounds, 10, channel::preferences);
}

TEST_CASE("length alone gains nothing", "[cheats]") {
  length_gains_nothing(100, 1, 100, 2);
  length_gains_nothing(1, 1, 1.00009, 2);
  length_gains_nothing(1, 0.5, 1, 2, false);
}

TEST_CASE("length alone gains nothing, over many seeds", "[cheats][.science]") {
  for (double length : {2.0, 10.0, 100.0})
    length_gains_nothing(100, 1, length, 10);
  length_gains_nothing(1, 1, 1.00009, 10);
  length_gains_nothing(1, 0.5, 1, 10, false);
}

TEST_CASE("replayed and forged feedback, and that of others, leaves no trace", "[cheats]") {
  const auto played = [](bool cheats) {
    splitmix64 g(1);
    market m(deployment(), 1);
    const auto places = around(direction(g, dim), 40, 1.2, g);
    for (std::uint64_t i = 0; i < places.size(); ++i)
      m.offer(i, places[i], i);
    m.publish();
    for (int u = 0; u < 6; ++u)
      m.arrive();
    for (int t = 0; t < 20; ++t) {
      for (std::size_t u = 0; u < 6; ++u)
        for (const auto& s : m.ask(u)) {
          if (cheats) {
            CHECK_FALSE(m.tell((u + 1) % 6, s.impression, 1));
            CHECK_FALSE(m.tell(u, impression_id{raw(s.impression) + 1'000'000}, 1));
            CHECK_FALSE(m.tell(u, impression_id{0}, 1));
          }
          REQUIRE(m.tell(u, s.impression, places[s.content][0]));
          if (cheats)
            CHECK_FALSE(m.tell(u, s.impression, 1));
        }
      m.close();
    }
    std::vector<frame> states{encode_state(m.aipp().save())};
    for (std::size_t u = 0; u < 6; ++u)
      states.push_back(encode_state(m.user(u).save()));
    return states;
  };
  CHECK((played(true) == played(false)));
}

TEST_CASE("a host's slates show one of a bunch, as long as there is something else", "[runtime][cheats]") {
  splitmix64 g(4);
  const point centre = direction(g, dim);
  auto started = runtime::start(deployment());
  REQUIRE(started);
  runtime& rt = **started;
  std::vector<std::future<result<creation_receipt>>> offers;
  const auto honest = around(centre, 30, 1.2, g);
  for (std::uint64_t i = 0; i < 230; ++i)
    offers.push_back(rt.add_goal({.goal = goal_id{i < 30 ? i : cheat + i}, .owner = owner_id{i}, .subspace = "film", .grounded = i < 30 ? honest[i] : centre, .content = i < 30 ? i : cheat + i}, use_future));
  for (auto& o : offers)
    REQUIRE(o.get());
  std::size_t crowd = 0, slates = 0;
  for (std::uint64_t u = 1; u <= 60; ++u) {
    REQUIRE(rt.add_user(user_id{u}));
    for (int t = 0; t < 5; ++t) {
      const auto s = rt.ask(user_id{u});
      REQUIRE(s);
      REQUIRE(s->creations.size() == slots);
      const auto of_it = std::ranges::count_if(s->creations, [](const auto& c) { return c.content >= cheat; });
      CHECK(of_it <= 1);
      crowd += static_cast<std::size_t>(of_it);
      ++slates;
    }
  }
  CHECK(crowd > 0);
  CHECK(crowd < slates);
}
