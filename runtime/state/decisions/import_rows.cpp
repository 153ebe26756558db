#include "runtime/state/decisions/import_rows.hpp"

#include "subspaces/csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace ammo {
namespace {

enum column : std::size_t { c_user,
                            c_time,
                            c_item,
                            c_slot,
                            c_propensity,
                            c_reward,
                            c_end };

template <class Number> std::optional<Number> read(std::string_view text) {
  Number x{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), x);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size())
    return std::nullopt;
  return x;
}

/// Seconds since 1970 with a fraction, exactly.
std::optional<std::int64_t> microseconds(std::string_view text) {
  const auto dot = std::min(text.find('.'), text.size());
  const auto whole = read<std::int64_t>(text.substr(0, dot));
  std::string rest(dot < text.size() ? text.substr(dot + 1) : "0");
  rest.resize(6, '0');
  const auto part = read<std::uint32_t>(rest);
  if (!whole || *whole < 0 || *whole > 253'402'300'799 || !part)
    return std::nullopt;
  return *whole * 1'000'000 + *part;
}

class import_reader {
public:
  import_reader(const csv_table& table, const layout& space, std::uint32_t most_slots, std::uint32_t situations,
                const std::function<result<std::vector<float>>(subspace_id, std::string_view)>& embed)
    : table_(table), space_(space), most_slots_(most_slots), situations_(situations), embed_(embed) {
    for (std::size_t c = c_end; c < table.width(); ++c) {
      const auto& name = table.column(c);
      (name == "round" ? round_ : name == "situation" ? situation_
                                : name == "subspace"  ? subspace_
                                : name == "embedding" ? embedding_
                                : name == "text"      ? text_
                                                      : ignored_) = c;
    }
  }

  result<imported_rows> run() {
    for (std::size_t i = 0; i < table_.size(); ++i)
      if (auto done = take(i); !done)
        return done.error();
    if (auto done = close(); !done)
      return done.error();
    return std::move(out_);
  }

private:
  static constexpr std::size_t none = ~std::size_t{0};

  [[nodiscard]] std::string_view cell(std::size_t row, std::size_t c) const {
    return c == none ? std::string_view{} : std::string_view(table_.text(row, c));
  }

  result<void> take(std::size_t i) {
    const auto user = read<std::uint64_t>(cell(i, c_user));
    if (!user)
      return table_.bad(i, "a whole number as the user");
    const auto time = microseconds(cell(i, c_time));
    if (!time)
      return table_.bad(i, "seconds since 1970 as the time");
    const auto slot = read<std::uint32_t>(cell(i, c_slot));
    if (!slot || *slot >= most_slots_)
      return table_.bad(i, "a slot from 0 to " + std::to_string(most_slots_ - 1));
    std::uint32_t situation = 0;
    if (const auto text = cell(i, situation_); !text.empty()) {
      const auto told = read<std::uint32_t>(text);
      if (!told || *told > situations_)
        return table_.bad(i, "a situation from 0 to " + std::to_string(situations_));
      situation = *told;
    }
    const auto item = item_of(i);
    if (!item)
      return item.error();
    imported_row row{table_.line(i), *item, {}, {}};
    if (const auto text = cell(i, c_propensity); !text.empty()) {
      const auto p = read<float>(text);
      if (!p || !(*p > 0 && *p <= 1))
        return table_.bad(i, "a propensity above 0 and at most 1, or nothing");
      row.propensity = {*p, propensity_source::exact};
    }
    if (const auto text = cell(i, c_reward); !text.empty()) {
      row.reward = read<double>(text);
      if (!row.reward || !std::isfinite(*row.reward))
        return table_.bad(i, "a finite number as the reward, or nothing");
    }
    const auto round = cell(i, round_);
    if (out_.slates.empty() || raw(out_.slates.back().user) != *user || out_.slates.back().time_us != *time || round != last_round_) {
      if (auto done = close(); !done)
        return done;
      out_.slates.push_back({user_id{*user}, *time, situation, static_cast<std::uint32_t>(out_.rows.size()), 0});
      last_round_ = round;
    }
    out_.rows.push_back(row);
    slots_.emplace_back(*slot, i);
    ++out_.slates.back().rows;
    return {};
  }

  /// A slate's rows are put in the order of their slots.
  result<void> close() {
    if (out_.slates.empty())
      return {};
    const auto& s = out_.slates.back();
    const std::vector<imported_row> rows(out_.rows.begin() + s.first, out_.rows.end());
    const auto first = slots_.empty() ? 0 : slots_.front().second;
    std::ranges::sort(slots_);
    for (std::uint32_t k = 0; k < s.rows; ++k) {
      const auto [slot, at] = slots_[k];
      if (k > 0 && slot == slots_[k - 1].first)
        return table_.bad(at, "another slot: a slate has each once (a column round tells two slates of one time apart)");
      if (slot != k)
        return table_.bad(at, "slot " + std::to_string(k) + " of this slate before slot " + std::to_string(slot));
      const auto& row = rows[at - first];
      for (std::uint32_t other = 0; other < k; ++other)
        if (out_.rows[s.first + other].item == row.item)
          return table_.bad(at, "another item: a slate has each once");
      out_.rows[s.first + k] = row;
    }
    slots_.clear();
    return {};
  }

  result<std::uint32_t> item_of(std::size_t i) {
    const std::string name(cell(i, c_item));
    if (name.empty())
      return table_.bad(i, "an item");
    auto where = std::optional<subspace_id>{};
    if (const auto told = cell(i, subspace_); !told.empty()) {
      where = space_.find(told);
      if (!where)
        return table_.bad(i, "a subspace of the deployment, not \"" + std::string(told) + '"');
    } else if (space_.size() == 1) {
      where = subspace_id{0};
    } else {
      return table_.bad(i, "a subspace: the deployment has " + std::to_string(space_.size()));
    }
    const auto key = std::to_string(static_cast<unsigned>(*where)) + ' ' + name;
    if (const auto known = items_.find(key); known != items_.end())
      return known->second;
    auto e = embedding_of(i, *where);
    if (!e)
      return e.error();
    const auto at = static_cast<std::uint32_t>(out_.items.size());
    out_.items.push_back({*where, *std::move(e)});
    items_.emplace(key, at);
    return at;
  }

  result<std::vector<float>> embedding_of(std::size_t i, subspace_id where) {
    const auto width = space_.coordinates(where).width;
    if (const auto told = cell(i, embedding_); !told.empty()) {
      std::vector<float> e;
      for (std::size_t at = 0; at < told.size();) {
        const auto end = std::min(told.find(' ', at), told.size());
        const auto x = read<float>(told.substr(at, end - at));
        if (!x || !std::isfinite(*x))
          return table_.bad(i, "finite numbers with one space between as the embedding");
        e.push_back(*x);
        at = end + 1;
      }
      if (e.size() != width)
        return table_.bad(i, std::to_string(width) + " numbers as the embedding, not " + std::to_string(e.size()));
      return e;
    }
    const auto text = cell(i, text_);
    if (text.empty())
      return table_.bad(i, "an embedding or a text in the first row of an item");
    auto e = embed_(where, text);
    if (!e)
      return table_.bad(i, "a text that is understood: " + e.error().text());
    return e;
  }

  const csv_table& table_;
  const layout& space_;
  std::uint32_t most_slots_, situations_;
  const std::function<result<std::vector<float>>(subspace_id, std::string_view)>& embed_;
  std::size_t round_ = none, situation_ = none, subspace_ = none, embedding_ = none, text_ = none, ignored_ = none;
  imported_rows out_;
  std::vector<std::pair<std::uint32_t, std::size_t>> slots_; ///< of the rows of the last slate, with their rows of the table
  std::string_view last_round_;
  std::unordered_map<std::string, std::uint32_t> items_;
};

} // namespace

result<imported_rows> read_import(const std::string& file, const layout& space, std::uint32_t most_slots, std::uint32_t situations,
                                  const std::function<result<std::vector<float>>(subspace_id, std::string_view)>& embed) {
  const auto table = csv_table::read(file, {"user", "time", "item", "slot", "propensity", "reward"});
  if (!table)
    return table.error();
  return import_reader(*table, space, most_slots, situations, embed).run();
}

} // namespace ammo
