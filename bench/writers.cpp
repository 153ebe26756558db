/// Where template texts lie: mean ½|e − grounded|² by how often they speak of what was asked for, as they are and without naming
/// what is close by. The table of docs/lab_book.md.
#include "actors/space/ball.hpp"
#include "subspaces/content.hpp"
#include "subspaces/template_writer.hpp"
#include "subspaces/writing_desk.hpp"

#include <array>
#include <cstdio>

using namespace ammo;

namespace {

struct kind {
  const char *name, *wish;
  std::size_t step; // every so manyth item
};
constexpr kind kinds[] = {{"coin", "liquid staking", 7}, {"job", "nurses children", 7}, {"edu", "machine learning", 35}};
constexpr std::array<double, 5> reaches{0, 0.25, 0.5, 0.75, 1};

double mean_distance(const content& c, const kind& k, double reach, bool looks_around) {
  const auto sense = text_sense::of(c.words);
  double sum = 0, texts = 0;
  for (std::size_t i = 0; i < c.items.size(); i += k.step) {
    auto r = request_of(c, i, k.wish, {reach, 0.5});
    if (looks_around)
      r.nearby = neighbours_of(c, i);
    if (const auto text = written_by_template(forms_of(k.name), r))
      if (const auto e = place_of(sense, r, *text, 1)) {
        sum += ball::half_squared_distance(*e, r.grounded.values);
        ++texts;
      }
  }
  return sum / texts;
}

} // namespace

int main(int argc, char** argv) {
  for (const bool looks_around : {true, false})
    for (const auto& k : kinds) {
      const auto c = load_content(k.name, argc > 1 ? argv[1] : AMMO_SOURCE_DATA, {});
      if (!c) {
        std::fprintf(stderr, "%s\n", c.error().text().c_str());
        return 1;
      }
      std::printf("| %s%s", k.name, looks_around ? "" : ", alone");
      for (const double reach : reaches)
        std::printf(" | %.3f", mean_distance(*c, k, reach, looks_around));
      std::printf(" |\n");
    }
}
