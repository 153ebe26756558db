#include "ammo/writing.hpp"

#include "actors/base/text.hpp"
#include "actors/space/ball.hpp"
#include "actors/subspace/subspace_mind.hpp"
#include "runtime/config/deployment_content.hpp"
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
    return {errc::bad_text, "no subspace knows a word of " + in_quotes(wish.text)};
  for (std::size_t i = 0; i < out.all.size(); ++i)
    settle(out.all[i], under_way[i].second.get(), under_way[i].first, *where[i]);
  return out;
}

} // namespace ammo
