// AVX-512 with VNNI: four products of codes plus 128 with weights per lane. Depthwise convolutions use AVX2.
#include <immintrin.h>

#include "gemm/int8_kernels.hpp"

namespace burin::gemm {

namespace {

struct Avx512Vnni {
  using V = __m512i;
  using W = __m512i;
  using A = __m512i;
  static constexpr int kLanes = 16, kRows = 6, kVectors = 4, kGroup = 4, kCodeBytes = 1;

  static V load(const int32_t* p) { return _mm512_loadu_si512(p); }
  static void store(V v, int32_t* p) { _mm512_storeu_si512(p, v); }
  static W load_weights(const int8_t* p) { return _mm512_loadu_si512(p); }
  static A load_codes(const std::byte* p) {
    int32_t four;
    __builtin_memcpy(&four, p, sizeof(four));
    return _mm512_set1_epi32(four);
  }
  static V multiply_add(V sum, A a, W w) { return _mm512_dpbusd_epi32(sum, a, w); }

  static __mmask16 first16(int64_t n) { return static_cast<__mmask16>((1u << (n < 16 ? n : 16)) - 1u); }

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
      _mm512_mask_storeu_ps(out + v * kLanes, first16(columns - v * kLanes), result);
    }
  }

  // As rounded_products in int8_kernels_avx2.cpp.
  static __m512i rounded_products(__m512i sums, const float* scales) {
    const __m512 product = _mm512_mul_ps(_mm512_cvtepi32_ps(sums), _mm512_loadu_ps(scales));
    return _mm512_cvtps_epi32(_mm512_min_ps(product, _mm512_set1_ps(1073741824.0f)));
  }

  template <int kCount>
  static void store_codes(const V* sums, int64_t columns, const Requantization& q, int8_t* out) {
    __m512i products[4];
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) {
      products[v] = v < kCount ? rounded_products(sums[v], q.scales + v * kLanes) : _mm512_setzero_si512();
    }
    const __m512i zero_point = _mm512_set1_epi16(static_cast<int16_t>(q.zero_point));
    const __m512i wide0 = _mm512_adds_epi16(_mm512_packs_epi32(products[0], products[1]), zero_point);
    const __m512i wide1 = _mm512_adds_epi16(_mm512_packs_epi32(products[2], products[3]), zero_point);
    // Four channels of each vector side by side in every 128 bits.
    const __m512i mixed = _mm512_packs_epi16(wide0, wide1);
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    __m512i codes = _mm512_permutexvar_epi32(order, mixed);
    codes = _mm512_max_epi8(codes, _mm512_set1_epi8(static_cast<char>(q.min)));
    codes = _mm512_min_epi8(codes, _mm512_set1_epi8(static_cast<char>(q.max)));
    const __mmask64 mask = columns >= 64 ? ~__mmask64{0} : (__mmask64{1} << columns) - 1;
    _mm512_mask_storeu_epi8(out, mask, codes);
  }
};

#include "gemm/int8_kernels.inc.hpp"

void prepare_rows(const int8_t* codes, int64_t stride, int64_t rows, int64_t depth, std::byte* out,
                  int64_t out_stride) {
  const __m512i sign = _mm512_set1_epi8(static_cast<char>(0x80));
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

}  // namespace

constinit const Int8Kernels kInt8Avx512Vnni = int8_kernel_set<Avx512Vnni>("int8_gemm_avx512vnni", 128, prepare_rows);

}  // namespace burin::gemm
