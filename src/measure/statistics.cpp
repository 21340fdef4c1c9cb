#include "measure/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace burin {

double SignalToNoise::decibels() const {
  if (noise_ == 0.0) return std::numeric_limits<double>::infinity();
  return 10.0 * std::log10(signal_ / noise_);
}

double quantile(std::span<const double> values, double q) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - static_cast<double>(below));
}

size_t top1(std::span<const float> scores) {
  size_t best = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (std::isnan(scores[i])) return i;
    if (scores[i] > scores[best]) best = i;
  }
  return best;
}

bool in_top(std::span<const float> scores, size_t label, size_t k) {
  size_t before = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] > scores[label] || (scores[i] == scores[label] && i < label)) ++before;
  }
  return before < k;
}

PairedDifference paired_difference(size_t samples, size_t only_reference_right, size_t only_other_right) {
  const auto n = static_cast<double>(samples);
  const auto lost = static_cast<double>(only_reference_right);
  const auto won = static_cast<double>(only_other_right);
  const double mean = (lost - won) / n;
  const double variance = samples > 1 ? ((lost + won) - n * mean * mean) / (n - 1.0) : 0.0;
  const double margin = 1.96 * std::sqrt(std::max(variance, 0.0) / n);
  return {mean, {mean - margin, mean + margin}};
}

}  // namespace burin
