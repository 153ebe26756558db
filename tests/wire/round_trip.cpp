#include "tests/support/samples.hpp"

#include <catch2/catch.hpp>

#include <cfloat>

using namespace ammo;
using namespace ammo::test;

namespace {

/// Every role, and numbers of every length; the two that have a form of their own among them.
address some_address(at_random& from) {
  const auto number = from.number();
  const role of{static_cast<std::uint8_t>(from.number() % static_cast<std::uint64_t>(role::end_))};
  return of == role::nobody ? address{} : address{of, number};
}

} // namespace

TEST_CASE("what is sent arrives, whatever it holds", "[wire][property]") {
  for_each_message([]<class Message>() {
    INFO(message_name(Message::type));
    at_random from{splitmix64(Message::type)};
    for (int i = 0; i < 300; ++i) {
      auto m = sample<Message>(from);
      envelope sent{.source = some_address(from), .term = from.number(), .sequence = from.number(), .time_us = -i};
      frame bytes = encode(m, sent);
      envelope around;
      auto back = decode<Message>(bytes, &around);
      REQUIRE(back.code() == errc::ok);
      REQUIRE(same(*back, m));
      sent.type = Message::type;
      REQUIRE(around == sent);
      if (const auto of = sent.source.of; of != role::nobody && of != role::node) { // an actor's
        sent.trace = trace_context{.trace = {1, 2}, .span = {3}, .flags = 1};
        const auto traced = encode(m, sent);
        REQUIRE(same(*decode<Message>(traced, &around), m));
        REQUIRE(around == sent);
        REQUIRE(peek(traced)->trace == sent.trace);
        sent.trace.reset();
      }
      REQUIRE(encode(*back, sent) == bytes);

      auto any = decode_any(bytes);
      REQUIRE(any.code() == errc::ok);
      REQUIRE(same(std::get<Message>(*any), m));
    }
  });
}

TEST_CASE("the ends of every range arrive", "[wire]") {
  for (auto v : {INT64_MIN, INT64_MIN + 1, std::int64_t{-32769}, std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
    auto back = decode<join_goal>(encode(join_goal{.budget_micros = v}));
    CHECK(back.value().budget_micros == v);
  }
  CHECK(decode<join>(encode(join{user_id{UINT64_MAX}})).value().user == user_id{UINT64_MAX});
  CHECK(decode<clock_tick>(encode(clock_tick{1, UINT32_MAX})).value().rounds == UINT32_MAX);
  for (double v : {DBL_MAX, -DBL_MAX, DBL_TRUE_MIN, -0.0})
    CHECK(decode<feedback>(encode(feedback{.value = v})).value().value == v);
  for (float v : {FLT_MAX, -FLT_MAX, FLT_TRUE_MIN})
    CHECK(decode<belief>(encode(belief{.mean = {{v, 0.f}}})).value().mean == embedding{{v, 0.f}});
  for (std::size_t size : {0u, 1u, 255u, 65535u}) {
    creation_verdict m;
    m.detail.assign(size, 'x');
    CHECK(decode<creation_verdict>(encode(m)).value() == m);
  }
  for (std::size_t dim : {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{max_dim}}) {
    creation_offer m;
    m.e.values.assign(dim, 0.5f);
    CHECK(decode<creation_offer>(encode(m)).value() == m);
  }
}

TEST_CASE("encode_to appends", "[wire]") {
  frame both = encode(join{user_id{1}});
  auto first = both.size();
  encode_to(both, belief{.mean = {{1.f, 2.f}}});
  CHECK(decode<join>(std::span(both).first(first)).value().user == user_id{1});
  CHECK(decode<belief>(std::span(both).subspan(first)).value().mean == embedding{{1.f, 2.f}});
}
