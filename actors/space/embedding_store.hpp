/// Embeddings of creations that are no longer live, for those who still await something of them: one copy a creation,
/// however many refer to it, and none that nobody refers to. Knows no actor and no message.
#pragma once

#include "actors/base/ids.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

namespace ammo {

/// A creation's coordinates in its subspace's block.
struct held_embedding {
  creation_id creation = no_creation;
  std::vector<float> e;
};

/// Any thread may use it. Whoever holds an embedding keeps it and its store; the last one who lets go removes it.
class embedding_store : public std::enable_shared_from_this<embedding_store> {
public:
  using handle = std::shared_ptr<const held_embedding>;

  /// The creation's embedding: the one that is held, else a copy of `e`. O(width). The store must be held by a
  /// std::shared_ptr.
  [[nodiscard]] handle hold(creation_id creation, std::span<const float> e);
  /// How many are held.
  [[nodiscard]] std::size_t size() const;
  /// All that are held, by creation: for a snapshot.
  [[nodiscard]] std::vector<handle> held() const;

private:
  void drop(creation_id creation) noexcept;

  mutable std::mutex mutex_;
  std::unordered_map<creation_id, std::weak_ptr<const held_embedding>> rows_;
};

} // namespace ammo
