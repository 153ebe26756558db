#include "runtime/node/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace ammo::node {
namespace {

namespace fs = std::filesystem;

template <auto Free>
struct freed {
  template <class T>
  void operator()(T* p) const noexcept { Free(p); }
};
template <class T, auto Free>
using owned = std::unique_ptr<T, freed<Free>>;
using evp_key = owned<EVP_PKEY, EVP_PKEY_free>;
using certificate = owned<X509, X509_free>;
using bio = owned<BIO, BIO_free>;

constexpr std::string_view uri_of_nodes = "ammo://node/";
/// A clock that is behind the one of the machine that made a certificate takes it all the same.
constexpr std::chrono::hours before_now{1};

failure no_crypto(const char* what) { return {errc::system_refused, std::string("libcrypto doesn't ") + what}; }

std::string in_folder(const std::string& folder, const std::string& file) { return (fs::path(folder) / file).string(); }

std::string text_in(BIO* from) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(from, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

result<std::string> read_file(const std::string& file) {
  std::ifstream from(file, std::ios::binary);
  if (!from)
    return {errc::no_such_file, file};
  return std::string(std::istreambuf_iterator<char>(from), {});
}

/// A file that wasn't there before.
result<void> write_new(const std::string& file, const std::string& text, mode_t mode) {
  const int to = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (to < 0)
    return {errno == EEXIST ? errc::bad_value : errc::system_refused, file + ": " + std::strerror(errno)};
  const bool written = ::write(to, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(to) == 0;
  const int why = errno;
  ::close(to);
  if (written)
    return {};
  ::unlink(file.c_str());
  return {errc::system_refused, file + ": " + std::strerror(why)};
}

std::string pem_of(EVP_PKEY* key) {
  const bio to(BIO_new(BIO_s_mem()));
  return to && PEM_write_bio_PrivateKey(to.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1 ? text_in(to.get()) : std::string();
}
std::string pem_of(X509* of) {
  const bio to(BIO_new(BIO_s_mem()));
  return to && PEM_write_bio_X509(to.get(), of) == 1 ? text_in(to.get()) : std::string();
}
evp_key key_in(const std::string& pem) {
  const bio from(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return evp_key(from ? PEM_read_bio_PrivateKey(from.get(), nullptr, nullptr, nullptr) : nullptr);
}
certificate certificate_in(const std::string& pem) {
  const bio from(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return certificate(from ? PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr) : nullptr);
}

bool extend(X509* to, X509* by, int what, const std::string& says) {
  X509V3_CTX ctx;
  X509V3_set_ctx_nodb(&ctx);
  X509V3_set_ctx(&ctx, by, to, nullptr, nullptr, 0);
  const owned<X509_EXTENSION, X509_EXTENSION_free> e(X509V3_EXT_conf_nid(nullptr, &ctx, what, says.c_str()));
  return e && X509_add_ext(to, e.get(), -1) == 1;
}

/// Without a signature. `by`: who issues it; null: itself.
certificate fresh(EVP_PKEY* key, const std::string& name, X509* by, std::chrono::hours valid) {
  certificate c(X509_new());
  std::array<unsigned char, 16> number{};
  if (!c || RAND_bytes(number.data(), number.size()) != 1)
    return nullptr;
  number[0] &= 0x7F; // it is signed
  const owned<BIGNUM, BN_free> serial(BN_bin2bn(number.data(), number.size(), nullptr));
  X509_NAME* const subject = X509_get_subject_name(c.get());
  const auto seconds = [](std::chrono::hours h) { return static_cast<long>(std::chrono::seconds(h).count()); };
  const bool made = serial && BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(c.get())) && X509_set_version(c.get(), 2) == 1 &&
                    X509_gmtime_adj(X509_getm_notBefore(c.get()), -seconds(before_now) + std::min(0L, seconds(valid))) &&
                    X509_gmtime_adj(X509_getm_notAfter(c.get()), seconds(valid)) && X509_set_pubkey(c.get(), key) == 1 &&
                    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("AMMO"), -1, -1, 0) == 1 &&
                    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0) == 1 &&
                    X509_set_issuer_name(c.get(), by ? X509_get_subject_name(by) : subject) == 1;
  return made ? std::move(c) : nullptr;
}

/// As a peer verifies it.
refusal judged(X509* of, X509* authority) {
  const owned<X509_STORE, X509_STORE_free> believed(X509_STORE_new());
  const owned<X509_STORE_CTX, X509_STORE_CTX_free> ctx(X509_STORE_CTX_new());
  if (!believed || !ctx || X509_STORE_add_cert(believed.get(), authority) != 1 || X509_STORE_CTX_init(ctx.get(), believed.get(), of, nullptr) != 1)
    return refusal::bad_certificate;
  return X509_verify_cert(ctx.get()) == 1 ? refusal::none : refusal_of(X509_STORE_CTX_get_error(ctx.get()));
}

} // namespace

bool is_node_name(const std::string& name) noexcept {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 63 && letter(name.front()) && name != "ca" && std::ranges::all_of(name, [&](char c) { return letter(c) || c == '-'; });
}

refusal refusal_of(long verification) noexcept {
  switch (verification) {
  case X509_V_OK: return refusal::none;
  case X509_V_ERR_CERT_HAS_EXPIRED: return refusal::expired;
  case X509_V_ERR_CERT_NOT_YET_VALID: return refusal::not_yet_valid;
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return refusal::self_signed;
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_CERT_SIGNATURE_FAILURE:
  case X509_V_ERR_CERT_UNTRUSTED: return refusal::other_authority;
  case X509_V_ERR_INVALID_PURPOSE: return refusal::not_a_node;
  default: return refusal::bad_certificate;
  }
}

std::optional<std::string> node_in(const x509_st* of) {
  const owned<GENERAL_NAMES, GENERAL_NAMES_free> names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(of, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* n = sk_GENERAL_NAME_value(names.get(), i);
    if (n->type != GEN_URI)
      continue;
    const std::string_view uri(reinterpret_cast<const char*>(ASN1_STRING_get0_data(n->d.uniformResourceIdentifier)),
                               static_cast<std::size_t>(ASN1_STRING_length(n->d.uniformResourceIdentifier)));
    if (std::string name(uri.substr(std::min(uri.size(), uri_of_nodes.size()))); uri.starts_with(uri_of_nodes) && is_node_name(name))
      return name;
  }
  return std::nullopt;
}

result<void> make_authority(const std::string& folder, std::chrono::hours valid) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return {errc::system_refused, folder + ": " + error.message()};
  const evp_key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key)
    return no_crypto("make a key");
  const auto c = fresh(key.get(), "authority of a cluster", nullptr, valid);
  if (!c || !extend(c.get(), c.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") || !extend(c.get(), c.get(), NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !extend(c.get(), c.get(), NID_subject_key_identifier, "hash") || X509_sign(c.get(), key.get(), nullptr) == 0)
    return no_crypto("make a certificate");
  if (auto done = write_new(in_folder(folder, "ca.key"), pem_of(key.get()), 0600); !done)
    return done;
  return write_new(in_folder(folder, "ca.crt"), pem_of(c.get()), 0644);
}

result<void> make_node(const std::string& folder, const std::string& name, std::chrono::hours valid) {
  if (!is_node_name(name))
    return {errc::bad_value, "\"" + name + "\" is no name of a node: small letters, digits and -, at most 63, and not ca"};
  const auto ca_pem = read_file(in_folder(folder, "ca.crt")), ca_key_pem = read_file(in_folder(folder, "ca.key"));
  if (!ca_pem || !ca_key_pem)
    return !ca_pem ? ca_pem.error() : ca_key_pem.error();
  const auto ca = certificate_in(*ca_pem);
  const auto ca_key = key_in(*ca_key_pem);
  if (!ca || !ca_key || X509_check_private_key(ca.get(), ca_key.get()) != 1)
    return {errc::bad_value, in_folder(folder, "ca.key") + " isn't the key of ca.crt"};
  const evp_key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key)
    return no_crypto("make a key");
  const auto c = fresh(key.get(), name, ca.get(), valid);
  if (!c || !extend(c.get(), ca.get(), NID_basic_constraints, "critical,CA:FALSE") || !extend(c.get(), ca.get(), NID_key_usage, "critical,digitalSignature") ||
      !extend(c.get(), ca.get(), NID_ext_key_usage, "serverAuth,clientAuth") ||
      !extend(c.get(), ca.get(), NID_subject_alt_name, "DNS:" + name + ",URI:" + std::string(uri_of_nodes) + name) ||
      !extend(c.get(), ca.get(), NID_authority_key_identifier, "keyid") || X509_sign(c.get(), ca_key.get(), nullptr) == 0)
    return no_crypto("make a certificate");
  if (auto done = write_new(in_folder(folder, name + ".key"), pem_of(key.get()), 0600); !done)
    return done;
  return write_new(in_folder(folder, name + ".crt"), pem_of(c.get()), 0644);
}

