#include <immintrin.h>

#include "measure/peak_loops.hpp"

namespace burin {

namespace {

struct Avx512VnniInt8Peak {
  using V = __m512i;
  using F = __m512i;
  static constexpr int kProducts = 64, kSums = 12;
  static void opaque(F& v) { asm volatile("" : "+v"(v)); }
  static void keep(V& v) { asm volatile("" : "+v"(v)); }
  static V multiply_add(V sum, F a, F b) { return _mm512_dpbusd_epi32(sum, a, b); }
};

}  // namespace

constinit const PeakLoop kInt8PeakAvx512Vnni = make_peak_loop<Avx512VnniInt8Peak>();

}  // namespace burin
