/// How an audience finds out of whom the losses of the others were.
#include "bench/attack/audience.hpp"

#include "actors/space/ball.hpp"

namespace ammo {
namespace {

constexpr double same_worth = 1e-9;   ///< sums of rewards that differ by less are the same
constexpr double alike = 0.3;         ///< people who lose the same creation have thresholds within this share of their mean
constexpr double newcomer = 1.5;      ///< how surprising it is to meet somebody new, in nats
constexpr double doubt = 2;           ///< explanations that differ by less, in nats, are both possible
constexpr double little = 1e-4;       ///< variance of a score
constexpr std::size_t told_apart = 12; ///< groups that lose the same: all their subsets are looked at
constexpr std::size_t witnesses = 4;  ///< places that a surprise is judged by
constexpr std::size_t most_looks = 4'000'000; ///< in a turn, at what a part would explain; other losses stay open

bool has(std::size_t parts, std::size_t i) noexcept { return (parts >> i & 1) != 0; }

double total(const auto& surprises, std::size_t parts) {
  double sum = 0;
  for (std::size_t i = 0; i < surprises.size(); ++i)
    sum += has(parts, i) ? surprises[i].met : surprises[i].unmet;
  return sum;
}

} // namespace

bool audience::same(attention a, attention b) noexcept {
  return a.people == b.people && std::abs(a.worth - b.worth) < same_worth;
}

/// Of all subsets, by worth.
std::vector<audience::sum> audience::sums_of(std::span<const group> parts) {
  std::vector<sum> sums{{}};
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (std::size_t known = 0, n = sums.size(); known < n; ++known)
      sums.push_back({sums[known].of + parts[i].of, sums[known].parts | std::size_t{1} << i});
  std::ranges::sort(sums, {}, [](const sum& s) { return s.of.worth; });
  return sums;
}

/// Those sums that are this, and perhaps, behind the first, some of other people.
std::span<const audience::sum> audience::equal(std::span<const sum> sums, attention a) {
  const auto worth = [](const sum& s) { return s.of.worth; };
  auto from = std::ranges::lower_bound(sums, a.worth - same_worth, {}, worth);
  const auto to = std::ranges::upper_bound(sums, a.worth + same_worth, {}, worth);
  while (from != to && from->of.people != a.people)
    ++from;
  return {from, to};
}

/// How surprising it is, by what is believed, that each part was met in a distinct_loss, and that it wasn't.
std::vector<audience::surprise> audience::surprises(std::span<const group> parts, const distinct_loss& s) const {
  const std::size_t n = std::min(witnesses, s.at.size());
  std::vector<surprise> out(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (std::size_t k = 0; k < n && !parts[i].q.empty(); ++k) {
      const vec& x = places_[s.at[k * s.at.size() / n]].e;
      const double z = (ball::dot(parts[i].q.mean(), x) - parts[i].least()) / std::sqrt(parts[i].q.variance(x) + little);
      out[i].met -= std::log(std::max(1e-9, normal_cdf(z)));
      out[i].unmet -= std::log(std::max(1e-9, normal_cdf(-z)));
    }
  return out;
}

/// Which parts a distinct_loss is of; of several answers the least surprising.
std::optional<std::size_t> audience::made_of(std::span<const group> parts, std::span<const sum> sums,
                                             const distinct_loss& s) const {
  const auto answers = equal(sums, s.of);
  if (answers.size() <= 1)
    return answers.empty() ? std::nullopt : std::optional(answers[0].parts);
  const auto surprising = surprises(parts, s);
  std::optional<std::size_t> found;
  double least = 1e300;
  for (const sum& one : answers)
    if (const double now = total(surprising, one.parts); one.of.people == s.of.people && now < least) {
      least = now;
      found = one.parts;
    }
  return found;
}

/// One part more, so that a distinct_loss is explained: somebody new, or some of whom were always met together. Of several answers
/// one that explains the most other distinct, too, and of these the least surprising. False: there is none.
bool audience::add_part(std::vector<group>& parts, std::span<const sum> sums, std::uint32_t row,
                        std::span<const distinct_loss> distinct, distinct_loss& s) {
  if (parts.size() >= told_apart || groups_.size() + parts.size() >= most_groups_of(now_->coordinates().width))
    return false;
  const auto surprising = surprises(parts, s);
  const attention alone = row < alone_.size() ? alone_[row] : attention{};
  attention rest = alone;
  for (const group& one : parts)
    rest = rest - one.of;
  std::vector<attention> open;
  for (const distinct_loss& o : distinct)
    if (equal(sums, o.of).empty())
      open.push_back(o.of);
  const auto explains = [&](attention more, double sign) {
    std::size_t n = 0;
    looks_ += open.size();
    for (const attention& o : open)
      n += !equal(sums, {o.people + sign * more.people, o.worth + sign * more.worth}).empty();
    return n;
  };
  const auto plausible = [&](attention a) {
    const double usual = alone.worth / alone.people;
    return a.people == 0 ? same(a, {}) : a.people > 0 && std::abs(a.worth / a.people - usual) <= alike * usual;
  };
  struct answer {
    std::size_t explains = 0;
    double surprise = 1e300;
    attention part;
    std::optional<std::size_t> whole;
  } best;
  double second = 1e300;
  const auto consider = [&](const answer& a) {
    const bool as_good = a.explains == best.explains;
    if (a.explains > best.explains || (as_good && a.surprise < best.surprise)) {
      second = as_good ? best.surprise : 1e300;
      best = a;
    } else if (as_good) {
      second = std::min(second, a.surprise);
    }
  };
  for (const sum& met : sums) {
    const attention part = s.of - met.of;
    if (part.people < 1 || !plausible(part) || looks_ > most_looks)
      continue;
    const double how = total(surprising, met.parts);
    std::optional<std::size_t> with, without; // it, and the other part of the same people
    if (plausible(rest - part))
      consider({*(with = explains(part, -1)), how + newcomer * part.people, part, {}});
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (!has(met.parts, i) && parts[i].of.people > part.people && plausible(parts[i].of - part)) {
        with = with ? with : explains(part, -1);
        without = without ? without : explains(part, 1);
        consider({*with + *without, how, part, i});
      }
  }
  if (best.explains == 0 || looks_ > most_looks)
    return false;
  s.contested = second < best.surprise + doubt;
  if (best.whole) {
    parts[*best.whole].of = parts[*best.whole].of - best.part;
    parts[*best.whole].q = {};
  }
  parts.push_back({row, best.part, {}, {}});
  return true;
}

/// Who was known by that before, and isn't somebody else now. Null: nobody.
const audience::group* audience::same_group_before(attention of, std::span<const group> known, std::span<char> taken) {
  for (std::size_t i = 0; i < known.size(); ++i)
    if (!taken[i] && same(known[i].of, of)) {
      taken[i] = 1;
      return &known[i];
    }
  return nullptr;
}

/// Parts until they explain all that can be; with what is believed of those that were known.
void audience::add_parts(std::vector<group>& parts, std::uint32_t row, std::span<distinct_loss> distinct,
                         std::span<const group> known) {
  const auto believe = [&] {
    std::vector<char> taken(known.size());
    for (group& one : parts)
      if (const group* before = same_group_before(one.of, known, taken); before && one.q.empty())
        one.q = before->q;
  };
  believe();
  for (distinct_loss& s : distinct)
    s.contested = false;
  auto sums = sums_of(parts);
  for (bool more = true; std::exchange(more, false);)
    for (distinct_loss& s : distinct)
      if (equal(sums, s.of).empty() && add_part(parts, sums, row, distinct, s)) {
        more = true;
        sums = sums_of(parts);
        believe();
      }
}

/// The fewest people first: one is one, whoever else is met with him. And then again, as those who were found in that way
/// may explain what came before.
std::vector<audience::group> audience::parts_of(std::span<distinct_loss> distinct, std::uint32_t row,
                                                std::span<const group> known) {
  std::vector<group> parts, singles;
  add_parts(parts, row, distinct, known);
  for (const group& one : parts)
    if (one.of.people == 1)
      singles.push_back({row, one.of, {}, {}});
  if (singles.empty() || singles.size() == parts.size())
    return parts;
  add_parts(singles, row, distinct, known);
  const auto sums = sums_of(singles);
  std::size_t needed = 0;
  for (const distinct_loss& s : distinct)
    needed |= made_of(singles, sums, s).value_or(0);
  for (std::size_t i = singles.size(); i-- > 0;)
    if (!has(needed, i))
      singles.erase(singles.begin() + static_cast<std::ptrdiff_t>(i));
  return singles;
}

void audience::explain() {
  const bool full = groups_.size() >= most_groups_of(now_->coordinates().width); // it meets nobody new
  std::vector<char> open(now_->rows()), may_be(open.size(), !full);
  for (const group& one : groups_)
    may_be[one.loses] = 1;
  for (const place& p : places_)
    for (const loss& l : p.losses)
      if (!l.explained && l.row < open.size())
        open[l.row] = may_be[l.row];
  std::vector<std::pair<std::uint32_t, std::uint32_t>> losses; // row, place
  for (std::uint32_t at = 0; at < places_.size(); ++at)
    for (const loss& l : places_[at].losses)
      if (l.row < open.size() && open[l.row])
        losses.emplace_back(l.row, at);
  std::ranges::sort(losses);
  std::vector<std::span<const std::pair<std::uint32_t, std::uint32_t>>> rows;
  for (auto from = losses.begin(); from != losses.end();) {
    const auto to = std::ranges::find_if(from, losses.end(), [&](const auto& l) { return l.first != from->first; });
    rows.emplace_back(from, to);
    from = to;
  }
  if (!rows.empty()) // another one is the first in each turn
    std::ranges::rotate(rows, rows.begin() + static_cast<std::ptrdiff_t>(places_.size() % rows.size()));
  looks_ = 0;
  for (const auto& row : rows)
    if (looks_ <= most_looks)
      explain(row.front().first, distinct_losses_of(row));
}

/// Different losses of a creation, those of the fewest people first.
std::vector<audience::distinct_loss> audience::distinct_losses_of(std::span<const std::pair<std::uint32_t, std::uint32_t>> losses) const {
  std::vector<distinct_loss> out;
  for (const auto& [row, at] : losses) {
    const loss& l = *std::ranges::find(places_[at].losses, row, &loss::row);
    auto found = std::ranges::find_if(out, [&](const distinct_loss& s) { return same(s.of, l.of); });
    if (found == out.end())
      found = out.insert(out.end(), {l.of, {}, l.contested});
    found->at.push_back(at);
  }
  std::ranges::sort(out, {}, [](const distinct_loss& s) { return std::pair(s.of.people, s.of.worth); });
  return out;
}

/// All losses of a creation, anew unless those who are known explain them.
void audience::explain(std::uint32_t row, std::vector<distinct_loss> distinct) {
  const auto others = std::ranges::stable_partition(groups_, [&](const group& one) { return one.loses != row; });
  std::vector<group> known(std::move_iterator(others.begin()), std::move_iterator(others.end())), parts;
  groups_.erase(others.begin(), others.end());
  const auto sums = sums_of(known);
  if (std::ranges::all_of(distinct, [&](const distinct_loss& s) { return !s.contested && !equal(sums, s.of).empty(); }))
    parts = known;
  else if (parts = parts_of(distinct, row, known); looks_ > most_looks)
    parts = known; // what was found is a part of it
  assign_groups(std::move(parts), distinct, row, known);
}

/// Who was met where. What is believed of a group stays, unless that has changed.
void audience::assign_groups(std::vector<group> parts, std::span<const distinct_loss> distinct, std::uint32_t row,
                             std::span<const group> known) {
  for (group& one : parts)
    one.at.assign(places_.size(), presence{.shown = false});
  const auto sums = sums_of(parts);
  for (const distinct_loss& s : distinct) {
    const auto met = made_of(parts, sums, s);
    for (auto at : s.at) {
      loss& l = *std::ranges::find(places_[at].losses, row, &loss::row);
      l.contested = s.contested;
      l.explained = met && !s.contested;
      for (std::size_t i = 0; i < parts.size(); ++i)
        parts[i].at[at].shown = l.explained ? std::optional(has(*met, i)) : std::nullopt;
    }
  }
  std::vector<char> taken(known.size());
  for (group& one : parts) {
    const group* before = same_group_before(one.of, known, taken);
    bool stays = before && !before->q.empty();
    for (std::size_t at = 0; stays && at < before->at.size(); ++at)
      stays = !before->at[at].compared || before->at[at].shown == one.at[at].shown;
    one.q = stays ? before->q : taste_belief{};
    for (std::size_t at = 0; stays && at < before->at.size(); ++at) {
      const auto shown = one.at[at].shown;
      one.at[at] = before->at[at];
      one.at[at].shown = shown;
    }
    groups_.push_back(std::move(one));
  }
}

} // namespace ammo
