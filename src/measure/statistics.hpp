// Figures of merit: signal-to-noise ratio, quantiles, the paired interval of a difference of accuracies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace burin {

// 10 log10(sum signal^2 / sum (signal - other)^2), in double, in the order of the calls.
class SignalToNoise {
 public:
  void add(float signal, float other) {
    const auto s = static_cast<double>(signal);
    const double n = static_cast<double>(other) - s;
    signal_ += s * s;
    noise_ += n * n;
  }
  void add(const SignalToNoise& other) {
    signal_ += other.signal_;
    noise_ += other.noise_;
  }
  double decibels() const;  // infinite when there is no noise

 private:
  double signal_ = 0.0;
  double noise_ = 0.0;
};

// Linear interpolation between order statistics (numpy.quantile's default). `values` is not empty; q in [0, 1].
double quantile(std::span<const double> values, double q);

// The index of the largest score; the lowest among equals, as numpy.argmax. NaN counts as largest, as there.
size_t top1(std::span<const float> scores);

// Whether `label` is among the `k` largest scores; of equal scores the lower index goes first.
bool in_top(std::span<const float> scores, size_t label, size_t k);

struct Interval {
  double low = 0.0;
  double high = 0.0;
};

struct PairedDifference {
  double drop = 0.0;  // accuracy(reference) - accuracy(other), on the same samples
  Interval ci95;      // drop +- 1.96 standard errors of the mean of the paired differences
};

// How often each was right where the other was wrong, of `samples` in all (> 0).
PairedDifference paired_difference(size_t samples, size_t only_reference_right, size_t only_other_right);

}  // namespace burin
