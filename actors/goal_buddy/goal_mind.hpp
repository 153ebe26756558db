/// The mind of a Goal Buddy: owns one creation, knows its grounded facts, and answers each regret broadcast with a
/// better creation or none, as its policy says and its budget allows. Sees what a real creator would (its own visibility,
/// the group's broadcast, public creations, prices, its balance), never a q. Pure.
#pragma once

#include "actors/goal_buddy/goal_policy.hpp"
#include "actors/protocol/fixed_sums.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace ammo {

/// Where a text is to lie, as far as that is known before it is written: where it is to lead, or where its facts are.
[[nodiscard]] inline const embedding& meant_place(const writing_request& r) noexcept {
  return r.direction.values.empty() ? r.grounded : r.direction;
}

/// What a Goal Buddy makes of what it hears: it offers, leaves all as it is, or has something written first.
using goal_answer = std::variant<creation_offer, creation_pass, writing_request>;

/// What throws (memory alone can be wanting) has changed nothing, but for a host's policy that it has asked: the same again is as if it had not failed.
class goal_mind {
public:
  /// `grounded`: block-relative embedding of what is true; `content`: the host's number for it; `facts`: the same in words;
  /// `shown`: what a person sees of it, by default the facts "title" and "link".
  goal_mind(const goal_config& config, goal_id goal, owner_id owner, std::uint64_t content, std::vector<float> grounded,
            std::vector<fact> facts = {}, shared_item shown = nullptr);

  [[nodiscard]] goal_id goal() const noexcept { return goal_; }
  /// Does it want to see the public creations? A static one doesn't.
  [[nodiscard]] bool wants_catalogue() const noexcept { return strategy_ != nullptr; }
  /// The first offer: its grounded facts as they are.
  [[nodiscard]] creation_offer first();
  /// The newest snapshot of its subspace's creations.
  void see(std::shared_ptr<const catalogue_version> snapshot);
  /// Its move after a period. Once the utility (own impressions / rounds − λ·½|e − grounded|²) is measured over `patience`
  /// periods, the policy is asked. A move is offered only where its balance covers it and the way back to the policy's
  /// home, as far as past verdicts tell the price; where it covers the way home alone, that is offered. Never offers a
  /// number that isn't finite; passes while an offer is under way, and without a creation. A host's policy that throws,
  /// or wants what can't be, isn't followed: it counts in `refused`.
  /// Where there is a generator and there are facts, a move to a new place is a request to write; passes until that is done.
  [[nodiscard]] goal_answer hear(const regret_feedback& f);
  /// Somebody is interested in v (block-relative): the policy is told, once, of what was heard since it was asked last. Ignored: another number of coordinates, one that isn't finite, no direction.
  void hear(const interest_notice& m);
  /// What a person thought of what was written for them: liked, it is an interest in the place where that lies; disliked, one against it; as
  /// far as it counted. Ignored: another number of coordinates, what isn't finite or has no direction.
  void hear(const session_feedback& m);
  /// What became of an offer: live, or refused, and then it stays with what it has; for good where that is gone
  /// (`unknown_creation`: withdrawn, or moved by the host). A verdict on another key is
  /// ignored, but by one that has offered nothing: it comes back after a failure, and takes over what it made before. True:
  /// that is so.
  bool told(const creation_verdict& v);
  /// Restored after a restart, it hears where its Subspace says that it stands. True: there it was saved, and it goes on. False: it has
  /// moved since, or was moved; a new mind is to come back in its place.
  [[nodiscard]] bool goes_on(const creation_verdict& standing) noexcept;
  /// The newest catalogue that it has seen; null: none.
  [[nodiscard]] const std::shared_ptr<const catalogue_version>& seen() const noexcept { return creations_; }
  /// What was written for it: offered where it lies, or, what can't be afforded or wasn't written, counted in `refused` and not
  /// made. Nothing: nobody waits for it.
  [[nodiscard]] std::optional<goal_answer> written(const written_news& n);
  /// The host's order to write, with everything that a generator needs. Errors: `generator_failed` (no generator, no facts),
  /// `overloaded` (to publish, while it is at work on another creation, or has none yet).
  [[nodiscard]] result<writing_request> order(const writing_request& wanted);
  /// Of the creation that is live; empty where it was never written.
  [[nodiscard]] const written_creation& text() const noexcept { return text_; }
  /// Moves so from now on. Where it is and what it knows stay.
  void adopt(const goal_habits& h) noexcept;
  [[nodiscard]] goal_habits habits() const noexcept { return config_.habits(); }
  [[nodiscard]] std::int64_t balance_micros() const noexcept { return balance_micros_; } ///< as of the last verdict, with what it has earned since
  [[nodiscard]] creation_id creation() const noexcept { return creation_; }
  [[nodiscard]] const std::vector<float>& e() const noexcept { return e_; }
  /// What the policy wanted last and was not followed in: `ok`, `policy_failed`, `wrong_dimension`, `not_finite`,
  /// `norm_over_cap`. Reading it clears it.
  [[nodiscard]] errc refused() noexcept { return std::exchange(refused_, errc::ok); }

