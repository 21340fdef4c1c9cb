// Rows of codes as kernels of 4-bit weights read them: whole groups of terms, then the sum of the codes. Included after
// int4_kernels.inc.hpp.

void int4_prepare_rows(const int8_t* codes, int64_t stride, int64_t rows, int64_t depth, std::byte* out,
                       int64_t out_stride) {
  const __m256i offset = _mm256_set1_epi8(-128);
  for (int64_t row = 0; row < rows; ++row, codes += stride, out += out_stride) {
    __m256i sums = _mm256_setzero_si256();  // of the codes plus 128
    int64_t k = 0;
    for (; k + 32 <= depth; k += 32) {
      const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + k));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + k), x);
      sums = _mm256_add_epi64(sums, _mm256_sad_epu8(_mm256_xor_si256(x, offset), _mm256_setzero_si256()));
    }
    for (; k < depth; k += 8) {
      int64_t eight = 0;
      __builtin_memcpy(&eight, codes + k, static_cast<size_t>(depth - k < 8 ? depth - k : 8));
      __builtin_memcpy(out + k, &eight, sizeof(eight));
      const __m256i x = _mm256_xor_si256(_mm256_setr_epi64x(eight, 0, 0, 0),
                                         _mm256_setr_epi64x(static_cast<int64_t>(0x8080808080808080), 0, 0, 0));
      sums = _mm256_add_epi64(sums, _mm256_sad_epu8(x, _mm256_setzero_si256()));
    }
    const __m128i halves = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    const int64_t sum = _mm_cvtsi128_si64(_mm_add_epi64(halves, _mm_unpackhi_epi64(halves, halves)));
    const auto codes_sum = static_cast<int32_t>(sum - 128 * int4_codes_bytes(depth));
    __builtin_memcpy(out + int4_codes_bytes(depth), &codes_sum, sizeof(codes_sum));
  }
}
