// Any bytes at all from a peer: they give a batch, a hello or a letter, or a named error, and what was read can be written and read again.
#include "runtime/cluster/batch.hpp"
#include "runtime/cluster/call_letters.hpp"

#include <cstdlib>
#include <utility>

namespace {

using namespace ammo;
using namespace ammo::cluster;

void expect(bool holds) {
  if (!holds)
    std::abort();
}

template <class T>
bool is_named(const result<T>& r) {
  return r || (r.code() != errc::ok && name_of(r.code()) != "unknown_error");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  batch_writer again;
  std::size_t letters = 0;
  const auto head = read_batch(bytes, [&](const letter& l) {
    expect(l.frame.data() >= bytes.data() && l.frame.data() + l.frame.size() <= bytes.data() + bytes.size());
    again.add(l);
    ++letters;
  });
  expect(is_named(head));
  expect(head || letters == 0);
  if (head) {
    const auto copy = again.take(*head);
    batch_writer third;
    const auto twice = read_batch(copy, [&](const letter& l) { third.add(l); });
    expect(twice && *twice == *head && third.take(*twice) == copy);
  }
  const auto said = read_hello(bytes);
  expect(is_named(said));
  if (said) {
    const auto back = read_hello(bytes_of(*said));
    expect(back && *back == *said);
    expect(is_named(welcome({}, *said)));
  }
  const auto letter = read_host_letter(bytes);
  expect(is_named(letter));
  if (letter)
    expect(bytes_of(*read_host_letter(bytes_of(*letter))) == bytes_of(*letter));
  return 0;
}
