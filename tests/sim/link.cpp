/// What travels between two nodes: batches and their parser, the window, gaps.
#include "actors/base/random.hpp"
#include "runtime/cluster/outbox.hpp"
#include "tests/support/hex.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <string>
#include <vector>

using namespace ammo;
using namespace ammo::cluster;
using store::unit_id;

namespace {

store::bytes text(const std::string& t) {
  const auto* first = reinterpret_cast<const std::byte*>(t.data());
  return {first, first + t.size()};
}

struct read_letter {
  address to;
  unit_id unit{};
  store::term_number term = 0;
  store::bytes frame;
  friend bool operator==(const read_letter&, const read_letter&) = default;
};

struct read {
  result<batch_head> head{errc::ok};
  std::vector<read_letter> letters{};
};
read read_back(std::span<const std::byte> bytes, batch_limits limits = {}) {
  read r;
  r.head = read_batch(
    bytes, [&](const letter& l) { r.letters.push_back({l.to, l.unit, l.term, {l.frame.begin(), l.frame.end()}}); }, limits);
  return r;
}

const std::vector<read_letter> some{{{role::aipp, 3}, unit_id{4}, 7, text("feedback")},
                                    {{role::user_buddy, ~std::uint64_t{0}}, unit_id{4}, 1u << 20, text(std::string(300, 'x'))},
                                    {{role::node, 1}, no_unit, 0, text("z")}};

store::bytes batch_of(const std::vector<read_letter>& letters, batch_head head = {5, 4}) {
  batch_writer w;
  for (const auto& l : letters)
    w.add({l.to, l.unit, l.term, l.frame});
  return w.take(head);
}

const hello anna{1, 1, 2, {1, 2}, "anna", "coin@0+8;"};

} // namespace

TEST_CASE("a batch is read as it was written", "[link]") {
  const auto r = read_back(batch_of(some));
  REQUIRE(r.head);
  CHECK(*r.head == batch_head{5, 4});
  CHECK(r.letters == some);
  batch_writer w; // and is empty afterwards
  w.add({some[0].to, some[0].unit, 7, some[0].frame});
  (void)w.take({1, 0});
  CHECK(w.letters() == 0);
  CHECK(read_back(w.take({2, 0})).letters.empty());
  CHECK(read_back(batch_of({}, {~std::uint64_t{0}, ~std::uint64_t{0}})).head->number == ~std::uint64_t{0});
}

TEST_CASE("a batch that is cut anywhere, goes on behind its end or has one bit changed gives a batch or a named error, and hands nothing over by half", "[link]") {
  const auto whole = batch_of(some);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto r = read_back(std::span(whole).first(n));
    REQUIRE_FALSE(r.head);
    CHECK(r.head.code() == errc::frame_truncated);
    CHECK(r.letters.empty());
  }
  auto longer = whole;
  longer.push_back(std::byte{0});
  CHECK(read_back(longer).head.code() == errc::frame_trailing_bytes);
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    auto changed = whole;
    changed[bit / 8] ^= std::byte{1} << bit % 8;
    const auto r = read_back(changed);
    CHECK((r.head || r.letters.empty()));
  }
}

