#include "actors/protocol/wire.hpp"
#include "tests/support/allocations.hpp"
#include "tests/wire/golden.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace ammo;
using namespace ammo::test;

namespace {

template <class Message>
errc decoded(std::string_view hex) { return decode<Message>(from_hex(hex)).code(); }

/// A frame of version 1 with that type and body.
std::string around(std::string_view type, std::string_view body) {
  return "97 01 " + std::string(type) + " 00 00 00 00 " + std::string(body);
}

/// Whether bytes give a value that is worth its frame, or an error that has a name.
bool is_answered(std::span<const std::byte> bytes) {
  auto any = decode_any(bytes);
  if (!any)
    return any.code() != errc::ok && name_of(any.code()) != "unknown_error";
  wire::cursor in(bytes);
  if (!in.skip() || in.left() != 0) // the gate's parser and our cursor must agree on where values end
    return false;
  return std::visit([](const auto& m) {
    auto again = decode<std::decay_t<decltype(m)>>(encode(m));
    return again.code() == errc::ok && same(*again, m);
  }, *any);
}

} // namespace

TEST_CASE("a frame cut anywhere is truncated", "[wire][hostile]") {
  for_each_message([]<class Message>() {
    INFO(message_name(Message::type));
    frame bytes = golden<Message>();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      auto cut = std::span(bytes).first(size);
      REQUIRE(decode<Message>(cut).code() == errc::frame_truncated);
      REQUIRE(decode_any(cut).code() == errc::frame_truncated);
      (void)peek(cut);
    }
    bytes.push_back(std::byte{0});
    CHECK(decode<Message>(bytes).code() == errc::frame_trailing_bytes);
  });
}

TEST_CASE("a frame with any byte changed gives a value or a named error", "[wire][hostile]") {
  for_each_message([]<class Message>() {
    INFO(message_name(Message::type));
    frame bytes = golden<Message>();
    for (auto& byte : bytes) {
      auto original = byte;
      for (unsigned v = 0; v < 256; ++v) {
        byte = static_cast<std::byte>(v);
        if (!is_answered(bytes))
          FAIL(to_hex(bytes));
      }
      byte = original;
    }
  });
}

TEST_CASE("bytes changed, cut and spliced at random give a value or a named error", "[wire][hostile][property]") {
  splitmix64 g(2026);
  std::vector<frame> seeds;
  for_each_message([&]<class Message>() { seeds.push_back(golden<Message>()); });
  for (int i = 0; i < 20'000; ++i) {
    frame bytes = seeds[g() % seeds.size()];
    const frame& other = seeds[g() % seeds.size()];
    if (g() % 4 == 0)
      std::copy_n(other.begin(), std::min(bytes.size(), other.size()) / 2, bytes.begin());
    for (auto n = g() % 6; n > 0; --n)
      bytes[g() % bytes.size()] = static_cast<std::byte>(g());
    if (g() % 8 == 0)
      bytes.resize(g() % bytes.size() + 1);
    if (!is_answered(bytes))
      FAIL(to_hex(bytes));
  }
}

TEST_CASE("another version and another type are refused by name", "[wire][hostile]") {
  CHECK(decoded<join>(around("01", "91 05")) == errc::ok);
  CHECK(decoded<join>("97 02 01 00 00 00 00 91 05") == errc::frame_wrong_version);
  CHECK(decoded<join>("93 02 a1 78 c0") == errc::frame_wrong_version); // whatever its shape
  CHECK(decoded<leave>(around("01", "91 05")) == errc::frame_unknown_type);
  CHECK(decode_any(from_hex(around("00", "90"))).code() == errc::frame_unknown_type);
  CHECK(decode_any(from_hex(around("7f", "90"))).code() == errc::frame_unknown_type);
  CHECK(decode_any(from_hex(around("cd ffff", "90"))).code() == errc::frame_unknown_type);
  CHECK(decoded<join>(around("ce 00010001", "91 05")) == errc::frame_wrong_shape); // no 16-bit number
  CHECK(decoded<join>("96 01 01 00 00 00 00") == errc::frame_wrong_shape);
  CHECK(decoded<join>("c0") == errc::frame_wrong_shape);
  CHECK(decoded<join>("90") == errc::frame_truncated);
  CHECK(decode<join>(encode(leave{})).error().text().find("join") != std::string::npos);
}

TEST_CASE("older and newer senders are understood", "[wire]") {
  CHECK(decode<slate_request>(from_hex(around("09", "91 05"))).value() == slate_request{.user = user_id{5}});
  CHECK(decode<slate_request>(from_hex(around("09", "90"))).value() == slate_request{});
  CHECK(decode<slate_request>(from_hex(around("09", "9a 05 06 07 08 90 90 00 00 93 01 c0 a1 78 81 a1 6b c7 00 01"))).value() ==
        slate_request{user_id{5}, 6, 7, 8});
  // entries of a list, too
  auto m = decode<slate_proposal>(from_hex(around("0a", "96 01 02 00 03 04 92 91 07 95 08 ca 3f000000 ca 3e800000 01 c3")));
  REQUIRE(m);
  CHECK(m->candidates == per_slot<candidate>{{creation_id{7}, 0},
                                             {creation_id{8}, 0.5f, {0.25f, propensity_source::exact}}});
}

