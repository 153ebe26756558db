/// What every mind's state must hold to. A mind's file says how it is made and what it is told at random (a `Driver`).
///
/// A Driver has:
///   using mind, state;
///   static std::vector<std::string> configs();             names of the configurations that are tried
///   Driver(std::size_t config, std::uint64_t seed);
///   mind make();
///   result<mind> restore(const state&);
///   input<mind> draw();                                     the next thing that the mind is told
/// An input may be applied to several minds; what the driver learns from an answer it learns from each the same.
#pragma once

#include "tests/support/allocations.hpp"
#include "tests/support/source_path.hpp"
#include "actors/protocol/state_codec.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/hex.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace ammo::test {

/// The bytes of all that a mind has answered.
struct answers {
  frame bytes;

  template <class T> answers& operator<<(const T& value) {
    (void)spare_allocations(); // the mind has done it
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      const auto raw = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
      bytes.insert(bytes.end(), raw.begin(), raw.end());
    } else {
      encode_to(bytes, value);
    }
    return *this;
  }
};

template <class Mind> using input = std::function<void(Mind&, answers&)>;

template <class Driver> void play(Driver& d, typename Driver::mind& mind, int inputs) {
  answers ignored;
  for (int i = 0; i < inputs; ++i) {
    ignored.bytes.clear();
    d.draw()(mind, ignored);
  }
  if constexpr (requires { mind.refused().take([](errc, std::uint32_t) {}); })
    mind.refused().take([](errc, std::uint32_t) {}); // the body has counted them: they are no part of a mind's state
}

/// Plays both, which must answer alike.
template <class Driver> void play_both(Driver& d, typename Driver::mind& a, typename Driver::mind& b, int inputs) {
  answers of_a, of_b;
  std::size_t answered = 0;
  for (int i = 0; i < inputs; ++i) {
    of_a.bytes.clear();
    of_b.bytes.clear();
    const auto in = d.draw();
    in(a, of_a);
    in(b, of_b);
    if (of_a.bytes != of_b.bytes)
      FAIL("answers differ after " << i << " inputs");
    answered += of_a.bytes.size();
  }
  CHECK(answered > 0);
}

