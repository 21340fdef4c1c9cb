// The check of a conversion: the written file against the model as read, both run by Burin on the same inputs.
//
// Difference: largest |written - source| over the largest |source| of an output. Signal-to-noise ratio in dB:
// 10 log10(sum source^2 / sum (written - source)^2) over all outputs and samples; infinite where they are equal.
#pragma once

#include <span>
#include <vector>

#include "burin/runtime.hpp"
#include "data/sample_source.hpp"

namespace burin {

// Outputs as real values, by sample, then by output.
using OutputValues = std::vector<std::vector<std::vector<float>>>;

// Runs `program` on the first `samples` samples. Throws Error.
OutputValues run_samples(const Program& program, const SampleSource& samples, size_t count);

struct Agreement {
  double largest_difference = 0.0;  // relative to the largest value of its output
  double snr_db = 0.0;
  bool finite = true;
  size_t samples = 0;
};

// Throws Error when the outputs do not correspond in number and size.
Agreement compare_outputs(const OutputValues& source, const OutputValues& written);

}  // namespace burin
