#include "actors/base/result.hpp"
#include "actors/protocol/signal.hpp"

#include <ammo/off_policy.hpp>
#include <ammo/simulation.hpp>
#include <ammo/writing.hpp>

game::result own(game::signal) { return {}; }
