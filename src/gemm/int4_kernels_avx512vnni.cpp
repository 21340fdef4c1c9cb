// AVX-512 with VNNI: 4-bit weights, unpacked when they are multiplied, as sixteen times what they are: in the upper
// half of a byte. Sums have this factor until they become codes, so they have to be below 2^27.
#include <immintrin.h>

#include "gemm/int8_kernels.hpp"
#include "ops/selection.hpp"

namespace burin::gemm {

namespace {

#include "gemm/int8_avx512vnni.inc.hpp"

constexpr int kFactorBits = 4;

inline __m512i upper_halves(__m512i bytes) { return _mm512_and_si512(bytes, _mm512_set1_epi8(-16)); }

// A byte holds the weights of one column and of terms k and k + 4.
struct Int4 : Avx512Vnni {
  static constexpr int kParts = 2;
  static constexpr int small_rows_of(int vectors) { return vectors >= 3 ? 4 : 4; }

  static V load_start(const int32_t* p) { return _mm512_slli_epi32(load(p), kFactorBits); }
  static void store(V v, int32_t* p) { _mm512_storeu_si512(p, _mm512_srai_epi32(v, kFactorBits)); }
  template <int kPart>
  static W load_weights(const std::byte* p) {
    const __m512i bytes = _mm512_loadu_si512(p);
    W weights = upper_halves(kPart == 0 ? _mm512_slli_epi16(bytes, 4) : bytes);
    keep(weights);
    return weights;
  }

  template <int kCount>
  struct TileConstants {
    alignas(64) float scales[kCount * kLanes];
    explicit TileConstants(const Requantization& q) {
      float of_columns[kCount * kLanes];
      for (int i = 0; i < kCount * kLanes; ++i) of_columns[i] = q.scales[i] * (1.0f / (1 << kFactorBits));
      order_lanes<kCount>(of_columns, scales);
    }
    const float* values() const { return scales; }
  };

  template <int kCount>
  static void order_lanes(const float* of_columns, float* of_lanes) {
    for (int lane = 0; lane < kCount * kLanes; lane += 4)
      __builtin_memcpy(of_lanes + lane, of_columns + channel_of(kCount, lane), 4 * sizeof(float));
  }
};

// multiply_half_up (ops/requantize.hpp), as floats with 16 fractional bits. With e shifts to the right the two
// roundings are the floor of sum * multiplier / 2^(31 + e) + 1/2 + 2^-(e + 1). The error of the float is less than 2.5
// of its last bits where codes do not saturate, so that with 2 added it has the same floor unless its fraction is at
// most 4: then the tile is left to integers.
struct HalfUpInt4 : Int4 {
  static constexpr int kFractionBits = 16;

  template <int kCount>
  struct TileConstants {
    alignas(64) float scales_and_offsets[2][kCount * kLanes];
    explicit TileConstants(const Requantization& q) {
      float scales[kCount * kLanes], offsets[kCount * kLanes];
      const float code = (static_cast<float>(q.zero_point) + 0.5f) * (1 << kFractionBits) + 2.0f;
      for (int i = 0; i < kCount * kLanes; ++i) {
        const int right = q.right_shifts[i];
        scales[i] = static_cast<float>(q.multipliers[i]) *
                    power_of_two(kFractionBits - 31 - kFactorBits + q.left_shifts[i] - right);
        offsets[i] = code + (right > 0 ? power_of_two(kFractionBits - right - 1) : 0.0f);
      }
      order_lanes<kCount>(scales, scales_and_offsets[0]);
      order_lanes<kCount>(offsets, scales_and_offsets[1]);
    }
    const float* values() const { return scales_and_offsets[0]; }
  };

  static float power_of_two(int exponent) {
    const uint32_t bits = static_cast<uint32_t>(exponent + 127) << 23;
    float value;
    __builtin_memcpy(&value, &bits, sizeof(value));
    return value;
  }

