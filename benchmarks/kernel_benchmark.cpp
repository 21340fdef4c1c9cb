// The layers of MobileNetV2 1.0 224 through the kernels of this machine, one thread. `GMAC/s` is the speed,
// `of_peak` its share of what float multiply-adds reach in the first-level cache in the same run.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "gemm/f32_kernels.hpp"
#include "one_operator.hpp"
#include "ops/conv/kernel.hpp"

namespace burin {
namespace {

struct Layer {
  const char* name;
  int32_t size, channels, outputs, kernel, stride;
  bool depthwise;
};

constexpr Layer kLayers[] = {
    {"conv1", 224, 3, 32, 3, 2, false},
    {"block0_depthwise", 112, 32, 32, 3, 1, true},
    {"block0_project", 112, 32, 16, 1, 1, false},
    {"block1_expand", 112, 16, 96, 1, 1, false},
    {"block1_depthwise", 112, 96, 96, 3, 2, true},
    {"block1_project", 56, 96, 24, 1, 1, false},
    {"block2_expand", 56, 24, 144, 1, 1, false},
    {"block2_depthwise", 56, 144, 144, 3, 1, true},
    {"block2_project", 56, 144, 24, 1, 1, false},
    {"block5_expand", 28, 32, 192, 1, 1, false},
    {"block5_depthwise", 28, 192, 192, 3, 1, true},
    {"block5_project", 28, 192, 32, 1, 1, false},
    {"block9_expand", 14, 64, 384, 1, 1, false},
    {"block9_depthwise", 14, 384, 384, 3, 1, true},
    {"block9_project", 14, 384, 64, 1, 1, false},
    {"block12_expand", 14, 96, 576, 1, 1, false},
    {"block15_expand", 7, 160, 960, 1, 1, false},
    {"block15_depthwise", 7, 960, 960, 3, 1, true},
    {"block15_project", 7, 960, 160, 1, 1, false},
    {"last", 7, 320, 1280, 1, 1, false},
    {"resnet_3x3", 14, 256, 256, 3, 1, false},
    {"vgg_3x3", 28, 512, 512, 3, 1, false},
};

// Products per second of one thread where everything stays in the first-level cache.
double measure_peak() {
  const gemm::F32Kernels& kernels = gemm::f32_kernels(runtime::instruction_set());
  constexpr int64_t kDepth = 128;
  const int64_t rows = kernels.tile_rows[kernels.vectors - 1];
  const int64_t columns = kernels.vectors * kernels.lanes;
  gemm::AlignedBuffer<float> a(static_cast<size_t>(rows * kDepth));
  gemm::AlignedBuffer<float> b(static_cast<size_t>(2 * kDepth * columns));
  gemm::AlignedBuffer<float> c(static_cast<size_t>(rows * columns));
  gemm::F32Panel panel{};
  panel.rows = panel.run = rows;
  panel.k = panel.k_block = kDepth;
  panel.a = a.data(), panel.a_stride = kDepth;
  panel.b = panel.bias = b.data();
  panel.c = c.data(), panel.c_stride = panel.columns = columns;
  panel.min = -1, panel.max = 1;
  double best = 0;
  for (int round = 0; round < 20; ++round) {
    constexpr int kCalls = 2000;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kCalls; ++i) kernels.panels[kernels.vectors - 1](panel);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    best = std::max(best, kCalls * static_cast<double>(kDepth * rows * columns) / time.count());
  }
  return best;
}

double products_of(const Layer& layer) {
  const double pixels = layer.size / layer.stride * (layer.size / layer.stride);
  const double depth = layer.kernel * layer.kernel * (layer.depthwise ? 1 : layer.channels);
  return pixels * depth * layer.outputs;
}

void run(benchmark::State& state, const Layer& layer, const OneOperator& one, const runtime::PreparedResult& prepared,
         double peak) {
  if (!prepared.is_ok() || prepared.value() == nullptr) {
    state.SkipWithError("no kernel");
    return;
  }
  runtime::ThreadPool pool(1);
  std::vector<std::byte> output = one.output_bytes();
  for (auto _ : state) {
    if (!one.run(*prepared.value(), pool, output).is_ok()) state.SkipWithError("failed");
  }
  const double products = products_of(layer);
  state.counters["GMAC/s"] = benchmark::Counter(products * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["of_peak"] = benchmark::Counter(products / peak, benchmark::Counter::kIsIterationInvariantRate);
  state.SetLabel(prepared.value()->name());
}

OneOperator make_operator(const Layer& layer) {
  if (layer.depthwise) {
    return OneOperator(
        DepthwiseConv2dAttributes{Padding::kSame, layer.stride, layer.stride, 1, 1, 1, FusedActivation::kRelu6});
  }
  return OneOperator(Conv2dAttributes{Padding::kSame, layer.stride, layer.stride, 1, 1, FusedActivation::kRelu6});
}

Shape input_shape(const Layer& layer) { return {1, layer.size, layer.size, layer.channels}; }
Shape kernel_shape(const Layer& layer) {
  return {layer.depthwise ? 1 : layer.outputs, layer.kernel, layer.kernel, layer.channels};
}
Shape output_shape(const Layer& layer) {
  return {1, layer.size / layer.stride, layer.size / layer.stride, layer.outputs};
}

void run_f32(benchmark::State& state, const Layer& layer, double peak) {
  OneOperator one = make_operator(layer);
  one.add_input<float>(ElementType::kFloat32, input_shape(layer), -1, 1, false);
  one.add_input<float>(ElementType::kFloat32, kernel_shape(layer), -1, 1, true);
  one.add_input<float>(ElementType::kFloat32, {layer.outputs}, -1, 1, true);
  one.set_output(ElementType::kFloat32, output_shape(layer));
  const auto prepare = layer.depthwise ? prepare_depthwise_conv2d_f32 : prepare_conv2d_f32;
  run(state, layer, one, one.prepare(prepare, runtime::instruction_set()), peak);
}

void run_int8(benchmark::State& state, const Layer& layer, double peak) {
  const Quantization activations{{0.0235f}, {-128}, -1}, weights{{0.001f}, {0}, -1};
  OneOperator one = make_operator(layer);
  one.add_input<int8_t>(ElementType::kInt8, input_shape(layer), -128, 127, false, &activations);
  one.add_input<int8_t>(ElementType::kInt8, kernel_shape(layer), -127, 127, true, &weights);
  one.add_input<int32_t>(ElementType::kInt32, {layer.outputs}, -1000, 1000, true, &weights);
  one.set_output(ElementType::kInt8, output_shape(layer), &activations);
  const auto prepare = layer.depthwise ? prepare_depthwise_conv2d_int8 : prepare_conv2d_int8;
  run(state, layer, one, one.prepare(prepare, runtime::instruction_set()), peak);
}

}  // namespace
}  // namespace burin

int main(int argc, char** argv) {
  const double peak = burin::measure_peak();
  benchmark::AddCustomContext("peak_GMAC/s", std::to_string(peak * 1e-9));
  for (const burin::Layer& layer : burin::kLayers) {
    const auto add = [&](const char* type, void (*body)(benchmark::State&, const burin::Layer&, double)) {
      benchmark::RegisterBenchmark((std::string(type) + "/" + layer.name).c_str(), [=,
                                                                                    &layer](benchmark::State& state) {
        body(state, layer, peak);
      })->Unit(benchmark::kMicrosecond);
    };
    add("f32", burin::run_f32);
    add("int8", burin::run_int8);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
