/// Where the tests find the tree's own files: real data, deployments, golden frames.
#pragma once

#include <string>
#include <string_view>

namespace ammo::test {

/// The absolute path of a file or folder of the source tree, given relative to its top. One file knows where the tree is: a checkout
/// elsewhere compiles everything else to the same objects.
[[nodiscard]] std::string source_path(std::string_view below = "");

} // namespace ammo::test
