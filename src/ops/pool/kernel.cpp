#include "ops/pool/kernel.hpp"

#include <algorithm>
#include <limits>

#include "ops/conv/window.hpp"
#include "ops/elementwise/loops.hpp"
#include "ops/requantize.hpp"
#include "runtime/function_kernel.hpp"

namespace burin {

namespace {

using runtime::PrepareContext;
using runtime::PreparedResult;
using runtime::RunContext;

struct Window {
  int32_t batch = 0, channels = 0;
  WindowAxis height, width;
};

// False: not for these kernels.
bool match(std::string_view op, const PrepareContext& context, ElementType type, Window& window) {
  if (context.inputs[0].type != type || context.outputs[0].type != type) return false;
  const auto& a = get<Pool2dAttributes>(context.attributes);
  const Shape& shape = context.inputs[0].shape;
  window.batch = shape[0];
  window.channels = shape[3];
  return shape.elements() > 0 &&
         make_window_axis(op, "height", a.padding, shape[1], a.filter_h, a.stride_h, 1, window.height).is_ok() &&
         make_window_axis(op, "width", a.padding, shape[2], a.filter_w, a.stride_w, 1, window.width).is_ok();
}

// pixel(rows, output, thread) for every output pixel; rows calls add(input, count) for each row of its window, `count`
// neighbouring pixels.
template <typename T, typename Pixel>
void for_each_pixel(const RunContext& run, const Window& w, Pixel pixel) {
  const T* input = run.inputs[0].as<T>();
  T* output = run.outputs[0].as<T>();
  const int64_t row_work = int64_t{w.width.output} * w.height.kernel * w.width.kernel * w.channels;
  run.threads.parallel_for(
      int64_t{w.batch} * w.height.output, 1 + runtime::kElementGrain / row_work,
      [&](int64_t begin, int64_t end, int thread) {
        for (int64_t row = begin; row < end; ++row) {
          const int64_t n = row / w.height.output;
          const auto y = static_cast<int32_t>(row % w.height.output);
          const int64_t top = std::max<int64_t>(0, w.height.start(y));
          const int64_t bottom = std::min<int64_t>(w.height.input, w.height.start(y) + w.height.kernel);
          for (int32_t x = 0; x < w.width.output; ++x) {
            const int64_t left = std::max<int64_t>(0, w.width.start(x));
            const int64_t right = std::min<int64_t>(w.width.input, w.width.start(x) + w.width.kernel);
            const auto rows = [&](auto add) {
              for (int64_t iy = top; iy < bottom; ++iy) {
                add(input + ((n * w.height.input + iy) * w.width.input + left) * w.channels, right - left);
              }
              return (bottom - top) * (right - left);
            };
            pixel(rows, output + (row * w.width.output + x) * w.channels, thread);
          }
        }
      });
}

// The codes that the fused activation leaves.
Status code_limits(std::string_view op, const PrepareContext& context, CodeRange& range) {
  const FusedActivation activation = get<Pool2dAttributes>(context.attributes).activation;
  range = code_range(ElementType::kInt8);
  if (activation == FusedActivation::kNone) return {};
  AffineParameters output;
  if (Status status = read_affine(op, "output", context.outputs[0], output); !status.is_ok()) return status;
  range = activation_code_range(activation, ElementType::kInt8, output.scale, output.zero_point);
  return {};
}

}  // namespace

PreparedResult prepare_average_pool_f32(const PrepareContext& context, runtime::InstructionSet set) {
  Window window;
  if (!match("AVERAGE_POOL_2D", context, ElementType::kFloat32, window)) return runtime::not_applicable();
  const FloatRange range = activation_range(get<Pool2dAttributes>(context.attributes).activation);
  return runtime::make_function_kernel("f32_average_pool", [=, loops = &element_loops(set)](const RunContext& run) {
    for_each_pixel<float>(run, window, [&](auto rows, float* y, int) {
      std::fill_n(y, window.channels, 0.0f);
      const auto count = static_cast<float>(rows(
          [&](const float* x, int64_t pixels) { loops->add_rows(x, pixels, window.channels, y, window.channels); }));
      loops->divide(y, &count, 0, y, window.channels, range);
    });
  });
}

PreparedResult prepare_average_pool_s8(const PrepareContext& context, runtime::InstructionSet set) {
  Window window;
  if (!match("AVERAGE_POOL_2D", context, ElementType::kInt8, window) ||
      int64_t{window.height.kernel} * window.width.kernel > (1 << 22)) {  // sums fit 32 bits
    return runtime::not_applicable();
  }
  CodeRange range;
  if (const Status status = code_limits("AVERAGE_POOL_2D", context, range); !status.is_ok()) return status;
  const size_t scratch = static_cast<size_t>(window.channels) * sizeof(int32_t);
  return runtime::make_function_kernel(
      "s8_average_pool",
      [=, add_rows = element_loops(set).add_rows_s8](const RunContext& run) {
        for_each_pixel<int8_t>(run, window, [&](auto rows, int8_t* y, int thread) {
          auto* sums = reinterpret_cast<int32_t*>(run.scratch) + int64_t{thread} * window.channels;
          std::fill_n(sums, window.channels, 0);
          const auto count = static_cast<int32_t>(rows(
              [&](const int8_t* x, int64_t pixels) { add_rows(x, pixels, window.channels, sums, window.channels); }));
          for (int32_t c = 0; c < window.channels; ++c) {
            const int32_t half = sums[c] > 0 ? count / 2 : -(count / 2);
            y[c] = static_cast<int8_t>(std::clamp((sums[c] + half) / count, range.min, range.max));
          }
        });
      },
      scratch);
}

PreparedResult prepare_max_pool_f32(const PrepareContext& context, runtime::InstructionSet set) {
  Window window;
  if (!match("MAX_POOL_2D", context, ElementType::kFloat32, window)) return runtime::not_applicable();
  const FloatRange range = activation_range(get<Pool2dAttributes>(context.attributes).activation);
  return runtime::make_function_kernel("f32_max_pool", [=, loops = &element_loops(set)](const RunContext& run) {
    for_each_pixel<float>(run, window, [&](auto rows, float* y, int) {
      std::fill_n(y, window.channels, -std::numeric_limits<float>::infinity());
      rows([&](const float* x, int64_t pixels) {
        loops->maximum_of_rows(x, pixels, window.channels, y, window.channels);
      });
      loops->clamp(y, y, window.channels, range);
    });
  });
}

PreparedResult prepare_max_pool_s8(const PrepareContext& context, runtime::InstructionSet set) {
  Window window;
  if (!match("MAX_POOL_2D", context, ElementType::kInt8, window)) return runtime::not_applicable();
  CodeRange range;
  if (const Status status = code_limits("MAX_POOL_2D", context, range); !status.is_ok()) return status;
  return runtime::make_function_kernel("s8_max_pool", [=, maximum_of_rows = element_loops(set).maximum_of_rows_s8](
                                                          const RunContext& run) {
    for_each_pixel<int8_t>(run, window, [&](auto rows, int8_t* y, int) {
      // Starting from the lower limit clamps to it.
      std::fill_n(y, window.channels, static_cast<int8_t>(range.min));
      rows([&](const int8_t* x, int64_t pixels) { maximum_of_rows(x, pixels, window.channels, y, window.channels); });
      if (range.max == 127) return;
      for (int32_t c = 0; c < window.channels; ++c) y[c] = std::min(y[c], static_cast<int8_t>(range.max));
    });
  });
}

}  // namespace burin
