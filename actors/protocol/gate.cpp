// The gate: one pass of msgpack-c's parser over untrusted bytes, with a visitor that holds all its state in itself.
#include "actors/protocol/codec.hpp"
#include "actors/base/text.hpp"
#include "actors/protocol/wire.hpp"

#include <boost/container/static_vector.hpp>
#include <msgpack.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace ammo {
namespace {

constexpr std::size_t deepest = 32;   // whatever the limits say: msgpack-c's own stack never grows beyond it
constexpr std::size_t most_keys = 32; // of all maps open at one place: bounds the search for duplicates

/// Says no by returning false, and why in `code`. Keys of maps are text, nothing else.
struct gatekeeper : msgpack::null_visitor {
  explicit gatekeeper(const wire_limits& l) : limits(l) {}

  bool refuse(errc why) {
    if (code == errc::ok)
      code = why;
    return false;
  }
  bool plain() { return !in_key || refuse(errc::frame_wrong_shape); }
  bool visit_nil() { return plain(); }
  bool visit_boolean(bool) { return plain(); }
  bool visit_positive_integer(std::uint64_t) { return plain(); }
  bool visit_negative_integer(std::int64_t) { return plain(); }
  bool visit_float32(float v) { return visit_float64(v); }
  bool visit_float64(double v) { return std::isfinite(v) ? plain() : refuse(errc::not_finite); }
  bool visit_bin(const char*, std::uint32_t) { return plain(); }

  bool visit_str(const char* data, std::uint32_t size) {
    std::string_view text(size == 0 ? "" : data, size);
    if (size > limits.text)
      return refuse(errc::frame_too_large);
    if (!is_utf8(text))
      return refuse(errc::frame_bad_utf8);
    return !in_key || new_key(text);
  }

  bool new_key(std::string_view text) {
    if (std::find(keys.begin() + maps.back(), keys.end(), text) != keys.end())
      return refuse(errc::frame_duplicate_key);
    if (keys.size() == keys.capacity())
      return refuse(errc::frame_too_large);
    keys.push_back(text);
    return true;
  }

  // `size` counts the type's byte, which comes first.
  bool visit_ext(const char* data, std::uint32_t size) {
    auto type = static_cast<std::int8_t>(data[0]);
    auto body = std::as_bytes(std::span(data + 1, size - 1));
    if (type != wire::embedding_ext && type != wire::rows_ext)
      return refuse(errc::frame_bad_extension);
    if (body.size() % sizeof(float) != 0 || (type == wire::embedding_ext && body.size() > sizeof(float) * max_dim))
      return refuse(errc::frame_bad_extension);
    return wire::all_finite(body) ? plain() : refuse(errc::not_finite);
  }

  // What is declared is counted, whether or not it follows: a bomb is refused at its first byte.
  bool open(std::uint64_t count) {
    if (++depth > std::min(limits.depth, deepest))
      return refuse(errc::frame_too_deep);
    elements += count;
    return elements <= limits.elements ? plain() : refuse(errc::frame_too_large);
  }
  bool start_array(std::uint32_t count) { return open(count); }
  bool end_array() { return --depth, true; }
  bool start_map(std::uint32_t count) {
    maps.push_back(static_cast<std::uint32_t>(keys.size()));
    return open(std::uint64_t{2} * count);
  }
  bool end_map() {
    keys.resize(maps.back());
    maps.pop_back();
    return --depth, true;
  }
  bool start_map_key() { return in_key = true; }
  bool end_map_key() { return in_key = false, true; }

  void parse_error(std::size_t, std::size_t) { refuse(errc::frame_wrong_shape); }
  void insufficient_bytes(std::size_t, std::size_t) { refuse(errc::frame_truncated); }

  const wire_limits& limits;
  errc code = errc::ok;
  bool in_key = false;
  std::size_t depth = 0;
  std::uint64_t elements = 1; // the frame itself
  boost::container::static_vector<std::uint32_t, deepest + 1> maps; // where each open map's keys begin in `keys`
  boost::container::static_vector<std::string_view, most_keys> keys;
};

} // namespace

result<void> gate(std::span<const std::byte> bytes, const wire_limits& limits) {
  if (bytes.size() > limits.bytes)
    return {errc::frame_too_large, std::to_string(bytes.size()) + " bytes"};
  gatekeeper keeper(limits);
  std::size_t at = 0;
  msgpack::parse(reinterpret_cast<const char*>(bytes.data()), bytes.size(), at, keeper);
  if (keeper.code == errc::ok && at < bytes.size())
    keeper.code = errc::frame_trailing_bytes;
  if (keeper.code != errc::ok)
    return {keeper.code, "at byte " + std::to_string(at)};
  return {};
}

} // namespace ammo