template <class Driver> void check_same_after_restore(std::size_t config, std::uint64_t seed) {
  using state = typename Driver::state;
  Driver d(config, seed);
  auto mind = d.make();
  play(d, mind, 1'000);
  const frame snapshot = encode_state(mind.save());
  CHECK((encode_state(mind.save()) == snapshot));
  auto read = decode_state<state>(snapshot);
  REQUIRE(read.code() == errc::ok);
  auto again = d.restore(*read);
  if (!again)
    FAIL(again.error().text());
  CHECK((encode_state(again->save()) == snapshot));
  play_both(d, mind, *again, 1'000);
  CHECK((encode_state(mind.save()) == encode_state(again->save())));
}

/// A state taken from a living mind doesn't change with it.
template <class Driver> void check_state_is_a_value(std::size_t config, std::uint64_t seed) {
  Driver d(config, seed);
  auto mind = d.make();
  play(d, mind, 200);
  const auto state = mind.save();
  const frame before = encode_state(state);
  auto twin = d.restore(state);
  REQUIRE(twin.code() == errc::ok);
  play(d, mind, 100);
  CHECK((encode_state(state) == before));
  CHECK((encode_state(twin->save()) == before));
  play(d, *twin, 100);
  CHECK((encode_state(state) == before));
}

/// A buddy's mind that finds no memory, at whatever place: it is as it was before, or goes on, or a restart finds that it contradicts itself, as
/// its body does; then it begins anew.
template <class Driver> void check_failing_memory(std::size_t config, std::uint64_t seed) {
  Driver d(config, seed);
  std::optional<typename Driver::mind> mind(d.make());
  play(d, *mind, 150);
  answers ignored;
  std::size_t failures = 0;
  for (int i = 0; i < 60; ++i) {
    const auto in = d.draw();
    const frame before = encode_state(mind->save());
    for (std::size_t pieces = 0;; pieces += 1 + pieces / 8) {
      ignored.bytes.clear();
      ignored.bytes.reserve(1 << 16);
      fail_allocation_after(pieces);
      try {
        in(*mind, ignored);
        (void)spare_allocations();
        break;
      } catch (const std::bad_alloc&) {
        ++failures;
        const frame after = encode_state(mind->save());
        if (after == before)
          continue;
        const auto read = decode_state<typename Driver::state>(after);
        const auto again = read ? d.restore(*read) : result<typename Driver::mind>(read.error());
        if (!again)
          mind.emplace(d.make());
      }
    }
  }
  CHECK(failures > 0);
  play(d, *mind, 50);
}

/// Bytes that are not what they were give a named error, or a mind that goes on.
template <class Driver> void check_hostile(std::size_t config, std::uint64_t seed) {
  using state = typename Driver::state;
  Driver d(config, seed);
  auto mind = d.make();
  play(d, mind, 150);
  const frame snapshot = encode_state(mind.save());
  const std::size_t step = std::max<std::size_t>(snapshot.size() / 1'000, 1);
  for (std::size_t size = 0; size < snapshot.size(); size += step)
    if (decode_state<state>(std::span(snapshot).first(size)).code() != errc::frame_truncated)
      FAIL("cut at " << size);
  splitmix64 g(seed);
  std::size_t restored = 0, refused = 0;
  for (int i = 0; i < 1'000; ++i) {
    frame bytes = snapshot;
    for (auto n = 1 + g() % 3; n > 0; --n)
      bytes[g() % bytes.size()] ^= std::byte{1} << (g() % 8);
    auto read = decode_state<state>(bytes);
    if (!read) {
      ++refused;
      REQUIRE(name_of(read.code()) != "unknown_error");
      continue;
    }
    auto odd = d.restore(*read);
    if (!odd) {
      ++refused;
      REQUIRE(name_of(odd.code()) != "unknown_error");
      continue;
    }
    ++restored;
    Driver other(config, seed + 1);
    play(other, *odd, 10);
    (void)encode_state(odd->save());
  }
  CHECK(restored > 0);
  CHECK(refused > 0);
}

/// The file of a golden snapshot.
template <class Driver> std::string golden_state_path(std::size_t config) {
  return ammo::test::source_path("tests/wire/golden/state_v0/") + std::string(state_name(Driver::state::kind)) + "." +
         Driver::configs()[config] + ".hex";
}

/// AMMO_WRITE_GOLDEN=1 writes them anew, as long as versions don't count.
template <class Driver> void check_golden(std::size_t config) {
  using state = typename Driver::state;
  Driver d(config, 7);
  if (std::getenv("AMMO_WRITE_GOLDEN")) {
    auto mind = d.make();
    play(d, mind, 60);
    std::ofstream(golden_state_path<Driver>(config)) << to_hex(encode_state(mind.save()));
  }
  const frame golden = from_hex(read_text(golden_state_path<Driver>(config)));
  auto read = decode_state<state>(golden);
  REQUIRE(read.code() == errc::ok);
  CHECK((encode_state(*read) == golden));
  auto mind = d.restore(*read);
  if (!mind)
    FAIL(mind.error().text());
  CHECK((encode_state(mind->save()) == golden));
}

template <class Driver> void conforms() {
  for (std::size_t config = 0; config < Driver::configs().size(); ++config) {
    INFO(state_name(Driver::state::kind) << ", " << Driver::configs()[config]);
    check_same_after_restore<Driver>(config, 1);
    check_same_after_restore<Driver>(config, 2);
    check_state_is_a_value<Driver>(config, 3);
    check_hostile<Driver>(config, 4);
    if constexpr (requires { Driver::of_a_buddy; })
      check_failing_memory<Driver>(config, 5);
    check_golden<Driver>(config);
  }
}

} // namespace ammo::test
