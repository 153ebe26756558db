#include "ammo/options.hpp"

#include "actors/base/text.hpp"
#include "runtime/config/built_in_deployments.hpp"
#include "runtime/config/toml_reader.hpp"
#include "subspaces/text_file.hpp"

#include <filesystem>

namespace ammo {
namespace {

template <class Table>
std::vector<std::string_view> key_names() {
  std::vector<std::string_view> names;
  for (const auto& key : keys_of<Table>)
    names.push_back(key.key);
  return names;
}

std::vector<std::string_view> top_names() {
  auto names = key_names<options>();
  std::apply([&](const auto&... s) { (names.push_back(s.key), ...); }, sections);
  names.push_back(subspace_key);
  return names;
}

/// The table that has a key of this name: "[simulation]"; empty when none has.
std::string home_of(std::string_view key) {
  std::string home;
  auto look = [&]<class Table>(std::string_view table, Table options::*) {
    for (const auto& k : keys_of<Table>)
      if (k.key == key)
        home = '[' + std::string(table) + ']';
  };
  std::apply([&](const auto&... s) { (look(s.key, s.member), ...); }, sections);
  for (const auto& k : keys_of<subspace_options>)
    if (home.empty() && k.key == key)
      home = "[[subspace]]";
  for (const auto& k : keys_of<options>)
    if (k.key == key)
      home = "the top of the file";
  return home;
}

failure unknown(std::string_view key, std::string_view table, const std::vector<std::string_view>& known) {
  auto why = unknown_key(key, table, known);
  if (auto home = home_of(key); !home.empty())
    why.detail = in_quotes(key) + " is not a key of " + std::string(table) + "; it belongs to " + home;
  return why;
}

class deployment_reader {
public:
  deployment_reader(std::string_view source, kind_list kinds) : source_(source) { out_.kinds = std::move(kinds); }

  result<options> read(const toml::table& root) {
    auto top = read_table(root, out_, "", source_, [&](const toml::key& key, const toml::node& node) {
      return key.str() == subspace_key ? subspaces(node) : sub_table(key, node);
    });
    if (!top)
      return top.error();
    if (auto wrong = find_misfit(out_)) {
      bool placed = wrong->subspace < places_.size();
      return located(wrong->why, placed ? places_[wrong->subspace] : std::string(source_) + ":1:1");
    }
    if (auto fine = judge_preferences(out_); !fine)
      return located(fine.error(), std::string(source_) + ":1:1");
    return std::move(out_);
  }

private:
  template <class Table>
  result<void> members(const toml::table& from, Table& table, const std::string& name, const std::string& prefix) {
    return read_table(from, table, prefix, source_, [&](const toml::key& key, const toml::node&) -> result<void> {
      return located(unknown(key.str(), name, key_names<Table>()), place_of(source_, key.source()));
    });
  }

  result<void> sub_table(const toml::key& key, const toml::node& node) {
    result<void> done = located(unknown(key.str(), "a deployment", top_names()), place_of(source_, key.source()));
    auto try_one = [&](const auto& s) {
      if (s.key != key.str())
        return;
      auto name = std::string(s.key);
      if (const auto* from = node.as_table())
        done = members(*from, out_.*s.member, '[' + name + ']', name + '.');
      else
        done = located(wrong_type(name, "a table: [" + name + ']', node), place_of(source_, node.source()));
    };
    std::apply([&](const auto&... s) { (try_one(s), ...); }, sections);
    return done;
  }

  result<void> subspaces(const toml::node& node) {
    const auto* list = node.as_array();
    if (!list)
      return located(wrong_type("subspace", "an array of tables: [[subspace]]", node), place_of(source_, node.source()));
    for (const auto& entry : *list) {
      auto place = place_of(source_, entry.source());
      const auto* from = entry.as_table();
      if (!from)
        return located(wrong_type("subspace", "tables: [[subspace]]", entry), place);
      places_.push_back(place);
      auto& s = out_.subspaces.emplace_back();
      if (auto done = members(*from, s, "[[subspace]]", "subspace."); !done)
        return done;
      if (auto known = judge_kind(out_, s, "subspace.kind"); !known)
        return located(known.error(), place_of(source_, from->get("kind")->source())); // the default is known
    }
    return {};
  }