  [[nodiscard]] goal_mind_state save() const;
  /// The same mind again, to the bit, under the same policy. Errors: `bad_state` where the state contradicts itself or
  /// doesn't fit the configuration, `policy_failed` where a host's policy can't go on.
  [[nodiscard]] static result<goal_mind> restore(const goal_config& config, const goal_mind_state& state);

private:
  void take_interest(const std::vector<float>& v, double weight);
  [[nodiscard]] result<void> adopt(const goal_mind_state& s);
  bool come_back(const creation_verdict& v);
  void look_up_own();
  [[nodiscard]] creation_offer offer(std::vector<float> e, std::uint64_t period, written_creation text);
  [[nodiscard]] shared_item item_of(const written_creation& text) const; ///< its own where there is no text
  [[nodiscard]] double error_of(std::span<const float> e) const noexcept; ///< ½|e − grounded|²
  [[nodiscard]] double price_of(const std::vector<float>& e) const noexcept;
  void measure(const regret_feedback& f);
  [[nodiscard]] goal_answer decide(const regret_feedback& f); ///< what throws leaves to its caller what was measured
  [[nodiscard]] std::pair<std::optional<goal_move>, errc> ask(goal_strategy& policy, const regret_feedback& f) const; ///< and what it is refused for
  [[nodiscard]] errc check(std::span<const float> to, std::span<const float> home) const noexcept;
  [[nodiscard]] bool writes() const noexcept { return config_.generator && !facts_.empty(); }
  [[nodiscard]] bool affords(const goal_move& m) const noexcept;
  /// Offers that, or the way home, with the text of each; nothing: neither can be afforded.
  [[nodiscard]] std::optional<creation_offer> settle(const goal_move& wanted, std::uint64_t period, const written_creation& there,
                                                     const written_creation& at_home);
  [[nodiscard]] writing_request request(trigger why, writing_order order, std::vector<float> direction) const; ///< the next

  goal_config config_;
  goal_id goal_;
  owner_id owner_;
  std::uint64_t content_;
  std::vector<float> grounded_, e_;
  std::unique_ptr<goal_strategy> strategy_; // null: static
  std::shared_ptr<const catalogue_version> creations_;
  creation_id creation_ = no_creation;
  std::uint64_t next_key_ = 1;
  bool lost_ = false; // came back, and hasn't seen yet where its creation is
  std::int64_t balance_micros_ = 0;
  earnings earned_;
  errc refused_ = errc::ok;
  // The offer under way: its key (0: none) and where it would lead.
  std::uint64_t under_way_ = 0;
  std::vector<float> offered_;
  // What is being written: its number (0: nothing), for whom, and where it was to lead.
  struct {
    std::uint64_t request = 0, period = 0;
    bool by_host = false;
    goal_move wanted;
  } writing_;
  std::uint64_t requests_ = 0;
  std::vector<fact> facts_;
  shared_item shown_; // what a person sees of it where nothing was written
  written_creation text_, offered_text_, home_text_;
  std::vector<float> home_; // whose text is `home_text_`
  // What is measured where it is.
  double visibility_ = 0;      // Σ over the measured periods
  std::uint32_t measured_ = 0; // periods
  std::uint64_t asked_ = 0;
  std::vector<float> interests_; // sum of those heard since it was asked last, each of length 1; may be empty
  // What verdicts tell of prices.
  double fixed_micros_ = 0;    // of a creation at no distance: the first verdict's
  double distance_micros_ = 0; // of a unit of ½|e − grounded|²: the dearest seen
};

} // namespace ammo
