#include "actors/evolution/evolution_mind.hpp"

#include "actors/evolution/genes.hpp"
#include "actors/protocol/fixed_sums.hpp"

#include <algorithm>
#include <numeric>

namespace ammo {
namespace {

constexpr std::uint32_t remembered = 3; ///< generations that a score is a mean of, nearly

double share(std::uint64_t some, std::uint64_t all) noexcept {
  return all == 0 ? 0 : static_cast<double>(some) / static_cast<double>(all);
}

} // namespace

pbt_options evolution_mind::options_for(const std::vector<gene>& genes) const {
  pbt_options options{.ranges = {}, .patience = config_.patience, .diversity_floor = config_.diversity_floor};
  if (config_.truncation > 0)
    options.truncation = config_.truncation;
  for (gene g : genes)
    options.ranges.push_back(range_of(g));
  return options;
}

result<strain_population> evolution_mind::populate(const std::vector<gene>& genes, std::uint32_t specialisations,
                                                   std::uint64_t salt) const {
  auto made = strain_population::found(options_for(genes), generator(config_.seed, stream::evolution, salt, 0)());
  if (!made)
    return made;
  for (std::uint32_t s = 0; s < specialisations; ++s)
    for (std::uint32_t i = 0; i < config_.strains; ++i)
      if (auto admitted = made->admit(s, made->draw()); !admitted)
        return admitted.error();
  return made;
}

result<void> evolution_mind::group_up() {
  const auto& c = config_;
  if (c.strains == 0 || (c.user_genes.empty() && c.goal_genes.empty()))
    return {errc::empty_population, "neither User Buddies nor Goal Buddies have hyper-parameters that their policy heeds"};
  if (c.strains < 2)
    return {errc::bad_value, "evolution wants two strains or more"};
  if (!c.user_genes.empty())
    groups_.push_back({buddy_kind::user, subspace_id{0}, c.shards});
  if (!c.goal_genes.empty())
    for (std::uint32_t s = 0; s < c.subspaces; ++s)
      groups_.push_back({buddy_kind::goal, subspace_id{static_cast<std::uint16_t>(s)}, 1});
  for (auto& g : groups_) {
    g.tallies.resize(c.strains);
    g.standings.resize(c.strains);
  }
  return {};
}

result<evolution_mind> evolution_mind::found(evolution_config config) {
  evolution_mind mind(std::move(config));
  const auto& c = mind.config_;
  if (auto grouped = mind.group_up(); !grouped)
    return grouped.error();
  if (!c.user_genes.empty()) {
    auto made = mind.populate(c.user_genes, 1, 0);
    if (!made)
      return made.error();
    mind.users_ = std::move(*made);
  }
  if (!c.goal_genes.empty()) {
    auto made = mind.populate(c.goal_genes, c.subspaces, 1);
    if (!made)
      return made.error();
    mind.goals_ = std::move(*made);
  }
  return mind;
}

const std::vector<gene>& evolution_mind::genes_of(buddy_kind kind) const noexcept {
  return kind == buddy_kind::user ? config_.user_genes : config_.goal_genes;
}

std::vector<const pbt_member*> evolution_mind::members(const group& g) const {
  std::vector<const pbt_member*> out;
  for (const auto& m : strains_of(g.kind).members())
    if (m.specialisation == raw(g.subspace))
      out.push_back(&m);
  return out;
}

strain_news evolution_mind::news() const {
  strain_news out{generation_, {}};
  for (const auto& g : groups_)
    for (const auto* m : members(g)) {
      auto& s = out.strains.emplace_back(strain{m->id, g.kind, g.subspace, {}});
      for (std::size_t k = 0; k < m->genes.size(); ++k)
        s.genes.push_back({genes_of(g.kind)[k], m->genes[k]});
    }
  return out;
}

errc evolution_mind::take(const strain_report& r) {
  const auto g = std::ranges::find_if(groups_, [&](const group& x) {
    return x.kind == r.kind && (r.kind == buddy_kind::user || x.subspace == r.subspace);
  });
  if (g == groups_.end())
    return errc::empty_population;
  const std::uint32_t source = r.kind == buddy_kind::user ? r.shard : 0;
  if (source >= g->sources)
    return errc::bad_value;
  if (r.strains.size() != g->tallies.size())
    return errc::wrong_dimension;
  const auto before = g->heard.find(source);
  if (r.generation != generation_ || (before != g->heard.end() && r.period <= before->second))
    return errc::stale_epoch;
  g->heard[source] = r.period;
  g->complete.insert(source);
  for (std::size_t place = 0; place < r.strains.size(); ++place)
    add(g->tallies[place], r.strains[place]);
  return errc::ok;
}

generation_record evolution_mind::summary(const group& g) {
  strain_tally all;
  for (const auto& t : g.tallies)
    add(all, t);
  generation_record out;
  out.welfare = all.rounds == 0 ? 0 : sum_of(all.reward).value() / static_cast<double>(all.rounds);
  out.satisfaction = share(all.satisfied, all.impressions);
  out.accuracy = share(all.accurate, all.firsts);
  return out;
}

void evolution_mind::judge(group& g) {
  const auto of = [](const strain_tally& t) { return sum_of(t.gain).value() / static_cast<double>(t.judged); };
  double mean = 0, known = 0;
  for (const auto& t : g.tallies)
    if (t.judged > 0) {
      mean += of(t);
      ++known;
    }
  const auto strains = members(g);
  std::vector<std::pair<lineage_id, double>> scores;
  for (std::size_t place = 0; place < strains.size(); ++place) {
    auto& s = g.standings[place];
    if (s.whose != strains[place]->id)
      s = {strains[place]->id, 0, 0};
    if (g.tallies[place].judged == 0)
      continue;
    s.generations = std::min(s.generations + 1, remembered);
    s.score += (of(g.tallies[place]) - mean / known - s.score) / s.generations;
    scores.emplace_back(s.whose, s.score);
  }
  for (const auto& [id, score] : scores)
    (void)strains_of(g.kind).report(id, score, true);
}

bool evolution_mind::complete() const noexcept {
  return std::ranges::all_of(groups_, [](const group& g) { return g.complete.size() == g.sources; });
}

std::size_t evolution_mind::close() {
  ++generation_;
  std::size_t incomplete = 0;
  std::map<buddy_kind, std::vector<std::uint32_t>> left_alone;
  for (auto& g : groups_) {
    auto record = summary(g);
    record.generation = generation_;
    record.complete = g.complete.size() == g.sources;
    if (record.complete) {
      judge(g);
    } else {
      left_alone[g.kind].push_back(static_cast<std::uint32_t>(raw(g.subspace)));
      ++incomplete;
    }
    if (g.records.size() == remembered_generations)
      g.records.erase(g.records.begin());
    g.records.push_back(record);
  }
  std::map<buddy_kind, std::vector<succession>> changes;
  for (const auto kind : {buddy_kind::user, buddy_kind::goal})
    if (config_.truncation > 0 && !genes_of(kind).empty())
      changes[kind] = strains_of(kind).next_generation(left_alone[kind]);
  for (auto& g : groups_) {
    auto& record = g.records.back();
    for (const auto& c : changes[g.kind])
      if (c.heir.specialisation == raw(g.subspace)) {
        ++record.replaced;
        record.newcomers += c.newcomer;
      }
    record.diversity = strains_of(g.kind).diversity(static_cast<std::uint32_t>(raw(g.subspace)));
    g.tallies.assign(g.tallies.size(), {});
    g.complete.clear();
  }
  return incomplete;
}

evolved_kind evolution_mind::told(const group& g) const {
  evolved_kind out{g.kind, g.subspace, genes_of(g.kind), 0, {}, g.records, {}, {}, 0};
  const pbt_member* best = nullptr;
  for (const auto* m : members(g)) {
    out.strains.push_back({m->id, m->score.has_value(), m->score.value_or(0)});
    if (m->score && (!best || *m->score > *best->score))
      best = m;
  }
  out.diversity = strains_of(g.kind).diversity(static_cast<std::uint32_t>(raw(g.subspace)));
  if (best) {
    out.best = best->id;
    out.best_genes = best->genes;
  }
  for (const auto& l : strains_of(g.kind).lineage())
    if (l.specialisation == raw(g.subspace))
      out.lineage.push_back({l.id, l.predecessor, l.parent, l.born, l.genes});
  return out;
}

evolution_report evolution_mind::told() const {
  evolution_report out{0, generation_, {}};
  for (const auto& g : groups_)
    out.kinds.push_back(told(g));
  return out;
}

} // namespace ammo
