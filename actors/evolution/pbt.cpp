#include "actors/evolution/pbt.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

namespace ammo {

namespace {

constexpr double most_floor = 0.2; // a single newcomer among two reaches that, and so does one of any more

bool sound(const pbt_options& o) noexcept {
  return o.truncation > 0 && o.truncation <= 0.5 && o.down > 0 && o.up >= o.down && o.inherited >= 0 &&
         o.inherited <= 1 && o.diversity_floor >= 0 && o.diversity_floor <= most_floor && !o.ranges.empty();
}

std::size_t draw(splitmix64& g, std::size_t n) {
  return static_cast<std::size_t>(uniform01(g) * static_cast<double>(n));
}

} // namespace

population::population(pbt_options options, std::uint64_t seed) : options_(std::move(options)), random_(seed) {}

result<population> population::found(pbt_options options, std::uint64_t seed) {
  for (const auto& r : options.ranges) {
    if (!std::isfinite(r.low) || !std::isfinite(r.high))
      return {errc::not_finite, "a hyper-parameter's range"};
    if (r.low >= r.high)
      return {errc::bad_value, "a hyper-parameter's range is empty"};
  }
  if (!sound(options) || !std::isfinite(options.up))
    return {errc::bad_value, "options of evolution"};
  return population(std::move(options), seed);
}

result<lineage_id> population::admit(std::uint32_t specialisation, std::vector<double> genes) {
  const lineage_id id = next_;
  if (auto admitted = admit_as(id, specialisation, std::move(genes)); !admitted)
    return admitted.error();
  return id;
}

result<void> population::admit_as(lineage_id id, std::uint32_t specialisation, std::vector<double> genes) {
  if (genes.size() != options_.ranges.size())
    return {errc::wrong_dimension, std::to_string(genes.size()) + " hyper-parameters"};
  for (std::size_t k = 0; k < genes.size(); ++k) {
    if (!std::isfinite(genes[k]))
      return {errc::not_finite, "hyper-parameter " + std::to_string(k)};
    if (genes[k] < options_.ranges[k].low || genes[k] > options_.ranges[k].high)
      return {errc::bad_value, "hyper-parameter " + std::to_string(k) + " is out of its range"};
  }
  if (id == 0 || std::ranges::find(lineage_, id, &lineage_record::id) != lineage_.end())
    return {errc::bad_value, "lineage " + std::to_string(id) + " has been here"};
  members_.push_back({id, specialisation, std::move(genes), generation_, {}, false});
  lineage_.push_back({id, 0, 0, generation_});
  next_ = std::max(next_, id + 1);
  return {};
}

result<void> population::report(lineage_id id, double score, bool checkpoint) {
  const auto member = std::ranges::find(members_, id, &pbt_member::id);
  if (member == members_.end())
    return {errc::unknown_goal, "lineage " + std::to_string(id)};
  if (!std::isfinite(score))
    return {errc::not_finite, "the score of lineage " + std::to_string(id)};
  member->score = score;
  member->checkpoint = checkpoint;
  return {};
}

std::vector<std::size_t> population::group(std::uint32_t specialisation) const {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < members_.size(); ++i)
    if (members_[i].specialisation == specialisation)
      places.push_back(i);
  return places;
}

double population::diversity(std::uint32_t specialisation) const {
  const auto places = group(specialisation);
  if (places.size() < 2)
    return 0;
  const auto n = static_cast<double>(places.size());
  double sum = 0;
  for (std::size_t k = 0; k < options_.ranges.size(); ++k) {
    double mean = 0, square = 0;
    for (const std::size_t i : places)
      mean += members_[i].genes[k] / n;
    for (const std::size_t i : places)
      square += (members_[i].genes[k] - mean) * (members_[i].genes[k] - mean) / n;
    sum += std::sqrt(square) / (options_.ranges[k].high - options_.ranges[k].low);
  }
  return sum / static_cast<double>(options_.ranges.size());
}

