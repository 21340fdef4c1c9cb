// Bias correction: rounding weights shifts the mean of every channel, and the shifts pile up. Layer by layer in graph
// order, with every layer before it already quantized and corrected, each bias is moved until the mean after the
// activation equals that of the float model:
//
//   b += mean(y_float) - mean(y_quantized)                                    before the activation
//   b += (mean(act(y_float)) - mean(act(y_quantized))) / max(share, 0.2)      twice (Newton)
//
// where share is the part of y_quantized inside the activation's linear interval. The steps come from the histogram of
// one pass (ChannelHistogram). Correcting the mean before a ReLU6 alone would chase the part that it clips.
//
// A depthwise kernel has few taps, whose rounding errors do not average out: before its bias is corrected, its codes
// are chosen by least squares (least_squares_rounding.hpp) over what its quantized input holds.
//
// A pass runs the quantized layers since the last cut, then the layer itself as integer sums, which are not rounded.
// Cuts are where little is alive; their activations (int8 codes) are kept for every sample in an ActivationCache.
#pragma once

#include <cstdint>

#include "data/sample_source.hpp"
#include "graph/model.hpp"
#include "quantize/calibrate.hpp"
#include "quantize/plan.hpp"
#include "report/progress.hpp"

namespace burin {

struct BiasCorrectionOptions {
  bool round_depthwise = true;  // by least squares, else to nearest
  int threads = 1;
  int64_t activation_cache_bytes = int64_t{96} << 20;  // in memory; what is more goes to a temporary file
};

// Sets the bias of every integer node with weights and the codes of depthwise kernels in `plan`, which
// plan_from_ranges() made of `calibration`. The result does not depend on threads and cache.
void correct_bias(const Model& model, const Calibration& calibration, const SampleSource& samples,
                  QuantizationPlan& plan, const BiasCorrectionOptions& options = {},
                  Progress& progress = no_progress());

}  // namespace burin
