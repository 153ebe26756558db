/// Links over loopback: nodes that belong together exchange letters, and nobody else gets as far as that.
#include "tests/support/linked_nodes.hpp"

using namespace ammo;
using namespace ammo::node;
using namespace ammo::testing;
using namespace std::chrono_literals;
using store::unit_id;

TEST_CASE("two nodes exchange letters, in order and in both directions", "[links]") {
  one_node a(anna, of("anna")), b(bela, of("bela"));
  a.on->send(bela, {role::aipp, 1}, unit_id{3}, 7, 8, text("before there was a link"), false);
  b.on->reach("127.0.0.1", a.on->port());
  constexpr std::size_t many = 5'000;
  for (std::size_t i = 0; i < many; ++i) {
    a.on->send(bela, {role::aipp, 1}, unit_id{3}, 7, 8, text(std::to_string(i)), false);
    b.on->send(anna, {role::user_buddy, i}, unit_id{3}, 9, 8, text(std::to_string(i) + std::string(512, '.')), false);
  }
  REQUIRE(comes_true([&] { return a.count(a.letters) == many && b.count(b.letters) == many + 1; }));
  CHECK(b.letters.front() == "anna:aipp:7:before there was a link");
  for (std::size_t i = 0; i < many; ++i) {
    CHECK(b.letters[i + 1] == "anna:aipp:7:" + std::to_string(i));
    CHECK(a.letters[i].starts_with("bela:user_buddy:9:" + std::to_string(i) + "."));
  }
  CHECK((a.up == std::vector<std::string>{"bela"} && b.up == std::vector<std::string>{"anna"}));
}

TEST_CASE("nodes that call each other keep one link, and one that comes back is reached again", "[links]") {
  one_node a(anna, of("anna"));
  const auto port = a.on->port();
  auto b = std::make_unique<one_node>(bela, of("bela"));
  a.on->reach("127.0.0.1", b->on->port());
  b->on->reach("127.0.0.1", port);
  REQUIRE(comes_true([&] { // what is on its way when one of two connections gives way is lost: it is sent again, as routers do
    a.on->send(bela, {role::aipp, 1}, unit_id{3}, 7, 8, text("one"), false);
    return b->count(b->letters) >= 1;
  }));
  b.reset();
  REQUIRE(comes_true([&] { return a.count(a.down) >= 1; }));
  const store::incarnation again{1, 3};
  one_node c(again, of("bela"));
  c.on->reach("127.0.0.1", port);
  a.on->send(again, {role::aipp, 1}, unit_id{3}, 8, 8, text("two"), false);
  REQUIRE(comes_true([&] { return c.count(c.letters) == 1; }));
  a.on->forget(bela);
}

TEST_CASE("who isn't a node of this authority is refused by name", "[links]") {
  one_node a(anna, of("anna"));
  const auto port = a.on->port();
  SECTION("of another authority") {
    one_node stranger(bela, certificates().of(certificates().theirs, "bela"));
    stranger.on->reach("127.0.0.1", port);
    CHECK(stranger.was_refused(refusal::other_authority));
    CHECK(stranger.count(stranger.up) == 0);
  }
  SECTION("of another authority, and believes everybody") {
    auto shows = certificates().of(certificates().theirs, "bela");
    shows.authority = of("anna").authority;
    one_node stranger(bela, shows);
    stranger.on->reach("127.0.0.1", port);
    CHECK(a.was_refused(refusal::other_authority));
  }
  SECTION("expired") {
    one_node stranger(bela, of("old"));
    stranger.on->reach("127.0.0.1", port);
    CHECK(a.was_refused(refusal::expired));
  }
  SECTION("signed by itself") {
    auto shows = certificates().of(certificates().theirs, "ca");
    shows.authority = of("anna").authority;
    one_node stranger(bela, shows);
    stranger.on->reach("127.0.0.1", port);
    CHECK(a.was_refused(refusal::self_signed));
  }
  SECTION("of this authority, but no node's") {
    one_node stranger(bela, of("ca"));
    stranger.on->reach("127.0.0.1", port);
    CHECK(a.was_refused(refusal::not_a_node));
  }
  SECTION("without any certificate") {
    net::io_context context;
    ssl::context tls(ssl::context::tls);
    ssl::stream<tcp::socket> s(context, tls);
    s.lowest_layer().connect({net::ip::make_address("127.0.0.1"), port});
    boost_error e;
    s.handshake(ssl::stream_base::client, e);
    CHECK(a.was_refused(refusal::no_certificate));
  }
  SECTION("TLS of before 1.3") {
    net::io_context context;
    ssl::context tls(ssl::context::tlsv12);
    ssl::stream<tcp::socket> s(context, tls);
    s.lowest_layer().connect({net::ip::make_address("127.0.0.1"), port});
    boost_error e;
    s.handshake(ssl::stream_base::client, e);
    CHECK(e);
    CHECK(a.was_refused(refusal::no_tls));
  }
  SECTION("no TLS at all") {
    net::io_context context;
    tcp::socket s(context);
    s.connect({net::ip::make_address("127.0.0.1"), port});
    net::write(s, net::buffer(std::string("GET / HTTP/1.1\r\n\r\n")));
    CHECK(a.was_refused(refusal::no_tls));
  }
  CHECK(a.count(a.up) == 0);
  one_node b(bela, of("bela")); // the node is as well as before
  b.on->reach("127.0.0.1", port);
  CHECK(comes_true([&] { return a.count(a.up) == 1; }));
}

