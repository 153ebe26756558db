#include "subspaces/template_writer.hpp"

#include "actors/base/random.hpp"
#include "subspaces/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>
#include <set>

namespace ammo {
namespace {

/// How a request is spoken of: {0} is what was asked for, {1} the title.
struct phrases {
  std::array<std::string_view, 3> openings, titles, invitations, closings;
};
constexpr phrases of_a_wish{{"Looking for {0}?", "You asked about {0}.", "In search of {0}?"},
                            {"{1}, if you look for {0}", "{1}: found for {0}", "{1}, with {0} in mind"},
                            {"Whoever asks for {0} may begin here.", "For more on {0}, begin here.", "Is it {0} that you need? Then begin here."},
                            {"So much on {0}.", "That is what we can say if you look for {0}.", "All of this is for you who asked for {0}."}};
constexpr phrases of_a_question{{"You asked: \"{0}\"", "To your question \"{0}\":", "\"{0}\", you asked."},
                                {"{1}, asked \"{0}\"", "{1}: \"{0}\"", "{1}, on \"{0}\""},
                                {"Whoever asks this may begin here.", "For more on this, begin here.", "Is it this that you need? Then begin here."},
                                {"So much on your question.", "That is what we can say to your question.", "All of this is for you who asked."}};
constexpr std::size_t least_told = 160, most_told = 2'400; // bytes of a body
constexpr std::size_t longest_request = 120;               // bytes of it that a text repeats
constexpr std::size_t most_named = 2, longest_name = 80;   // of what is close by; bytes of one
constexpr std::string_view before_the_last = " and ";      // of several names

/// What stands in {…} replaced by `value(name)`; nothing where that gives nothing.
template <class Value>
std::optional<std::string> filled(std::string_view text, Value value) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('{');
    out += text.substr(0, open);
    if (open == text.npos)
      break;
    const auto close = text.find('}', open);
    const std::string_view put = value(text.substr(open + 1, close - open - 1));
    if (put.empty())
      return std::nullopt;
    out += put;
    text.remove_prefix(close + 1);
  }
  return out;
}

std::string spoken(std::string_view text, std::string_view wanted, std::string_view title = {}) {
  return *filled(text, [&](std::string_view which) { return which == "0" ? wanted : title; });
}

/// At ends of sentences: a stop, a blank, a capital or a digit.
std::vector<std::string_view> sentences(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    auto end = at;
    do
      end = text.find(". ", end == at ? at : end + 1);
    while (end != text.npos && end + 2 < text.size() && !(text[end + 2] >= 'A' && text[end + 2] <= 'Z') &&
           !(text[end + 2] >= '0' && text[end + 2] <= '9'));
    const auto stop = end == text.npos ? text.size() : end + 1;
    out.push_back(text.substr(at, stop - at));
    at = std::min(text.size(), stop + 1);
  }
  return out;
}

/// "A and B": each title once, never the own one.
std::string named(const std::vector<neighbour>& nearby, std::string_view own) {
  std::vector<std::string> names;
  for (const auto& n : nearby)
    if (const auto name = plain(n.title, longest_name);
        names.size() < most_named && !name.empty() && name != own && std::ranges::find(names, name) == names.end())
      names.push_back(name);
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i)
    (out += i == 0 ? "" : i + 1 < names.size() ? ", "
                                               : before_the_last) += names[i];
  return out;
}

struct sentence {
  std::string text;
  double worth = 0;
};

std::vector<sentence> all_sentences(const forms& how, const std::vector<fact>& facts) {
  std::vector<sentence> out;
  for (const auto& f : how.told) {
    const auto text = filled(f.text, [&](std::string_view name) { return fact_named(facts, name); });
    if (!text)
      continue;
    if (!f.each)
      out.push_back({*text, f.weight});
    else
      for (double worth = f.weight; auto part : sentences(*text)) {
        out.push_back({std::string(part), worth});
        worth *= 0.8; // what comes first says most
      }
  }
  return out;
}

