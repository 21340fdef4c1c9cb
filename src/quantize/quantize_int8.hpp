// Full-integer quantization after training: calibrate -> plan -> round depthwise kernels and correct biases, layer by
// layer.
#pragma once

#include "data/sample_source.hpp"
#include "quantize/plan.hpp"
#include "report/progress.hpp"

namespace burin {

struct Int8Options {
  ElementType io_type = ElementType::kFloat32;
  ElementType weights = ElementType::kInt8;            // or kInt4, see plan_from_ranges
  bool correct_bias = true;                            // mean after the activation, layer by layer
  bool round_depthwise = true;                         // by least squares, in the pass that corrects biases
  int threads = 1;                                     // the plan does not depend on it
  int64_t activation_cache_bytes = int64_t{96} << 20;  // beyond it an unlinked temporary file is used
};

// `model` is the last float kBuiltin revision. Memory does not grow with samples.size().
QuantizationPlan plan_int8(const Model& model, const SampleSource& samples, const Int8Options& options = {},
                           Progress& progress = no_progress());

}  // namespace burin
