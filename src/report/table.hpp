// Text tables: columns as wide as their widest cell, numbers to the right, one header line. Width counts UTF-8
// characters, not bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace burin {

enum class Align : uint8_t { kLeft, kRight };

class Table {
 public:
  struct Column {
    std::string title;
    Align align = Align::kRight;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void add_row(std::vector<std::string> cells);  // missing cells are empty
  std::string to_string() const;                 // without the last line end

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Characters of a UTF-8 text; bytes that belong to no character count as one each.
size_t display_width(std::string_view text);

}  // namespace burin
