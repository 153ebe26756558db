#include "runtime/writing/generators.hpp"

#include "runtime/config/deployment_layout.hpp"
#include "runtime/writing/process_generator.hpp"
#include "subspaces/template_writer.hpp"

namespace ammo {

result<std::vector<std::shared_ptr<text_generator>>> generators_of(const options& deployment, std::vector<text_sense> senses,
                                                                   std::function<void(errc)> noted) {
  std::vector<std::shared_ptr<text_generator>> out;
  const auto& who = deployment.goal.generator;
  if (who.empty())
    return out;
  std::shared_ptr<text_generator> shared;
  if (who != "template") {
    auto command = command_of(who);
    if (!command)
      return command.error();
    auto started = process_generator::start(
      {.command = std::move(*command), .timeout = std::chrono::milliseconds{deployment.goal.generator_timeout_ms}},
      std::move(noted));
    if (!started)
      return started.error();
    shared = std::move(*started);
  }
  const auto blocks = blocks_of(deployment);
  senses.resize(deployment.subspaces.size());
  for (std::size_t at = 0; at < deployment.subspaces.size(); ++at) {
    const auto& s = deployment.subspaces[at];
    auto writer = shared ? shared : std::make_shared<template_writer>(deployment.kinds.find(s.kind)->writing);
    out.push_back(std::make_shared<writing_desk>(std::move(writer), std::move(senses[at]),
                                                 blocks[at].coordinates.width, static_cast<float>(s.norm_cap)));
  }
  return out;
}

} // namespace ammo
