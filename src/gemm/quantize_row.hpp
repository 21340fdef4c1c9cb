// Quantizing rows of floats as hybrid operators do: every row (or image) gets parameters of its own.
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

enum class RowCoding : uint8_t {
  kSymmetric,   // -127..127, zero point 0
  kAsymmetric,  // -128..127 with a zero point
};

// For a row with values between `low` and `high`, zero included.
RowAffine row_affine(float low, float high, RowCoding coding);

struct QuantizeRowKernels {
  // Lowers `low` and raises `high` to the extremes of the values; NaN is passed over.
  void (*extremes)(const float* values, int64_t count, float& low, float& high);
  // NaN becomes min.
  void (*codes)(const float* values, int64_t count, const RowAffine& affine, int8_t* codes);
  // Rows that lie one after the other, each with the parameters of its own extremes.
  void (*rows)(const float* values, int64_t rows, int64_t columns, RowCoding coding, RowAffine* affine, int8_t* codes);
};

// The best set for this level.
const QuantizeRowKernels& quantize_row_kernels(runtime::InstructionSet set);

extern const QuantizeRowKernels kQuantizeRowPortable;
#if defined(__x86_64__)
extern const QuantizeRowKernels kQuantizeRowAvx2;
#elif defined(__aarch64__)
extern const QuantizeRowKernels kQuantizeRowNeon;
#endif

}  // namespace burin::gemm
