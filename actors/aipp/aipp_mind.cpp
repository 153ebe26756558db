#include "actors/aipp/aipp_mind.hpp"

#include "actors/base/text.hpp"
#include "actors/evolution/genes.hpp"
#include "actors/protocol/fixed_sums.hpp"

#include <algorithm>
#include <cmath>

namespace ammo {
namespace {

/// Rounds whose rewards say what the group likes: everybody has them. Later slates are made of what the person has said before, and who
/// plays many rounds would weigh more.
constexpr std::uint64_t rounds_with_votes = 4;

bool finite(std::span<const float> v) noexcept {
  return std::all_of(v.begin(), v.end(), [](float x) { return std::isfinite(x); });
}

/// What the person sees of a slate.
struct seen {
  per_slot<creation_id> creations;
  per_slot<float> utility;
  per_slot<arm> arms; ///< of a comparison with control
};

} // namespace

aipp_mind::aipp_mind(aipp_config config)
  : config_(std::move(config)), capped_(config_.caps.any()), stride_(config_.space.dim() + config_.slots), snapshots_(config_.space.size()),
    previous_(config_.space.size()), log_(config_.open_impressions, config_.shard, config_.impression_days),
    scales_(config_.space.size()) {}

errc aipp_mind::refuse(errc code) noexcept {
  refused_.add(code);
  return code;
}

result<void> aipp_mind::add(user_id user, std::optional<person> simulated) {
  if (index_.find(user) != user_index::none)
    return {refuse(errc::duplicate_user), "user " + std::to_string(raw(user))};
  if (!simulated) {
    index_.set(user, hosts);
    return {};
  }
  if (simulated->q.size() != config_.space.dim())
    return {refuse(errc::wrong_dimension), std::to_string(simulated->q.size()) + " coordinates of q where D is " +
                                             std::to_string(config_.space.dim())};
  if (!finite(simulated->q))
    return {refuse(errc::not_finite), "q of user " + std::to_string(raw(user))};
  auto p = static_cast<std::uint32_t>(users_.size());
  std::sort(simulated->held_out.begin(), simulated->held_out.end());
  try {
    users_.push_back(user);
    played_.push_back(rounds_);
    rows_.resize(rows_.size() + stride_);
    held_out_.push_back(std::move(simulated->held_out));
    best_of_.resize(p / batch + 1);
    index_.set(user, p);
  } catch (...) { // no memory: nobody has come
    users_.resize(p);
    played_.resize(p);
    rows_.resize(p * stride_);
    held_out_.resize(p);
    throw;
  }
  std::copy(simulated->q.begin(), simulated->q.end(), q(p).begin());
  best_of_.back() = 0;
  return {};
}

std::uint32_t aipp_mind::rounds_left(user_id user) const noexcept {
  auto p = index_.find(user);
  return p < users_.size() ? rounds_ - std::min(rounds_, played_[p]) : 0;
}

result<void> aipp_mind::remove(user_id user) {
  auto p = index_.find(user);
  if (p == user_index::none)
    return {refuse(errc::unknown_user), "user " + std::to_string(raw(user))};
  index_.erase(user);
  log_.forget(user);
  if (fitness_)
    fitness_->forget(raw(user));
  if (p == hosts)
    return {};
  awaited_ -= rounds_ - std::min(rounds_, played_[p]);
  if (auto last = static_cast<std::uint32_t>(users_.size() - 1); p != last) { // the last person takes the place
    users_[p] = users_[last];
    played_[p] = played_[last];
    held_out_[p] = std::move(held_out_[last]);
    std::copy_n(rows_.begin() + static_cast<std::ptrdiff_t>(last * stride_), stride_,
                rows_.begin() + static_cast<std::ptrdiff_t>(p * stride_));
    best_of_[p / batch] = 0;
    index_.set(users_[p], p);
  }
  users_.pop_back();
  played_.pop_back();
  held_out_.pop_back();
  rows_.resize(rows_.size() - stride_);
  best_of_.resize((users_.size() + batch - 1) / batch);
  return {};
}

void aipp_mind::see(std::shared_ptr<const catalogue_version> snapshot) {
  if (!snapshot)
    return;
  auto s = snapshot->subspace();
  if (raw(s) >= snapshots_.size()) {
    refuse(errc::unknown_subspace);
    return;
  }
  if (snapshot->coordinates() != config_.space.coordinates(s)) {
    refuse(errc::wrong_dimension);
    return;
  }
  auto& held = snapshots_[raw(s)];
  if (held && held->version() >= snapshot->version())
    return;
  tally_.reach(s, snapshot->rows());
  votes_.reach(s, snapshot->rows());
  previous_[raw(s)] = std::move(held);
  held = std::move(snapshot);
  ++version_;
  count_best();
}

aipp_mind::place aipp_mind::find(creation_id id) const noexcept {
  auto s = raw(subspace_of(id));
  if (s < snapshots_.size())
    for (const auto* held : {&snapshots_[s], &previous_[s]})
      if (*held)
        if (const auto* info = (*held)->find(id))
          return {held->get(), info};
  return {};
}

aipp_mind::outcome aipp_mind::granted(const slate_granted& g) {
  outcome out;
  auto p = index_.find(g.user);
  if (p == user_index::none) {
    out.code = refuse(errc::unknown_user);
    return out;
  }
  if (p != hosts && g.why == occasion::round)
    play(p, g, out);
  else
    deliver(g, out);
  return out;
}

void aipp_mind::play(std::uint32_t p, const slate_granted& g, outcome& out) {
  if (best_of_[p / batch] != version_)
    refresh(p / batch);
  const auto& held_out = held_out_[p];
  bool hit = false;
  seen s;
  for (const auto& i : g.impressions) {
    log_.answered(i.id, g.user);
    auto [snapshot, info] = find(i.creation);
    if (!snapshot) {
      refuse(errc::not_live);
      continue;
    }
    const auto [offset, width] = snapshot->coordinates();
    s.creations.push_back(i.creation);
    s.arms.push_back(arm_of(i));
    s.utility.push_back(snapshot->dot(row_of(i.creation), q(p).subspan(offset, width)));
    hit = hit || std::binary_search(held_out.begin(), held_out.end(), info->content);
  }
  const auto n = s.creations.size();
  per_slot<float> rewards(n);
  const std::span<const float> utility{s.utility.data(), n};
  respond(config_.people, g.user, g.round, {s.creations.data(), n}, utility, {rewards.data(), n});
  auto& learned = out.learned.emplace(reward{.user = g.user, .round = g.round, .entries = {}});
  for (std::size_t i = 0; i < n; ++i) {
    learned.entries.push_back({s.creations[i], rewards[i], static_cast<std::uint32_t>(i)});
    auto& count = tally_.of(s.creations[i]);
    ++count.impressions;
    count.engagement.add(rewards[i]);
    control_.shown(g.user, s.arms[i]);
    control_.rewarded(g.user, s.arms[i], rewards[i]);
    if (g.round <= rounds_with_votes)
      vote(s.creations[i], rewards[i]);
  }
  if (fitness_)
    fitness_->slate(raw(g.user), {rewards.data(), n});
  ++slates_;
  hit_slates_ += !held_out.empty();
  hits_ += hit;
  const bool was_awaited = played_[p] < rounds_;
  miss(p, utility);
  out.finished = was_awaited && --awaited_ == 0;
}

result<void> aipp_mind::could_count(user_id user, impression_id impression) {
  if (index_.find(user) == user_index::none)
    return {refuse(errc::unknown_user), "user " + std::to_string(raw(user))};
  if (shard_of(impression) >= config_.shards || counter_of(impression) == 0)
    return {refuse(errc::unknown_impression), "impression " + std::to_string(raw(impression))};
  return {};
}

result<impression_log::context> aipp_mind::counted(user_id user, impression_id impression) {
  if (auto could = could_count(user, impression); !could)
    return could.error();
  auto about = log_.close(impression, user);
  if (!about)
    refuse(about.code());
  return about;
}

void aipp_mind::vote(creation_id creation, double engagement) {
  auto& count = votes_.of(creation);
  ++count.impressions;
  count.engagement.add(engagement);
}

reward aipp_mind::rewarded(user_id user, const impression_log::context& about, double value) {
  const auto subspace = raw(subspace_of(about.creation));
  const double engagement = subspace < scales_.size() ? scales_[subspace].engagement(value) : 0;
  tally_.of(about.creation).engagement.add(engagement);
  control_.rewarded(user, static_cast<arm>(about.arm), value);
  if (about.round <= rounds_with_votes)
    vote(about.creation, engagement);
  if (fitness_)
    fitness_->reward(raw(user), engagement, about.slot == 0);
  reward r{.user = user, .round = about.round, .entries = {}};
  r.entries.push_back({about.creation, value, static_cast<std::uint32_t>(about.slot)});
  return r;
}

result<reward> aipp_mind::take(const feedback& f) {
  if (index_.find(f.user) == user_index::none)
    return {refuse(errc::unknown_user), "user " + std::to_string(raw(f.user))};
  if (!std::isfinite(f.value))
    return {refuse(errc::not_finite), "feedback on impression " + std::to_string(raw(f.impression))};
  if (std::abs(f.value) > config_.largest_reward)
    return {refuse(errc::reward_out_of_range), std::to_string(f.value)};
  auto about = counted(f.user, f.impression);
  if (!about)
    return about.error();
  return rewarded(f.user, *about, f.value);
}

result<reward> aipp_mind::take(const graded_feedback& f) {
  const std::string_view name = f.name.empty() ? name_of(f.what) : std::string_view(f.name);
  if (name.empty())
    return {refuse(errc::bad_value), "signal " + std::to_string(static_cast<unsigned>(f.what))};
  if (auto could = could_count(f.user, f.impression); !could)
    return could.error();
  const auto about = log_.peek(f.impression, f.user);
  if (!about) {
    refuse(about.code());
    return about.error();
  }
  const auto subspace = raw(subspace_of(about->creation));
  const auto& known = subspace < config_.signals.size() ? config_.signals[subspace] : usual_signals_;
  const auto* meant = find_signal(known, name);
  if (!meant)
    return {refuse(errc::unknown_signal), in_quotes(name) + "; known: " + names_of(known)};
  (void)log_.close(f.impression, f.user);
  return rewarded(f.user, *about, meant->worth);
}

result<comparison> aipp_mind::take(const stated_preference& p) {
  if (p.better == p.worse)
    return {refuse(errc::bad_value), "impression " + std::to_string(raw(p.better)) + " compared with itself"};
  for (auto impression : {p.better, p.worse})
    if (auto could = could_count(p.user, impression); !could)
      return could.error();
  const auto better = log_.peek(p.better, p.user), worse = log_.peek(p.worse, p.user);
  for (const auto* about : {&better, &worse})
    if (!*about) {
      refuse(about->code());
      return about->error();
    }
  if (better->creation == worse->creation) // the same creation, shown twice
    return {refuse(errc::bad_value), "creation " + std::to_string(raw(better->creation)) + " compared with itself"};
  (void)log_.close(p.better, p.user);
  (void)log_.close(p.worse, p.user);
  return comparison{p.user, better->creation, worse->creation, better->round, worse->round};
}

errc aipp_mind::deal(const strain_news& m) {
  if (const errc bad = check(m); bad != errc::ok)
    return refuse(bad);
  const std::size_t n = strains_of(m, buddy_kind::user);
  if (n == 0)
    return errc::ok;
  if (!fitness_)
    fitness_.emplace(config_.fitness);
  fitness_->deal(m.generation, n);
  return errc::ok;
}

std::optional<strain_report> aipp_mind::strains(std::uint64_t period) {
  if (!fitness_)
    return std::nullopt;
  return strain_report{period, fitness_->generation(), buddy_kind::user, {}, config_.shard, fitness_->close()};
}

void aipp_mind::begin(const clock_tick& t) {
  period_ = t.period;
  rounds_ = t.rounds;
  awaited_ = std::uint64_t{rounds_} * users_.size();
  std::fill(played_.begin(), played_.end(), 0);
  if (regret_.size() < rounds_)
    regret_.resize(rounds_);
}

aipp_mind::closing aipp_mind::close() {
  closing c;
  by_round total;
  c.played.period = period_;
  c.played.shard = config_.shard;
  for (const auto& r : regret_) {
    total.stated.add(r.stated);
    total.slate.add(r.slate);
    c.played.stated.push_back(wire_of(r.stated));
    c.played.slate.push_back(wire_of(r.slate));
  }
  c.played.hits = std::exchange(hits_, 0);
  c.played.hit_slates = std::exchange(hit_slates_, 0);
  c.report = {.period = period_, .shard = config_.shard, .rounds = std::exchange(slates_, 0), .rounds_known = std::exchange(slates_known_, 0), .stated = wire_of(total.stated), .slate = wire_of(total.slate), .exposures = tally_.take(), .votes = votes_.take()};
  regret_.clear();
  return c;
}

} // namespace ammo
