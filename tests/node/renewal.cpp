/// Certificates that change while nodes run: new ones are shown, and who was removed or has expired is let go of.
#include "runtime/node/x509.hpp"
#include "tests/support/linked_nodes.hpp"

using namespace ammo;
using namespace ammo::node;
using namespace ammo::testing;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

/// An authority of its own, and each node's files in a folder of their own, as on machines of their own.
struct machines {
  scratch place{"ammo_renewal"};
  std::string authority = (place.folder / "authority").string();
  machines() {
    REQUIRE(make_authority(authority));
    for (const char* name : {"anna", "bela"}) {
      REQUIRE(make_node(authority, name));
      fs::create_directories(folder_of(name));
      deliver(name);
    }
  }
  [[nodiscard]] std::string folder_of(const std::string& name) const { return (place.folder / name).string(); }
  void deliver(const std::string& name) const {
    for (const auto& file : {std::string("ca.crt"), std::string("ca.crl"), name + ".crt", name + ".key"})
      bring(file, name);
  }
  void bring(const std::string& file, const std::string& name) const { // as one copies: beside, then in its place
    const auto to = folder_of(name) + "/" + file;
    fs::copy_file(authority + "/" + file, to + ".new", fs::copy_options::overwrite_existing);
    fs::rename(to + ".new", to);
  }
  [[nodiscard]] material of(const std::string& name) const {
    auto m = read_material(folder_of(name), name);
    REQUIRE(m);
    return *m;
  }
};

void quick(link_options& how) { how.look = 20ms; }

/// What is shown at a port.
std::string shown_at(std::uint16_t port, const material& by) {
  raw_peer p(port, by);
  X509* const c = SSL_get0_peer_certificate(p.ws->next_layer().native_handle());
  return text_of([&](BIO* to) { return PEM_write_bio_X509(to, c); });
}

} // namespace

TEST_CASE("a renewed certificate is shown to whoever comes, and links stay up", "[renewal]") {
  const machines all;
  one_node a(anna, all.of("anna"), quick), b(bela, all.of("bela"), quick);
  b.on->reach("127.0.0.1", a.on->port());
  REQUIRE(comes_true([&] { return a.count(a.up) == 1; }));
  const auto before = all.of("anna").certificate;
  CHECK(shown_at(a.on->port(), all.of("bela")) == before);

  REQUIRE(renew_node(all.authority, "anna"));
  all.bring("anna.crt", "anna"); // without its key: it can't be used yet
  REQUIRE(a.was_refused(refusal::unusable_files));
  CHECK(shown_at(a.on->port(), all.of("bela")) == before);
  all.bring("anna.key", "anna");
  const auto after = all.of("anna").certificate;
  CHECK(after != before);
  CHECK(comes_true([&] { return shown_at(a.on->port(), all.of("bela")) == after; }));
  CHECK(a.on->refused().of(refusal::unusable_files) == 1); // said once of a change

  a.on->send(bela, {role::aipp, 1}, store::unit_id{3}, 7, 8, text("as before"), false);
  CHECK(comes_true([&] { return b.count(b.letters) == 1; }));
  CHECK((a.count(a.down) == 0 && b.count(b.down) == 0));
}

TEST_CASE("a node that was removed loses its links, and is refused by name until it has a new certificate", "[renewal]") {
  const machines all;
  one_node a(anna, all.of("anna"), quick);
  const auto port = a.on->port();
  auto b = std::make_unique<one_node>(bela, all.of("bela"), quick);
  b->on->reach("127.0.0.1", port);
  REQUIRE(comes_true([&] { return a.count(a.up) == 1; }));

  REQUIRE(remove_node(all.authority, "bela"));
  all.bring("ca.crl", "anna");
  REQUIRE(comes_true([&] { return a.count(a.down) == 1; }));
  CHECK(a.down.front() == refusal::removed);
  const auto at_first = a.on->refused().of(refusal::removed);
  CHECK(comes_true([&] { return a.on->refused().of(refusal::removed) >= at_first + 2; })); // it tries again, and again
  CHECK(a.count(a.up) == 1);

  fs::remove(all.folder_of("anna") + "/ca.crl"); // who takes the list away brings nobody back
  CHECK(a.was_refused(refusal::unusable_files));
  const auto later = a.on->refused().of(refusal::removed);
  CHECK(comes_true([&] { return a.on->refused().of(refusal::removed) >= later + 2; }));
  all.bring("ca.crl", "anna");

  REQUIRE(make_node(all.authority, "bela"));
  all.deliver("bela"); // its program goes on running
  CHECK(comes_true([&] { return a.count(a.up) == 2; }));
}

TEST_CASE("a link ends when the certificate that was shown does", "[renewal]") {
  const machines all;
  REQUIRE(renew_node(all.authority, "bela", 3s));
  all.deliver("bela");
  one_node a(anna, all.of("anna"), quick);
  one_node b(bela, all.of("bela"), quick);
  b.on->reach("127.0.0.1", a.on->port());
  REQUIRE(comes_true([&] { return a.count(a.up) == 1; }));
  REQUIRE(comes_true([&] { return a.count(a.down) == 1; }));
  CHECK(a.down.front() == refusal::expired);
  REQUIRE(renew_node(all.authority, "bela"));
  all.deliver("bela");
  CHECK(comes_true([&] { return a.count(a.up) == 2; }));
}
