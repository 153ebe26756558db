#include "runtime/gateway/transport/tls_identity.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <system_error>
#include <utility>

namespace ammo::web {
namespace {

bool opens(const std::string& file) { return std::ifstream(file, std::ios::binary).good() && !std::filesystem::is_directory(file); }

} // namespace

result<std::shared_ptr<tls_identity>> tls_identity::load(std::string certificate, std::string key) {
  std::shared_ptr<tls_identity> out(new tls_identity(std::move(certificate), std::move(key)));
  out->of_ = out->looked_at();
  auto first = out->read();
  if (!first)
    return first.error();
  out->context_ = std::move(*first);
  return out;
}

tls_identity::stamp tls_identity::looked_at() const {
  std::error_code gone; // then its time is the smallest
  return {std::filesystem::last_write_time(certificate_, gone), std::filesystem::last_write_time(key_, gone)};
}

result<std::shared_ptr<tls_context>> tls_identity::read() const {
  for (const auto* file : {&certificate_, &key_})
    if (!opens(*file))
      return {errc::no_such_file, *file + " can't be opened"};
  auto made = std::make_shared<tls_context>(tls_context::tls_server);
  SSL_CTX* const raw = made->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS); // most connections are silent most of the time
  boost_error error;
  made->use_certificate_chain_file(certificate_, error);
  if (error)
    return {errc::bad_value, certificate_ + " has no certificate in PEM: " + error.message()};
  made->set_password_callback([](std::size_t, tls_context::password_purpose) { return std::string(); }, error); // else OpenSSL asks on the terminal
  made->use_private_key_file(key_, tls_context::pem, error);
  if (error)
    return {errc::bad_value, key_ + " has no key in PEM, without a password, that belongs to " + certificate_ + ": " + error.message()};
  if (SSL_CTX_check_private_key(raw) != 1)
    return {errc::bad_value, key_ + " is the key of another certificate than " + certificate_};
  return made;
}

tls_identity::offer tls_identity::current(std::chrono::steady_clock::time_point now) {
  std::lock_guard locked(changing_);
  bool refused = false;
  if (now - looked_ >= std::chrono::seconds(1)) {
    looked_ = now;
    if (const auto is = looked_at(); is != of_) {
      if (auto renewed = read()) {
        context_ = std::move(*renewed);
        of_ = is;
      } else {
        refused = std::exchange(refused_, is) != is; // counted once, tried again: rights may change without the file's time
      }
    }
  }
  return {context_, refused};
}

bool tls_identity::is_for(std::string_view host) const {
  if (host.empty())
    return false;
  std::lock_guard locked(changing_);
  X509* const certificate = SSL_CTX_get0_certificate(context_->native_handle());
  const std::string name(host);
  return certificate && (X509_check_host(certificate, name.data(), name.size(), 0, nullptr) == 1 || X509_check_ip_asc(certificate, name.c_str(), 0) == 1);
}

} // namespace ammo::web
