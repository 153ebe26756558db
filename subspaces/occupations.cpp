#include "subspaces/occupations.hpp"

#include "subspaces/csv.hpp"

#include <cmath>
#include <map>

namespace ammo {
namespace {

struct measured {
  const char* file;
  std::size_t columns;
};
constexpr measured tables[] = {{"skills_importance.csv", 35}, {"knowledge_importance.csv", 33}, {"interests_riasec.csv", 6}, {"work_values.csv", 6}, {"work_styles.csv", 16}};

void z_score(std::vector<float>& rows, std::uint32_t width) {
  const auto count = static_cast<double>(rows.size() / width);
  for (std::uint32_t k = 0; k < width; ++k) {
    double sum = 0, squares = 0;
    for (std::size_t i = k; i < rows.size(); i += width)
      sum += rows[i];
    for (std::size_t i = k; i < rows.size(); i += width)
      squares += std::pow(rows[i] - sum / count, 2);
    const auto deviation = std::sqrt(squares / count);
    for (std::size_t i = k; i < rows.size(); i += width)
      rows[i] = deviation > 0 ? static_cast<float>((rows[i] - sum / count) / deviation) : 0;
  }
}

} // namespace

result<occupations> read_occupations(const std::string& folder) {
  auto named = csv_table::read(folder + "/occupations.csv", {"soc", "title", "description", "job_zone"}, 1);
  if (!named)
    return named.error();
  occupations out;
  std::map<std::string, std::vector<float>> measures; // by code, in the order of the tables
  std::size_t wanted = 0;
  for (const auto& [file, columns] : tables) {
    auto table = csv_table::read(folder + '/' + file, {"soc"}, 1);
    if (!table)
      return table.error();
    if (table->width() != columns + 1)
      return {errc::bad_data_line,
              folder + '/' + file + ":1: expected soc and " + std::to_string(columns) + " other columns"};
    for (std::size_t c = 1; c < table->width(); ++c)
      out.measures.push_back(table->column(c));
    for (std::size_t r = 0; r < table->size(); ++r) {
      auto numbers = table->numbers(r, 1);
      if (!numbers)
        return numbers.error();
      auto& all = measures[table->text(r, 0)];
      if (all.size() == wanted) // in every table so far
        all.insert(all.end(), numbers->begin(), numbers->end());
    }
    wanted += columns;
  }
  std::map<std::string, std::size_t> rows;
  for (std::size_t r = 0; r < named->size(); ++r)
    rows[named->text(r, 0)] = r;
  for (auto& [code, numbers] : measures)
    if (auto row = rows.find(code); row != rows.end() && numbers.size() == occupations::width) {
      out.codes.push_back(code);
      out.titles.push_back(named->text(row->second, 1));
      out.descriptions.push_back(named->text(row->second, 2));
      out.zones.push_back(named->text(row->second, 3));
      out.profiles.insert(out.profiles.end(), numbers.begin(), numbers.end());
    }
  z_score(out.profiles, occupations::width);
  return out;
}

} // namespace ammo
