#include <emmintrin.h>

#include "measure/peak_loops.hpp"

namespace burin {

namespace {

struct Sse2Int8Peak {
  using V = __m128i;
  using F = __m128i;
  static constexpr int kProducts = 8, kSums = 8;
  static void opaque(F& v) { asm volatile("" : "+x"(v)); }
  static void keep(V& v) { asm volatile("" : "+x"(v)); }
  static V multiply_add(V sum, F a, F b) { return _mm_add_epi32(sum, _mm_madd_epi16(a, b)); }
};

}  // namespace

constinit const PeakLoop kInt8PeakSse2 = make_peak_loop<Sse2Int8Peak>();

}  // namespace burin
