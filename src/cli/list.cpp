#include <fmt/format.h>

#include <memory>

#include "cli/command.hpp"
#include "formats/keras/read_keras.hpp"
#include "ops/toolkit_operator.hpp"
#include "passes/pass.hpp"
#include "report/table.hpp"

namespace burin::cli {
namespace {

struct Options {
  CommonOptions common;
  std::string what;
};

int run(const Options& options) {
  Console console(options.common, {});
  nlohmann::ordered_json json{{"schema_version", kSchemaVersion}, {"list", options.what}};
  json["items"] = nlohmann::ordered_json::array();
  if (options.what == "operators") {
    Table table({{"Operator", Align::kLeft}, {"Up to version"}, {"Where", Align::kLeft}});
    const auto add = [&](const RuntimeOperator& row, const char* where) {
      table.add_row({std::string(row.name), row.builtin_code < 0 ? "" : std::to_string(row.max_version), where});
      json["items"].push_back(
          {{"name", std::string(row.name)}, {"max_version", row.max_version}, {"builtin", row.builtin_code >= 0}});
    };
    for (const RuntimeOperator& row : runtime_operators()) add(row, "TFLite builtin");
    for (const RuntimeOperator& row : source_operator_table()) add(row, "Keras models only, lowered by passes");
    console.print(table.to_string());
  } else if (options.what == "layers") {
    for (const std::string_view layer : keras_layers()) {
      console.print(layer);
      json["items"].push_back({{"name", std::string(layer)}});
    }
  } else {
    Table table({{"Pass", Align::kLeft}, {"What it does", Align::kLeft}});
    for (const Pass& pass : passes()) {
      table.add_row({std::string(pass.name), std::string(pass.summary)});
      json["items"].push_back({{"name", std::string(pass.name)}, {"summary", std::string(pass.summary)}});
    }
    console.print(table.to_string());
  }
  console.json(json);
  return 0;
}

}  // namespace

void add_list(CLI::App& program, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("list", "List the operators, Keras layers or passes that Burin has");
  command->add_option("what", options->what, "operators, layers or passes")
      ->required()
      ->check(CLI::IsMember({"operators", "layers", "passes"}));
  add_common_options(*command, options->common);
  add_examples(*command,
               "  burin list layers\n"
               "  burin list operators --json -");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace burin::cli
