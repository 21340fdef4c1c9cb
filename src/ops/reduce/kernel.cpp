#include "ops/reduce/kernel.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "ops/elementwise/loops.hpp"
#include "ops/reduce/axes.hpp"
#include "ops/reduce/code_reduction.hpp"
#include "runtime/function_kernel.hpp"

namespace burin {

namespace {

using runtime::PrepareContext;
using runtime::PreparedResult;
using runtime::RunContext;

// Channels that one call sums; a part of a thread's work.
constexpr int64_t kChunk = 128;

// The input is [outer][rows][inner], of which the rows are reduced.
struct Reduction {
  int64_t outer = 1, rows = 1, inner = 1;
};

bool match(std::string_view op, const PrepareContext& context, Reduction& result) {
  const TensorView& input = context.inputs[0];
  if (context.inputs[1].data == nullptr || input.shape.elements() == 0) return false;
  ReducedAxes axes;
  const bool keep_dims = get<ReduceAttributes>(context.attributes).keep_dims;
  if (!read_axes(op, input, context.inputs[1], keep_dims, axes).is_ok()) return false;
  int stage = 0;
  for (int i = 0; i < input.shape.rank(); ++i) {
    if (axes.reduced[static_cast<size_t>(i)]) {
      if (stage == 2) return false;
      stage = 1;
      result.rows *= input.shape[i];
    } else {
      if (stage == 1) stage = 2;
      (stage == 0 ? result.outer : result.inner) *= input.shape[i];
    }
  }
  return stage == 2 && result.inner > 1;
}

// chunk(input of the first row, output, channels) for every stretch of at most kChunk channels.
template <typename T, typename Chunk>
void for_each_chunk(const RunContext& run, const Reduction& shape, Chunk chunk) {
  const T* x = run.inputs[0].as<T>();
  T* y = run.outputs[0].as<T>();
  const int64_t chunks = (shape.inner + kChunk - 1) / kChunk;
  const int64_t grain = 1 + runtime::kElementGrain / (shape.rows * std::min(shape.inner, kChunk));
  run.threads.parallel_for(shape.outer * chunks, grain, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t outer = i / chunks, channel = i % chunks * kChunk;
      chunk(x + outer * shape.rows * shape.inner + channel, y + outer * shape.inner + channel,
            std::min(kChunk, shape.inner - channel));
    }
  });
}

}  // namespace

template <Op op>
PreparedResult prepare_reduce_f32(const PrepareContext& context, runtime::InstructionSet set) {
  Reduction shape;
  if (context.inputs[0].type != ElementType::kFloat32 || context.outputs[0].type != ElementType::kFloat32 ||
      !match(runtime_operator(op).name, context, shape)) {
    return runtime::not_applicable();
  }
  const ElementLoops* loops = &element_loops(set);
  if constexpr (op == Op::kReduceMax) {
    return runtime::make_function_kernel("f32_reduce_max", [=](const RunContext& run) {
      for_each_chunk<float>(run, shape, [&](const float* x, float* y, int64_t channels) {
        std::fill_n(y, channels, -std::numeric_limits<float>::infinity());
        loops->maximum_of_rows(x, shape.rows, shape.inner, y, channels);
      });
    });
  } else {
    const char* name = op == Op::kMean ? "f32_mean" : "f32_sum";
    return runtime::make_function_kernel(name, [=](const RunContext& run) {
      for_each_chunk<float>(run, shape, [&](const float* x, float* y, int64_t channels) {
        std::fill_n(y, channels, 0.0f);
        loops->add_rows(x, shape.rows, shape.inner, y, channels);
        const float count = static_cast<float>(shape.rows);
        if (op == Op::kMean) loops->divide(y, &count, 0, y, channels, activation_range(FusedActivation::kNone));
      });
    });
  }
}

template <Op op>
PreparedResult prepare_reduce_s8(const PrepareContext& context, runtime::InstructionSet set) {
  Reduction shape;
  if (context.inputs[0].type != ElementType::kInt8 || context.outputs[0].type != ElementType::kInt8 ||
      context.arithmetic != Arithmetic::kLitert || !match(runtime_operator(op).name, context, shape) ||
      shape.rows > (1 << 22)) {  // sums fit 32 bits
    return runtime::not_applicable();
  }
  AffineParameters in, out;
  Status status = read_affine(runtime_operator(op).name, "input", context.inputs[0], in);
  if (status.is_ok()) status = read_affine(runtime_operator(op).name, "output", context.outputs[0], out);
  if (!status.is_ok()) return status;
  const CodeReduction reduction(in, out, shape.rows, op == Op::kMean, code_range(ElementType::kInt8));
  const char* name = op == Op::kMean ? "s8_mean" : "s8_sum";
  return runtime::make_function_kernel(name, [=, add_rows = element_loops(set).add_rows_s8](const RunContext& run) {
    for_each_chunk<int8_t>(run, shape, [&](const int8_t* x, int8_t* y, int64_t channels) {
      std::array<int32_t, kChunk> sums;
      std::fill_n(sums.begin(), channels, 0);
      add_rows(x, shape.rows, shape.inner, sums.data(), channels);
      for (int64_t i = 0; i < channels; ++i) {
        y[i] = static_cast<int8_t>(reduction(sums[static_cast<size_t>(i)]));
      }
    });
  });
}

template PreparedResult prepare_reduce_f32<Op::kMean>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_reduce_f32<Op::kReduceMax>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_reduce_f32<Op::kSum>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_reduce_s8<Op::kMean>(const PrepareContext&, runtime::InstructionSet);
template PreparedResult prepare_reduce_s8<Op::kSum>(const PrepareContext&, runtime::InstructionSet);

}  // namespace burin
