#include "runtime/node/certificates.hpp"
#include "runtime/node/x509.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <set>
#include <sys/stat.h>

using namespace ammo;
using namespace ammo::node;
using namespace std::chrono_literals;

namespace {

unsigned mode_of(const std::filesystem::path& file) {
  struct stat s {};
  REQUIRE(::stat(file.c_str(), &s) == 0);
  return s.st_mode & 0777;
}

std::string why_not(const std::string& folder, const std::string& name) {
  const auto m = read_material(folder, name);
  return m ? "" : m.error().text();
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

} // namespace

TEST_CASE("an authority makes nodes, whose material is read and fits", "[certificates]") {
  const scratch s("ammo_certificates");
  const std::string folder = (s.folder / "new").string();
  REQUIRE(make_authority(folder));
  REQUIRE(make_node(folder, "anna"));
  REQUIRE(make_node(folder, "node-2"));
  const auto m = read_material(folder, "anna");
  REQUIRE(m);
  CHECK(m->name == "anna");
  CHECK(has(m->certificate, "BEGIN CERTIFICATE"));
  CHECK(mode_of(s.folder / "new/anna.key") == 0600);
  CHECK(mode_of(s.folder / "new/ca.key") == 0600);
  CHECK(mode_of(s.folder / "new/anna.crt") == 0644);
}

TEST_CASE("nothing that is there is overwritten, and names are names", "[certificates]") {
  const scratch s("ammo_certificates");
  const std::string folder = s.folder.string();
  CHECK(make_node(folder, "anna").code() == errc::no_such_file); // no authority
  REQUIRE(make_authority(folder));
  CHECK(make_authority(folder).code() == errc::bad_value);
  REQUIRE(make_node(folder, "anna"));
  const auto before = *read_material(folder, "anna");
  CHECK(make_node(folder, "anna").code() == errc::bad_value);
  CHECK(read_material(folder, "anna")->key == before.key);
  for (const char* bad : {"", "ca", "-a", "Anna", "a b", "a/b", "../a", "a,URI:ammo://node/b", "a.b", "ä"})
    CHECK(make_node(folder, bad).code() == errc::bad_value);
  CHECK(make_node(folder, std::string(64, 'a')).code() == errc::bad_value);
  CHECK(make_node(folder, std::string(63, 'a')));
}

TEST_CASE("material that wouldn't be believed is refused by name", "[certificates]") {
  const scratch s("ammo_certificates");
  const std::string folder = (s.folder / "a").string(), other = (s.folder / "b").string();
  REQUIRE(make_authority(folder));
  REQUIRE(make_authority(other));
  for (const char* name : {"anna", "bela"}) {
    REQUIRE(make_node(folder, name));
    REQUIRE(make_node(other, name));
  }
  REQUIRE(make_node(folder, "old", -2h));
  CHECK(has(why_not(folder, "old"), "expired"));
  CHECK(read_material(folder, "nobody").code() == errc::no_such_file);

  const auto swapped = [&](const std::string& from, const std::string& to) {
    std::filesystem::copy_file(from, folder + "/" + to, std::filesystem::copy_options::overwrite_existing);
  };
  swapped(other + "/anna.crt", "anna.crt"); // with a key of its own
  CHECK(has(why_not(folder, "anna"), "isn't the key of"));
  swapped(other + "/anna.key", "anna.key");
  CHECK(has(why_not(folder, "anna"), "other_authority"));
  swapped(folder + "/bela.crt", "carl.crt");
  swapped(folder + "/bela.key", "carl.key");
  CHECK(has(why_not(folder, "carl"), "other_name"));
  std::filesystem::permissions(folder + "/bela.key", std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  CHECK(has(why_not(folder, "bela"), "chmod 600"));
  s.write("a/bela.crt", "no certificate");
  std::filesystem::permissions(folder + "/bela.key", std::filesystem::perms::group_read, std::filesystem::perm_options::remove);
  CHECK(has(why_not(folder, "bela"), "isn't PEM"));
}

TEST_CASE("a node is renewed in its place, and what it had still counts", "[certificates]") {
  const scratch s("ammo_certificates");
  const std::string folder = s.folder.string();
  REQUIRE(make_authority(folder));
  CHECK(renew_node(folder, "anna").code() == errc::no_such_file);
  REQUIRE(make_node(folder, "anna", 24h));
  const auto before = *read_material(folder, "anna");
  REQUIRE(renew_node(folder, "anna", 48h, {"anna.example", "10.0.0.1"}));
  const auto after = *read_material(folder, "anna");
  CHECK((after.certificate != before.certificate && after.key != before.key));
  CHECK(ends_on(after.certificate) > ends_on(before.certificate));
  CHECK(mode_of(s.folder / "anna.key") == 0600);
  CHECK(mode_of(s.folder / "anna.crt") == 0644);
  for (const auto& m : {before, after})
    CHECK(judge(certificate_in(m.certificate).get(), after, std::time(nullptr)) == refusal::none);
  for (const char* bad : {"", "a b", "x,URI:ammo://node/bela", ".example", "ä.example"})
    CHECK(renew_node(folder, "anna", 24h, {bad}).code() == errc::bad_value);
  CHECK(read_material(folder, "anna")->key == after.key);
}

TEST_CASE("a node that is removed counts no longer, under any certificate that it had", "[certificates]") {
  const scratch s("ammo_certificates");
  const std::string folder = s.folder.string();
  REQUIRE(make_authority(folder));
  CHECK(remove_node(folder, "anna").code() == errc::no_such_file);
  REQUIRE(make_node(folder, "anna"));
  REQUIRE(make_node(folder, "bela"));
  const auto first = *read_material(folder, "anna");
  REQUIRE(renew_node(folder, "anna"));
  const auto second = *read_material(folder, "anna");
  const auto removed = remove_node(folder, "anna");
  REQUIRE(removed);
  CHECK(*removed == 2);
  CHECK_FALSE(std::filesystem::exists(folder + "/anna.key"));
  const auto bela = *read_material(folder, "bela");
  const auto now = std::time(nullptr);
  for (const auto& m : {first, second}) {
    CHECK(judge(certificate_in(m.certificate).get(), bela, now) == refusal::removed);
    CHECK(judge(certificate_in(m.certificate).get(), first, now) == refusal::none); // who hasn't heard of it
  }
  CHECK(judge(certificate_in(bela.certificate).get(), bela, now) == refusal::none);
  REQUIRE(make_node(folder, "anna")); // its name isn't burnt
  REQUIRE(read_material(folder, "anna"));
  CHECK(*remove_node(folder, "bela") == 1);
  CHECK(judge(certificate_in(second.certificate).get(), *read_material(folder, "anna"), now) == refusal::removed);

  // Its files, put back, are refused by its own name, and a list of another authority is no list.
  s.write("bela.crt", bela.certificate);
  std::filesystem::permissions(s.write("bela.key", bela.key), std::filesystem::perms::owner_read);
  CHECK(has(why_not(folder, "bela"), "removed"));
  const scratch elsewhere("ammo_other_authority");
  REQUIRE(make_authority(elsewhere.folder.string()));
  std::filesystem::copy_file(elsewhere.folder / "ca.crl", s.folder / "ca.crl", std::filesystem::copy_options::overwrite_existing);
  CHECK(has(why_not(folder, "anna"), "isn't the list of"));
  s.write("ca.crl", "garbage");
  CHECK(has(why_not(folder, "anna"), "isn't the list of"));
  CHECK(remove_node(folder, "anna").code() == errc::bad_value);
}

TEST_CASE("a certificate is judged at a time", "[certificates]") {
  const scratch s("ammo_certificates");
  const std::string folder = s.folder.string();
  REQUIRE(make_authority(folder));
  REQUIRE(make_node(folder, "anna", 3h));
  const auto m = *read_material(folder, "anna");
  const auto c = certificate_in(m.certificate);
  const auto now = std::time(nullptr);
  const auto at = [&](std::chrono::seconds after) { return judge(c.get(), m, now + after.count()); };
  CHECK(at(0s) == refusal::none);
  CHECK(at(-30min) == refusal::none); // a clock that is behind
  CHECK(at(-2h) == refusal::not_yet_valid);
  CHECK(at(2h) == refusal::none);
  CHECK(at(4h) == refusal::expired);
  CHECK(judge(certificate_in(m.authority).get(), m, now) == refusal::not_a_node);
}

TEST_CASE("every refusal has a name of its own and a sentence", "[certificates]") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < static_cast<std::size_t>(refusal::end_); ++i) {
    names.insert(name_of(static_cast<refusal>(i)));
    CHECK(sentence_of(static_cast<refusal>(i)).back() == '.');
  }
  CHECK(names.size() == static_cast<std::size_t>(refusal::end_));
}
