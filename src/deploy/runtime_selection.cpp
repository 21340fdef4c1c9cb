#include "deploy/runtime_selection.hpp"

#include <fmt/format.h>

#include "burin/error.hpp"
#include "burin/runtime.hpp"
#include "ops/selection.hpp"
#include "runtime/program_state.hpp"

namespace burin {

namespace {

constexpr std::string_view kFirstLine =
    "// Operators and kernels of a runtime library, by `burin inspect --selection`.";
constexpr std::string_view kBegin = "inline constexpr SelectedKernel kSelection[] = {";
constexpr std::string_view kEnd = "};";

std::string_view next_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

RuntimeSelection runtime_selection(const Model& model) {
  if (model.level != Level::kBuiltin) {
    throw Error(StatusCode::kUnsupported, "a selection is made of .tflite files", "convert the model first");
  }
  const Program program = value_or_throw(Program::from_model(model));
  const Graph& graph = model.main();
  RuntimeSelection selection;
  std::vector<bool> runs(graph.nodes.size(), false);
  for (const runtime::Step& step : program.state().steps) {
    for (const NodeId id : step.nodes) {
      selection.emplace(runtime_operator(graph.nodes[id].op).name, step.selection);
      runs[id] = true;
    }
  }
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.type == ElementType::kInt4) selection.emplace("INT4", kIntegerSums);
  }
  // What was computed before anything runs.
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    if (!runs[id]) selection.emplace(runtime_operator(graph.nodes[id].op).name, kReferenceKernel);
  }
  return selection;
}

std::string write_selection(const RuntimeSelection& selection) {
  std::string text = fmt::format("{}\n{}\n", kFirstLine, kBegin);
  for (const auto& [op, kernel] : selection) text += fmt::format("    {{\"{}\", \"{}\"}},\n", op, kernel);
  return text + fmt::format("{}\n", kEnd);
}

RuntimeSelection read_selection(std::string_view text, const std::string& where) {
  const Error no_selection(StatusCode::kInvalidArgument, where + ": exists and is no selection",
                           "give another name, or delete it");
  if (next_line(text) != kFirstLine || next_line(text) != kBegin) throw no_selection;
  RuntimeSelection selection;
  for (;;) {
    std::string_view line = next_line(text);
    if (line == kEnd) return selection;
    std::string parts[5];  // between the quotation marks
    for (size_t i = 0; i < 5; ++i) {
      const size_t end = i < 4 ? line.find('"') : line.size();
      if (end == std::string_view::npos) throw no_selection;
      parts[i] = line.substr(0, end);
      line.remove_prefix(std::min(end + 1, line.size()));
    }
    selection.emplace(parts[1], parts[3]);
  }
}

}  // namespace burin
