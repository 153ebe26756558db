// The table of docs/architecture.md is made from the code: numbers and fields from the structs, arrows from what roles
// handle, sentences from the comments above the structs. AMMO_WRITE_DOCS=1 writes it.
#include "tests/support/source_path.hpp"
#include "actors/protocol/codec.hpp"
#include "actors/protocol/handles.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/samples.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

using namespace ammo;
using namespace ammo::test;

namespace {

const std::string page = source_path("docs/architecture.md");
constexpr std::string_view begins = "<!-- messages: made by test_wire, see tests/wire/protocol_table.cpp -->\n";
constexpr std::string_view ends = "<!-- end of messages -->\n";

template <class F, std::size_t... I>
void each_role(F f, std::index_sequence<I...>) { (f.template operator()<static_cast<role>(I)>(), ...); }
template <class F>
void each_role(F f) { each_role(f, std::make_index_sequence<static_cast<std::size_t>(role::end_)>{}); }

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& n : names)
    out += (out.empty() ? "" : ", ") + n;
  return out;
}

/// "user_buddy → metaspace, aipp; subspace → host": receivers by their senders.
template <class Message>
std::string arrows() {
  std::vector<std::pair<std::string, std::vector<std::string>>> by_senders;
  each_role([&]<role To>() {
    std::vector<std::string> from;
    each_role([&]<role From>() {
      if (may_send<From, To, Message>)
        from.emplace_back(name_of(From));
    });
    if (from.empty())
      return;
    auto same = std::ranges::find(by_senders, listed(from), &std::pair<std::string, std::vector<std::string>>::first);
    if (same == by_senders.end())
      same = by_senders.insert(by_senders.end(), {listed(from), {}});
    same->second.emplace_back(name_of(To));
  });
  std::string out;
  for (const auto& [from, to] : by_senders)
    out += (out.empty() ? "" : "; ") + from + " → " + listed(to);
  return out;
}

/// The first sentence above each struct that has a number.
std::map<std::string, std::string, std::less<>> sentences() {
  std::map<std::string, std::string, std::less<>> out;
  for (const auto& file : std::filesystem::directory_iterator(source_path("actors/protocol/messages"))) {
    std::ifstream in(file.path());
    std::string comment, name;
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("/// "))
        comment += (comment.empty() ? "" : " ") + line.substr(4);
      else if (line.starts_with("struct "))
        name = line.substr(7, line.find_first_of(" {", 7) - 7);
      else if (line.find("std::uint16_t type =") != std::string::npos)
        out[name] = comment.substr(0, comment.find(". ") == std::string::npos ? comment.rfind('.') : comment.find(". "));
      if (!line.starts_with("/// ") && !line.starts_with("struct "))
        comment.clear();
    }
  }
  return out;
}

std::string table() {
  std::string out = "| number | message | from → to | what |\n|---|---|---|---|\n";
  const auto said = sentences();
  for_each_message([&]<class Message>() {
    const std::string name(message_name(Message::type));
    const auto what = said.find(name);
    const auto way = arrows<Message>();
    out += "| " + std::to_string(Message::type) + " | `" + name + "` | " + (way.empty() ? "in others" : way) + " | " +
           (what == said.end() ? "" : what->second) + " |\n";
  });
  return out;
}

} // namespace

TEST_CASE("the table of messages in the docs is what the code says", "[wire][docs]") {
  auto text = read_text(page);
  const auto at = text.find(begins);
  REQUIRE(at != std::string::npos);
  const auto from = at + begins.size(), to = text.find(ends);
  REQUIRE(to != std::string::npos);
  const auto now = table();
  if (std::getenv("AMMO_WRITE_DOCS"))
    std::ofstream(page) << text.replace(from, to - from, now);
  else
    CHECK(text.substr(from, to - from) == now); // AMMO_WRITE_DOCS=1 test_wire "[docs]" writes it anew
}

TEST_CASE("every message says what it is, and somebody handles it", "[wire][docs]") {
  const auto said = sentences();
  for_each_message([&]<class Message>() {
    INFO(message_name(Message::type));
    CHECK(said.contains(message_name(Message::type)));
    CHECK_FALSE(arrows<Message>().empty());
  });
}

TEST_CASE("every role has a name of its own", "[wire]") {
  std::set<std::string_view> names;
  each_role([&]<role R>() { names.insert(name_of(R)); });
  CHECK(names.size() == static_cast<std::size_t>(role::end_));
  CHECK_FALSE(names.contains("unknown"));
  CHECK(name_of(role::end_) == "unknown");
}

static_assert(may_send<role::user_buddy, role::metaspace, slate_proposal>);
static_assert(!may_send<role::clock, role::metaspace, slate_proposal>);
static_assert(!handles_message<role::aipp, slate_proposal>);
