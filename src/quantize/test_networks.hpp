// Small convolutional networks with seeded weights, and samples for them, for the tests of quantization.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "burin/error.hpp"
#include "data/random.hpp"
#include "data/sample_source.hpp"
#include "graph/model.hpp"
#include "graph/shapes.hpp"
#include "graph/verify.hpp"

namespace burin {

class NetworkBuilder {
 public:
  explicit NetworkBuilder(uint64_t seed = 1) : random_(seed) {
    model_.graphs.emplace_back();
    model_.name = "toy";
  }

  TensorId input(const std::string& name, Shape shape) {
    const TensorId id = add(name, shape);
    graph().inputs.push_back(id);
    return id;
  }
  TensorId constant(const std::string& name, Shape shape, std::vector<float> values) {
    return add_constant_tensor(model_, graph(), name, ElementType::kFloat32, shape, std::move(values));
  }
  TensorId integers(const std::string& name, Shape shape, std::vector<int32_t> values) {
    return add_constant_tensor(model_, graph(), name, ElementType::kInt32, shape, std::move(values));
  }
  // Uniform in -scale..scale.
  std::vector<float> random(int64_t count, float scale) {
    std::vector<float> values(static_cast<size_t>(count));
    for (float& value : values) value = scale * (2.0f * random_.unit() - 1.0f);
    return values;
  }

  TensorId node(const std::string& name, Op op, std::vector<TensorId> inputs, Attributes attributes = NoAttributes{}) {
    const TensorId output = add(name, {});
    graph().add_node({op, std::move(inputs), {output}, std::move(attributes)});
    return output;
  }
  TensorId conv(const std::string& name, TensorId x, int in, int out, int size, Conv2dAttributes attributes) {
    const auto range = 2.0f / std::sqrt(static_cast<float>(in * size * size));
    const TensorId kernel = constant(name + "/kernel", {out, size, size, in}, random(out * size * size * in, range));
    const TensorId bias = constant(name + "/bias", {out}, random(out, 0.3f));
    return node(name, Op::kConv2d, {x, kernel, bias}, attributes);
  }
  TensorId depthwise(const std::string& name, TensorId x, int channels, DepthwiseConv2dAttributes attributes) {
    const TensorId kernel = constant(name + "/kernel", {1, 3, 3, channels}, random(9 * channels, 0.7f));
    const TensorId bias = constant(name + "/bias", {channels}, random(channels, 0.3f));
    return node(name, Op::kDepthwiseConv2d, {x, kernel, bias}, attributes);
  }
  TensorId dense(const std::string& name, TensorId x, int in, int out) {
    const auto range = 2.0f / std::sqrt(static_cast<float>(in));
    const TensorId kernel = constant(name + "/kernel", {out, in}, random(out * in, range));
    const TensorId bias = constant(name + "/bias", {out}, random(out, 0.3f));
    return node(name, Op::kFullyConnected, {x, kernel, bias}, FullyConnectedAttributes{});
  }
  TensorId mean(const std::string& name, TensorId x) {
    return node(name, Op::kMean, {x, integers(name + "/axes", {2}, {1, 2})}, ReduceAttributes{});
  }

  Model finish(std::vector<TensorId> outputs) {
    Signature signature;
    for (const TensorId id : graph().inputs) signature.inputs.push_back({graph().tensors[id].name, id});
    for (const TensorId id : outputs) signature.outputs.push_back({graph().tensors[id].name, id});
    graph().outputs = std::move(outputs);
    model_.signatures = {signature};
    throw_if_error(infer_shapes(model_));
    throw_if_error(verify(model_));
    return std::move(model_);
  }

 private:
  Graph& graph() { return model_.main(); }
  TensorId add(const std::string& name, Shape shape) {
    Tensor tensor;
    tensor.name = name;
    tensor.origin = name;
    tensor.shape = shape;
    return graph().add_tensor(std::move(tensor));
  }

  Model model_;
  Random random_;
};

// Uniform in min..max.
class UniformSamples : public SampleSource {
 public:
  UniformSamples(size_t count, float min, float max, bool whole = false)
      : count_(count), min_(min), max_(max), whole_(whole) {}
  size_t size() const override { return count_; }
  void load(size_t index, std::span<const std::span<float>> inputs) const override {
    Random random(1000 + index);
    for (const auto& input : inputs) {
      for (float& value : input) {
        value = min_ + (max_ - min_) * random.unit();
        if (whole_) value = std::floor(value);
      }
    }
  }

 private:
  size_t count_;
  float min_, max_;
  bool whole_;
};

// MobileNet-like: a stem, an inverted residual with its ADD, pooling and a classifier; input 16x16x3.
inline Model residual_network(uint64_t seed = 1) {
  NetworkBuilder net(seed);
  constexpr FusedActivation kRelu6 = FusedActivation::kRelu6;
  const TensorId x = net.input("image", {Shape::kFree, 16, 16, 3});
  const TensorId stem =
      net.conv("stem", x, 3, 8, 3, {.padding = Padding::kSame, .stride_h = 2, .stride_w = 2, .activation = kRelu6});
  const TensorId expand = net.conv("expand", stem, 8, 24, 1, {.activation = kRelu6});
  const TensorId depthwise = net.depthwise("depthwise", expand, 24, {.padding = Padding::kSame, .activation = kRelu6});
  const TensorId project = net.conv("project", depthwise, 24, 8, 1, {});
  const TensorId sum = net.node("add", Op::kAdd, {stem, project}, ArithmeticAttributes{});
  const TensorId last = net.conv("last", sum, 8, 32, 1, {.activation = kRelu6});
  const TensorId pooled = net.mean("pool", last);
  const TensorId logits = net.dense("logits", pooled, 32, 5);
  return net.finish({net.node("softmax", Op::kSoftmax, {logits}, SoftmaxAttributes{})});
}

}  // namespace burin
