/// What a slate is made of while it is chosen: creations in the order of their values, over all subspaces. Pure.
#pragma once

#include "actors/space/eligibility.hpp"
#include "actors/space/layout.hpp"
#include "actors/space/propensity.hpp"
#include "actors/space/top_n.hpp"
#include "actors/user_buddy/slate/slate_options.hpp"

#include <boost/container/small_vector.hpp>

#include <memory>
#include <span>

namespace ammo {

/// Most candidates of a proposal.
inline constexpr std::size_t most_candidates = std::size_t{4} * max_slots;

/// Chosen creations, best first.
using ranking = boost::container::small_vector<scored, 16>;
/// How likely a policy was to choose a creation.
struct chance {
  creation_id creation = no_creation;
  propensity of{};
};
/// Those that a policy tells of its slate; of any other creation nobody knows.
using chances = boost::container::small_vector<chance, 8>;
/// A vector of E, or of a factor.
using coordinates = boost::container::small_vector<float, 256>;
/// The newest version of each subspace, by subspace.
using snapshots_view = std::span<const std::shared_ptr<const catalogue_version>>;

/// Boost 1.74's vectors are contiguous, but their iterators don't say so.
[[nodiscard]] auto span_of(auto&& v) noexcept { return std::span(v.data(), v.size()); }

/// A vector of E in the coordinates of a catalogue.
[[nodiscard]] inline std::span<const float> part_of(std::span<const float> q, const catalogue_version& c) noexcept {
  return q.subspan(c.coordinates().offset, c.coordinates().width);
}

/// A creation's embedding in the coordinates of its factor; out.size() is the factor's width.
void embed_in_factor(const layout& space, const catalogue_version& c, std::uint32_t row, std::span<float> out) noexcept;
/// Best first; equal scores by lower subspace, then lower row.
[[nodiscard]] bool better(const scored& a, const scored& b) noexcept;
/// Brings what was found in each of `subspaces` into one order, and leaves what a proposal of n takes.
void merge(ranking& found, const slate_options& options, std::size_t subspaces, std::size_t n);
/// The best n by e·q over all subspaces, in the order of `better`. With spares, each subspace's best n. Of those that `who` says; null:
/// of all.
[[nodiscard]] ranking best_slate(const slate_options& options, snapshots_view snapshots, std::span<const float> q,
                                 std::size_t n, const eligibility* who = nullptr);

} // namespace ammo
