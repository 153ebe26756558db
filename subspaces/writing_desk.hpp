/// Where a subspace's texts come from: finds words for a direction, has them written, judges the text, and says where in the
/// space it lies. Lives here: what a text means. May not live here: who writes.
#pragma once

#include "actors/goal_buddy/text_generator.hpp"
#include "subspaces/text_index.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ammo {

struct content;

/// To write of an item of real data: its facts and where they lie. What is close by is left to the caller.
[[nodiscard]] writing_request request_of(const content& c, std::size_t item, std::string wish, writing_style style,
                                         std::uint64_t seed = 1);

/// What texts mean in a subspace.
struct text_sense {
  /// A direction of norm 1; one without coordinates, or no function: texts aren't understood here. Called on any thread.
  std::function<result<std::vector<float>>(std::string_view)> embed;
  std::shared_ptr<const text_index> words; ///< the way back, from a direction to words; null: none is known

  /// Both from one index.
  static text_sense of(std::shared_ptr<const text_index> words);
};

/// Where a text lies: where its facts do, and as far from there as its words are from the words of all facts
/// (`grounded` + embed(text) − embed(facts)), pulled into the ball of radius `cap`. So a text that says what the facts say,
/// lies where they lie, and whatever else it says costs. Nothing where texts aren't understood. Errors: those of `embed`
/// (`bad_text`: no item has any of its words), `wrong_dimension`.
[[nodiscard]] result<std::vector<float>> place_of(const text_sense& sense, const writing_request& r,
                                                  const written_creation& text, float cap);

/// Stands before a generator, which it shares with other subspaces.
class writing_desk final : public text_generator {
public:
  /// Where the subspace doesn't understand texts, a generator must say itself where its text lies.
  writing_desk(std::shared_ptr<text_generator> writer, text_sense sense, std::uint32_t dim, float norm_cap);

  /// A request with a direction and no words gets the words nearest to the way there from the facts, and reaches as far. What
  /// is close by passes as far as it is `fit`.
  /// Answers, beside the generator's own errors: `check`'s, those of `place_of`, and of an embedding that a generator brings
  /// `wrong_dimension`, `not_finite`, `norm_over_cap`.
  std::uint64_t write(writing_request r, answer done) override;
  void cancel(std::uint64_t ticket) override { writer_->cancel(ticket); }
  void close() override { writer_->close(); } ///< of all who share it

private:
  void word(writing_request& r) const;

  std::shared_ptr<text_generator> writer_;
  struct place {
    text_sense sense;
    std::uint32_t dim;
    float norm_cap;
    [[nodiscard]] result<std::vector<float>> of(const writing_request& r, const written_news& n) const;
  } place_; // by value in each answer: one may come when the desk is gone
};

} // namespace ammo
