/// The three backends, each with any number of stores on one state, and a clock for those that have none of their own.
#pragma once

#include "runtime/store/memory_store.hpp"
#include "runtime/store/postgres_store.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "tests/support/private_postgres.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace ammo::test {

/// A folder that goes with its owner.
struct temporary_folder {
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ammo_store.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()));
    path = name;
  }
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  std::filesystem::path path;
};

/// A state that stores are opened on.
struct backend {
  std::string name;
  std::function<std::unique_ptr<store::state_store>()> open;
};

inline std::unique_ptr<store::state_store> opened(result<std::unique_ptr<store::state_store>> made) {
  INFO((made ? std::string{} : made.error().text()));
  REQUIRE(made);
  return std::move(*made);
}

inline std::function<std::chrono::milliseconds()> reading(std::shared_ptr<std::chrono::milliseconds> clock) {
  return [clock] { return *clock; };
}

inline backend in_memory(std::shared_ptr<std::chrono::milliseconds> clock) {
  auto tables = std::make_shared<store::memory_tables>(reading(clock));
  return {"memory", [tables] { return store::open_memory(tables); }};
}

inline backend in_sqlite(const temporary_folder& folder, std::shared_ptr<std::chrono::milliseconds> clock) {
  const std::string file = (folder.path / "state.sqlite").string();
  return {"sqlite", [file, clock] { return opened(store::open_sqlite({file, reading(clock), nullptr})); }};
}

/// Each in tables of its own. The server's clock judges leases.
inline backend in_postgres() {
  static int made = 0;
  const std::string schema = "test_" + std::to_string(++made);
  return {"postgres", [schema] { return opened(store::open_postgres({private_postgres(), schema, {}})); }};
}

inline store::bytes bytes_of(const std::string& text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

} // namespace ammo::test
