#pragma once
namespace game {
struct signal {};
} // namespace game
