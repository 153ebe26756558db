#include "runtime/node/certificates.hpp"

#include "runtime/node/x509.hpp"

#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <sys/stat.h>
#include <utility>

namespace ammo::node {
namespace {

bio reading(const std::string& pem) { return bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

} // namespace

std::string in_folder(const std::string& folder, const std::string& file) { return (std::filesystem::path(folder) / file).string(); }

result<std::string> read_file(const std::string& file) {
  std::ifstream from(file, std::ios::binary);
  if (!from || std::filesystem::is_directory(file))
    return {errc::no_such_file, file};
  return std::string(std::istreambuf_iterator<char>(from), {});
}

evp_key key_in(const std::string& pem) {
  const auto from = reading(pem);
  const auto no_password = [](char*, int, int, void*) { return -1; }; // else OpenSSL asks on the terminal
  return evp_key(from ? PEM_read_bio_PrivateKey(from.get(), nullptr, no_password, nullptr) : nullptr);
}
certificate certificate_in(const std::string& pem) {
  const auto from = reading(pem);
  return certificate(from ? PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr) : nullptr);
}
revocations revocations_in(const std::string& pem) {
  const auto from = reading(pem);
  return revocations(from ? PEM_read_bio_X509_CRL(from.get(), nullptr, nullptr, nullptr) : nullptr);
}

bool is_node_name(const std::string& name) noexcept {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 63 && letter(name.front()) && name != "ca" && std::ranges::all_of(name, [&](char c) { return letter(c) || c == '-'; });
}

refusal refusal_of(long verification) noexcept {
  switch (verification) {
  case X509_V_OK: return refusal::none;
  case X509_V_ERR_CERT_HAS_EXPIRED: return refusal::expired;
  case X509_V_ERR_CRL_NOT_YET_VALID:
  case X509_V_ERR_CERT_NOT_YET_VALID: return refusal::not_yet_valid;
  case X509_V_ERR_CERT_REVOKED: return refusal::removed;
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return refusal::self_signed;
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_UNABLE_TO_GET_CRL: // there is one of the authority: the certificate is another's
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

bool believe(x509_store_st* store, const material& m) {
  const auto authority = certificate_in(m.authority);
  if (!authority || X509_STORE_add_cert(store, authority.get()) != 1)
    return false;
  if (m.removed.empty())
    return true;
  const auto removed = revocations_in(m.removed);
  return removed && X509_STORE_add_crl(store, removed.get()) == 1 && X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) == 1;
}

refusal judge(x509_st* peer, const material& by, std::time_t now) {
  const owned<X509_STORE, X509_STORE_free> believed(X509_STORE_new());
  const owned<X509_STORE_CTX, X509_STORE_CTX_free> ctx(X509_STORE_CTX_new());
  if (!believed || !ctx || !believe(believed.get(), by) || X509_STORE_CTX_init(ctx.get(), believed.get(), peer, nullptr) != 1)
    return refusal::bad_certificate;
  X509_STORE_CTX_set_time(ctx.get(), 0, now);
  if (X509_verify_cert(ctx.get()) != 1)
    return refusal_of(X509_STORE_CTX_get_error(ctx.get()));
  return node_in(peer) ? refusal::none : refusal::not_a_node;
}

std::string ends_on(const std::string& certificate_pem) {
  const auto c = certificate_in(certificate_pem);
  std::tm day{};
  std::array<char, 16> text{};
  if (!c || ASN1_TIME_to_tm(X509_get0_notAfter(c.get()), &day) != 1)
    return {};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &day)};
}

result<material> read_material(const std::string& folder, const std::string& name) {
  if (!is_node_name(name))
    return {errc::bad_value, "\"" + name + "\" is no name of a node"};
  material m{.name = name, .authority = {}, .certificate = {}, .key = {}, .removed = {}, .folder = folder};
  const std::string ca_file = in_folder(folder, "ca.crt"), removed_file = in_folder(folder, "ca.crl");
  const std::string key_file = in_folder(folder, name + ".key"), certificate_file = in_folder(folder, name + ".crt");
  for (const auto& [to, file] : {std::pair(&m.authority, ca_file), std::pair(&m.certificate, certificate_file), std::pair(&m.key, key_file)}) {
    auto text = read_file(file);
    if (!text)
      return text.error();
    *to = *std::move(text);
  }
  if (auto text = read_file(removed_file)) // an authority of another tool may have none
    m.removed = *std::move(text);
  struct stat about {};
  if (::stat(key_file.c_str(), &about) != 0 || (about.st_mode & 077) != 0)
    return {errc::bad_value, key_file + " can be read by others: chmod 600"};
  const auto ca = certificate_in(m.authority), own = certificate_in(m.certificate);
  const auto key = key_in(m.key);
  if (!ca || !own || !key)
    return {errc::bad_value, (!ca ? ca_file : !own ? certificate_file
                                                   : key_file) +
                               " isn't PEM of what it should be"};
  if (const auto removed = revocations_in(m.removed); !m.removed.empty() && (!removed || X509_CRL_verify(removed.get(), X509_get0_pubkey(ca.get())) != 1))
    return {errc::bad_value, removed_file + " isn't the list of " + ca_file};
  if (X509_check_private_key(own.get(), key.get()) != 1)
    return {errc::bad_value, key_file + " isn't the key of " + certificate_file};
  auto why = judge(own.get(), m, std::time(nullptr));
  if (why == refusal::none && node_in(own.get()) != name)
    why = refusal::other_name;
  if (why != refusal::none)
    return {errc::bad_value, certificate_file + ": " + std::string(name_of(why)) + ": " + std::string(sentence_of(why))};
  return m;
}

} // namespace ammo::node
