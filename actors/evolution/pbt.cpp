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

std::size_t pick(splitmix64& g, std::size_t n) { return static_cast<std::size_t>(uniform01(g) * static_cast<double>(n)); }

} // namespace

double gene_range::place_of(double value) const noexcept {
  return logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
}

double gene_range::at(double place) const noexcept {
  const double value = logarithmic ? low * std::pow(high / low, place) : low + place * (high - low);
  return std::clamp(value, low, high);
}

strain_population::strain_population(pbt_options options, std::uint64_t seed) : options_(std::move(options)), random_(seed) {}

result<strain_population> strain_population::found(pbt_options options, std::uint64_t seed) {
  for (const auto& r : options.ranges) {
    if (!std::isfinite(r.low) || !std::isfinite(r.high))
      return {errc::not_finite, "a hyper-parameter's range"};
    if (r.low >= r.high || (r.logarithmic && r.low <= 0))
      return {errc::bad_value, "a hyper-parameter's range is empty"};
  }
  if (!sound(options) || !std::isfinite(options.up))
    return {errc::bad_value, "options of evolution"};
  return strain_population(std::move(options), seed);
}

std::vector<double> strain_population::draw() {
  std::vector<double> genes;
  for (const auto& r : options_.ranges)
    genes.push_back(r.at(uniform01(random_)));
  return genes;
}

result<lineage_id> strain_population::admit(std::uint32_t specialisation, std::vector<double> genes) {
  const lineage_id id = next_;
  if (auto admitted = admit_as(id, specialisation, std::move(genes)); !admitted)
    return admitted.error();
  return id;
}

result<void> strain_population::admit_as(lineage_id id, std::uint32_t specialisation, std::vector<double> genes) {
  if (genes.size() != options_.ranges.size())
    return {errc::wrong_dimension, std::to_string(genes.size()) + " hyper-parameters"};
  for (std::size_t k = 0; k < genes.size(); ++k) {
    if (!std::isfinite(genes[k]))
      return {errc::not_finite, "hyper-parameter " + std::to_string(k)};
    if (genes[k] < options_.ranges[k].low || genes[k] > options_.ranges[k].high)
      return {errc::gene_out_of_range, "hyper-parameter " + std::to_string(k) + " is " + std::to_string(genes[k])};
  }
  if (id <= forgotten_ || std::ranges::find(lineage_, id, &lineage_record::id) != lineage_.end())
    return {errc::duplicate_lineage, "lineage " + std::to_string(id)};
  members_.push_back({id, specialisation, std::move(genes), generation_, {}, false});
  lineage_.push_back({id, specialisation, 0, 0, generation_, members_.back().genes});
  next_ = std::max(next_, id + 1);
  return {};
}

result<void> strain_population::report(lineage_id id, double score, bool checkpoint) {
  const auto member = std::ranges::find(members_, id, &pbt_member::id);
  if (member == members_.end())
    return {errc::unknown_goal, "lineage " + std::to_string(id)};
  if (!std::isfinite(score))
    return {errc::not_finite, "the score of lineage " + std::to_string(id)};
  member->score = score;
  member->checkpoint = checkpoint;
  return {};
}

std::vector<std::size_t> strain_population::group(std::uint32_t specialisation) const {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < members_.size(); ++i)
    if (members_[i].specialisation == specialisation)
      places.push_back(i);
  return places;
}

double strain_population::diversity(std::uint32_t specialisation) const {
  const auto places = group(specialisation);
  if (places.size() < 2)
    return 0;
  const auto n = static_cast<double>(places.size());
  double sum = 0;
  for (std::size_t k = 0; k < options_.ranges.size(); ++k) {
    const auto at = [&](std::size_t i) { return options_.ranges[k].place_of(members_[i].genes[k]); };
    double mean = 0, square = 0;
    for (const std::size_t i : places)
      mean += at(i) / n;
    for (const std::size_t i : places)
      square += (at(i) - mean) * (at(i) - mean) / n;
    sum += std::sqrt(square);
  }
  return sum / static_cast<double>(options_.ranges.size());
}

std::vector<double> strain_population::recombine(const pbt_member& own, const pbt_member& parent) {
  auto genes = own.genes;
  for (std::size_t k = 0; k < genes.size(); ++k) {
    if (uniform01(random_) < options_.inherited)
      genes[k] = parent.genes[k];
    const double factor = uniform01(random_) < 0.5 ? options_.down : options_.up;
    genes[k] = std::clamp(genes[k] * factor, options_.ranges[k].low, options_.ranges[k].high);
  }
  return genes;
}

void strain_population::succeed(std::size_t place, lineage_id parent, std::vector<double> genes, bool newcomer,
                         std::vector<succession>& changes) {
  auto& member = members_[place];
  const lineage_id retired = member.id;
  member = {next_++, member.specialisation, std::move(genes), generation_, {}, false};
  lineage_.push_back({member.id, member.specialisation, retired, parent, generation_, member.genes});
  changes.push_back({retired, parent, member, newcomer});
}

void strain_population::select(std::uint32_t specialisation, std::vector<succession>& changes) {
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
    const auto& parent = members_[parents[pick(random_, parents.size())]];
    succeed(place, parent.id, recombine(members_[place], parent), false, changes);
  }
}

std::vector<double> strain_population::far_from(const std::vector<std::size_t>& places, std::size_t place) const {
  std::vector<double> genes;
  for (std::size_t k = 0; k < options_.ranges.size(); ++k) {
    double mean = 0;
    for (const std::size_t i : places)
      if (i != place)
        mean += options_.ranges[k].place_of(members_[i].genes[k]) / static_cast<double>(places.size() - 1);
    genes.push_back(mean > 0.5 ? options_.ranges[k].low : options_.ranges[k].high);
  }
  return genes;
}

void strain_population::diversify(std::uint32_t specialisation, std::vector<succession>& changes) {
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
    genes = draw();
    if (diversity(specialisation) < options_.diversity_floor)
      genes = far_from(places, place);
    std::ranges::find(lineage_, members_[place].id, &lineage_record::id)->genes = genes;
    auto& change = heir == changes.end() ? changes.back() : *heir;
    change.heir = members_[place];
    change.newcomer = true;
  }
}

void strain_population::forget() {
  const auto most = remembered + members_.size();
  std::size_t extra = lineage_.size() > most ? lineage_.size() - most : 0;
  std::erase_if(lineage_, [&](const lineage_record& r) {
    if (extra == 0 || std::ranges::find(members_, r.id, &pbt_member::id) != members_.end())
      return false;
    --extra;
    forgotten_ = std::max(forgotten_, r.id);
    return true;
  });
}

std::vector<succession> strain_population::next_generation(std::span<const std::uint32_t> left_alone) {
  ++generation_;
  std::vector<std::uint32_t> specialisations;
  for (const auto& m : members_)
    if (std::ranges::find(left_alone, m.specialisation) == left_alone.end())
      specialisations.push_back(m.specialisation);
  std::ranges::sort(specialisations);
  specialisations.erase(std::unique(specialisations.begin(), specialisations.end()), specialisations.end());
  std::vector<succession> changes;
  for (const std::uint32_t s : specialisations) {
    select(s, changes);
    diversify(s, changes);
  }
  forget();
  return changes;
}

} // namespace ammo
