// Every family of kernels on shapes of real models, one thread: a model of one operator (or one chain) each, run as the
// runtime runs it. `GMAC/s` is the speed, `%peak` its share of the measured peak of the data type (measure/peak.hpp),
// `GB/s` the activations and weights, each byte counted once.
#include <benchmark/benchmark.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "measure/profile.hpp"
#include "measure/sample_session.hpp"
#include "quantize/plan_from_ranges.hpp"
#include "quantize/quantize_int8.hpp"
#include "quantize/test_networks.hpp"
#include "quantize/weights.hpp"

namespace burin {
namespace {

constexpr FusedActivation kRelu6 = FusedActivation::kRelu6;

enum class Type : uint8_t { kF32, kInt8, kInt4, kHybrid };
constexpr const char* kTypeNames[] = {"f32", "int8", "int4", "hybrid"};

struct Layer {
  const char* name;
  int32_t size, channels, outputs, kernel, stride;
};

// MobileNetV2 1.0 224, then what others have.
constexpr Layer kConvolutions[] = {
    {"first", 224, 3, 32, 3, 2},
    {"block0_project", 112, 32, 16, 1, 1},
    {"block1_expand", 112, 16, 96, 1, 1},
    {"block1_project", 56, 96, 24, 1, 1},
    {"block2_expand", 56, 24, 144, 1, 1},
    {"block2_project", 56, 144, 24, 1, 1},
    {"block5_expand", 28, 32, 192, 1, 1},
    {"block5_project", 28, 192, 32, 1, 1},
    {"block9_expand", 14, 64, 384, 1, 1},
    {"block9_project", 14, 384, 64, 1, 1},
    {"block12_expand", 14, 96, 576, 1, 1},
    {"block15_expand", 7, 160, 960, 1, 1},
    {"block15_project", 7, 960, 160, 1, 1},
    {"last", 7, 320, 1280, 1, 1},
    {"resnet_first", 224, 3, 64, 7, 2},
    {"resnet_3x3", 14, 256, 256, 3, 1},
    {"resnet_1x1", 14, 1024, 256, 1, 1},
    {"vgg_3x3", 28, 512, 512, 3, 1},
    {"tiny_3x3", 32, 16, 16, 3, 1},
};
constexpr Layer kDepthwise[] = {
    {"block0", 112, 32, 32, 3, 1},  {"block1", 112, 96, 96, 3, 2},
    {"block2", 56, 144, 144, 3, 1}, {"block5", 28, 192, 192, 3, 1},
    {"block9", 14, 384, 384, 3, 1}, {"block15", 7, 960, 960, 3, 1},
    {"v3_5x5", 14, 240, 240, 5, 1}, {"efficientnet_5x5", 28, 240, 240, 5, 2},
};
// channels: of the input; outputs: of the projection, which is added to the input where the stride is 1.
constexpr Layer kBlocks[] = {
    {"block1", 112, 16, 24, 6, 2}, {"block2", 56, 24, 24, 6, 1},   {"block5", 28, 32, 32, 6, 1},
    {"block9", 14, 64, 64, 6, 1},  {"block15", 7, 160, 160, 6, 1},
};
struct Dense {
  const char* name;
  int32_t rows, depth, outputs;
};
constexpr Dense kDense[] = {
    {"classifier", 1, 1280, 1000}, {"anomaly", 1, 640, 128}, {"vgg_fc1", 1, 25088, 4096}, {"tokens", 64, 512, 512}};

Model convolution(const Layer& layer) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, layer.size, layer.size, layer.channels});
  return net.finish({net.conv("layer", x, layer.channels, layer.outputs, layer.kernel,
                              {Padding::kSame, layer.stride, layer.stride, 1, 1, kRelu6})});
}

Model depthwise(const Layer& layer) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {Shape::kFree, layer.size, layer.size, layer.channels});
  const Shape shape{1, layer.kernel, layer.kernel, layer.channels};
  const TensorId kernel = net.constant("layer/kernel", shape, net.random(shape.elements(), 0.5f));
  const TensorId bias = net.constant("layer/bias", {layer.channels}, net.random(layer.channels, 0.3f));
  const DepthwiseConv2dAttributes attributes{Padding::kSame, layer.stride, layer.stride, 1, 1, 1, kRelu6};
  return net.finish({net.node("layer", Op::kDepthwiseConv2d, {x, kernel, bias}, attributes)});
}

