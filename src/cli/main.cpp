// The program `burin`: see docs/ and `burin --help`.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "burin/error.hpp"
#include "cli/command.hpp"
#include "cli/licenses.hpp"

namespace {

constexpr int kUsageError = 2;

int run(int argc, char** argv) {
  CLI::App program("burin: trained Keras models -> small, fast .tflite files, measured", "burin");
  program.set_version_flag("--version", "burin " BURIN_VERSION);
  program.add_flag_callback(
      "--licenses",
      [] {
        const std::string text = burin::cli::licenses();
        std::fwrite(text.data(), 1, text.size(), stdout);
        throw CLI::Success();
      },
      "Show the licences of Burin and of what is linked into it");
  program.require_subcommand(1);
  burin::cli::Action action;
  burin::cli::add_optimize(program, action);
  burin::cli::add_convert(program, action);
  burin::cli::add_evaluate(program, action);
  burin::cli::add_compare(program, action);
  burin::cli::add_benchmark(program, action);
  burin::cli::add_run(program, action);
  burin::cli::add_inspect(program, action);
  burin::cli::add_list(program, action);
  burin::cli::add_memory_probe(program, action);
  program.footer("burin COMMAND --help shows a command's options and examples.");
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return program.exit(success);
  } catch (const CLI::ParseError& error) {
    const bool any = !program.get_subcommands().empty();
    std::string message = error.what();
    if (const auto unknown = program.remaining(); !any && !unknown.empty()) {
      message = fmt::format("unknown {} '{}'", unknown[0].starts_with('-') ? "option" : "command", unknown[0]);
    }
    const std::string command = any ? program.get_subcommands().front()->get_name() + " " : "";
    burin::cli::print_error({burin::StatusCode::kInvalidArgument, message, fmt::format("see burin {}--help", command)});
    return kUsageError;
  }
  return action();
}

}  // namespace

int main(int argc, char** argv) {
  // A file-size limit makes writes fail with EFBIG instead of killing the program.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    const int code = run(argc, argv);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      burin::cli::print_error({burin::StatusCode::kIo, "standard output cannot be written",
                               "free some space, or write it to another place"});
      return kUsageError;
    }
    return code;
  } catch (const burin::Error& error) {
    burin::cli::print_error(error.status());
  } catch (const std::bad_alloc&) {
    burin::cli::print_error({burin::StatusCode::kResourceLimit, "out of memory", "use a smaller model or more memory"});
  } catch (const std::exception& error) {
    burin::cli::print_error({burin::StatusCode::kIo, error.what(), "check the files and folders of the command"});
  }
  return kUsageError;
}