std::vector<double> population::recombine(const pbt_member& own, const pbt_member& parent) {
  auto genes = own.genes;
  for (std::size_t k = 0; k < genes.size(); ++k) {
    if (uniform01(random_) < options_.inherited)
      genes[k] = parent.genes[k];
    const double factor = uniform01(random_) < 0.5 ? options_.down : options_.up;
    genes[k] = std::clamp(genes[k] * factor, options_.ranges[k].low, options_.ranges[k].high);
  }
  return genes;
}

void population::succeed(std::size_t place, lineage_id parent, std::vector<double> genes, bool newcomer,
                         std::vector<succession>& changes) {
  auto& member = members_[place];
  const lineage_id retired = member.id;
  member = {next_++, member.specialisation, std::move(genes), generation_, {}, false};
  lineage_.push_back({member.id, retired, parent, generation_});
  changes.push_back({retired, parent, member, newcomer});
}

void population::select(std::uint32_t specialisation, std::vector<succession>& changes) {
  auto places = group(specialisation);
  std::erase_if(places, [&](std::size_t i) { return !members_[i].score; });
  const std::size_t n = places.size();
  if (n < 2)
    return;
  std::ranges::stable_sort(places, std::greater{}, [&](std::size_t i) { return *members_[i].score; });
  const auto share = static_cast<std::size_t>(options_.truncation * static_cast<double>(n));
  const std::size_t cut = std::max<std::size_t>(share, 1);
  std::vector<std::size_t> parents(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(cut));
  std::erase_if(parents, [&](std::size_t i) { return !members_[i].checkpoint; });
  if (parents.empty())
    return;
  for (std::size_t rank = n - cut; rank < n; ++rank) {
    const std::size_t place = places[rank];
    if (generation_ - members_[place].born < options_.patience)
      continue;
    const auto& parent = members_[parents[draw(random_, parents.size())]];
    succeed(place, parent.id, recombine(members_[place], parent), false, changes);
  }
}

std::vector<double> population::far_from(const std::vector<std::size_t>& places, std::size_t place) const {
  std::vector<double> genes;
  for (std::size_t k = 0; k < options_.ranges.size(); ++k) {
    double mean = 0;
    for (const std::size_t i : places)
      if (i != place)
        mean += members_[i].genes[k] / static_cast<double>(places.size() - 1);
    const auto [low, high] = options_.ranges[k];
    genes.push_back(mean - low > high - mean ? low : high);
  }
  return genes;
}

void population::diversify(std::uint32_t specialisation, std::vector<succession>& changes) {
  auto places = group(specialisation);
  if (places.size() < 2)
    return;
  // Heirs first, then the worst.
  const auto rank = [&](std::size_t i) {
    const auto& m = members_[i];
    return m.born == generation_ && !m.score ? -HUGE_VAL : m.score.value_or(0);
  };
  std::ranges::stable_sort(places, {}, rank);
  for (const std::size_t place : places) {
    if (diversity(specialisation) >= options_.diversity_floor)
      return;
    const auto heir = std::ranges::find(changes, members_[place].id, [](const succession& s) { return s.heir.id; });
    if (heir == changes.end()) {
      const auto best = std::ranges::find_if(places.rbegin(), places.rend(), [&](std::size_t i) {
        return members_[i].checkpoint && i != place;
      });
      succeed(place, best == places.rend() ? 0 : members_[*best].id, members_[place].genes, true, changes);
    }
    auto& genes = members_[place].genes;
    for (std::size_t k = 0; k < genes.size(); ++k)
      genes[k] = options_.ranges[k].low + uniform01(random_) * (options_.ranges[k].high - options_.ranges[k].low);
    if (diversity(specialisation) < options_.diversity_floor)
      genes = far_from(places, place);
    auto& change = heir == changes.end() ? changes.back() : *heir;
    change.heir = members_[place];
    change.newcomer = true;
  }
}

std::vector<succession> population::next_generation() {
  ++generation_;
  std::vector<std::uint32_t> specialisations;
  for (const auto& m : members_)
    specialisations.push_back(m.specialisation);
  std::ranges::sort(specialisations);
  specialisations.erase(std::unique(specialisations.begin(), specialisations.end()), specialisations.end());
  std::vector<succession> changes;
  for (const std::uint32_t s : specialisations) {
    select(s, changes);
    diversify(s, changes);
  }
  return changes;
}

} // namespace ammo
