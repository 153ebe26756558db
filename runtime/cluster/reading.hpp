/// What the readers and writers of a link's bytes share. For this room's own use: it brings in msgpack.
#pragma once

#include "actors/base/text.hpp"
#include "actors/protocol/wire.hpp"
#include "runtime/store/records.hpp"

#include <msgpack.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace ammo::cluster {

using wire::cursor;
using wire::token;

struct sink {
  store::bytes& out;
  void write(const char* data, std::size_t size) {
    const auto* first = reinterpret_cast<const std::byte*>(data);
    out.insert(out.end(), first, first + size);
  }
};

template <class T>
bool number(cursor& in, T& out, std::uint64_t most = std::numeric_limits<T>::max()) {
  const token t = in.next();
  if (t.is != token::natural || t.number > most)
    return in.fail(errc::frame_wrong_shape);
  out = static_cast<T>(t.number);
  return true;
}

/// An array of at least so many; what it has beyond is to be passed over.
inline bool fields(cursor& in, std::size_t least, std::uint32_t& beyond) {
  std::uint32_t n = 0;
  if (!in.array(n))
    return false;
  if (n < least)
    return in.fail(errc::frame_wrong_shape);
  beyond = n - static_cast<std::uint32_t>(least);
  return true;
}

inline bool pass(cursor& in, std::uint32_t beyond) {
  while (beyond-- > 0)
    if (!in.skip())
      return false;
  return true;
}

/// UTF-8 of at most so many bytes.
inline bool text(cursor& in, std::string& out, std::size_t most) {
  const token t = in.next();
  if (t.is != token::text)
    return in.fail(errc::frame_wrong_shape);
  if (t.body.size() > most)
    return in.fail(errc::frame_too_large);
  const std::string_view said(t.body.empty() ? "" : reinterpret_cast<const char*>(t.body.data()), t.body.size());
  if (!is_utf8(said))
    return in.fail(errc::frame_bad_utf8);
  out = said;
  return true;
}

} // namespace ammo::cluster
