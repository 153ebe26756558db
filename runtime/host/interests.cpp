#include "runtime/host/interests.hpp"

#include "actors/base/text.hpp"

#include <cmath>
#include <mutex>

namespace ammo {
namespace {

constexpr std::size_t longest_text = 4'096;

} // namespace

result<subspace_id> interests::named(const std::string& subspace) const {
  if (auto id = space_.find(subspace))
    return *id;
  return {errc::unknown_subspace, '"' + subspace + "\", named by an interest"};
}

result<void> interests::set_embedder(const std::string& subspace, text_embedder embedder) {
  auto id = named(subspace);
  if (!id)
    return id.error();
  std::unique_lock lock(changing_);
  embedders_[raw(*id)] = std::move(embedder);
  return {};
}

result<interest_notice> interests::checked(subspace_id subspace, std::vector<float> v) const {
  const auto width = space_.coordinates(subspace).width;
  const auto where = " in subspace \"" + space_.name(subspace) + '"';
  if (v.size() != width)
    return {errc::wrong_dimension, "an interest has " + std::to_string(width) + " coordinates" + where + ", not " +
                                     std::to_string(v.size())};
  double square = 0;
  for (double x : v)
    square += x * x;
  if (!(square > 0 && std::isfinite(square)))
    return {errc::not_finite, "an interest without a direction" + where};
  return interest_notice{subspace, {std::move(v)}};
}

result<std::vector<float>> interests::understood(subspace_id subspace, std::string_view text) const {
  text_embedder embed;
  {
    std::shared_lock lock(changing_);
    embed = embedders_[raw(subspace)];
  }
  if (!embed)
    return std::vector<float>{};
  try {
    return embed(text);
  } catch (...) { // a host's embedder must not throw
    return {errc::bad_text, "the embedder of \"" + space_.name(subspace) + "\" failed"};
  }
}

result<std::vector<interest_notice>> interests::meanings(const stated_interest& stated) const {
  std::vector<interest_notice> out;
  for (std::size_t at = 0; at < space_.size(); ++at) {
    const subspace_id id{static_cast<std::uint16_t>(at)};
    const bool asked = space_.name(id) == stated.subspace;
    if (!asked && !stated.subspace.empty())
      continue;
    auto v = understood(id, stated.text);
    if (!asked && (!v || v->empty()))
      continue;
    if (!v)
      return v.error();
    if (v->empty())
      return {errc::bad_text, '"' + stated.subspace + "\" doesn't understand texts: give a vector, or set_embedder"};
    auto notice = checked(id, std::move(*v));
    if (!notice)
      return notice.error();
    out.push_back(std::move(*notice));
  }
  if (out.empty())
    return {errc::bad_text, "no subspace knows a word of it"};
  return out;
}

result<interest_statement> interests::statement_of(user_id user, const stated_interest& stated) const {
  if (!(stated.confidence > 0 && stated.confidence <= 0.99))
    return {errc::bad_value, "an interest's confidence is in (0, 0.99], not " + std::to_string(stated.confidence)};
  if (stated.vector.empty() == stated.text.empty())
    return {errc::bad_value, "an interest is a vector or a text"};
  interest_statement out{user, 0, stated.confidence, {}};
  if (stated.text.empty() || !stated.subspace.empty())
    if (auto known = named(stated.subspace); !known)
      return known.error();
  if (stated.text.empty()) {
    auto notice = checked(*space_.find(stated.subspace), stated.vector);
    if (!notice)
      return notice.error();
    out.stated.push_back(std::move(*notice));
    return out;
  }
  if (stated.text.size() > longest_text)
    return {errc::bad_text, std::to_string(stated.text.size()) + " bytes, at most " + std::to_string(longest_text)};
  if (!is_utf8(stated.text))
    return {errc::bad_text, "an interest's text isn't UTF-8"};
  auto meant = meanings(stated);
  if (!meant)
    return meant.error();
  out.stated = std::move(*meant);
  return out;
}

} // namespace ammo
