#include "ops/pad/kernel.hpp"

#include <array>
#include <cstring>
#include <vector>

#include "ops/pad/paddings.hpp"
#include "ops/requantize.hpp"
#include "runtime/function_kernel.hpp"

namespace burin {

namespace {

using runtime::PrepareContext;
using runtime::PreparedResult;
using runtime::RunContext;

// A row of fill is kept.
constexpr size_t kMaxRowBytes = size_t{1} << 24;

// Rows of the output up to and including the innermost padded dimension: filled, or fill, a stretch of the input, fill.
struct Rows {
  struct Outer {
    int64_t input, output, before;  // sizes, and the padding before
  };
  std::array<Outer, Shape::kMaxRank> outer{};
  int outer_count = 0;
  int64_t count = 1;                         // rows of the output
  size_t before = 0, copied = 0, after = 0;  // bytes

  // Which row of the input a row of the output holds; -1: none.
  int64_t input_row(int64_t row) const {
    int64_t result = 0, scale = 1;
    for (int i = outer_count - 1; i >= 0; --i) {
      const Outer& dim = outer[static_cast<size_t>(i)];
      const int64_t index = row % dim.output - dim.before;
      if (index < 0 || index >= dim.input) return -1;
      row /= dim.output;
      result += index * scale;
      scale *= dim.input;
    }
    return result;
  }
};

Rows make_rows(const Shape& input, const Paddings& paddings, size_t element_bytes) {
  int last = input.rank() - 1;
  while (last > 0 && paddings.output[last] == input[last]) --last;
  size_t inner = element_bytes;
  for (int i = last + 1; i < input.rank(); ++i) inner *= static_cast<size_t>(input[i]);
  Rows rows;
  const auto before = static_cast<size_t>(paddings.before[static_cast<size_t>(last)]);
  rows.before = before * inner;
  rows.copied = static_cast<size_t>(input[last]) * inner;
  rows.after = static_cast<size_t>(paddings.output[last]) * inner - rows.before - rows.copied;
  for (int i = 0; i < last; ++i) {
    rows.outer[static_cast<size_t>(i)] = {input[i], paddings.output[i], paddings.before[static_cast<size_t>(i)]};
    rows.count *= paddings.output[i];
  }
  rows.outer_count = last;
  return rows;
}

// The value that PAD fills with is zero, in quantized types its code; that of PADV2 is input 2.
Status fill_value(Op op, const PrepareContext& context, std::array<std::byte, 8>& fill, size_t element_bytes) {
  if (op == Op::kPadV2) {
    std::memcpy(fill.data(), context.inputs[2].data, element_bytes);
    return {};
  }
  const TensorView output = context.outputs[0];
  if (output.quantization == nullptr || output.quantization->scales.empty()) return {};
  AffineParameters parameters;
  if (const Status status = read_affine("PAD", "output", output, parameters); !status.is_ok()) return status;
  std::memcpy(fill.data(), &parameters.zero_point, sizeof(parameters.zero_point));
  return {};
}

}  // namespace

template <Op op>
PreparedResult prepare_pad(const PrepareContext& context, runtime::InstructionSet) {
  const TensorView& input = context.inputs[0];
  const auto element_bytes = static_cast<size_t>(bit_width(input.type) / 8);
  if (element_bytes == 0 || context.outputs[0].type != input.type || context.inputs[1].data == nullptr ||
      input.shape.rank() == 0 || context.outputs[0].shape.elements() == 0) {
    return runtime::not_applicable();
  }
  if (op == Op::kPadV2 && (context.inputs[2].data == nullptr || context.inputs[2].type != input.type)) {
    return runtime::not_applicable();
  }
  Paddings paddings;
  if (const Status status = read_paddings(runtime_operator(op).name, input, context.inputs[1], paddings);
      !status.is_ok()) {
    return status;
  }
  std::array<std::byte, 8> fill{};
  if (const Status status = fill_value(op, context, fill, element_bytes); !status.is_ok()) return status;
  const Rows rows = make_rows(input.shape, paddings, element_bytes);
  const size_t row_bytes = rows.before + rows.copied + rows.after;
  if (row_bytes > kMaxRowBytes) return runtime::not_applicable();
  std::vector<std::byte> filled(row_bytes);
  for (size_t i = 0; i < row_bytes; ++i) filled[i] = fill[i % element_bytes];
  return runtime::make_function_kernel("pad", [=, filled = std::move(filled)](const RunContext& run) {
    const auto grain = static_cast<int64_t>(1 + (size_t{1} << 16) / row_bytes);
    run.threads.parallel_for(rows.count, grain, [&](int64_t begin, int64_t end, int) {
      for (int64_t row = begin; row < end; ++row) {
        std::byte* y = run.outputs[0].data + static_cast<size_t>(row) * row_bytes;
        const int64_t input_row = rows.input_row(row);
        if (input_row < 0) {
          std::memcpy(y, filled.data(), row_bytes);
          continue;
        }
        std::memcpy(y, filled.data(), rows.before);
        std::memcpy(y + rows.before, run.inputs[0].data + static_cast<size_t>(input_row) * rows.copied, rows.copied);
        std::memcpy(y + rows.before + rows.copied, filled.data(), rows.after);
      }
    });
  });
}

template PreparedResult prepare_pad<Op::kPad>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_pad<Op::kPadV2>(const PrepareContext&, runtime::InstructionSet);

}  // namespace burin
