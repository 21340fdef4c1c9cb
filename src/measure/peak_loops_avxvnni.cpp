#include <immintrin.h>

#include "measure/peak_loops.hpp"

namespace burin {

namespace {

struct AvxVnniInt8Peak {
  using V = __m256i;
  using F = __m256i;
  static constexpr int kProducts = 32, kSums = 12;
  static void opaque(F& v) { asm volatile("" : "+x"(v)); }
  static void keep(V& v) { asm volatile("" : "+x"(v)); }
  static V multiply_add(V sum, F a, F b) { return _mm256_dpbusd_avx_epi32(sum, a, b); }
};

}  // namespace

constinit const PeakLoop kInt8PeakAvxVnni = make_peak_loop<AvxVnniInt8Peak>();

}  // namespace burin
