// VNNI in 256 bits: four products of codes plus 128 with weights per lane. Included after int8_avx2.inc.hpp, inside an
// unnamed namespace, where dot(sum, codes, weights) is the instruction in one encoding or the other.

struct Vnni256 : Sums256 {
  using W = __m256i;
  using A = __m256i;
  static constexpr int kGroup = 4, kCodeBytes = 1;

  template <int>
  static W load_weights(const std::byte* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  static A load_codes(const std::byte* p) {
    int32_t four;
    __builtin_memcpy(&four, p, sizeof(four));
    return _mm256_set1_epi32(four);
  }
  static V multiply_add(V sum, A a, W w) {
    sum = dot(sum, a, w);
    asm("" : "+x"(sum));  // g++ 12 would otherwise copy and spill most sums of a tile at every step
    return sum;
  }
};

// Four rows of 32 channels: their codes side by side.
struct Vnni256Strips {
  using V = __m256i;
  using W = __m256i;
  using R = __m256i;
  using Weight = int8_t;
  static constexpr int kLanes = 8, kVectors = 4, kGroup = 4, kPixels = 1, kOffset = 128;

  static V load(const int32_t* p) { return Sums256::load(p); }
  static R load_row(const int8_t* p) {
    return _mm256_xor_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)), _mm256_set1_epi8(-128));
  }
  static void interleave(const R (&rows)[kGroup], std::byte* out) {
    const __m256i low01 = _mm256_unpacklo_epi8(rows[0], rows[1]), high01 = _mm256_unpackhi_epi8(rows[0], rows[1]);
    const __m256i low23 = _mm256_unpacklo_epi8(rows[2], rows[3]), high23 = _mm256_unpackhi_epi8(rows[2], rows[3]);
    auto* to = reinterpret_cast<__m256i*>(out);
    _mm256_storeu_si256(to, _mm256_unpacklo_epi16(low01, low23));
    _mm256_storeu_si256(to + 1, _mm256_unpackhi_epi16(low01, low23));
    _mm256_storeu_si256(to + 2, _mm256_unpacklo_epi16(high01, high23));
    _mm256_storeu_si256(to + 3, _mm256_unpackhi_epi16(high01, high23));
  }
  static W load_codes(const std::byte* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static V multiply_add(V sum, W codes, W weights) { return dot(sum, codes, weights); }

  template <bool kPlain, int kCount>
  static void store_block_codes(const V (*sums)[kVectors], int64_t columns, const float* scales,
                                const Requantization& q, int8_t* out, int64_t stride) {
    for (int p = 0; p < kCount; ++p, out += stride) {
      const __m256i codes = packed_codes<kPlain>(rounded_products<kPlain>(sums[p][0], scales),
                                                 rounded_products<kPlain>(sums[p][1], scales + kLanes),
                                                 rounded_products<kPlain>(sums[p][2], scales + 2 * kLanes),
                                                 rounded_products<kPlain>(sums[p][3], scales + 3 * kLanes), q);
      if (columns == 32) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), codes);
      } else {
        alignas(32) int8_t all[32];
        _mm256_store_si256(reinterpret_cast<__m256i*>(all), codes);
        __builtin_memcpy(out, all, static_cast<size_t>(columns));
      }
    }
  }
};

inline void prepare_rows_vnni256(const int8_t* codes, int64_t stride, int64_t rows, int64_t depth, std::byte* out,
                                 int64_t out_stride) {
  for (int64_t row = 0; row < rows; ++row, codes += stride, out += out_stride) {
    int64_t k = 0;
    for (; k + 32 <= depth; k += 32)
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + k), Vnni256Strips::load_row(codes + k));
    for (; k < (depth + 3) / 4 * 4; ++k) out[k] = static_cast<std::byte>(k < depth ? codes[k] ^ -128 : 0);
  }
}
