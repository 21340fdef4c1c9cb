// The integer micro-kernels in terms of an instruction set's operations. Included by one translation unit per
// instruction set, inside its unnamed namespace; nothing of the standard library is used here (f32_kernels.inc.hpp
// says why).
//
// `Isa` has: kLanes, kRows, kVectors, kGroup, kCodeBytes; V (kLanes sums), load(const int32_t*); W (weights of a
// vector), load_weights(const int8_t*); A (a group of codes in every lane), load_codes(const std::byte*);
// multiply_add(sum, a, w); store_sums<kVectors>(sums, columns, out); store_codes<kVectors>(sums, columns,
// requantization, out).

template <typename Isa, bool kCodes, int kRows, int kVectors>
void int8_tile(const Int8Tile& t) {
  typename Isa::V sums[kRows][kVectors];
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) {
    const typename Isa::V start = Isa::load(t.start + v * Isa::kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) sums[r][v] = start;
  }
  const int8_t* b = t.b;
  const std::byte* a = t.a;
  for (int64_t g = 0; g < t.groups; ++g) {
    typename Isa::W weights[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) weights[v] = Isa::load_weights(b + v * Isa::kLanes * Isa::kGroup);
    b += kVectors * Isa::kLanes * Isa::kGroup;
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const typename Isa::A codes = Isa::load_codes(a + r * t.a_stride);
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) sums[r][v] = Isa::multiply_add(sums[r][v], codes, weights[v]);
    }
    a += Isa::kGroup * Isa::kCodeBytes;
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    if constexpr (kCodes) {
      int8_t* out = static_cast<int8_t*>(t.c) + r * t.c_stride;
      Isa::template store_codes<kVectors>(sums[r], t.columns, t.requantization, out);
    } else {
      Isa::template store_sums<kVectors>(sums[r], t.columns, static_cast<int32_t*>(t.c) + r * t.c_stride);
    }
  }
}

// Table [kRows][kVectors] of int8_tile for every size up to the instruction set's.
template <typename Isa, bool kCodes>
struct Int8Tiles {
  using Function = void (*)(const Int8Tile&);
  Function functions[Isa::kRows * Isa::kVectors];

  template <int kIndex = 0>
  static constexpr void fill(Int8Tiles& tiles) {
    if constexpr (kIndex < Isa::kRows * Isa::kVectors) {
      tiles.functions[kIndex] = int8_tile<Isa, kCodes, kIndex / Isa::kVectors + 1, kIndex % Isa::kVectors + 1>;
      fill<kIndex + 1>(tiles);
    }
  }
  static constexpr Int8Tiles make() {
    Int8Tiles tiles{};
    fill(tiles);
    return tiles;
  }
};