/// The share of what was asked for that a sentence speaks of.
double likeness(const std::string& text, const std::vector<std::string>& wanted) {
  if (wanted.empty())
    return 0;
  const auto words = tokens(text);
  const auto met = std::ranges::count_if(wanted, [&](const auto& w) { return std::ranges::find(words, w) != words.end(); });
  return static_cast<double>(met) / static_cast<double>(wanted.size());
}

/// The most fitting sentences that `room` bytes hold, in the order of reading; what weighs 2 is told whatever the room.
std::string told(std::vector<sentence> all, std::size_t room) {
  std::vector<std::size_t> order(all.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::ranges::stable_sort(order, [&](auto a, auto b) { return all[a].worth > all[b].worth; });
  std::set<std::size_t> chosen;
  std::size_t size = 0;
  for (auto i : order)
    if (size + all[i].text.size() < (all[i].worth >= 2 || chosen.empty() ? most_told : room)) {
      chosen.insert(i);
      size += all[i].text.size() + 1;
    }
  std::string out;
  for (auto i : chosen)
    out += (out.empty() ? "" : " ") + all[i].text + (std::ispunct(static_cast<unsigned char>(all[i].text.back())) ? "" : ".");
  return out;
}

} // namespace

const forms& forms_of(std::string_view kind) noexcept {
  const auto known = kind_list{}.find(kind);
  return (known ? known : kind_list{}.find("host"))->writing; // these are never gone
}

result<written_creation> written_by_template(const forms& how, const writing_request& r) {
  const std::string title = plain(fact_named(r.facts, "title"), 160);
  if (title.empty())
    return {errc::generator_failed, "no fact \"title\" to write of"};
  auto g = generator(r.seed, stream::goal, raw(r.goal), 0);
  const double reach = std::clamp(r.style.reach, 0.0, 1.0), length = std::clamp(r.style.length, 0.0, 1.0);
  const std::string wanted = plain(r.text, longest_request);
  const auto asked = tokens(wanted);
  auto known = r.facts;
  known.push_back({"nearby", named(r.nearby, title)});
  auto all = all_sentences(how, known);
  for (auto& s : all)
    s.worth += reach * 0.9 * likeness(s.text, asked) + 0.3 * uniform01(g);
  const auto room = least_told + static_cast<std::size_t>(length * static_cast<double>(most_told - least_told));
  written_creation out{title, told(std::move(all), room) + '\n', {}, std::string(fact_named(r.facts, "link")), {}};
  const auto& [openings, titles, invitations, closings] = wanted.ends_with('?') ? of_a_question : of_a_wish;
  const auto mentions = wanted.empty() ? 0 : std::lround(4 * reach);
  if (const auto form = openings[g() % openings.size()]; mentions >= 1)
    out.body = spoken(form, wanted) + ' ' + out.body;
  if (const auto form = titles[g() % titles.size()]; mentions >= 2)
    out.title = plain(spoken(form, wanted, title), longest_title);
  if (const auto form = closings[g() % closings.size()]; mentions >= 3)
    out.body += spoken(form, wanted) + '\n';
  if (const auto form = invitations[g() % invitations.size()]; mentions >= 4)
    out.body += spoken(form, wanted) + '\n';
  if (!out.link.empty())
    out.action = how.action;
  if (auto fine = check(out); !fine)
    return fine.error();
  return out;
}

std::vector<std::string> words_of_forms(const forms& how) {
  std::string all(how.action);
  all += before_the_last;
  const auto add = [&all](std::string_view text) {
    for (bool inside = false; char c : text) {
      inside = c == '{' || (inside && c != '}');
      all += inside || c == '}' ? ' ' : c;
    }
    all += ' ';
  };
  for (const auto& f : how.told)
    add(f.text);
  for (const auto* spoken_so : {&of_a_wish, &of_a_question})
    for (const auto* rows : {&spoken_so->openings, &spoken_so->titles, &spoken_so->closings, &spoken_so->invitations})
      std::ranges::for_each(*rows, add);
  return tokens(all);
}

std::uint64_t template_writer::write(writing_request r, answer done) {
  auto news = answer_to(r);
  if (auto text = written_by_template(how_, r))
    news.text = std::move(*text);
  else
    news = answer_to(r, text.code(), text.error().detail);
  done(std::move(news));
  return 0;
}

} // namespace ammo
