/// The calls of a host: what each checks at once, what it asks the actors, and what it makes of the answer.
#include "actors/base/random.hpp"
#include "actors/base/text.hpp"
#include "actors/space/eligibility.hpp"
#include "actors/space/length.hpp"
#include "runtime/config/deployment_content.hpp"
#include "runtime/host/host_writing.hpp"
#include "runtime/host/runtime_impl.hpp"
#include "runtime/system/evolved.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <new>

namespace ammo {
namespace {

/// Of a signal's name, in bytes.
constexpr std::size_t longest_signal = 256;

/// Keys of creations that a host makes stand apart from those that Goal Buddies make themselves.
constexpr std::uint64_t host_keys = std::uint64_t{1} << 62;

result<void> check_embedding(std::span<const float> e, const subspace_options& s, std::uint32_t width) {
  if (e.size() != width)
    return {errc::wrong_dimension, "subspace \"" + s.name + "\" takes " + std::to_string(width) + " coordinates, not " +
                                     std::to_string(e.size())};
  const double norm = length_of(e);
  if (!std::isfinite(norm))
    return {errc::not_finite, "in an embedding for subspace \"" + s.name + "\""};
  if (norm > s.norm_cap + 1e-4)
    return {errc::norm_over_cap, "norm " + std::to_string(norm) + ", cap " + std::to_string(s.norm_cap) + " in subspace \"" + s.name + "\""};
  return {};
}

result<void> nothing_or(errc code, std::string detail = {}) {
  return code == errc::ok ? result<void>{} : result<void>{code, std::move(detail)};
}

result<creation_receipt> receipt_of(const auto& m) {
  if (m.code != errc::ok)
    return {m.code, m.detail};
  return creation_receipt(m);
}

result<slate> slate_of(const granted_slate& m) {
  if (m.of.code != errc::ok)
    return {m.of.code, "user " + std::to_string(raw(m.of.user))};
  return slate{m.of.user, m.of.round, false, m.of.slate, m.provisional};
}

result<void> admitted(const admission& m) { return nothing_or(m.code, m.detail); }

/// Its number: from 1 in the order of `user.situations`; 0: none in particular.
result<std::uint32_t> situation_in(const options& deployment, const situation& when) {
  const auto& known = deployment.user.situations;
  if (!when.any())
    return 0u;
  const auto at = when.word().empty() ? (when.place() >= 0 && std::cmp_less(when.place(), known.size()) ? known.begin() + when.place() : known.end())
                                      : std::ranges::find(known, when.word());
  if (at != known.end())
    return static_cast<std::uint32_t>(at - known.begin() + 1);
  std::string all;
  for (const auto& word : known)
    all += (all.empty() ? "" : ", ") + in_quotes(word);
  return {errc::unknown_situation, (when.word().empty() ? "place " + std::to_string(when.place()) : in_quotes(when.word())) +
                                     "; user.situations " + (all.empty() ? "is empty" : "has " + all)};
}

/// What a person is to see. Rendering may be a host's code: what that throws is a refusal.
result<shared_item> rendered_by_kind(const context& ctx, const subspace_kind& kind, const goal_spec& g, const item_form& how) {
  in_host_code here(&ctx);
  try {
    return shared_item(std::make_shared<const item>(rendered(kind, g.facts, how)));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {
    return {errc::bad_text, "the kind of subspace " + in_quotes(g.subspace) + " failed at rendering the facts of Goal Buddy " + std::to_string(raw(g.goal))};
  }
}

/// So many equal rewards are no coincidence.
constexpr std::uint64_t enough_rewards = 100;

/// As `part_health` has it.
std::string part_named(const options& deployment, address of) {
  switch (of.of) {
  case role::supervisor:
  case role::population:
  case role::evolution: return std::string(name_of(of.of));
  case role::host: return "bridge";
  case role::user_buddy: return "user " + std::to_string(of.id);
  case role::goal_buddy: return "goal " + std::to_string(of.id);
  case role::subspace: return "subspace " + (of.id < deployment.subspaces.size() ? deployment.subspaces[of.id].name : std::to_string(of.id));
  default: return std::string(name_of(of.of)) + ' ' + std::to_string(of.id);
  }
}

} // namespace

void runtime::impl::add_user(user_id user, reply<void>&& to) { ask_actors<admission>(admit_user{user, 0}, std::move(to), admitted); }

result<interest_statement> runtime::impl::statement_of(user_id user, const stated_interest& interest) const {
  const auto when = situation_in(*deployment, interest.situation);
  if (!when)
    return when.error();
  in_host_code here(static_cast<const context*>(ctx.get())); // an embedder is the host's
  auto meant = meaning->statement_of(user, interest);
  if (meant)
    meant->situation = *when;
  return meant;
}

void runtime::impl::add_user(user_id user, const stated_interest& interest, reply<void>&& to) {
  if (refused_as_forked(to))
    return;
  auto meant = statement_of(user, interest);
  if (!meant)
    return refuse(meant.error(), to);
  // Two questions under two keys, of which the host knows one.
  const auto key = to.key.value != 0 ? to.key : call_key(own_keys | fresh_key(), to.key.holder);
  auto second = in_turn(std::move(to));
  second.told = key;
  second.key = call_key(splitmix64(key.value)() | 1, key.holder);
  const auto ends = due();
  answered_somehow(second, [&] {
    ask_actors<admission>(admit_user{user, 0},
                          reply<void>{[all = weak_from_this(), meant = std::move(*meant), second, ends](const result<void>& added) {
                                        const auto me = all.lock();
                                        if (!added || !me)
                                          return second.to(added ? result<void>(errc::stopped) : added);
                                        me->answered_somehow(second, [&] { me->state(meant, reply<void>(second), ends); });
                                      },
                                      true, key},
                          admitted, ends);
  });
}

void runtime::impl::state_interest(user_id user, const stated_interest& interest, reply<void>&& to) {
  if (refused_as_forked(to))
    return;
  auto meant = statement_of(user, interest);
  if (!meant)
    return refuse(meant.error(), to);
  state(std::move(*meant), std::move(to));
}

void runtime::impl::state(interest_statement meant, reply<void>&& to, std::optional<time_source::instant> due) {
  const auto about = "an interest of user " + std::to_string(raw(meant.user));
  ask_actors<feedback_verdict>(
    std::move(meant), std::move(to),
    [about](const feedback_verdict& m) { return nothing_or(m.code, about); }, due);
}

void runtime::impl::remove_user(user_id user, reply<void>&& to) {
  sessions->forget(user);
  ask_actors<admission>(dismiss_user{user, 0}, std::move(to), admitted);
}

void runtime::impl::add_goal(goal_spec g, reply<creation_receipt>&& to) {
  const auto& all = deployment->subspaces;
  auto it = std::find_if(all.begin(), all.end(), [&](const auto& s) { return s.name == g.subspace; });
  if (it == all.end())
    return refuse({errc::unknown_subspace, in_quotes(g.subspace) + ", wanted by Goal Buddy " + std::to_string(raw(g.goal))}, to);
  if (it->retired)
    return refuse({errc::unknown_subspace, in_quotes(g.subspace) + " is retired"}, to);
  subspace_id at{static_cast<std::uint16_t>(it - all.begin())};
  if (auto fine = check_embedding(g.grounded, *it, space.coordinates(at).width); !fine)
    return refuse(fine.error(), to);
  auto budget = g.budget_micros == -1 ? deployment->goal.budget_micros : g.budget_micros;
  if (budget < 0)
    return refuse({errc::budget_negative, std::to_string(budget) + " micro-units for Goal Buddy " + std::to_string(raw(g.goal))}, to);
  if (budget < it->price_micros)
    return refuse({errc::budget_exceeded, "the first creation costs " + std::to_string(it->price_micros) +
                                            " micro-units, the budget is " + std::to_string(budget)},
                  to);
  if (auto fine = check(g.facts); !fine)
    return refuse(fine.error(), to);
  if (auto fine = check_tags(g.tags); !fine)
    return refuse(fine.error(), to);
  if (const auto how = item_form_of(*it); !g.item && !g.facts.empty() && how.any()) {
    auto made = rendered_by_kind(*ctx, *deployment->kinds.find(it->kind), g, how);
    if (!made)
      return refuse(made.error(), to);
    g.item = std::move(*made);
  }
  if (auto fine = g.item ? check(*g.item) : result<void>{}; !fine)
    return refuse(fine.error(), to);
  ask_actors<admission>(admit_goal{.goal = g.goal,
                                   .owner = g.owner,
                                   .subspace = at,
                                   .content = g.content,
                                   .grounded = {std::move(g.grounded)},
                                   .budget_micros = budget,
                                   .policy = std::move(g.policy),
                                   .request = 0,
                                   .facts = std::move(g.facts),
                                   .shown = std::move(g.item),
                                   .tags = std::move(g.tags)},
                        std::move(to), [](const admission& m) { return receipt_of(m); });
}

void runtime::impl::create(creation_spec c, reply<creation_receipt>&& to) {
  if (c.key >= host_keys)
    return refuse({errc::bad_value, "key " + std::to_string(c.key) + " of a creation of Goal Buddy " +
                                      std::to_string(raw(c.goal)) + "; keys are below 2^62"},
                  to);
  if (auto fine = c.item ? check(*c.item) : result<void>{}; !fine)
    return refuse(fine.error(), to);
  if (auto fine = check_tags(c.tags); !fine)
    return refuse(fine.error(), to);
  creation_offer offer;
  offer.shown = std::move(c.item);
  offer.tags = std::move(c.tags);
  offer.goal = c.goal;
  offer.key = c.key != 0 ? host_keys | c.key : own_keys | fresh_key();
  offer.replaces = c.replaces;
  offer.content = c.content;
  offer.grounded.values = c.grounded.empty() ? c.e : std::move(c.grounded);
  offer.e.values = std::move(c.e);
  ask_actors<creation_verdict>(std::move(offer), std::move(to), [](const creation_verdict& m) { return receipt_of(m); });
}

void runtime::impl::write(writing_spec what, reply<written_receipt>&& to) {
  auto asked = request_of(std::move(what));
  if (!asked)
    return refuse(asked.error(), to);
  ask_actors<written_news>(std::move(*asked), std::move(to), [](written_news m) { return written_receipt_of(std::move(m)); });
}

void runtime::impl::withdraw(goal_id goal, creation_id creation, reply<void>&& to) {
  ask_actors<creation_verdict>(creation_withdrawal{goal, creation, 0}, std::move(to),
                               [](const creation_verdict& m) { return nothing_or(m.code, m.detail); });
}

void runtime::impl::remove_goal(goal_id goal, reply<void>&& to) {
  ask_actors<creation_verdict>(dismiss_goal{goal, 0}, std::move(to),
                               [](const creation_verdict& m) { return nothing_or(m.code, m.detail); });
}

void runtime::impl::ask(user_id user, std::uint32_t n, ask_options how, reply<slate>&& to) {
  if (n > max_slots)
    return refuse({errc::too_many_slots, std::to_string(n) + " slots, at most " + std::to_string(max_slots)}, to);
  for (const content_set* set : {&how.only, &how.except})
    if (auto fine = check(*set); !fine)
      return refuse(fine.error(), to);
  const auto within = how.at_most.within;
  if (how.at_most.times > 0 && (within.count() <= 0 || within > std::chrono::days(366)))
    return refuse({errc::bad_value, "a limit of showings within " + std::to_string(within.count()) + " seconds; above 0 and at most 366 days"}, to);
  const auto when = situation_in(*deployment, how.situation);
  if (!when)
    return refuse(when.error(), to);
  slate_request asked{.user = user, .slots = n, .situation = *when, .only = std::move(how.only), .except = std::move(how.except)};
  if (how.at_most.times > 0) {
    asked.at_most = how.at_most.times;
    asked.within_s = static_cast<std::uint64_t>(within.count());
  }
  ask_actors<granted_slate>(std::move(asked), std::move(to), [](const granted_slate& m) { return slate_of(m); });
}

void runtime::impl::feedback(user_id user, impression_id impression, double value, reply<void>&& to) {
  ask_actors<feedback_verdict>(ammo::feedback{user, impression, value, 0}, std::move(to), verdict_on(user, impression));
}

void runtime::impl::feedback(user_id user, impression_id impression, signal what, reply<void>&& to) {
  ask_actors<feedback_verdict>(graded_feedback{.user = user, .impression = impression, .what = what}, std::move(to),
                               verdict_on(user, impression));
}

void runtime::impl::feedback(user_id user, impression_id impression, std::string_view signal, reply<void>&& to) {
  if (signal.empty() || signal.size() > longest_signal)
    return refuse({errc::unknown_signal, signal.empty() ? "a signal without a name" : "a name of " + std::to_string(signal.size()) + " bytes, at most " + std::to_string(longest_signal)}, to);
  ask_actors<feedback_verdict>(graded_feedback{.user = user, .impression = impression, .name = std::string(signal)}, std::move(to),
                               verdict_on(user, impression));
}

void runtime::impl::prefer(user_id user, impression_id better, impression_id worse, reply<void>&& to) {
  ask_actors<feedback_verdict>(stated_preference{user, better, worse, 0}, std::move(to), [=, book = sessions](const feedback_verdict& m) {
    if (m.code == errc::ok) // both have had their feedback
      for (const auto impression : {better, worse})
        (void)book->end(user, impression);
    return nothing_or(m.code, "user " + std::to_string(raw(user)) + ", impressions " + std::to_string(raw(better)) + ", " +
                                std::to_string(raw(worse)));
  });
}

void runtime::impl::regret(user_id user, reply<user_belief>&& to) {
  ask_actors<belief>(belief_request{user, 0}, std::move(to), [of = deployment, in = space](belief m) -> result<user_belief> {
    user_belief out{m.rounds, m.observations, m.believed_regret, m.regret_bound, std::move(m.mean.values), m.group_regret, {}};
    for (std::size_t at = 0; at < in.size(); ++at)
      if (const auto factor = in.factor_of(subspace_id{static_cast<std::uint16_t>(at)}); factor < m.rewards.size()) {
        const auto& f = m.rewards[factor];
        out.rewards.push_back({of->subspaces[at].name, f.kind, f.offset, f.noise, f.restarts, f.looks, f.apart});
      }
    return out;
  });
}

void runtime::impl::explain(user_id user, impression_id impression, reply<explanation>&& to, std::optional<time_source::instant> due) {
  ask_actors<explained>(
    explain_request{user, impression, 0}, std::move(to),
    [user](explained m) -> result<explanation> {
      if (m.code != errc::ok)
        return {m.code, "user " + std::to_string(raw(user)) + (m.detail.empty() ? "" : ", " + m.detail)};
      return std::move(m.of);
    },
    due);
}

void runtime::impl::statistics(reply<runtime_statistics>&& to) {
  ask_actors<runtime_statistics>(statistics_request{0}, std::move(to),
                                 [](runtime_statistics m) -> result<runtime_statistics> { return m; });
}

void runtime::impl::health(reply<runtime_health>&& to) {
  ask_actors<health_answer>(health_request{}, std::move(to), [of = deployment, rewards = variety](const health_answer& m) -> result<runtime_health> {
    runtime_health out{.parts = {}, .state = m.store.code, .detail = m.store.detail, .warnings = {}};
    for (std::size_t at = 0; at < rewards->subspaces(); ++at)
      if (const auto same = rewards->all_same(subspace_id{static_cast<std::uint16_t>(at)}); same && same->count >= enough_rewards)
        out.warnings.push_back({"rewards_all_equal", "subspace " + of->subspaces[at].name + ": each of " + std::to_string(same->count) +
                                                       " rewards was " + std::to_string(same->reward) + ", so nothing can be learned from them"});
    for (const auto& p : m.parts)
      out.parts.push_back({part_named(*of, p.of), p.quarantined, p.failures, p.answers, std::chrono::duration_cast<std::chrono::microseconds>(p.waited)});
    std::ranges::stable_sort(out.parts, std::greater<>{}, [](const part_health& p) { return !p.answers || p.quarantined; });
    return out;
  });
}

result<void> runtime::impl::release(const std::string& part) {
  if (forked())
    return errc::forked;
  if (const auto at = as_node())
    if (const auto here = at->serving())
      return here->release(part);
  for (const auto& f : ctx->failures.all())
    if (f.quarantined && part_named(*deployment, f.part) == part) {
      const bool comes_back = keeper && (f.part.of == role::aipp || f.part.of == role::subspace || f.part.of == role::user_buddy);
      if (failure_book::is_large(f.part.of) && !comes_back) {
        ctx->refused(this, errc::bad_state);
        return {errc::bad_state, part + " may be half changed: start the runtime again"};
      }
      if (!ctx->failures.release(f.part))
        break;
      if (comes_back)
        keeper->bring_back(f.part);
      ctx->note(log_level::info, "part_released", {{"part", std::string_view(part)}});
      return {};
    }
  ctx->refused(this, errc::bad_value);
  return {errc::bad_value, in_quotes(part) + " isn't quarantined; health() says what is"};
}

void runtime::impl::evolution(reply<evolution_standing>&& to) {
  ask_actors<evolution_report>(evolution_request{}, std::move(to),
                               [of = deployment](const evolution_report& m) -> result<evolution_standing> {
                                 return evolution_standing{m.generation, of->evolution.diversity_floor, what_evolved(*of, m)};
                               });
}

} // namespace ammo
