#include "runtime/host/cluster/call_codec.hpp"

#include "actors/base/text.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace ammo {
namespace {

using json = nlohmann::json;

template <class T, class Variant> inline constexpr bool is_among = false;
template <class T, class... Ts> inline constexpr bool is_among<T, std::variant<Ts...>> = (std::is_same_v<T, Ts> || ...);

template <class T>
concept message = requires { T::type; };

constexpr std::array numbers{&runtime_statistics::users, &runtime_statistics::goals, &runtime_statistics::creations, &runtime_statistics::slates,
                             &runtime_statistics::slots_granted, &runtime_statistics::feedback, &runtime_statistics::pushes, &runtime_statistics::messages,
                             &runtime_statistics::actors_restarted, &runtime_statistics::watches, &runtime_statistics::wakes, &runtime_statistics::asleep};

frame bytes_of(const std::string& text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

frame frame_of(const runtime_statistics& m) {
  json of = json::array(), refused = json::array(), counters = json::array();
  for (const auto number : numbers)
    of.push_back(m.*number);
  for (const auto& r : m.refused)
    refused.push_back({static_cast<unsigned>(r.code), r.count});
  for (const auto& c : m.counters)
    counters.push_back({c.name, c.labels, c.value});
  return bytes_of(json{{"numbers", of}, {"granted", m.budget_granted_micros}, {"spent", m.budget_spent_micros}, {"refused", refused}, {"counters", counters}}.dump());
}

result<host_answer> statistics_in(std::span<const std::byte> bytes) {
  const auto* first = reinterpret_cast<const char*>(bytes.data());
  try { // a peer's bytes may be any
    const auto of = json::parse(first, first + bytes.size());
    runtime_statistics m;
    for (std::size_t i = 0; i < numbers.size() && i < of.at("numbers").size(); ++i)
      m.*numbers[i] = of.at("numbers")[i].get<std::uint64_t>();
    m.budget_granted_micros = of.at("granted").get<std::int64_t>();
    m.budget_spent_micros = of.at("spent").get<std::int64_t>();
    for (const auto& r : of.at("refused"))
      m.refused.push_back({static_cast<errc>(r.at(0).get<std::uint8_t>()), r.at(1).get<std::uint64_t>()});
    for (const auto& c : of.at("counters"))
      m.counters.push_back({c.at(0).get<std::string>(), c.at(1).get<std::vector<std::pair<std::string, std::string>>>(), c.at(2).get<std::uint64_t>()});
    return host_answer(std::move(m));
  } catch (const json::exception&) {
    return {errc::frame_wrong_shape, "counters of another node"};
  }
}

} // namespace

bool travels(const host_question& q) noexcept { return !std::holds_alternative<health_request>(q); }

frame frame_of(const host_question& q) {
  return std::visit(
    []<class Question>(const Question& m) -> frame {
      if constexpr (message<Question>)
        return encode(m);
      else
        return {};
    },
    q);
}

result<host_question> question_in(std::span<const std::byte> bytes) {
  auto any = decode_any(bytes);
  if (!any)
    return any.error();
  return std::visit(
    []<class Message>(Message& m) -> result<host_question> {
      if constexpr (is_among<Message, host_question>)
        return host_question(std::move(m));
      else
        return {errc::frame_unknown_type, std::string(message_name(Message::type)) + " is no call of a host"};
    },
    *any);
}

told_answer told(const host_answer& a) {
  told_answer out;
  std::visit(
    [&]<class Answer>(const Answer& m) {
      if constexpr (std::is_same_v<Answer, failure>) {
        out.letter.code = static_cast<std::uint16_t>(m.code);
        out.letter.detail = is_utf8(m.detail) ? m.detail : std::string{};
        out.letter.key = m.key;
      } else if constexpr (std::is_same_v<Answer, granted_slate>) {
        out.letter.form = cluster::answer_form::message;
        out.letter.provisional = m.provisional;
        out.bytes = encode(m.of);
      } else if constexpr (std::is_same_v<Answer, runtime_statistics>) {
        out.letter.form = cluster::answer_form::statistics;
        out.bytes = frame_of(m);
      } else if constexpr (message<Answer>) {
        out.letter.form = cluster::answer_form::message;
        out.bytes = encode(m);
      } else {
        out.letter.code = static_cast<std::uint16_t>(errc::internal);
      }
    },
    a);
  return out;
}

result<host_answer> answer_in(const cluster::answer_letter& l) {
  if (l.form == cluster::answer_form::nothing) {
    const auto known = l.code > 0 && l.code < static_cast<std::uint16_t>(errc::end_);
    return host_answer(failure{known ? static_cast<errc>(l.code) : errc::internal, l.detail, l.key});
  }
  if (l.form == cluster::answer_form::statistics)
    return statistics_in(l.frame);
  auto any = decode_any(l.frame);
  if (!any)
    return any.error();
  return std::visit(
    [&]<class Message>(Message& m) -> result<host_answer> {
      if constexpr (std::is_same_v<Message, slate_delivery>)
        return host_answer(granted_slate{std::move(m), l.provisional});
      else if constexpr (is_among<Message, host_answer>)
        return host_answer(std::move(m));
      else
        return {errc::frame_unknown_type, std::string(message_name(Message::type)) + " is no answer"};
    },
    *any);
}

errc code_of(const host_answer& a) noexcept {
  return std::visit(
    []<class Answer>(const Answer& m) {
      if constexpr (std::is_same_v<Answer, granted_slate>)
        return m.of.code;
      else if constexpr (requires { errc{m.code}; })
        return m.code;
      else
        return errc::ok;
    },
    a);
}

} // namespace ammo
