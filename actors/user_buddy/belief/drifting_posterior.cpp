#include "actors/user_buddy/belief/drifting_posterior.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace ammo {

template <class Real>
drifting_posterior<Real>::drifting_posterior(std::uint32_t dim, Real lambda, const drift_options& options)
  : drifting_posterior(std::make_shared<const ridge_posterior<Real>>(dim, lambda), options) {}

template <class Real>
drifting_posterior<Real>::drifting_posterior(std::shared_ptr<const ridge_posterior<Real>> fresh,
                                             const drift_options& options)
  : options_(options), fresh_(std::move(fresh)) {
  assert(fresh_ && options.noise > 0 && options.runs >= 3 && options.spacing >= 1);
  assert(options.hazard > 0 && options.hazard * options.spacing < 1);
  runs_.push_back({0, 0, *fresh_});
}

template <class Real>
std::optional<drifting_posterior<Real>>
drifting_posterior<Real>::restored(std::shared_ptr<const ridge_posterior<Real>> fresh, const drift_options& options,
                                   std::vector<run> runs, std::size_t believed, std::uint64_t rounds,
                                   std::uint64_t restarts) {
  drifting_posterior p(std::move(fresh), options);
  const auto fits = [&](const run& r) {
    return r.start <= rounds && std::isfinite(r.log_weight) && r.posterior.dim() == p.dim();
  };
  if (believed >= runs.size() || runs.size() > options.runs || !std::ranges::all_of(runs, fits) ||
      !std::ranges::is_sorted(runs, {}, &run::start))
    return {};
  p.runs_ = std::move(runs);
  p.believed_ = believed;
  p.rounds_ = rounds;
  p.restarts_ = restarts;
  return p;
}

template <class Real>
void drifting_posterior<Real>::begin_run() {
  const double h = options_.hazard * options_.spacing;
  if (runs_.size() == options_.runs) {
    const auto least = std::ranges::min_element(runs_, {}, &run::log_weight);
    believed_ -= least - runs_.begin() < static_cast<std::ptrdiff_t>(believed_);
    runs_.erase(least);
  }
  for (run& r : runs_)
    r.log_weight += std::log1p(-h);
  runs_.push_back({rounds_, std::log(h), *fresh_});
}

template <class Real>
bool drifting_posterior<Real>::observe(std::span<const Real> e, std::span<const Real> rewards) {
  if (!ridge_posterior<Real>::acceptable(e) || !ridge_posterior<Real>::acceptable(rewards))
    return false;
  if (rewards.empty())
    return true;
  if (rounds_ > 0 && rounds_ % options_.spacing == 0)
    begin_run();
  ++rounds_;
  for (run& r : runs_)
    r.log_weight += r.posterior.observe_weighed(e, rewards, options_.noise).value_or(0);
  normalise();
  const std::uint64_t since = believed_since();
  const auto most = std::ranges::max_element(runs_, {}, &run::log_weight);
  believed_ = static_cast<std::size_t>(most - runs_.begin());
  restarts_ += believed_since() > since;
  return true;
}

template <class Real>
bool drifting_posterior<Real>::take(std::span<const Real> e, std::span<const Real> rewards) {
  return std::ranges::all_of(runs_, [&](run& r) { return r.posterior.observe(e, rewards); });
}

template <class Real>
void drifting_posterior<Real>::normalise() noexcept {
  const double most = std::ranges::max_element(runs_, {}, &run::log_weight)->log_weight;
  double sum = 0;
  for (const run& r : runs_)
    sum += std::exp(r.log_weight - most);
  for (run& r : runs_)
    r.log_weight -= most + std::log(sum);
}

template class drifting_posterior<float>;
template class drifting_posterior<double>;

} // namespace ammo
