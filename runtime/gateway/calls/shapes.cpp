#include "runtime/gateway/calls/shapes.hpp"

#include <algorithm>

namespace ammo::web {

document id_text(std::uint64_t id) { return std::to_string(id); }

document shape_of(const user_belief& b) {
  return {{"rounds", b.rounds},
          {"observations", b.observations},
          {"believed_regret", b.believed_regret},
          {"regret_bound", b.regret_bound},
          {"mean", b.mean}};
}

document shape_of(const explanation& e, const service& with) {
  static const item none;
  document reasons = document::array();
  for (const reason& r : e.reasons)
    reasons.push_back({{"creation", id_text(raw(r.creation))},
                       {"goal", id_text(raw(r.goal))},
                       {"content", id_text(r.content)},
                       {"title", r.item ? r.item->title : ""},
                       {"rewards", r.rewards},
                       {"mean", r.mean},
                       {"contribution", r.contribution}});
  const item& shown = e.item ? *e.item : none;
  return {{"user", id_text(raw(e.user))},
          {"impression", id_text(raw(e.impression))},
          {"creation", id_text(raw(e.creation))},
          {"goal", id_text(raw(e.goal))},
          {"subspace", with.subspace_name(e.subspace)},
          {"content", id_text(e.content)},
          {"title", shown.title},
          {"round", e.round},
          {"slot", e.slot},
          {"answered", e.answered},
          {"policy", e.policy},
          {"by_chance", e.by_chance},
          {"score", e.score ? document(*e.score) : document()},
          {"expected", e.expected},
          {"low", e.low},
          {"high", e.high},
          {"usual", e.usual},
          {"rewards", e.rewards},
          {"from_group", e.from_group},
          {"from_rewards", e.from_rewards},
          {"from_other", e.from_other},
          {"reasons", std::move(reasons)}};
}

document shape_of(const elaboration& e, const service& with) {
  return {{"impression", id_text(raw(e.impression))},
          {"creation", id_text(raw(e.creation))},
          {"goal", id_text(raw(e.goal))},
          {"subspace", with.subspace_name(e.subspace)},
          {"content", id_text(e.content)},
          {"title", e.text.title},
          {"body", e.text.body},
          {"media", e.text.media},
          {"link", e.text.link},
          {"action", e.text.action},
          {"questions_left", e.questions_left}};
}

bool hinders(const part_health& p) noexcept {
  const bool buddy = p.part.starts_with("user ") || p.part.starts_with("goal ");
  return !buddy && (!p.answers || p.quarantined);
}

bool ready(const runtime_health& h) noexcept { return h.state == errc::ok && std::ranges::none_of(h.parts, hinders); }

document shape_of(const runtime_health& h) {
  document parts = document::array(), warnings = document::array();
  for (const part_health& p : h.parts)
    parts.push_back({{"part", p.part},
                     {"answers", p.answers},
                     {"quarantined", p.quarantined},
                     {"restarts", p.restarts},
                     {"queue_age_us", p.queue_age.count()}});
  for (const health_warning& w : h.warnings)
    warnings.push_back({{"name", w.name}, {"detail", w.detail}});
  return {{"ready", ready(h)},
          {"well", h.well()},
          {"state", name_of(h.state)},
          {"detail", h.detail},
          {"parts", std::move(parts)},
          {"warnings", std::move(warnings)}};
}

document shape_of(const creation_receipt& r) {
  return {{"creation", id_text(raw(r.creation))}, {"cost_micros", r.cost_micros}, {"balance_micros", r.balance_micros}};
}

document shape_of(const written_receipt& r) {
  return {{"title", r.text.title},
          {"body", r.text.body},
          {"media", r.text.media},
          {"link", r.text.link},
          {"action", r.text.action},
          {"e", r.e},
          {"receipt", r.creation.creation == no_creation ? document() : shape_of(r.creation)}};
}

namespace {

document or_null(const std::optional<double>& x) { return x ? document(*x) : document(); }

document shape_of(const control_lift::arm& a) { return {{"impressions", a.impressions}, {"mean_reward", or_null(a.mean_reward)}}; }

document shape_of(const control_lift& c) {
  return {{"policy", shape_of(c.policy)}, {"control", shape_of(c.control)}, {"lift", or_null(c.lift)}, {"low", or_null(c.low)}, {"high", or_null(c.high)}};
}

} // namespace

document shape_of(const runtime_statistics& s) {
  document refused = document::array();
  for (const auto& r : s.refused)
    refused.push_back({{"error", name_of(r.code)}, {"count", r.count}});
  document counters = document::array();
  for (const auto& c : s.counters) {
    document labels = document::object();
    for (const auto& [name, value] : c.labels)
      labels[name] = value;
    counters.push_back({{"name", c.name}, {"labels", std::move(labels)}, {"value", c.value}});
  }
  return {{"users", s.users},
          {"asleep", s.asleep},
          {"goals", s.goals},
          {"creations", s.creations},
          {"slates", s.slates},
          {"slots_granted", s.slots_granted},
          {"feedback", s.feedback},
          {"pushes", s.pushes},
          {"messages", s.messages},
          {"actors_restarted", s.actors_restarted},
          {"budget_granted_micros", s.budget_granted_micros},
          {"budget_spent_micros", s.budget_spent_micros},
          {"watches", s.watches},
          {"wakes", s.wakes},
          {"control", s.control ? shape_of(*s.control) : document()},
          {"refused", std::move(refused)},
          {"counters", std::move(counters)}};
}

document figures_of(const runtime_statistics& s, const service& with) {
  auto out = shape_of(s);
  out["gateway"] = shape_of(*with.counts);
  out["host"] = document::object();
  if (with.limits.figures)
    for (const auto& [name, value] : with.limits.figures())
      out["host"][name] = value;
  return out;
}

document shape_of(const traffic& t) {
  document refused = document::array();
  for (std::size_t i = 0; i < faults; ++i)
    if (const auto n = t.refused[i].load(std::memory_order_relaxed); n > 0)
      refused.push_back({{"error", name_of(static_cast<fault>(i))}, {"count", n}});
  document answers = document::object();
  for (std::size_t i = 0; i < t.answers.size(); ++i)
    answers[std::to_string(i + 1) + "xx"] = t.answers[i].load(std::memory_order_relaxed);
  return {{"connections_open", t.connections_open.load(std::memory_order_relaxed)},
          {"connections_taken", t.connections_taken.load(std::memory_order_relaxed)},
          {"requests", t.requests.load(std::memory_order_relaxed)},
          {"bytes_in", t.bytes_in.load(std::memory_order_relaxed)},
          {"bytes_out", t.bytes_out.load(std::memory_order_relaxed)},
          {"answers", std::move(answers)},
          {"refused", std::move(refused)}};
}

} // namespace ammo::web
