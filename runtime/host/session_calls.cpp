/// A person's session with the Goal Buddy that made what they were shown: questions, and feedback that ends it.
#include "actors/base/random.hpp"
#include "actors/base/text.hpp"
#include "runtime/host/host_writing.hpp"
#include "runtime/host/runtime_impl.hpp"

namespace ammo {
namespace {

result<void> check_question(const std::string& text) {
  if (text.size() > longest_question)
    return {errc::text_too_long, "a question of " + std::to_string(text.size()) + " bytes, at most " + std::to_string(longest_question)};
  if (text.empty() || !is_utf8(text))
    return {errc::bad_text, text.empty() ? "an empty question" : "a question that isn't UTF-8"};
  return {};
}

} // namespace

void runtime::impl::elaborate(user_id user, impression_id impression, std::string question, writing_style style, reply<elaboration>&& to) {
  if (refused_as_forked(to))
    return;
  if (auto fine = check_question(question); !fine)
    return refuse(fine.error(), to);
  if (auto fine = request_of({.style = style}); !fine)
    return refuse(fine.error(), to);
  auto turn = sessions->begin(user, impression, ctx->time->now());
  if (!turn)
    return refuse(turn.error(), to);
  const auto ends = due();
  reply<elaboration> first;
  try {
    first = in_turn(std::move(to));
    // Whatever becomes of it, the session hears of it before the person does.
    reply<elaboration> told{[book = sessions, user, impression, done = first.to](result<elaboration> r) {
                              if (!r)
                                book->failed(user, impression);
                              done(std::move(r));
                            },
                            true};
    const auto with = turn->with;
    asked_question asked{user, impression, std::move(question), style, std::move(*turn)};
    if (with)
      return put(std::move(asked), *with, std::move(told), ends);
    explain(user, impression, explained_first(std::move(asked), std::move(told), ends), ends);
  } catch (...) {
    sessions->failed(user, impression);
    if (!first.to) // its caller still has where the answer goes to
      throw;
    answered_somehow(first, [] { throw; });
  }
}

reply<explanation> runtime::impl::explained_first(asked_question asked, reply<elaboration> told, time_source::instant ends) {
  return reply<explanation>{[all = weak_from_this(), asked = std::move(asked), told = std::move(told), ends](const result<explanation>& shown) {
                              const auto me = all.lock();
                              if (!shown || !me)
                                return told.to(shown ? failure{errc::stopped, {}} : shown.error());
                              if (shown->goal == goal_id{} && !shown->item)
                                return me->refuse({errc::unknown_creation, "creation " + std::to_string(raw(shown->creation)) + " has gone"}, told);
                              if (shown->answered)
                                return me->refuse({errc::session_over, "impression " + std::to_string(raw(shown->impression)) + " has had its feedback"}, told);
                              me->answered_somehow(told, [&] { me->put(asked, {shown->goal, shown->creation, shown->subspace, shown->content}, reply<elaboration>(told), ends); });
                            },
                            true};
}

void runtime::impl::put(asked_question q, const session_partner& to_whom, reply<elaboration>&& to, time_source::instant due) {
  writing_request wanted;
  wanted.goal = to_whom.goal;
  wanted.text = q.text;
  wanted.said = q.turn.said;
  wanted.style = q.style;
  wanted.seed = generator(raw(q.impression), stream::goal, raw(to_whom.goal), q.turn.number)();
  ask_actors<written_news>(
    std::move(wanted), std::move(to),
    [book = sessions, counting = ctx, q = std::move(q), to_whom](written_news m) -> result<elaboration> {
      if (m.code != errc::ok)
        return {m.code, m.detail};
      counting->count.add(counter::questions, book.get());
      const auto left = book->answered(q.user, q.impression, q.text, to_whom, std::move(m.e.values));
      return elaboration{q.impression, to_whom.creation, to_whom.goal, to_whom.subspace, to_whom.content, std::move(m.text), left};
    },
    due);
}

std::function<result<void>(const feedback_verdict&)> runtime::impl::verdict_on(user_id user, impression_id impression) {
  const bool alone = deployment->node.name.empty() || of_node;
  return [book = sessions, ctx = ctx, at = std::weak_ptr(alone ? nullptr : as_node()), alone, user, impression](const feedback_verdict& m) -> result<void> {
    if (m.code != errc::ok) {
      if (m.code == errc::feedback_twice || m.code == errc::feedback_late) // it was heard before, and this call's answer was too late
        (void)book->end(user, impression);
      const auto about = "user " + std::to_string(raw(user)) + ", impression " + std::to_string(raw(impression));
      return {m.code, m.detail.empty() ? about : about + ": " + m.detail};
    }
    if (auto told = book->end(user, impression)) {
      const address_of<role::goal_buddy> whom(told->goal);
      session_feedback heard{told->goal, {std::move(told->e)}, m.engagement};
      if (alone)
        send_as(the_host, *ctx, whom, std::move(heard));
      else if (const auto me = at.lock())
        me->tell(told->subspace, whom, session_feedback::type, outward_frame(*ctx, the_host, heard));
    }
    return {};
  };
}

} // namespace ammo
