#include "actors/aipp/aipp_mind.hpp"
#include "actors/evolution/genes.hpp"
#include "tests/conform/state.hpp"
#include "tests/support/moving_catalogues.hpp"

using namespace ammo;
using namespace ammo::test;

namespace {

/// People of both kinds, who are shown slates and say what they think; in time, twice, late, and of what they never
/// saw.
struct aipp_driver {
  using mind = aipp_mind;
  using state = aipp_mind_state;
  static constexpr std::uint64_t users = 14;

  static std::vector<std::string> configs() { return {"linear", "logistic_capped", "choice_strains"}; }

  aipp_driver(std::size_t which, std::uint64_t seed)
      : random{splitmix64(seed)}, catalogues(two_blocks()), strains(which == 2) {
    config = {.space = catalogues.space, .people = {}, .slots = 3, .exactly = which == 1};
    config.open_impressions = 6;
    config.impression_days = 5;
    config.shard = 1;
    config.shards = 4;
    config.people.model = which == 0   ? feedback_model::linear
                          : which == 1 ? feedback_model::logistic
                                       : feedback_model::choice;
    if (which == 1)
      config.caps = {.per_goal = 1, .per_subspace = {2}};
  }

  mind make() const { return mind(config); }
  result<mind> restore(const state& s) const { return mind::restore(config, s); }
  user_id user() { return user_id{random.below(users)}; }
  impression_id impression() {
    const auto back = random.below(std::min<std::uint64_t>(impressions + 2, 40));
    return make_impression_id(random.one_in(30) ? 2 : 1, impressions + 1 - std::min(back, impressions + 1));
  }

  input<mind> draw() {
    switch (random.below(strains ? 19 : 17)) {
    case 0:
      return [c = catalogues.next(random).snapshot](mind& m, answers&) { m.see(c); };
    case 1:
      return come();
    case 2:
      return [u = user(), really = random.one_in(4)](mind& m, answers& out) {
        if (really)
          out << m.remove(u).code() << m.finished();
        out << m.rounds_left(u) << m.people() << m.has(u);
      };
    case 3:
      return [t = clock_tick{++periods, static_cast<std::uint32_t>(random.below(6))}](mind& m, answers& out) {
        m.begin(t);
        out << m.finished();
      };
    case 4:
      return [](mind& m, answers& out) {
        const auto c = m.close();
        out << c.report << c.played;
        m.refused().take([&](errc code, std::uint32_t n) { out << code << n; });
      };
    case 5:
    case 6:
    case 7:
    case 8:
    case 9:
    case 10:
      return granted();
    case 11:
    case 12:
      return [f = feedback{user(), impression(), random.real(-1.05, 1.05), 0}](mind& m, answers& out) {
        answer(m.take(f), out);
      };
    case 13:
      return [f = graded_feedback{user(), impression(), static_cast<signal>(random.below(signals)), 0}](
                 mind& m, answers& out) { answer(m.take(f), out); };
    case 14:
      return [p = stated_preference{user(), impression(), impression(), 0}](mind& m, answers& out) {
        answer(m.take(p), out);
      };
    case 15:
      return [back = random.below(4), u = user(), real = !random.one_in(4), shown = !random.one_in(3)](mind& m, answers& out) {
        const auto waiting = m.save().undelivered;
        slate_outcome o{u, back, shown};
        if (real && back < waiting.size())
          o = {waiting[waiting.size() - 1 - back].user, waiting[waiting.size() - 1 - back].delivery, shown};
        out << m.take(o);
      };
    case 16:
      return [day = today += random.one_in(4)](mind& m, answers& out) {
        m.at(day);
        out << m.take_expired();
      };
    case 17:
      return [period = periods](mind& m, answers& out) {
        if (const auto report = m.strains(period))
          out << *report;
      };
    default:
      return deal();
    }
  }

  template <class T> static void answer(const result<T>& r, answers& out) {
    out << r.code();
    if (r)
      out << *r;
  }

  input<mind> come() {
    std::optional<person> who;
    if (!random.one_in(3)) {
      who = person{random.vector(7), {}};
      for (auto n = random.below(4); n > 0; --n)
        who->held_out.push_back(random.below(50));
    }
    return [u = user(), who](mind& m, answers& out) { out << m.add(u, who).code(); };
  }

  input<mind> granted() {
    slate_granted g{.user = user(),
                    .round = ++rounds,
                    .why = random.one_in(3) ? occasion::request : occasion::round,
                    .request = rounds,
                    .code = random.one_in(12) ? errc::too_many_slots : errc::ok,
                    .impressions = {}};
    for (auto n = g.code == errc::ok ? random.below(5) : 0; n > 0; --n)
      g.impressions.push_back(
          {make_impression_id(1, ++impressions), catalogues.some(random), {0.25f, propensity_source::exact}});
    return [g](mind& m, answers& out) {
      const auto o = m.granted(g);
      out << o.code << o.finished;
      if (o.learned)
        out << *o.learned;
      if (o.delivered)
        out << *o.delivered;
    };
  }

  input<mind> deal() {
    strain_news n{++generations, {}};
    for (std::uint64_t i = 1; i < 4; ++i)
      n.strains.push_back({i, buddy_kind::user, {}, {{gene::noise, random.real(0.1, 1)}}});
    return [n](mind& m, answers& out) { out << m.deal(n); };
  }

  dice random;
  moving_catalogues catalogues;
  bool strains;
  aipp_config config;
  std::uint32_t today = 100;
  std::uint64_t rounds = 0, impressions = 0, periods = 0, generations = 0;
};

} // namespace

TEST_CASE("an AiPP shard restored is the shard that was saved", "[state]") { conforms<aipp_driver>(); }

TEST_CASE("a log of impressions goes on where more are kept than before", "[state]") {
  impression_log log(3, 0);
  for (std::uint64_t i = 1; i <= 5; ++i)
    log.open(make_impression_id(0, i), user_id{7}, {creation_id{i}, i, false});
  auto more = impression_log::restore(5, 0, 0, log.save()).value();
  for (std::uint64_t i = 6; i <= 8; ++i)
    more.open(make_impression_id(0, i), user_id{7}, {creation_id{i}, i, false});
  for (std::uint64_t i = 1; i <= 8; ++i)
    CHECK(more.peek(make_impression_id(0, i), user_id{7}).code() == (i < 4 ? errc::feedback_late : errc::ok));
  CHECK(impression_log::restore(2, 0, 0, log.save()).code() == errc::bad_state);
}
