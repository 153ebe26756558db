/// The mind of an AiPP shard: keeps the impressions that its users were shown, turns feedback into rewards once and
/// only once, plays the people of a simulation, and reports regret and engagement. Pure.
#pragma once

#include "actors/aipp/control_tally.hpp"
#include "actors/aipp/engagement_scale.hpp"
#include "actors/aipp/exposure_tally.hpp"
#include "actors/aipp/impression_log.hpp"
#include "actors/aipp/person.hpp"
#include "actors/aipp/user_index.hpp"
#include "actors/base/refusal_tally.hpp"
#include "actors/evolution/fitness_book.hpp"
#include "actors/slots/arbitration.hpp"
#include "actors/protocol/messages.hpp"
#include "actors/space/layout.hpp"
#include "actors/space/regret.hpp"
#include "actors/space/top_n.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

struct aipp_config {
  layout space; ///< required
  people_config people;
  std::uint32_t slots = 5;              ///< N of the comparator slate in a simulation
  bool exactly = false;                 ///< the comparator fills all N slots
  double empty_slot_worth = 0;          ///< of a slot that stays empty, where not `exactly`
  slate_caps caps = {};                 ///< the comparator keeps them, too
  std::vector<signal_table> signals = {}; ///< what a signal is worth, by subspace; missing: `default_signals`
  std::uint32_t open_impressions = 4'096; ///< kept for one user; the oldest expire (`feedback_late`)
  std::uint32_t impression_days = 0;    ///< after which one expires; 0: never
  std::uint32_t shard = 0;
  std::uint32_t shards = max_shards;    ///< an impression of a shard beyond these was never issued
  fitness_weights fitness = {};         ///< of the strains that its users play
  double largest_reward = 1e15;         ///< of either sign
  bool noted_first = false;             ///< a slate is in the log before it is on its way to its person: its impressions are open by then
  bool compares = false;                ///< some slates are of control: what each arm earns is counted
};

/// A simulated person: hidden q (all D coordinates) and the real choices that were held out, by content number.
struct person {
  std::vector<float> q;
  std::vector<std::uint64_t> held_out; ///< content numbers, ascending
};

struct aipp_mind_state;
struct awaiting_user_state;

class aipp_mind {
public:
  explicit aipp_mind(aipp_config config);

  /// Without `simulated`, the person is the host's. Somebody who comes during a period isn't waited for in it.
  /// Errors: `duplicate_user`, `wrong_dimension`, `not_finite`.
  result<void> add(user_id user, std::optional<person> simulated);
  [[nodiscard]] bool has(user_id user) const noexcept { return index_.find(user) != user_index::none; }
  /// Rounds that a simulated person still has in this period; 0 for anybody else.
  [[nodiscard]] std::uint32_t rounds_left(user_id user) const noexcept;
  /// Nobody waits for the rounds that the person still had (see `finished`). Errors: `unknown_user`.
  result<void> remove(user_id user);
  /// The newest snapshot of a subspace; one older than the one held, or of other coordinates than the layout's, is
  /// ignored. The snapshot before it is kept for slates that were granted from it. The best slates under the true q are
  /// found lazily, `batch` people at once.
  void see(std::shared_ptr<const catalogue_version> snapshot);
  /// Takes the place of one that has failed: sees the catalogues that it saw, and gives no number again of a slate on its way.
  void succeed(const aipp_mind& failed);