TEST_CASE("what a batch declares is judged before it is believed", "[link]") {
  const auto code = [](const char* hex) { return read_back(test::from_hex(hex)).head.code(); };
  CHECK(code("94 02 01 00 90") == errc::frame_wrong_version);
  CHECK(code("94 01 00 00 90") == errc::frame_wrong_shape);           // batches count from 1
  CHECK(code("93 01 01 00") == errc::frame_wrong_shape);              // too few fields
  CHECK(code("94 01 01 00 dd ff ff ff ff") == errc::frame_truncated); // four thousand million letters
  CHECK(code("94 01 01 00 91 94 92 00 07 04 01 c4 01 aa") == errc::frame_wrong_shape); // to nobody
  CHECK(code("94 01 01 00 91 94 92 63 07 04 01 c4 01 aa") == errc::frame_wrong_shape); // a role that there isn't
  CHECK(code("94 01 01 00 91 94 92 06 07 04 01 c4 00") == errc::frame_wrong_shape);    // an empty frame
  CHECK(code("94 01 01 00 91 94 92 06 07 04 01 a1 61") == errc::frame_wrong_shape);    // text
  CHECK(code("94 01 01 00 91 94 92 06 07 ff 01 c4 01 aa") == errc::frame_wrong_shape); // a unit below zero
  CHECK(code("94 01 01 00 91 94 92 06 07 04 01 c4 01 aa") == errc::ok);
  CHECK(code("") == errc::frame_truncated);
  CHECK(code("c1") == errc::frame_wrong_shape);
  CHECK(read_back(batch_of(some), {.bytes = 20, .letters = 9}).head.code() == errc::frame_too_large);
  CHECK(read_back(batch_of(some), {.bytes = 9'000, .letters = 2}).head.code() == errc::frame_too_large);
}

TEST_CASE("a newer sender's additional fields are passed over", "[link]") {
  // One more of the batch, of the letter and of its address.
  const auto r = read_back(test::from_hex("95 01 09 08 91 95 93 06 07 c0 04 01 c4 01 aa 93 01 02 03 81 a1 61 c2"));
  REQUIRE(r.head);
  CHECK(*r.head == batch_head{9, 8});
  CHECK(r.letters == std::vector<read_letter>{{{role::aipp, 7}, unit_id{4}, 1, {std::byte{0xaa}}}});
}

TEST_CASE("the bytes of a batch and of a hello are the same for ever", "[link]") {
  CHECK(batch_of({{{role::aipp, 3}, unit_id{4}, 7, text("f")}}) == test::from_hex("94 01 cf 0000000000000005 cf 0000000000000004 dd 00000001 94 92 06 03 04 07 c4 01 66"));
  CHECK(bytes_of(anna) == test::from_hex("97 01 01 02 01 02 a4 616e6e61 a9 636f696e 4030 2b38 3b"));
}

TEST_CASE("seeds of the fuzz target are read or refused", "[link]") {
  std::size_t files = 0;
  for (const auto& f : std::filesystem::directory_iterator(test::source_path("tests/fuzz/corpus/link"))) {
    const auto bytes = test::from_hex(test::read_text(f.path()));
    CHECK((read_back(bytes).head || read_hello(bytes) || f.path().stem().string().starts_with("bad_")));
    ++files;
  }
  CHECK(files >= 5);
}

TEST_CASE("a hello is read as it was written, and refused by name", "[link]") {
  CHECK(*read_hello(bytes_of(anna)) == anna);
  auto bytes = bytes_of(anna);
  for (std::size_t n = 0; n < bytes.size(); ++n)
    CHECK(read_hello(std::span(bytes).first(n)).code() == errc::frame_truncated);
  bytes.push_back(std::byte{0});
  CHECK(read_hello(bytes).code() == errc::frame_trailing_bytes);
  auto h = anna;
  h.name = std::string(65, 'n');
  CHECK(read_hello(bytes_of(h)).code() == errc::frame_too_large);
  h.name = "\xff";
  CHECK(read_hello(bytes_of(h)).code() == errc::frame_bad_utf8);

  auto bela = anna;
  bela.who = {3, 4};
  bela.name = "bela";
  CHECK(welcome(anna, bela));
  const auto refused = [&](auto change) {
    auto other = bela;
    change(other);
    return welcome(anna, other).code();
  };
  CHECK(refused([](hello& o) { o.link = 2; }) == errc::frame_wrong_version);
  CHECK(refused([](hello& o) { o.wire = 2; }) == errc::frame_wrong_version);
  CHECK(refused([](hello& o) { o.schema = 3; }) == errc::state_newer);
  CHECK(refused([](hello& o) { o.layout = "job@0+4;"; }) == errc::state_other_layout);
  CHECK(refused([](hello& o) { o.who = {}; }) == errc::bad_value);
  CHECK(welcome(anna, anna).code() == errc::bad_value);
}

TEST_CASE("a window bounds what is on its way, and a queue what waits", "[link]") {
  outbox o({.queue = 1'000, .window = 300, .batch = 200});
  const auto frame = [](std::size_t n) { return store::bytes(n, std::byte{1}); };
  for (int i = 0; i < 10; ++i)
    CHECK(o.add({role::aipp, 1}, unit_id{1}, 1, 8, frame(100), false));
  CHECK_FALSE(o.add({role::aipp, 1}, unit_id{1}, 1, 8, frame(1), false));
  CHECK_FALSE(o.add({role::aipp, 1}, unit_id{1}, 1, 9, frame(1), false));
  CHECK(o.shed() == std::map<std::uint16_t, std::uint64_t>{{8, 1}, {9, 1}});
  std::vector<std::size_t> numbers;
  inbox in;
  while (const auto batch = o.next(in.received()))
    numbers.push_back(read_back(*batch).head->number);
  CHECK(numbers == std::vector<std::size_t>{1, 2, 3}); // one frame each: the third goes over the window, no fourth does
  CHECK_FALSE(o.on_acknowledged(4));
  CHECK(o.on_acknowledged(2));
  CHECK_FALSE(o.on_acknowledged(1));
  CHECK(o.next(0));
  CHECK(o.on_acknowledged(4));
  CHECK(o.on_the_way() == 0);
  CHECK(o.waiting_bytes() == 600);
  // A frame that is larger than a batch goes alone.
  outbox big({.queue = 1'000, .window = 300, .batch = 10});
  CHECK(big.add({role::aipp, 1}, unit_id{1}, 1, 8, frame(900), false));
  CHECK(read_back(*big.next(0)).letters.size() == 1);
}

TEST_CASE("news that are newer take the place of those that wait", "[link]") {
  outbox o({.queue = 250, .window = 1'000, .batch = 1'000});
  CHECK(o.add({role::subspace, 1}, unit_id{1}, 1, 8, text(std::string(100, 'a')), true));
  CHECK(o.add({role::subspace, 2}, unit_id{1}, 1, 8, text(std::string(100, 'b')), true));
  CHECK(o.add({role::subspace, 1}, unit_id{1}, 1, 8, text(std::string(150, 'c')), true)); // fits in the place of the first
  CHECK_FALSE(o.add({role::subspace, 1}, unit_id{1}, 1, 8, text(std::string(151, 'd')), true));
  CHECK_FALSE(o.add({role::subspace, 1}, unit_id{1}, 1, 9, text("e"), true)); // of another type
  const auto r = read_back(*o.next(0));
  REQUIRE(r.letters.size() == 2);
  CHECK((r.letters[0].frame[0] == std::byte{'b'} && r.letters[1].frame[0] == std::byte{'c'}));
  CHECK(o.waiting_bytes() == 0);
  CHECK(o.add({role::subspace, 1}, unit_id{1}, 1, 8, text("f"), true)); // the one that is on its way stays there
  CHECK(read_back(*o.next(0)).letters.size() == 1);
}

TEST_CASE("two nodes exchange letters over a link that breaks now and then: in order, none twice, and memory stays bounded", "[link]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    splitmix64 g(seed);
    outbox o({.queue = 600, .window = 200, .batch = 100});
    inbox in;
    std::vector<store::bytes> wire;
    std::uint64_t made = 0, shed = 0, last = 0, got = 0, lost = 0, flying = 0;
    for (int step = 0; step < 500; ++step) {
      switch (g() % 8) {
      case 0:
      case 1:
      case 2:
        shed += !o.add({role::aipp, 1}, unit_id{1}, 1, 8, text(std::string(20, '.') + std::to_string(++made)), false);
        break;
      case 3:
      case 4:
        if (auto batch = o.next(0)) {
          flying += read_back(*batch).letters.size();
          wire.push_back(*std::move(batch));
        }
        break;
      case 5:
      case 6:
        if (!wire.empty()) {
          const auto r = read_back(wire.front());
          wire.erase(wire.begin());
          REQUIRE(in.on_batch(r.head->number));
          for (const auto& l : r.letters) {
            const std::uint64_t number = std::stoull(std::string(reinterpret_cast<const char*>(l.frame.data()) + 20, l.frame.size() - 20));
            REQUIRE(number > last);
            last = number;
            ++got;
          }
          flying -= r.letters.size();
          REQUIRE(o.on_acknowledged(r.head->number));
        }
        break;
      default:
        if (g() % 8 == 0) { // what is on its way is lost
          lost += std::exchange(flying, 0);
          wire.clear();
          o.on_broken();
          in = {};
        }
      }
      REQUIRE(o.waiting_bytes() <= 600);
      REQUIRE(o.on_the_way() <= 200 + 150);
    }
    CHECK(made == shed + lost + flying + got + o.waiting());
    CHECK((o.shed().empty() ? 0 : o.shed().at(8)) == shed);
  }
}

TEST_CASE("batches that don't follow one another show", "[link]") {
  inbox in;
  CHECK(in.on_batch(1));
  CHECK_FALSE(in.on_batch(1));
  CHECK_FALSE(in.on_batch(3));
  CHECK(in.on_batch(2));
}

TEST_CASE("news of a unit are next, behind a gap, or old", "[link]") {
  using news = feed::news;
  feed f;
  CHECK(f.on_news(3, 1) == news::next);
  CHECK(f.on_news(3, 2) == news::next);
  CHECK(f.on_news(3, 2) == news::old);
  CHECK(f.on_news(3, 5) == news::gap);
  CHECK(f.missed() == 2);
  CHECK(f.on_news(2, 9) == news::old); // of an owner that owns no longer
  CHECK(f.on_news(4, 4) == news::gap); // the new one hasn't what the one before hadn't made durable
  CHECK(f.number() == 4);
  CHECK(f.on_news(4, 5) == news::next);
  CHECK(f.on_news(3, 6) == news::old);
  CHECK(f.missed() == 2);
}
