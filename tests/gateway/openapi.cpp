/// docs/openapi.yaml says what the server does: every path of it is walked, and every path of the server is in it.
#include "runtime/gateway/service/service.hpp"
#include "tests/support/source_path.hpp"
#include "tests/support/web_client.hpp"

#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>

using namespace ammo;
using namespace ammo::testing;
using ordered = nlohmann::ordered_json;

namespace {

// -- a document as YAML, block style, texts as in JSON ----------------------------------------------------------------------------------------

bool bare(const std::string& s) { return std::regex_match(s, std::regex("[A-Za-z_][A-Za-z0-9_-]*")) && s != "null" && s != "true" && s != "false" && s != "default"; }

void write_yaml(std::ostream& out, const ordered& v, std::size_t depth, bool inline_first) {
  const std::string pad(2 * depth, ' ');
  if ((v.is_object() || v.is_array()) && !v.empty()) {
    bool first = inline_first;
    const auto lead = [&] {
      out << (first ? "" : pad);
      first = false;
    };
    if (v.is_object())
      for (const auto& [key, value] : v.items()) {
        lead();
        out << (bare(key) ? key : ordered(key).dump()) << ':';
        const bool nested = (value.is_object() || value.is_array()) && !value.empty();
        out << (nested ? "\n" : " ");
        write_yaml(out, value, depth + 1, false);
      }
    else
      for (const auto& value : v) {
        lead();
        out << "- ";
        write_yaml(out, value, depth + 1, true);
      }
    return;
  }
  out << (v.is_string() && bare(v.get<std::string>()) ? v.get<std::string>() : v.dump()) << '\n';
}

std::string yaml_of(const std::string& text) {
  std::ostringstream out;
  out << "# The paths of `ammo serve`. Made from runtime/gateway/page/openapi.json: AMMO_WRITE_DOCS=1 test_gateway \"[docs]\".\n";
  write_yaml(out, ordered::parse(text), 0, false);
  return out.str();
}

// -- a value against a schema: what of JSON Schema the document uses ---------------------------------------------------------------------------

class validator {
public:
  explicit validator(const json& document) : document_(document) {}

  /// Empty where it fits.
  std::string fault_of(const json& value, const json& schema, const std::string& at = "answer") const {
    if (schema.contains("$ref"))
      return fault_of(value, document_.at(json::json_pointer(schema["$ref"].get<std::string>().substr(1))), at);
    for (const auto& [word, _] : schema.items())
      if (!known.contains(word))
        return "the schema of " + at + " says " + word + ", which this test doesn't know";
    if (schema.contains("oneOf")) {
      std::size_t fitting = 0;
      for (const auto& one : schema["oneOf"])
        fitting += fault_of(value, one, at).empty();
      return fitting == 1 ? "" : at + " fits " + std::to_string(fitting) + " of oneOf";
    }
    if (schema.contains("type") && !of_type(value, schema["type"]))
      return at + " is " + value.dump() + ", not " + schema["type"].dump();
    if (schema.contains("enum") && std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
      return at + " is none of " + schema["enum"].dump();
    if (schema.contains("pattern") && !std::regex_match(value.get<std::string>(), std::regex(schema["pattern"].get<std::string>())))
      return at + " doesn't match " + schema["pattern"].dump();
    if (value.is_number())
      if ((schema.contains("minimum") && value < schema["minimum"]) || (schema.contains("maximum") && value > schema["maximum"]) ||
          (schema.contains("exclusiveMinimum") && value <= schema["exclusiveMinimum"]))
        return at + " is " + value.dump() + ", out of range";
    if (value.is_array() && schema.contains("items"))
      for (std::size_t i = 0; i < value.size(); ++i)
        if (auto bad = fault_of(value[i], schema["items"], at + '[' + std::to_string(i) + ']'); !bad.empty())
          return bad;
    if (value.is_object())
      return fault_of_members(value, schema, at);
    return {};
  }

private:
  inline static const std::set<std::string> known{"type", "enum", "pattern", "minimum", "maximum", "exclusiveMinimum", "items", "properties", "required",
                                                  "oneOf", "default", "description", "maxLength", "minLength", "maxItems", "additionalProperties"};

  static bool of_type(const json& value, const json& type) {
    if (type.is_array())
      return std::any_of(type.begin(), type.end(), [&](const json& one) { return of_type(value, one); });
    return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) || (type == "string" && value.is_string()) ||
           (type == "number" && value.is_number()) || (type == "integer" && value.is_number_integer()) || (type == "boolean" && value.is_boolean()) ||
           (type == "null" && value.is_null());
  }