  /// What follows from a grant. For a simulated person and occasion::round: their reward at once (impressions are
  /// consumed like a host's, once), with no entries where the proposal was refused. Else: a delivery, and nothing
  /// counts until its outcome has come. A creation that neither snapshot knows is left out, and counted as `not_live`.
  struct outcome {
    std::optional<reward> learned;           ///< to the User Buddy
    std::optional<slate_delivery> delivered; ///< to the person, through the host
    bool finished = false;                   ///< with this, every simulated person has had this period's rounds
    errc code = errc::ok;                    ///< `unknown_user`
  };
  /// No allocation up to 8 slots for a simulated person's round.
  outcome granted(const slate_granted& g);
  /// What became of a delivery. Shown: its impressions count, and are open for feedback. Not shown: it is as if it had never been granted.
  /// True: it is shown now. One that isn't awaited (it came twice, the user has left) changes nothing.
  bool take(const slate_outcome& m);
  /// The slate that waits for an outcome, as its log is to say it; nothing where none does.
  [[nodiscard]] std::optional<slate_granted> awaits(user_id user, std::uint64_t delivery) const;
  /// Opens impressions that its log says a user was shown, or, with a code that isn't ok, was not shown after all; nothing is counted for a
  /// period.
  void reopen(const slate_granted& shown);
  /// Deliveries that wait for their outcome. The oldest of more never count.
  static constexpr std::size_t most_undelivered = std::size_t{1} << 17;
  /// A host's feedback. Errors: `unknown_user`, `unknown_impression`, `feedback_not_shown` (issued to someone else),
  /// `feedback_twice`, `feedback_late` (expired), `not_finite`, `reward_out_of_range` (beyond ±`largest_reward`).
  result<reward> take(const feedback& f);
  /// The same for a signal, which becomes the reward that its subspace gives it. An impression counts once, by the first
  /// signal or reward that comes of it: a host that learns more by waiting waits. Errors: as of `feedback`, and
  /// `unknown_signal`, with the names that the subspace knows; the impression still awaits its feedback then.
  result<reward> take(const graded_feedback& f);
  /// What a reward that was taken counts for beside others, in [−1, 1].
  [[nodiscard]] double engagement_of(const earned& e) const noexcept {
    const auto s = raw(subspace_of(e.creation));
    return s < scales_.size() ? scales_[s].worth(e.reward) : 0;
  }
  /// Both impressions have had their feedback then. Errors: as of `feedback` (nothing is closed), and `bad_value` for an
  /// impression compared with itself.
  result<comparison> take(const stated_preference& p);

  /// What a host wants to have explained, for its User Buddy to answer. Errors: `unknown_user`, `unknown_impression`, `feedback_not_shown`
  /// (issued to someone else), `feedback_late` (it isn't remembered any more).
  result<impression_question> about(const explain_request& q);

  /// What day it is, counted from any day on; 0 before it is told.
  void at(std::uint32_t day) { log_.at(day); }
  /// Impressions that have expired without feedback since this was asked last.
  [[nodiscard]] std::uint64_t take_expired() noexcept { return log_.take_expired(); }

  /// A period of the simulation's clock begins: each simulated person has `rounds` rounds.
  void begin(const clock_tick& t);
  /// Ends it: the report for MetaSpace and the one for the clock.
  struct closing {
    regret_report report;
    period_played played;
  };
  closing close();
  /// Has every simulated person had this period's rounds? Ask after `begin` and `remove`, which may finish a period too.
  [[nodiscard]] bool finished() const noexcept { return awaited_ == 0; }

  /// From now on users play these strains, and how they do is noted. Errors (nothing changes): those of `check`.
  errc deal(const strain_news& m);
  /// Ends a period of that; nothing where users play no strains.
  [[nodiscard]] std::optional<strain_report> strains(std::uint64_t period);

  /// Is a slate on its way to that user?
  [[nodiscard]] bool delivers_to(user_id user) const noexcept;
  /// What is known of a user's impressions, for as long as they sleep; nothing: none is.
  [[nodiscard]] std::optional<awaiting_user_state> open_of(user_id user) const;
  /// A host's user has fallen asleep: nothing of them stays here. Nothing happens where they aren't here.
  void let_go(user_id user);
  /// They have woken: with those impressions, whatever was known before. What has expired meanwhile counts as expired now.
  void take_back(user_id user, const std::optional<awaiting_user_state>& open);
  /// The newest, by subspace; null: none was seen.
  [[nodiscard]] std::span<const std::shared_ptr<const catalogue_version>> catalogues() const noexcept { return snapshots_; }

  /// What each arm of a comparison with control has earned so far, by group of people; empty where nothing is compared.
  [[nodiscard]] std::vector<compared_arms> compared() const { return control_.save(); }

