// One float pass over the calibration samples: ranges of every activation, means of every channel that a bias shifts.
// Memory does not depend on the number of samples; results do not depend on the number of threads.
#pragma once

#include <cstddef>
#include <vector>

#include "data/sample_source.hpp"
#include "graph/model.hpp"
#include "quantize/channel_statistics.hpp"
#include "report/progress.hpp"

namespace burin {

// Zero always belongs to it.
struct CalibratedRange {
  float min = 0.0f;
  float max = 0.0f;

  void include(float value);
  void include(const CalibratedRange& other);
};

struct Calibration {
  std::vector<CalibratedRange> ranges;  // by TensorId: float inputs and activations, after their activations
  std::vector<bool> is_pixels;          // by graph input: every value seen is an integer in 0..255
  // By NodeId: of nodes with constant weights, values before the fused activation. Empty for others.
  std::vector<ChannelStatistics> nodes;
};

// `model` is a float kBuiltin model. Throws Error naming the layer whose output is not finite, or the sample's file.
Calibration calibrate(const Model& model, const SampleSource& samples, int threads = 1,
                      Progress& progress = no_progress());

}  // namespace burin
