#include "runtime/host/host_writing.hpp"

#include "actors/base/text.hpp"

namespace ammo {

result<writing_request> request_of(writing_spec what) {
  if (what.text.size() > longest_fact || !is_utf8(what.text))
    return {errc::bad_text, "what Goal Buddy " + std::to_string(raw(what.goal)) + " is to write of"};
  const auto& style = what.style;
  if (!(style.reach >= 0 && style.reach <= 1 && style.length >= 0 && style.length <= 1))
    return {errc::bad_value, "a style's reach and length are in [0, 1]"};
  writing_request r;
  r.goal = what.goal;
  r.order = what.order;
  r.text = std::move(what.text);
  r.style = style;
  r.seed = what.seed;
  return r;
}

result<written_receipt> written_receipt_of(written_news told) {
  if (told.code != errc::ok)
    return {told.code, told.detail};
  return written_receipt{std::move(told.text), std::move(told.e.values), told};
}

} // namespace ammo
