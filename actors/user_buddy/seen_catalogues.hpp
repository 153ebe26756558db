/// The creations that a mind knows: those of the newest catalogue versions, and those that are gone and still referred to.
/// Pure.
#pragma once

#include "actors/base/boxed.hpp"
#include "actors/space/catalogue.hpp"
#include "actors/space/embedding_store.hpp"
#include "actors/user_buddy/belief/belief.hpp"
#include "actors/user_buddy/slate/ranking.hpp"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace ammo {

/// Of old versions nothing is kept but single embeddings, each held once by all who share the store.
class seen_catalogues {
public:
  /// Takes a version that is newer than the one held of its subspace; else false. Of `referred`, what the old one alone
  /// knew is kept. O(referred).
  bool see(std::shared_ptr<const catalogue_version> version, std::span<const creation_id> referred, embedding_store& store);
  /// The newest version of each subspace, by subspace.
  [[nodiscard]] snapshots_view newest() const noexcept { return {newest_.data(), newest_.size()}; }
  /// That of a subspace; null: none was seen.
  [[nodiscard]] const catalogue_version* newest(subspace_id s) const noexcept;
  /// The newest version that has the creation live, or null.
  [[nodiscard]] const catalogue_version* live_in(creation_id creation) const noexcept;
  /// Is it live, or gone and kept?
  [[nodiscard]] bool knows(creation_id creation) const noexcept { return live_in(creation) || kept(creation); }
  /// e in the coordinates of its factor, out.size() of them; zeros where it isn't known.
  void embed(const layout& space, creation_id creation, std::span<float> out) const noexcept;
  /// Are any kept that are gone?
  [[nodiscard]] bool keeps() const noexcept { return static_cast<bool>(gone_); }
  /// Lets go of what is gone and not in `referred`. O(referred log referred).
  void keep_only(std::vector<creation_id> referred);
  /// One that is gone, from a snapshot. It must not be live, nor kept already.
  void keep(embedding_store::handle gone);
  /// A creation that is known, to be held; else null.
  [[nodiscard]] embedding_store::handle held(creation_id creation, embedding_store& store) const;
  /// Those that are kept, by creation.
  [[nodiscard]] std::span<const embedding_store::handle> gone() const noexcept;

private:
  [[nodiscard]] const held_embedding* kept(creation_id creation) const noexcept;

  boost::container::small_vector<std::shared_ptr<const catalogue_version>, 1> newest_;
  boxed<std::vector<embedding_store::handle>> gone_; // by creation
};

/// The creations that a mind knows, as its belief asks for them.
struct lookup final : creation_lookup {
  lookup(const layout& l, const seen_catalogues& c) noexcept : space(l), catalogues(c) {}
  void embed(creation_id creation, std::span<float> out) const noexcept override { catalogues.embed(space, creation, out); }
  const layout& space;
  const seen_catalogues& catalogues;
};

} // namespace ammo
