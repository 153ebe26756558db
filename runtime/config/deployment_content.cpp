#include "runtime/config/deployment_content.hpp"

#include "runtime/config/deployment_layout.hpp"

#include <algorithm>

namespace ammo {
namespace {

/// The keys from before signals had a table.
constexpr std::pair<signal, double subspace_options::*> single_keys[] = {
  {signal::view, &subspace_options::signal_view}, {signal::like, &subspace_options::signal_like}, {signal::save, &subspace_options::signal_save}, {signal::share, &subspace_options::signal_share}, {signal::response, &subspace_options::signal_response}, {signal::dismiss, &subspace_options::signal_dismiss}};

void set(signal_table& table, std::string_view name, double worth) {
  const auto known = std::ranges::find(table, name, &signal_worth::name);
  if (known != table.end())
    known->worth = worth;
  else
    table.push_back({std::string(name), worth, label_of(name)});
}

} // namespace

result<std::vector<content>> contents_of(const options& deployment) {
  std::vector<content> out;
  const auto blocks = blocks_of(deployment);
  for (std::size_t at = 0; at < blocks.size(); ++at) {
    if (deployment.subspaces[at].retired) {
      out.emplace_back().dim = blocks[at].coordinates.width;
      continue;
    }
    auto loaded = load_content(
      *deployment.kinds.find(deployment.subspaces[at].kind), deployment.data_root,
      {.dim = blocks[at].coordinates.width, .hold_out = deployment.simulation.hold_out, .seed = deployment.seed});
    if (!loaded)
      return loaded.error();
    out.push_back(std::move(*loaded));
  }
  return out;
}

std::vector<text_sense> senses_of(const std::vector<content>& contents) {
  std::vector<text_sense> out;
  for (const auto& c : contents)
    out.push_back(text_sense::of(c.words));
  return out;
}

signal_table signals_of(const options& deployment, const subspace_options& subspace) {
  static const subspace_options unset;
  auto out = deployment.kinds.find(subspace.kind)->signals;
  for (const auto& [which, key] : single_keys)
    if (subspace.*key != unset.*key)
      set(out, name_of(which), subspace.*key);
  for (const auto& s : subspace.signals)
    set(out, s.name, s.worth);
  if (subspace.takes.empty())
    return out;
  signal_table taken;
  for (const auto& name : subspace.takes)
    if (const auto* known = find_signal(out, name))
      taken.push_back(*known);
  return taken;
}

item_form item_form_of(const subspace_options& s) { return {s.item_title, s.item_body, s.item_link}; }

std::vector<subspace_custom> customs_of(const options& deployment) {
  std::vector<subspace_custom> out;
  for (const auto& s : deployment.subspaces) {
    const auto kind = deployment.kinds.find(s.kind);
    if (!kind || s.retired)
      continue;
    const auto first = [](const std::string& a, const std::string& b) { return a.empty() ? b : a; };
    presentation look{first(s.label, first(kind->look.label, s.name)), first(s.emblem, kind->look.emblem), first(s.accent, kind->look.accent),
                      first(s.action, first(kind->look.action, kind->writing.action))};
    auto known = signals_of(deployment, s);
    if (std::ranges::all_of(known, &std::string::empty, &signal_worth::label)) // nobody has thought of buttons
      for (auto& one : known)
        one.label = label_of(one.name);
    out.push_back({s.name, std::move(look), std::move(known)});
  }
  return out;
}

} // namespace ammo
