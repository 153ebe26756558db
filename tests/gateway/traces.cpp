/// What somebody who follows a request through a system is promised: its trace goes with it to the last line of the log.
#include "tests/support/eventually.hpp"
#include "tests/support/rpc_client.hpp"
#include "tests/support/stream_client.hpp"
#include "tests/support/web_client.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

using namespace ammo;
using namespace ammo::testing;

namespace {

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736", span = "00f067aa0ba902b7";
const std::string parent = "00-" + trace + '-' + span + "-01";
const std::string belongs = " trace_id=" + trace + " span_id=" + span;

/// A cinema whose log is kept.
struct noted_cinema {
  struct lines {
    std::mutex guard;
    std::vector<std::string> all;
    bool has(const std::string& begin, const std::string& end) {
      const std::scoped_lock turn(guard);
      return std::ranges::any_of(all, [&](const auto& l) { return l.starts_with(begin) && l.ends_with(end); });
    }
    /// An actor answers before it notes.
    bool will_have(const std::string& begin, const std::string& end) {
      return comes_true([&] { return has(begin, end); });
    }
  };
  std::shared_ptr<lines> log = std::make_shared<lines>();
  cinema here;

  static options noting(std::shared_ptr<lines> to) {
    auto of = cinema::deployment();
    of.wire_check = true; // what goes from actor to actor goes in its envelope
    of.log = {[to = std::move(to)](const log_record& r) {
                const std::scoped_lock turn(to->guard);
                to->all.push_back(text_of(r));
              },
              log_level::debug};
    return of;
  }
  noted_cinema() : here({}, noting(log)) {}
  explicit noted_cinema(gateway_options with) : here(std::move(with), noting(log)) {}

  /// What comes behind "us=123" of a request's line is its trace.
  bool request_noted(const std::string& operation, const std::string& end) const { return log->has("debug request operation=" + operation + ' ', end); }
  std::uint64_t malformed() {
    auto client = here.client();
    const auto figures = client.get("/v1/statistics").value();
    for (const auto& r : figures.at("gateway").at("refused"))
      if (r.at("error") == "bad_traceparent")
        return r.at("count");
    return 0;
  }
};

} // namespace

TEST_CASE("a request's trace is in every line that it leaves in the log, through all actors", "[traces]") {
  noted_cinema all;
  auto client = all.here.client();
  const auto shown = client.get("/v1/users/7/slate?slots=1", {{"traceparent", parent}, {"tracestate", "a=1"}}).value();
  CHECK(all.request_noted("get_slate", belongs));
  const json said{{"user", "7"}, {"impression", shown["items"][0]["impression"]}, {"value", 1}};
  CHECK(client.post("/v1/feedback", said).status == 200);
  CHECK(client.post("/v1/feedback", said).error() == "feedback_twice");
  CHECK(all.log->will_have("debug refused code=feedback_twice count=1", "count=1"));
  CHECK_FALSE(all.log->has("debug refused code=feedback_twice", belongs));
  CHECK(client.post("/v1/feedback", said, {{"traceparent", parent}}).error() == "feedback_twice");
  CHECK(all.log->will_have("debug refused code=feedback_twice", belongs)); // AiPP's shard has said so
  CHECK(all.request_noted("post_feedback", "error=feedback_twice" + belongs));
  CHECK(client.get("/v1/users/99/slate", {{"traceparent", parent}}).error() == "unknown_user");
  CHECK(all.log->will_have("debug refused code=unknown_user", belongs)); // the bridge has
  CHECK(all.malformed() == 0);
}

TEST_CASE("a request without a trace leaves none behind for the next one", "[traces]") {
  noted_cinema all;
  auto client = all.here.client();
  CHECK(client.get("/v1/users/99/slate", {{"traceparent", parent}}).error() == "unknown_user");
  CHECK(client.get("/v1/users/98/belief").error() == "unknown_user");
  CHECK(all.request_noted("get_belief", "error=unknown_user"));
  CHECK_FALSE(all.request_noted("get_belief", belongs));
}

