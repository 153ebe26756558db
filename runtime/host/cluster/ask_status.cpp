#include "runtime/host/cluster/ask_status.hpp"

#include "actors/protocol/codec.hpp"
#include "runtime/config/deployment_layout.hpp"
#include "runtime/host/cluster/node_body.hpp"

#include <future>
#include <random>

namespace ammo {

result<std::string> ask_status(const options& asker, const std::string& at, std::chrono::milliseconds within) {
  const auto to = node_address_from(at);
  if (!to)
    return {errc::bad_value, "\"" + at + "\" is no HOST:PORT of a node"};
  auto shows = node::read_material(asker.node.certificates, asker.node.name);
  if (!shows)
    return shows.error();
  const auto space = layout_of(asker);
  if (!space)
    return space.error();
  const auto layout = state_keeper::layout_of(*space, {std::max(1u, asker.shards), static_cast<std::uint32_t>(space->size())});
  struct asked {
    std::mutex guard;
    std::promise<result<std::string>> answer;
    bool done = false;
    std::string refused;
    void end(result<std::string> r) {
      const std::scoped_lock turn(guard);
      if (!std::exchange(done, true))
        answer.set_value(std::move(r));
    }
  };
  const auto state = std::make_shared<asked>();
  auto told_by = state->answer.get_future();
  std::random_device dice;
  node::link_options how;
  how.host = to->host.find(':') == std::string::npos ? "127.0.0.1" : "::1"; // it listens, as every node does; nobody is told where
  how.shows = std::move(*shows);
  how.says = {.wire = wire_version, .schema = store::schema_version, .who = {std::uint64_t{dice()} << 32 | dice(), std::uint64_t{dice()} << 32 | 1}, .name = {}, .layout = layout.layout};
  std::promise<store::incarnation> up;
  auto link_up = up.get_future();
  std::atomic<bool> once{false};
  node::link_events told;
  told.on_up = [&](const cluster::hello& peer) {
    if (!once.exchange(true))
      up.set_value(peer.who);
  };
  told.on_letter = [state](const cluster::hello&, const cluster::letter& l) {
    const auto read = cluster::read_host_letter(l.frame);
    if (read)
      if (const auto* t = std::get_if<cluster::told_letter>(&*read))
        state->end(t->text);
  };
  told.on_refused = [state](node::refusal why, const std::string& detail) {
    const std::scoped_lock turn(state->guard);
    state->refused = std::string(node::name_of(why)) + (detail.empty() ? "" : ": " + detail);
  };
  auto opened = node::links::open(std::move(how), std::move(told));
  if (!opened)
    return opened.error();
  (*opened)->reach(to->host, to->port);
  if (link_up.wait_for(within) != std::future_status::ready) {
    const std::scoped_lock turn(state->guard);
    return {errc::bad_value, at + (state->refused.empty() ? " gives no answer" : " refuses: " + state->refused)};
  }
  (*opened)->send(link_up.get(), the_host, unit_numbers::host, 0, 4, cluster::bytes_of(cluster::question_letter{1}), false);
  if (told_by.wait_for(within) != std::future_status::ready)
    return {errc::timed_out, at + " gives no answer"};
  return told_by.get();
}

} // namespace ammo