TEST_CASE("a node that says what isn't so is refused by name", "[links]") {
  one_node a(anna, of("anna"));
  const auto port = a.on->port();
  const auto of_another = [&](const std::function<void(link_options&)>& change, refusal why) {
    one_node other(bela, of("bela"), change);
    other.on->reach("127.0.0.1", port);
    CHECK(a.was_refused(why));
  };
  SECTION("another layout") {
    of_another([](auto& how) { how.says.layout = "job@0+4;"; }, refusal::other_layout);
  }
  SECTION("another protocol") {
    of_another([](auto& how) { how.says.link = 7; }, refusal::other_protocol);
  }
  SECTION("another schema") {
    of_another([](auto& how) { how.says.schema = 9; }, refusal::other_schema);
  }
  SECTION("it is this node itself") {
    a.on->reach("127.0.0.1", port);
    CHECK(a.was_refused(refusal::itself));
  }
  SECTION("another name than its certificate's") {
    raw_peer p(port, of("bela"));
    p.greet("anna");
    CHECK(a.was_refused(refusal::other_name));
  }
  SECTION("no hello") {
    raw_peer p(port, of("bela"));
    p.say(batch(1));
    CHECK(a.was_refused(refusal::bad_hello));
  }
  CHECK(a.count(a.up) == 0);
}

TEST_CASE("a peer that sends what it may not is cut off", "[links]") {
  one_node a(anna, of("anna"), [](auto& how) { how.batches.bytes = 10'000; });
  raw_peer p(a.on->port(), of("bela"));
  p.greet();
  p.say(batch(1));
  REQUIRE(comes_true([&] { return a.count(a.letters) == 1; }));
  SECTION("bytes that are no batch") {
    p.say(text("garbage"));
    CHECK(a.was_refused(refusal::bad_batch));
  }
  SECTION("a batch twice") {
    p.say(batch(1));
    CHECK(a.was_refused(refusal::out_of_order));
  }
  SECTION("a batch that leaves others out") {
    p.say(batch(3));
    CHECK(a.was_refused(refusal::out_of_order));
  }
  SECTION("an acknowledgement of what was never sent") {
    p.say(batch(2, 99));
    CHECK(a.was_refused(refusal::out_of_order));
  }
  SECTION("too much") {
    p.say(store::bytes(20'000));
    CHECK(a.was_refused(refusal::too_large));
  }
  CHECK(a.count(a.letters) == 1);
  CHECK(comes_true([&] { return a.count(a.down) == 1; }));
}

TEST_CASE("connections that don't say who they are end in time, and are bounded", "[links]") {
  one_node a(anna, of("anna"), [](auto& how) {
    how.handshake = 300ms;
    how.strangers = 8;
  });
  net::io_context context;
  std::vector<tcp::socket> idle;
  for (int i = 0; i < 64; ++i) {
    idle.emplace_back(context);
    idle.back().connect({net::ip::make_address("127.0.0.1"), a.on->port()});
  }
  CHECK(a.was_refused(refusal::too_many_strangers));
  CHECK(comes_true([&] { return a.on->refused().of(refusal::slow_handshake) + a.on->refused().of(refusal::too_many_strangers) == 64; }));
  one_node b(bela, of("bela"));
  b.on->reach("127.0.0.1", a.on->port());
  CHECK(comes_true([&] { return a.count(a.up) == 1; }));
}

TEST_CASE("a peer that falls silent is noticed, and one that is well isn't", "[links]") {
  one_node a(anna, of("anna"), [](auto& how) { how.silence = 400ms; });
  one_node b(bela, of("bela"));
  b.on->reach("127.0.0.1", a.on->port());
  REQUIRE(comes_true([&] { return a.count(a.up) == 1; }));
  raw_peer p(a.on->port(), certificates().of(certificates().ours, "anna")); // never reads, so it answers no ping
  p.greet("anna", {7, 7});
  CHECK(a.was_refused(refusal::silent));
  CHECK(b.count(b.down) == 0);
}

TEST_CASE("what there is no room for is shed and counted, and the rest arrives", "[links]") {
  one_node a(anna, of("anna"), [](auto& how) { how.outbox.queue = 10'000; });
  for (int i = 0; i < 100; ++i)
    a.on->send(bela, {role::aipp, 1}, unit_id{3}, 7, 8, store::bytes(1'000), false);
  REQUIRE(comes_true([&] { return a.on->shed() == 90; }));
  one_node b(bela, of("bela"));
  b.on->reach("127.0.0.1", a.on->port());
  REQUIRE(comes_true([&] { return b.count(b.letters) == 10; }));
  a.on->send(bela, {role::aipp, 1}, unit_id{3}, 7, 8, text("there is room again"), false);
  CHECK(comes_true([&] { return b.count(b.letters) == 11; }));
  CHECK(a.on->shed() == 90);
}

TEST_CASE("an address that isn't there, or is taken, is refused", "[links]") {
  one_node a(anna, of("anna"));
  link_options how;
  how.shows = of("bela");
  how.port = a.on->port();
  CHECK(links::open(how, {}).code() == errc::bad_value);
  how.port = 0;
  how.host = "nowhere";
  CHECK(links::open(how, {}).code() == errc::bad_value);
  how.host = "127.0.0.1";
  how.shows.key = of("anna").key;
  CHECK(links::open(how, {}).code() == errc::bad_value);
  one_node b(bela, of("bela"));
  b.on->reach("127.0.0.1", 1);
  CHECK(b.was_refused(refusal::unreachable));
}
