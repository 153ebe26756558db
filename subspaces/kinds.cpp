#include "subspaces/kinds.hpp"

#include "subspaces/template_writer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

namespace ammo {
namespace {

result<void> judge(const subspace_kind& kind) {
  const auto& w = kind.width;
  const std::string who = "kind \"" + kind.name + '"';
  if (kind.name.empty())
    return {errc::bad_value, "a kind of subspace without a name"};
  if (w.least == 0 || w.least > w.most || (w.usual != 0 && (w.usual < w.least || w.usual > w.most)))
    return {errc::bad_value, who + " can have " + std::to_string(w.least) + " to " + std::to_string(w.most) +
                               " coordinates, usually " + std::to_string(w.usual)};
  return judge_signals(kind.signals, who);
}

/// What is always there. A constant: nothing is ever added to it.
const std::array<std::shared_ptr<const subspace_kind>, 4>& built_in() {
  static const std::array all{std::make_shared<const subspace_kind>(coin_kind()),
                              std::make_shared<const subspace_kind>(job_kind()),
                              std::make_shared<const subspace_kind>(edu_kind()),
                              std::make_shared<const subspace_kind>(
                                subspace_kind{.name = "host", .width = {.least = 1, .usual = 0, .most = 4096}})};
  return all;
}

} // namespace

result<void> judge_signals(const signal_table& table, const std::string& whose) {
  for (auto s = table.begin(); s != table.end(); ++s) {
    if (s->name.empty() || find_signal(table, s->name) != &*s)
      return {errc::bad_value,
              whose + (s->name.empty() ? " has a signal without a name" : " has the signal \"" + s->name + "\" twice")};
    if (!std::isfinite(s->worth))
      return {errc::not_finite, whose + ", signal \"" + s->name + '"'};
    if (std::abs(s->worth) > 1)
      return {errc::reward_out_of_range,
              whose + ", signal \"" + s->name + "\" is worth " + std::to_string(s->worth) + "; allowed: from -1 to 1"};
  }
  return {};
}

result<void> kind_list::add(subspace_kind kind) {
  if (auto fine = judge(kind); !fine)
    return fine;
  if (find(kind.name))
    return {errc::bad_value, "kind \"" + kind.name + "\" is there already"};
  added_.push_back(std::make_shared<const subspace_kind>(std::move(kind)));
  return {};
}

std::shared_ptr<const subspace_kind> kind_list::find(std::string_view name) const noexcept {
  for (const auto& all : {std::span<const std::shared_ptr<const subspace_kind>>(built_in()), std::span(added_)})
    for (const auto& k : all)
      if (k->name == name)
        return k;
  return nullptr;
}

std::vector<std::string_view> kind_list::names() const {
  std::vector<std::string_view> out;
  for (const auto& k : built_in())
    out.push_back(k->name);
  for (const auto& k : added_)
    out.push_back(k->name);
  return out;
}

namespace {

/// The text with each {name} in its fact's words; nothing where one isn't there.
std::optional<std::string> filled(std::string_view text, const std::vector<fact>& facts) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('{'), close = open == text.npos ? text.npos : text.find('}', open);
    if (close == text.npos)
      return out.append(text);
    const auto said = fact_named(facts, text.substr(open + 1, close - open - 1));
    if (said.empty())
      return std::nullopt;
    out.append(text.substr(0, open)).append(said);
    text.remove_prefix(close + 1);
  }
  return out;
}

} // namespace

item rendered(const subspace_kind& kind, const std::vector<fact>& facts, const item_form& how) {
  auto out = rendered(kind, facts);
  for (const auto& [form, part] : {std::pair(&how.title, &out.title), std::pair(&how.body, &out.body), std::pair(&how.link, &out.link)})
    if (auto text = form->empty() ? std::nullopt : filled(*form, facts))
      *part = *std::move(text);
  return out;
}

item rendered(const subspace_kind& kind, const std::vector<fact>& facts) {
  if (kind.render)
    return kind.render(facts);
  writing_request plain_request;
  plain_request.facts = facts;
  plain_request.style = {.reach = 0, .length = 0.2};
  auto told = written_by_template(kind.writing, plain_request);
  if (!told)
    return {std::string(fact_named(facts, "title")), {}, std::string(fact_named(facts, "link"))};
  if (told->body == "\n") // no form had its facts
    told->body.clear();
  return {std::move(told->title), std::move(told->body), std::move(told->link)};
}

} // namespace ammo
