#include "runtime/cli/simulated_people.hpp"

#include "runtime/config/deployment_content.hpp"
#include "runtime/config/deployment_layout.hpp"
#include "runtime/simulation/game.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <optional>
#include <random>
#include <span>
#include <thread>
#include <vector>

namespace ammo::cli {
namespace {

constexpr std::uint64_t first_id = 1ull << 62;
constexpr auto between_slates = std::chrono::seconds(1); // of one person

/// e·q of an item of a subspace.
double value_of(const std::vector<float>& q, const block& coordinates, std::span<const float> e) {
  return std::inner_product(e.begin(), e.end(), q.begin() + coordinates.offset, 0.0);
}

} // namespace

struct simulated_people::impl {
  struct somebody {
    user_id user{};
    std::vector<float> q;
    double best = 0;      ///< what the best slate is worth to them
    double at_random = 0; ///< and one at random
  };
  /// The best slate of all content, within what each subspace may have of it.
  static void weigh(somebody& who, const options& deployment, const layout& space, const std::vector<content>& contents) {
    std::vector<std::pair<double, std::size_t>> all; // value, subspace
    double sum = 0;
    for (std::size_t at = 0; at < contents.size(); ++at)
      for (std::size_t i = 0; i < contents[at].items.size(); ++i) {
        all.emplace_back(value_of(who.q, space.coordinates(subspace_id{static_cast<std::uint16_t>(at)}), contents[at].embedding(i)), at);
        sum += all.back().first;
      }
    if (all.empty())
      return;
    who.at_random = deployment.slots * sum / static_cast<double>(all.size());
    std::ranges::sort(all, std::greater{});
    std::vector<std::uint32_t> taken(contents.size());
    std::uint32_t filled = 0;
    for (const auto& [value, at] : all) {
      const auto cap = deployment.subspaces[at].slate_cap;
      if (filled == deployment.slots)
        break;
      if (cap > 0 && taken[at] == cap)
        continue;
      ++taken[at];
      ++filled;
      who.best += value;
    }
  }

  impl(runtime& with, layout in, const options& deployment)
    : rt(with), space(std::move(in)), noise(deployment.simulation.noise), dice(deployment.seed) {}

  runtime& rt;
  const layout space;
  std::vector<content> contents;
  std::vector<somebody> people; ///< these two don't change once they live
  const double noise;
  std::mt19937_64 dice;
  mutable std::mutex changing; ///< what follows
  std::condition_variable changed;
  bool stopping = false;
  double slates = 0, regret = 0, regret_at_random = 0; ///< sums
  std::thread at_work;

  /// e·q of a creation, where it is one of the content's.
  std::optional<double> value(const somebody& who, const shown_creation& shown) const {
    const auto at = static_cast<std::size_t>(shown.content >> 32), position = static_cast<std::size_t>(shown.content & 0xFFFFFFFFu);
    if (at >= contents.size() || position >= contents[at].items.size())
      return {};
    const auto e = contents[at].embedding(position);
    return value_of(who.q, space.coordinates(subspace_id{static_cast<std::uint16_t>(at)}), e);
  }

  void visit(const somebody& who) {
    const auto slate = rt.ask(who.user);
    if (!slate)
      return; // counted where it was refused; there is another visit
    std::normal_distribution<double> error(0, noise);
    double got = 0;
    for (const auto& shown : slate->creations)
      if (const auto worth = value(who, shown)) {
        got += *worth;
        (void)rt.feedback(who.user, shown.impression, std::clamp(*worth + error(dice), -1.0, 1.0));
      }
    std::lock_guard locked(changing);
    slates += 1;
    regret += who.best - got;
    regret_at_random += who.best - who.at_random;
  }

  void live() {
    const std::chrono::nanoseconds pause = std::chrono::nanoseconds(between_slates) / static_cast<std::int64_t>(people.size());
    auto next = std::chrono::steady_clock::now();
    for (std::size_t turn = 0;; turn = (turn + 1) % people.size()) {
      {
        std::unique_lock locked(changing);
        if (changed.wait_until(locked, next, [&] { return stopping; }))
          return;
      }
      visit(people[turn]);
      // A machine that can't keep up skips visits: nobody comes twice at once.
      next = std::max(next + pause, std::chrono::steady_clock::now() - between_slates);
    }
  }
};

simulated_people::simulated_people(std::unique_ptr<impl> all) : impl_(std::move(all)) {}
simulated_people::~simulated_people() { stop(); }

result<std::unique_ptr<simulated_people>> simulated_people::start(runtime& rt, const options& deployment, std::uint32_t count) {
  auto space = layout_of(deployment);
  if (!space)
    return space.error();
  std::unique_ptr<simulated_people> out(new simulated_people(std::make_unique<impl>(rt, *space, deployment)));
  if (count == 0)
    return out;
  auto contents = contents_of(deployment);
  if (!contents)
    return contents.error();
  auto played = deployment;
  played.simulation.users = count;
  auto players = make_scenario(played, *space, std::move(*contents));
  auto& mine = *out->impl_;
  mine.contents = std::move(players.contents);
  for (auto& [user, person] : players.people) {
    impl::somebody who{.user = user_id{first_id + raw(user)}, .q = std::move(person.q)};
    impl::weigh(who, deployment, *space, mine.contents);
    mine.people.push_back(std::move(who));
  }
  for (const auto& who : mine.people)
    if (auto added = rt.add_user(who.user); !added && added.code() != errc::duplicate_user)
      return added.error();
  mine.at_work = std::thread([&mine] { mine.live(); });
  return out;
}

std::vector<std::pair<std::string, double>> simulated_people::figures() const {
  if (impl_->people.empty())
    return {};
  std::lock_guard locked(impl_->changing);
  return {{"slates", impl_->slates}, {"regret", impl_->regret}, {"regret_at_random", impl_->regret_at_random}};
}

void simulated_people::stop() {
  {
    std::lock_guard locked(impl_->changing);
    impl_->stopping = true;
  }
  impl_->changed.notify_all();
  if (impl_->at_work.joinable())
    impl_->at_work.join();
}

} // namespace ammo::cli
