/// How coins are written of.
#include "subspaces/template_writer.hpp"

namespace ammo {
namespace {

constexpr form told[] = {
  {"{title} ({symbol}) is a coin from {chain}.", 2},
  {"{description}", 1, true},
  {"{details}", 0.9, true},
  {"It is of type {type}.", 0.5},
  {"Keywords: {keywords}.", 0.6},
  {"Chains that list it: {listings}.", 0.4},
  {"What {chain} says of itself: {chain's own words}", 0.5},
  {"Its nearest alternatives here: {nearby}.", 0.7},
};

} // namespace

const forms coin_forms{told, "Open its site"};

} // namespace ammo
