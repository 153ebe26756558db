/// A host's calls as bytes: what a node asks of another is what its host asked, and so is the answer.
#include "runtime/host/cluster/call_codec.hpp"

#include <catch2/catch.hpp>

using namespace ammo;

namespace {

host_answer there_and_back(const host_answer& a) {
  auto t = told(a);
  t.letter.frame = t.bytes;
  const auto bytes = cluster::bytes_of(t.letter);
  const auto letter = cluster::read_host_letter(bytes);
  REQUIRE(letter);
  auto back = answer_in(std::get<cluster::answer_letter>(*letter));
  REQUIRE(back);
  return std::move(*back);
}

template <class Question>
void check_question(const Question& q) {
  const auto bytes = frame_of(host_question(q));
  const auto back = question_in(bytes);
  REQUIRE(back);
  REQUIRE(std::holds_alternative<Question>(*back));
  CHECK(frame_of(*back) == bytes);
}

} // namespace

TEST_CASE("every question that travels comes back as it was", "[node]") {
  check_question(slate_request{.user = user_id{7}, .slots = 3, .situation = 1});
  check_question(feedback{user_id{7}, impression_id{9}, 0.5, 0});
  check_question(graded_feedback{.user = user_id{7}, .impression = impression_id{9}, .name = "like"});
  check_question(stated_preference{user_id{7}, impression_id{9}, impression_id{10}, 0});
  check_question(belief_request{user_id{7}, 0});
  check_question(creation_offer{.goal = goal_id{1}, .key = 5, .e = {{1, 0}}, .grounded = {{1, 0}}});
  check_question(creation_withdrawal{goal_id{1}, creation_id{3}, 0});
  check_question(admit_user{user_id{7}, 0});
  check_question(dismiss_user{user_id{7}, 0});
  admit_goal goal;
  goal.goal = goal_id{1};
  goal.policy = "static";
  check_question(goal);
  check_question(dismiss_goal{goal_id{1}, 0});
  check_question(statistics_request{0});
  check_question(interest_statement{});
  check_question(writing_request{});
  check_question(evolution_request{});
  check_question(explain_request{user_id{7}, impression_id{9}, 0});
  CHECK_FALSE(travels(health_request{}));
  CHECK(travels(slate_request{}));
}

TEST_CASE("what no host asks is refused", "[node][bad-input]") {
  CHECK(question_in(encode(reward{})).code() == errc::frame_unknown_type);
  CHECK(question_in({}).code() == errc::frame_truncated);
  const auto bytes = encode(reward{});
  cluster::answer_letter l;
  l.frame = bytes;
  l.form = cluster::answer_form::message;
  CHECK(answer_in(l).code() == errc::frame_unknown_type);
  l.form = cluster::answer_form::statistics;
  CHECK(answer_in(l).code() == errc::frame_wrong_shape);
  cluster::answer_letter unknown;
  unknown.code = 60'000;
  CHECK(std::get<failure>(*answer_in(unknown)).code == errc::internal);
}

TEST_CASE("every answer comes back as it was", "[node]") {
  const auto failed = std::get<failure>(there_and_back(failure{errc::outcome_unknown, "who knows", 77}));
  CHECK(failed.code == errc::outcome_unknown);
  CHECK(failed.detail == "who knows");
  CHECK(failed.key == 77);
  slate_delivery slate;
  slate.user = user_id{7};
  slate.round = 4;
  const auto shown = std::get<granted_slate>(there_and_back(granted_slate{slate, true}));
  CHECK(shown.provisional);
  CHECK(shown.of.round == 4);
  CHECK(code_of(there_and_back(feedback_verdict{{3, errc::feedback_twice, ""}})) == errc::feedback_twice);
  CHECK(std::holds_alternative<admission>(there_and_back(admission{})));
  CHECK(std::holds_alternative<creation_verdict>(there_and_back(creation_verdict{})));
  CHECK(std::holds_alternative<explained>(there_and_back(explained{})));
  CHECK(std::holds_alternative<written_news>(there_and_back(written_news{})));
  runtime_statistics s;
  s.users = 5;
  s.asleep = 6;
  s.budget_spent_micros = -7;
  s.refused.push_back({errc::timed_out, 8});
  s.counters.push_back({"refused", {{"code", "timed_out"}}, 8});
  const auto counted = std::get<runtime_statistics>(there_and_back(s));
  CHECK(counted.users == 5);
  CHECK(counted.asleep == 6);
  CHECK(counted.budget_spent_micros == -7);
  CHECK(counted.refused.at(0).count == 8);
  CHECK(counted.counters == s.counters);
}
