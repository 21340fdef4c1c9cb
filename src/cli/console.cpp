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

constexpr size_t kLongestLine = 32'768;

// One line stays one line, of a length that can be read, whatever a file name or layer name holds.
std::string single_line(std::string text) {
  if (text.size() > kLongestLine) text = text.substr(0, kLongestLine) + " ...";
  std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

// For errors from the depths of a reader or of the runtime, which know what is wrong and not what the user is doing.
std::string_view general_remedy(StatusCode code) {
  switch (code) {
    case StatusCode::kInvalidModel:
      return "The file is damaged or was edited: copy it again, or save or convert the model again.";
    case StatusCode::kUnsupported:
      return "Change the model; burin list operators and burin list layers show what is read.";
    case StatusCode::kResourceLimit:
      return "Use a smaller model, smaller pictures or a smaller batch.";
    case StatusCode::kIo:
      return "Check that the files and folders of the command are there and can be read and written.";
    default:
      return "Check the files and options of the command; burin COMMAND --help explains them.";
  }
}

}  // namespace

Console::Console(const CommonOptions& options, const std::vector<std::string>& files)
    : json_(options.json), quiet_(options.quiet), progress_(make_terminal_progress(options.quiet)) {
  if (!json_.empty() && json_ != "-") check_output_path(json_, files);
}

void Console::print(std::string_view text) {
  std::FILE* file = json_ == "-" ? stderr : stdout;
  std::fwrite(text.data(), 1, text.size(), file);
  std::fputc('\n', file);
}

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
    std::fwrite(text.data(), 1, text.size(), stdout);
    return;
  }
  OutputFile file(json_, std::as_bytes(std::span(text)));
  file.commit();
}

void print_error(const Status& status) {
  fmt::print(stderr, "burin: error: {}\n", single_line(status.message()));
  const std::string remedy = single_line(status.remedy());
  fmt::print(stderr, "  {}\n", remedy.empty() ? general_remedy(status.code()) : remedy);
}

}  // namespace burin::cli
