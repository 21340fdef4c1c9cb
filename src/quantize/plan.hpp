// A QuantizationPlan says, for every tensor of one model revision, what it becomes. Calibration, bias correction and
// rounding algorithms make or edit a plan; apply() is the only place that writes integer constants.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "graph/model.hpp"

namespace burin {

enum class PlanSource : uint8_t { kNone, kCalibrated, kFixed, kShared, kWeights, kCorrected };

struct TensorPlan {
  ElementType type = ElementType::kFloat32;  // what the tensor becomes
  std::optional<Quantization> quantization;
  PlanSource source = PlanSource::kNone;
  // Where an algorithm chose the values themselves (a corrected float bias); empty: those of the model.
  std::vector<float> values;
};

struct QuantizationPlan {
  uint64_t model_digest = 0;  // apply() refuses any other model
  std::vector<TensorPlan> tensors;  // by TensorId of graph 0
  ElementType io_type = ElementType::kFloat32;  // of graph inputs and outputs: float32, int8 or uint8
};

// Weights to float16, a DEQUANTIZE before each use.
QuantizationPlan plan_float16(const Model& model);
// int8 weights of CONV_2D, DEPTHWISE_CONV_2D (per channel) and FULLY_CONNECTED (per tensor); float activations.
QuantizationPlan plan_dynamic_range(const Model& model);

// The quantized model. Throws Error naming the layer when the plan does not fit.
Model apply(const Model& model, const QuantizationPlan& plan);

}  // namespace burin
