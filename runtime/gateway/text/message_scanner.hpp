/// Where a msgpack-RPC message ends, in bytes that come piece by piece.
/// Lives here: lengths and depths. May not live here: what a message says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ammo::web {

class message_scanner {
public:
  /// No message may have more than so many bytes.
  explicit message_scanner(std::size_t most) : most_(most) {}

  /// `all` begins where a message does, and has what came of it so far: the same bytes as the call before, and more. How long that message is;
  /// 0: it isn't all there. Looks at each byte once, whatever the pieces; allocates for levels that are open, no more. Errors thrown as `refusal`,
  /// after which nothing that follows can be told apart: `malformed_body` (no array of three or four, or a byte that begins nothing),
  /// `body_too_large` (also one that only says so), `body_too_deep`.
  [[nodiscard]] std::size_t scan(std::string_view all);

private:
  std::size_t most_, at_ = 0;
  std::vector<std::uint64_t> open_; // elements that are still to come, by level
};

} // namespace ammo::web
