// AVX-512 with VNNI: four products of codes plus 128 with weights per lane.
#include <immintrin.h>

#include "gemm/int8_kernels.hpp"
#include "ops/selection.hpp"

namespace burin::gemm {

namespace {

inline __m256i dot(__m256i sum, __m256i codes, __m256i weights) { return _mm256_dpbusd_epi32(sum, codes, weights); }

#include "gemm/int8_avx2.inc.hpp"
#include "gemm/int8_avx512vnni.inc.hpp"
#include "gemm/int8_vnni256.inc.hpp"

// Four rows of 64 channels: their codes side by side.
struct Avx512VnniStrips {
  using V = __m512i;
  using W = __m512i;
  using R = __m512i;
  using Weight = int8_t;
  static constexpr int kLanes = 16, kVectors = 4, kGroup = 4, kPixels = 2, kOffset = 128;

  static V load(const int32_t* p) { return _mm512_loadu_si512(p); }
  static R load_row(const int8_t* p) {
    return _mm512_xor_si512(_mm512_loadu_si512(p), _mm512_set1_epi8(static_cast<char>(0x80)));
  }
  static void interleave(const R (&rows)[kGroup], std::byte* out) {
    const __m512i low01 = _mm512_unpacklo_epi8(rows[0], rows[1]), high01 = _mm512_unpackhi_epi8(rows[0], rows[1]);
    const __m512i low23 = _mm512_unpacklo_epi8(rows[2], rows[3]), high23 = _mm512_unpackhi_epi8(rows[2], rows[3]);
    _mm512_storeu_si512(out, _mm512_unpacklo_epi16(low01, low23));
    _mm512_storeu_si512(out + 64, _mm512_unpackhi_epi16(low01, low23));
    _mm512_storeu_si512(out + 128, _mm512_unpacklo_epi16(high01, high23));
    _mm512_storeu_si512(out + 192, _mm512_unpackhi_epi16(high01, high23));
  }
  static W load_codes(const std::byte* p) {
    W codes = _mm512_loadu_si512(p);
    keep(codes);  // else compilers load it again for every product
    return codes;
  }
  static W load_weights(const std::byte* p) { return _mm512_loadu_si512(p); }
  static V multiply_add(V sum, W codes, W weights) { return Avx512Vnni::multiply_add(sum, codes, weights); }

  static constexpr bool kStoresFloats = true;
  static void store_block_floats(const int32_t* sums, int pixels, int64_t columns, Dequantization d, int64_t row,
                                 int64_t channel, float* out, int64_t stride) {
    d.scales += channel;
    d.bias += channel;
    d.weight_sums += channel;
    for (int p = 0; p < pixels; ++p, sums += kVectors * kLanes, out += stride) {
      const V lanes[4] = {load(sums), load(sums + kLanes), load(sums + 2 * kLanes), load(sums + 3 * kLanes)};
      V ordered[4];
      Avx512Vnni::transpose_lanes(lanes, ordered);
      Avx512Vnni::store_floats<4>(ordered, columns, d.rows[(row + p) * d.row_step], d, out);
    }
  }

  static constexpr bool kThreeByThree = true;
  template <int kHalf>
  static void interleave_half(const R (&rows)[kGroup], W (&out)[2]) {
    const __m512i rows01 = kHalf == 0 ? _mm512_unpacklo_epi8(rows[0], rows[1]) : _mm512_unpackhi_epi8(rows[0], rows[1]);
    const __m512i rows23 = kHalf == 0 ? _mm512_unpacklo_epi8(rows[2], rows[3]) : _mm512_unpackhi_epi8(rows[2], rows[3]);
    out[0] = _mm512_unpacklo_epi16(rows01, rows23);
    out[1] = _mm512_unpackhi_epi16(rows01, rows23);
  }
  static W words(const V (&sums)[2], const float* scales, int32_t zero_point) {
    const __m512i products =
        _mm512_packs_epi32(rounded_products<true>(sums[0], scales), rounded_products<true>(sums[1], scales + kLanes));
    return _mm512_adds_epi16(products, _mm512_set1_epi16(static_cast<int16_t>(zero_point)));
  }
  static void store_words(std::byte* out, W words) { _mm512_storeu_si512(out, words); }
  static void store_packed(int8_t* out, W low, W high) { _mm512_storeu_si512(out, _mm512_packs_epi16(low, high)); }

  template <bool kPlain, int kCount>
  static void store_block_codes(const V (*sums)[kVectors], int64_t columns, const float* scales,
                                const Requantization& q, int8_t* out, int64_t stride) {
#pragma GCC unroll 4
    for (int p = 0; p < kCount; ++p, out += stride) {
      __m512i products[4];
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) products[v] = rounded_products<kPlain>(sums[p][v], scales + v * kLanes);
      store_codes64(out, packed_codes<kPlain>(products, q), columns);
    }
  }
};

// With 32 registers.
struct Avx512Vnni256Strips : Vnni256Strips {
  static W load_weights(const std::byte* p) { return load_codes(p); }

  static constexpr bool kThreeByThree = true;
  template <int kHalf>
  static void interleave_half(const R (&rows)[kGroup], W (&out)[2]) {
    const __m256i rows01 = kHalf == 0 ? _mm256_unpacklo_epi8(rows[0], rows[1]) : _mm256_unpackhi_epi8(rows[0], rows[1]);
    const __m256i rows23 = kHalf == 0 ? _mm256_unpacklo_epi8(rows[2], rows[3]) : _mm256_unpackhi_epi8(rows[2], rows[3]);
    out[0] = _mm256_unpacklo_epi16(rows01, rows23);
    out[1] = _mm256_unpackhi_epi16(rows01, rows23);
  }
  static W words(const V (&sums)[2], const float* scales, int32_t zero_point) {
    const __m256i products =
        _mm256_packs_epi32(rounded_products<true>(sums[0], scales), rounded_products<true>(sums[1], scales + kLanes));
    return _mm256_adds_epi16(products, _mm256_set1_epi16(static_cast<int16_t>(zero_point)));
  }
  static void store_words(std::byte* out, W words) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), words); }
  static void store_packed(int8_t* out, W low, W high) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_packs_epi16(low, high));
  }
};

#include "gemm/int8_kernels.inc.hpp"
// Then the strips, which use its kinds of output.
#include "gemm/int8_depthwise_strips.inc.hpp"

}  // namespace

constinit const Int8Kernels kInt8Avx512Vnni =
    int8_kernel_set<Avx512Vnni>("int8_gemm_avx512vnni", 128, prepare_rows_avx512);

constinit const Int8DepthwiseKernels kInt8DepthwiseAvx512Vnni = [] {
  using Strips = StripsOfTwoWidths<Avx512VnniStrips, Avx512Vnni256Strips>;
  Int8DepthwiseKernels kernels = int8_strip_kernels<Avx512VnniStrips>("int8_depthwise_avx512vnni");
  kernels.strips.weight_bytes = Strips::weight_bytes;
  kernels.strips.pack = Strips::pack;
  kernels.strips.codes = Strips::run<Output::kCodes>;
  kernels.strips.floats = if_selected("hybrid", Strips::run<Output::kFloats>);
  kernels.strips.sums = if_selected(kIntegerSums, Strips::run<Output::kSums>);
  return kernels;
}();
constinit const Int8DepthwiseKernels kInt8DepthwiseAvx512Vnni256 =
    int8_strip_kernels<Avx512Vnni256Strips>("int8_depthwise_avx512vnni_256");

}  // namespace burin::gemm
