#include <immintrin.h>

#include "measure/peak_loops.hpp"

namespace burin {

namespace {

struct Avx2F32Peak {
  using V = __m256;
  using F = __m256;
  static constexpr int kProducts = 8, kSums = 12;
  static void opaque(F& v) { asm volatile("" : "+x"(v)); }
  static void keep(V& v) { asm volatile("" : "+x"(v)); }
  static V multiply_add(V sum, F a, F b) { return _mm256_fmadd_ps(a, b, sum); }
};

struct Avx2Int8Peak {
  using V = __m256i;
  using F = __m256i;
  static constexpr int kProducts = 16, kSums = 8;
  static void opaque(F& v) { asm volatile("" : "+x"(v)); }
  static void keep(V& v) { asm volatile("" : "+x"(v)); }
  static V multiply_add(V sum, F a, F b) { return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b)); }
};

}  // namespace

constinit const PeakLoop kF32PeakAvx2 = make_peak_loop<Avx2F32Peak>();
constinit const PeakLoop kInt8PeakAvx2 = make_peak_loop<Avx2Int8Peak>();

}  // namespace burin
