#include "runtime/gateway/service/router.hpp"

#include "runtime/gateway/service/permission.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <span>

namespace ammo::web {
namespace {

int hex(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The next segment of a path that begins with '/'; what is left stays in `path`.
std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

/// What stands in the pattern's places, undecoded; nothing where the path is another.
std::optional<std::vector<std::string_view>> parts_of(std::string_view pattern, std::string_view path) {
  std::vector<std::string_view> out;
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = next_segment(pattern);
    const auto got = next_segment(path);
    if (wanted.starts_with('{')) {
      if (got.empty())
        return {};
      out.push_back(got);
    } else if (wanted != got) {
      return {};
    }
  }
  if (!pattern.empty() || !path.empty())
    return {};
  return out;
}

std::int64_t seconds_now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count(); }

/// What is thrown is answered.
void answer_problems(form as, const answerer& to, auto handle) noexcept {
  try {
    try {
      handle();
    } catch (const refusal& why) {
      to(problem(why, as));
    } catch (const std::exception& e) {
      to(problem(refusal(failure{errc::internal, e.what()}), as));
    }
  } catch (...) { // not even memory for a problem
    to({.status = 500, .close = true});
  }
}

/// What became of a request, for whoever looks for it by its trace.
answerer noting(const log_sink& log, std::string_view operation, const shared_trace& trace, const answerer& to) {
  return [log, operation, trace, to, begun = std::chrono::steady_clock::now()](response out) {
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
    const std::array fields{log_field{"operation", operation}, log_field{"status", std::uint64_t{out.status}}, log_field{"us", std::uint64_t(took.count())},
                            log_field{"error", out.error}};
    log.write({log_level::debug, "request", std::span(fields).first(out.error.empty() ? 3 : 4), std::chrono::system_clock::now(), trace.get()});
    to(std::move(out));
  };
}

} // namespace

router::router(std::vector<route> all, log_sink log) : all_(std::move(all)), log_(std::move(log)) {
  for (std::size_t i = 0; i < all_.size(); ++i)
    by_name_.emplace(all_[i].name, i);
}

router::match router::find(std::string_view method, std::string_view path) const {
  match out;
  if (!path.starts_with('/'))
    return out;
  for (const auto& r : all_) {
    const auto parts = parts_of(r.path, path);
    if (!parts)
      continue;
    out.allow += (out.allow.empty() ? "" : ", ") + std::string(r.method);
    if (r.method == method || (method == "HEAD" && r.method == "GET")) {
      out.found = &r;
      for (auto part : *parts)
        out.parts.push_back(percent_decoded(part));
      return out;
    }
  }
  return out;
}

bool router::takes_large(std::string_view method, std::string_view path) const {
  for (const auto& r : all_)
    if (r.large && r.method == method && path.starts_with('/') && parts_of(r.path, path))
      return true;
  return false;
}

const route* router::named(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &all_[found->second];
}

void router::handle(const route& which, request&& r, const answerer& to) const {
  const trace_scope part_of(r.trace);
  permit(which, r, seconds_now());
  which.handle(std::move(r), to);
}

void router::carry_out(const route& which, request&& r, const answerer& to) const noexcept {
  const auto as = r.answer;
  answer_problems(as, to, [&] {
    const auto noted = log_.wants(log_level::debug) ? noting(log_, which.name, r.trace, to) : answerer();
    const auto& by = noted ? noted : to;
    answer_problems(as, by, [&] { handle(which, std::move(r), by); });
  });
}

void router::dispatch(request&& r, const answerer& to) const noexcept {
  answer_problems(r.answer, to, [&, form = r.answer] {
    auto found = find(r.method, r.path);
    if (found.found) {
      r.path_parts = std::move(found.parts);
      return carry_out(*found.found, std::move(r), to);
    }
    if (found.allow.empty())
      return to(problem(refusal(fault::unknown_path, r.path.substr(0, 200)), form));
    auto out = problem(refusal(fault::unknown_method, r.method.substr(0, 20) + "; allowed: " + found.allow), form);
    out.allow = std::move(found.allow);
    to(std::move(out));
  });
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex(text[i + 1]) : -1, low = i + 2 < text.size() ? hex(text[i + 2]) : -1;
    if (high < 0 || low < 0 || (high == 0 && low == 0))
      throw refusal(fault::bad_query, "\"" + std::string(text.substr(i, 3)) + "\" in an address");
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  if (!is_text(out))
    throw refusal(fault::bad_query, "bytes in an address that are not UTF-8");
  return out;
}

std::vector<std::pair<std::string, std::string>> query_of(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!query.empty()) {
    const auto piece = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(piece.size() + 1, query.size()));
    if (piece.empty())
      continue;
    const auto equals = piece.find('=');
    auto value = equals == piece.npos ? std::string_view() : piece.substr(equals + 1);
    auto name = percent_decoded(piece.substr(0, equals));
    for (const auto& [known, _] : out)
      if (known == name)
        throw refusal(fault::bad_query, name.substr(0, 80) + " stands there twice");
    if (out.size() == 32)
      throw refusal(fault::bad_query, "more than 32 parts");
    std::string blanks(value);
    for (auto& c : blanks)
      if (c == '+')
        c = ' ';
    out.emplace_back(std::move(name), percent_decoded(blanks));
  }
  return out;
}

} // namespace ammo::web
