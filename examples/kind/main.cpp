/// A host with a kind of subspace of its own: recipes, with their measures, their rendering and their signals.
#include "ammo/kind.hpp"
#include "ammo/runtime.hpp"

#include <cmath>
#include <iostream>
#include <string>

namespace {

struct recipe {
  const char *name, *steps;
  float hot, sweet, quick; // from −1 to 1
};
constexpr recipe recipes[] = {
    {"Mapo tofu", "Fry the paste, add tofu, simmer.", 0.9f, -0.4f, 0.6f},
    {"Vindaloo", "Marinate over night, cook for an hour.", 1.0f, -0.2f, -0.8f},
    {"Larb", "Toast rice, fry pork, add lime and chilli.", 0.8f, -0.1f, 0.9f},
    {"Miso soup", "Warm the stock, stir in miso.", -0.6f, -0.3f, 1.0f},
    {"Pancakes", "Whisk, rest, bake thin.", -0.9f, 0.7f, 0.8f},
    {"Apple pie", "Make dough, slice apples, bake for an hour.", -0.8f, 0.9f, -0.7f},
    {"Rice pudding", "Simmer rice in milk until it is thick.", -0.7f, 0.8f, -0.3f},
    {"Bean stew", "Soak, cook slowly, season late.", 0.1f, -0.5f, -0.9f},
};

/// 1. What a kind must say: its content, how an item is rendered, and what people can do with it.
ammo::subspace_kind recipe_kind() {
  ammo::subspace_kind kind;
  kind.name = "recipe";
  kind.width = {.least = 3, .usual = 3, .most = 3};
  kind.read = [](const std::string&) -> ammo::result<ammo::read_content> {
    ammo::read_content out;
    for (const auto& r : recipes)
      out.items.push_back({.key = r.name,
                           .title = r.name,
                           .facts = {{"title", r.name},
                                     {"steps", r.steps},
                                     {"link", std::string("https://kitchen.example/") + r.name[0]}},
                           .text = std::string(r.name) + ' ' + r.steps,
                           .columns = {r.hot, r.sweet, r.quick}});
    out.attribution = "Recipes by the kitchen.";
    return out;
  };
  kind.writing = {.told = {{"How: {steps}", 2}, {"You may also like {nearby}.", 0.5}}, .action = "Cook it"};
  kind.signals = {{"opened", 0.1}, {"bookmarked", 0.6}, {"cooked", 1}, {"skipped", -0.4}};
  return kind;
}

int fail(const ammo::failure& why) {
  std::cerr << "kind: " << why.text() << '\n';
  return 1;
}

} // namespace

int main() {
  // 2. Make it known, as coin, job and edu are, and name it in a deployment.
  ammo::kind_list kinds;
  if (auto added = kinds.add(recipe_kind()); !added)
    return fail(added.error());
  auto deployment = ammo::options::from_toml(R"toml(
name = "kitchen"
slots = 2
[[subspace]]
name = "dinner"
kind = "recipe"
signals = { cooked = 0.9, shopped = 0.7 }
[goal]
policy = "static"
)toml",
                                             "kitchen", kinds);
  if (!deployment)
    return fail(deployment.error());
  auto started = ammo::runtime::start(*deployment); // every recipe has its Goal Buddy and is live
  if (!started)
    return fail(started.error());
  auto& rt = **started;

  // 3. A guest who cooks what is hot and skips the rest; feedback by the names of signals.
  const ammo::user_id guest{1};
  if (auto added = rt.add_user(guest); !added)
    return fail(added.error());
  int hot = 0, all = 0;
  for (int evening = 0; evening < 120; ++evening) {
    auto slate = rt.ask(guest);
    if (!slate)
      return fail(slate.error());
    for (const auto& shown : slate->creations) {
      if (!shown.item)
        return 1; // every slot says what it shows
      const auto& dish = recipes[shown.content]; // content of the only subspace: the position of the item
      if (auto heard = rt.feedback(guest, shown.impression, dish.hot > 0.5f ? "cooked" : "skipped"); !heard)
        return fail(heard.error());
      if (evening >= 60) {
        ++all;
        hot += dish.hot > 0.5f;
      }
    }
  }

  // 4. A signal that nobody knows is refused by name, and the impression still awaits its feedback.
  ammo::result<void> refused;
  for (int evening = 0; evening < 20 && refused; ++evening)
    if (auto slate = rt.ask(guest); slate && !slate->creations.empty()) {
      refused = rt.feedback(guest, slate->creations.front().impression, "devoured");
      if (auto heard = rt.feedback(guest, slate->creations.front().impression, "shopped"); !heard)
        return fail(heard.error());
    }
  if (auto slate = rt.ask(guest))
    for (const auto& shown : slate->creations)
      std::cout << shown.slot + 1 << ". " << shown.item->title << ": " << shown.item->body;
  std::cout << hot << " of the last " << all << " dishes shown were hot\n" << refused.error().text() << '\n';
  rt.stop();
  const bool known =
      refused.code() == ammo::errc::unknown_signal && refused.error().detail.find("shopped") != std::string::npos;
  return known && all > 0 && hot * 10 >= all * 8 ? 0 : 1;
}
