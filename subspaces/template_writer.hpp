/// Texts that are put together from facts, by forms that each kind of subspace has of its own.
/// Lives here: forms, and the choice among them. May not live here: where a text lies in the space.
#pragma once

#include "actors/goal_buddy/text_generator.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ammo {

/// A sentence with places for facts ("{title} comes from {chain}."); used where all of its facts are there. "{nearby}" is what
/// is offered close by, two titles at most, never its own. `each`: the form is one fact alone, whose sentences may be told
/// each for itself.
struct form {
  std::string_view text;
  double weight = 0; ///< told before others; 2 and more: always
  bool each = false;
};

/// How one kind of subspace writes.
struct forms {
  std::span<const form> told;      ///< in the order of reading
  std::string_view action = "Read more"; ///< what a person may do at the link
};

/// Of "coin", "job", "edu"; others get the sentences of their facts as they are.
[[nodiscard]] forms forms_of(std::string_view kind) noexcept;
extern const forms coin_forms, job_forms, edu_forms;

/// States facts of `r.facts` and titles of `r.nearby` only, and beside them, the more the larger `style.reach` is, addresses
/// who asked in their own words (`r.text`). `style.length` says how much is told, `seed` which of the equally fitting
/// sentences. A function of its arguments. Errors: `generator_failed` without a fact "title"; those of `check`.
[[nodiscard]] result<written_creation> written_by_template(const forms& how, const writing_request& r);

/// Every word that the forms of a kind have of their own: what a text says beyond these, it has from facts and request.
[[nodiscard]] std::vector<std::string> words_of_forms(const forms& how);

/// A generator that answers before `write` returns.
class template_writer final : public text_generator {
public:
  explicit template_writer(std::string_view kind) : how_(forms_of(kind)) {}
  std::uint64_t write(writing_request r, answer done) override;

private:
  forms how_;
};

} // namespace ammo
