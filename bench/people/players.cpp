#include "bench/people/players.hpp"

#include "bench/people/learner/belief_slate.hpp"
#include "actors/user_buddy/user_mind.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>

namespace people_bench {

using namespace ammo;

namespace {

struct rows_of final : embeddings {
  explicit rows_of(const subspace_of_people& s) : people(s) {}
  void copy(std::uint64_t content, std::span<float> out) const override {
    std::ranges::copy(people.rows[content], out.begin());
  }
  const subspace_of_people& people;
};

class default_player final : public player {
public:
  default_player(const subspace_of_people& s, std::size_t person, const player_options& o)
    : people_(s), rows_(s), who_(person), options_(o), mind_([&] {
        person_options p = o.person;
        p.dim = s.where.dim;
        return p;
      }()) {}

  std::vector<std::uint64_t> choose(std::uint32_t round, std::uint32_t situation) override {
    splitmix64 g = generator(people_.seed, stream::policy, who_, round);
    mind_.catch_up(rows_);
    const slate_choice chosen = choose_slate(mind_, told_situation(situation), *people_.live, slots, options_.optimism, g);
    shuffled_.resize(round + 1);
    shuffled_[round] = chosen.shuffled;
    std::vector<std::uint64_t> contents;
    for (const scored& c : chosen.creations)
      contents.push_back(people_.live->find(c.creation)->content);
    return contents;
  }

  void learn(std::uint32_t round, std::uint32_t situation, const std::vector<told_reward>& told) override {
    std::vector<outcome> seen;
    for (const told_reward& t : told)
      seen.push_back({t.content, t.reward, t.slot});
    mind_.learn(round, told_situation(situation), shuffled_[round], seen, rows_);
  }

  pooled_sums statistics() const override { return mind_.statistics(); }
  void hear(const common_belief& c) override { mind_.hear(c); }
  std::size_t restarts() const override { return mind_.restarts(); }
  std::string note() const override {
    const strand& s = mind_.believed(1);
    char text[200];
    std::snprintf(text, sizeof text, "kind %d sigma %.3g lambda %.3g base %.2f restarts %u looks %.2f %.2f split %d %.1f",
                  static_cast<int>(mind_.scale().kind), std::ldexp(s.noise(), mind_.scale().exponent), s.lambda, s.base,
                  s.restarts, static_cast<double>(mind_.looks()[1]), static_cast<double>(mind_.looks()[4]), mind_.splits(), mind_.split_evidence());
    return text;
  }

private:
  /// 0 is "no situation".
  [[nodiscard]] std::uint32_t told_situation(std::uint32_t s) const { return people_.where.situations > 1 ? s + 1 : 0; }

  const subspace_of_people& people_;
  rows_of rows_;
  std::size_t who_;
  player_options options_;
  person_belief mind_;
  std::vector<bool> shuffled_;
};

class classic_player final : public player {
public:
  classic_player(const subspace_of_people& s, std::size_t person) : people_(s), mind_([&] {
    user_config c;
    c.space = layout::make(s.where.dim, {{"bench", {0, s.where.dim}}}).value();
    c.seed = s.seed;
    return std::make_shared<const user_config>(std::move(c));
  }(), user_id{static_cast<std::uint32_t>(person + 1)}) {
    mind_.see(s.live);
  }

  std::vector<std::uint64_t> choose(std::uint32_t round, std::uint32_t) override {
    auto p = mind_.propose(occasion::round, round, slots);
    ids_.resize(round + 1);
    std::vector<std::uint64_t> contents;
    for (const candidate& c : p.value().candidates) {
      contents.push_back(people_.live->find(c.creation)->content);
      ids_[round].push_back(c.creation);
    }
    return contents;
  }

  void learn(std::uint32_t round, std::uint32_t, const std::vector<told_reward>& told) override {
    ammo::reward r{mind_.user(), round + 1, {}};
    for (const told_reward& t : told)
      r.entries.push_back({ids_[round][t.slot], static_cast<float>(t.reward)});
    refused_ += mind_.learn(r) != errc::ok;
  }

  std::string note() const override { return "refused " + std::to_string(refused_); }

private:
  const subspace_of_people& people_;
  user_mind mind_;
  std::vector<std::vector<creation_id>> ids_;
  std::size_t refused_ = 0;
};

} // namespace

std::unique_ptr<player> make_default(const subspace_of_people& s, std::size_t person, const player_options& o) {
  return std::make_unique<default_player>(s, person, o);
}

std::unique_ptr<player> make_classic(const subspace_of_people& s, std::size_t person) {
  return std::make_unique<classic_player>(s, person);
}

} // namespace people_bench
