#include "tests/support/source_path.hpp"
#include "tests/wire/golden.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdlib>

using namespace ammo;
using namespace ammo::test;

// AMMO_WRITE_GOLDEN=1 writes files that don't exist yet; one that does is a promise and is never overwritten.
TEST_CASE("the frames of version 1 are what they were", "[wire][golden]") {
  for_each_message([]<class Message>() {
    INFO(message_name(Message::type));
    auto m = sample<Message>(counting{});
    auto hex = to_hex(encode(m, golden_envelope));
    if (std::getenv("AMMO_WRITE_GOLDEN") && read_text(golden_path<Message>()).empty())
      std::ofstream(golden_path<Message>()) << hex;
    CHECK(hex == read_text(golden_path<Message>()));

    envelope around;
    auto back = decode<Message>(golden<Message>(), &around);
    REQUIRE(back.code() == errc::ok);
    CHECK(same(*back, m));
    envelope expected = golden_envelope;
    expected.type = Message::type;
    CHECK(around == expected);
    CHECK(peek(golden<Message>()).value() == expected);
  });
}

namespace {

/// A frame as it once was: what is known is what it said.
template <class Message>
Message older(const std::string& file) {
  auto back = decode<Message>(from_hex(read_text(ammo::test::source_path("tests/wire/golden/v1/older/") + file + ".hex")));
  REQUIRE(back.code() == errc::ok);
  return *back;
}

/// Its first exposure as the sample's, and none with a merit.
template <class Message>
void has_no_merits(const Message& m) {
  auto first = sample<Message>(counting{}).exposures.at(0);
  first.merit = {};
  REQUIRE(m.exposures.size() == 2);
  CHECK(m.exposures[0] == first);
  CHECK(m.exposures[1].impressions > 0);
  CHECK(m.exposures[1].merit == fixed_sum{});
}

} // namespace

TEST_CASE("a frame from before a field was appended is understood, without it", "[wire][golden]") {
  const auto old = older<regret_feedback>("regret_feedback");
  CHECK(old.demand == sample<regret_feedback>(counting{}).demand);
  CHECK(old.group == shared_consensus{});
  has_no_merits(old);
}

TEST_CASE("exposures from before merits have none", "[wire][golden]") {
  has_no_merits(older<regret_report>("regret_report"));
  has_no_merits(older<attention_report>("attention_report"));
  has_no_merits(older<regret_feedback>("regret_feedback_2"));
  CHECK(older<regret_feedback>("regret_feedback_2").group.now != nullptr);
}

TEST_CASE("a belief from before rewards were looked into says nothing of them", "[wire][golden]") {
  auto m = sample<belief>(counting{});
  m.rewards.clear();
  CHECK(older<belief>("belief") == m);
}

TEST_CASE("reports from before first slates had votes have none, nor say how many people there are, and a catalogue from then has no bunches", "[wire][golden]") {
  auto report = sample<regret_report>(counting{});
  report.votes.clear();
  CHECK(older<regret_report>("regret_report_2") == report);
  auto attention = sample<attention_report>(counting{});
  attention.people = 0;
  CHECK(older<attention_report>("attention_report_3") == attention);
  attention.votes.clear();
  CHECK(older<attention_report>("attention_report_2") == attention);
  const auto news = older<catalogue_news>("catalogue_news_3");
  CHECK(same(news, sample<catalogue_news>(counting{})));
  CHECK(news.snapshot->bunches() == nullptr);
  CHECK(std::isinf(news.snapshot->longest()));
}

TEST_CASE("a Goal Buddy of an older sender isn't curious", "[wire][golden]") {
  auto expected = sample<join_goal>(counting{});
  expected.wants_catalogue = false;
  expected.title.clear();
  expected.tags.clear();
  CHECK(older<join_goal>("join_goal") == expected);
}

TEST_CASE("a Goal Buddy of an older host has no facts to write of", "[wire][golden]") {
  const auto old = read_text(ammo::test::source_path("tests/wire/golden/v1/older/admit_goal.hex"));
  auto expected = sample<admit_goal>(counting{});
  expected.facts.clear();
  expected.shown = nullptr;
  expected.tags.clear();
  CHECK(decode<admit_goal>(from_hex(old)).value() == expected);
}

