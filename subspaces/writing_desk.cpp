#include "subspaces/writing_desk.hpp"

#include "actors/space/ball.hpp"
#include "subspaces/content.hpp"

#include <algorithm>

namespace ammo {
namespace {

constexpr std::size_t words_of_a_direction = 3;

std::vector<float> difference(std::span<const float> a, std::span<const float> b) {
  std::vector<float> out(a.size());
  std::ranges::transform(a, b, out.begin(), std::minus{});
  return out;
}

} // namespace

writing_request request_of(const content& c, std::size_t item, std::string wish, writing_style style, std::uint64_t seed) {
  writing_request r;
  r.goal = goal_id{item};
  r.text = std::move(wish);
  r.facts = c.items[item].facts;
  const auto e = c.embedding(item);
  r.grounded.values.assign(e.begin(), e.end());
  r.style = style;
  r.seed = seed;
  return r;
}

text_sense text_sense::of(std::shared_ptr<const text_index> words) {
  if (!words)
    return {};
  return {[words](std::string_view text) { return words->embed(text); }, words};
}

result<std::vector<float>> place_of(const text_sense& sense, const writing_request& r, const written_creation& text, float cap) {
  const auto& home = r.grounded.values;
  auto said = sense.embed ? sense.embed(text.title + '\n' + text.body) : std::vector<float>{};
  if (!said || said->empty())
    return said;
  const auto facts = sense.embed(words_of(r.facts));
  const auto& known = facts && !facts->empty() ? *facts : home;
  if (said->size() != home.size() || known.size() != home.size())
    return {errc::wrong_dimension, "a text's embedding has " + std::to_string(said->size()) + " coordinates, not " +
                                     std::to_string(home.size())};
  return ball::along(home, difference(*said, known), 1, cap);
}

writing_desk::writing_desk(std::shared_ptr<text_generator> writer, text_sense sense, std::uint32_t dim, float norm_cap)
  : writer_(std::move(writer)), place_{std::move(sense), dim, norm_cap} {}

void writing_desk::word(writing_request& r) const {
  const auto& words = place_.sense.words;
  if (!r.text.empty() || !words || r.direction.values.size() != place_.dim || !ball::finite(r.direction.values))
    return;
  const auto way = difference(r.direction.values, r.grounded.values);
  for (const auto& word : words->nearest_words(way, words_of_a_direction))
    r.text += (r.text.empty() ? "" : ", ") + word;
  const auto there = words->embed(r.text), here = words->embed(words_of(r.facts));
  if (there && here)
    if (const double far = std::sqrt(ball::squared_distance(*there, *here)); far > 0)
      r.style.reach *= std::min(1.0, ball::norm(way) / far);
}

std::uint64_t writing_desk::write(writing_request r, answer done) {
  if (r.grounded.values.size() != place_.dim) {
    done(answer_to(r, errc::wrong_dimension, "the facts' embedding"));
    return 0;
  }
  r.nearby = fit(std::move(r.nearby));
  word(r);
  auto known = std::make_shared<const writing_request>(r);
  return writer_->write(std::move(r), [place = place_, known, done = std::move(done)](written_news n) {
    if (n.code != errc::ok)
      return done(std::move(n));
    result<void> fine = check(n.text);
    auto e = fine ? place.of(*known, n) : result<std::vector<float>>(fine.error());
    if (!e)
      return done(answer_to(*known, e.code(), e.error().detail));
    n.e.values = std::move(*e);
    done(std::move(n));
  });
}

result<std::vector<float>> writing_desk::place::of(const writing_request& r, const written_news& n) const {
  if (!ball::finite(n.e.values))
    return {errc::not_finite, "the embedding of a text"};
  if (auto e = place_of(sense, r, n.text, norm_cap); !e || !e->empty())
    return !e || ball::finite(*e) ? e : result<std::vector<float>>(errc::not_finite, "the embedding of a text");
  if (n.e.values.empty() && r.order == writing_order::draft) // nobody offers it: it is told beside its facts
    return r.grounded.values;
  if (n.e.values.size() != dim)
    return {errc::wrong_dimension, "the embedding of a text has " + std::to_string(n.e.values.size()) + " coordinates, not " +
                                     std::to_string(dim)};
  if (ball::norm(n.e.values) > norm_cap + 1e-4)
    return {errc::norm_over_cap, "the embedding of a text"};
  return n.e.values;
}

} // namespace ammo
