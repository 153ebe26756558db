/// How programmes of study and learning resources are written of.
#include "subspaces/template_writer.hpp"

namespace ammo {
namespace {

constexpr form told[] = {
  {"{definition}", 1.5, true},
  {"Examples: {examples}", 0.6},
  {"Where it leads: {occupations}.", 0.8},
  {"Its family: {family}.", 0.4},
  {"A free {kind} on {section}, at {host}.", 2},
  {"More closely: {topic}.", 1},
  {"Notes: {notes}.", 0.5},
  {"Others like it here: {nearby}.", 0.7},
};

} // namespace

const forms edu_forms{told, "Start learning"};

} // namespace ammo
