// A generator that misbehaves in the way that its argument names.
#include "actors/protocol/codec.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace {

std::optional<ammo::writing_request> heard() {
  std::array<unsigned char, 4> head;
  if (std::fread(head.data(), 1, head.size(), stdin) != head.size())
    return std::nullopt;
  ammo::frame bytes(std::size_t{head[0]} << 24 | std::size_t{head[1]} << 16 | std::size_t{head[2]} << 8 | head[3]);
  if (std::fread(bytes.data(), 1, bytes.size(), stdin) != bytes.size())
    return std::nullopt;
  auto r = ammo::decode<ammo::writing_request>(bytes);
  return r ? std::optional(*std::move(r)) : std::nullopt;
}

/// `announced`: the length that stands before it.
void say(const ammo::frame& bytes, std::size_t announced) {
  for (int shift : {24, 16, 8, 0})
    std::fputc(static_cast<int>(announced >> shift & 0xFF), stdout);
  if (!bytes.empty()) // it takes no null pointer
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fflush(stdout);
}

void say(const ammo::frame& bytes) { say(bytes, bytes.size()); }

ammo::written_news answer_to(const ammo::writing_request& r) {
  ammo::written_news n;
  n.goal = r.goal;
  n.request = r.request;
  n.text = {"Staking of " + std::string(ammo::fact_named(r.facts, "title")), "It is staking.", {}, {}, {}};
  return n;
}

[[noreturn]] void hang() {
  for (;;)
    pause();
}

/// Does its worst with one request; true: goes on.
bool misbehave(std::string_view how, const ammo::writing_request& r, std::vector<ammo::writing_request>& kept) {
  auto n = answer_to(r);
  if (how == "die")
    return false;
  if (how == "hang")
    hang();
  if (how == "lies_long") { // more is announced than comes
    say(ammo::encode(n), 5'000);
    hang();
  }
  if (how == "lies_short") // less is announced than comes
    return say(ammo::encode(n), 20), true;
  if (how == "ten_megabytes")
    return n.text.body.assign(10'000'000, 'x'), say(ammo::encode(n)), true;
  if (how == "four_gigabytes")
    return say({}, 0xFFFF'FFFF), true;
  if (how == "nan")
    return n.e.values = {std::numeric_limits<float>::quiet_NaN()}, say(ammo::encode(n)), true;
  if (how == "control")
    return n.text.title = "\x1b[2Jgone", say(ammo::encode(n)), true;
  if (how == "too_long")
    return n.text.body.assign(5'000, 'x'), say(ammo::encode(n)), true;
  if (how == "not_utf8")
    return n.text.title = "\xff\xfe", say(ammo::encode(n)), true;
  if (how == "script")
    return n.text.link = "javascript:alert(1)", say(ammo::encode(n)), true;
  if (how == "garbage")
    return say(ammo::frame(300, std::byte{0xC1})), true;
  if (how == "other_message")
    return say(ammo::encode(ammo::leave{})), true;
  if (how == "refuses")
    return n = {}, n.request = r.request, n.code = ammo::errc::cancelled, n.detail = "no \x1b[31mmood", say(ammo::encode(n)), true;
  if (how == "stranger") // answers what nobody asked, then what was
    return n.request += 1'000, say(ammo::encode(n)), say(ammo::encode(answer_to(r))), true;
  if (how == "twice")
    return say(ammo::encode(n)), say(ammo::encode(n)), true;
  if (how == "late") { // the first one waits until there is a second
    kept.push_back(r);
    if (kept.size() == 2)
      for (const auto& k : kept)
        say(ammo::encode(answer_to(k)));
    return true;
  }
  if (how == "recalls") { // tells all that was asked in the session
    n.text.body.clear();
    for (const auto& words : r.said)
      n.text.body += words + '\n';
    return n.text.body += r.text + '\n', say(ammo::encode(n)), true;
  }
  if (how == "third_dies" && r.text == "die")
    return false;
  if (how == "tells_pid")
    n.text.title = "staking " + std::to_string(getpid());
  return say(ammo::encode(n)), true;
}

} // namespace

int main(int argc, char** argv) {
  const std::string_view how = argc > 1 ? argv[1] : "";
  if (how == "die_at_once")
    return 1;
  std::vector<ammo::writing_request> kept;
  while (const auto r = heard())
    if (!misbehave(how, *r, kept))
      return 1;
}
