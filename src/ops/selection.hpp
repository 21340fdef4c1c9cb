// What this build of the runtime holds of the operator, kernel and chain tables: everything, or what the models need
// from which `burin inspect MODEL --selection FILE` wrote the file BURIN_SELECTION. The tables are filtered while they
// are compiled; the linker then drops what nothing refers to. No functions of the standard library: files that are
// compiled for an instruction set include this.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace burin {

class Status;
struct EvaluateContext;

struct SelectedKernel {
  const char* op;      // "CONV_2D"
  const char* kernel;  // name of a row of the kernel or chain table, kReferenceKernel or kNoKernel
};

// The plain evaluation, which also computes constants before anything runs.
inline constexpr const char* kReferenceKernel = "reference";
// The operator is read and its shape inferred; nothing is left to do when the model runs.
inline constexpr const char* kNoKernel = "none";

// Integer products that requantize in fixed point: int4 weights.
inline constexpr const char* kIntegerSums = "integer sums";

#ifdef BURIN_SELECTION
#include BURIN_SELECTION  // constexpr SelectedKernel kSelection[]
#else
inline constexpr SelectedKernel kSelection[] = {{"", ""}};
#endif

namespace selection {

#ifdef BURIN_SELECTION
inline constexpr bool kEverything = false;
#else
inline constexpr bool kEverything = true;
#endif

constexpr bool equal(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}
constexpr bool begins_with(const char* text, const char* part) {
  while (*part != '\0' && *text == *part) ++text, ++part;
  return *part == '\0';
}
constexpr bool contains(const char* text, const char* part) {
  for (; *text != '\0'; ++text) {
    if (begins_with(text, part)) return true;
  }
  return false;
}

}  // namespace selection

constexpr bool is_selected_operator(const char* op) {
  for (const SelectedKernel& selected : kSelection) {
    if (selection::equal(selected.op, op)) return true;
  }
  return selection::kEverything;
}
constexpr bool is_evaluation_selected(const char* op) {
  for (const SelectedKernel& selected : kSelection) {
    if (selection::equal(selected.op, op) && selection::equal(selected.kernel, kReferenceKernel)) return true;
  }
  return selection::kEverything;
}
constexpr bool is_selected_kernel(const char* kernel) {
  for (const SelectedKernel& selected : kSelection) {
    if (selection::equal(selected.kernel, kernel)) return true;
  }
  return selection::kEverything;
}
// What several kernels call, if one with this in its name is selected, else null.
template <typename Function>
constexpr Function* if_selected(const char* part, Function* function) {
  for (const SelectedKernel& selected : kSelection) {
    if (selection::contains(selected.kernel, part)) return function;
  }
  return selection::kEverything ? function : nullptr;
}

// Rows of a table, which have a `name`.
template <typename Row, size_t size>
constexpr size_t count_selected(const Row (&rows)[size]) {
  size_t count = 0;
  for (const Row& row : rows) count += is_selected_kernel(row.name) ? 1 : 0;
  return count;
}
template <size_t count, typename Row, size_t size>
constexpr std::array<Row, count> selected_rows(const Row (&rows)[size]) {
  std::array<Row, count> selected{};
  size_t next = 0;
  for (const Row& row : rows) {
    if (is_selected_kernel(row.name)) selected[next++] = row;
  }
  return selected;
}

// kUnsupported: this build does not have it.
Status left_out(std::string_view op);
// In the place of an evaluation that this build does not have.
Status evaluate_left_out(const EvaluateContext& context);

}  // namespace burin
