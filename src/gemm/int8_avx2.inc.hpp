// What the integer kernels of AVX2 and of VNNI in 256 bits share: eight sums a vector, and what becomes of them.
// Included by one translation unit per instruction set, inside its unnamed namespace.

// Products are clamped as in requantize_litert: above, where the conversion would overflow; below, the overflow value
// saturates as the clamped one does.
template <bool kPlain>
inline __m256i rounded_products(__m256i sums, const float* scales) {
  const __m256 product = _mm256_mul_ps(_mm256_cvtepi32_ps(sums), _mm256_loadu_ps(scales));
  return _mm256_cvtps_epi32(kPlain ? product : _mm256_min_ps(product, _mm256_set1_ps(1073741824.0f)));
}

// Codes of four vectors of products; every 128 bits hold four of each.
template <bool kPlain>
inline __m256i packed_codes(__m256i a, __m256i b, __m256i c, __m256i d, const Requantization& q) {
  const __m256i zero_point = _mm256_set1_epi16(static_cast<int16_t>(q.zero_point));
  const __m256i low = _mm256_adds_epi16(_mm256_packs_epi32(a, b), zero_point);
  const __m256i high = _mm256_adds_epi16(_mm256_packs_epi32(c, d), zero_point);
  __m256i codes = _mm256_packs_epi16(low, high);
  if constexpr (!kPlain) {
    codes = _mm256_max_epi8(codes, _mm256_set1_epi8(static_cast<char>(q.min)));
    codes = _mm256_min_epi8(codes, _mm256_set1_epi8(static_cast<char>(q.max)));
  }
  return codes;
}

inline void store_first(int8_t* out, __m128i codes, int64_t count) {
  alignas(16) int8_t all[16];
  _mm_store_si128(reinterpret_cast<__m128i*>(all), codes);
  __builtin_memcpy(out, all, static_cast<size_t>(count));
}

struct Sums256 {
  using V = __m256i;
  static constexpr int kLanes = 8, kRows = 6, kVectors = 2;

  static V load(const int32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static V load_start(const int32_t* p) { return load(p); }

  static void store(V v, int32_t* p) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }

  // The lanes of vector `v` that hold one of `columns` columns.
  static __m256i valid_lanes(int64_t columns, int v) {
    const int first = static_cast<int>(columns) - v * kLanes;
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(first), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }

  template <int kCount>
  static void store_sums(const V* sums, int64_t columns, int32_t* out) {
    for (int v = 0; v < kCount; ++v) _mm256_maskstore_epi32(out + v * kLanes, valid_lanes(columns, v), sums[v]);
  }
  template <int kCount>
  static void store_floats(const V* sums, int64_t columns, const RowAffine& row, const Dequantization& d, float* out) {
    const __m256i zero_point = _mm256_set1_epi32(row.zero_point);
    const __m256 scale = _mm256_set1_ps(row.scale);
    for (int v = 0; v < kCount; ++v) {
      const __m256i offset = _mm256_mullo_epi32(zero_point, load(d.weight_sums + v * kLanes));
      const __m256 sum = _mm256_cvtepi32_ps(_mm256_sub_epi32(sums[v], offset));
      const __m256 scales = _mm256_mul_ps(scale, _mm256_loadu_ps(d.scales + v * kLanes));
      const __m256 value = _mm256_add_ps(_mm256_mul_ps(sum, scales), _mm256_loadu_ps(d.bias + v * kLanes));
      // The second operand is what NaN gives.
      const __m256 high = _mm256_max_ps(_mm256_set1_ps(d.min), value);
      const __m256 clamped = _mm256_min_ps(_mm256_set1_ps(d.max), high);
      if (columns >= (v + 1) * kLanes) {  // masked stores are slow
        _mm256_storeu_ps(out + v * kLanes, clamped);
      } else {
        _mm256_maskstore_ps(out + v * kLanes, valid_lanes(columns, v), clamped);
      }
    }
  }
  static constexpr int rows_of(int vectors) { return vectors == 1 ? 12 : kRows; }

  static constexpr bool kMayLeaveTiles = false;
  template <int kCount, int kVectorsOfRow>
  static bool store_tile_codes(const V (*sums)[kVectorsOfRow], int64_t columns, const float* scales,
                               const Requantization& q, int8_t* out, int64_t stride) {
    store_rows<true, kCount>(sums, columns, scales, q, out, stride);
    return true;
  }
  template <int kCount>
  static void store_codes(const V* sums, int64_t columns, const Requantization& q, int8_t* out) {
    V row[1][kCount];
    for (int v = 0; v < kCount; ++v) row[0][v] = sums[v];
    store_rows<false, 1>(row, columns, q.scales, q, out, 0);
  }

  template <bool kPlain, int kCount, int kVectorsOfRow>
  static void store_rows(const V (*sums)[kVectorsOfRow], int64_t columns, const float* scales, const Requantization& q,
                         int8_t* out, int64_t stride) {
    constexpr int kStep = 4 / kVectorsOfRow;  // rows of four vectors
#pragma GCC unroll 16
    for (int r = 0; r < kCount; r += kStep) {
      __m256i products[4];
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        const int row = r + i / kVectorsOfRow;
        products[i] = row < kCount
                          ? rounded_products<kPlain>(sums[row][i % kVectorsOfRow], scales + i % kVectorsOfRow * kLanes)
                          : products[i - kVectorsOfRow];
      }
      // Of two vectors of a row: sixteen codes of the one row, sixteen of the next; of one: eight of each of four rows.
      const __m256i mixed = packed_codes<kPlain>(products[0], products[1], products[2], products[3], q);
      const __m256i codes = _mm256_permutevar8x32_epi32(mixed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
      const __m128i half[2] = {_mm256_castsi256_si128(codes), _mm256_extracti128_si256(codes, 1)};
#pragma GCC unroll 4
      for (int i = 0; i < kStep; ++i) {
        if (r + i < kCount) store_row<kVectorsOfRow>(half, i, columns, out + (r + i) * stride);
      }
    }
  }

  // Row `i` of those in `half`.
  template <int kVectorsOfRow>
  static void store_row(const __m128i (&half)[2], int i, int64_t columns, int8_t* out) {
    constexpr int kColumns = kVectorsOfRow * kLanes;
    __m128i codes = half[i * kColumns / 16];
    if (i * kColumns % 16 != 0) codes = _mm_unpackhi_epi64(codes, codes);
    if (columns != kColumns) {
      store_first(out, codes, columns);
    } else if constexpr (kVectorsOfRow == 2) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out), codes);
    } else {
      _mm_storel_epi64(reinterpret_cast<__m128i*>(out), codes);
    }
  }
};
