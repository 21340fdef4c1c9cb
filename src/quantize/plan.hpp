// A QuantizationPlan says, for every tensor and node of one model revision, what it becomes. Calibration, bias
// correction and rounding algorithms make or edit a plan; apply() is the only place that writes integer constants.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graph/model.hpp"

namespace burin {

enum class PlanSource : uint8_t {
  kNone,        // stays as it is
  kCalibrated,  // from the range that calibration saw
  kFixed,       // the operator's or the input's fixed parameters
  kShared,      // those of another tensor
  kWeights,     // from the constant's own values
};

struct TensorPlan {
  ElementType type = ElementType::kFloat32;  // what the tensor becomes; non-float tensors keep their own type
  std::optional<Quantization> quantization;
  PlanSource source = PlanSource::kNone;
  // The codes that an algorithm chose for int8 or int4 weights, in the order of the constant's values; empty: the
  // nearest.
  std::vector<int8_t> codes;
};

enum class NodeArithmetic : uint8_t {
  kFloat,    // planned neighbours are dequantized before and quantized after it
  kHybrid,   // int8 weights, float activations
  kInteger,  // every data tensor is int8, the bias int32, the weights int8 or int4
};

struct NodePlan {
  NodeArithmetic arithmetic = NodeArithmetic::kFloat;
  // The float bias that an algorithm chose for a weighted node; empty: the model's. It belongs to the node because
  // two nodes may share one bias tensor.
  std::vector<float> bias;
};

struct QuantizationPlan {
  uint64_t model_digest = 0;                    // apply() refuses any other model
  std::vector<TensorPlan> tensors;              // by TensorId of graph 0
  std::vector<NodePlan> nodes;                  // by NodeId of graph 0
  ElementType io_type = ElementType::kFloat32;  // of planned graph inputs and outputs: float32, int8 or uint8
};

// A plan that changes nothing. Throws Error where a model cannot be planned (more than one graph, kSource).
QuantizationPlan plan_unchanged(const Model& model);
// Weights to float16, with one DEQUANTIZE each. Constants of fewer than 64 elements (a DEQUANTIZE takes more bytes
// than it saves) and those with values outside float16's range stay float32.
QuantizationPlan plan_float16(const Model& model);
// int8 weights of CONV_2D, DEPTHWISE_CONV_2D (per channel) and FULLY_CONNECTED (per tensor); float activations.
// Weights of fewer than 1024 elements stay float32, as with TFLite's converter.
QuantizationPlan plan_dynamic_range(const Model& model);

// The codes of a constant that `plan` makes symmetric int8 or int4 weights.
std::vector<int8_t> weight_codes(const Model& model, const Tensor& weights, const TensorPlan& plan);

// The values of a constant that a plan makes float16: the nearest, but for depthwise kernels, which keep their sums.
std::vector<uint16_t> weight_halves(const Model& model, TensorId weights);

// The quantized model. Throws Error naming the layer when the plan does not fit the model or would leave a node half
// quantized. An integer node's inputs are converted where their parameters differ from what the node needs.
Model apply(const Model& model, const QuantizationPlan& plan);

// A node that computes in float although its model is quantized to integers.
struct FloatNode {
  std::string origin;
  Op op;
};
std::vector<FloatNode> float_nodes(const Model& model, const QuantizationPlan& plan);

}  // namespace burin
