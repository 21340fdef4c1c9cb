#include "runtime/kernel_table.hpp"

#include <array>

#include "runtime/cpu_features.hpp"

namespace burin::runtime {

namespace {

struct Row {
  Op op;
  InstructionSet needs;
  PrepareFunction prepare;
};

// Candidates of one operator stand in the order in which they are tried.
constexpr std::array<Row, 0> kRows = {};

}  // namespace

Result<std::unique_ptr<PreparedKernel>> prepare_kernel(Op op, const PrepareContext& context) {
  for (const Row& row : kRows) {
    if (row.op != op || row.needs > instruction_set()) continue;
    Result<std::unique_ptr<PreparedKernel>> kernel = row.prepare(context);
    if (!kernel.is_ok() || kernel.value() != nullptr) return kernel;
  }
  return std::unique_ptr<PreparedKernel>();
}

}  // namespace burin::runtime
