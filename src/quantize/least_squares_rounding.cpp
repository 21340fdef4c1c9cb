#include "quantize/least_squares_rounding.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace burin {

namespace {

constexpr int kLargestCode = 127;

int8_t nearest_weight_code(double weight) {
  return static_cast<int8_t>(std::clamp<double>(std::round(weight), -kLargestCode, kLargestCode));
}

// Lower triangle L with H = L L^T; nothing where H is not positive definite.
std::optional<std::vector<double>> cholesky(std::span<const double> moments, size_t n) {
  std::vector<double> lower(n * n);
  for (size_t row = 0; row < n; ++row) {
    for (size_t column = 0; column <= row; ++column) {
      double rest = moments[row * n + column];
      for (size_t k = 0; k < column; ++k) rest -= lower[row * n + k] * lower[column * n + k];
      if (row == column) {
        if (!(rest > 0.0)) return std::nullopt;
        lower[row * n + row] = std::sqrt(rest);
      } else {
        lower[row * n + column] = rest / lower[column * n + column];
      }
    }
  }
  return lower;
}

// e^T H e = sum over i of (L_ii e_i + sum over j > i of L_ji e_j)^2: from the last weight to the first, each code makes
// its own term as small as it can be.
std::vector<int8_t> round_in_sequence(std::span<const double> weights, std::span<const double> lower) {
  const size_t n = weights.size();
  std::vector<int8_t> codes(n);
  std::vector<double> errors(n);
  for (size_t i = n; i-- > 0;) {
    double fed_back = 0.0;
    for (size_t j = i + 1; j < n; ++j) fed_back += lower[j * n + i] * errors[j];
    codes[i] = nearest_weight_code(weights[i] - fed_back / lower[i * n + i]);
    errors[i] = codes[i] - weights[i];
  }
  return codes;
}

void descend(std::span<const double> weights, std::span<const double> moments, std::vector<int8_t>& codes) {
  const size_t n = weights.size();
  std::vector<double> gradient(n);  // H e
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) gradient[i] += moments[i * n + j] * (codes[j] - weights[j]);
  }
  for (;;) {
    // The step that gains most. A gain that is lost in the rounding of doubles is none: the loop ends.
    double best = 0.0;
    size_t at = n;
    int direction = 0;
    for (size_t i = 0; i < n; ++i) {
      const double own = moments[i * n + i];
      const int step = gradient[i] > 0.0 ? -1 : 1;
      if (std::abs(codes[i] + step) > kLargestCode) continue;
      const double change = 2.0 * step * gradient[i] + own;
      if (change < best && change < -1e-9 * own) {
        best = change;
        at = i;
        direction = step;
      }
    }
    if (at == n) return;
    codes[at] = static_cast<int8_t>(codes[at] + direction);
    for (size_t i = 0; i < n; ++i) gradient[i] += direction * moments[i * n + at];
  }
}

}  // namespace

std::vector<int8_t> round_least_squares(std::span<const double> weights, std::span<const double> moments) {
  std::vector<int8_t> nearest(weights.size());
  std::ranges::transform(weights, nearest.begin(), nearest_weight_code);
  const auto lower = cholesky(moments, weights.size());
  if (!lower) return nearest;
  std::vector<int8_t> codes = round_in_sequence(weights, *lower);
  descend(weights, moments, codes);
  descend(weights, moments, nearest);
  return rounding_error(weights, codes, moments) <= rounding_error(weights, nearest, moments) ? codes : nearest;
}

double rounding_error(std::span<const double> weights, std::span<const int8_t> codes, std::span<const double> moments) {
  const size_t n = weights.size();
  double error = 0.0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) error += (codes[i] - weights[i]) * moments[i * n + j] * (codes[j] - weights[j]);
  }
  return error;
}

}  // namespace burin
