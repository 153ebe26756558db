/// Judging a policy from another's log. Each slate tells how likely every creation in it was
/// (`shown_creation::propensity`); a host that keeps these with the rewards can ask what another policy would have got.
#pragma once

#include "actors/aipp/off_policy.hpp"
