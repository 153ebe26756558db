/// Frames that came from another node.
#include "actors/protocol/arriving.hpp"
#include "tests/actor/fixture.hpp"
#include "tests/support/samples.hpp"

using namespace ammo;
using namespace ammo::test;

namespace {

template <role To, class Message, role... From, class F>
void with_each_sender(F& f, takes<Message, From...>) { (f.template operator()<To, Message>(From), ...); }
template <role To, class... Entries, class F>
void with_each_entry(F& f, type_list<Entries...>) { (with_each_sender<To>(f, Entries{}), ...); }
template <std::size_t... Roles, class F>
void with_each_role(F& f, std::index_sequence<Roles...>) { (with_each_entry<static_cast<role>(Roles)>(f, handles<static_cast<role>(Roles)>{}), ...); }

/// Calls f.operator()<to, Message>(from) for all that anybody handles, from each sender that may.
template <class F>
void for_all_that_is_handled(F f) { with_each_role(f, std::make_index_sequence<static_cast<std::size_t>(role::end_)>{}); }

/// What has come for the listener, of that type: how many, and from whom the last one.
template <class Message>
std::pair<int, address> came(fixture& f, const Message& expected) {
  int n = 0;
  address from;
  for (bool more = true; more;) {
    more = false;
    f.self->receive(
      [&](const delivery<Message>& d) {
        more = true;
        ++n;
        from = d.from;
        CHECK(encode(d.body) == encode(expected));
      },
      caf::after(std::chrono::seconds(0)) >> [] {});
  }
  return {n, from};
}

} // namespace

TEST_CASE("a frame ends up where the message itself would, with its sender", "[actor][arriving]") {
  int routes = 0;
  for_all_that_is_handled([&]<role To, class Message>(role from) {
    fixture f;
    const address to{To, To == role::user_buddy || To == role::goal_buddy ? 99u : 0u}, sender{from, 7};
    f.listen(to);
    ++routes;
    const auto m = sample<Message>(counting{});
    INFO(message_name(Message::type) << " from " << name_of(from) << " to " << name_of(To));
    REQUIRE(arrive(*f.ctx, to, encode(m, {.source = sender})));
    CHECK(came(f, m) == std::pair(1, sender));
  });
  CHECK(routes > 100);
}

TEST_CASE("a frame that nobody waits for is refused by name", "[actor][arriving]") {
  fixture f;
  const address shard{role::aipp, 0};
  f.listen(shard);
  const auto said = [&](address to, const frame& bytes) { return arrive(*f.ctx, to, bytes).code(); };
  const feedback liked{};
  CHECK(said(shard, encode(liked, {.source = {role::host, 0}})) == errc::ok);
  CHECK(said({role::aipp, 3}, encode(liked, {.source = {role::host, 0}})) == errc::cancelled);             // no such shard here
  CHECK(said(shard, encode(liked, {.source = {role::user_buddy, 0}})) == errc::frame_unknown_type);         // a buddy doesn't give feedback
  CHECK(said(shard, encode(liked, {.source = {}})) == errc::frame_unknown_type);                            // nor does nobody
  CHECK(said(shard, encode(reward{}, {.source = {role::aipp, 0}})) == errc::frame_unknown_type);            // AiPP takes no rewards
  CHECK(said({role::node, 1}, encode(liked, {.source = {role::host, 0}})) == errc::frame_unknown_type);     // nor a node anything
  CHECK(said({role::generator, 1}, encode(liked, {.source = {role::host, 0}})) == errc::frame_unknown_type);
  auto cut = encode(liked, {.source = {role::host, 0}});
  cut.pop_back();
  CHECK(said(shard, cut) == errc::frame_truncated);
  CHECK(said(shard, {}) == errc::frame_truncated);
  CHECK(came(f, liked).first == 1); // nothing else came
}
