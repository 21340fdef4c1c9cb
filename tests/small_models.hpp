// Small models with seeded weights for tests of whole programs.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "graph/model.hpp"

namespace burin {

inline std::vector<float> seeded_floats(size_t count, uint32_t seed, float low = -1.0f, float high = 1.0f) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = low + (high - low) * static_cast<float>(random() >> 8) * 0x1p-24f;
  return values;
}

// Builds a chain of float layers with recorded shapes; sizes are given, not inferred.
class ModelBuilder {
 public:
  ModelBuilder() { model_.graphs.emplace_back(); }

  TensorId input(Shape shape) {
    const TensorId id = computed("input", shape);
    graph().inputs.push_back(id);
    return id;
  }
  TensorId constant(Shape shape, float low = -0.5f, float high = 0.5f) {
    return add_constant_tensor(model_, graph(), next("weights"), ElementType::kFloat32, shape,
                               seeded_floats(static_cast<size_t>(shape.elements()), seed_++, low, high));
  }
  TensorId integers(std::vector<int32_t> values) {
    const auto count = static_cast<int32_t>(values.size());
    return add_constant_tensor(model_, graph(), next("integers"), ElementType::kInt32, {count}, std::move(values));
  }
  TensorId node(Op op, std::vector<TensorId> inputs, Shape shape, Attributes attributes = NoAttributes{}) {
    const TensorId id = computed("layer", shape);
    graph().add_node({op, std::move(inputs), {id}, std::move(attributes)});
    return id;
  }
  void output(TensorId id) { graph().outputs.push_back(id); }

  Graph& graph() { return model_.main(); }
  const Tensor& tensor(TensorId id) { return graph().tensors[id]; }
  Model& model() { return model_; }

 private:
  std::string next(const char* name) { return std::string(name) + "_" + std::to_string(graph().tensors.size()); }
  TensorId computed(const char* name, Shape shape) { return graph().add_tensor({.name = next(name), .shape = shape}); }

  Model model_;
  uint32_t seed_ = 1;
};

// The operators of MobileNetV2 once: convolution, inverted residual block, mean, dense, softmax. Input ?x17x15x3.
inline Model small_mobilenet() {
  constexpr int32_t kBatch = Shape::kFree;
  constexpr FusedActivation kRelu6 = FusedActivation::kRelu6;
  ModelBuilder b;
  const TensorId image = b.input({kBatch, 17, 15, 3});
  const TensorId stem = b.node(Op::kConv2d, {image, b.constant({8, 3, 3, 3}), b.constant({8})}, {kBatch, 9, 8, 8},
                               Conv2dAttributes{Padding::kSame, 2, 2, 1, 1, kRelu6});
  const TensorId wide = b.node(Op::kConv2d, {stem, b.constant({24, 1, 1, 8}), b.constant({24})}, {kBatch, 9, 8, 24},
                               Conv2dAttributes{Padding::kSame, 1, 1, 1, 1, kRelu6});
  const TensorId spatial = b.node(Op::kDepthwiseConv2d, {wide, b.constant({1, 3, 3, 24}), b.constant({24})},
                                  {kBatch, 9, 8, 24}, DepthwiseConv2dAttributes{Padding::kSame, 1, 1, 1, 1, 1, kRelu6});
  const TensorId narrow =
      b.node(Op::kConv2d, {spatial, b.constant({8, 1, 1, 24}), b.constant({8})}, {kBatch, 9, 8, 8}, Conv2dAttributes{});
  const TensorId sum = b.node(Op::kAdd, {stem, narrow}, {kBatch, 9, 8, 8}, ArithmeticAttributes{});
  const TensorId mean = b.node(Op::kMean, {sum, b.integers({1, 2})}, {kBatch, 8}, ReduceAttributes{});
  const TensorId logits =
      b.node(Op::kFullyConnected, {mean, b.constant({5, 8}), b.constant({5})}, {kBatch, 5}, FullyConnectedAttributes{});
  b.output(b.node(Op::kSoftmax, {logits}, {kBatch, 5}, SoftmaxAttributes{}));
  return std::move(b.model());
}

}  // namespace burin
