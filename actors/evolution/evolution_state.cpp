// Evolution's minds and the hubs' books as values, and back.
#include "actors/protocol/state/evolution_state.hpp"

#include "actors/base/saved.hpp"
#include "actors/evolution/evolution_mind.hpp"
#include "actors/evolution/fitness_book.hpp"

#include <algorithm>
#include <utility>

namespace ammo {

fitness_book_state fitness_book::save() const {
  fitness_book_state out{generation_, static_cast<std::uint32_t>(strains_), {}};
  for (const auto* entry : by_key(agents_)) {
    const auto& [agent, r] = *entry;
    out.agents.push_back({agent, r.now.rounds, r.now.impressions, r.now.satisfied, r.now.firsts, r.now.accurate,
                          r.now.reward, r.given, r.impressions, r.scores, r.periods, r.known, r.past});
  }
  return out;
}

result<fitness_book> fitness_book::restore(fitness_weights weights, const fitness_book_state& state) {
  if (state.strains > most_strains || !ascends(state.agents, &fitness_state::agent))
    return bad_state("a book of fitness");
  fitness_book out(weights);
  out.generation_ = state.generation;
  out.strains_ = state.strains;
  for (const fitness_state& a : state.agents)
    out.agents_.emplace(a.agent, record{.now = {a.rounds, a.rewarded, a.satisfied, a.firsts, a.accurate, a.reward},
                                        .given = a.given,
                                        .impressions = a.impressions,
                                        .scores = a.scores,
                                        .periods = a.periods,
                                        .known = a.known,
                                        .past = a.past});
  return out;
}

strain_population_state strain_population::save() const {
  strain_population_state out{random_.state(), {}, {}, next_, forgotten_, generation_};
  for (const pbt_member& m : members_)
    out.members.push_back({m.id, m.specialisation, m.genes, m.born, m.score, m.checkpoint});
  for (const lineage_record& l : lineage_)
    out.lineage.push_back({l.id, l.specialisation, l.predecessor, l.parent, l.born, l.genes});
  return out;
}

bool strain_population::in_range(const std::vector<double>& genes) const noexcept {
  return std::ranges::equal(genes, options_.ranges,
                            [](double gene, const gene_range& r) { return r.low <= gene && gene <= r.high; });
}

result<strain_population> strain_population::restore(pbt_options options, const strain_population_state& s) {
  auto out = found(std::move(options), s.random);
  if (!out)
    return out.error();
  const auto sound = [&](const auto& m) {
    return m.id > 0 && m.id < s.next && m.born <= s.generation && out->in_range(m.genes);
  };
  const auto recorded = [&](const pbt_member_state& m) {
    return std::ranges::find(s.lineage, m.id, &lineage_state::id) != s.lineage.end();
  };
  if (s.forgotten >= s.next || s.lineage.size() > remembered + s.members.size() ||
      !std::ranges::all_of(s.members, sound) || !std::ranges::all_of(s.lineage, sound) ||
      !std::ranges::all_of(s.members, recorded))
    return bad_state("a population of strains");
  for (const auto& m : s.members)
    out->members_.push_back({m.id, m.specialisation, m.genes, m.born, m.score, m.checkpoint});
  for (const auto& l : s.lineage)
    out->lineage_.push_back({l.id, l.specialisation, l.predecessor, l.parent, l.born, l.genes});
  out->next_ = s.next;
  out->forgotten_ = s.forgotten;
  out->generation_ = s.generation;
  return out;
}

evolution_mind_state evolution_mind::save() const {
  evolution_mind_state out{generation_, {}, {}, {}};
  if (users_)
    out.users = users_->save();
  if (goals_)
    out.goals = goals_->save();
  for (const group& g : groups_) {
    auto& made = out.groups.emplace_back(strain_group_state{g.tallies, {}, {}, g.records});
    for (const standing& s : g.standings)
      made.standings.push_back({s.whose, s.generations, s.score});
    for (const auto& [source, period] : g.heard)
      made.heard.push_back({source, period, g.complete.contains(source)});
  }
  return out;
}

result<evolution_mind> evolution_mind::restore(evolution_config config, const evolution_mind_state& s) {
  evolution_mind mind(std::move(config));
  const auto& c = mind.config_;
  if (auto grouped = mind.group_up(); !grouped)
    return grouped.error();
  if (s.users.has_value() == c.user_genes.empty() || s.goals.has_value() == c.goal_genes.empty() ||
      s.groups.size() != mind.groups_.size())
    return bad_state("evolution of other kinds of buddies");
  for (const auto& [saved, made, genes] :
       {std::tie(s.users, mind.users_, c.user_genes), std::tie(s.goals, mind.goals_, c.goal_genes)})
    if (saved) {
      auto restored = strain_population::restore(mind.options_for(genes), *saved);
      if (!restored)
        return restored.error();
      made = *std::move(restored);
    }
  for (std::size_t i = 0; i < mind.groups_.size(); ++i)
    if (auto restored = mind.restore(mind.groups_[i], s.groups[i]); !restored)
      return restored.error();
  mind.generation_ = s.generation;
  return mind;
}

result<void> evolution_mind::restore(group& g, const strain_group_state& s) const {
  if (members(g).size() != config_.strains || s.tallies.size() != config_.strains ||
      s.standings.size() != config_.strains || s.records.size() > remembered_generations ||
      !ascends(s.heard, &hub_state::source) || (!s.heard.empty() && s.heard.back().source >= g.sources))
    return bad_state("a group of strains");
  g.tallies = s.tallies;
  for (std::size_t i = 0; i < g.standings.size(); ++i)
    g.standings[i] = {s.standings[i].whose, s.standings[i].generations, s.standings[i].score};
  for (const hub_state& h : s.heard) {
    g.heard.emplace(h.source, h.period);
    if (h.in_generation)
      g.complete.insert(h.source);
  }
  g.records = s.records;
  return {};
}

bool same_strains(const evolution_mind_state& a, const evolution_mind_state& b) noexcept {
  const auto same = [](const std::optional<strain_population_state>& x, const std::optional<strain_population_state>& y) {
    return x.has_value() == y.has_value() && (!x || std::ranges::equal(x->members, y->members, {}, &pbt_member_state::id, &pbt_member_state::id));
  };
  return same(a.users, b.users) && same(a.goals, b.goals);
}

evolution_mind_state without_history(evolution_mind_state whole) {
  constexpr std::size_t kept = 16; // generations
  for (auto* strains : {&whole.users, &whole.goals})
    if (*strains) {
      const auto& playing = (*strains)->members;
      std::erase_if((*strains)->lineage, [&](const lineage_state& l) { return std::ranges::find(playing, l.id, &pbt_member_state::id) == playing.end(); });
    }
  for (auto& g : whole.groups) {
    g.tallies.assign(g.tallies.size(), {});
    g.heard.clear();
    if (g.records.size() > kept)
      g.records.erase(g.records.begin(), g.records.end() - kept);
  }
  return whole;
}

} // namespace ammo
