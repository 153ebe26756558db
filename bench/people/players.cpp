#include "bench/people/players.hpp"

#include "actors/user_buddy/user_mind.hpp"

#include <cstdio>
#include <utility>

namespace people_bench {

using namespace ammo;

namespace {

class mind_player final : public player {
public:
  mind_player(const subspace_of_people& s, std::size_t person, const player_options& o)
    : people_(s), mind_([&] {
        user_config c;
        c.space = layout::make(s.where.dim, {{"bench", {0, s.where.dim}}}).value();
        c.seed = s.seed;
        c.learner = o.learner;
        c.policy = o.policy;
        c.people = o.people;
        c.optimism = o.optimism;
        c.exactly = o.learner == user_learner::people;
        if (o.learner == user_learner::people)
          c.remembered_slates = 512;
        return std::make_shared<const user_config>(std::move(c));
      }(),
                        user_id{person + 1}) {
    mind_.see(s.live);
  }

  std::vector<std::uint64_t> choose(std::uint32_t round, std::uint32_t situation) override {
    const auto p = mind_.propose(occasion::round, round, slots, nullptr, nullptr, told_situation(situation)).value();
    auto& ids = ids_.emplace_back();
    for (const candidate& c : p.candidates)
      ids.push_back(c.creation);
    if (p.shuffle != 0) { // as MetaSpace does
      splitmix64 g(p.shuffle);
      for (std::size_t i = ids.size(); i > 1; --i)
        std::swap(ids[i - 1], ids[static_cast<std::size_t>(uniform01(g) * static_cast<double>(i))]);
    }
    std::vector<std::uint64_t> contents;
    for (creation_id id : ids)
      contents.push_back(people_.live->find(id)->content);
    return contents;
  }

  void learn(std::uint32_t round, std::uint32_t, const std::vector<told_reward>& told) override {
    ammo::reward r{mind_.user(), round + 1, {}};
    for (const told_reward& t : told)
      r.entries.push_back({ids_[round][t.slot], t.reward, t.slot});
    refused_ += mind_.learn(r) != errc::ok;
  }

  pooled_sums statistics() const override {
    const auto sums = mind_.statistics();
    return sums.empty() ? pooled_sums{} : sums.front();
  }
  void hear(const pooled_sums& sums) override { (void)mind_.hear_people({&sums, 1}); }
  std::size_t restarts() const override { return mind_.facts(0).restarts; }
  std::string note() const override {
    const reward_facts f = mind_.facts(0);
    char text[200];
    std::snprintf(text, sizeof text, "kind %s unit %.3g offset %.3g sigma %.3g restarts %d refused %zu", std::string(f.kind).c_str(),
                  f.unit, f.offset, f.noise, static_cast<int>(f.restarts), refused_);
    return text;
  }

private:
  /// 0 is "no situation".
  [[nodiscard]] std::uint32_t told_situation(std::uint32_t s) const { return people_.where.situations > 1 ? s + 1 : 0; }

  const subspace_of_people& people_;
  user_mind mind_;
  std::vector<std::vector<creation_id>> ids_; // by round and slot
  std::size_t refused_ = 0;
};

} // namespace

std::unique_ptr<player> make_default(const subspace_of_people& s, std::size_t person, const player_options& o) {
  return std::make_unique<mind_player>(s, person, o);
}

std::unique_ptr<player> make_classic(const subspace_of_people& s, std::size_t person) {
  return std::make_unique<mind_player>(s, person, player_options{.learner = user_learner::classic});
}

std::vector<std::string> learner_names() {
  std::vector<std::string> names{"default", "classic"};
  for (std::uint8_t p = 0; name_of(static_cast<user_policy>(p)) != "unknown"; ++p)
    if (const auto policy = static_cast<user_policy>(p); policy != user_policy::host && policy != user_policy::sampled_ucb)
      names.emplace_back(name_of(policy));
  return names;
}

std::unique_ptr<player> make_named(const std::string& name, const subspace_of_people& s, std::size_t person, player_options o) {
  if (name == "classic")
    return make_classic(s, person);
  if (name != "default")
    o.policy = user_policy_named(name).value();
  return make_default(s, person, o);
}

} // namespace people_bench
