#include "subspaces/csv.hpp"

#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <sys/stat.h>

using ammo::csv_table;
using ammo::errc;

namespace {

const scratch& here() {
  static const scratch folder("ammo_csv");
  return folder;
}

/// What is wrong with a file of this text, with the path cut off before its name.
std::string refusal(std::string_view text, const std::vector<std::string_view>& columns = {"name", "size"}) {
  auto table = csv_table::read(here().write("t.csv", text), columns);
  REQUIRE_FALSE(table);
  CHECK(table.code() == errc::bad_data_line);
  return table.error().detail.substr(table.error().detail.find("t.csv"));
}

} // namespace

TEST_CASE("a CSV file is read as it is written", "[csv]") {
  auto path = here().write("t.csv", "\xEF\xBB\xBFsize,extra,name\n"
                                    "1.5,x,plain\n"
                                    "-2e3,,\"a, \"\"quoted\"\"\nname\"\r\n"
                                    "7,\"\",\xC3\xA9t\xC3\xA9");
  auto table = csv_table::read(path, {"name", "size"});
  REQUIRE(table);
  CHECK(table->size() == 3);
  CHECK(table->width() == 3);
  CHECK(table->column(0) == "name");
  CHECK(table->column(2) == "extra");
  CHECK(table->text(0, 0) == "plain");
  CHECK(table->text(1, 0) == "a, \"quoted\"\nname");
  CHECK(table->text(2, 0) == "\xC3\xA9t\xC3\xA9");
  CHECK(table->text(1, 2).empty());
  CHECK(table->whole(2, 1, 8).value() == 7);
}

TEST_CASE("a broken line is refused with its file, its line and what was expected", "[csv]") {
  CHECK(refusal("name,size\na,1\n\"b,2\nc,3\n") == "t.csv:3: expected a closing quote");
  CHECK(refusal("name,size\n\"a\"b,1\n") == "t.csv:2: expected a comma or the line's end after a closing quote");
  CHECK(refusal("name,size\na\"b\",1\n") == "t.csv:2: expected quotes around a whole field only");
  CHECK(refusal("name,size\na,1\rb,2\n") == "t.csv:2: expected a newline after a carriage return");
  CHECK(refusal("name,size\n\"a\nb\",1\nc\n") == "t.csv:4: expected 2 fields, found 1");
  CHECK(refusal("name,size\na,1,2\n") == "t.csv:2: expected 2 fields, found 3");
  CHECK(refusal("name,size\n\n") == "t.csv:2: expected 2 fields, found 1");
  CHECK(refusal("name,size\n\xE9t\xE9,1\n") == "t.csv:2: expected UTF-8 without NUL bytes");
  CHECK(refusal("name,size\na,1\n\xED\xA0\x80,1\n") == "t.csv:3: expected UTF-8 without NUL bytes");
  CHECK(refusal(std::string_view("name,size\na\0b,1\n", 16)) == "t.csv:2: expected UTF-8 without NUL bytes");
  CHECK(refusal("name,size,name\na,1,b\n") == "t.csv:1: expected columns of different names, found \"name\" twice");
  CHECK(refusal("name,weight\na,1\n") == "t.csv:1: expected a column \"size\"");
}

TEST_CASE("what is no number is refused where it stands", "[csv]") {
  auto path = here().write("t.csv", "name,size\na,1\nb,large\nc,nan\nd,9\ne,-1\nf,1e99\n");
  auto table = csv_table::read(path, {"name", "size"});
  REQUIRE(table);
  auto detail = [&](std::size_t row) {
    auto refused = table->numbers(row, 1);
    REQUIRE(refused.code() == errc::bad_data_line);
    return refused.error().detail.substr(refused.error().detail.find("t.csv"));
  };
  CHECK(table->numbers(0, 1).value() == std::vector{1.0f});
  CHECK(detail(1) == "t.csv:3: expected a number as size, found \"large\"");
  CHECK(detail(2) == "t.csv:4: expected a number as size, found \"nan\"");
  CHECK(detail(5) == "t.csv:7: expected a number as size, found \"1e99\"");
  CHECK(table->whole(3, 1, 10).value() == 9);
  CHECK(table->whole(3, 1, 9).code() == errc::bad_data_line);
  CHECK(table->whole(4, 1, 9).code() == errc::bad_data_line);
}

TEST_CASE("a file that isn't there is named", "[csv]") {
  auto path = (here().folder / "nowhere.csv").string();
  CHECK(csv_table::read(path, {}).error() == ammo::failure{errc::missing_data, path});
  CHECK(csv_table::read(here().folder.string(), {}).code() == errc::missing_data);
}

TEST_CASE("a table is a regular file of a size that is read", "[csv]") {
  const auto refused = [](const std::string& path, const std::string& why) {
    const auto table = csv_table::read(path, {"name"});
    REQUIRE_FALSE(table);
    CHECK(table.code() == errc::missing_data);
    CHECK_THAT(table.error().detail, Catch::Matchers::Contains(why));
  };
  const auto fifo = (here().folder / "fifo.csv").string();
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  refused(fifo, "is no regular file");
  refused("/dev/zero", "is no regular file");
  refused(here().folder.string(), "is no regular file");
  const auto large = here().write("large.csv", "name\n");
  std::filesystem::resize_file(large, (256u << 20) + 1); // without a block on the disk
  refused(large, "268435457 bytes");
}

TEST_CASE("a row that repeats another's key is refused with both lines", "[csv]") {
  auto path = here().write("t.csv", "name,size,note\na,1,x\na,2,x\nb,1,x\na,1,another\n");
  CHECK(csv_table::read(path, {"name", "size"}));
  auto repeated = csv_table::read(path, {"name", "size"}, 2);
  REQUIRE(repeated.code() == errc::bad_data_line);
  CHECK(repeated.error().detail == path + ":5: expected a row of its own, found that of line 2 again");
  CHECK(csv_table::read(path, {"name", "size", "note"}, 3));
  CHECK(csv_table::read(path, {"name", "size"}, 1).error().detail == path + ":3: expected a row of its own, found that of line 2 again");
}
