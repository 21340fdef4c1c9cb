// Loops that the compiler vectorizes, included by one translation unit per instruction set inside its unnamed namespace
// (f32_kernels.inc.hpp says why nothing of the standard library is used).

void extremes(const float* values, int64_t count, float& low, float& high) {
  constexpr int kLanes = 32;  // several independent chains
  float lows[kLanes], highs[kLanes];
  for (int i = 0; i < kLanes; ++i) lows[i] = low, highs[i] = high;
  int64_t at = 0;
  for (; at + kLanes <= count; at += kLanes) {
    for (int i = 0; i < kLanes; ++i) {
      const float x = values[at + i];
      lows[i] = x < lows[i] ? x : lows[i];
      highs[i] = x > highs[i] ? x : highs[i];
    }
  }
  for (; at < count; ++at) {
    lows[0] = values[at] < lows[0] ? values[at] : lows[0];
    highs[0] = values[at] > highs[0] ? values[at] : highs[0];
  }
  for (int i = 0; i < kLanes; ++i) {
    low = lows[i] < low ? lows[i] : low;
    high = highs[i] > high ? highs[i] : high;
  }
}

void codes(const float* values, int64_t count, const RowAffine& affine, int8_t* out) {
  const float inverse = affine.inverse;
  const auto offset = static_cast<float>(affine.zero_point);
  const auto low = static_cast<float>(affine.min);
  const auto high = static_cast<float>(affine.max);
  for (int64_t i = 0; i < count; ++i) {
    float code = offset + values[i] * inverse;
    code = code > low ? code : low;  // first, so that NaN goes
    code = code < high ? code : high;
    // The largest float below a half: added before cutting off, it rounds exactly as std::round.
    const float half = __builtin_copysignf(0.49999997f, code);
    out[i] = static_cast<int8_t>(static_cast<int32_t>(code + half));
  }
}

void rows(const float* values, int64_t rows, int64_t columns, RowCoding coding, RowAffine* affine, int8_t* out) {
  for (int64_t row = 0; row < rows; ++row) {
    float low = 0.0f, high = 0.0f;
    extremes(values + row * columns, columns, low, high);
    affine[row] = row_affine(low, high, coding);
    codes(values + row * columns, columns, affine[row], out + row * columns);
  }
}
