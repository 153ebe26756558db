#include "tests/support/faulty_files.hpp"

#include "actors/base/random.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace ammo::test {

/// SQLite's view: a file layer whose functions find these files.
struct faulty_files::layer {
  sqlite3_vfs vfs{};
};

namespace {

struct open_file {
  sqlite3_file base; // first: SQLite casts
  faulty_files* all;
  std::shared_ptr<faulty_files::file>* of;
};

open_file& own(sqlite3_file* f) { return *reinterpret_cast<open_file*>(f); }
faulty_files& all_of(sqlite3_vfs* v) { return *static_cast<faulty_files*>(v->pAppData); }

int close(sqlite3_file* f) {
  delete own(f).of;
  return SQLITE_OK;
}
int read(sqlite3_file* f, void* to, int n, sqlite3_int64 at) { return own(f).all->read(**own(f).of, to, n, static_cast<std::uint64_t>(at)); }
int write(sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
  const auto* first = static_cast<const std::byte*>(from);
  return own(f).all->put(**own(f).of, {static_cast<std::uint64_t>(at), {first, first + n}, false});
}
int truncate(sqlite3_file* f, sqlite3_int64 size) { return own(f).all->put(**own(f).of, {static_cast<std::uint64_t>(size), {}, true}); }
int sync(sqlite3_file* f, int) { return own(f).all->sync(**own(f).of); }
int size(sqlite3_file* f, sqlite3_int64* n) {
  *n = static_cast<sqlite3_int64>((*own(f).of)->now.size());
  return SQLITE_OK;
}
int lock(sqlite3_file*, int) { return SQLITE_OK; }
int reserved(sqlite3_file*, int* is) {
  *is = 0;
  return SQLITE_OK;
}
int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector(sqlite3_file*) { return 4096; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; } // as of the file layer that is in use
int map_shared(sqlite3_file* f, int page, int bytes, int extend, void volatile** to) {
  auto& shared = (*own(f).of)->shared;
  if (shared.size() <= static_cast<std::size_t>(page)) {
    if (extend == 0) {
      *to = nullptr;
      return SQLITE_OK;
    }
    shared.resize(static_cast<std::size_t>(page) + 1);
  }
  auto& region = shared[static_cast<std::size_t>(page)];
  region.resize(static_cast<std::size_t>(bytes));
  *to = region.data();
  return SQLITE_OK;
}
int lock_shared(sqlite3_file*, int, int, int) { return SQLITE_OK; }
void barrier(sqlite3_file*) {}
int unmap_shared(sqlite3_file* f, int forget) {
  if (forget != 0)
    (*own(f).of)->shared.clear();
  return SQLITE_OK;
}

const sqlite3_io_methods methods{2, close, read, write, truncate, sync, size, lock, lock, reserved, control, sector, characteristics,
                                 map_shared, lock_shared, barrier, unmap_shared, nullptr, nullptr};

int open(sqlite3_vfs* v, sqlite3_filename path, sqlite3_file* f, int flags, int* told) {
  auto& o = own(f);
  o.base.pMethods = nullptr;
  auto found = all_of(v).find(path ? path : "temporary", (flags & SQLITE_OPEN_CREATE) != 0);
  if (!found)
    return SQLITE_CANTOPEN;
  o.all = &all_of(v);
  o.of = new std::shared_ptr<faulty_files::file>(std::move(found));
  o.base.pMethods = &methods;
  if (told)
    *told = flags;
  return SQLITE_OK;
}
int remove(sqlite3_vfs* v, const char* path, int) { return all_of(v).remove(path); }
int access(sqlite3_vfs* v, const char* path, int, int* is) {
  *is = all_of(v).exists(path);
  return SQLITE_OK;
}
int full_path(sqlite3_vfs*, const char* path, int n, char* to) {
  sqlite3_snprintf(n, to, "%s", path);
  return SQLITE_OK;
}
int randomness(sqlite3_vfs*, int n, char* to) {
  std::memset(to, 0x5A, static_cast<std::size_t>(n));
  return n;
}
int sleep(sqlite3_vfs*, int us) { return us; }
int time(sqlite3_vfs*, double* days) {
  *days = 2461000;
  return SQLITE_OK;
}

} // namespace

faulty_files::faulty_files(std::uint64_t seed) : layer_(std::make_unique<layer>()), state_(seed) {
  static std::uint64_t made = 0;
  name_ = "faulty" + std::to_string(++made);
  auto& v = layer_->vfs;
  v.iVersion = 1;
  v.szOsFile = sizeof(open_file);
  v.mxPathname = 512;
  v.zName = name_.c_str();
  v.pAppData = this;
  v.xOpen = open;
  v.xDelete = ammo::test::remove;
  v.xAccess = access;
  v.xFullPathname = full_path;
  v.xRandomness = randomness;
  v.xSleep = ammo::test::sleep;
  v.xCurrentTime = ammo::test::time;
  sqlite3_vfs_register(&v, 0);
}

