/// What handlers share: the runtime, what its deployment is, and the gateway's limits and counts.
#pragma once

#include "runtime/gateway/keys/key_ring.hpp"
#include "runtime/gateway/service/gateway_options.hpp"
#include "runtime/gateway/service/hub.hpp"
#include "runtime/gateway/service/router.hpp"
#include "runtime/gateway/service/traffic.hpp"
#include "runtime/gateway/text/exchange.hpp"

#include "ammo/runtime.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ammo::web {

/// Immutable but for what it points to. Usable from any thread.
struct service {
  runtime& rt;
  options deployment; ///< what the runtime was started with
  gateway_options limits;
  std::shared_ptr<traffic> counts;
  std::shared_ptr<push_hub> pushes;
  std::shared_ptr<const key_ring> keys{}; ///< null: there are none

  /// Of a number that the runtime gave; empty where it is none of the deployment's.
  [[nodiscard]] std::string_view subspace_name(subspace_id s) const noexcept {
    return raw(s) < deployment.subspaces.size() ? std::string_view(deployment.subspaces[raw(s)].name) : std::string_view();
  }
};
using shared_service = std::shared_ptr<const service>;

/// The runtime's callback that answers with what `shape` makes of the value: `response(T&&)`.
template <class T, class Shape>
[[nodiscard]] callback<T> answering(answerer to, form as, Shape shape) {
  return [to = std::move(to), as, shape = std::move(shape)](result<T> got) {
    try {
      if (!got)
        to(problem(refusal(got.error()), as));
      else if constexpr (std::is_void_v<T>)
        to(shape());
      else
        to(shape(std::move(*got)));
    } catch (const std::exception& e) {
      to(problem(refusal(failure{errc::internal, e.what()}), as));
    }
  };
}

// Each adds its routes.
void add_people_calls(std::vector<route>& all, const shared_service& with);
void add_feedback_calls(std::vector<route>& all, const shared_service& with);
void add_goal_calls(std::vector<route>& all, const shared_service& with);
void add_batch_calls(std::vector<route>& all, const shared_service& with);
void add_page_calls(std::vector<route>& all, const shared_service& with);
void add_figure_calls(std::vector<route>& all, const shared_service& with);

/// All of them.
[[nodiscard]] std::vector<route> routes_of(const shared_service& with);

} // namespace ammo::web
