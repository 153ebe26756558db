/// Reverse top-N: which users' slates could a new creation enter? Each user is an anchor (a preference vector) and the
/// value that a creation must reach. Pure; one owner, one thread.
#pragma once

#include "actors/space/catalogue.hpp"
#include "actors/space/cones/cone_tree.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace ammo {

/// Users by what they would be shown. A creation e matters to a user where e·anchor + |e|·slack ≥ threshold; `find`
/// gives exactly the users of whom that holds, without a look at most of the others.
///
/// Anchors count by direction, a and threshold and slack divided by |a|, so that users of equal taste lie together
/// however sure of it their buddies are. They are leaves of a tree of fan-out 16 (`cone_tree`); e can't reach anyone in
/// a cone that it is too far away from in angle (cone trees: Ram and Gray, "Maximum inner-product search using cone
/// trees", KDD 2012, turned round). Directions are kept in a byte a coordinate, and the angle that this costs counts as
/// a cone's. Whoever is new, or has moved far from their 256 neighbours, waits in panels beside the tree that each
/// query looks through; the tree is built anew when these looks have cost as much as a build.
///
/// Nothing takes longer for everybody's sake: users are parts of at most `2^14 / width` (256 to 4,096), each a tree of its own. A part that
/// is full is cut in two halves of neighbours, a user goes to the part whose middle is nearest, and a query builds one tree
/// at most.
class reverse_top_n {
public:
  /// `width` ≥ 1: coordinates of an anchor.
  explicit reverse_top_n(std::uint32_t width);

  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
  [[nodiscard]] std::size_t parts() const noexcept { return parts_.size(); }
  /// Adds a user or replaces their anchor. All finite (asserted); the threshold may be -infinity: always found, though
  /// that one user keeps their branch from being passed over. O(width · parts), a hash, and now and then what it takes to cut a part.
  void put(user_id user, std::span<const float> anchor, float threshold, float slack = 0);
  /// Returns whether the user was there. O(1).
  bool remove(user_id user);
  /// Appends the users to whom e matters, in no order. e finite (asserted). At worst O(width · users), and the build of a tree:
  /// true, it has built one.
  bool find(std::span<const float> e, std::vector<user_id>& out);
  /// The same by a look at everyone: what `find` is measured against, on an index that was never built. Vector code,
  /// users side by side.
  void find_among_all(std::span<const float> e, std::vector<user_id>& out) const;
  /// Builds all trees anew. O(width · users · log users).
  void build();

  /// A user's anchor as it is kept: direction, threshold and slack over its length.
  struct kept {
    std::vector<float> unit;
    float threshold = 0, slack = 0;
  };
  /// Of a user who is here (asserted).
  [[nodiscard]] kept saved(user_id user) const;
  /// Puts that back, to the bit; the user is new (asserted). Numbers as in `put`.
  void restore(user_id user, const kept& anchor);

private:
  /// Looks at users beside the tree that are worth a build, in units of users in it.
  static constexpr std::size_t build_worth = 64;

  struct part {
    explicit part(std::uint32_t width) : tree(width) {}
    void make_room(); ///< for one more
    [[nodiscard]] std::uint32_t put_new(user_id user, std::span<const float> unit, float threshold, float slack) noexcept; ///< there is room; its place
    void free_place(std::uint32_t place) noexcept;

    cone_tree tree;
    std::vector<user_id> users;      // by place; stale where the place is free
    std::vector<std::uint32_t> free; // places beside the tree; room for all of them
    std::vector<float> middle;       // of its users' directions when it was cut off; empty: it never was
    std::size_t size = 0;
    std::size_t beside_cost = 0; // users beside the tree that queries have looked at since it was built
  };
  struct whereabouts {
    std::uint32_t part = 0, place = 0;
  };

  void set(user_id user, std::span<const float> unit, float threshold, float slack);
  void leave(whereabouts from) noexcept;
  [[nodiscard]] std::size_t nearest(std::span<const float> unit) const noexcept;
  void cut(std::size_t at);
  void build(part& p);
  void drop_if_empty(std::size_t at) noexcept;

  std::uint32_t width_;
  std::size_t most_; // users of a part
  std::vector<part> parts_;
  std::unordered_map<std::uint64_t, whereabouts> places_;
  std::size_t turn_ = 0; // the part that the next query may build
  std::vector<std::uint32_t> found_;
};

} // namespace ammo
