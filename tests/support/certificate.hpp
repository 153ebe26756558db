/// Certificates that a test makes for itself, by an authority of its own, as `ammo keys init` and `ammo keys node --host` make them.
#pragma once

#include "runtime/node/certificates.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace ammo::testing {

inline std::string text_of_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct made_certificate {
  std::string authority, certificate, key; ///< in PEM
};

/// Of a site, for clients that know it by these names and addresses.
inline made_certificate certificate_for(const std::vector<std::string>& hosts) {
  const scratch at("ammo-authority");
  const auto folder = at.folder.string();
  REQUIRE(node::make_authority(folder));
  REQUIRE(node::make_node(folder, "site", node::year_of_a_node, hosts));
  return {text_of_file(folder + "/ca.crt"), text_of_file(folder + "/site.crt"), text_of_file(folder + "/site.key")};
}

/// Both as files of a folder of their own.
struct certified {
  scratch folder{"ammo-certificate"};
  std::string certificate, key;
  std::string trusted; ///< the authority, in PEM
  explicit certified(const std::vector<std::string>& hosts = {"site.example", "localhost", "127.0.0.1"}) { renew(certificate_for(hosts)); }
  void renew(const made_certificate& by) {
    certificate = folder.write("site.pem", by.certificate);
    key = folder.write("site.key", by.key);
    trusted = by.authority;
  }
};

} // namespace ammo::testing
