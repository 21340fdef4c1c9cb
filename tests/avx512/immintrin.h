// The intrinsics of AVX-512 on machines without it, and of AVX-VNNI, so that their kernels are tested anywhere with
// AVX2: SIMDe's functions under the intrinsics' names, and plain loops for those that SIMDe 0.7 does not have.
#pragma once
#pragma GCC system_header
#include_next <immintrin.h>
#include <simde/x86/avx512.h>

#define __m512 simde__m512
#define __m512i simde__m512i

#define _mm256_dpbusd_epi32 simde_mm256_dpbusd_epi32
#define _mm256_dpbusd_avx_epi32 simde_mm256_dpbusd_epi32
#define _mm512_add_epi32 simde_mm512_add_epi32
#define _mm512_add_epi64 simde_mm512_add_epi64
#define _mm512_add_ps simde_mm512_add_ps
#define _mm512_adds_epi16 simde_mm512_adds_epi16
#define _mm512_and_si512 simde_mm512_and_si512
#define _mm512_castsi512_si128 simde_mm512_castsi512_si128
#define _mm512_castsi512_si256 simde_mm512_castsi512_si256
#define _mm512_dpbusd_epi32 simde_mm512_dpbusd_epi32
#define _mm512_extracti32x4_epi32 simde_mm512_extracti32x4_epi32
#define _mm512_extracti64x4_epi64 simde_mm512_extracti64x4_epi64
#define _mm512_fmadd_ps simde_mm512_fmadd_ps
#define _mm512_loadu_ps simde_mm512_loadu_ps
#define _mm512_loadu_si512 simde_mm512_loadu_si512
#define _mm512_mask_mov_epi32 simde_mm512_mask_mov_epi32
#define _mm512_max_ps simde_mm512_max_ps
#define _mm512_min_ps simde_mm512_min_ps
#define _mm512_mul_epi32 simde_mm512_mul_epi32
#define _mm512_mul_ps simde_mm512_mul_ps
#define _mm512_mullo_epi32 simde_mm512_mullo_epi32
#define _mm512_packs_epi16 simde_mm512_packs_epi16
#define _mm512_packs_epi32 simde_mm512_packs_epi32
#define _mm512_permutexvar_epi32 simde_mm512_permutexvar_epi32
#define _mm512_set1_epi16 simde_mm512_set1_epi16
#define _mm512_set1_epi32 simde_mm512_set1_epi32
#define _mm512_set1_epi64 simde_mm512_set1_epi64
#define _mm512_set1_epi8 simde_mm512_set1_epi8
#define _mm512_set1_ps simde_mm512_set1_ps
#define _mm512_setr_epi32 simde_mm512_setr_epi32
#define _mm512_setzero_si512 simde_mm512_setzero_si512
#define _mm512_sllv_epi32 simde_mm512_sllv_epi32
#define _mm512_srli_epi16 simde_mm512_srli_epi16
#define _mm512_srli_epi64 simde_mm512_srli_epi64
#define _mm512_storeu_ps simde_mm512_storeu_ps
#define _mm512_storeu_si512 simde_mm512_storeu_si512
#define _mm512_sub_epi32 simde_mm512_sub_epi32
#define _mm512_unpackhi_epi16 simde_mm512_unpackhi_epi16
#define _mm512_unpackhi_epi8 simde_mm512_unpackhi_epi8
#define _mm512_unpacklo_epi16 simde_mm512_unpacklo_epi16
#define _mm512_unpacklo_epi8 simde_mm512_unpacklo_epi8
#define _mm512_xor_si512 simde_mm512_xor_si512

