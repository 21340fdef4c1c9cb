// Rounding by least squares: nearest codes minimise the error of each weight, but what a layer adds to its output is
// e^T H e, where e = codes - weights and H holds the second moments of the inputs. Neighbouring taps of a picture are
// alike, so that an error of one tap can make up for that of another.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace burin {

// Codes in -127..127 of n weights given in steps of their scale; `moments` [n, n] is symmetric. One weight after the
// other is rounded, its error fed back to those still to be rounded (GPTQ's order, by Cholesky); then single steps of
// +-1 are taken while one lowers e^T H e. Never worse than nearest rounding, which is the result where `moments` is
// not positive definite.
std::vector<int8_t> round_least_squares(std::span<const double> weights, std::span<const double> moments);

// e^T H e
double rounding_error(std::span<const double> weights, std::span<const int8_t> codes, std::span<const double> moments);

}  // namespace burin
