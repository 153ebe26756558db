#include "subspaces/loader.hpp"
namespace ammo { result<loaded> load_edu(const std::string&, std::uint32_t, std::uint64_t) { return errc::internal; } }
