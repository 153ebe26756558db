#include "runtime/system/host_policy.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace ammo {
namespace {

const catalogue_version* home_of(const slate_view& view, creation_id id) noexcept {
  for (const auto& s : view.snapshots)
    if (s->subspace() == subspace_of(id))
      return may_show(view.eligible, *s, id) ? s.get() : nullptr;
  return nullptr;
}

std::vector<valued_creation> outside(const ranking& chosen) {
  std::vector<valued_creation> out;
  for (const scored& s : chosen)
    out.push_back({s.creation, s.score});
  return out;
}

class hosted final : public slate_policy {
public:
  explicit hosted(std::shared_ptr<const host_policy> policy) : policy_(std::move(policy)) {}

  ranking choose(const slate_view& view) const override {
    ranking chosen;
    for (const auto& [creation, value, likely] : policy_->choose(policy_view(view))) {
      chosen.push_back({creation, value});
      if (view.told && likely != 0)
        view.told->push_back({creation, {likely, propensity_source::exact}});
    }
    return chosen;
  }

  std::vector<std::byte> save(user_id user) const override {
    try {
      const std::string kept = policy_->save(user);
      const auto bytes = std::as_bytes(std::span(kept));
      return {bytes.begin(), bytes.end()};
    } catch (...) { // whatever a host throws
      return {};
    }
  }

  bool restore(user_id user, std::span<const std::byte> kept) const override {
    try {
      return policy_->restore(user, {reinterpret_cast<const char*>(kept.data()), kept.size()});
    } catch (...) {
      return false;
    }
  }

private:
  std::shared_ptr<const host_policy> policy_;
};

} // namespace

user_id policy_view::user() const noexcept { return view_.user; }
std::uint64_t policy_view::round() const noexcept { return view_.round; }
std::uint32_t policy_view::slots() const noexcept { return static_cast<std::uint32_t>(view_.slots); }
std::uint32_t policy_view::most() const noexcept { return static_cast<std::uint32_t>(view_.most()); }

std::uint64_t policy_view::seed() const noexcept {
  return splitmix64(view_.randomness()() + 1)(); // not the numbers that built-in policies draw
}

std::string_view policy_view::situation() const noexcept {
  const auto& known = view_.options.situations;
  return view_.situation > 0 && view_.situation <= known.size() ? std::string_view(known[view_.situation - 1]) : std::string_view();
}

std::size_t policy_view::live() const noexcept { return view_.choices(); }

bool policy_view::is_live(creation_id creation) const noexcept { return home_of(view_, creation) != nullptr; }

void policy_view::each_live(const std::function<void(const live_creation&)>& what) const {
  std::vector<float> e;
  for (const auto& s : view_.snapshots)
    for (std::uint32_t row = 0; row < s->rows(); ++row)
      if (const creation_info& c = s->info(row); c.id != no_creation && may_show(view_.eligible, *s, c.id)) {
        e.resize(s->coordinates().width);
        s->embedding(row, e);
        what({c.id, s->subspace(), c.goal, c.owner, c.content, e});
      }
}

std::vector<std::uint32_t> policy_view::tags(creation_id creation) const {
  const catalogue_version* home = home_of(view_, creation);
  return home ? home->panels()[row_of(creation) / panel_rows]->tags.of(row_of(creation) % panel_rows) : std::vector<std::uint32_t>();
}

std::vector<float> policy_view::mean() const {
  const auto m = mean_preference(view_);
  return {m.begin(), m.end()};
}

std::optional<believed_value> policy_view::value(creation_id creation) const {
  const catalogue_version* home = home_of(view_, creation);
  if (!home)
    return std::nullopt;
  const std::size_t factor = view_.space.factor_of(home->subspace());
  coordinates e(view_.space.factors()[factor].width), m(e.size());
  embed_in_factor(view_.space, *home, row_of(creation), span_of(e));
  view_.believed.mean(factor, span_of(m));
  const block within = view_.space.within_factor(home->subspace());
  return believed_value{home->dot(row_of(creation), span_of(m).subspan(within.offset, within.width)),
                        static_cast<float>(view_.noise) * view_.believed.width(factor, span_of(e))};
}

std::vector<float> policy_view::sample(std::uint64_t draw) const {
  const auto q = sampled_preference(view_, draw == 0 ? view_.randomness() : splitmix64(seed() + draw));
  return {q.begin(), q.end()};
}

std::vector<valued_creation> policy_view::top(std::span<const float> q, std::size_t n) const {
  n = std::min(n, most_candidates);
  if (q.size() != view_.space.dim() || n == 0)
    return {};
  auto best = best_slate(view_.options, view_.snapshots, q, n, view_.eligible);
  best.resize(std::min(n, best.size()));
  return outside(best);
}

std::vector<valued_creation> policy_view::built_in(std::string_view policy) const {
  const auto known = user_policy_named(policy);
  if (!known || *known == user_policy::ftrl || *known == user_policy::host)
    return {};
  slate_view quiet = view_;
  quiet.told = nullptr; // how likely its slate was is not how likely the host's is
  return outside(policy_of(*known).choose(quiet));
}

result<std::shared_ptr<const slate_policy>> host_policy_of(const options& deployment, const host_policies& supplied) {
  if (deployment.user.policy != "host")
    return std::shared_ptr<const slate_policy>();
  const auto& name = deployment.user.host_policy;
  const auto found = name.empty() && supplied.size() == 1 ? supplied.begin() : supplied.find(name);
  if (found != supplied.end() && found->second)
    return std::shared_ptr<const slate_policy>(std::make_shared<hosted>(found->second));
  std::string known;
  for (const auto& [other, policy] : supplied)
    known += (known.empty() ? "\"" : ", \"") + other + '"';
  return {errc::bad_value, "user.host_policy is \"" + name + "\"; the host program supplies " +
                             (known.empty() ? "no policy of its own" : known)};
}

} // namespace ammo
