/// What nodes say to one another of a host's calls: bytes that come back as they were, and bytes that nobody meant.
#include "actors/base/random.hpp"
#include "runtime/cluster/call_letters.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace ammo;
using namespace ammo::cluster;

namespace {

const store::bytes some_bytes{std::byte{1}, std::byte{0x90}, std::byte{0xFF}};
const trace_context some_trace{.trace = {1, 2}, .span = {3}, .flags = 1};
const std::vector<host_letter> some{call_letter{7, 2, ~std::uint64_t{0}, 5'000, some_bytes},
                                    answer_letter{7, 2, 0, "", 0, answer_form::message, true, some_bytes},
                                    answer_letter{1, 1, 52, "no answer within 5000 ms", 9, answer_form::nothing, false, {}},
                                    away_letter{~std::uint64_t{0}, 3, {1, 2}, 11, true},
                                    question_letter{4},
                                    told_letter{4, "{\"node\": \"a\"}"},
                                    listens_letter{true},
                                    push_letter{5, some_bytes},
                                    shown_letter{5, true},
                                    call_letter{7, 2, 9, 5'000, some_bytes, {}, 3},
                                    call_letter{7, 2, 9, 5'000, some_bytes, some_trace, ~std::uint64_t{0}},
                                    call_letter{7, 2, 0, 5'000, some_bytes, some_trace}};

bool reads(std::span<const std::byte> bytes) { return static_cast<bool>(read_host_letter(bytes)); }

} // namespace

TEST_CASE("a letter of a host's call comes back as it was", "[link]") {
  for (const auto& l : some) {
    const auto bytes = bytes_of(l);
    const auto back = read_host_letter(bytes);
    REQUIRE(back);
    CHECK(back->index() == l.index());
    CHECK(bytes_of(*back) == bytes);
  }
  const auto first = bytes_of(some[0]), second = bytes_of(some[1]), third = bytes_of(some[3]);
  const auto call = std::get<call_letter>(*read_host_letter(first));
  CHECK(call.number == 7);
  CHECK_FALSE(call.trace);
  CHECK(call.holder == 0);
  CHECK(std::get<call_letter>(*read_host_letter(bytes_of(some[some.size() - 3]))).holder == 3);
  CHECK(std::get<call_letter>(*read_host_letter(bytes_of(some.back()))).trace == some_trace);
  CHECK(call.key == ~std::uint64_t{0});
  CHECK(std::equal(call.frame.begin(), call.frame.end(), some_bytes.begin(), some_bytes.end()));
  const auto answer = std::get<answer_letter>(*read_host_letter(second));
  CHECK(answer.form == answer_form::message);
  CHECK(answer.provisional);
  const auto away = std::get<away_letter>(*read_host_letter(third));
  CHECK(away.owner == store::incarnation{1, 2});
  CHECK(away.begun);
}

TEST_CASE("a letter that is cut, longer, or of a later version is judged by name", "[link][bad-input]") {
  for (const auto& l : some) {
    const auto bytes = bytes_of(l);
    for (std::size_t n = 0; n < bytes.size(); ++n)
      CHECK_FALSE(reads(std::span(bytes).first(n)));
    auto longer = bytes;
    longer.push_back(std::byte{1});
    CHECK(read_host_letter(longer).code() == errc::frame_trailing_bytes);
    auto newer = bytes; // one more field, at the end: passed over
    newer[0] = static_cast<std::byte>(std::to_integer<unsigned>(newer[0]) + 1);
    newer.push_back(std::byte{0xC0});
    CHECK(reads(newer));
    auto other = bytes;
    other[1] = std::byte{99};
    CHECK(read_host_letter(other).code() == errc::frame_unknown_type);
  }
  auto g = generator(1, stream::retry, 0, 0);
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = bytes_of(some[g() % some.size()]);
    for (auto n = 1 + g() % 3; n-- > 0;)
      bytes[g() % bytes.size()] = static_cast<std::byte>(g());
    if (const auto back = read_host_letter(bytes))
      CHECK(reads(bytes_of(*back)));
  }
}

TEST_CASE("a failure's detail is cut where it is too long, between two letters", "[link]") {
  std::string detail(longest_detail - 1, 'x');
  detail += "ü and more";
  const auto bytes = bytes_of(answer_letter{1, 1, 1, detail, 0, answer_form::nothing, false, {}});
  const auto back = read_host_letter(bytes);
  REQUIRE(back);
  CHECK(std::get<answer_letter>(*back).detail == std::string(longest_detail - 1, 'x'));
}
