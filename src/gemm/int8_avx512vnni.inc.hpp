// What the kernels of AVX-512 VNNI for 8-bit and 4-bit weights share: products of codes plus 128 with weights, four per
// lane, and what becomes of their sums. Included by one translation unit for each, inside its unnamed namespace.

// Keeps a value in its register. g++ 12 would otherwise copy and spill most sums of a tile at every step.
template <typename V>
inline void keep([[maybe_unused]] V& value) {
#if defined(__AVX512F__)
  asm("" : "+v"(value));
#endif
}

// As rounded_products of 256 bits.
template <bool kPlain>
inline __m512i rounded_products(__m512i sums, const float* scales) {
  const __m512 product = _mm512_mul_ps(_mm512_cvtepi32_ps(sums), _mm512_loadu_ps(scales));
  return _mm512_cvtps_epi32(kPlain ? product : _mm512_min_ps(product, _mm512_set1_ps(1073741824.0f)));
}

// Codes of four vectors of products; every 128 bits hold four of each.
template <bool kPlain>
inline __m512i packed_codes(const __m512i (&products)[4], const Requantization& q) {
  const __m512i zero_point = _mm512_set1_epi16(static_cast<int16_t>(q.zero_point));
  const __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(products[0], products[1]), zero_point);
  const __m512i high = _mm512_adds_epi16(_mm512_packs_epi32(products[2], products[3]), zero_point);
  __m512i codes = _mm512_packs_epi16(low, high);
  if constexpr (!kPlain) {
    codes = _mm512_max_epi8(codes, _mm512_set1_epi8(static_cast<char>(q.min)));
    codes = _mm512_min_epi8(codes, _mm512_set1_epi8(static_cast<char>(q.max)));
  }
  return codes;
}

inline void store_codes64(int8_t* out, __m512i codes, int64_t columns) {
  if (columns >= 64) {
    _mm512_storeu_si512(out, codes);
  } else {
    _mm512_mask_storeu_epi8(out, (__mmask64{1} << columns) - 1, codes);
  }
}

inline void store_codes32(int8_t* out, __m256i codes, int64_t columns) {
  if (columns >= 32) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), codes);
  } else {
    _mm256_mask_storeu_epi8(out, (__mmask32{1} << columns) - 1, codes);
  }
}

inline void store_codes16(int8_t* out, __m128i codes, int64_t columns) {
  if (columns >= 16) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), codes);
  } else {
    _mm_mask_storeu_epi8(out, static_cast<__mmask16>((1u << columns) - 1), codes);
  }
}

struct Avx512Vnni {
  using V = __m512i;
  using W = __m512i;
  using A = __m512i;
  static constexpr int kLanes = 16, kRows = 6, kVectors = 4, kGroup = 4, kCodeBytes = 1;

  static V load(const int32_t* p) { return _mm512_loadu_si512(p); }
  static void store(V v, int32_t* p) { _mm512_storeu_si512(p, v); }
  static V load_start(const int32_t* p) { return load(p); }
  template <int>
  static W load_weights(const std::byte* p) {
    W weights = _mm512_loadu_si512(p);
    keep(weights);  // else compilers load it again for every row
    return weights;
  }
  static A load_codes(const std::byte* p) {
    int32_t four;
    __builtin_memcpy(&four, p, sizeof(four));
    return _mm512_set1_epi32(four);
  }
  static V multiply_add(V sum, A a, W w) {
    sum = _mm512_dpbusd_epi32(sum, a, w);
    keep(sum);
    return sum;
  }

  static __mmask16 first16(int64_t n) { return static_cast<__mmask16>((1u << (n < 0 ? 0 : n < 16 ? n : 16)) - 1u); }

  template <int kCount>
  static void store_sums(const V* sums, int64_t columns, int32_t* out) {
#pragma GCC unroll 4
    for (int v = 0; v < kCount; ++v) {
      _mm512_mask_storeu_epi32(out + v * kLanes, first16(columns - v * kLanes), sums[v]);
    }
  }

  template <int kCount>
  static void store_floats(const V* sums, int64_t columns, const RowAffine& row, const Dequantization& d, float* out) {
    const __m512i zero_point = _mm512_set1_epi32(row.zero_point);
    const __m512 scale = _mm512_set1_ps(row.scale);
#pragma GCC unroll 4
    for (int v = 0; v < kCount; ++v) {
      const __m512i offset = _mm512_mullo_epi32(zero_point, load(d.weight_sums + v * kLanes));
      const __m512 sum = _mm512_cvtepi32_ps(_mm512_sub_epi32(sums[v], offset));
      const __m512 scales = _mm512_mul_ps(scale, _mm512_loadu_ps(d.scales + v * kLanes));
      const __m512 value = _mm512_add_ps(_mm512_mul_ps(sum, scales), _mm512_loadu_ps(d.bias + v * kLanes));
      // The second operand is what NaN gives.
      const __m512 high = _mm512_max_ps(_mm512_set1_ps(d.min), value);
      const __m512 result = _mm512_min_ps(_mm512_set1_ps(d.max), high);
      if (columns >= (v + 1) * kLanes) {
        _mm512_storeu_ps(out + v * kLanes, result);
      } else {
        _mm512_mask_storeu_ps(out + v * kLanes, first16(columns - v * kLanes), result);
      }
    }
  }

