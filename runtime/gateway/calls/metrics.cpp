#include "runtime/gateway/calls/metrics.hpp"

#include "ammo/version.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace ammo::web {
namespace {

/// Writes one family after another. Names and label values are this program's own: none of them needs escaping.
class page {
public:
  page& family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
    return *this;
  }
  page& value(double v, std::string_view labels = {}, std::string_view suffix = {}) {
    text_.append(name_).append(suffix);
    if (!labels.empty())
      text_.append("{").append(labels).append("}");
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), v).ptr;
    text_.append(" ").append(digits.data(), end).append("\n");
    return *this;
  }
  page& value(std::uint64_t v, std::string_view labels = {}, std::string_view suffix = {}) { return value(static_cast<double>(v), labels, suffix); }

  std::string text_;

private:
  std::string_view name_;
};

std::string label(std::string_view name, std::string_view value) { return std::string(name) + "=\"" + std::string(value) + '"'; }

void write_refusals(page& out, const runtime_statistics& s, const traffic& t) {
  out.family("ammo_refusals_total", "counter", "What was refused, by the error's name and by whom.");
  for (const auto& r : s.refused)
    out.value(r.count, label("error", ammo::name_of(r.code)) + ",by=\"runtime\"");
  for (std::size_t i = 0; i < faults; ++i)
    out.value(t.refused[i].load(std::memory_order_relaxed), label("error", name_of(static_cast<fault>(i))) + ",by=\"gateway\"");
}

void write_control(page& out, const control_lift& c) {
  out.family("ammo_compared_impressions_total", "counter", "Impressions of slates that people asked for, where slates of control are drawn.");
  out.value(c.policy.impressions, "arm=\"policy\"").value(c.control.impressions, "arm=\"control\"");
  out.family("ammo_compared_mean_reward", "gauge", "Mean reward of such an impression, in the unit of the host's rewards.");
  if (c.policy.mean_reward)
    out.value(*c.policy.mean_reward, "arm=\"policy\"");
  if (c.control.mean_reward)
    out.value(*c.control.mean_reward, "arm=\"control\"");
  if (c.lift)
    out.family("ammo_control_lift", "gauge", "The policy's mean reward less that of slates at random.").value(*c.lift);
  if (c.low && c.high)
    out.family("ammo_control_lift_bound", "gauge", "The lift's 95 % interval.").value(*c.low, "bound=\"low\"").value(*c.high, "bound=\"high\"");
}

void write_durations(page& out, const traffic& t) {
  out.family("ammo_gateway_request_duration_seconds", "histogram", "From a whole request to its answer, in HTTP.");
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < t.durations.size(); ++i) {
    sum += t.durations[i].load(std::memory_order_relaxed);
    std::array<char, 32> bound{};
    const bool last = i == duration_bounds.size();
    const auto end = last ? bound.data() : std::to_chars(bound.data(), bound.data() + bound.size(), duration_bounds[i]).ptr;
    out.value(sum, label("le", last ? std::string_view("+Inf") : std::string_view(bound.data(), end)), "_bucket");
  }
  out.value(static_cast<double>(t.duration_ns.load(std::memory_order_relaxed)) * 1e-9, {}, "_sum").value(sum, {}, "_count");
}

/// Of those that have no member of their own; 0 where there is none of the name.
std::uint64_t counter_of(const runtime_statistics& s, std::string_view name) {
  const auto found = std::ranges::find(s.counters, name, &counter_value::name);
  return found == s.counters.end() ? 0 : found->value;
}

} // namespace

std::string metrics_of(const runtime_statistics& s, const traffic& t) {
  page out;
  out.family("ammo_info", "gauge", "The version.").value(1.0, label("version", ammo::version()));
  out.family("ammo_users", "gauge", "People with a User Buddy.").value(s.users);
  out.family("ammo_users_asleep", "gauge", "People who have left memory until their next call.").value(s.asleep);
  out.family("ammo_goals", "gauge", "Goal Buddies.").value(s.goals);
  out.family("ammo_creations", "gauge", "Live creations.").value(s.creations);
  out.family("ammo_slates_total", "counter", "Slates shown.").value(s.slates);
  out.family("ammo_impressions_total", "counter", "Slots granted.").value(s.slots_granted);
  out.family("ammo_feedback_total", "counter", "Rewards learned from.").value(s.feedback);
  out.family("ammo_questions_total", "counter", "Questions of people in sessions that Goal Buddies have answered.").value(counter_of(s, "questions"));
  out.family("ammo_session_feedback_total", "counter", "Feedback that Goal Buddies have heard of what they wrote in a session.").value(counter_of(s, "session_feedback"));
  out.family("ammo_pushes_total", "counter", "Slates that nobody asked for.").value(s.pushes);
  out.family("ammo_messages_total", "counter", "Messages between actors.").value(s.messages);
  out.family("ammo_actor_restarts_total", "counter", "Actors that failed and were restarted.").value(s.actors_restarted);
  out.family("ammo_budget_granted", "gauge", "Budgets of Goal Buddies, in units.").value(static_cast<double>(s.budget_granted_micros) * 1e-6);
  out.family("ammo_budget_spent", "gauge", "What of them is spent, in units.").value(static_cast<double>(s.budget_spent_micros) * 1e-6);
  out.family("ammo_gateway_connections", "gauge", "Open connections.").value(t.connections_open.load(std::memory_order_relaxed));
  out.family("ammo_gateway_connections_total", "counter", "Connections taken.").value(t.connections_taken.load(std::memory_order_relaxed));
  out.family("ammo_gateway_requests_total", "counter", "Requests that arrived whole.").value(t.requests.load(std::memory_order_relaxed));
  out.family("ammo_gateway_received_bytes_total", "counter", "Bytes of requests.").value(t.bytes_in.load(std::memory_order_relaxed));
  out.family("ammo_gateway_sent_bytes_total", "counter", "Bytes of answers.").value(t.bytes_out.load(std::memory_order_relaxed));
  out.family("ammo_gateway_answers_total", "counter", "Answers, by hundreds of their status.");
  for (std::size_t i = 0; i < t.answers.size(); ++i)
    out.value(t.answers[i].load(std::memory_order_relaxed), label("status", std::to_string(i + 1) + "xx"));
  if (s.control)
    write_control(out, *s.control);
  write_durations(out, t);
  write_refusals(out, s, t);
  std::timespec used{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0)
    out.family("process_cpu_seconds_total", "counter", "Processor time of the process.").value(static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9);
  return std::move(out.text_);
}

} // namespace ammo::web
