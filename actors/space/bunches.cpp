#include "actors/space/bunches.hpp"

#include "actors/space/catalogue.hpp"
#include "actors/space/length.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <tuple>
#include <utility>

namespace ammo {
namespace {

bool live(std::span<const std::shared_ptr<const panel>> panels, std::uint32_t row) noexcept {
  return panels[row / panel_rows]->info[row % panel_rows].id != no_creation;
}

double length(const panel& p, std::uint32_t row, std::vector<float>& e) {
  p.get(row, e);
  return length_of(e);
}

/// Which of `lanes` rows from `row` on lie within a squared distance of u, each scaled by its own `inverse`. Most are far after a few
/// coordinates.
std::uint32_t near(const panel& p, std::uint32_t row, const float* inverse, const std::vector<float>& u, float most) noexcept {
  const float* e = p.values() + std::size_t{row} * p.width;
  std::array<float, lanes> sum{};
  const auto within = [&] {
    std::uint32_t bits = 0;
    for (std::uint32_t i = 0; i < lanes; ++i)
      bits |= std::uint32_t{sum[i] <= most} << i;
    return bits;
  };
  for (std::size_t k = 0; k < u.size(); ++k, e += lanes) {
    for (std::size_t i = 0; i < lanes; ++i) {
      const float apart = e[i] * inverse[i] - u[k];
      sum[i] += apart * apart;
    }
    if (k % 4 == 3 && within() == 0)
      return 0;
  }
  return within();
}

} // namespace

bunches::bunches(std::vector<bunch_row> rows, std::span<const std::shared_ptr<const panel>> panels)
  : rows_(std::move(rows)), grouped_(rows_) {
  std::ranges::sort(grouped_, {}, [](const bunch_row& r) { return std::pair(r.first, r.row); });
  std::vector<float> e(panels.empty() ? 0 : panels.front()->width);
  for (auto bunch = grouped_.begin(); bunch != grouped_.end();) {
    const auto end = std::find_if(bunch, grouped_.end(), [&](const bunch_row& r) { return r.first != bunch->first; });
    const auto size = [&](const bunch_row& r) { return length(*panels[r.row / panel_rows], r.row % panel_rows, e); };
    const auto longest = std::ranges::max_element(bunch, end, {}, size);
    for (auto r = bunch; r != end; ++r)
      if (r != longest)
        followers_.push_back(panels[r->row / panel_rows]->info[r->row % panel_rows].id);
    bunch = end;
  }
  std::ranges::sort(followers_);
}

bool bunches::sound(std::span<const bunch_row> ascending, std::span<const std::shared_ptr<const panel>> panels) {
  const auto at = [&](std::uint32_t row) { return std::ranges::lower_bound(ascending, row, {}, &bunch_row::row); };
  for (auto r = ascending.begin(); r != ascending.end(); ++r) {
    if ((r != ascending.begin() && r->row <= std::prev(r)->row) || r->row / panel_rows >= panels.size() || !live(panels, r->row) ||
        r->first > r->row)
      return false;
  }
  return std::ranges::all_of(ascending, [&](const bunch_row& r) {
    const auto first = at(r.first);
    return first != ascending.end() && first->row == r.first && first->first == r.first;
  });
}

std::span<const bunch_row> bunches::of(std::uint32_t row) const noexcept {
  const auto at = std::ranges::lower_bound(rows_, row, {}, &bunch_row::row);
  if (at == rows_.end() || at->row != row)
    return {};
  const auto [begin, end] = std::ranges::equal_range(grouped_, at->first, {}, &bunch_row::first);
  return {begin, end};
}

void bunch_finder::take_in(all_panels panels, std::uint32_t row) {
  const panel& p = *panels[row / panel_rows];
  std::vector<float> e(p.width);
  const double size = live(panels, row) ? length(p, row % panel_rows, e) : 0;
  inverse_[row] = size > 0 ? static_cast<float>(1 / size) : 0.0f;
}

std::vector<float> bunch_finder::unit_of(all_panels panels, std::uint32_t row) const {
  std::vector<float> u(panels[row / panel_rows]->width);
  panels[row / panel_rows]->get(row % panel_rows, u);
  for (float& x : u)
    x *= inverse_[row];
  return u;
}

/// The lowest first before the row that it is alike; `none`: it is one itself.
std::uint32_t bunch_finder::first_of(all_panels panels, std::uint32_t row) const {
  const auto u = unit_of(panels, row);
  for (std::uint32_t r = 0; r < row; r += lanes) {
    std::uint32_t bits = near(*panels[r / panel_rows], r % panel_rows, inverse_.data() + r, u, most_);
    for (; bits != 0; bits &= bits - 1) {
      const auto other = r + static_cast<std::uint32_t>(std::countr_zero(bits));
      if (other < row && first_[other] == other)
        return other;
    }
  }
  return none;
}

/// Rows above it, up to the last one that was known before, that are alike and have a higher first.
void bunch_finder::push_above(all_panels panels, std::uint32_t row, std::uint32_t last, std::vector<std::uint32_t>& queue) const {
  const auto u = unit_of(panels, row);
  for (std::uint32_t r = row / lanes * lanes; r < last; r += lanes) {
    std::uint32_t bits = near(*panels[r / panel_rows], r % panel_rows, inverse_.data() + r, u, most_);
    for (; bits != 0; bits &= bits - 1) {
      const auto other = r + static_cast<std::uint32_t>(std::countr_zero(bits));
      if (other > row && first_[other] != none && first_[other] > row)
        queue.push_back(other);
    }
  }
}

void bunch_finder::push_followers(std::uint32_t first, std::vector<std::uint32_t>& queue) const {
  if (size_[first] == 0)
    return;
  for (std::uint32_t row = first + 1; row < first_.size(); ++row)
    if (first_[row] == first)
      queue.push_back(row);
}

void bunch_finder::settle(all_panels panels, std::vector<std::uint32_t> queue, std::uint32_t last_known) {
  std::ranges::make_heap(queue, std::greater{});
  for (std::uint32_t done = none; !queue.empty();) {
    std::ranges::pop_heap(queue, std::greater{});
    const std::uint32_t row = queue.back();
    queue.pop_back();
    if (row == done)
      continue;
    done = row;
    const std::uint32_t before = first_[row], first = first_of(panels, row), sorted = static_cast<std::uint32_t>(queue.size());
    if (before != none && before != row)
      --size_[before];
    if (first != none) {
      if (before == row)
        push_followers(row, queue);
      ++size_[first];
    } else if (before != row) {
      push_above(panels, row, last_known, queue);
    }
    first_[row] = first == none ? row : first;
    for (auto end = queue.begin() + sorted; end != queue.end();)
      std::ranges::push_heap(queue.begin(), ++end, std::greater{});
  }
}

std::shared_ptr<const bunches> bunch_finder::find(all_panels panels) {
  if (changed_.empty())
    return found_;
  const std::size_t rows = panels.size() * panel_rows;
  const auto known = static_cast<std::uint32_t>(first_.size()); // none beyond was there before
  inverse_.resize(rows);
  first_.resize(rows, none);
  size_.resize(rows);
  std::ranges::sort(changed_);
  changed_.erase(std::ranges::unique(changed_).begin(), changed_.end());
  std::vector<std::uint32_t> queue;
  for (std::uint32_t row : changed_) {
    if (first_[row] == row)
      push_followers(row, queue);
    else if (first_[row] != none)
      --size_[first_[row]];
    take_in(panels, row);
  }
  for (std::uint32_t row : changed_) {
    first_[row] = none;
    queue.push_back(row);
  }
  changed_.clear();
  std::erase_if(queue, [&](std::uint32_t row) { return !live(panels, row); });
  settle(panels, std::move(queue), known);
  std::vector<bunch_row> found;
  for (std::uint32_t row = 0; row < rows; ++row)
    if (first_[row] != none && (first_[row] != row || size_[row] > 0))
      found.push_back({row, first_[row]});
  found_ = found.empty() ? nullptr : std::make_shared<const bunches>(std::move(found), panels);
  return found_;
}

} // namespace ammo
