/// The paths of the gateway: which handler a method and a path belong to.
/// Lives here: the table's form, matching, and the one place that turns what handlers throw into answers. May not live here: any handler.
#pragma once

#include "runtime/gateway/text/exchange.hpp"

#include "ammo/log.hpp"

#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ammo::web {

/// Answers now or later, on a thread that is marked for the request's trace. May throw `refusal` before it has handed the answerer on.
using handler = std::function<void(request&&, answerer)>;

/// Whose an operation is, where there are keys.
enum class reach : std::uint8_t { everybody, ///< no token is needed
                                  person,    ///< on behalf of a person, by who has a token for them
                                  admin };   ///< of Goal Buddies' owners and operators, at the admins' address alone

struct route {
  std::string_view name;   ///< of the operation, as docs/openapi.yaml has it
  std::string_view method; ///< "GET"
  std::string_view path;   ///< "/v1/users/{user}/slate"
  handler handle;
  reach to = reach::person;
  bool private_ = false;       ///< what it tells of anybody is an admin's
  bool names_subspace = false; ///< it says itself which subspace it is about, and sees to `permit_in`
  bool large = false;      ///< takes bodies up to `gateway_options::batch_bytes`
};

class router {
public:
  /// `log`: hears of each request that is carried out, at `log_level::debug`, with the trace that it is part of.
  explicit router(std::vector<route> all, log_sink log = {});

  /// The route; null with no path like it, or none of the method. `parts` gets what stands in its places.
  struct match {
    const route* found = nullptr;
    std::string allow;              ///< the methods that the path takes; empty: there is no such path
    std::vector<std::string> parts;
  };
  [[nodiscard]] match find(std::string_view method, std::string_view path) const;

  /// The route of that operation; null: there is none.
  [[nodiscard]] const route* named(std::string_view name) const;

  /// Does the route take bodies as large as a batch?
  [[nodiscard]] bool takes_large(std::string_view method, std::string_view path) const;

  /// Calls the handler, and answers problems. Never throws.
  void dispatch(request&& r, const answerer& to) const noexcept;
  /// The same where it is known which route it is, and `r.path_parts` are there.
  void carry_out(const route& which, request&& r, const answerer& to) const noexcept;

  [[nodiscard]] const std::vector<route>& all() const noexcept { return all_; }

private:
  void handle(const route& which, request&& r, const answerer& to) const;

  std::vector<route> all_;
  log_sink log_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
};

/// "a%20b" → "a b"; '+' stays. Errors thrown: `bad_query` for what isn't two hexadecimal digits, a NUL, or isn't UTF-8.
[[nodiscard]] std::string percent_decoded(std::string_view text);
/// The query of a target as names and values. Errors thrown: `bad_query`.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> query_of(std::string_view query);

} // namespace ammo::web
