#include <immintrin.h>

#include "measure/peak_loops.hpp"

namespace burin {

namespace {

struct Avx512F32Peak {
  using V = __m512;
  using F = __m512;
  static constexpr int kProducts = 16, kSums = 12;
  static void opaque(F& v) { asm volatile("" : "+v"(v)); }
  static void keep(V& v) { asm volatile("" : "+v"(v)); }
  static V multiply_add(V sum, F a, F b) { return _mm512_fmadd_ps(a, b, sum); }
};

}  // namespace

constinit const PeakLoop kF32PeakAvx512 = make_peak_loop<Avx512F32Peak>();

}  // namespace burin
