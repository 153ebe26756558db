// A generator for `ammo write --generator` and `goal.generator`: reads requests from its standard input, writes texts to its
// standard output. Both are frames behind four bytes of length (docs/generators.md). An outside model goes where `write` is.
#include "actors/protocol/codec.hpp"

#include <array>
#include <cstdio>
#include <optional>

namespace {

std::optional<ammo::frame> next_frame(std::FILE* from) {
  std::array<unsigned char, 4> head;
  if (std::fread(head.data(), 1, head.size(), from) != head.size())
    return std::nullopt;
  std::size_t size = 0;
  for (unsigned char byte : head)
    size = size << 8 | byte;
  if (size > ammo::wire_limits{}.bytes)
    return std::nullopt;
  ammo::frame bytes(size);
  if (std::fread(bytes.data(), 1, size, from) != size)
    return std::nullopt;
  return bytes;
}

bool put_frame(const ammo::frame& bytes, std::FILE* to) {
  for (int shift : {24, 16, 8, 0})
    std::fputc(static_cast<int>(bytes.size() >> shift & 0xFF), to);
  return std::fwrite(bytes.data(), 1, bytes.size(), to) == bytes.size() && std::fflush(to) == 0;
}

/// What a reader may compare with, and how near each is: "Close by: Osmosis (0.31), Stride (0.42)".
std::string compared(const std::vector<ammo::neighbour>& nearby) {
  std::string out;
  for (const auto& n : nearby) {
    std::array<char, 32> distance{};
    std::snprintf(distance.data(), distance.size(), " (%.2f)", n.distance);
    out += (out.empty() ? "Close by: " : ", ") + ammo::plain(n.title, 80) + distance.data();
  }
  return out.empty() ? out : out + '\n';
}

/// Facts in their order, what they answer, and what is close by.
ammo::written_creation write(const ammo::writing_request& r) {
  const auto room = 300 + static_cast<std::size_t>(r.style.length * 2'000);
  ammo::written_creation out;
  out.title = ammo::plain(ammo::fact_named(r.facts, "title"), 150);
  if (!r.text.empty())
    out.body = "An answer to: " + ammo::plain(r.text, 150) + "\n";
  for (const auto& f : r.facts)
    if (f.name != "title" && f.name != "link" && out.body.size() + f.name.size() + f.text.size() < room)
      out.body += f.name + ": " + f.text + '\n';
  out.body += compared(r.nearby);
  out.link = ammo::fact_named(r.facts, "link");
  if (!out.link.empty())
    out.action = "Read more";
  return out;
}

} // namespace

int main() {
  while (const auto bytes = next_frame(stdin)) {
    const auto asked = ammo::decode<ammo::writing_request>(*bytes);
    if (!asked)
      return 1; // not what this program speaks
    ammo::written_news answer;
    answer.goal = asked->goal;
    answer.request = asked->request;
    answer.text = write(*asked);
    if (!put_frame(ammo::encode(answer), stdout))
      return 1;
  }
}
