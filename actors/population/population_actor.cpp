#include "actors/population/population_actor.hpp"

#include <random>

namespace ammo {
namespace {

using self_ptr = caf::stateful_actor<population_state>*;

void join_in(population_state& s, user_id user) {
  if (s.places.try_emplace(raw(user), s.members.size()).second)
    s.members.push_back(user);
}

void leave_out(population_state& s, user_id user) {
  auto node = s.places.extract(raw(user));
  if (!node)
    return;
  if (auto place = node.mapped(); place + 1 < s.members.size()) {
    s.members[place] = s.members.back();
    s.places[raw(s.members[place])] = place;
  }
  s.members.pop_back();
}

/// Uniformly random and unpredictable: what a mask is for.
std::vector<std::uint64_t> draw_mask(std::size_t size) {
  std::random_device source;
  std::uniform_int_distribution<std::uint64_t> any;
  std::vector<std::uint64_t> mask(size);
  for (auto& x : mask)
    x = any(source);
  return mask;
}

void pass_soon(self_ptr self) { post_later(self, self->state.setup->interval, pass_due{}); }

void begin_pass(self_ptr self) {
  auto& s = self->state;
  const std::size_t k = s.setup->cohort;
  const auto order = s.mind->begin(s.members.size());
  if (order.empty())
    return pass_soon(self);
  for (std::size_t first = 0; first < order.size(); first += k) {
    const auto ring = static_cast<std::uint32_t>(first / k);
    auto& mask = s.masks[ring] = draw_mask(s.mind->sums_size());
    prior_sum sum{s.mind->pass(), ring, s.mind->current(), mask};
    for (std::size_t i = first; i + 1 < first + k; ++i)
      sum.next.push_back(s.members[order[i]]);
    send(self, address_of<role::user_buddy>(s.members[order[first + k - 1]]), std::move(sum));
  }
  post_later(self, s.setup->timeout, pass_over{s.mind->pass()});
}

/// Learns from the rings that have come back.
void end_pass(self_ptr self) {
  auto& s = self->state;
  for (std::size_t i = 0; i < s.masks.size(); ++i)
    s.ctx->count.refused(self, errc::timed_out);
  s.masks.clear();
  pass_soon(self);
  if (s.mind->people() == 0)
    return;
  for (auto senseless = s.mind->close(s.members.size()); senseless > 0; --senseless)
    s.ctx->count.refused(self, errc::posterior_not_definite);
  send(self, the_supervisor, prior_news{s.mind->pass(), s.mind->people(), s.mind->current()});
}

void come_back(self_ptr self, const prior_sum& m) {
  auto& s = self->state;
  auto mask = s.masks.find(m.ring);
  if (m.pass != s.mind->pass() || mask == s.masks.end() || m.sums.size() != s.mind->sums_size())
    return s.ctx->count.refused(self, errc::stale_epoch);
  s.mind->take(unmasked(m.sums, mask->second));
  s.masks.erase(mask);
  if (s.masks.empty())
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
    on<join>([self](const join& m) { join_in(self->state, m.user); }),
    on<leave>([self](const leave& m) { leave_out(self->state, m.user); }),
    on<prior_sum>([self](const prior_sum& m) { come_back(self, m); }),
    on_own<pass_due>([self](pass_due) { begin_pass(self); }),
    on_own<pass_over>([self](pass_over m) {
      if (m.pass == self->state.mind->pass() && !self->state.masks.empty())
        end_pass(self);
    }));
}

} // namespace ammo