namespace avx512 {

// The lanes of a register, as T. Vectors go through memory: they are of several types.
template <typename T, typename V>
struct Lanes {
  static constexpr int kCount = sizeof(V) / sizeof(T);
  T lane[kCount];
  Lanes() : lane{} {}
  explicit Lanes(const V& v) { __builtin_memcpy(lane, &v, sizeof(v)); }
  V vector() const {
    V v;
    __builtin_memcpy(&v, lane, sizeof(v));
    return v;
  }
};

// f(lane, lane) of two vectors.
template <typename T, typename V, typename F>
V combine(const V& a, const V& b, F f) {
  Lanes<T, V> x(a);
  const Lanes<T, V> y(b);
  for (int i = 0; i < x.kCount; ++i) x.lane[i] = f(x.lane[i], y.lane[i]);
  return x.vector();
}

// f(half) for both halves, with AVX2.
template <typename To, typename HalfTo, typename HalfFrom, typename From, typename F>
To halves(const From& a, F f) {
  const Lanes<HalfFrom, From> x(a);
  Lanes<HalfTo, To> y;
  for (int i = 0; i < 2; ++i) y.lane[i] = f(x.lane[i]);
  return y.vector();
}

// Memory behind a lane of the mask that is 0 is not touched.
template <typename T, typename V>
V load_lanes(uint64_t mask, const void* from) {
  Lanes<T, V> x;
  for (int i = 0; i < x.kCount; ++i) {
    if (mask >> i & 1) __builtin_memcpy(&x.lane[i], static_cast<const T*>(from) + i, sizeof(T));
  }
  return x.vector();
}
template <typename T, typename V>
void store_lanes(void* to, uint64_t mask, const V& v) {
  const Lanes<T, V> x(v);
  for (int i = 0; i < x.kCount; ++i) {
    if (mask >> i & 1) __builtin_memcpy(static_cast<T*>(to) + i, &x.lane[i], sizeof(T));
  }
}

inline __m512 maskz_loadu_ps(__mmask16 mask, const void* p) { return load_lanes<float, __m512>(mask, p); }
inline __m512i maskz_loadu_epi32(__mmask16 mask, const void* p) { return load_lanes<int32_t, __m512i>(mask, p); }
inline __m512i maskz_loadu_epi8(__mmask64 mask, const void* p) { return load_lanes<int8_t, __m512i>(mask, p); }
inline void mask_storeu_ps(void* p, __mmask16 mask, __m512 v) { store_lanes<float>(p, mask, v); }
inline void mask_storeu_epi32(void* p, __mmask16 mask, __m512i v) { store_lanes<int32_t>(p, mask, v); }
inline void mask_storeu_epi8(void* p, __mmask64 mask, __m512i v) { store_lanes<int8_t>(p, mask, v); }
inline void mask_storeu_epi8_256(void* p, __mmask32 mask, __m256i v) { store_lanes<int8_t>(p, mask, v); }
inline void mask_storeu_epi8_128(void* p, __mmask16 mask, __m128i v) { store_lanes<int8_t>(p, mask, v); }

inline __m512i max_epi8(__m512i a, __m512i b) {
  return combine<int8_t>(a, b, [](int8_t x, int8_t y) { return x > y ? x : y; });
}
inline __m512i min_epi8(__m512i a, __m512i b) {
  return combine<int8_t>(a, b, [](int8_t x, int8_t y) { return x < y ? x : y; });
}
inline __m512i srav_epi32(__m512i a, __m512i counts) {
  return combine<int32_t>(a, counts,
                          [](int32_t x, int32_t n) { return x >> (static_cast<uint32_t>(n) > 31 ? 31 : n); });
}
inline __m512i sra_epi32(__m512i a, __m128i count) {
  return halves<__m512i, __m256i, __m256i>(a, [&](__m256i x) { return _mm256_sra_epi32(x, count); });
}
inline __m512i shuffle_i32x4(__m512i a, __m512i b, int order) {
  struct Four {
    int32_t values[4];
  };
  const Lanes<Four, __m512i> x(a), y(b);
  Lanes<Four, __m512i> z;
  for (int i = 0; i < 4; ++i) z.lane[i] = (i < 2 ? x : y).lane[order >> 2 * i & 3];
  return z.vector();
}
inline __m512i permutex2var_epi8(__m512i a, __m512i index, __m512i b) {
  const Lanes<uint8_t, __m512i> first(a), second(b);
  Lanes<uint8_t, __m512i> x(index);
  for (uint8_t& lane : x.lane) lane = (lane & 64 ? second : first).lane[lane & 63];
  return x.vector();
}
inline __mmask64 movepi8_mask(__m512i a) {
  const Lanes<int8_t, __m512i> x(a);
  __mmask64 mask = 0;
  for (int i = 0; i < x.kCount; ++i) mask |= __mmask64{x.lane[i] < 0} << i;
  return mask;
}
inline __m512i mask_blend_epi8(__mmask64 mask, __m512i a, __m512i b) {
  Lanes<int8_t, __m512i> x(a);
  const Lanes<int8_t, __m512i> y(b);
  for (int i = 0; i < x.kCount; ++i) {
    if (mask >> i & 1) x.lane[i] = y.lane[i];
  }
  return x.vector();
}
inline __m512i slli_epi32(__m512i a, int count) {
  return halves<__m512i, __m256i, __m256i>(a, [=](__m256i x) { return _mm256_slli_epi32(x, count); });
}
inline __m512i srai_epi32(__m512i a, int count) {
  return halves<__m512i, __m256i, __m256i>(a, [=](__m256i x) { return _mm256_srai_epi32(x, count); });
}
inline __m512i slli_epi16(__m512i a, int count) {
  return halves<__m512i, __m256i, __m256i>(a, [=](__m256i x) { return _mm256_slli_epi16(x, count); });
}
inline __m512i min_epu16(__m512i a, __m512i b) {
  return combine<uint16_t>(a, b, [](uint16_t x, uint16_t y) { return x < y ? x : y; });
}
inline __mmask16 cmplt_epi32_mask(__m512i a, __m512i b) {
  const Lanes<int32_t, __m512i> x(a), y(b);
  unsigned mask = 0;
  for (int i = 0; i < x.kCount; ++i) mask |= (x.lane[i] < y.lane[i] ? 1u : 0u) << i;
  return static_cast<__mmask16>(mask);
}
inline __m512i cvtepi8_epi32(__m128i a) {
  Lanes<int32_t, __m512i> y;
  const Lanes<int8_t, __m128i> x(a);
  for (int i = 0; i < y.kCount; ++i) y.lane[i] = x.lane[i];
  return y.vector();
}
inline __m512 cvtepi32_ps(__m512i a) {
  return halves<__m512, __m256, __m256i>(a, [](__m256i x) { return _mm256_cvtepi32_ps(x); });
}
inline __m512i cvtps_epi32(__m512 a) {
  return halves<__m512i, __m256i, __m256>(a, [](__m256 x) { return _mm256_cvtps_epi32(x); });
}

}  // namespace avx512

