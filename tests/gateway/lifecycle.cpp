/// Starting, stopping, and being beside a runtime that refuses.
#include "runtime/gateway/calls/shapes.hpp"
#include "runtime/gateway/transport/asio.hpp"
#include "tests/support/web_client.hpp"

#include <future>
#include <thread>

using namespace ammo;
using namespace ammo::testing;
namespace http = ammo::web::http;
namespace beast = ammo::web::beast;
namespace net = ammo::web::net;
using Catch::Matchers::Contains;

TEST_CASE("a gateway listens on loopback only, and says why it doesn't start") {
  cinema here;
  const auto refused = [&](const std::string& listen) {
    auto started = gateway::start(*here.rt, cinema::deployment(), {.listen = listen});
    REQUIRE_FALSE(started);
    return started.error();
  };
  CHECK(refused("0.0.0.0:0").code == errc::bad_value);
  CHECK_THAT(refused("0.0.0.0:0").detail, Contains("beyond this machine"));
  CHECK(refused("10.0.0.1:8088").code == errc::bad_value);
  CHECK(refused("[::]:8088").code == errc::bad_value);
  CHECK(refused("example.org:80").code == errc::bad_value);
  CHECK(refused("127.0.0.1").code == errc::bad_value);
  CHECK(refused("127.0.0.1:70000").code == errc::bad_value);
  CHECK(refused("").code == errc::bad_value);
  const auto taken = refused(here.door->address());
  CHECK(taken.code == errc::system_refused);
  CHECK_THAT(taken.detail, Contains(here.door->address()));
  CHECK(gateway::start(*here.rt, cinema::deployment(), {.listen = "127.0.0.1:0", .threads = 0}).code() == errc::bad_value);
}

TEST_CASE("a gateway that stops lets answers leave, ends the rest, and can be started again beside the same runtime") {
  cinema here;
  auto idle = here.client();
  CHECK(idle.get("/readyz").status == 200);
  here.door->stop();
  here.door->stop();
  CHECK(idle.ends());
  auto again = gateway::start(*here.rt, cinema::deployment(), {.listen = "127.0.0.1:0", .threads = 2});
  REQUIRE(again);
  CHECK(web_client((*again)->port()).get("/v1/users/7/slate").status == 200);
}

TEST_CASE("health is that of the runtime, and readiness says the same") {
  cinema here;
  auto client = here.client();
  const auto how = client.get("/v1/health").value();
  CHECK(how["ready"] == true);
  CHECK(how["well"] == true);
  CHECK(how["state"] == "ok");
  CHECK(how["warnings"].empty());
  const auto& parts = how["parts"];
  const auto film = std::find_if(parts.begin(), parts.end(), [](const json& p) { return p["part"] == "subspace film"; });
  REQUIRE(film != parts.end());
  CHECK((*film)["answers"] == true);
  CHECK((*film)["quarantined"] == false);
  CHECK((*film)["restarts"] == 0);
  CHECK(client.get("/readyz").status == 200);
}

TEST_CASE("a buddy that fails is its own trouble, a part that many share isn't") {
  runtime_health h;
  h.parts = {{.part = "metaspace 0"}, {.part = "subspace film"}, {.part = "user 7", .quarantined = true}};
  CHECK(web::ready(h));
  CHECK_FALSE(h.well());
  h.parts[1].answers = false;
  CHECK_FALSE(web::ready(h));
  h.parts[1] = {.part = "subspace film", .quarantined = true};
  CHECK_FALSE(web::ready(h));
  h.parts.pop_back();
  h.parts[1] = {.part = "subspace film"};
  h.state = errc::store_unavailable;
  CHECK_FALSE(web::ready(h));
  CHECK(web::shape_of(h)["state"] == "store_unavailable");
  h.warnings = {{"rewards_all_equal", "subspace film"}};
  CHECK(web::shape_of(h)["warnings"][0]["name"] == "rewards_all_equal");
}

TEST_CASE("where the runtime has stopped the door says so") {
  cinema here;
  auto client = here.client();
  REQUIRE(here.rt->stop() == errc::ok);
  auto told = client.get("/v1/users/7/slate");
  CHECK(told.status == 503);
  CHECK(told.error() == "stopped");
  CHECK(told.fields.at("Retry-After") == "1");
  CHECK(client.get("/readyz").status == 503);
  CHECK(client.get("/v1/health").error() == "stopped");
  CHECK(client.get("/livez").status == 200);
}

TEST_CASE("where the runtime has too much under way clients are asked to come again") {
  auto of = cinema::deployment();
  cinema setup({}, of); // a deployment of its own, whose setup isn't limited
  of.limits.requests_under_way = 1;
  auto started = runtime::start(of);
  REQUIRE(started);
  REQUIRE((*started)->add_user(user_id{7}));
  auto door = gateway::start(**started, of, {.listen = "127.0.0.1:0"});
  REQUIRE(door);
  // An array's items are asked for all at once.
  json many = json::array();
  for (int i = 0; i < 1'000; ++i)
    many.push_back({{"user", "7"}, {"impression", std::to_string(i)}, {"value", 1}});
  auto told = web_client((*door)->port()).post("/v1/feedback", many).value();
  CHECK(told["accepted"] == 0);
  REQUIRE(told["refused"].size() == 1'000);
  std::size_t overloaded = 0;
  for (const auto& r : told["refused"])
    overloaded += r["error"] == "overloaded";
  CHECK(overloaded > 0);
}

TEST_CASE("many connections at once are answered, each its own") {
  cinema here(gateway_options{.threads = 2});
  for (std::uint64_t user = 100; user < 120; ++user)
    REQUIRE(here.rt->add_user(user_id{user}));
  std::vector<std::future<bool>> all;
  for (std::uint64_t user = 100; user < 120; ++user)
    all.push_back(std::async(std::launch::async, [&, user] {
      net::io_context context;
      beast::tcp_stream stream(context);
      stream.connect(web::tcp::endpoint(net::ip::address_v4::loopback(), here.door->port()));
      beast::flat_buffer buffer;
      const auto id = std::to_string(user);
      bool right = true;
      for (int round = 1; round <= 30; ++round) {
        http::request<http::empty_body> asked(http::verb::get, "/v1/users/" + id + "/slate", 11);
        asked.set(http::field::host, "localhost");
        http::write(stream, asked);
        http::response<http::string_body> got;
        http::read(stream, buffer, got);
        const auto value = json::parse(got.body());
        right = right && value["user"] == id && value["round"] == round;
      }
      return right;
    }));
  for (auto& one : all)
    CHECK(one.get());
}