  std::string_view source_;
  options out_;
  std::vector<std::string> places_; // of each subspace
};

/// `value` as TOML; a bare word stands for itself as a text.
toml::table valued(std::string_view value, bool text) {
  auto parsed = parse_toml("value = " + std::string(value), "value");
  if (parsed && (!text || (*parsed)["value"].is_string()))
    return std::move(*parsed);
  return toml::table{{"value", std::string(value)}};
}

template <class Table>
result<void> set_member(Table& table, std::string_view key, std::string_view value, std::string_view name,
                        const std::string& prefix) {
  for (const auto& known : keys_of<Table>)
    if (known.key == key) {
      auto holder = valued(value, std::holds_alternative<std::string Table::*>(known.member));
      return assign(known, table, *holder.get("value"), prefix + std::string(key));
    }
  return unknown(key, name, key_names<Table>());
}

} // namespace

result<options> options::from_toml(std::string_view text, std::string_view source, kind_list kinds) {
  auto root = parse_toml(text, source);
  if (!root)
    return root.error();
  return deployment_reader(source, std::move(kinds)).read(*root);
}

result<options> options::from_file(const std::string& path, kind_list kinds) {
  auto text = text_of_file(path, longest_toml + 1); // one byte more shows that it is too long
  if (!text)
    return {text.code(), in_quotes(path) + text.error().detail};
  auto read = from_toml(*text, path, std::move(kinds));
  if (read && !read->data_root.empty())
    read->data_root = (std::filesystem::path(path).parent_path() / read->data_root).string();
  if (read && !read->state.empty() && read->state.find("://") == std::string::npos)
    read->state = (std::filesystem::path(path).parent_path() / read->state).string();
  if (read && !read->node.certificates.empty())
    read->node.certificates = (std::filesystem::path(path).parent_path() / read->node.certificates).string();
  return read;
}

result<options> options::built_in(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& d : built_in_deployments()) {
    if (d.name == name)
      return from_toml(d.toml, std::string(name) + ".toml");
    names.push_back(d.name);
  }
  std::string detail = "no deployment " + in_quotes(name) + " is built in; there are: ";
  for (auto known : names)
    detail += (known == names.front() ? "" : ", ") + std::string(known);
  if (auto meant = nearest(name, names); !meant.empty())
    detail += "; nearest: \"" + std::string(meant) + '"';
  return {errc::unknown_subspace, std::move(detail)};
}

result<void> options::check() const {
  auto fine = judge_all(*this, "");
  auto go_on = [&](const auto& s) {
    if (fine)
      fine = judge_all(this->*s.member, std::string(s.key) + '.');
  };
  std::apply([&](const auto&... s) { (go_on(s), ...); }, sections);
  for (std::size_t i = 0; fine && i < subspaces.size(); ++i) {
    const auto whose = "subspace " + std::to_string(i + 1) + ' ';
    fine = judge_all(subspaces[i], whose);
    if (fine)
      fine = judge_kind(*this, subspaces[i], whose + "kind");
  }
  if (!fine)
    return fine;
  if (auto wrong = find_misfit(*this))
    return wrong->why;
  return judge_preferences(*this);
}

result<void> options::set(std::string_view key, std::string_view value) {
  auto changed = *this;
  auto dot = key.find('.');
  result<void> done = unknown(key, "a deployment", top_names());
  if (dot == key.npos) {
    done = set_member(changed, key, value, "a deployment", "");
  } else {
    auto table = key.substr(0, dot), member = key.substr(dot + 1);
    auto try_one = [&](const auto& s) {
      if (s.key == table)
        done = set_member(changed.*s.member, member, value, '[' + std::string(table) + ']', std::string(table) + '.');
    };
    std::apply([&](const auto&... s) { (try_one(s), ...); }, sections);
  }
  if (done)
    done = changed.check();
  if (done)
    *this = std::move(changed);
  return done;
}

} // namespace ammo
