/// Calls of operators: figures, and whether the server lives and is ready.
#include "runtime/gateway/metrics.hpp"
#include "runtime/gateway/shapes.hpp"

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

/// Ready is a runtime that answers.
void get_ready(const service& with, request&& r, answerer to) {
  const auto form = r.answer;
  with.rt.statistics(answering<runtime_statistics>(std::move(to), form, [=](const runtime_statistics&) {
    return answer_with(200, {{"status", "ready"}}, form);
  }));
}

} // namespace

void add_figure_calls(std::vector<route>& all, const shared_service& with) {
  all.push_back({"GET", "/v1/statistics", [with](request&& r, answerer to) { get_statistics(with, std::move(r), std::move(to)); }});
  all.push_back({"GET", "/metrics", [with](request&& r, answerer to) { get_metrics(with, std::move(r), std::move(to)); }});
  all.push_back({"GET", "/readyz", [with](request&& r, answerer to) { get_ready(*with, std::move(r), std::move(to)); }});
  all.push_back({"GET", "/v1/stream", [](request&&, const answerer&) { throw refusal(fault::upgrade_needed); }});
  all.push_back({"GET", "/livez", [](request&& r, const answerer& to) { to(answer_with(200, {{"status", "live"}}, r.answer)); }});
}

} // namespace ammo::web
