// The inner loops of operators that work element by element, in one variant per instruction set. All variants give the
// same bits: there is one source (kernel_loops.inc.hpp), compiled without fused multiply-add. `y` may be an input.
#pragma once

#include <cstdint>

#include "ops/fused_activation.hpp"
#include "runtime/cpu_features.hpp"

namespace burin {

// clamp(((a - a_zero) * a_factor + (b - b_zero) * b_factor + rounding) >> shift) + zero: ADD and SUB of codes, with the
// zero points in `bias`.
struct CodeSum {
  int32_t a_factor, b_factor, bias, shift, zero_point, min, max;
};

// clamp(rint((a - a_zero) * (b - b_zero) * scale)) + zero. min and max are before the zero point is added.
struct CodeProduct {
  int32_t a_zero_point, b_zero_point, zero_point;
  float scale, min, max;
};

// clamp(rint(x * inverse_scale)) + zero; min and max as above.
struct CodeRounding {
  float inverse_scale;
  int32_t zero_point;
  float min, max;
};

struct ElementLoops {
  // y = clamp(a op b); b_step 0: one value of b for all, else 1.
  using Binary = void (*)(const float* a, const float* b, int64_t b_step, float* y, int64_t count, FloatRange range);
  Binary add, subtract, multiply, divide, maximum, minimum;

  void (*clamp)(const float* x, float* y, int64_t count, FloatRange range);
  // y = x * factor + shift; step 0: one factor and shift for all, else 1.
  void (*scale)(const float* x, const float* factor, const float* shift, int64_t step, float* y, int64_t count);
  void (*leaky_relu)(const float* x, float* y, int64_t count, float alpha);
  void (*hard_swish)(const float* x, float* y, int64_t count);
  void (*logistic)(const float* x, float* y, int64_t count);
  void (*silu)(const float* x, float* y, int64_t count);  // x * logistic(x), as multiply(x, logistic(x)) has it
  void (*tanh)(const float* x, float* y, int64_t count);
  // exp((x - largest) * beta)
  void (*exp_of_difference)(const float* x, float* y, int64_t count, float largest, float beta);

  // y[i] = y[i] op x[0][i] op x[1][i] ...: `rows` rows, `stride` elements apart.
  void (*add_rows)(const float* x, int64_t rows, int64_t stride, float* y, int64_t count);
  void (*maximum_of_rows)(const float* x, int64_t rows, int64_t stride, float* y, int64_t count);
  void (*add_rows_s8)(const int8_t* x, int64_t rows, int64_t stride, int32_t* y, int64_t count);
  void (*maximum_of_rows_s8)(const int8_t* x, int64_t rows, int64_t stride, int8_t* y, int64_t count);

  void (*sum_s8)(const int8_t* a, const int8_t* b, int64_t b_step, int8_t* y, int64_t count, const CodeSum& sum);
  void (*product_s8)(const int8_t* a, const int8_t* b, int64_t b_step, int8_t* y, int64_t count,
                     const CodeProduct& product);
  void (*quantize_s8)(const float* x, int8_t* y, int64_t count, const CodeRounding& rounding);
};

// The best variant for this level.
const ElementLoops& element_loops(runtime::InstructionSet set);

extern const ElementLoops kLoopsPortable;
#if defined(__x86_64__)
extern const ElementLoops kLoopsAvx2;
extern const ElementLoops kLoopsAvx512;
#elif defined(__aarch64__) || defined(__arm__)
extern const ElementLoops kLoopsNeon;
#endif

}  // namespace burin