Model dense(const Dense& layer) {
  NetworkBuilder net;
  const TensorId x = net.input("x", {layer.rows, layer.depth});
  return net.finish({net.dense("layer", x, layer.depth, layer.outputs)});
}

// Expansion, depthwise convolution, projection, addition.
Model block(const Layer& layer) {
  NetworkBuilder net;
  const int32_t wide = layer.channels * layer.kernel;
  const TensorId x = net.input("x", {Shape::kFree, layer.size, layer.size, layer.channels});
  const TensorId expand = net.conv("expand", x, layer.channels, wide, 1, {.activation = kRelu6});
  const TensorId middle = net.depthwise("depthwise", expand, wide,
                                        {Padding::kSame, layer.stride, layer.stride, 1, 1, 1, FusedActivation::kRelu6});
  const TensorId project = net.conv("project", middle, wide, layer.outputs, 1, {});
  if (layer.stride != 1) return net.finish({project});
  return net.finish({net.node("add", Op::kAdd, {x, project}, ArithmeticAttributes{})});
}

Model one_node(const Shape& shape, Op op, Attributes attributes, int inputs = 1) {
  NetworkBuilder net;
  std::vector<TensorId> ids;
  for (int i = 0; i < inputs; ++i) ids.push_back(net.input("x" + std::to_string(i), shape));
  return net.finish({net.node("y", op, ids, std::move(attributes))});
}

Model mean(const Shape& shape) {
  NetworkBuilder net;
  return net.finish({net.mean("y", net.input("x", shape))});
}

// `io`: of the quantized model.
Model quantized(const Model& model, Type type, ElementType io = ElementType::kInt8) {
  if (type == Type::kF32) return model;
  if (type == Type::kHybrid) return apply(model, plan_dynamic_range(model));
  QuantizationPlan plan =
      plan_int8(model, UniformSamples(2, -1, 1), {.io_type = io, .correct_bias = false, .round_depthwise = false});
  if (type == Type::kInt4) {
    // plan_from_ranges() leaves the first and the last layer int8: here it is the same one.
    const Tensor& kernel = model.main().tensors[model.main().nodes[0].inputs[1]];
    TensorPlan& weights = plan.tensors[model.main().nodes[0].inputs[1]];
    weights.type = ElementType::kInt4;
    weights.quantization = symmetric_quantization(
        channel_magnitudes(model.constant_values<float>(kernel.constant), kernel.shape, 0), 0, {}, ElementType::kInt4);
  }
  return apply(model, plan);
}

void run(benchmark::State& state, const Model& model) {
  const Program program = make_program(model);
  SampleSession session(program, 1);
  const SampleBuffer inputs(program);
  UniformSamples(1, -1, 1).load(0, inputs.inputs());
  session.set_inputs(inputs.inputs());
  Profiler profiler(model, program, 1);
  session.invoke(&profiler);
  const Profile profile = profiler.finish();
  std::string kernels;
  for (const StepProfile& step : profile.steps) {
    if (step.kernel == "reference") return state.SkipWithError((step.name + " has no kernel").c_str());
    kernels += (kernels.empty() ? "" : ", ") + step.kernel;
  }
  Session& plain = session.session();
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) {
    if (!plain.invoke().is_ok()) return state.SkipWithError("failed");
  }
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  const double seconds = time.count() / static_cast<double>(state.iterations());
  const Work& work = profile.total.work;
  if (work.peak_ms > 0) {
    state.counters["GMAC/s"] = static_cast<double>(work.multiply_accumulates) * 1e-9 / seconds;
    state.counters["%peak"] = 100 * work.peak_ms * 1e-3 / seconds;
  }
  state.counters["GB/s"] =
      static_cast<double>(work.read_bytes + work.written_bytes + work.weight_bytes) * 1e-9 / seconds;
  state.SetLabel(kernels);
}