TEST_CASE("creations from before items have none", "[wire][golden]") {
  auto offered = sample<creation_offer>(counting{});
  offered.shown = nullptr;
  offered.tags.clear();
  CHECK(older<creation_offer>("creation_offer") == offered);
  auto admitted = sample<admit_goal>(counting{});
  admitted.shown = nullptr;
  admitted.tags.clear();
  CHECK(older<admit_goal>("admit_goal_2") == admitted);
  const auto delivered = older<slate_delivery>("slate_delivery_3");
  REQUIRE(delivered.slate.size() == 2);
  CHECK((!delivered.slate[0].item && delivered.slate[0].slot > 0 && !delivered.slate[1].item));
  const auto news = older<catalogue_news>("catalogue_news");
  REQUIRE(news.snapshot);
  CHECK(news.snapshot->live() == 3);
}

TEST_CASE("a signal from before names is the numbered one, and older verdicts have no detail, or count for nothing", "[wire][golden]") {
  auto meant = sample<graded_feedback>(counting{});
  meant.name.clear();
  CHECK(older<graded_feedback>("graded_feedback") == meant);
  auto verdict = sample<feedback_verdict>(counting{});
  verdict.engagement = 0;
  CHECK(older<feedback_verdict>("feedback_verdict_2") == verdict);
  verdict.detail.clear();
  CHECK(older<feedback_verdict>("feedback_verdict") == verdict);
}

TEST_CASE("a Goal Buddy from before titles is curious all the same", "[wire][golden]") {
  auto expected = sample<join_goal>(counting{});
  expected.title.clear();
  expected.tags.clear();
  CHECK(older<join_goal>("join_goal_2") == expected);
}

TEST_CASE("a report from before strains' scores has none", "[wire][golden]") {
  const auto old = older<evolution_report>("evolution_report");
  REQUIRE(old.kinds.size() == 2);
  auto expected = sample<evolution_report>(counting{}).kinds[0];
  expected.strains.clear();
  expected.diversity = 0;
  CHECK(old.kinds[0] == expected);
}

TEST_CASE("a request from before neighbours has none, and a generator from then finds all that it knows", "[wire][golden]") {
  const auto now = sample<writing_request>(counting{});
  auto expected = now;
  expected.said.clear();
  CHECK(older<writing_request>("writing_request_2") == expected);
  expected.nearby.clear();
  CHECK(older<writing_request>("writing_request") == expected);

  const auto then = from_hex(read_text(ammo::test::source_path("tests/wire/golden/v1/older/writing_request.hex")));
  const auto frame = encode(now, golden_envelope);
  REQUIRE(frame.size() > then.size());
  const auto [was, is] = std::mismatch(then.begin(), then.end(), frame.begin());
  REQUIRE(was != then.end());
  CHECK((*was == std::byte{0x9A} && *is == std::byte{0x9C})); // ten fields, and two more behind them
  CHECK(std::equal(was + 1, then.end(), is + 1));
}

TEST_CASE("what is older than tags has none, and an ask from then says nothing", "[wire][golden]") {
  auto joined = sample<join_goal>(counting{});
  joined.tags.clear();
  CHECK(older<join_goal>("join_goal_3") == joined);
  auto admitted = sample<admit_goal>(counting{});
  admitted.tags.clear();
  CHECK(older<admit_goal>("admit_goal_3") == admitted);
  auto offered = sample<creation_offer>(counting{});
  offered.tags.clear();
  CHECK(older<creation_offer>("creation_offer_2") == offered);
  const auto news = older<catalogue_news>("catalogue_news_2");
  for (const auto& p : news.snapshot->panels())
    CHECK(p->tags.empty());
  const auto asked = sample<slate_request>(counting{});
  CHECK(older<slate_request>("slate_request") == slate_request{asked.user, asked.request, asked.slots});
  auto interested = sample<interest_statement>(counting{});
  interested.situation = 0;
  CHECK(older<interest_statement>("interest_statement") == interested);
  auto proposed = sample<slate_proposal>(counting{});
  proposed.wants_grant = false;
  CHECK(older<slate_proposal>("slate_proposal_3") == proposed);
}