faulty_files::~faulty_files() { sqlite3_vfs_unregister(&layer_->vfs); }

std::uint64_t faulty_files::random(std::uint64_t below) {
  splitmix64 g(state_);
  const auto drawn = g();
  state_ = g.state();
  return drawn % below;
}

void faulty_files::fail(file_fault what, std::uint64_t calls_from_now) {
  what_ = what;
  fails_at_ = calls_ + calls_from_now;
  done_ = false;
}

file_fault faulty_files::step(bool writes) {
  const auto at = calls_++;
  if (down_)
    return file_fault::crash;
  const bool any = what_ == file_fault::io_error || what_ == file_fault::crash;
  if (done_ || what_ == file_fault::none || at < fails_at_ || !(any || writes))
    return file_fault::none;
  done_ = true;
  down_ = what_ == file_fault::crash;
  return what_;
}

void faulty_files::apply(std::vector<std::byte>& to, const write& w) {
  if (w.truncates)
    return to.resize(w.at);
  to.resize(std::max<std::size_t>(to.size(), w.at + w.data.size()));
  std::ranges::copy(w.data, to.begin() + static_cast<std::ptrdiff_t>(w.at));
}

std::shared_ptr<faulty_files::file> faulty_files::find(const std::string& path, bool make) {
  if (const auto found = files_.find(path); found != files_.end())
    return found->second;
  return make && !down_ ? files_.emplace(path, std::make_shared<file>()).first->second : nullptr;
}

int faulty_files::remove(const std::string& path) {
  if (step(false) != file_fault::none)
    return SQLITE_IOERR_DELETE;
  files_.erase(path);
  return SQLITE_OK;
}

int faulty_files::read(const file& f, void* to, int n, std::uint64_t at) {
  if (step(false) != file_fault::none)
    return SQLITE_IOERR_READ;
  const auto wanted = static_cast<std::size_t>(n);
  const auto there = at < f.now.size() ? std::min<std::size_t>(wanted, f.now.size() - at) : 0;
  if (there > 0)
    std::memcpy(to, f.now.data() + at, there);
  std::memset(static_cast<std::byte*>(to) + there, 0, wanted - there);
  return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int faulty_files::put(file& f, write w) {
  switch (step(true)) {
  case file_fault::none: break;
  case file_fault::lost:
    if (!w.truncates)
      f.now.resize(std::max<std::size_t>(f.now.size(), w.at + w.data.size()));
    return SQLITE_OK;
  case file_fault::no_space: return SQLITE_FULL;
  case file_fault::torn:
    if (!w.truncates && !w.data.empty()) {
      w.data.resize(random(w.data.size()));
      apply(f.now, w);
      f.since.push_back(std::move(w));
    }
    return SQLITE_IOERR_WRITE;
  default: return w.truncates ? SQLITE_IOERR_TRUNCATE : SQLITE_IOERR_WRITE;
  }
  apply(f.now, w);
  f.since.push_back(std::move(w));
  return SQLITE_OK;
}

int faulty_files::sync(file& f) {
  if (step(false) != file_fault::none)
    return SQLITE_IOERR_FSYNC;
  f.synced = f.now;
  f.since.clear();
  return SQLITE_OK;
}

void faulty_files::restart(bool machine) {
  for (auto& [path, f] : files_) {
    auto disk = machine ? f->synced : f->now;
    for (auto& w : f->since)
      if (!machine)
        break;
      else if (const auto fate = random(3); fate > 0) { // it came to the disk, or a part of it
        if (fate == 2 && !w.data.empty())
          w.data.resize(random(w.data.size()) + 1);
        apply(disk, w);
      }
    auto fresh = std::make_shared<file>(); // whoever holds the old one belongs to the process that is gone
    fresh->now = fresh->synced = std::move(disk);
    f = std::move(fresh);
  }
  down_ = false;
  what_ = file_fault::none;
}

bool faulty_files::flip_a_bit() {
  std::uint64_t bytes = 0;
  for (const auto& [path, f] : files_)
    bytes += f->now.size();
  if (bytes == 0)
    return false;
  auto at = random(bytes);
  for (auto& [path, f] : files_) {
    if (at < f->now.size()) {
      f->now[at] ^= static_cast<std::byte>(1u << random(8));
      f->synced = f->now;
      return true;
    }
    at -= f->now.size();
  }
  return false;
}

} // namespace ammo::test
