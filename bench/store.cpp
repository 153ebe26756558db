/// What durability costs: frames a second through a node's log, against the same blocks written straight to the same store by a bare loop, and
/// how long a frame waits for its acknowledgement. `bench_store [--postgres URL] [--seconds N] [--bytes N]`; SQLite without an URL. JSON.
#include "runtime/store/log_writer.hpp"
#include "runtime/store/postgres_store.hpp"
#include "runtime/store/sqlite_store.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <random>
#include <string>
#include <thread>

using namespace ammo;
using namespace ammo::store;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

namespace {

struct settings {
  std::string url;
  double seconds = 3;
  std::size_t frame = 100;
};

[[noreturn]] void end(const failure& why) {
  std::fprintf(stderr, "bench_store: %s\n", why.text().c_str());
  std::exit(1);
}

double since(steady::time_point start) { return std::chrono::duration<double>(steady::now() - start).count(); }

std::unique_ptr<state_store> open(const settings& s, const std::string& folder) {
  auto made = s.url.empty() ? open_sqlite({folder + "/state.sqlite", {}, nullptr}) : open_postgres({s.url, "ammo_bench", {}});
  if (!made)
    end(made.error());
  return std::move(*made);
}

incarnation somebody() {
  std::random_device random;
  return {std::uint64_t{random()} << 32 | random(), std::uint64_t{random()} << 32 | random()};
}

/// What a user of the database alone would write: one prepared insert, a commit for each block.
double bare(const settings& s, const std::string& folder, const bytes& data) {
  const auto start = steady::now();
  std::uint64_t blocks = 0;
  if (!s.url.empty()) {
    auto link = postgres_link::open(s.url, {});
    if (!link)
      end(link.error());
    if (auto made = (*link)->execute("drop table if exists bare; create table bare (at bigint primary key, frames bytea);"
                                     "alter table bare alter frames set storage external");
        !made)
      end(made.error());
    const auto begun = steady::now();
    for (; since(begun) < s.seconds; ++blocks) {
      const std::array<parameter, 2> row{parameter(blocks), parameter(data)};
      if (auto done = (*link)->run("insert into bare values ($1, $2)", row); !done)
        end(done.error());
    }
    return static_cast<double>(blocks) / since(begun);
  }
  sqlite3* db = nullptr;
  sqlite3_open((folder + "/bare" + std::to_string(start.time_since_epoch().count()) + ".sqlite").c_str(), &db);
  sqlite3_exec(db, "pragma journal_mode=wal; pragma synchronous=full; create table bare (at integer primary key, frames blob)", nullptr,
               nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(db, "insert into bare values (?, ?)", -1, &insert, nullptr);
  for (; since(start) < s.seconds; ++blocks) {
    sqlite3_bind_int64(insert, 1, static_cast<sqlite3_int64>(blocks));
    sqlite3_bind_blob64(insert, 2, data.data(), data.size(), SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE)
      end({errc::store_unavailable, sqlite3_errmsg(db)});
    sqlite3_reset(insert);
  }
  const double rate = static_cast<double>(blocks) / since(start);
  sqlite3_finalize(insert);
  sqlite3_close(db);
  return rate;
}

struct logged {
  double frames_a_second = 0, frames_a_block = 0, p50_ms = 0, p99_ms = 0;
};

/// Frames through the log, `a_second` of them or as many as it takes.
logged through_log(const settings& s, const std::string& folder, double a_second) {
  auto store = open(s, folder);
  const incarnation me = somebody();
  if (auto laid = store->lay_out({"coin:32", 256, 258}); !laid)
    end(laid.error());
  if (auto entered = store->enter({me, "bench", "", "", {}, 0, 0, false}, 600s); !entered)
    end(entered.error());
  std::mutex turn;
  std::vector<steady::time_point> queued; // by place
  std::vector<double> waited;
  std::size_t acknowledged = 0;
  const bytes frame(s.frame, std::byte{42});
  double frames = 0, blocks = 0;
  {
    log_writer log(std::move(store), me, {},
                   {[&](std::uint64_t durable) {
                      const auto now = steady::now();
                      const std::scoped_lock lock(turn);
                      ++blocks;
                      for (; acknowledged < durable && acknowledged < queued.size(); ++acknowledged)
                        waited.push_back(std::chrono::duration<double, std::milli>(now - queued[acknowledged]).count());
                    },
                    {},
                    {}});
    const auto start = steady::now();
    while (since(start) < s.seconds) {
      if (a_second > 0 && static_cast<double>(queued.size()) > a_second * since(start)) {
        std::this_thread::sleep_for(200us);
        continue;
      }
      const std::scoped_lock lock(turn);
      if (log.add(frame))
        queued.push_back(steady::now());
    }
    if (!log.flush(60s))
      end({errc::timed_out, "the log didn't end"});
    frames = static_cast<double>(log.durable()) / since(start);
    blocks = static_cast<double>(log.durable()) / std::max(1.0, blocks);
  }
  std::ranges::sort(waited);
  const auto at = [&](double share) { return waited.empty() ? 0 : waited[static_cast<std::size_t>(share * static_cast<double>(waited.size() - 1))]; };
  return {frames, blocks, at(0.5), at(0.99)};
}

} // namespace

int main(int argc, char** argv) {
  settings s;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--postgres") == 0)
      s.url = argv[i + 1];
    else if (std::strcmp(argv[i], "--seconds") == 0)
      s.seconds = std::strtod(argv[i + 1], nullptr);
    else if (std::strcmp(argv[i], "--bytes") == 0)
      s.frame = static_cast<std::size_t>(std::strtoul(argv[i + 1], nullptr, 10));
    else
      return std::fprintf(stderr, "usage: bench_store [--postgres URL] [--seconds N] [--bytes N]\n"), 2;
  }
  std::string folder = (std::filesystem::temp_directory_path() / "ammo_bench.XXXXXX").string();
  if (!::mkdtemp(folder.data()))
    return 1;
  const logged full = through_log(s, folder, 0);
  const bytes block(static_cast<std::size_t>(full.frames_a_block * static_cast<double>(s.frame + 4)), std::byte{42}); // the same blocks
  const double first = bare(s, folder, block) * full.frames_a_block;
  const logged again = through_log(s, folder, 0);
  const double second = bare(s, folder, block) * full.frames_a_block;
  const logged half = through_log(s, folder, full.frames_a_second / 2);
  std::printf("{\"store\": \"%s\", \"frame_bytes\": %zu, \"frames_a_block\": %.0f, \"bare_frames_a_second\": [%.0f, %.0f],"
              " \"frames_a_second\": [%.0f, %.0f],\n"
              " \"ratio\": %.2f, \"half_load\": {\"p50_ms\": %.2f, \"p99_ms\": %.2f}}\n",
              s.url.empty() ? "sqlite" : "postgres", s.frame, full.frames_a_block, first, second, full.frames_a_second,
              again.frames_a_second, (full.frames_a_second + again.frames_a_second) / (first + second), half.p50_ms, half.p99_ms);
  std::filesystem::remove_all(folder);
}