TEST_CASE("every message has a number and a name of its own", "[wire]") {
  std::vector<std::string_view> names;
  std::uint16_t last = 0;
  for_each_message([&]<class Message>() {
    names.push_back(message_name(Message::type));
    CHECK(names.back() != "unknown");
    CHECK(last < Message::type);
    last = Message::type;
  });
  CHECK(names.front() == "join");
  CHECK(names[27] == "belief");
  CHECK(message_name(0) == "unknown");
  CHECK(message_name(static_cast<std::uint16_t>(last + 1)) == "unknown");
}

TEST_CASE("frames from before propensities say that they are unknown, and all else as it was", "[wire][golden]") {
  const auto proposal = older<slate_proposal>("slate_proposal");
  REQUIRE(proposal.candidates.size() == 2);
  CHECK(proposal.slots == 5);
  CHECK(proposal.candidates[0] == candidate{creation_id{6}, 1.75f});
  CHECK(proposal.candidates[1] == candidate{creation_id{8}, 2.25f});

  const auto granted = older<slate_granted>("slate_granted");
  REQUIRE(granted.impressions.size() == 2);
  CHECK(granted.impressions[1].id == impression_id{9});
  CHECK(granted.impressions[1].creation == creation_id{10});
  CHECK_FALSE(granted.impressions[1].propensity.known());
  CHECK(older<slates_granted>("slates_granted").slates.at(0).impressions[0].id == impression_id{6});

  const auto delivered = older<slate_delivery>("slate_delivery");
  CHECK(delivered.slate.at(1) == shown_creation{impression_id{10}, creation_id{11}, goal_id{12}, 13});
}

TEST_CASE("a sum, a verdict and a slate from before fields were appended say what they said", "[wire][golden]") {
  auto sum = sample<prior_sum>(counting{});
  sum.next.clear();
  CHECK(older<prior_sum>("prior_sum") == sum);
  auto taken = sample<feedback_verdict>(counting{});
  taken.detail.clear();
  taken.engagement = 0;
  CHECK(older<feedback_verdict>("feedback_verdict") == taken);
  const auto delivered = older<slate_delivery>("slate_delivery_2");
  auto first = sample<slate_delivery>(counting{}).slate.at(0);
  first.slot = 0;
  first.subspace = {};
  first.item = nullptr;
  REQUIRE(delivered.slate.size() == 2);
  CHECK(delivered.slate[0] == first);
  CHECK(delivered.slate[1].propensity.known());
  CHECK(delivered.slate[1].slot == 0);
}

TEST_CASE("figures from before control compare nothing", "[wire][golden]") {
  auto counted = sample<statistics>(counting{});
  counted.compared.clear();
  CHECK(older<statistics>("statistics") == counted);
}

TEST_CASE("a delivery from before outcomes waits for none", "[wire][golden]") {
  auto delivered = sample<slate_delivery>(counting{});
  delivered.delivery = 0;
  CHECK(same(older<slate_delivery>("slate_delivery_4"), delivered));
}

TEST_CASE("users from before lives come and go in life 0", "[wire][golden]") {
  CHECK(older<join>("join") == join{sample<join>(counting{}).user});
  CHECK(older<leave>("leave") == leave{sample<leave>(counting{}).user});
  auto taken = sample<admission>(counting{});
  taken.life = 0;
  CHECK(older<admission>("admission") == taken);
}

TEST_CASE("a frame names its sender by role and number", "[wire][golden]") {
  const address of_user{role::user_buddy, 5};
  const auto bytes = encode(join{user_id{1}}, {.source = of_user});
  CHECK(to_hex(bytes) == to_hex(from_hex("97 01 01 92 08 05 00 00 00 92 01 00")));
  CHECK(peek(bytes).value().source == of_user);
  CHECK(peek(encode(join{}, {.source = {role::node, 7}})).value().source == address{role::node, 7});
  CHECK(peek(encode(join{})).value().source == address{});
  // A newer sender's has more behind it; other forms are no sender.
  CHECK(peek(from_hex("97 01 01 93 08 05 c0 00 00 00 91 01")).value().source == of_user);
  for (const char* bad : {"97 01 01 91 08 00 00 00 91 01", "97 01 01 92 cc ff 05 00 00 00 91 01", "97 01 01 92 08 ff 00 00 00 91 01", "97 01 01 c0 00 00 00 91 01"})
    CHECK(decode<join>(from_hex(bad)).code() == errc::frame_wrong_shape);
}
