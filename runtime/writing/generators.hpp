/// Who writes in a deployment.
#pragma once

#include "actors/goal_buddy/text_generator.hpp"
#include "ammo/options.hpp"
#include "subspaces/writing_desk.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace ammo {

/// The generators of a deployment, by subspace; empty: nobody writes. `senses`: by subspace, what its texts mean. `noted`: as of `process_generator`. Errors: `bad_value` (no command line), `generator_failed` (its program can't be
/// started).
[[nodiscard]] result<std::vector<std::shared_ptr<text_generator>>> generators_of(
  const options& deployment, std::vector<text_sense> senses, std::function<void(errc)> noted);

} // namespace ammo
