/// Texts that are put together from facts, by the forms of a kind of subspace.
/// Lives here: the choice among forms. May not live here: the forms of any kind, where a text lies in the space.
#pragma once

#include "actors/goal_buddy/text_generator.hpp"
#include "subspaces/kind.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ammo {

/// How one of the kinds that are always there writes; an unknown name: as a host's.
[[nodiscard]] const forms& forms_of(std::string_view kind) noexcept;

/// States facts of `r.facts` and titles of `r.nearby` only, and beside them, the more the larger `style.reach` is, addresses
/// who asked in their own words (`r.text`). `style.length` says how much is told, `seed` which of the equally fitting
/// sentences. A function of its arguments. Errors: `generator_failed` without a fact "title"; those of `check`.
[[nodiscard]] result<written_creation> written_by_template(const forms& how, const writing_request& r);

/// Every word that the forms of a kind have of their own: what a text says beyond these, it has from facts and request.
[[nodiscard]] std::vector<std::string> words_of_forms(const forms& how);

/// A generator that answers before `write` returns.
class template_writer final : public text_generator {
public:
  explicit template_writer(forms how) : how_(std::move(how)) {}
  explicit template_writer(std::string_view kind) : how_(forms_of(kind)) {}
  std::uint64_t write(writing_request r, answer done) override;

private:
  forms how_;
};

} // namespace ammo
