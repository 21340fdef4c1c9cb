// The float micro-kernels in terms of an instruction set's vector type. Included by one translation unit per
// instruction set, inside its unnamed namespace, and nothing of the standard library is used here: a function that two
// translation units share would be compiled for one machine and called on another.
//
// `Isa` has: V, kLanes, kVectors, kTileRows[kVectors], kDepthwisePixels3, kDepthwisePixels5 (0: such kernels are like
// any other), load, store, load_first(p, n), store_first(p, n, v), broadcast(float), fma(a, b, c) = a * b + c, add,
// clamp(v, min, max) that keeps NaN; kLaneProducts: products with a lane of a register, by
// add_terms<kRows, kVectors>(a, terms, b, sums), of whole rows; kPlaneWidths: code of its own for planes of two usual
// widths.

// How far a panel is: where the next tile's rows of the result begin, and which weights to fetch.
struct F32PanelState {
  float* c;
  int64_t x;         // row of its run
  const char* next;  // weights of the next call
  int64_t fetches;   // cache lines of them for each block of k

  void advance(const F32Panel& p) {
    c += p.c_stride;
    if (++x == p.run) {
      x = 0;
      c += p.gap;
    }
  }
};

template <typename Isa>
inline constexpr bool kLaneProducts = requires { Isa::kLaneProducts; };

// What is seldom happens to a tile in memory, [rows][vectors * lanes], so that there is one function for it.

// The sums that a tile goes on from. Rows behind the last are copies of it.
template <typename Isa>
[[gnu::noinline]] void f32_load_sums(const F32Panel& p, F32PanelState from, int64_t rows, int64_t tile_rows,
                                     int64_t tile_columns, float* sums) {
  const int64_t last = tile_columns - Isa::kLanes;  // where the last vector begins
  for (int64_t r = 0; r < tile_rows; ++r, sums += tile_columns) {
    for (int64_t j = 0; j < last; j += Isa::kLanes) Isa::store(sums + j, Isa::load(from.c + j));
    Isa::store(sums + last, Isa::load_first(from.c + last, p.columns - last));
    if (r + 1 < rows) from.advance(p);
  }
}

// Fetches what the end of a tile waits for.
template <typename Isa>
[[gnu::noinline]] void f32_fetch_addend(const F32Panel& p, const F32PanelState& state, int64_t row, int64_t rows) {
  constexpr int64_t kLine = 16;
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t j = 0; j < p.columns; j += kLine) {
      __builtin_prefetch(p.addend + (row + r) * p.addend_stride + j);
      __builtin_prefetch(state.c + r * p.c_stride + j, 1);
    }
  }
}

template <typename Isa>
[[gnu::noinline]] void f32_store_sums(const F32Panel& p, int64_t row, int64_t rows, int64_t tile_columns,
                                      const float* sums, F32PanelState& state) {
  using V = typename Isa::V;
  const V min = Isa::broadcast(p.min), max = Isa::broadcast(p.max);
  const V sum_min = Isa::broadcast(p.sum_min), sum_max = Isa::broadcast(p.sum_max);
  const float* addend = p.addend + row * p.addend_stride;
  const int64_t last = tile_columns - Isa::kLanes;
  const int64_t count = p.columns - last;  // columns of the last vector
  for (int64_t r = 0; r < rows; ++r, addend += p.addend_stride, sums += tile_columns, state.advance(p)) {
    const auto value = [&](int64_t j, bool whole) __attribute__((always_inline)) {
      const V sum = Isa::clamp(Isa::load(sums + j), min, max);
      if (p.addend == nullptr) return sum;
      const V other = whole ? Isa::load(addend + j) : Isa::load_first(addend + j, count);
      return Isa::clamp(Isa::add(sum, other), sum_min, sum_max);
    };
    for (int64_t j = 0; j < last; j += Isa::kLanes) Isa::store(state.c + j, value(j, true));
    Isa::store_first(state.c + last, count, value(last, false));
  }
}

