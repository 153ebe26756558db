#include "tests/support/hex.hpp"
#include "tests/support/samples.hpp"

#include <catch2/catch.hpp>

using namespace ammo;
using namespace ammo::test;

namespace {

errc gated(std::string_view hex, const wire_limits& limits = {}) { return gate(from_hex(hex), limits).code(); }

std::string repeated(std::string_view hex, std::size_t times) {
  std::string out;
  while (times-- > 0)
    out += hex;
  return out;
}

} // namespace

TEST_CASE("the gate lets msgpack through", "[wire][gate]") {
  for (auto hex : {"00", "e0", "c0", "c2", "90", "80", "a0", "c4 00", "93 01 a2 c3a9 ca 3f800000", "81 a1 61 01",
                   "82 a1 61 01 a1 62 81 a1 61 02", "c7 00 01", "d6 01 0000803f", "c7 08 02 0000803f 0000803f"}) {
    INFO(hex);
    CHECK(gated(hex) == errc::ok);
  }
}

TEST_CASE("the gate refuses each kind of hostile bytes by its name", "[wire][gate]") {
  struct refusal { errc why; const char* hex; };
  for (auto [why, hex] : {
         refusal{errc::frame_truncated, ""},
         {errc::frame_truncated, "92 01"},
         {errc::frame_truncated, "a5 61"},
         {errc::frame_truncated, "cb 3ff0"},
         {errc::frame_truncated, "d9"},
         {errc::frame_truncated, "db ffffffff 61"},
         {errc::frame_truncated, "c6 ffffffff 61"},
         {errc::frame_truncated, "c9 ffffffff 01 00"},
         {errc::frame_trailing_bytes, "01 00"},
         {errc::frame_trailing_bytes, "91 01 c1"},
         {errc::frame_too_large, "dd ffffffff"},
         {errc::frame_too_large, "df 80000000"},
         {errc::frame_wrong_shape, "c1"},
         {errc::frame_wrong_shape, "81 01 02"},      // a key that is no text
         {errc::frame_wrong_shape, "81 90 02"},
         {errc::frame_wrong_shape, "81 81 a1 61 01 02"},
         {errc::frame_duplicate_key, "82 a1 61 01 a1 61 02"},
         {errc::frame_duplicate_key, "82 a1 61 01 d9 01 61 02"}, // the same key, written in another way
         {errc::frame_duplicate_key, "81 a1 78 82 a0 01 a0 02"},
         {errc::frame_duplicate_key, "83 a1 61 81 a1 62 01 a1 62 02 a1 61 03"},
         {errc::not_finite, "ca 7fc00000"},          // NaN
         {errc::not_finite, "ca ff800000"},          // -inf
         {errc::not_finite, "cb 7ff0000000000000"},  // inf
         {errc::not_finite, "cb fff8000000000001"},
         {errc::not_finite, "d6 01 0000807f"},       // inf in an embedding
         {errc::not_finite, "c7 08 02 0000803f 0000c0ff"},
         {errc::frame_bad_extension, "d6 03 00000000"},
         {errc::frame_bad_extension, "d6 ff 00000000"}, // msgpack's own timestamp
         {errc::frame_bad_extension, "d4 01 00"},    // not a whole number of floats
         {errc::frame_bad_extension, "c7 05 02 0000803f 00"},
         {errc::frame_bad_utf8, "a1 ff"},
         {errc::frame_bad_utf8, "a1 c3"},            // incomplete
         {errc::frame_bad_utf8, "a2 c0 af"},         // overlong
         {errc::frame_bad_utf8, "a3 ed a0 80"},      // surrogate
         {errc::frame_bad_utf8, "a4 f4 90 80 80"},   // beyond U+10FFFF
         {errc::frame_bad_utf8, "81 a1 ff 01"},
       }) {
    INFO(hex);
    CHECK(name_of(gated(hex)) == name_of(why));
  }
}

TEST_CASE("the gate keeps to its limits", "[wire][gate]") {
  CHECK(gated(repeated("91", 16) + "01") == errc::ok);
  CHECK(gated(repeated("91", 17) + "01") == errc::frame_too_deep);
  CHECK(gated(repeated("81 a1 61", 16) + "01") == errc::ok);
  CHECK(gated(repeated("81 a1 61", 17) + "01") == errc::frame_too_deep);
  CHECK(gated(repeated("91", 5000)) == errc::frame_too_deep);
  CHECK(gated(repeated("91", 50) + "01", {.depth = 1000}) == errc::frame_too_deep); // 32, whatever the caller says

  CHECK(gated("93 01 02 03", {.elements = 4}) == errc::ok);
  CHECK(gated("93 01 02 03", {.elements = 3}) == errc::frame_too_large);
  CHECK(gated("92 91 01 91 02", {.elements = 5}) == errc::ok);
  CHECK(gated("92 91 01 91 02", {.elements = 4}) == errc::frame_too_large);
  CHECK(gated("93 01 02 03", {.bytes = 4}) == errc::ok);
  CHECK(gated("93 01 02 03", {.bytes = 3}) == errc::frame_too_large);
  CHECK(gated("a3 616263", {.text = 3}) == errc::ok);
  CHECK(gated("a3 616263", {.text = 2}) == errc::frame_too_large);

  std::string keys;
  for (char c = '0'; c < '0' + 33; ++c)
    keys += "a1 " + to_hex(std::as_bytes(std::span(&c, 1))) + " 01";
  CHECK(gated("de 0020" + keys.substr(0, keys.size() / 33 * 32)) == errc::ok);
  CHECK(gated("de 0021" + keys) == errc::frame_too_large);

  frame widest = encode(belief{.mean = {std::vector<float>(max_dim, 1.f)}});
  CHECK(gate(widest).code() == errc::ok);
  CHECK(gate(encode(belief{.mean = {std::vector<float>(max_dim + 1, 1.f)}})).code() == errc::frame_bad_extension);
}

TEST_CASE("a refusal says at which byte", "[wire][gate]") {
  CHECK(gate(from_hex("93 01 02 a1 ff")).error().detail == "at byte 4");
  CHECK(gate(from_hex("01 00")).error().detail == "at byte 1");
}
