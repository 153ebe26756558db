#include "runtime/gateway/service/service.hpp"

namespace ammo::web {

std::vector<route> routes_of(const shared_service& with) {
  std::vector<route> all;
  add_people_calls(all, with);
  add_feedback_calls(all, with);
  add_goal_calls(all, with);
  add_batch_calls(all, with);
  add_figure_calls(all, with);
  add_page_calls(all, with);
  return all;
}

} // namespace ammo::web
