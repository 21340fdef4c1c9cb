#include "report/table.hpp"

#include <algorithm>

namespace burin {
namespace {

constexpr std::string_view kGap = "  ";

// Control characters would break the lines.
std::string printable(std::string_view text) {
  std::string result(text);
  std::replace_if(result.begin(), result.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return result;
}

void append_cell(std::string& line, std::string_view text, size_t width, Align align) {
  const std::string padding(width - std::min(width, display_width(text)), ' ');
  if (align == Align::kRight) line += padding;
  line += text;
  if (align == Align::kLeft) line += padding;
}

}  // namespace

size_t display_width(std::string_view text) {
  size_t width = 0;
  for (const char c : text) width += (static_cast<unsigned char>(c) & 0xc0u) != 0x80u ? 1 : 0;
  return width;
}

void Table::add_row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::to_string() const {
  std::vector<size_t> widths;
  for (size_t c = 0; c < columns_.size(); ++c) {
    size_t width = display_width(columns_[c].title);
    for (const auto& row : rows_) width = std::max(width, display_width(row[c]));
    widths.push_back(width);
  }
  std::vector<std::string> lines(2 + rows_.size());
  for (size_t c = 0; c < columns_.size(); ++c) {
    if (c > 0) {
      for (std::string& line : lines) line += kGap;
    }
    append_cell(lines[0], columns_[c].title, widths[c], columns_[c].align);
    lines[1] += std::string(widths[c], '-');
    for (size_t r = 0; r < rows_.size(); ++r) append_cell(lines[2 + r], rows_[r][c], widths[c], columns_[c].align);
  }
  std::string text;
  for (std::string& line : lines) {
    line.erase(line.find_last_not_of(' ') + 1);
    if (!text.empty()) text += '\n';
    text += line;
  }
  return text;
}

}  // namespace burin
