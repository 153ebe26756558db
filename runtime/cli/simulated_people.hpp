/// Simulated people who live beside the real ones in `ammo serve`: each asks for a slate a second and rewards it by a hidden preference.
/// Lives here: their thread. May not live here: what they are like (runtime/simulation).
#pragma once

#include "ammo/runtime.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ammo::cli {

class simulated_people {
public:
  /// Adds `count` of them, with ids from 2^62 on: those that a state knows stay who they are. They stand for the deployment's choosers, as in
  /// `ammo run`. `rt` must outlive this. Errors: those of `runtime::add_user` and of the content.
  static result<std::unique_ptr<simulated_people>> start(runtime& rt, const options& deployment, std::uint32_t count);
  ~simulated_people();
  simulated_people(const simulated_people&) = delete;
  simulated_people& operator=(const simulated_people&) = delete;

  /// What their slates were like, summed up: "slates"; "regret": what the best slates would have been worth to them, less what theirs were,
  /// by the facts of what is shown; "regret_at_random": the same of slates at random. Nothing without people.
  [[nodiscard]] std::vector<std::pair<std::string, double>> figures() const;

  /// Returns once nothing of theirs is under way. Idempotent.
  void stop();

private:
  struct impl;
  explicit simulated_people(std::unique_ptr<impl> all);
  std::unique_ptr<impl> impl_;
};

} // namespace ammo::cli
