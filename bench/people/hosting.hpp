/// Plays host to learners in another program: the same creations, people, rewards and regret, over two streams of JSON lines.
///
/// The host begins with what a learner may know of the world:
///
///     {"world", "people", "rounds", "dim", "slots", "situations", "noise", "seed", "rows": [[…dim numbers…], …]}
///
/// `noise` is the standard deviation of rewards where a world has one, else null: only for learners who say that they were told.
/// Then, for each round and each person in it:
///
///     ["learn", person, round, situation, [[content, slot, reward], …]]   as often as rewards of a round came
///     ["choose", person, round, situation]                                answered with the contents shown: [7, 3, …]
///
/// and at the end `{"of", "mean", "half", "worst", "values", "curve"}` (`of`: "regret", or "rounds to come back"; half of the 95 %
/// interval, null for one person).
#pragma once

#include "bench/people/worlds.hpp"

#include <iosfwd>

namespace people_bench {

/// Throws std::runtime_error, with a sentence, where the other side ends early or answers with anything but `slots` distinct contents.
void host_world(const world& w, std::uint64_t seed, std::size_t people, std::istream& in, std::ostream& out);

} // namespace people_bench
