#include "runtime/node/identity.hpp"

#include <openssl/ssl.h>

#include <ctime>
#include <filesystem>
#include <sys/stat.h>
#include <utility>

namespace ammo::node {
namespace {

result<std::shared_ptr<ssl::context>> context_of(const material& shows) {
  auto made = std::make_shared<ssl::context>(ssl::context::tls);
  SSL_CTX* const raw = made->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_num_tickets(raw, 0); // nobody resumes: every certificate is looked at
  made->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  const auto in = [](const std::string& pem) { return net::buffer(pem.data(), pem.size()); };
  boost_error e;
  if (made->use_certificate(in(shows.certificate), ssl::context::pem, e) || made->use_private_key(in(shows.key), ssl::context::pem, e))
    return {errc::bad_value, "TLS doesn't take the certificates: " + e.message()};
  if (!believe(SSL_CTX_get_cert_store(raw), shows))
    return {errc::bad_value, "TLS doesn't take the authority"};
  return made;
}

} // namespace

result<identity> identity::of(material shows) {
  identity out;
  out.shows_ = std::move(shows);
  auto made = context_of(out.shows_);
  if (!made)
    return made.error();
  out.tls_ = *std::move(made);
  return out;
}

identity::stamps identity::looked_at() const {
  stamps out{};
  std::size_t i = 0;
  for (const auto& file : {std::string("ca.crt"), std::string("ca.crl"), shows_.name + ".crt", shows_.name + ".key"}) {
    struct stat s {};
    if (::stat((std::filesystem::path(shows_.folder) / file).c_str(), &s) == 0)
      out[i] = {static_cast<std::int64_t>(s.st_ino), s.st_size, std::int64_t{s.st_mtim.tv_sec} * 1'000'000'000 + s.st_mtim.tv_nsec};
    ++i;
  }
  return out;
}

identity::change identity::look() {
  if (shows_.folder.empty())
    return {};
  const auto is = looked_at();
  if (is == of_)
    return {};
  auto renewed = read_material(shows_.folder, shows_.name);
  if (renewed && renewed->removed.empty() && !shows_.removed.empty())
    renewed = failure{errc::no_such_file, "ca.crl is gone: who was removed stays so"};
  auto made = renewed ? context_of(*renewed) : result<std::shared_ptr<ssl::context>>(renewed.error());
  if (!made) // tried again: rights may change without a file's time
    return {false, std::exchange(refused_, is) != is ? made.error().text() : std::string()};
  shows_ = *std::move(renewed);
  tls_ = *std::move(made);
  of_ = is;
  return {true, {}};
}

refusal identity::judge(x509_st* peer) const { return node::judge(peer, shows_, std::time(nullptr)); }

} // namespace ammo::node