void add(const std::string& family, const std::string& name, Type type, std::function<Model()> make,
         ElementType io = ElementType::kInt8) {
  const std::string whole = kTypeNames[static_cast<size_t>(type)] + ("_" + family) + "/" + name;
  benchmark::RegisterBenchmark(whole.c_str(), [type, io, make = std::move(make)](benchmark::State& state) {
    run(state, quantized(make(), type, io));
  })->Unit(benchmark::kMicrosecond);
}

// As plan_dynamic_range() has it.
bool stays_float(Type type, int32_t weights) { return type == Type::kHybrid && weights < 1024; }

void add_all() {
  for (const Type type : {Type::kF32, Type::kInt8, Type::kInt4, Type::kHybrid}) {
    for (const Layer& layer : kConvolutions) {
      if (type == Type::kInt4 && layer.kernel != 1) continue;
      if (stays_float(type, layer.outputs * layer.channels * layer.kernel * layer.kernel)) continue;
      add("product", layer.name, type, [&layer] { return convolution(layer); });
    }
    for (const Dense& layer : kDense) add("product", layer.name, type, [&layer] { return dense(layer); });
    if (type == Type::kInt4) continue;
    for (const Layer& layer : kDepthwise) {
      if (stays_float(type, layer.channels * layer.kernel * layer.kernel)) continue;
      add("depthwise", layer.name, type, [&layer] { return depthwise(layer); });
    }
  }
  for (const Layer& layer : kBlocks) add("row_tiles", layer.name, Type::kF32, [&layer] { return block(layer); });

  struct Elementwise {
    const char* family;
    Op op;
    Attributes attributes;
    int inputs;
    std::vector<Shape> shapes;
  };
  const std::vector<Elementwise> elementwise = {
      {"add", Op::kAdd, ArithmeticAttributes{}, 2, {{1, 56, 56, 24}, {1, 14, 14, 96}, {1, 56, 56, 256}}},
      {"mul", Op::kMul, ArithmeticAttributes{}, 2, {{1, 56, 56, 24}}},
      {"average_pool", Op::kAveragePool2d, Pool2dAttributes{Padding::kSame, 2, 2, 2, 2}, 1, {{1, 56, 56, 64}}},
      {"max_pool", Op::kMaxPool2d, Pool2dAttributes{Padding::kSame, 2, 2, 3, 3}, 1, {{1, 112, 112, 64}}},
      {"softmax", Op::kSoftmax, SoftmaxAttributes{}, 1, {{1, 1000}, {64, 64}}},
      {"hard_swish", Op::kHardSwish, NoAttributes{}, 1, {{1, 28, 28, 240}}},
      {"logistic", Op::kLogistic, NoAttributes{}, 1, {{1, 28, 28, 240}}},
  };
  for (const Type type : {Type::kF32, Type::kInt8}) {
    for (const Elementwise& e : elementwise) {
      for (const Shape& shape : e.shapes) {
        std::string name;
        for (const int32_t dim : shape.dims()) name += (name.empty() ? "" : "x") + std::to_string(dim);
        add(e.family, name, type, [e, shape] { return one_node(shape, e.op, e.attributes, e.inputs); });
      }
    }
    for (const Shape& shape : {Shape{1, 7, 7, 1280}, Shape{1, 28, 28, 240}}) {
      add("mean", std::to_string(shape[1]) + "x" + std::to_string(shape[3]), type, [shape] { return mean(shape); });
    }
  }
  // Float outside, codes inside: QUANTIZE, an operator that is nearly free, DEQUANTIZE.
  add(
      "quantize", "224x224x3", Type::kInt8, [] { return one_node({1, 224, 224, 3}, Op::kRelu, NoAttributes{}); },
      ElementType::kFloat32);
}

}  // namespace
}  // namespace burin

int main(int argc, char** argv) {
  const burin::Peak peak = burin::measure_peak();
  benchmark::AddCustomContext("peak_f32_GMAC/s", std::to_string(peak.f32 * 1e-9));
  benchmark::AddCustomContext("peak_int8_GMAC/s", std::to_string(peak.int8 * 1e-9));
  burin::add_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