  [[nodiscard]] std::size_t people() const noexcept { return users_.size(); } ///< simulated ones
  /// What was refused since the body counted last.
  [[nodiscard]] refusal_tally& refused() noexcept { return refused_; }
  [[nodiscard]] const refusal_tally& refused() const noexcept { return refused_; }

  [[nodiscard]] aipp_mind_state save() const;
  /// The same mind again, to the bit. Errors: `bad_state` where the state contradicts itself or doesn't fit the
  /// configuration.
  [[nodiscard]] static result<aipp_mind> restore(aipp_config config, const aipp_mind_state& state);

private:
  result<void> restore_catalogues(const aipp_mind_state& s);
  result<void> restore_users(const aipp_mind_state& s);
  void count_best();
  /// Of somebody here, and of an impression that could have been issued?
  result<void> could_count(user_id user, impression_id impression);
  /// What feedback on it is about; it has counted then.
  result<impression_log::context> counted(user_id user, impression_id impression);
  void vote(creation_id creation, double engagement);
  reward rewarded(user_id user, const impression_log::context& about, double value);
  static constexpr std::uint32_t batch = 64;                        // people whose best slates are found at once
  static constexpr std::uint32_t hosts = user_index::none - 1;      // index of every user who isn't simulated
  struct place {                                                    // where a shown creation stands
    const catalogue_version* snapshot = nullptr;
    const creation_info* info = nullptr;
  };
  struct by_round {
    exact_sum stated, slate;
  };

  [[nodiscard]] std::span<float> q(std::uint32_t p) noexcept;
  [[nodiscard]] std::span<float> best(std::uint32_t p) noexcept;
  [[nodiscard]] place find(creation_id id) const noexcept;
  void refresh(std::uint32_t chunk);
  void merge_best(std::uint32_t first, std::uint32_t count, const catalogue_version& c);
  void play(std::uint32_t p, const slate_granted& g, outcome& out);
  void miss(std::uint32_t p, std::span<const float> utility);
  void deliver(const slate_granted& g, outcome& out);
  struct on_its_way {
    user_id user{};
    std::uint64_t round = 0;
    std::vector<impression> slate;
    occasion why = occasion::round;
  };
  void open(const on_its_way& slate);
  void revoke(const on_its_way& slate);
  /// Whose a shown impression is, of those that are compared.
  [[nodiscard]] arm arm_of(const impression& i) const noexcept;
  errc refuse(errc code) noexcept;

  aipp_config config_;
  signal_table usual_signals_ = default_signals();                  // of subspaces that name none
  bool capped_;
  std::size_t stride_;                                              // floats of one person: q, then the best N scores
  user_index index_;                                                // → person, or `hosts`
  // Simulated people, by dense index.
  std::vector<float> rows_;
  std::vector<user_id> users_;
  std::vector<std::uint32_t> played_;                               // rounds had in this period
  std::vector<std::vector<std::uint64_t>> held_out_;
  std::vector<std::uint64_t> best_of_;                              // by batch: the version that its best scores are of
  std::uint64_t version_ = 1;                                       // counts changes of snapshots
  std::uint32_t best_count_ = 0;                                    // min(N, live)
  std::vector<std::shared_ptr<const catalogue_version>> snapshots_, previous_; // by subspace
  std::vector<float> block_q_;                                      // scratch of `refresh`
  std::vector<scored> found_;
  impression_log log_;
  std::uint64_t deliveries_ = 0;
  std::map<std::uint64_t, on_its_way> undelivered_; // by delivery
  // The period.
  std::uint64_t period_ = 0, awaited_ = 0, slates_ = 0, slates_known_ = 0, hits_ = 0, hit_slates_ = 0;
  std::uint32_t rounds_ = 0;
  std::vector<by_round> regret_;
  exposure_tally tally_;
  exposure_tally votes_; // of people's first rounds alone: nobody says more by playing on
  std::vector<engagement_scale> scales_; // by subspace
  control_tally control_;
  std::optional<fitness_book> fitness_;
  refusal_tally refused_;
};

} // namespace ammo
