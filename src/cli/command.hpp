// The subcommands. Each function adds one to the program; when it is the one that was asked for, it sets `action`,
// which does the work and returns the exit code (0 done, 1 a threshold was not met; errors are thrown and become 2).
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "burin/runtime.hpp"
#include "burin/toolkit.hpp"
#include "cli/console.hpp"

namespace burin::cli {

using Action = std::function<int()>;

void add_optimize(CLI::App& program, Action& action);
void add_convert(CLI::App& program, Action& action);
void add_evaluate(CLI::App& program, Action& action);
void add_compare(CLI::App& program, Action& action);
void add_benchmark(CLI::App& program, Action& action);
void add_run(CLI::App& program, Action& action);
void add_inspect(CLI::App& program, Action& action);
void add_list(CLI::App& program, Action& action);
void add_memory_probe(CLI::App& program, Action& action);  // hidden: the child that `benchmark` measures

// Options that several commands share.
void add_common_options(CLI::App& command, CommonOptions& options);
void add_picture_options(CLI::App& command, PictureOptions& options);
void add_split_option(CLI::App& command, std::string& split);
void add_arithmetic_option(CLI::App& command, std::string& arithmetic);
void add_examples(CLI::App& command, const std::string& examples);
CLI::Validator whole_number();  // 0, 1, ...; CLI11 by itself takes -1 for a large unsigned number
CLI::Validator share();         // a number from 0 to 1, nan excluded

Arithmetic parse_arithmetic(const std::string& text);

std::string own_program();  // the path of this program

inline constexpr int kSchemaVersion = 1;

}  // namespace burin::cli
