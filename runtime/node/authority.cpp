/// The making half of certificates.hpp: what writes into an authority's folder. Whoever does holds a lock on ca.issued.
#include "runtime/node/certificates.hpp"
#include "runtime/node/x509.hpp"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace ammo::node {
namespace {

namespace fs = std::filesystem;
using bignum = owned<BIGNUM, BN_free>;

/// A clock that is behind the one of the machine that made a certificate takes it all the same.
constexpr std::chrono::seconds before_now{3'600};

failure no_crypto(const char* what) { return {errc::system_refused, std::string("libcrypto doesn't ") + what}; }
failure no_file(const std::string& file, int why) { return {errc::system_refused, file + ": " + std::strerror(why)}; }

struct descriptor {
  int fd = -1;
  explicit descriptor(int of) : fd(of) {}
  descriptor(descriptor&& other) noexcept : fd(std::exchange(other.fd, -1)) {}
  descriptor& operator=(descriptor&&) = delete;
  ~descriptor() {
    if (fd >= 0)
      ::close(fd);
  }
  [[nodiscard]] bool write(const std::string& text) const {
    return ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  }
};

/// A file that wasn't there before.
result<void> write_new(const std::string& file, const std::string& text, mode_t mode) {
  const descriptor to(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (to.fd < 0)
    return errno == EEXIST ? failure{errc::bad_value, file + " is there already, and stays as it is"} : no_file(file, errno);
  if (to.write(text))
    return {};
  const int why = errno;
  ::unlink(file.c_str());
  return no_file(file, why);
}

/// In the place of the one that is there, in one step.
result<void> replace(const std::string& file, const std::string& text, mode_t mode) {
  const std::string beside = file + ".new";
  ::unlink(beside.c_str());
  if (auto written = write_new(beside, text, mode); !written)
    return written;
  return ::rename(beside.c_str(), file.c_str()) == 0 ? result<void>{} : no_file(file, errno);
}

std::string pem_of(EVP_PKEY* key) {
  return text_of([&](BIO* to) { return PEM_write_bio_PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr); });
}
std::string pem_of(X509* of) {
  return text_of([&](BIO* to) { return PEM_write_bio_X509(to, of); });
}
std::string pem_of(X509_CRL* of) {
  return text_of([&](BIO* to) { return PEM_write_bio_X509_CRL(to, of); });
}

bool extend(X509* to, X509* by, int what, const std::string& says) {
  X509V3_CTX ctx;
  X509V3_set_ctx_nodb(&ctx);
  X509V3_set_ctx(&ctx, by, to, nullptr, nullptr, 0);
  const owned<X509_EXTENSION, X509_EXTENSION_free> e(X509V3_EXT_conf_nid(nullptr, &ctx, what, says.c_str()));
  return e && X509_add_ext(to, e.get(), -1) == 1;
}

/// Without a signature. `by`: who issues it; null: itself.
certificate fresh(EVP_PKEY* key, const std::string& name, X509* by, std::chrono::seconds valid) {
  certificate c(X509_new());
  std::array<unsigned char, 16> number{};
  if (!c || RAND_bytes(number.data(), number.size()) != 1)
    return nullptr;
  number[0] = static_cast<unsigned char>((number[0] & 0x3F) | 0x40); // it is signed, and always as long
  const bignum serial(BN_bin2bn(number.data(), number.size(), nullptr));
  X509_NAME* const subject = X509_get_subject_name(c.get());
  const long last = static_cast<long>(valid.count());
  const bool made = serial && BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(c.get())) && X509_set_version(c.get(), 2) == 1 &&
                    X509_gmtime_adj(X509_getm_notBefore(c.get()), -before_now.count() + std::min(0L, last)) && X509_gmtime_adj(X509_getm_notAfter(c.get()), last) &&
                    X509_set_pubkey(c.get(), key) == 1 &&
                    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("AMMO"), -1, -1, 0) == 1 &&
                    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0) == 1 &&
                    X509_set_issuer_name(c.get(), by ? X509_get_subject_name(by) : subject) == 1;
  return made ? std::move(c) : nullptr;
}

