#include "runtime/store/sqlite_marker.hpp"

#include "runtime/store/store.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace ammo::store {
namespace {

constexpr std::size_t marked = 40; ///< bytes of a place that say something: a mark, and its checksum

void put_number(std::byte* to, std::uint64_t value) noexcept {
  for (int i = 0; i < 8; ++i, value >>= 8)
    to[i] = static_cast<std::byte>(value);
}
std::uint64_t number_at(const std::byte* from) noexcept {
  std::uint64_t value = 0;
  for (int i = 8; i-- > 0;)
    value = value << 8 | std::to_integer<std::uint64_t>(from[i]);
  return value;
}
std::uint64_t checksum_of(const sqlite_marker::mark& m) noexcept { return store::checksum_of({0x616d6d6f68656164, m.node.high, m.node.low, m.head, m.version}, {}); }

} // namespace

sqlite_marker::sqlite_marker(const std::string& file, const char* vfs) : name_(file + "-head" + std::string(2, '\0')) {
  auto* layer = sqlite3_vfs_find(vfs);
  if (!layer || file.empty() || file == ":memory:")
    return;
  file_ = std::make_unique<std::byte[]>(static_cast<std::size_t>(layer->szOsFile));
  std::string whole(static_cast<std::size_t>(layer->mxPathname) + 1, '\0');
  if (layer->xFullPathname(layer, name_.c_str(), layer->mxPathname, whole.data()) != SQLITE_OK)
    return;
  name_ = whole;
  auto* f = reinterpret_cast<sqlite3_file*>(file_.get());
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_JOURNAL; // with the database's permissions, and unlocked
  open_ = layer->xOpen(layer, name_.c_str(), f, flags, nullptr) == SQLITE_OK;
  if (!open_ && f->pMethods)
    f->pMethods->xClose(f);
}

sqlite_marker::~sqlite_marker() {
  if (auto* f = reinterpret_cast<sqlite3_file*>(file_.get()); open_)
    f->pMethods->xClose(f);
}

void sqlite_marker::put(std::size_t at, const place& p) noexcept {
  if (auto* f = reinterpret_cast<sqlite3_file*>(file_.get()); open_)
    (void)f->pMethods->xWrite(f, p.data(), width, static_cast<sqlite3_int64>(at * width));
}

void sqlite_marker::acknowledged(mark m) noexcept {
  for (const auto& before : read()) { // maybe another connection's
    m.version = std::max(m.version, before.version);
    if (!m.node)
      std::tie(m.node, m.head) = std::pair(before.node, before.head);
    else if (m.node == before.node)
      m.head = std::max(m.head, before.head);
  }
  place p{};
  put_number(p.data(), m.node.high);
  put_number(p.data() + 8, m.node.low);
  put_number(p.data() + 16, m.head);
  put_number(p.data() + 24, m.version);
  put_number(p.data() + 32, checksum_of(m));
  put(next_, p);
  next_ = 1 - next_;
}

std::vector<sqlite_marker::mark> sqlite_marker::read() noexcept {
  std::vector<mark> all;
  auto* f = reinterpret_cast<sqlite3_file*>(file_.get());
  for (std::size_t at = 0; open_ && at < 2; ++at) {
    place p{};
    if (f->pMethods->xRead(f, p.data(), marked, static_cast<sqlite3_int64>(at * width)) != SQLITE_OK)
      continue;
    const mark m{{number_at(p.data()), number_at(p.data() + 8)}, number_at(p.data() + 16), number_at(p.data() + 24)};
    if (number_at(p.data() + 32) == checksum_of(m))
      all.push_back(m);
  }
  return all;
}

void sqlite_marker::forget(incarnation node) noexcept {
  const auto marks = read();
  std::uint64_t version = 0;
  for (const auto& m : marks)
    version = std::max(version, m.version);
  if (std::ranges::none_of(marks, [&](const mark& m) { return m.node == node; }))
    return;
  for (std::size_t at = 0; at < 2; ++at)
    put(at, {});
  for (const auto& m : marks)
    if (m.node != node)
      acknowledged({m.node, m.head, version});
}

} // namespace ammo::store
