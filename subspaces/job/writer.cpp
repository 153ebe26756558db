/// How occupations are written of.
#include "subspaces/template_writer.hpp"

namespace ammo {
namespace {

constexpr form told[] = {
  {"{description}", 1.5, true},
  {"Skills that stand out: {skills}.", 0.9},
  {"Knowledge that stands out: {knowledge}.", 0.8},
  {"Interests that fit: {interests}.", 0.6},
  {"What counts here: {values}.", 0.5},
  {"Ways of working: {styles}.", 0.5},
  {"Preparation, from 1 (little) to 5 (long): {preparation}.", 0.6},
  {"Near it: {related}.", 0.4},
  {"Also offered here, close to it: {nearby}.", 0.7},
};

} // namespace

const forms job_forms{told, "See the occupation at O*NET"};

} // namespace ammo