result<material> read_material(const std::string& folder, const std::string& name) {
  if (!is_node_name(name))
    return {errc::bad_value, "\"" + name + "\" is no name of a node"};
  material m{name, {}, {}, {}};
  const std::string key_file = in_folder(folder, name + ".key"), certificate_file = in_folder(folder, name + ".crt");
  for (const auto& [to, file] : {std::pair(&m.authority, in_folder(folder, "ca.crt")), std::pair(&m.certificate, certificate_file), std::pair(&m.key, key_file)}) {
    auto text = read_file(file);
    if (!text)
      return text.error();
    *to = *std::move(text);
  }
  struct stat about {};
  if (::stat(key_file.c_str(), &about) != 0 || (about.st_mode & 077) != 0)
    return {errc::bad_value, key_file + " can be read by others: chmod 600"};
  const auto ca = certificate_in(m.authority), own = certificate_in(m.certificate);
  const auto key = key_in(m.key);
  if (!ca || !own || !key)
    return {errc::bad_value, (!ca ? in_folder(folder, "ca.crt") : !own ? certificate_file
                                                                       : key_file) +
                               " isn't PEM of what it should be"};
  if (X509_check_private_key(own.get(), key.get()) != 1)
    return {errc::bad_value, key_file + " isn't the key of " + certificate_file};
  auto why = judged(own.get(), ca.get());
  if (const auto named = node_in(own.get()); why == refusal::none && named != name)
    why = named ? refusal::other_name : refusal::not_a_node;
  if (why != refusal::none)
    return {errc::bad_value, certificate_file + ": " + std::string(name_of(why)) + ": " + std::string(sentence_of(why))};
  return m;
}

} // namespace ammo::node
