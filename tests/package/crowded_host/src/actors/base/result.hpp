#pragma once
namespace game {
struct result {};
} // namespace game
