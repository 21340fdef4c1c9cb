// Included by one translation unit per instruction set, inside its unnamed namespace, so that no function here is
// shared with code compiled for another machine; <bit> and <cstdint> come before.
#include "ops/exp.hpp"

constexpr int kBlock = 32;

// y[i] = f(i). y may be an input, but then element i only reads element i of it: no iteration waits for another.
template <typename T, typename F>
void for_each(T* y, int64_t count, F f) {
  int64_t i = 0;
#if defined(__clang__)
  // It takes no such promise without a warning where it does not vectorize; it sees through a block.
  for (; i + kBlock <= count; i += kBlock) {
    T block[kBlock];
    for (int j = 0; j < kBlock; ++j) block[j] = f(i + j);
    __builtin_memcpy(y + i, block, sizeof(block));
  }
#else
#pragma GCC ivdep
#endif
  for (; i < count; ++i) y[i] = f(i);
}

// y[i] = f(y[i], x[row][i]) for all rows.
template <typename T, typename U, typename F>
void for_each_of_rows(const T* x, int64_t rows, int64_t stride, U* y, int64_t count, F f) {
  int64_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    U block[kBlock];
    __builtin_memcpy(block, y + i, sizeof(block));
    for (int64_t row = 0; row < rows; ++row) {
      const T* values = x + row * stride + i;
      for (int j = 0; j < kBlock; ++j) block[j] = f(block[j], values[j]);
    }
    __builtin_memcpy(y + i, block, sizeof(block));
  }
  for (; i < count; ++i) {
    for (int64_t row = 0; row < rows; ++row) y[i] = f(y[i], x[row * stride + i]);
  }
}

// NaN stays.
inline float clamp_f32(float x, FloatRange range) { return x < range.min ? range.min : x > range.max ? range.max : x; }

// Half to even; |x| <= 2^22.
inline int32_t round_f32(float x) {
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23
  return static_cast<int32_t>((x + kRound) - kRound);
}

template <typename T, typename F>
void binary(const T* a, const T* b, int64_t b_step, T* y, int64_t count, F f) {
  if (b_step != 0) {
    for_each(y, count, [=](int64_t i) { return f(a[i], b[i]); });
  } else {
    const T value = *b;
    for_each(y, count, [=](int64_t i) { return f(a[i], value); });
  }
}

void add(const float* a, const float* b, int64_t b_step, float* y, int64_t count, FloatRange range) {
  binary(a, b, b_step, y, count, [=](float u, float v) { return clamp_f32(u + v, range); });
}
void subtract(const float* a, const float* b, int64_t b_step, float* y, int64_t count, FloatRange range) {
  binary(a, b, b_step, y, count, [=](float u, float v) { return clamp_f32(u - v, range); });
}
void multiply(const float* a, const float* b, int64_t b_step, float* y, int64_t count, FloatRange range) {
  binary(a, b, b_step, y, count, [=](float u, float v) { return clamp_f32(u * v, range); });
}
void divide(const float* a, const float* b, int64_t b_step, float* y, int64_t count, FloatRange range) {
  binary(a, b, b_step, y, count, [=](float u, float v) { return clamp_f32(u / v, range); });
}
void maximum(const float* a, const float* b, int64_t b_step, float* y, int64_t count, FloatRange range) {
  binary(a, b, b_step, y, count, [=](float u, float v) { return clamp_f32(u > v ? u : v, range); });
}
void minimum(const float* a, const float* b, int64_t b_step, float* y, int64_t count, FloatRange range) {
  binary(a, b, b_step, y, count, [=](float u, float v) { return clamp_f32(u < v ? u : v, range); });
}

void clamp(const float* x, float* y, int64_t count, FloatRange range) {
  for_each(y, count, [=](int64_t i) { return clamp_f32(x[i], range); });
}
void scale(const float* x, const float* factor, const float* shift, int64_t step, float* y, int64_t count) {
  if (step != 0) {
    for_each(y, count, [=](int64_t i) { return x[i] * factor[i] + shift[i]; });
  } else {
    const float a = *factor, b = *shift;
    for_each(y, count, [=](int64_t i) { return x[i] * a + b; });
  }
}
void leaky_relu(const float* x, float* y, int64_t count, float alpha) {
  for_each(y, count, [=](int64_t i) { return x[i] < 0.0f ? x[i] * alpha : x[i]; });
}
void hard_swish(const float* x, float* y, int64_t count) {
  for_each(y, count, [=](int64_t i) { return x[i] * clamp_f32(x[i] + 3.0f, {0.0f, 6.0f}) * (1.0f / 6.0f); });
}
void logistic(const float* x, float* y, int64_t count) {
  for_each(y, count, [=](int64_t i) { return burin::logistic_f32(x[i]); });
}
void silu(const float* x, float* y, int64_t count) {
  for_each(y, count, [=](int64_t i) { return x[i] * burin::logistic_f32(x[i]); });
}
void tanh(const float* x, float* y, int64_t count) {
  for_each(y, count, [=](int64_t i) { return burin::tanh_f32(x[i]); });
}
void exp_of_difference(const float* x, float* y, int64_t count, float largest, float beta) {
  for_each(y, count, [=](int64_t i) { return burin::exp_f32((x[i] - largest) * beta); });
}

