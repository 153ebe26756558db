#include "runtime/gateway/keys/key_ring.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <unistd.h>

namespace ammo::web {
namespace {

EVP_PKEY* of(const evp_key& key) noexcept { return static_cast<EVP_PKEY*>(key.get()); }

struct bio_deleter {
  void operator()(BIO* b) const noexcept { BIO_free(b); }
};
using bio = std::unique_ptr<BIO, bio_deleter>;
struct context_deleter {
  void operator()(EVP_MD_CTX* c) const noexcept { EVP_MD_CTX_free(c); }
};
using digest_context = std::unique_ptr<EVP_MD_CTX, context_deleter>;

const unsigned char* bytes_of(std::string_view s) noexcept { return reinterpret_cast<const unsigned char*>(s.data()); }

std::string text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Null where it is no Ed25519 key in PEM.
evp_key read_pem(const std::string& text, bool is_private) {
  const bio in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  // An empty password, given, so that nobody is asked for one on a terminal.
  static char none[] = "";
  evp_key key(in ? is_private ? PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, none) : PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, none) : nullptr);
  if (key && EVP_PKEY_id(of(key)) != EVP_PKEY_ED25519)
    key.reset();
  return key;
}

std::string pem_of(const evp_key& key, bool is_private) {
  const bio out(BIO_new(BIO_s_mem()));
  const bool written = out && (is_private ? PEM_write_bio_PrivateKey(out.get(), of(key), nullptr, nullptr, 0, nullptr, nullptr) : PEM_write_bio_PUBKEY(out.get(), of(key))) == 1;
  char* data = nullptr;
  const long size = written ? BIO_get_mem_data(out.get(), &data) : 0;
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

/// A new file with these permissions. Errors: `bad_value` (it is there), `system_refused`.
result<void> write_new(const std::string& file, const std::string& text, int permissions) {
  const int at = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions);
  if (at < 0)
    return {errno == EEXIST ? errc::bad_value : errc::system_refused, file + ": " + std::strerror(errno)};
  const bool whole = write(at, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(at) == 0;
  close(at);
  return whole ? result<void>{} : result<void>{errc::system_refused, file + " can't be written"};
}

} // namespace

void evp_key_deleter::operator()(void* key) const noexcept { EVP_PKEY_free(static_cast<EVP_PKEY*>(key)); }

bool is_kid(std::string_view name) noexcept {
  const auto fine = [](unsigned char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; };
  return !name.empty() && name.size() <= longest_kid && std::ranges::all_of(name, fine);
}

result<std::shared_ptr<const key_ring>> key_ring::load(const std::string& folder) {
  auto ring = std::make_shared<key_ring>();
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".pub")
      continue;
    const auto kid = entry.path().stem().string();
    auto key = read_pem(text_of(entry.path()), false);
    if (!is_kid(kid) || !key)
      return {errc::bad_value, entry.path().string() + " is no Ed25519 public key in PEM with a name of letters, digits, - and _"};
    ring->add(kid, std::move(key));
  }
  if (error)
    return {errc::no_such_file, folder + ": " + error.message()};
  if (ring->keys_.empty())
    return {errc::no_such_file, folder + " has no key; `ammo keys new` makes one"};
  return std::shared_ptr<const key_ring>(std::move(ring));
}

bool key_ring::verifies(std::string_view kid, std::string_view signed_text, std::string_view signature) const noexcept {
  const auto key = keys_.find(kid);
  if (key == keys_.end() || signature.size() != signature_bytes)
    return false;
  const digest_context context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, of(key->second)) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(signed_text), signed_text.size()) == 1;
}

result<evp_key> fresh_key() {
  evp_key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key)
    return {errc::system_refused, "libcrypto makes no key"};
  return key;
}

result<evp_key> public_of(const evp_key& key) {
  auto half = read_pem(pem_of(key, false), false);
  if (!half)
    return {errc::system_refused, "libcrypto writes no public key"};
  return half;
}

std::string signature_of(const evp_key& key, std::string_view text) {
  std::string out(signature_bytes, '\0');
  std::size_t size = out.size();
  const digest_context context(EVP_MD_CTX_new());
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, of(key)) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes_of(text), text.size()) != 1)
    return {};
  return out;
}

result<void> write_key(const std::string& folder, const std::string& kid, const evp_key& key) {
  if (!is_kid(kid))
    return {errc::bad_value, "\"" + kid + "\" is no name of a key: letters, digits, - and _, at most " + std::to_string(longest_kid)};
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return {errc::system_refused, folder + ": " + error.message()};
  const auto file = (std::filesystem::path(folder) / kid).string();
  if (auto done = write_new(file + ".key", pem_of(key, true), 0600); !done)
    return done;
  return write_new(file + ".pub", pem_of(key, false), 0644);
}

result<evp_key> read_private_key(const std::string& folder, const std::string& kid) {
  const auto file = (std::filesystem::path(folder) / (kid + ".key")).string();
  if (!is_kid(kid) || !std::filesystem::exists(file))
    return {errc::no_such_file, file};
  auto key = read_pem(text_of(file), true);
  if (!key)
    return {errc::bad_value, file + " is no Ed25519 private key in PEM"};
  return key;
}

} // namespace ammo::web