// `rows` rows from `row` on: kRows of them if kWhole, else 1 ... kRows.
template <typename Isa, int kRows, int kVectors, bool kWhole>
[[gnu::always_inline]] inline void f32_tile(const F32Panel& p, int64_t row, int64_t rows, F32PanelState& state) {
  using V = typename Isa::V;
  constexpr int kLanes = Isa::kLanes, kColumns = kVectors * kLanes;
  alignas(64) float memory[kRows * kColumns];
  V sums[kRows][kVectors];
  if (p.bias != nullptr) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      const V bias = Isa::load(p.bias + v * kLanes);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) sums[r][v] = bias;
    }
  } else {
    f32_load_sums<Isa>(p, state, rows, kRows, kColumns, memory);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) sums[r][v] = Isa::load(memory + r * kColumns + v * kLanes);
    }
  }
  if (p.addend != nullptr) f32_fetch_addend<Isa>(p, state, row, rows);
  const float* b = p.b;
  const float* block = p.a + row * p.a_stride;
  const int64_t k_block = kLaneProducts<Isa> && p.block_stride == p.k_block ? p.k : p.k_block;
  for (int64_t left = p.k; left > 0; left -= k_block, block += p.block_stride) {
    for (int64_t i = 0; i < state.fetches; ++i, state.next += 64) __builtin_prefetch(state.next);
    const float* a[kRows];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) a[r] = block + (kWhole || r < rows ? r : rows - 1) * p.a_stride;
    const int64_t terms = left < k_block ? left : k_block;
    if constexpr (kLaneProducts<Isa>) {
      Isa::template add_terms<kRows, kVectors>(a, terms, b, sums);
      continue;
    }
    const auto add_term = [&](int64_t k) __attribute__((always_inline)) {
      V weights[kVectors];
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) weights[v] = Isa::load(b + v * kLanes);
      b += kColumns;
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const V value = Isa::broadcast(a[r][k]);
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) sums[r][v] = Isa::fma(value, weights[v], sums[r][v]);
      }
    };
    if constexpr (kWhole) {
#pragma GCC unroll 4
      for (int64_t k = 0; k < terms; ++k) add_term(k);
    } else {  // seldom: small code
#pragma GCC unroll 1
      for (int64_t k = 0; k < terms; ++k) add_term(k);
    }
  }
  if (kWhole && p.addend == nullptr && p.columns == kColumns) {
    const V min = Isa::broadcast(p.min), max = Isa::broadcast(p.max);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) Isa::store(state.c + v * kLanes, Isa::clamp(sums[r][v], min, max));
      state.advance(p);
    }
    return;
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) Isa::store(memory + r * kColumns + v * kLanes, sums[r][v]);
  }
  f32_store_sums<Isa>(p, row, rows, kColumns, memory, state);
}

template <typename Isa, int kRows, int kVectors>
[[gnu::noinline]] void f32_last_tile(const F32Panel& p, int64_t row, int64_t rows, F32PanelState& state) {
  f32_tile<Isa, kRows, kVectors, false>(p, row, rows, state);
}

template <typename Isa, int kVectors>
void f32_panel(const F32Panel& p) {
  constexpr int kRows = Isa::kTileRows[kVectors - 1], kLastRows = f32_last_rows(kRows);
  const int64_t bytes = p.k * kVectors * Isa::kLanes * int64_t{sizeof(float)};
  const int64_t blocks = (p.k + p.k_block - 1) / p.k_block * ((p.rows + kRows - 1) / kRows);
  F32PanelState state{p.c, 0, reinterpret_cast<const char*>(p.next), (bytes / 64 + blocks - 1) / blocks};
  if (p.rows == 1) state.fetches = 0;  // weights are read faster than they could be fetched
  int64_t row = 0;
  for (; row + kRows <= p.rows; row += kRows) f32_tile<Isa, kRows, kVectors, true>(p, row, kRows, state);
  for (; row + 1 < p.rows; row += kLastRows) {
    const int64_t left = p.rows - row;
    f32_last_tile<Isa, kLastRows, kVectors>(p, row, left < kLastRows ? left : kLastRows, state);
  }
  if (row + 1 == p.rows) f32_last_tile<Isa, 1, kVectors>(p, row, 1, state);
}

// Table of f32_panel for every width up to the instruction set's.
template <typename Isa>
struct F32Panels {
  using Function = void (*)(const F32Panel&);
  Function functions[Isa::kVectors];

  template <int kIndex = 0>
  static constexpr void fill(F32Panels& panels) {
    if constexpr (kIndex < Isa::kVectors) {
      panels.functions[kIndex] = f32_panel<Isa, kIndex + 1>;
      fill<kIndex + 1>(panels);
    }
  }
  static constexpr F32Panels make() {
    F32Panels panels{};
    fill(panels);
    return panels;
  }
};

