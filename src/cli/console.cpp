#include "cli/console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <span>

#include "burin/error.hpp"
#include "formats/file/output_file.hpp"
#include "report/progress.hpp"

namespace burin::cli {
namespace {

// One line stays one line whatever a file name or layer name holds.
std::string single_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

}  // namespace

Console::Console(const CommonOptions& options)
    : json_(options.json), quiet_(options.quiet), progress_(make_terminal_progress(options.quiet)) {}

void Console::print(std::string_view text) { fmt::print(json_ == "-" ? stderr : stdout, "{}\n", text); }

void Console::note(std::string_view text) {
  if (!quiet_) fmt::print(stderr, "{}\n", text);
}

void Console::warn(std::string_view text) {
  fmt::print(stderr, "burin: warning: {}\n", single_line(std::string(text)));
}

void Console::json(const nlohmann::ordered_json& object) {
  if (json_.empty()) return;
  // Names of files and layers may be no valid UTF-8: such bytes are replaced, the object stays valid JSON.
  const std::string text = object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  if (json_ == "-") {
    fmt::print(stdout, "{}", text);
    return;
  }
  OutputFile file(json_, std::as_bytes(std::span(text)));
  file.commit();
}

void print_error(const Status& status) {
  fmt::print(stderr, "burin: error: {}\n", single_line(status.message()));
  if (!status.remedy().empty()) fmt::print(stderr, "  {}\n", single_line(status.remedy()));
}

}  // namespace burin::cli
