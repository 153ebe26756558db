/// What a link between two nodes carries: frames of 512 bytes over mutual TLS on loopback, in our batches, beside CAF's own BASP with caf_openssl, which sends
/// each by itself. Both in this process, one after the other, by the same certificates; at most so many frames are on their way. `bench_link [--seconds N] [--rounds N]
/// [--bytes N] [--window N]`. JSON. The only program of the house that links BASP.
#include "runtime/node/links.hpp"

#include <CLI/CLI.hpp>
#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace ammo;
using steady = std::chrono::steady_clock;

namespace {

struct settings {
  double seconds = 3;
  std::size_t rounds = 5, bytes = 512, window = 16'384;
  std::string folder;
};

[[noreturn]] void end(const std::string& why) {
  std::fprintf(stderr, "bench_link: %s\n", why.c_str());
  std::exit(1);
}

/// Frames that have come, and whoever waits for some of them.
class arrivals {
public:
  void one() {
    if ((count_.fetch_add(1, std::memory_order_release) & 1023) == 1023)
      count_.notify_all();
  }
  [[nodiscard]] std::uint64_t count() const { return count_.load(std::memory_order_acquire); }
  /// Until fewer than `window` of `sent` are on their way.
  void wait(std::uint64_t sent, std::uint64_t window) const {
    for (auto now = count(); sent - now >= window; now = count())
      count_.wait(now, std::memory_order_acquire);
  }

private:
  std::atomic<std::uint64_t> count_{0};
};

struct measured {
  double per_second = 0, processor_us = 0; ///< frames; of both sides, a frame
};

double processor_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// Sends for so many seconds, and counts what has come.
template <class Send>
measured rate(const settings& s, const arrivals& come, Send send) {
  std::uint64_t sent = come.count();
  const auto warm = sent + 2 * s.window;
  for (; sent < warm; ++sent) {
    come.wait(sent, s.window);
    send();
  }
  const auto before = come.count();
  const auto start = steady::now();
  const double used = processor_seconds();
  const auto until = start + std::chrono::duration<double>(s.seconds);
  for (; (sent & 255) != 0 || steady::now() < until; ++sent) {
    come.wait(sent, s.window);
    send();
  }
  const double taken = std::chrono::duration<double>(steady::now() - start).count();
  const auto frames = static_cast<double>(come.count() - before);
  return {frames / taken, 1e6 * (processor_seconds() - used) / frames};
}

measured of_links(const settings& s) {
  constexpr store::incarnation first{1, 1}, second{1, 2};
  arrivals come;
  std::atomic<bool> up{false};
  const auto open = [&](const std::string& name, store::incarnation who, node::link_events events) {
    auto shows = node::read_material(s.folder, name);
    if (!shows)
      end(shows.error().text());
    node::link_options how;
    how.shows = *std::move(shows);
    how.says = {cluster::link_version, 1, 2, who, {}, "bench"};
    auto made = node::links::open(std::move(how), std::move(events));
    if (!made)
      end(made.error().text());
    return *std::move(made);
  };
  const auto receiver = open("anna", first, {{}, [&](const cluster::hello&, const cluster::letter&) { come.one(); }, {}, {}});
  const auto sender = open("bela", second, {[&](const cluster::hello&) { up = true, up.notify_all(); }, {}, {}, {}});
  sender->reach("127.0.0.1", receiver->port());
  up.wait(false);
  const store::bytes frame(s.bytes, std::byte{'x'});
  return rate(s, come, [&] { sender->send(first, {role::aipp, 1}, store::unit_id{3}, 7, 8, frame, false); });
}

struct basp_config : caf::actor_system_config {
  basp_config(const std::string& folder, const std::string& name) {
    load<caf::io::middleman>();
    load<caf::openssl::manager>();
    set("scheduler.max-threads", 1);
    openssl_certificate = folder + "/" + name + ".crt";
    openssl_key = folder + "/" + name + ".key";
    openssl_cafile = folder + "/ca.crt";
  }
};

measured of_basp(const settings& s) {
  arrivals come;
  basp_config one(s.folder, "anna"), two(s.folder, "bela");
  caf::actor_system receiving(one), sending(two);
  const auto takes = receiving.spawn([&](caf::event_based_actor*) { return caf::behavior{[&](const std::string&) { come.one(); }}; });
  const auto port = caf::openssl::publish(takes, 0, "127.0.0.1");
  if (!port)
    end("BASP doesn't listen: " + receiving.render(port.error()));
  const auto there = caf::openssl::remote_actor(sending, "127.0.0.1", *port);
  if (!there)
    end("BASP doesn't connect: " + sending.render(there.error()));
  const std::string frame(s.bytes, 'x');
  const auto got = rate(s, come, [&] { caf::anon_send(*there, frame); });
  caf::anon_send_exit(takes, caf::exit_reason::user_shutdown);
  return got;
}

/// Of all rounds, by their medians.
nlohmann::json said_of(const std::vector<measured>& rounds) {
  const auto median = [&](double measured::*what) {
    std::vector<double> of;
    for (const auto& r : rounds)
      of.push_back(r.*what);
    std::ranges::sort(of);
    return of[of.size() / 2];
  };
  nlohmann::json all = nlohmann::json::array();
  for (const auto& r : rounds)
    all.push_back(std::lround(r.per_second));
  return {{"frames_per_second", std::lround(median(&measured::per_second))}, {"processor_us_per_frame", median(&measured::processor_us)}, {"rounds", all}};
}

} // namespace

int main(int argc, char** argv) {
  settings s;
  CLI::App app{"Frames a second over a link, beside CAF's BASP"};
  app.add_option("--seconds", s.seconds, "Of each measurement")->check(CLI::Range(0.1, 600.0));
  app.add_option("--rounds", s.rounds, "Of both; medians count")->check(CLI::Range(1, 100));
  app.add_option("--bytes", s.bytes, "Of a frame")->check(CLI::Range(1, 1 << 20));
  app.add_option("--window", s.window, "Frames on their way")->check(CLI::Range(1, 1 << 20));
  bool links_only = false;
  app.add_flag("--links-only", links_only, "Without BASP: to be profiled");
  CLI11_PARSE(app, argc, argv);
  const auto folder = std::filesystem::temp_directory_path() / ("ammo_bench_link." + std::to_string(::getpid()));
  s.folder = folder.string();
  if (auto made = node::make_authority(s.folder); !made)
    end(made.error().text());
  for (const char* name : {"anna", "bela"})
    if (auto made = node::make_node(s.folder, name); !made)
      end(made.error().text());
  std::vector<measured> ours, theirs;
  for (std::size_t i = 0; i < s.rounds; ++i) {
    ours.push_back(of_links(s));
    if (!links_only)
      theirs.push_back(of_basp(s));
  }
  std::filesystem::remove_all(folder);
  nlohmann::json said{{"frame_bytes", s.bytes}, {"seconds", s.seconds}, {"window", s.window}, {"links", said_of(ours)}};
  if (!links_only) {
    said["basp"] = said_of(theirs);
    const auto by = [&](const char* what) { return said["links"][what].get<double>() / said["basp"][what].get<double>(); };
    said["ratio"] = by("frames_per_second");
    said["processor_ratio"] = 1 / by("processor_us_per_frame");
  }
  std::puts(said.dump(2).c_str());
}