// What the tiles of one vector of channels have in common.
template <typename Isa>
struct F32DepthwiseVector {
  typename Isa::V bias, min, max;
  const float* weights;
  int64_t channel;
  int64_t count;  // channels that are written
};

template <typename Isa>
[[gnu::always_inline]] inline F32DepthwiseVector<Isa> f32_depthwise_vector(const F32DepthwiseRow& d, int64_t channel) {
  const int64_t left = d.channels - channel;
  return {Isa::load(d.bias + channel),
          Isa::broadcast(d.min),
          Isa::broadcast(d.max),
          d.weights + channel,
          channel,
          left < Isa::kLanes ? left : Isa::kLanes};
}

template <typename Isa, int kPixels>
[[gnu::always_inline]] inline void f32_store_pixels(const F32DepthwiseRow& d, const F32DepthwiseVector<Isa>& vector,
                                                    int64_t pixel, const typename Isa::V (&sums)[kPixels]) {
  float* output = d.output + pixel * d.output_stride + vector.channel;
  const int64_t stride = d.output_stride;
  if (vector.count == Isa::kLanes) {
#pragma GCC unroll 16
    for (int p = 0; p < kPixels; ++p, output += stride) {
      Isa::store(output, Isa::clamp(sums[p], vector.min, vector.max));
    }
  } else {
#pragma GCC unroll 16
    for (int p = 0; p < kPixels; ++p, output += stride) {
      Isa::store_first(output, vector.count, Isa::clamp(sums[p], vector.min, vector.max));
    }
  }
}

// Any kernel: kPixels pixels from `pixel` on.
template <typename Isa, int kPixels>
[[gnu::always_inline]] inline void f32_depthwise_pixels(const F32DepthwiseRow& d, const F32DepthwiseVector<Isa>& vector,
                                                        int64_t pixel) {
  using V = typename Isa::V;
  V sums[kPixels];
#pragma GCC unroll 16
  for (int p = 0; p < kPixels; ++p) sums[p] = vector.bias;
  const float* weights = vector.weights;
  const int64_t step = d.stride * d.pixel_stride;
  for (int64_t ky = 0; ky < d.kernel_h; ++ky) {
    const float* x = d.rows[ky] + pixel * step + vector.channel;
    for (int64_t kx = 0; kx < d.kernel_w; ++kx) {
      const V weight = Isa::load(weights);
      weights += d.weight_stride;
#pragma GCC unroll 16
      for (int p = 0; p < kPixels; ++p) sums[p] = Isa::fma(Isa::load(x + p * step), weight, sums[p]);
      x += d.dilation * d.pixel_stride;
    }
  }
  f32_store_pixels<Isa, kPixels>(d, vector, pixel, sums);
}

template <typename Isa>
void f32_depthwise_any(const F32DepthwiseRow& d) {
  for (int64_t channel = 0; channel < d.channels; channel += Isa::kLanes) {
    const F32DepthwiseVector<Isa> vector = f32_depthwise_vector<Isa>(d, channel);
    int64_t pixel = 0;
    for (; pixel + 8 <= d.pixels; pixel += 8) f32_depthwise_pixels<Isa, 8>(d, vector, pixel);
    for (; pixel < d.pixels; ++pixel) f32_depthwise_pixels<Isa, 1>(d, vector, pixel);
  }
}

// A kernel of kSize x kSize with dilation 1: every input vector is loaded once per kernel row.
// kPlane: the pixel stride in vectors; 0: any.
template <typename Isa, int kSize, int kStride, int kPlane>
struct F32SquareDepthwise {
  using V = typename Isa::V;

