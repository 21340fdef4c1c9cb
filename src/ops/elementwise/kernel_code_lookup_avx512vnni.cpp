// Processors with AVX-512 VNNI have VBMI too, which looks up 64 bytes in 128 at once.
#if defined(__x86_64__)
#include <immintrin.h>

#include "ops/elementwise/code_lookup.hpp"

namespace burin {

void look_up_codes_avx512vnni(const uint8_t* x, uint8_t* y, int64_t count, const CodeTable& table) {
  const __m512i first = _mm512_loadu_si512(table.data()), second = _mm512_loadu_si512(table.data() + 64);
  const __m512i third = _mm512_loadu_si512(table.data() + 128), fourth = _mm512_loadu_si512(table.data() + 192);
  int64_t i = 0;
  for (; i + 64 <= count; i += 64) {
    const __m512i codes = _mm512_loadu_si512(x + i);
    const __m512i low = _mm512_permutex2var_epi8(first, codes, second);
    const __m512i high = _mm512_permutex2var_epi8(third, codes, fourth);
    _mm512_storeu_si512(y + i, _mm512_mask_blend_epi8(_mm512_movepi8_mask(codes), low, high));
  }
  look_up_codes_portable(x + i, y + i, count - i, table);
}

}  // namespace burin
#endif
