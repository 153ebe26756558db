/// libcrypto's objects as values, and PEM. For this room's files that make and judge certificates.
#pragma once

#include "actors/base/result.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <memory>
#include <string>
#include <string_view>

namespace ammo::node {

template <auto Free>
struct freed {
  template <class T>
  void operator()(T* p) const noexcept { Free(p); }
};
template <class T, auto Free>
using owned = std::unique_ptr<T, freed<Free>>;
using evp_key = owned<EVP_PKEY, EVP_PKEY_free>;
using certificate = owned<X509, X509_free>;
using revocations = owned<X509_CRL, X509_CRL_free>;
using bio = owned<BIO, BIO_free>;

inline constexpr std::string_view uri_of_nodes = "ammo://node/";

/// Null: it is no PEM of that.
[[nodiscard]] evp_key key_in(const std::string& pem);
[[nodiscard]] certificate certificate_in(const std::string& pem);
[[nodiscard]] revocations revocations_in(const std::string& pem);

/// What libcrypto writes to memory; empty: it doesn't.
template <class Write>
[[nodiscard]] std::string text_of(Write write) {
  const bio to(BIO_new(BIO_s_mem()));
  if (!to || write(to.get()) != 1)
    return {};
  char* data = nullptr;
  const auto size = BIO_get_mem_data(to.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

/// FOLDER/FILE.
[[nodiscard]] std::string in_folder(const std::string& folder, const std::string& file);
/// Errors: `no_such_file`.
[[nodiscard]] result<std::string> read_file(const std::string& file);

} // namespace ammo::node