bool is_address(const std::string& host) {
  std::array<unsigned char, 16> any{};
  return ::inet_pton(AF_INET, host.c_str(), any.data()) == 1 || ::inet_pton(AF_INET6, host.c_str(), any.data()) == 1;
}
bool is_host(const std::string& host) {
  const auto letter = [](unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return is_address(host) || (!host.empty() && host.size() <= 253 && host.front() != '.' && host.front() != '-' && std::ranges::all_of(host, letter));
}

/// An authority's folder, while somebody writes in it.
struct workshop {
  std::string folder;
  descriptor issued; ///< locked
  certificate ca;
  evp_key key;
};

result<workshop> open_workshop(const std::string& folder) {
  const auto ca_pem = read_file(in_folder(folder, "ca.crt")), key_pem = read_file(in_folder(folder, "ca.key"));
  if (!ca_pem || !key_pem)
    return failure{errc::no_such_file, (!ca_pem ? ca_pem : key_pem).error().detail + ": an authority is made by ammo keys init"};
  const std::string list = in_folder(folder, "ca.issued");
  workshop w{folder, descriptor(::open(list.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)), certificate_in(*ca_pem), key_in(*key_pem)};
  if (!w.ca || !w.key || X509_check_private_key(w.ca.get(), w.key.get()) != 1)
    return {errc::bad_value, in_folder(folder, "ca.key") + " isn't the key of ca.crt"};
  if (w.issued.fd < 0 || ::flock(w.issued.fd, LOCK_EX) != 0)
    return no_file(list, errno);
  return w;
}

std::string hex_of(const ASN1_INTEGER* serial) {
  const bignum n(ASN1_INTEGER_to_BN(serial, nullptr));
  char* const text = n ? BN_bn2hex(n.get()) : nullptr;
  std::string out = text ? text : "";
  OPENSSL_free(text);
  return out;
}

/// A key and a certificate of that node, noted as issued.
result<std::pair<std::string, std::string>> issue(const workshop& by, const std::string& name, std::chrono::seconds valid, const std::vector<std::string>& hosts) {
  const evp_key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key)
    return no_crypto("make a key");
  std::string names = "DNS:" + name + ",URI:" + std::string(uri_of_nodes) + name;
  for (const auto& host : hosts)
    names += (is_address(host) ? ",IP:" : ",DNS:") + host;
  const auto c = fresh(key.get(), name, by.ca.get(), valid);
  if (!c || !extend(c.get(), by.ca.get(), NID_basic_constraints, "critical,CA:FALSE") || !extend(c.get(), by.ca.get(), NID_key_usage, "critical,digitalSignature") ||
      !extend(c.get(), by.ca.get(), NID_ext_key_usage, "serverAuth,clientAuth") || !extend(c.get(), by.ca.get(), NID_subject_alt_name, names) ||
      !extend(c.get(), by.ca.get(), NID_authority_key_identifier, "keyid") || X509_sign(c.get(), by.key.get(), nullptr) == 0)
    return no_crypto("make a certificate");
  const std::string pem = pem_of(c.get());
  if (!by.issued.write(hex_of(X509_get0_serialNumber(c.get())) + ' ' + name + ' ' + ends_on(pem) + '\n'))
    return no_file(in_folder(by.folder, "ca.issued"), errno);
  return std::pair(pem_of(key.get()), pem);
}

result<void> check(const std::string& name, const std::vector<std::string>& hosts) {
  if (!is_node_name(name))
    return {errc::bad_value, "\"" + name + "\" is no name of a node: small letters, digits and -, at most 63, and not ca"};
  if (const auto bad = std::ranges::find_if_not(hosts, is_host); bad != hosts.end())
    return {errc::bad_value, "\"" + *bad + "\" is no name of a host, and no address in digits"};
  return {};
}

/// An empty list, or the one that is there, signed anew.
bool sign(X509_CRL* list, const workshop& by) {
  // It counts wherever the authority does, also by a clock that is behind this machine's.
  return X509_CRL_set_version(list, 1) == 1 && X509_CRL_set_issuer_name(list, X509_get_subject_name(by.ca.get())) == 1 &&
         X509_CRL_set1_lastUpdate(list, X509_get0_notBefore(by.ca.get())) == 1 && X509_CRL_sort(list) == 1 && X509_CRL_sign(list, by.key.get(), nullptr) != 0;
}