#define _mm512_shuffle_i32x4 avx512::shuffle_i32x4
#define _mm512_permutex2var_epi8 avx512::permutex2var_epi8
#define _mm512_movepi8_mask avx512::movepi8_mask
#define _mm512_mask_blend_epi8 avx512::mask_blend_epi8
#define _mm512_slli_epi16 avx512::slli_epi16
#define _mm512_slli_epi32 avx512::slli_epi32
#define _mm512_srai_epi32 avx512::srai_epi32
#define _mm512_min_epu16 avx512::min_epu16
#define _mm512_cmplt_epi32_mask avx512::cmplt_epi32_mask
#define _mm512_cvtepi8_epi32 avx512::cvtepi8_epi32
#define _mm512_cvtepi32_ps avx512::cvtepi32_ps
#define _mm512_cvtps_epi32 avx512::cvtps_epi32
#define _mm512_mask_storeu_epi32 avx512::mask_storeu_epi32
#define _mm_mask_storeu_epi8 avx512::mask_storeu_epi8_128
#define _mm256_mask_storeu_epi8 avx512::mask_storeu_epi8_256
#define _mm512_mask_storeu_epi8 avx512::mask_storeu_epi8
#define _mm512_mask_storeu_ps avx512::mask_storeu_ps
#define _mm512_maskz_loadu_epi32 avx512::maskz_loadu_epi32
#define _mm512_maskz_loadu_epi8 avx512::maskz_loadu_epi8
#define _mm512_maskz_loadu_ps avx512::maskz_loadu_ps
#define _mm512_max_epi8 avx512::max_epi8
#define _mm512_min_epi8 avx512::min_epi8
#define _mm512_sra_epi32 avx512::sra_epi32
#define _mm512_srav_epi32 avx512::srav_epi32
