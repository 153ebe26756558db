#include "actors/population/population_actor.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<population_state>*;

/// Passes of a population that pools become rarer: a person learns more from the first of them than from any later one.
constexpr std::uint64_t rarest = 60;

void pass_soon(self_ptr self) {
  auto& s = self->state;
  const std::uint64_t times = s.mind->pools() ? std::clamp<std::uint64_t>(s.mind->pass(), 1, rarest) : 1;
  if (s.setup->interval.count() == 0)
    return;
  post_later(self, s.setup->interval * times, pass_due{.number = s.due + 1});
  ++s.due;
}

/// A pass is over: the users hear of it, and then the clock, if it has begun it.
void tell(self_ptr self, const people_news& news) {
  auto& s = self->state;
  if (!news.of.empty())
    for (std::uint32_t i = 0; i < s.setup->shards; ++i)
      send(self, address_of<role::metaspace>(i), news);
  if (std::exchange(s.clock_waits, false))
    send(self, the_clock, news);
}

void begin_pass(self_ptr self) {
  auto& s = self->state;
  std::random_device source; // uniformly random and unpredictable: what a mask is for
  std::uniform_int_distribution<std::uint64_t> any;
  auto rings = s.mind->begin([&] { return any(source); });
  if (rings.empty()) {
    tell(self, {});
    return pass_soon(self);
  }
  for (auto& [to, sum] : rings)
    send(self, address_of<role::user_buddy>(to), std::move(sum));
  post_later(self, s.setup->timeout, pass_over{s.mind->pass()});
}

/// Learns from the rings that have come back.
void end_pass(self_ptr self) {
  auto& s = self->state;
  pass_soon(self); // first: what fails now must not be the last
  s.ended = s.mind->pass();
  auto pass = s.mind->close();
  for (; pass.lost > 0; --pass.lost)
    s.ctx->refused(self, errc::timed_out);
  for (; pass.senseless > 0; --pass.senseless)
    s.ctx->refused(self, errc::posterior_not_definite);
  tell(self, pass.people.value_or(people_news{}));
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
    .factors = {}, .pooled = setup->config->learner == user_learner::people, .in_order = setup->interval.count() == 0, .cohort = setup->cohort, .rings = setup->rings, .seed = setup->config->seed};
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
    on<period_close>([self](const period_close&) {
      self->state.clock_waits = true;
      begin_pass(self);
    }),
    on_own<pass_due>([self](pass_due m) {
      if (m.number == self->state.due)
        begin_pass(self);
    }),
    on_own<pass_over>([self](pass_over m) {
      if (m.pass == self->state.mind->pass() && m.pass != self->state.ended)
        end_pass(self);
    }));
}

} // namespace ammo