bool strike(X509_CRL* list, const std::string& serial) {
  BIGNUM* number = nullptr;
  const auto length = BN_hex2bn(&number, serial.c_str());
  const bignum keep(number);
  if (length == 0 || static_cast<std::size_t>(length) != serial.size())
    return false;
  const owned<ASN1_INTEGER, ASN1_INTEGER_free> as_number(BN_to_ASN1_INTEGER(number, nullptr));
  X509_REVOKED* known = nullptr;
  if (X509_CRL_get0_by_serial(list, &known, as_number.get()) == 1)
    return true;
  owned<X509_REVOKED, X509_REVOKED_free> one(X509_REVOKED_new());
  const owned<ASN1_TIME, ASN1_TIME_free> now(X509_gmtime_adj(nullptr, 0));
  if (!one || !now || X509_REVOKED_set_serialNumber(one.get(), as_number.get()) != 1 || X509_REVOKED_set_revocationDate(one.get(), now.get()) != 1 ||
      X509_CRL_add0_revoked(list, one.get()) != 1)
    return false;
  (void)one.release(); // it is the list's now
  return true;
}

/// A key and a certificate, in the place of those that a node has, or of none.
result<void> give(const std::string& folder, const std::string& name, std::chrono::seconds valid, const std::vector<std::string>& hosts, bool again) {
  if (auto fine = check(name, hosts); !fine)
    return fine;
  const auto work = open_workshop(folder);
  if (!work)
    return work.error();
  const std::string key_file = in_folder(folder, name + ".key"), certificate_file = in_folder(folder, name + ".crt");
  std::error_code none;
  if (again && !fs::exists(certificate_file, none))
    return {errc::no_such_file, certificate_file + ": there is nothing to renew"};
  for (const auto& file : {key_file, certificate_file})
    if (!again && fs::exists(file, none))
      return {errc::bad_value, file + " is there already, and stays as it is"};
  const auto made = issue(*work, name, valid, hosts);
  if (!made)
    return made.error();
  const auto write = again ? replace : write_new;
  if (auto done = write(key_file, made->first, 0600); !done) // who reads now finds that they don't fit, and reads again
    return done;
  return write(certificate_file, made->second, 0644);
}

} // namespace

result<void> make_authority(const std::string& folder, std::chrono::seconds valid) {
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
  if (auto done = write_new(in_folder(folder, "ca.crt"), pem_of(c.get()), 0644); !done)
    return done;
  auto work = open_workshop(folder);
  if (!work)
    return work.error();
  const revocations none(X509_CRL_new());
  if (!none || !sign(none.get(), *work))
    return no_crypto("sign a list");
  return write_new(in_folder(folder, "ca.crl"), pem_of(none.get()), 0644);
}

result<void> make_node(const std::string& folder, const std::string& name, std::chrono::seconds valid, const std::vector<std::string>& hosts) {
  return give(folder, name, valid, hosts, false);
}

result<void> renew_node(const std::string& folder, const std::string& name, std::chrono::seconds valid, const std::vector<std::string>& hosts) {
  return give(folder, name, valid, hosts, true);
}

result<std::size_t> remove_node(const std::string& folder, const std::string& name) {
  if (auto fine = check(name, {}); !fine)
    return fine.error();
  const auto work = open_workshop(folder);
  if (!work)
    return work.error();
  const std::string list_file = in_folder(folder, "ca.crl");
  const auto known = read_file(list_file), issued = read_file(in_folder(folder, "ca.issued"));
  if (!known)
    return known.error();
  const auto list = revocations_in(*known);
  if (!list)
    return {errc::bad_value, list_file + " isn't PEM of a list"};
  std::size_t struck = 0;
  std::istringstream lines(issued ? *issued : std::string());
  for (std::string serial, whose, ends; lines >> serial >> whose >> ends;)
    if (whose == name) {
      if (!strike(list.get(), serial))
        return {errc::bad_value, in_folder(folder, "ca.issued") + ": \"" + serial + "\" is no number of a certificate"};
      ++struck;
    }
  if (struck == 0)
    return {errc::no_such_file, in_folder(folder, "ca.issued") + ": no certificate was made for \"" + name + '"'};
  if (!sign(list.get(), *work))
    return no_crypto("sign a list");
  if (auto done = replace(list_file, pem_of(list.get()), 0644); !done)
    return done.error();
  for (const auto& file : {in_folder(folder, name + ".crt"), in_folder(folder, name + ".key")})
    if (::unlink(file.c_str()) != 0 && errno != ENOENT)
      return no_file(file, errno);
  return struck;
}

} // namespace ammo::node