TEST_CASE("a stream's message and a call of msgpack-RPC have their traceparent, too", "[traces]") {
  gateway_options with;
  with.rpc = "127.0.0.1:0";
  noted_cinema all(with);
  stream_client stream(all.here.door->port());
  CHECK(stream.ask({{"method", "GET"}, {"path", "/v1/users/97/belief"}, {"traceparent", parent}})["status"] == 404);
  CHECK(all.request_noted("get_belief", "error=unknown_user" + belongs));
  CHECK(stream.ask({{"method", "GET"}, {"path", "/v1/users/7/belief"}, {"traceparent", "00-00"}})["status"] == 200);
  rpc_client rpc(all.here.door->rpc_port());
  CHECK(rpc.ask("get_slate", {"7", nullptr, nullptr, parent}).first.is_null());
  CHECK(all.request_noted("get_slate", belongs));
  CHECK(rpc.ask("get_slate", {"7", nullptr, nullptr, "no trace"}).first.is_null());
  CHECK(rpc.ask("get_slate", {"7", nullptr, nullptr, 7.5}).first == "wrong_member_type");
  CHECK(rpc.ask("get_slate", {"7", nullptr, nullptr, parent, 1}).first == "unknown_member");
  CHECK(all.malformed() == 2);
}

TEST_CASE("a malformed traceparent is counted, and its request carried out", "[traces][bad-input]") {
  noted_cinema all;
  auto client = all.here.client();
  std::uint64_t bad = 0;
  for (const std::string& said : {std::string("x"), "00-" + trace + '-' + span, "00-" + trace + '-' + span + "-01-", "00-" + trace + '-' + span + "-0x", "ff-" + trace + '-' + span + "-01",
                                  "00-" + std::string(32, '0') + '-' + span + "-01", "00-" + trace + '-' + std::string(16, '0') + "-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + span + "-01",
                                  "00-" + trace + '_' + span + "-01", "01-" + trace + '-' + span + "-01.", "00-" + trace.substr(1) + '-' + span + "-011"}) {
    INFO(said);
    CHECK(client.get("/v1/users/7/slate", {{"traceparent", said}}).status == 200);
    CHECK(all.malformed() == ++bad);
  }
  client.send("GET /v1/users/7/slate HTTP/1.1\r\nHost: localhost\r\ntraceparent: " + parent + "\r\nTraceparent: " + parent + "\r\n\r\n");
  CHECK(client.answer().status == 200);
  CHECK(all.malformed() == ++bad);
  CHECK_FALSE(all.request_noted("get_slate", belongs));
  CHECK(client.get("/v1/users/7/slate", {{"traceparent", "cc-" + trace + '-' + span + "-01-what-will-be"}}).status == 200); // of a later version what is known
  CHECK(all.request_noted("get_slate", belongs));
  CHECK(all.malformed() == bad);
}

TEST_CASE("a host's own calls belong to the trace that it marks its thread for", "[traces]") {
  noted_cinema all;
  const auto read = trace_context::read(parent);
  REQUIRE(read);
  CHECK(read->traceparent() == parent);
  CHECK(read->sampled());
  auto& rt = *all.here.rt;
  {
    const trace_scope part_of(std::make_shared<const trace_context>(*read));
    CHECK(rt.remove_user(user_id{96}).code() == errc::unknown_user);
    CHECK(all.log->will_have("debug refused code=unknown_user", belongs));
    {
      const trace_scope none(nullptr);
      CHECK(rt.explain(user_id{7}, impression_id{1}).code() == errc::unknown_impression);
    }
    CHECK(*trace_scope::current() == *read);
    std::atomic<bool> marked{false}, ended{false};
    rt.regret(user_id{7}, [&](const result<user_belief>&) { // what a callback calls goes on with it
      marked = trace_scope::current() && *trace_scope::current() == *read;
      ended = true;
    });
    CHECK(comes_true([&] { return ended.load(); }));
    CHECK(marked);
  }
  CHECK_FALSE(trace_scope::current());
  CHECK(all.log->will_have("debug refused code=unknown_impression", "count=1"));
  CHECK_FALSE(all.log->has("debug refused code=unknown_impression", belongs));
}
