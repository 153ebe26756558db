/// Kinds of subspace: how a host describes one of its own. `options::kinds.add` makes it known, `[[subspace]] kind`
/// names it; examples/kind is a whole host.
#pragma once

#include "subspaces/kind.hpp"
