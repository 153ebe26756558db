#include "runtime/state/decisions/decision_export.hpp"

#include "runtime/state/decisions/decision_gatherer.hpp"
#include "runtime/state/decisions/decision_log.hpp"
#include "runtime/state/decisions/decision_records.hpp"
#include "runtime/state/state_folder.hpp"
#include "runtime/state/state_place.hpp"

#include <filesystem>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ammo {
namespace {

/// Of "coin@0+32;job@32+64;".
std::vector<std::string> names_in(const std::string& layout) {
  std::vector<std::string> all;
  for (std::size_t begin = 0; begin < layout.size(); begin = layout.find(';', begin) + 1)
    all.push_back(layout.substr(begin, layout.find('@', begin) - begin));
  return all;
}

} // namespace

result<exported_decisions> export_decisions(const std::string& place, std::optional<std::uint32_t> day, bool csv,
                                            const std::function<bool(const std::string&)>& put) {
  std::error_code unreadable;
  if (!is_postgres(place) && !std::filesystem::is_regular_file(state_folder::file_in(place), unreadable))
    return {errc::no_such_file, '"' + place + "\" holds no state"};
  const auto state = open_store(place);
  if (!state)
    return state.error();
  const auto layout = (*state)->layout();
  if (!layout)
    return layout.error();
  const auto rows = open_decisions(place, false);
  if (!rows)
    return rows.code() == errc::no_such_file ? failure{errc::no_such_file, '"' + shown(place) + "\" keeps no decisions: state_decisions = true"} : rows.error();
  std::unordered_map<std::uint64_t, store::bytes> embeddings;
  if (csv)
    if (auto named = (*rows)->read_creations([&](store::decided_creation&& c) { return embeddings.insert_or_assign(c.creation, std::move(c.data)), true; }); !named)
      return named.error();
  decision_writer out(*layout ? names_in((*layout)->layout) : std::vector<std::string>{}, put, [&](creation_id id) {
    const auto found = embeddings.find(raw(id));
    return found == embeddings.end() ? std::vector<float>{} : unpacked_embedding(found->second);
  });
  if (csv)
    out.csv_head();
  std::unordered_set<std::uint64_t> told;
  const auto read = read_decisions(**rows, day, [&](const decision& d) {
    for (const auto& i : d.slate.shown)
      told.insert(raw(i.creation));
    return csv ? out.csv(d) : out.json(d);
  });
  if (!read)
    return read.error();
  if (!csv)
    if (auto named = (*rows)->read_creations([&](store::decided_creation&& c) { return !told.contains(c.creation) || out.json(c); }); !named)
      return named.error();
  return exported_decisions{out.written(), out.left_out()};
}

} // namespace ammo
