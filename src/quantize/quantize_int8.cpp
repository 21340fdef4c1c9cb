#include "quantize/quantize_int8.hpp"

#include "quantize/calibrate.hpp"
#include "quantize/correct_bias.hpp"
#include "quantize/plan_from_ranges.hpp"

namespace burin {

QuantizationPlan plan_int8(const Model& model, const SampleSource& samples, const Int8Options& options,
                           Progress& progress) {
  const Calibration calibration = calibrate(model, samples, options.threads, progress);
  QuantizationPlan plan = plan_from_ranges(model, calibration, options.io_type, options.weights);
  if (options.correct_bias) {
    correct_bias(model, calibration, samples, plan,
                 {.round_depthwise = options.round_depthwise,
                  .threads = options.threads,
                  .activation_cache_bytes = options.activation_cache_bytes},
                 progress);
  }
  return plan;
}

}  // namespace burin
