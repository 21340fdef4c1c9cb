#include "ops/normalization/kernel.hpp"

#include <algorithm>
#include <utility>

#include "ops/elementwise/loops.hpp"
#include "ops/normalization/channel_scaling.hpp"
#include "runtime/function_kernel.hpp"

namespace burin {

namespace {

using runtime::PrepareContext;
using runtime::PreparedResult;
using runtime::RunContext;

// Factors are repeated up to this length, so that few channels make long loops too.
constexpr size_t kShortestRow = 512;

PreparedResult scale_rows(const ElementLoops& loops, const char* name, ChannelScaling scaling) {
  const size_t channels = scaling.factor.size();
  const size_t repeats = channels >= kShortestRow ? 1 : (kShortestRow + channels - 1) / channels;
  for (std::vector<float>* values : {&scaling.factor, &scaling.shift}) {
    values->reserve(channels * repeats);
    for (size_t i = channels; i < channels * repeats; ++i) values->push_back((*values)[i - channels]);
  }
  return runtime::make_function_kernel(name, [scaling = std::move(scaling), loop = loops.scale](const RunContext& run) {
    const float* x = run.inputs[0].as<float>();
    float* y = run.outputs[0].as<float>();
    const auto row = static_cast<int64_t>(scaling.factor.size());
    const int64_t count = run.outputs[0].shape.elements();
    run.threads.parallel_for(
        (count + row - 1) / row, runtime::kElementGrain / row + 1, [&](int64_t begin, int64_t end, int) {
          for (int64_t i = begin * row; i < std::min(end * row, count); i += row) {
            loop(x + i, scaling.factor.data(), scaling.shift.data(), 1, y + i, std::min(row, count - i));
          }
        });
  });
}

PreparedResult scale_channels(const ElementLoops& loops, const char* name, ChannelScaling scaling) {
  return runtime::make_function_kernel(name, [scaling = std::move(scaling), loop = loops.scale](const RunContext& run) {
    const float* x = run.inputs[0].as<float>();
    float* y = run.outputs[0].as<float>();
    const auto channels = static_cast<int64_t>(scaling.factor.size());
    run.threads.parallel_for(scaling.outer * channels, runtime::kElementGrain / scaling.inner + 1,
                             [&](int64_t begin, int64_t end, int) {
                               for (int64_t i = begin; i < end; ++i) {
                                 loop(x + i * scaling.inner, scaling.factor.data() + i % channels,
                                      scaling.shift.data() + i % channels, 0, y + i * scaling.inner, scaling.inner);
                               }
                             });
  });
}

PreparedResult make_scaling(const char* name, ChannelScaling scaling, runtime::InstructionSet set) {
  if (scaling.outer == 0) return runtime::not_applicable();
  const ElementLoops& loops = element_loops(set);
  return scaling.inner == 1 ? scale_rows(loops, name, std::move(scaling))
                            : scale_channels(loops, name, std::move(scaling));
}

}  // namespace

PreparedResult prepare_batch_normalization(const PrepareContext& context, runtime::InstructionSet set) {
  for (const TensorView& variable : context.inputs.subspan(1)) {
    if (variable.data == nullptr) return runtime::not_applicable();
  }
  ChannelScaling scaling;
  if (Status status = batch_normalization_scaling(context.inputs, context.attributes, scaling); !status.is_ok()) {
    return status;
  }
  return make_scaling("f32_batch_normalization", std::move(scaling), set);
}

PreparedResult prepare_rescaling(const PrepareContext& context, runtime::InstructionSet set) {
  ChannelScaling scaling;
  if (Status status = rescaling_scaling(context.inputs, context.attributes, scaling); !status.is_ok()) return status;
  return make_scaling("f32_rescaling", std::move(scaling), set);
}

}  // namespace burin
