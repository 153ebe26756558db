#include "actors/aipp/person.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <string>

using namespace ammo;

namespace {

constexpr std::array shown{creation_id{11}, creation_id{12}, creation_id{13}};
constexpr std::array utility{0.4f, 0.1f, -0.2f};

/// Mean and variance of the reward in each slot over many users and rounds.
struct moments {
  std::array<double, 3> mean{}, variance{};
};
moments measure(const people_config& config, int users = 200, int rounds = 200) {
  moments m;
  std::array<float, 3> out{};
  const double n = static_cast<double>(users) * rounds;
  for (int u = 0; u < users; ++u)
    for (int r = 1; r <= rounds; ++r) {
      respond(config, user_id(u), static_cast<std::uint64_t>(r), shown, utility, out);
      for (std::size_t i = 0; i < 3; ++i) {
        m.mean[i] += out[i] / n;
        m.variance[i] += static_cast<double>(out[i]) * out[i] / n;
      }
    }
  for (std::size_t i = 0; i < 3; ++i)
    m.variance[i] -= m.mean[i] * m.mean[i];
  return m;
}

} // namespace

TEST_CASE("a linear person answers e·q with noise of the given width", "[person]") {
  auto m = measure({.model = feedback_model::linear, .noise = 0.3});
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(m.mean[i] == Approx(utility[i]).margin(0.006)); // 4 standard errors
    CHECK(m.variance[i] == Approx(0.09).epsilon(0.03));
  }
}

TEST_CASE("a linear person's rewards stay in [-1, 1] where they are clipped", "[person]") {
  std::array<float, 3> out{};
  for (std::uint64_t r = 0; r < 500; ++r) {
    respond({.model = feedback_model::linear, .noise = 5, .clip = true}, user_id{1}, r, shown, utility, out);
    for (float x : out)
      CHECK(std::abs(x) <= 1.0f);
  }
}

TEST_CASE("a logistic person likes with the logistic probability", "[person]") {
  auto m = measure({.model = feedback_model::logistic, .temperature = 0.2, .threshold = 0.3});
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(m.mean[i] == Approx(1 / (1 + std::exp(-(utility[i] - 0.3) / 0.2))).margin(0.01));
}

TEST_CASE("a choosing person picks at most one, by softmax with none as an option", "[person]") {
  people_config config{.model = feedback_model::choice, .temperature = 0.2, .threshold = 0.3};
  auto m = measure(config);
  double all = std::exp(0.3 / 0.2);
  for (float u : utility)
    all += std::exp(u / 0.2);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(m.mean[i] == Approx(std::exp(utility[i] / 0.2) / all).margin(0.01));
  std::array<float, 3> out{};
  for (std::uint64_t r = 0; r < 500; ++r) {
    respond(config, user_id{1}, r, shown, utility, out);
    CHECK(out[0] + out[1] + out[2] <= 1.0f);
  }
}

TEST_CASE("the noise of a creation doesn't depend on the rest of the slate", "[person]") {
  const people_config config{};
  std::array<float, 3> three{};
  std::array<float, 1> one{};
  respond(config, user_id{5}, 9, shown, utility, three);
  respond(config, user_id{5}, 9, std::span{shown}.subspan(2), std::span{utility}.subspan(2), one);
  CHECK(three[2] == one[0]);
  respond(config, user_id{5}, 10, std::span{shown}.subspan(2), std::span{utility}.subspan(2), one);
  CHECK(three[2] != one[0]);
  respond(config, user_id{6}, 9, std::span{shown}.subspan(2), std::span{utility}.subspan(2), one);
  CHECK(three[2] != one[0]);
}

TEST_CASE("people without noise are exact", "[person]") {
  std::array<float, 3> out{};
  respond({.model = feedback_model::linear, .noise = 0}, user_id{1}, 1, shown, utility, out);
  CHECK(out == utility);
  respond({.model = feedback_model::logistic, .temperature = 0}, user_id{1}, 1, shown, utility, out);
  CHECK(out == std::array{1.0f, 0.0f, 0.0f});
  respond({.model = feedback_model::choice, .temperature = 0}, user_id{1}, 1, shown, utility, out);
  CHECK(out == std::array{1.0f, 0.0f, 0.0f});
}

TEST_CASE("feedback models have names", "[person]") {
  for (auto m : {feedback_model::linear, feedback_model::logistic, feedback_model::choice})
    CHECK(*feedback_model_named(name_of(m)) == m);
  auto unknown = feedback_model_named("linea");
  CHECK(unknown.code() == errc::bad_value);
  CHECK(unknown.error().detail.find("linear, logistic, choice") != std::string::npos);
}
