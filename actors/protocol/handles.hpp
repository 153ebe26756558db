/// What each role handles, and from whom: the typed protocol. The table in docs/architecture.md is made from these lists.
/// Lives here: one list a role. A body that lacks a handler, and a send that nobody expects, don't compile. Pure.
#pragma once

#include "actors/protocol/address.hpp"
#include "actors/protocol/messages.hpp"

#include <type_traits>

namespace ammo {

/// A message that a role handles, and the roles that may send it.
template <class Message, role... From>
struct takes {
  using message = Message;
  using sender = address_of<From...>;
  static constexpr bool from(role r) noexcept { return ((r == From) || ...); }
};

/// The list of a role; empty for one that handles nothing.
template <role> struct handled_by {
  using list = type_list<>;
};
template <role R> using handles = typename handled_by<R>::list;

template <> struct handled_by<role::metaspace> {
  using list = type_list<
    takes<slate_proposal, role::user_buddy>,
    takes<watch, role::user_buddy>,
    takes<join, role::user_buddy>,
    takes<leave, role::user_buddy>,
    takes<catalogue_news, role::subspace>,
    takes<slot_terms, role::subspace>,
    takes<strain_news, role::evolution>,
    takes<people_news, role::population>,
    takes<clock_tick, role::clock>,
    takes<period_close, role::clock>,
    takes<regret_report, role::aipp>,
    takes<statistics_request, role::host, role::clock>>;
};

template <> struct handled_by<role::aipp> {
  using list = type_list<
    takes<slates_granted, role::metaspace>,
    takes<join, role::user_buddy>,
    takes<leave, role::user_buddy>,
    takes<catalogue_news, role::subspace>,
    takes<strain_news, role::evolution>,
    takes<clock_tick, role::clock>,
    takes<period_close, role::metaspace>,
    takes<feedback, role::host>,
    takes<graded_feedback, role::host>,
    takes<stated_preference, role::host>,
    takes<explain_request, role::host>,
    takes<slate_outcome, role::host>,
    takes<statistics_request, role::host, role::clock>>;
};

template <> struct handled_by<role::subspace> {
  using list = type_list<
    takes<creation_offer, role::goal_buddy, role::host>,
    takes<creation_pass, role::goal_buddy>,
    takes<creation_withdrawal, role::host>,
    takes<attention_report, role::metaspace>,
    takes<join, role::user_buddy, role::clock>,
    takes<join_goal, role::goal_buddy>,
    takes<leave, role::user_buddy>,
    takes<leave_goal, role::goal_buddy>,
    takes<period_open, role::clock>,
    takes<strain_news, role::evolution>,
    takes<interest_notice, role::user_buddy>,
    takes<nearby_request, role::goal_buddy>,
    takes<catalogue_news, role::subspace>,  // a relay
    takes<regret_feedback, role::subspace>, // the same
    takes<slot_terms, role::subspace>,      // the same
    takes<statistics_request, role::host, role::clock>>;
};

template <> struct handled_by<role::user_buddy> {
  using list = type_list<
    takes<reward, role::aipp>,
    takes<clock_tick, role::metaspace, role::aipp>,
    takes<slate_request, role::host>,
    takes<slate_granted, role::metaspace>,
    takes<catalogue_news, role::subspace>,
    takes<regret_feedback, role::subspace>,
    takes<comparison, role::aipp>,
    takes<wake, role::metaspace>,
    takes<belief_request, role::host, role::clock>,
    takes<impression_question, role::aipp>,
    takes<strain_news, role::metaspace>,
    takes<interest_statement, role::host>,
    takes<prior_sum, role::population, role::user_buddy>,
    takes<people_news, role::metaspace>,
    takes<leave, role::supervisor, role::host>>;
};

template <> struct handled_by<role::goal_buddy> {
  using list = type_list<
    takes<regret_feedback, role::subspace>,
    takes<catalogue_news, role::subspace>,
    takes<creation_verdict, role::subspace>,
    takes<join_goal, role::subspace>,
    takes<leave_goal, role::supervisor>,
    takes<strain_news, role::subspace>,
    takes<interest_notice, role::subspace>,
    takes<session_feedback, role::host>,
    takes<nearby_creations, role::subspace>,
    takes<writing_request, role::host>,
    takes<written_news, role::generator>>;
};

template <> struct handled_by<role::supervisor> {
  using list = type_list<
    takes<admit_user, role::host, role::clock>,
    takes<dismiss_user, role::host>,
    takes<admit_goal, role::host, role::clock>,
    takes<dismiss_goal, role::host>,
    takes<writing_request, role::host>,
    takes<prior_news, role::population>,
    takes<statistics_request, role::host, role::clock>>;
};

template <> struct handled_by<role::population> {
  using list = type_list<
    takes<join, role::user_buddy>,
    takes<leave, role::user_buddy>,
    takes<prior_sum, role::user_buddy>,
    takes<period_close, role::clock>>;
};

template <> struct handled_by<role::evolution> {
  using list = type_list<
    takes<strain_report, role::aipp, role::subspace>,
    takes<strain_news, role::evolution>, // a relay
    takes<period_close, role::clock>,
    takes<evolution_request, role::host, role::clock>,
    takes<statistics_request, role::host, role::clock>>;
};

template <> struct handled_by<role::host> {
  using list = type_list<
    takes<slate_delivery, role::aipp, role::user_buddy>,
    takes<feedback_verdict, role::aipp, role::user_buddy>,
    takes<creation_verdict, role::subspace, role::supervisor>,
    takes<admission, role::supervisor, role::goal_buddy>,
    takes<written_news, role::goal_buddy, role::supervisor>,
    takes<belief, role::user_buddy>,
    takes<explained, role::aipp, role::user_buddy>,
    takes<evolution_report, role::evolution>,
    takes<join, role::subspace>,
    takes<leave, role::user_buddy>,
    takes<statistics, role::metaspace, role::aipp, role::subspace, role::supervisor, role::evolution>>;
};

template <> struct handled_by<role::clock> {
  using list = type_list<
    takes<period_opened, role::subspace>,
    takes<period_played, role::aipp>,
    takes<period_closed, role::subspace>,
    takes<catalogue_news, role::subspace>,
    takes<regret_feedback, role::subspace>,
    takes<strain_news, role::evolution>,
    takes<people_news, role::population>,
    takes<evolution_report, role::evolution>,
    takes<belief, role::user_buddy>,
    takes<statistics, role::metaspace, role::aipp, role::subspace, role::supervisor, role::evolution>>;
};

namespace detail {
template <class Message> consteval bool among(type_list<>) { return false; }
template <class Message, class First, class... Rest>
consteval bool among(type_list<First, Rest...>) {
  return std::is_same_v<Message, typename First::message> || among<Message>(type_list<Rest...>{});
}
template <class Message, class... Entries>
consteval bool sent_by([[maybe_unused]] role from, type_list<Entries...>) {
  return ((std::is_same_v<Message, typename Entries::message> && Entries::from(from)) || ...);
}
template <class Message, class First, class... Rest>
consteval auto sender_in(type_list<First, Rest...>) {
  if constexpr (std::is_same_v<Message, typename First::message>)
    return std::type_identity<typename First::sender>{};
  else
    return sender_in<Message>(type_list<Rest...>{});
}
} // namespace detail

/// Whether actors of a role handle a message at all.
template <role R, class Message>
inline constexpr bool handles_message = detail::among<Message>(handles<R>{});
/// Whether they handle it from a sender of that role.
template <role From, role To, class Message>
inline constexpr bool may_send = detail::sent_by<Message>(From, handles<To>{});
/// Whoever may send it to them.
template <role R, class Message>
using sender_of = typename decltype(detail::sender_in<Message>(handles<R>{}))::type;

} // namespace ammo
