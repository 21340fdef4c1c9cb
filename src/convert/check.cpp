#include "convert/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "burin/error.hpp"
#include "measure/sample_session.hpp"
#include "measure/statistics.hpp"

namespace burin {

OutputValues run_samples(const Program& program, const SampleSource& samples, size_t count) {
  SampleSession session(program, 1);
  OutputValues all;
  for (size_t i = 0; i < std::min(count, samples.size()); ++i) {
    session.load(samples, i);
    session.invoke();
    all.push_back(session.outputs());
  }
  return all;
}

Agreement compare_outputs(const OutputValues& source, const OutputValues& written) {
  Agreement agreement;
  agreement.samples = source.size();
  SignalToNoise ratio;
  for (size_t sample = 0; sample < source.size(); ++sample) {
    if (source[sample].size() != written[sample].size()) {
      throw Error(
          StatusCode::kInvalidModel,
          fmt::format("the written file has {} outputs, the model {}", written[sample].size(), source[sample].size()),
          "this is a fault of the conversion; --no-verify writes the file all the same");
    }
    for (size_t output = 0; output < source[sample].size(); ++output) {
      const auto& expected = source[sample][output];
      const auto& actual = written[sample][output];
      if (expected.size() != actual.size()) {
        throw Error(StatusCode::kInvalidModel,
                    fmt::format("output {} of the written file has {} values, that of the model {}", output,
                                actual.size(), expected.size()),
                    "this is a fault of the conversion; --no-verify writes the file all the same");
      }
      double largest_value = 0.0;
      double largest_difference = 0.0;
      for (size_t i = 0; i < expected.size(); ++i) {
        const auto value = static_cast<double>(expected[i]);
        const double difference = std::abs(static_cast<double>(actual[i]) - value);
        if (!std::isfinite(difference)) agreement.finite = false;
        largest_value = std::max(largest_value, std::abs(value));
        largest_difference = std::max(largest_difference, difference);
        ratio.add(expected[i], actual[i]);
      }
      if (largest_difference > 0.0) {
        agreement.largest_difference =
            std::max(agreement.largest_difference, largest_difference / std::max(largest_value, 1e-30));
      }
    }
  }
  agreement.snr_db = ratio.decibels();
  return agreement;
}

}  // namespace burin