  std::string fault_of_members(const json& value, const json& schema, const std::string& at) const {
    for (const auto& name : schema.value("required", json::array()))
      if (!value.contains(name.get<std::string>()))
        return at + " lacks " + name.dump();
    const auto properties = schema.value("properties", json::object());
    for (const auto& [name, member] : value.items()) {
      if (properties.contains(name)) {
        if (auto bad = fault_of(member, properties[name], at + '.' + name); !bad.empty())
          return bad;
      } else if (schema.value("additionalProperties", true) == false) {
        return at + " has " + name + ", which isn't described";
      }
    }
    return {};
  }

  const json& document_;
};

/// Requests by operation, in an order in which each finds what it needs.
struct walk {
  web_client client;
  std::string impression[4], creation;

  explicit walk(const cinema& here) : client(here.client()) {
    const auto items = client.get("/v1/users/7/slate?slots=2").value()["items"];
    const auto more = client.get("/v1/users/7/slate?slots=2").value()["items"];
    for (int i = 0; i < 4; ++i)
      impression[i] = (i < 2 ? items : more)[static_cast<std::size_t>(i % 2)]["impression"];
  }

  std::vector<std::pair<std::string, std::function<told()>>> steps{
    {"put_user", [this] { return client.put("/v1/users/8", {{"interest", {{"subspace", "film"}, {"vector", {1, 0}}}}}); }},
    {"put_user", [this] { return client.put("/v1/users/8"); }},
    {"put_interest", [this] { return client.put("/v1/users/8/interest", {{"subspace", "film"}, {"vector", {0, 1}}, {"confidence", 0.5}}); }},
    {"get_slate", [this] { return client.get("/v1/users/8/slate?slots=2&situation=evening&only=tag:0,tag:1&except=goal:9"); }},
    {"get_why", [this] { return client.get("/v1/users/7/impressions/" + impression[0] + "/why"); }},
    {"get_health", [this] { return client.get("/v1/health"); }},
    {"get_belief", [this] { return client.get("/v1/users/8/belief"); }},
    {"post_feedback", [this] { return client.post("/v1/feedback", json::array({{{"user", "7"}, {"impression", impression[0]}, {"value", 1}}, {{"user", "7"}, {"impression", "5"}, {"signal", "like"}}})); }},
    {"post_feedback", [this] { return client.post("/v1/feedback", {{"user", "7"}, {"impression", impression[1]}, {"signal", "dismiss"}}); }},
    {"post_preferences", [this] { return client.post("/v1/users/7/preferences", {{"better", impression[2]}, {"worse", impression[3]}}); }},
    {"put_goal", [this] {
       auto got = client.put("/v1/goals/50", {{"subspace", "film"}, {"grounded", {1, 0}}, {"owner", "3"}, {"content", "4"}, {"budget_micros", 9'000}, {"policy", "static"}, {"facts", json::array({{{"name", "title"}, {"text", "Night Train"}}})}, {"item", {{"title", "Night Train"}, {"body", "b"}, {"link", "https://example.org"}}}, {"tags", {1}}});
       creation = got.value()["creation"];
       return got;
     }},
    {"post_creation", [this] { return client.post("/v1/goals/50/creations", {{"e", {0.9, 0.1}}, {"grounded", {1, 0}}, {"content", "5"}, {"item", {{"title", "x"}}}, {"tags", {2}}}); }},
    {"post_text", [this] { return client.post("/v1/goals/50/texts", {{"text", "a train"}, {"reach", 0.5}, {"length", 0.5}, {"seed", "2"}, {"order", "draft"}}); }},
    {"post_question", [this] {
       const std::string shown = client.get("/v1/users/7/slate?only=goal:50").value()["items"][0]["impression"];
       return client.post("/v1/users/7/impressions/" + shown + "/questions", {{"text", "a train"}, {"reach", 0.5}, {"length", 0.5}});
     }},
    {"post_text", [this] { return client.post("/v1/goals/50/texts", {{"order", "recall"}}); }},
    {"delete_creation", [this] { return client.remove("/v1/goals/50/creations/" + creation); }},
    {"delete_goal", [this] { return client.remove("/v1/goals/50"); }},
    {"post_goals", [this] { return client.call("POST", "/v1/goals:batch", "goal,subspace,grounded,title\n70,film,1 0,A\n71,book,1 0,B\n", {{"Content-Type", "text/csv"}}); }},
    {"delete_user", [this] { return client.remove("/v1/users/8"); }},
    {"get_subspaces", [this] { return client.get("/v1/subspaces"); }},
    {"get_statistics", [this] { return client.get("/v1/statistics"); }},
    {"get_stream", [this] { return client.get("/v1/stream"); }},
    {"get_metrics", [this] { return client.get("/metrics"); }},
    {"get_livez", [this] { return client.get("/livez"); }},
    {"get_readyz", [this] { return client.get("/readyz"); }},
    {"get_openapi", [this] { return client.get("/openapi.json"); }},
    {"get_page", [this] { return client.get("/"); }},
  };
};

std::string file_text(const std::string& path) {
  std::ifstream in(ammo::test::source_path(path), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("docs/openapi.yaml is what the server serves as /openapi.json", "[docs]") {
  const auto yaml = yaml_of(file_text("runtime/gateway/page/openapi.json"));
  if (std::getenv("AMMO_WRITE_DOCS"))
    std::ofstream(ammo::test::source_path("docs/openapi.yaml"), std::ios::binary) << yaml;
  CHECK(file_text("docs/openapi.yaml") == yaml);
}

TEST_CASE("every operation that is described answers as it is described, and no other is served") {
  auto of = cinema::deployment();
  of.goal.generator = "template";
  cinema here({}, of);
  REQUIRE(here.rt->set_embedder("film", [](std::string_view) -> result<std::vector<float>> { return std::vector<float>{0.8f, 0.6f}; }));
  walk steps(here);
  const auto document = steps.client.get("/openapi.json").value();
  const validator checks(document);

  std::map<std::string, json> operations; // by id
  std::set<std::string> described;
  for (const auto& [path, methods] : document["paths"].items())
    for (const auto& [method, operation] : methods.items()) {
      operations[operation["operationId"]] = operation;
      auto upper = method;
      std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      described.insert(upper + ' ' + path);
    }
  std::set<std::string> served;
  const auto serves = std::make_shared<const web::service>(web::service{*here.rt, of, {}, std::make_shared<web::traffic>(), std::make_shared<web::push_hub>()});
  for (const auto& route : web::routes_of(serves))
    served.insert(std::string(route.method) + ' ' + std::string(route.path));
  for (const auto* part : {"GET /page.css", "GET /page.js", "GET /operator.js", "GET /icon.svg"}) // of the page
    CHECK(served.erase(part) == 1);
  CHECK(served == described);

  std::set<std::string> walked;
  for (const auto& [id, call] : steps.steps) {
    INFO(id);
    walked.insert(id);
    REQUIRE(operations.contains(id));
    const auto got = call();
    INFO(got.body);
    const auto& responses = operations[id]["responses"];
    REQUIRE(responses.contains(std::to_string(got.status))); // none of them ends in a problem
    const auto& response = responses[std::to_string(got.status)];
    if (!response.contains("content")) {
      CHECK(got.body.empty());
      continue;
    }
    const auto type = got.type.substr(0, got.type.find(';'));
    REQUIRE(response["content"].contains(type));
    if (type == "application/json")
      CHECK(checks.fault_of(got.value(), response["content"][type]["schema"]) == "");
  }
  for (const auto& [id, _] : operations)
    CHECK(walked.contains(id));

  // Whatever takes a body refuses one that isn't described, and each refusal is a problem as described.
  const auto& problem = document["components"]["schemas"]["problem"];
  for (const auto& [path, methods] : document["paths"].items())
    for (const auto& [method, operation] : methods.items()) {
      INFO(method + ' ' + path);
      auto target = std::regex_replace(std::regex_replace(path, std::regex("\\{user\\}"), "7"), std::regex("\\{[a-z]+\\}"), "1");
      auto upper = method == "get" ? "GET" : method == "put"  ? "PUT"
                                           : method == "post" ? "POST"
                                                              : "DELETE";
      if (operation.contains("requestBody")) {
        auto got = steps.client.call(upper, target, R"({"nobody": "reads this"})", {{"Content-Type", path == "/v1/goals:batch" ? "text/plain" : "application/json"}});
        CHECK((got.status == 400 || got.status == 415));
        CHECK(got.type == "application/problem+json");
        CHECK(checks.fault_of(got.value(), problem) == "");
      }
      auto wrong = steps.client.call("PATCH", target);
      CHECK(wrong.status == 405);
      CHECK(checks.fault_of(wrong.value(), problem) == "");
    }
}

TEST_CASE("the validator of this test refuses what doesn't fit") {
  const json document = json::parse(file_text("runtime/gateway/page/openapi.json"));
  const validator checks(document);
  const auto& belief = document["components"]["schemas"]["belief"];
  json good{{"rounds", 1}, {"observations", 0}, {"believed_regret", 0.5}, {"regret_bound", 1}, {"mean", {1, 0}}};
  CHECK(checks.fault_of(good, belief).empty());
  for (const auto* member : {"rounds", "mean"}) {
    auto bad = good;
    bad.erase(member);
    CHECK_FALSE(checks.fault_of(bad, belief).empty());
  }
  good["more"] = 1;
  CHECK_FALSE(checks.fault_of(good, belief).empty());
  CHECK_FALSE(checks.fault_of("07", document["components"]["schemas"]["id"]).empty());
}
