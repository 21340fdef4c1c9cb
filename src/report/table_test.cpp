#include "report/table.hpp"

#include <gtest/gtest.h>

namespace burin {
namespace {

TEST(Table, AlignsColumns) {
  Table table({{"Name", Align::kLeft}, {"Size"}, {"Note", Align::kLeft}});
  table.add_row({"a", "1.5", "first"});
  table.add_row({"longer", "10.25"});
  EXPECT_EQ(table.to_string(),
            "Name     Size  Note\n"
            "------  -----  -----\n"
            "a         1.5  first\n"
            "longer  10.25");
}

TEST(Table, CountsCharactersNotBytes) {
  Table table({{"N", Align::kLeft}, {"V"}});
  table.add_row({"größe", "1"});
  table.add_row({"x", "2"});
  EXPECT_EQ(table.to_string(),
            "N      V\n"
            "-----  -\n"
            "größe  1\n"
            "x      2");
  EXPECT_EQ(display_width("größe"), 5u);
}

TEST(Table, ControlCharactersDoNotBreakLines) {
  Table table({{"N", Align::kLeft}});
  table.add_row({"a\nb\x1b[31m"});
  EXPECT_EQ(table.to_string(), "N\n--------\na b [31m");
}

}  // namespace
}  // namespace burin
