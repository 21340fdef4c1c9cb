// Quantizing rows of floats as hybrid operators do (row_affine in ops/weighted_sum.hpp chooses the parameters).
#pragma once

#include <cstdint>

#include "runtime/cpu_features.hpp"

namespace burin::gemm {

// How one row with values between two extremes becomes codes: clamp(round(zero_point + x * inverse), min, max), half
// away from zero.
struct RowAffine {
  float scale;
  float inverse;
  int32_t zero_point;
  int32_t min, max;
};

struct QuantizeRowKernels {
  // Lowers `low` and raises `high` to the extremes of the values; NaN is passed over.
  void (*extremes)(const float* values, int64_t count, float& low, float& high);
  // NaN becomes min.
  void (*codes)(const float* values, int64_t count, const RowAffine& affine, int8_t* codes);
};

// The best set for this level.
const QuantizeRowKernels& quantize_row_kernels(runtime::InstructionSet set);

extern const QuantizeRowKernels kQuantizeRowPortable;
#if defined(__x86_64__)
extern const QuantizeRowKernels kQuantizeRowAvx2;
#endif

}  // namespace burin::gemm
