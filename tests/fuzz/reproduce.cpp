// Runs a fuzz target over files, and over all files of folders: `.hex` files as hexadecimal digits, others as they are.
#include "tests/support/hex.hpp"

#include <cstdint>
#include <cstdio>
#include <filesystem>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

void run(const fs::path& file) {
  std::printf("%s\n", file.c_str()); // before it runs: the last name printed is the one that failed
  std::fflush(stdout);
  std::string text = ammo::test::read_text(file);
  auto bytes = file.extension() == ".hex" ? ammo::test::from_hex(text) : std::vector<std::byte>{};
  auto data = file.extension() == ".hex" ? reinterpret_cast<const char*>(bytes.data()) : text.data();
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(data), file.extension() == ".hex" ? bytes.size() : text.size());
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FILE|FOLDER...\n", argv[0]);
    return 2;
  }
  for (int i = 1; i < argc; ++i) {
    if (!fs::exists(argv[i])) {
      std::fprintf(stderr, "%s: no such file or folder\n", argv[i]);
      return 2;
    }
    if (!fs::is_directory(argv[i])) {
      run(argv[i]);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(argv[i]))
      if (entry.is_regular_file())
        run(entry.path());
  }
}
