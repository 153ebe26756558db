#include "ammo/writing.hpp"

#include "actors/space/ball.hpp"
#include "actors/subspace/subspace_mind.hpp"
#include "runtime/config/deployment_content.hpp"
#include "runtime/report/report_format.hpp"
#include "runtime/report/report_style.hpp"
#include "runtime/report/svg_chart.hpp"
#include "runtime/report/terminal_text.hpp"
#include "runtime/writing/generators.hpp"
#include "subspaces/writing_desk.hpp"

#include <algorithm>
#include <future>
#include <set>

namespace ammo {
namespace {

/// The items whose facts lie nearest to v, best first, with their cosines; of an owner one, while there are others.
std::vector<std::pair<double, std::size_t>> nearest(const content& c, const std::vector<float>& v, std::size_t most) {
  std::vector<std::pair<double, std::size_t>> all;
  for (std::size_t i = 0; i < c.items.size(); ++i)
    all.emplace_back(-ball::dot(v, c.embedding(i)), i);
  std::ranges::sort(all);
  std::set<std::uint64_t> owners;
  std::ranges::stable_partition(all, [&](const auto& x) { return owners.insert(c.items[x.second].owner).second; });
  all.resize(std::min(most, all.size()));
  return all;
}

void settle(draft& d, const written_news& n, const writing_request& r, const subspace_options& s) {
  d.code = n.code;
  d.detail = n.detail;
  if (n.code != errc::ok)
    return;
  d.text = n.text;
  d.distance = ball::half_squared_distance(n.e.values, r.grounded.values);
  if (const auto cost = price_at(d.distance, s.price_micros, s.distance_price_micros))
    d.cost_micros = *cost;
  else
    d.code = cost.code();
}

std::string told_of(const draft& d) {
  return d.subspace + ' ' + d.key + ", match " + fixed(d.match, 2) + "; distance from the facts " + fixed(d.distance, 3) +
         ", cost " + fixed(static_cast<double>(d.cost_micros) / 1e6, 4);
}

std::string refusal_of(const draft& d) {
  return harmless(d.subspace + ' ' + d.key + ": " + failure{d.code, d.detail}.text());
}

} // namespace

result<drafts> write_drafts(const options& asked, const writing_wish& wish) {
  auto deployment = asked;
  if (deployment.goal.generator.empty())
    deployment.goal.generator = "template";
  if (auto fine = deployment.check(); !fine)
    return fine.error();
  const auto contents = contents_of(deployment);
  if (!contents)
    return contents.error();
  auto writers = generators_of(deployment, senses_of(*contents), [](errc) {});
  if (!writers)
    return writers.error();
  drafts out{wish.text, deployment.goal.generator, {}, {}};
  std::vector<std::pair<writing_request, std::future<written_news>>> under_way;
  std::vector<const subspace_options*> where;
  for (std::size_t at = 0; at < contents->size(); ++at) {
    const auto& c = (*contents)[at];
    const auto v = c.words ? c.words->embed(wish.text) : result<std::vector<float>>(errc::bad_text);
    if (!v)
      continue;
    out.attributions.push_back(c.attribution);
    for (const auto& [likeness, item] : nearest(c, *v, wish.count)) {
      auto r = request_of(c, item, wish.text, wish.style, deployment.seed);
      r.nearby = neighbours_of(c, item);
      auto promise = std::make_shared<std::promise<written_news>>();
      under_way.emplace_back(r, promise->get_future());
      where.push_back(&deployment.subspaces[at]);
      out.all.push_back({deployment.subspaces[at].name, c.items[item].key, -likeness, errc::ok, {}, {}, 0, 0});
      (*writers)[at]->write(std::move(r), [promise](written_news n) { promise->set_value(std::move(n)); });
    }
  }
  if (out.all.empty())
    return {errc::bad_text, "no subspace knows a word of \"" + harmless(wish.text.substr(0, 80)) + '"'};
  for (std::size_t i = 0; i < out.all.size(); ++i)
    settle(out.all[i], under_way[i].second.get(), under_way[i].first, *where[i]);
  return out;
}

std::string drafts::to_text() const {
  std::string out;
  for (const auto& d : all)
    out += d.code == errc::ok ? ammo::to_text(d.text) + "  (" + told_of(d) + ")\n\n" : refusal_of(d) + "\n\n";
  return out;
}

std::string drafts::to_html() const {
  std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                    "content=\"width=device-width\"><title>" +
                    escaped(wish) + "</title>\n<style>" + report_style + "</style></head>\n<body><main>\n<h1>" + escaped(wish) +
                    "</h1>\n<p class=\"soft\">Written by " + escaped(harmless(generator)) + "</p>\n";
  for (const auto& d : all)
    out += "<section class=\"card\">\n" +
           (d.code == errc::ok ? ammo::to_html(d.text) + "<p class=\"soft\">" + escaped(told_of(d)) + "</p>\n"
                               : "<p>" + escaped(refusal_of(d)) + "</p>\n") +
           "</section>\n";
  out += "<footer>";
  for (const auto& a : attributions)
    out += "<p>" + escaped(a) + "</p>\n";
  return out + "</footer></main></body></html>\n";
}

} // namespace ammo
