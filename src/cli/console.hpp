// What a command says: results on standard output (on standard error when `--json -` takes standard output), notes and
// warnings on standard error.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "burin/progress.hpp"
#include "burin/status.hpp"

namespace burin::cli {

// The options that every command has.
struct CommonOptions {
  int threads = 0;   // 0: the command's default
  std::string json;  // a file, "-", or empty
  bool quiet = false;
};

class Console {
 public:
  // `files`: what the command reads and writes; --json may name none of them. Throws Error where --json names a file
  // that cannot be written, before any work is done.
  Console(const CommonOptions& options, const std::vector<std::string>& files);

  // A result; a line end is added. A standard output that cannot be written is noticed at the end, by main().
  void print(std::string_view text);
  void note(std::string_view text);  // left out when quiet
  void warn(std::string_view text);
  Progress& progress() { return *progress_; }
  bool wants_json() const { return !json_.empty(); }
  // Writes the command's object where --json asks for it. Throws Error.
  void json(const nlohmann::ordered_json& object);

 private:
  std::string json_;
  bool quiet_;
  std::unique_ptr<Progress> progress_;
};

// "burin: error: ..." and the line that says what to do.
void print_error(const Status& status);

}  // namespace burin::cli