TEST_CASE("fields are held to their ranges", "[wire][hostile]") {
  CHECK(decoded<join>(around("01", "91 ff")) == errc::frame_wrong_shape);         // -1 as an identity
  CHECK(decoded<join>(around("01", "91 a1 35")) == errc::frame_wrong_shape);      // "5"
  CHECK(decoded<join>(around("01", "91 ca 3f800000")) == errc::frame_wrong_shape);// 1.0
  CHECK(decoded<join>(around("01", "91 c0")) == errc::frame_wrong_shape);
  CHECK(decoded<join>(around("01", "05")) == errc::frame_wrong_shape);
  CHECK(decoded<join>(around("01", "91 d0 05")) == errc::ok);                     // 5 as a signed number
  CHECK(decoded<clock_tick>(around("13", "92 01 cf 0000000100000000")) == errc::frame_wrong_shape);
  CHECK(decoded<join_goal>(around("02", "93 01 02 cf ffffffffffffffff")) == errc::frame_wrong_shape);
  CHECK(decoded<period_closed>(around("18", "92 ce 00010000 01")) == errc::frame_wrong_shape); // a subspace has 16 bits
  CHECK(decoded<slate_proposal>(around("0a", "93 01 02 02")) == errc::ok);        // occasion::push
  CHECK(decoded<slate_proposal>(around("0a", "93 01 02 03")) == errc::frame_wrong_shape);
  CHECK(decoded<slate_proposal>(around("0a", "96 01 02 00 03 04 91 94 08 00 00 04")) == errc::frame_wrong_shape);
  auto last = static_cast<std::uint8_t>(errc::end_);
  auto code = [](unsigned v) { return around("0e", "92 01 " + to_hex(std::array{static_cast<std::byte>(v)})); };
  CHECK(decoded<feedback_verdict>(code(last - 1u)) == errc::ok);
  CHECK(decoded<feedback_verdict>(code(last)) == errc::frame_wrong_shape);
  CHECK(decoded<belief>(around("1c", "97 01 02 03 04 00 00 d6 02 0000803f")) == errc::frame_bad_extension);
  CHECK(decoded<belief>(around("1c", "97 01 02 03 04 00 00 91 ca 3f800000")) == errc::frame_wrong_shape);
}

TEST_CASE("numbers that no float can hold are refused", "[wire][hostile]") {
  for (double v : {std::nan(""), HUGE_VAL, -HUGE_VAL})
    CHECK(decode<feedback>(encode(feedback{.value = v})).code() == errc::not_finite);
  CHECK(decode<feedback>(encode(feedback{.value = 1e300})).value().value == 1e300);
  // 1e300 for a float32 of a candidate; 0.5 as a float64 is welcome, and so is a whole number
  CHECK(decoded<slate_proposal>(around("0a", "96 01 02 00 03 04 91 92 07 cb 7e37e43c8800759c")) == errc::not_finite);
  CHECK(decoded<slate_proposal>(around("0a", "96 01 02 00 03 04 91 92 07 cb 3fe0000000000000")) == errc::ok);
  CHECK(decode<feedback>(from_hex(around("0d", "93 01 02 ff"))).value().value == -1.0);
  CHECK(decode<belief>(encode(belief{.mean = {{1.f, NAN}}})).code() == errc::not_finite);
}

TEST_CASE("bombs are refused before they are allocated", "[wire][hostile]") {
  constexpr std::size_t most = std::size_t{64} << 20;
  auto asked_for = [](const frame& bytes) {
    auto before = allocated_bytes();
    (void)decode_any(bytes);
    return allocated_bytes() - before;
  };
  SECTION("6 KB that promise gigabytes") {
    for (auto bomb : {"dd 7fffffff", "df 7fffffff", "db 7fffffff", "c6 7fffffff", "c9 7fffffff 01", "dd 000fff00"})
      for (auto type : {"04", "08", "0c", "10", "14", "1a"}) {
        std::string hex = around(type, "dc 0010");
        for (int i = 0; i < 1000; ++i)
          hex += bomb;
        CHECK(asked_for(from_hex(hex)) < 4096);
      }
  }
  SECTION("as many of the largest entries as the limits let pass") {
    frame bytes = from_hex(around("0c", "96 01 02 00 03 00 dd 000ffff0"));
    bytes.resize(bytes.size() + 0xFFFF0, std::byte{0x90});
    CHECK(decode<slate_delivery>(bytes).code() == errc::ok);
    CHECK(asked_for(bytes) < most);
  }
  SECTION("a dense list of sums") {
    frame bytes = from_hex(around("14", "93 01 02 dd 000ffff0"));
    bytes.resize(bytes.size() + 0xFFFF0, std::byte{0x90});
    CHECK(asked_for(bytes) < most);
  }
}