  static constexpr bool kMayLeaveTiles = true;
  template <int kCount, int kVectorsOfRow>
  static bool store_tile_codes(const V (*sums)[kVectorsOfRow], int64_t columns, const float* constants,
                               const Requantization&, int8_t* out, int64_t stride) {
    __m512i smallest = _mm512_set1_epi8(-1);
    store_tile<kCount, kVectorsOfRow>(
        [&](int row, int v) {
          const float* scales = constants + v * kLanes;
          const __m512 product = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[row][v]), _mm512_loadu_ps(scales),
                                                 _mm512_loadu_ps(scales + kVectorsOfRow * kLanes));
          const __m512i fixed = _mm512_cvtps_epi32(_mm512_min_ps(product, _mm512_set1_ps(1073741824.0f)));
          smallest = _mm512_min_epu16(smallest, fixed);
          return _mm512_srai_epi32(fixed, kFractionBits);
        },
        [](const __m512i(&codes)[4]) {
          return _mm512_packs_epi16(_mm512_packs_epi32(codes[0], codes[1]), _mm512_packs_epi32(codes[2], codes[3]));
        },
        columns, out, stride);
    const __m512i fractions = _mm512_and_si512(smallest, _mm512_set1_epi32(0xffff));
    return _mm512_cmplt_epi32_mask(fractions, _mm512_set1_epi32(5)) == 0;
  }

  template <int kCount>
  static void store_codes(const V* sums, int64_t columns, const Requantization& q, int8_t* out) {
    __m512i products[4];
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) products[v] = v < kCount ? half_up_products(sums[v], q, v * kLanes) : products[v - 1];
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    store_codes64(out, _mm512_permutexvar_epi32(order, packed_codes<false>(products, q)), columns);
  }

  // In integers: twice the sum times the multiplier has the first product in its upper half.
  static __m512i half_up_products(__m512i sums, const Requantization& q, int64_t channel) {
    const __m512i even = _mm512_loadu_si512(q.multipliers + channel), odd = _mm512_srli_epi64(even, 32);
    const __m512i one = _mm512_set1_epi32(1), nudge = _mm512_set1_epi64(int64_t{1} << 31);
    const __m512i twice = _mm512_sllv_epi32(sums, _mm512_add_epi32(_mm512_loadu_si512(q.left_shifts + channel), one));
    const __m512i right = _mm512_loadu_si512(q.right_shifts + channel);
    const __m512i half = _mm512_sllv_epi32(one, _mm512_sub_epi32(right, one));  // a count of -1 gives 0
    const __m512i low = _mm512_add_epi64(_mm512_mul_epi32(twice, even), nudge);
    const __m512i high = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(twice, 32), odd), nudge);
    const __m512i products = _mm512_mask_mov_epi32(_mm512_srli_epi64(low, 32), 0xaaaa, high);
    return _mm512_srav_epi32(_mm512_add_epi32(products, half), right);
  }
};

#include "gemm/int8_kernels.inc.hpp"

constexpr int64_t kTerms = Int4::kGroup * Int4::kParts;  // of a byte's column

int64_t int4_panel_bytes(int64_t depth, int64_t columns) {
  return (depth + kTerms - 1) / kTerms * Int4::kGroup * ((columns + Int4::kLanes - 1) / Int4::kLanes * Int4::kLanes);
}

// [depth / 8][columns, whole vectors][4], zero where there is no weight.
void int4_pack(const Int8Weights& w, std::byte* out) {
  const int vectors = static_cast<int>((w.columns + Int4::kLanes - 1) / Int4::kLanes);
  for (int64_t k = 0; k < w.depth; k += kTerms) {
    for (int lane = 0; lane < vectors * Int4::kLanes; ++lane) {
      const int64_t column = Int4::channel_of(vectors, lane);
      const auto weight = [&](int64_t term) {
        const bool valid = column < w.columns && term < w.depth;
        return valid ? w.data[column * w.column_stride + term * w.k_stride] & 15 : 0;
      };
      for (int64_t i = 0; i < Int4::kGroup; ++i)
        *out++ = static_cast<std::byte>(weight(k + i) | weight(k + i + Int4::kGroup) << 4);
    }
  }
}

void int4_codes(const Int8Panel& p) {
  return p.requantization.multipliers != nullptr ? int8_panel<HalfUpInt4, Output::kCodes>(p)
                                                 : int8_panel<Int4, Output::kCodes>(p);
}

}  // namespace

constinit const Int8Kernels kInt4Avx512Vnni = {.name = "int4_gemm_avx512vnni",
                                               .columns = Int4::kLanes * Int4::kVectors,
                                               .lanes = Int4::kLanes,
                                               .rows = Int4::kRows,
                                               .offset = 128,
                                               .half_up = true,
                                               .row_bytes = int8_row_bytes<Int4>,
                                               .prepare_rows = prepare_rows_avx512,
                                               .panel_bytes = int4_panel_bytes,
                                               .pack = int4_pack,
                                               .codes = int4_codes,
                                               .floats = nullptr,
                                               .sums = int8_panel<Int4, Output::kSums>};

}  // namespace burin::gemm
