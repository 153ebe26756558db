/// Calls of operators: figures, and whether the server lives and is ready.
#include "runtime/gateway/calls/metrics.hpp"
#include "runtime/gateway/calls/shapes.hpp"

namespace ammo::web {
namespace {

void get_statistics(const shared_service& with, request&& r, answerer to) {
  const auto form = r.answer;
  with->rt.statistics(answering<runtime_statistics>(std::move(to), form, [=](const runtime_statistics& s) {
    return answer_with(200, figures_of(s, *with), form);
  }));
}

void get_metrics(const shared_service& with, request&& r, answerer to) {
  with->rt.statistics(answering<runtime_statistics>(std::move(to), r.answer, [with](const runtime_statistics& s) {
    return response{.status = 200, .type = metrics_type, .body = metrics_of(s, *with->counts)};
  }));
}

void get_health(const service& with, request&& r, answerer to) {
  const auto form = r.answer;
  with.rt.health(answering<runtime_health>(std::move(to), form, [=](const runtime_health& h) { return answer_with(200, shape_of(h), form); }));
}

/// What keeps a runtime from being ready, in words.
std::string what_fails(const runtime_health& h) {
  if (h.state != errc::ok)
    return std::string(name_of(h.state)) + (h.detail.empty() ? "" : ": " + h.detail);
  std::string all;
  for (const part_health& p : h.parts)
    if (hinders(p)) // whose buddies they are is nobody's business
      all += (all.empty() ? "" : ", ") + p.part + (p.answers ? " is quarantined" : " is silent");
  return all;
}

void get_ready(const service& with, request&& r, answerer to) {
  const auto form = r.answer;
  with.rt.health(answering<runtime_health>(std::move(to), form, [=](const runtime_health& h) {
    return ready(h) ? answer_with(200, {{"status", "ready"}}, form) : problem(refusal(fault::not_ready, what_fails(h)), form);
  }));
}

/// What people can do in each subspace, and how it is shown to them: nothing of anybody.
document customs_shape(const options& deployment) {
  document all = document::array();
  for (const auto& c : customs_of(deployment)) {
    document signals = document::array();
    for (const auto& s : c.signals)
      signals.push_back({{"name", s.name}, {"worth", s.worth}, {"label", s.label}});
    all.push_back({{"name", c.name}, {"label", c.look.label}, {"emblem", c.look.emblem}, {"accent", c.look.accent}, {"action", c.look.action}, {"signals", std::move(signals)}});
  }
  return {{"subspaces", std::move(all)}};
}

} // namespace

void add_figure_calls(std::vector<route>& all, const shared_service& with) {
  all.push_back({"get_statistics", "GET", "/v1/statistics", [with](request&& r, answerer to) { get_statistics(with, std::move(r), std::move(to)); }, reach::admin});
  all.push_back({"get_health", "GET", "/v1/health", [with](request&& r, answerer to) { get_health(*with, std::move(r), std::move(to)); }, reach::admin});
  all.push_back({"get_metrics", "GET", "/metrics", [with](request&& r, answerer to) { get_metrics(with, std::move(r), std::move(to)); }, reach::admin});
  all.push_back({"get_readyz", "GET", "/readyz", [with](request&& r, answerer to) { get_ready(*with, std::move(r), std::move(to)); }, reach::everybody});
  all.push_back({"get_subspaces", "GET", "/v1/subspaces", [told = customs_shape(with->deployment)](request&& r, const answerer& to) { to(answer_with(200, told, r.answer)); }, reach::everybody});
  all.push_back({"get_stream", "GET", "/v1/stream", [](request&&, const answerer&) { throw refusal(fault::upgrade_needed); }});
  all.push_back({"get_livez", "GET", "/livez", [](request&& r, const answerer& to) { to(answer_with(200, {{"status", "live"}}, r.answer)); }, reach::everybody});
}

} // namespace ammo::web
