#include "actors/protocol/state_codec.hpp"
#include "actors/space/catalogue.hpp"
#include "tests/support/hex.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>

using namespace ammo;
using namespace ammo::test;

namespace {

template <class State> errc decoded(std::string_view hex) { return decode_state<State>(from_hex(hex)).code(); }

/// A catalogue of two panels, of which the second changed from one version to the next.
struct two_versions {
  two_versions() : builder(subspace_id{0}, {0, 2}) {
    const std::vector<float> e{0.5f, 0.25f};
    for (std::uint32_t i = 0; i < panel_rows + 1; ++i)
      last = *builder.add(goal_id{1}, owner_id{2}, i, e);
    before = builder.publish();
    last = *builder.move(goal_id{1}, last, e);
    after = builder.publish();
  }
  catalogue builder;
  creation_id last{};
  std::shared_ptr<const catalogue_version> before, after;
};

} // namespace

TEST_CASE("a snapshot's head says its version and whose state it is", "[wire][state]") {
  CHECK(to_hex(encode_state(population_mind_state{5, {}, {}, 0, {}, {}})) == "94 00 08 93 90 90 90 97 05 90 90 00 90 90 90\n");
  CHECK(decoded<population_mind_state>("94 00 08 92 90 90 91 05") == errc::ok);
  CHECK(decode_state<population_mind_state>(from_hex("94 00 08 92 90 90 90"))->pass == 0);
  CHECK(decode_state<population_mind_state>(from_hex("94 00 08 92 90 90 99 05 90 90 00 90 90 90 c0 93 01 02 03"))->pass ==
        5); // a newer one
  CHECK(decoded<population_mind_state>("94 01 08 92 90 90 91 05") == errc::frame_wrong_version);
  CHECK(decoded<population_mind_state>("91 a1 78") == errc::frame_wrong_shape);
  CHECK(decoded<evolution_mind_state>("94 00 08 92 90 90 91 05") == errc::frame_unknown_type);
  CHECK(decoded<population_mind_state>("93 00 08 92 90 90") == errc::frame_wrong_shape);
  CHECK(decoded<population_mind_state>("94 00 08 92 90 90 91 05 00") == errc::frame_trailing_bytes);
  CHECK(decoded<population_mind_state>("94 00 08 92 90 90 94 05 90 91 cb 7ff8000000000000") == errc::not_finite);
  CHECK(decoded<population_mind_state>("97 01 08 00 00 00 00 91 05") == errc::frame_wrong_version); // a message
}

TEST_CASE("a state's reals come back to the bit", "[wire][state]") {
  for (double x : {0.0, -0.0, 1.0, -1.0, 0.1, 1e300, 5e-324, -3e18, 0x1p63, 0x1p64}) {
    goal_mind_state s;
    s.visibility = x;
    s.strategy = climbing_state{false, {{-0.0f, 1e-45f}}, {}, x, 1, 0};
    const auto back = decode_state<goal_mind_state>(encode_state(s)).value();
    CHECK(std::bit_cast<std::uint64_t>(back.visibility) == std::bit_cast<std::uint64_t>(x));
    const auto& climber = std::get<climbing_state>(back.strategy);
    CHECK(std::bit_cast<std::uint64_t>(climber.best_utility) == std::bit_cast<std::uint64_t>(x));
    CHECK(std::signbit(climber.best.values.at(0)));
    CHECK(climber.best.values.at(1) == 1e-45f);
  }
}

TEST_CASE("every state has a kind and a name of its own", "[wire][state]") {
  std::uint16_t last = 0;
#define AMMO_CHECK_KIND(s)                                                                                             \
  CHECK(s::kind > last);                                                                                               \
  CHECK(state_name(s::kind) == #s);                                                                                    \
  last = s::kind;
  AMMO_EACH_STATE(AMMO_CHECK_KIND)
#undef AMMO_CHECK_KIND
  CHECK(state_name(0) == "unknown");
  CHECK(state_name(static_cast<std::uint16_t>(last + 1)) == "unknown");
}

TEST_CASE("a snapshot holds a catalogue version once, and what two versions share once", "[wire][state]") {
  const two_versions c;
  aipp_mind_state one, two, three;
  one.catalogues = {c.after};
  two.catalogues = {c.after, c.after, nullptr};
  three.catalogues = {c.after};
  three.previous = {c.before};
  const auto size = encode_state(one).size();
  CHECK(encode_state(two).size() == size + 2);
  CHECK(encode_state(three).size() < size + 64);

  const auto back = decode_state<aipp_mind_state>(encode_state(three)).value();
  const auto &now = *back.catalogues.at(0), &then = *back.previous.at(0);
  CHECK(now.version() == 2);
  CHECK(now.live() == panel_rows + 1);
  CHECK(now.panels()[0] == then.panels()[0]);
  CHECK(now.panels()[1] != then.panels()[1]);
  CHECK(now.find(c.last) != nullptr);
  CHECK(then.find(c.last) == nullptr);
  const auto same = decode_state<aipp_mind_state>(encode_state(two)).value();
  CHECK(same.catalogues.at(0) == same.catalogues.at(1));
  CHECK(same.catalogues.at(2) == nullptr);
}

TEST_CASE("catalogues that contradict themselves are refused", "[wire][state][hostile]") {
  // One panel of width 1 with creation (subspace 0, generation 1, row 0), and a version of it.
  const auto with = [](std::string_view panels, std::string_view versions) {
    return decoded<aipp_mind_state>("94 00 06 92 " + std::string(panels) + " " + std::string(versions) + " 90");
  };
  const std::string panel = "91 96 01 91 ce 10000000 91 05 91 06 91 07 d6 02 0000003f";
  CHECK(with(panel, "91 95 00 00 01 01 91 01") == errc::ok);
  CHECK(with("90", "90") == errc::ok);
  CHECK(with("91 96 01 91 ce 10000000 90 91 06 91 07 d6 02 0000003f", "90") ==
        errc::frame_wrong_shape); // a goal is missing
  CHECK(with("91 96 02 91 ce 10000000 91 05 91 06 91 07 d6 02 0000003f", "90") ==
        errc::frame_wrong_shape);                                                                  // another width
  CHECK(with("91 96 01 91 01 91 05 91 06 91 07 d6 02 0000003f", "90") == errc::frame_wrong_shape); // no generation
  CHECK(with("91 96 cd ffff 90 90 90 90 c7 00 02", "90") == errc::frame_wrong_shape);              // too wide
  CHECK(with(panel, "91 95 00 00 01 01 91 02") == errc::frame_wrong_shape);                        // no such panel
  CHECK(with(panel, "91 95 00 00 01 01 91 00") == errc::frame_wrong_shape);
  CHECK(with(panel, "91 95 01 00 01 01 91 01") == errc::frame_wrong_shape);    // another subspace
  CHECK(with(panel, "91 95 00 00 02 01 91 01") == errc::frame_wrong_shape);    // another width
  CHECK(with(panel, "91 95 00 00 01 01 92 01 01") == errc::frame_wrong_shape); // at another place
  CHECK(decode_state<aipp_mind_state>(from_hex("94 00 06 92 " + panel + " 90 90"), {.unfolded = 1'000}).code() ==
        errc::frame_too_large);
  CHECK(decoded<metaspace_mind_state>("94 00 04 92 90 90 92 01 91 01") == errc::frame_wrong_shape); // none was sent
}