  static constexpr bool kStoresFloatTiles = true;
  template <int kCount, int kVectorsOfRow>
  static void store_tile_floats(const V (*sums)[kVectorsOfRow], int64_t columns, const Dequantization& d, int64_t row,
                                float* out, int64_t stride) {
#pragma GCC unroll 16
    for (int r = 0; r < kCount; ++r, out += stride) {
      const RowAffine& affine = d.rows[(row + r) * d.row_step];
      if constexpr (kVectorsOfRow == 4) {
        V ordered[4];
        transpose_lanes(sums[r], ordered);
        store_floats<4>(ordered, columns, affine, d, out);
      } else {
        store_floats<kVectorsOfRow>(sums[r], columns, affine, d, out);
      }
    }
  }

  // Four channels of each vector become sixteen neighbours, as channel_of has them.
  static void transpose_lanes(const V (&sums)[4], V (&ordered)[4]) {
    const V low01 = _mm512_shuffle_i32x4(sums[0], sums[1], 0x44), high01 = _mm512_shuffle_i32x4(sums[0], sums[1], 0xee);
    const V low23 = _mm512_shuffle_i32x4(sums[2], sums[3], 0x44), high23 = _mm512_shuffle_i32x4(sums[2], sums[3], 0xee);
    ordered[0] = _mm512_shuffle_i32x4(low01, low23, 0x88);
    ordered[1] = _mm512_shuffle_i32x4(low01, low23, 0xdd);
    ordered[2] = _mm512_shuffle_i32x4(high01, high23, 0x88);
    ordered[3] = _mm512_shuffle_i32x4(high01, high23, 0xdd);
  }

  // 24 sums whatever the number of vectors: products do not wait for each other.
  static constexpr int rows_of(int vectors) { return vectors == 4 ? kRows : vectors == 3 ? 8 : 12; }
  static constexpr int small_rows_of(int vectors) { return vectors >= 3 ? 2 : 4; }
  static constexpr int64_t kSmallDepth = 32;

  // Four vectors are packed to codes in their order without a permutation.
  static constexpr int channel_of(int vectors, int lane) {
    return vectors == 4 ? lane % 16 / 4 * 16 + lane / 16 * 4 + lane % 4 : lane;
  }

  static constexpr bool kMayLeaveTiles = false;
  template <int kCount, int kVectorsOfRow>
  static bool store_tile_codes(const V (*sums)[kVectorsOfRow], int64_t columns, const float* scales,
                               const Requantization& q, int8_t* out, int64_t stride) {
    store_tile<kCount, kVectorsOfRow>(
        [&](int row, int v) { return rounded_products<true>(sums[row][v], scales + v * kLanes); },
        [&](const __m512i(&products)[4]) { return packed_codes<true>(products, q); }, columns, out, stride);
    return true;
  }

  // product(row, vector), and codes(products) of four vectors.
  template <int kCount, int kVectorsOfRow, typename Product, typename Codes>
  static void store_tile(Product&& product, Codes&& codes_of, int64_t columns, int8_t* out, int64_t stride) {
    constexpr int kStep = kVectorsOfRow == 3 ? 1 : 4 / kVectorsOfRow;  // rows of four vectors
#pragma GCC unroll 16
    for (int r = 0; r < kCount; r += kStep) {
      __m512i products[4];
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        const int row = r + i / kVectorsOfRow, v = i % kVectorsOfRow;
        products[i] = i < kStep * kVectorsOfRow && row < kCount ? product(row, v) : products[i - 1];
      }
      __m512i codes = codes_of(products);
      if constexpr (kVectorsOfRow < 4) {
        // Four channels of each vector side by side in every 128 bits.
        const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        codes = _mm512_permutexvar_epi32(order, codes);
      }
      if constexpr (kStep == 1) {
        store_codes64(out + r * stride, codes, columns);
      } else if constexpr (kStep == 2) {
        store_codes32(out + r * stride, _mm512_castsi512_si256(codes), columns);
        if (r + 1 < kCount) store_codes32(out + (r + 1) * stride, _mm512_extracti64x4_epi64(codes, 1), columns);
      } else {
        const __m128i rows[4] = {_mm512_castsi512_si128(codes), _mm512_extracti32x4_epi32(codes, 1),
                                 _mm512_extracti32x4_epi32(codes, 2), _mm512_extracti32x4_epi32(codes, 3)};
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
          if (r + i < kCount) store_codes16(out + (r + i) * stride, rows[i], columns);
        }
      }
    }
  }

  template <int kCount>
  static void store_codes(const V* sums, int64_t columns, const Requantization& q, int8_t* out) {
    __m512i products[4];
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) {
      products[v] = v < kCount ? rounded_products<false>(sums[v], q.scales + v * kLanes) : products[v - 1];
    }
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    store_codes64(out, _mm512_permutexvar_epi32(order, packed_codes<false>(products, q)), columns);
  }
};

inline void prepare_rows_avx512(const int8_t* codes, int64_t stride, int64_t rows, int64_t depth, std::byte* out,
                                int64_t out_stride) {
  const __m512i sign = _mm512_set1_epi8(static_cast<char>(0x80));
  if (stride == depth && out_stride == depth) depth *= rows, rows = 1;  // one piece of memory
  for (int64_t row = 0; row < rows; ++row, codes += stride, out += out_stride) {
    int64_t k = 0;
    for (; k + 64 <= depth; k += 64)
      _mm512_storeu_si512(out + k, _mm512_xor_si512(_mm512_loadu_si512(codes + k), sign));
    if (k < depth) {
      const __mmask64 valid = (__mmask64{1} << (depth - k)) - 1;
      const __mmask64 whole = (__mmask64{1} << ((depth - k + 3) / 4 * 4 - 1) << 1) - 1;
      _mm512_mask_storeu_epi8(out + k, whole, _mm512_xor_si512(_mm512_maskz_loadu_epi8(valid, codes + k), sign));
    }
  }
}
