/// Certificates that a test makes for itself: of Ed25519, signed by their own key, for names of this machine and of a site.
#pragma once

#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace ammo::testing {

struct made_certificate {
  std::string certificate, key; ///< in PEM
};

/// `names`: as OpenSSL writes them, "DNS:site.example,IP:127.0.0.1".
inline made_certificate certificate_for(const std::string& names, long serial = 1) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), &X509_free);
  REQUIRE((key && made));
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3'600);
  auto* subject = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("ammo test"), -1, -1, 0);
  X509_set_issuer_name(made.get(), subject);
  X509_set_pubkey(made.get(), key.get());
  auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  REQUIRE(extension);
  X509_add_ext(made.get(), extension, -1);
  X509_EXTENSION_free(extension);
  REQUIRE(X509_sign(made.get(), key.get(), nullptr) > 0);
  const auto text = [](auto write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> into(BIO_new(BIO_s_mem()), &BIO_free);
    REQUIRE(write(into.get()) == 1);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(into.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
  };
  return {text([&](BIO* to) { return PEM_write_bio_X509(to, made.get()); }),
          text([&](BIO* to) { return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr); })};
}

/// Both as files of a folder of their own.
struct certified {
  scratch folder{"ammo-certificate"};
  std::string certificate, key;
  explicit certified(const std::string& names = "DNS:site.example,DNS:localhost,IP:127.0.0.1") { renew(certificate_for(names)); }
  void renew(const made_certificate& by) {
    certificate = folder.write("site.pem", by.certificate);
    key = folder.write("site.key", by.key);
  }
};

} // namespace ammo::testing
