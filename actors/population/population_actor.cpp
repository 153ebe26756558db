#include "actors/population/population_actor.hpp"

#include <random>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<population_state>*;

void pass_soon(self_ptr self) { post_later(self, self->state.setup->interval, pass_due{}); }

void begin_pass(self_ptr self) {
  auto& s = self->state;
  std::random_device source; // uniformly random and unpredictable: what a mask is for
  std::uniform_int_distribution<std::uint64_t> any;
  auto rings = s.mind->begin([&] { return any(source); });
  if (rings.empty())
    return pass_soon(self);
  for (auto& [to, sum] : rings)
    send(self, address_of<role::user_buddy>(to), std::move(sum));
  post_later(self, s.setup->timeout, pass_over{s.mind->pass()});
}

/// Learns from the rings that have come back.
void end_pass(self_ptr self) {
  auto& s = self->state;
  auto pass = s.mind->close();
  for (; pass.lost > 0; --pass.lost)
    s.ctx->refused(self, errc::timed_out);
  for (; pass.senseless > 0; --pass.senseless)
    s.ctx->refused(self, errc::posterior_not_definite);
  pass_soon(self);
  if (pass.news)
    send(self, the_supervisor, std::move(*pass.news));
}

void come_back(self_ptr self, const prior_sum& m) {
  auto& s = self->state;
  if (const errc late = s.mind->take(m); late != errc::ok)
    return s.ctx->refused(self, late);
  if (s.mind->out() == 0)
    end_pass(self);
}

} // namespace

caf::behavior population(self_ptr self, std::shared_ptr<const population_setup> setup) {
  auto& s = self->state;
  s.ctx = setup->ctx.get();
  harden(self, setup->ctx);
  population_mind_config config{
    .factors = {}, .cohort = setup->cohort, .rings = setup->rings, .seed = setup->config->seed};
  for (const block& factor : setup->config->space.factors())
    config.factors.push_back({factor.width, {.variance = setup->config->flat_variance(factor)}});
  s.mind.emplace(std::move(config));
  s.setup = std::move(setup);
  pass_soon(self);

  return behavior_of(
    self,
    on<join>([self](const join& m) { self->state.mind->join(m.user); }),
    on<leave>([self](const leave& m) { self->state.mind->leave(m.user); }),
    on<prior_sum>([self](const prior_sum& m) { come_back(self, m); }),
    on_own<pass_due>([self](pass_due) { begin_pass(self); }),
    on_own<pass_over>([self](pass_over m) {
      if (m.pass == self->state.mind->pass() && self->state.mind->out() > 0)
        end_pass(self);
    }));
}

} // namespace ammo