void add_rows(const float* x, int64_t rows, int64_t stride, float* y, int64_t count) {
  for_each_of_rows(x, rows, stride, y, count, [](float sum, float value) { return sum + value; });
}
void maximum_of_rows(const float* x, int64_t rows, int64_t stride, float* y, int64_t count) {
  for_each_of_rows(x, rows, stride, y, count, [](float most, float value) { return value > most ? value : most; });
}
void add_rows_s8(const int8_t* x, int64_t rows, int64_t stride, int32_t* y, int64_t count) {
  // 16 bits hold the sums of so many rows.
  constexpr int64_t kRows = 256;
  int64_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    for (int64_t row = 0; row < rows; row += kRows) {
      int16_t sums[kBlock] = {};
      const int64_t end = rows - row < kRows ? rows : row + kRows;
      for (int64_t r = row; r < end; ++r) {
        for (int j = 0; j < kBlock; ++j) sums[j] = static_cast<int16_t>(sums[j] + x[r * stride + i + j]);
      }
      for (int j = 0; j < kBlock; ++j) y[i + j] += sums[j];
    }
  }
  for (; i < count; ++i) {
    for (int64_t row = 0; row < rows; ++row) y[i] += x[row * stride + i];
  }
}
void maximum_of_rows_s8(const int8_t* x, int64_t rows, int64_t stride, int8_t* y, int64_t count) {
  for_each_of_rows(x, rows, stride, y, count, [](int8_t most, int8_t value) { return value > most ? value : most; });
}

void sum_s8(const int8_t* a, const int8_t* b, int64_t b_step, int8_t* y, int64_t count, const CodeSum& sum) {
  const CodeSum s = sum;
  binary(a, b, b_step, y, count, [=](int32_t u, int32_t v) {
    const int32_t code = ((s.bias + u * s.a_factor + v * s.b_factor) >> s.shift) + s.zero_point;
    return static_cast<int8_t>(code < s.min ? s.min : code > s.max ? s.max : code);
  });
}
void product_s8(const int8_t* a, const int8_t* b, int64_t b_step, int8_t* y, int64_t count,
                const CodeProduct& product) {
  const CodeProduct p = product;
  binary(a, b, b_step, y, count, [=](int32_t u, int32_t v) {
    const float real = static_cast<float>((u - p.a_zero_point) * (v - p.b_zero_point)) * p.scale;
    return static_cast<int8_t>(round_f32(clamp_f32(real, {p.min, p.max})) + p.zero_point);
  });
}
// NaN becomes the smallest code.
void quantize_s8(const float* x, int8_t* y, int64_t count, const CodeRounding& rounding) {
  const CodeRounding r = rounding;
  for_each(y, count, [=](int64_t i) {
    const float real = x[i] * r.inverse_scale;
    const float clamped = real > r.min ? (real < r.max ? real : r.max) : r.min;
    return static_cast<int8_t>(round_f32(clamped) + r.zero_point);
  });
}

constexpr ElementLoops kLoops = {
    .add = if_selected("f32", add),
    .subtract = if_selected("f32", subtract),
    .multiply = if_selected("f32", multiply),
    .divide = if_selected("f32", divide),
    .maximum = if_selected("f32", maximum),
    .minimum = if_selected("f32", minimum),
    .clamp = if_selected("f32", clamp),
    .scale = if_selected("f32", scale),
    .leaky_relu = if_selected("f32", leaky_relu),
    .hard_swish = if_selected("f32", hard_swish),
    .logistic = if_selected("f32", logistic),
    .silu = if_selected("f32", silu),
    .tanh = if_selected("f32", tanh),
    .exp_of_difference = if_selected("f32", exp_of_difference),
    .add_rows = if_selected("f32", add_rows),
    .maximum_of_rows = if_selected("f32", maximum_of_rows),
    .add_rows_s8 = if_selected("_s8", add_rows_s8),
    .maximum_of_rows_s8 = if_selected("max_pool_2d_s8", maximum_of_rows_s8),
    .sum_s8 = if_selected("_s8", sum_s8),
    .product_s8 = if_selected("mul_s8", product_s8),
    .quantize_s8 = if_selected("quantize_s8", quantize_s8),
};
