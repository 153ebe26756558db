/// Every message that exists between AMMO's actors, and the one list of them.
///
/// A message is a plain struct with its number on the wire and the order of its fields; `messages/` has them by
/// conversation. Its msgpack form follows from `fields` alone (see codec.hpp): body = array of the fields in that order.
/// Fields are only ever appended. May not live here: behaviour, CAF, msgpack.
#pragma once

#include "actors/protocol/messages/clock.hpp"
#include "actors/protocol/messages/content.hpp"
#include "actors/protocol/messages/evolution.hpp"
#include "actors/protocol/messages/explaining.hpp"
#include "actors/protocol/messages/feedback.hpp"
#include "actors/protocol/messages/interest.hpp"
#include "actors/protocol/messages/membership.hpp"
#include "actors/protocol/messages/population.hpp"
#include "actors/protocol/messages/push.hpp"
#include "actors/protocol/messages/regret.hpp"
#include "actors/protocol/messages/slates.hpp"
#include "actors/protocol/messages/statistics.hpp"
#include "actors/protocol/messages/writing.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

/// The list: X(name) for each message, by its number on the wire, ascending. Names, codec and actors follow from it.
#define AMMO_EACH_MESSAGE(X) \
  X(join) X(join_goal) X(leave) X(creation_offer) X(creation_withdrawal) X(creation_pass) X(creation_verdict) \
  X(catalogue_news) X(slate_request) X(slate_proposal) X(slate_granted) X(slate_delivery) X(feedback) \
  X(feedback_verdict) X(reward) X(regret_report) X(attention_report) X(regret_feedback) X(clock_tick) \
  X(period_played) X(period_open) X(period_opened) X(period_close) X(period_closed) X(statistics_request) \
  X(statistics) X(belief_request) X(belief) X(admit_user) X(dismiss_user) X(admit_goal) X(admission) \
  X(slates_granted) X(stated_preference) X(comparison) X(prior_sum) X(prior_news) X(interest_statement) \
  X(interest_notice) X(slot_terms) X(watch) X(wake) X(graded_feedback) X(written_news) X(writing_request) \
  X(strain_news) X(strain_report) X(evolution_request) X(evolution_report) X(nearby_request) X(nearby_creations) \
  X(slate_outcome) X(dismiss_goal) X(leave_goal) X(people_news) X(explain_request) X(impression_question) X(explained) \
  X(session_feedback)

namespace ammo {

template <class... Ts> struct type_list {};

/// A type whose values have a fixed number of elements.
template <class T> inline constexpr bool is_array = false;
template <class T, std::size_t N> inline constexpr bool is_array<std::array<T, N>> = true;

namespace detail {
template <class... Ts> type_list<Ts...> list_after(type_list<void, Ts...>);
template <class... Ts> consteval bool ascending(type_list<Ts...>) {
  std::uint16_t last = 0;
  return ((Ts::type > last && (last = Ts::type, true)) && ...);
}
} // namespace detail

/// All messages, for whoever has to know every one (codec, tests).
#define AMMO_LISTED(name) , name
using all_messages = decltype(detail::list_after(type_list<void AMMO_EACH_MESSAGE(AMMO_LISTED)>{}));
#undef AMMO_LISTED
static_assert(detail::ascending(all_messages{}), "two messages have one number, or the list isn't in order");

} // namespace ammo