  template <int kPixels>
  [[gnu::always_inline]] static void tile(const F32DepthwiseRow& d, const F32DepthwiseVector<Isa>& vector,
                                          const float* const (&rows)[kSize], const V (&weights)[kSize * kSize],
                                          int64_t pixel) {
    constexpr int kColumns = (kPixels - 1) * kStride + kSize;
    const int64_t pixel_stride = kPlane > 0 ? kPlane * Isa::kLanes : d.pixel_stride;
    V sums[kPixels];
#pragma GCC unroll 16
    for (int p = 0; p < kPixels; ++p) sums[p] = vector.bias;
#pragma GCC unroll 16
    for (int ky = 0; ky < kSize; ++ky) {
      // One addition for three columns: the others are scaled by the load itself.
      const float* x = rows[ky] + pixel * kStride * pixel_stride;
#pragma GCC unroll 64
      for (int column = 0; column < kColumns; ++column) {
        if (column > 0 && column % 3 == 0) x += 3 * pixel_stride;
        const V value = Isa::load(x + column % 3 * pixel_stride);
#pragma GCC unroll 16
        for (int p = 0; p < kPixels; ++p) {
          const int kx = column - p * kStride;
          if (kx >= 0 && kx < kSize) sums[p] = Isa::fma(value, weights[ky * kSize + kx], sums[p]);
        }
      }
    }
    f32_store_pixels<Isa, kPixels>(d, vector, pixel, sums);
  }

  // kPixels at a time; the last ones overlap those before them.
  template <int kPixels>
  [[gnu::always_inline]] static int64_t tiles(const F32DepthwiseRow& d, const F32DepthwiseVector<Isa>& vector,
                                              const float* const (&rows)[kSize], const V (&weights)[kSize * kSize],
                                              int64_t pixel, int64_t end) {
    while (pixel < end) {
      const int64_t first = pixel + kPixels <= d.pixels ? pixel : d.pixels - kPixels;
      tile<kPixels>(d, vector, rows, weights, first);
      pixel = first + kPixels;
    }
    return pixel;
  }

  static void run(const F32DepthwiseRow& d) {
    constexpr int kPixels = kSize == 3 ? Isa::kDepthwisePixels3 : Isa::kDepthwisePixels5;
    constexpr int kLastPixels = (kPixels + 1) / 2;
    if (d.pixels < kLastPixels) return f32_depthwise_any<Isa>(d);
    const int64_t rest = d.pixels % kPixels;
    // Where fewer are left than a small tile takes; a row of less than a tile is small tiles.
    const int64_t whole = d.pixels < kPixels ? 0 : rest > kLastPixels ? d.pixels : d.pixels - rest;
    for (int64_t channel = 0; channel < d.channels; channel += Isa::kLanes) {
      const F32DepthwiseVector<Isa> vector = f32_depthwise_vector<Isa>(d, channel);
      V weights[kSize * kSize];
#pragma GCC unroll 32
      for (int tap = 0; tap < kSize * kSize; ++tap) weights[tap] = Isa::load(vector.weights + tap * d.weight_stride);
      const float* rows[kSize];
#pragma GCC unroll 16
      for (int ky = 0; ky < kSize; ++ky) rows[ky] = d.rows[ky] + channel;
      const int64_t pixel = tiles<kPixels>(d, vector, rows, weights, 0, whole);
      tiles<kLastPixels>(d, vector, rows, weights, pixel, d.pixels);
    }
  }
};

// Planes as wide as most by themselves: their loads need no addition.
template <typename Isa>
inline constexpr bool kPlaneWidths = requires { Isa::kPlaneWidths; };

template <typename Isa, int kStride>
void f32_depthwise_3x3(const F32DepthwiseRow& d) {
  if constexpr (kPlaneWidths<Isa>) {
    constexpr int kFirst = Isa::kPlaneWidths[0], kSecond = Isa::kPlaneWidths[1];
    if (d.pixel_stride == kFirst * Isa::kLanes) return F32SquareDepthwise<Isa, 3, kStride, kFirst>::run(d);
    if (d.pixel_stride == kSecond * Isa::kLanes) return F32SquareDepthwise<Isa, 3, kStride, kSecond>::run(d);
  }
  F32SquareDepthwise<Isa, 3, kStride, 0>::run(d);
}

template <typename Isa>
void f32_depthwise(const F32DepthwiseRow& d) {
  const int64_t size = d.kernel_h == d.kernel_w && d.dilation == 1 ? d.kernel_w : 0;
  if (size == 3 && d.stride == 1) return f32_depthwise_3x3<Isa, 1>(d);
  if (size == 3 && d.stride == 2) return f32_depthwise_3x3<Isa, 2>(d);
  if constexpr (Isa::kDepthwisePixels5 > 0) {
    if (size == 5 && d.stride == 1) return F32SquareDepthwise<Isa, 5, 1, 0>::run(d);
    if (size == 5 && d.stride == 2) return F32SquareDepthwise<Isa, 5, 2, 0>::run(d);
  }
  f32_depthwise_any<Isa>(d);
}
