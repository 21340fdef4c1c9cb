// The float micro-kernels in terms of an instruction set's vector type. Included by one translation unit per
// instruction set, inside its unnamed namespace, and nothing of the standard library is used here: a function that two
// translation units share would be compiled for one machine and called on another.
//
// `Isa` has: V, kLanes, kVectors, kTileRows[kVectors], kDepthwisePixels, load, store, load_first(p, n),
// store_first(p, n, v), broadcast(float), fma(a, b, c) = a * b + c, add, clamp(v, min, max) that keeps NaN;
// kLaneProducts: products with a lane of a register, by add_terms<kRows, kVectors>(a, terms, b, sums), of whole rows.

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

template <typename Isa, int kRows, int kVectors>
[[gnu::always_inline]] inline void f32_tile(const F32Panel& p, int64_t row, F32PanelState& state) {
  using V = typename Isa::V;
  constexpr int kLanes = Isa::kLanes;
  const int64_t last = p.columns - (kVectors - 1) * kLanes;  // columns of the last vector
  V sums[kRows][kVectors];
  if (p.bias != nullptr) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      const V bias = Isa::load(p.bias + v * kLanes);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) sums[r][v] = bias;
    }
  } else {
    F32PanelState from = state;
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors - 1; ++v) sums[r][v] = Isa::load(from.c + v * kLanes);
      sums[r][kVectors - 1] = Isa::load_first(from.c + (kVectors - 1) * kLanes, last);
      from.advance(p);
    }
  }
  if (p.addend != nullptr) {  // what the end of the tile waits for
    constexpr int kLine = 16;
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int i = 0; i < kVectors * kLanes; i += kLine) {
        __builtin_prefetch(p.addend + (row + r) * p.addend_stride + i);
        __builtin_prefetch(state.c + r * p.c_stride + i, 1);
      }
    }
  }
  const float* b = p.b;
  const float* block = p.a + row * p.a_stride;
  const int64_t k_block = kLaneProducts<Isa> && p.block_stride == p.k_block ? p.k : p.k_block;
  for (int64_t left = p.k; left > 0; left -= k_block, block += p.block_stride) {
    for (int64_t i = 0; i < state.fetches; ++i, state.next += 64) __builtin_prefetch(state.next);
    const float* a[kRows];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) a[r] = block + r * p.a_stride;
    const int64_t terms = left < k_block ? left : k_block;
    if constexpr (kLaneProducts<Isa>) {
      Isa::template add_terms<kRows, kVectors>(a, terms, b, sums);
      continue;
    }
    const auto add_term = [&](int64_t k) __attribute__((always_inline)) {
      V weights[kVectors];
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) weights[v] = Isa::load(b + v * kLanes);
      b += kVectors * kLanes;
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const V value = Isa::broadcast(a[r][k]);
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) sums[r][v] = Isa::fma(value, weights[v], sums[r][v]);
      }
    };
    if constexpr (kRows == Isa::kTileRows[kVectors - 1]) {
#pragma GCC unroll 4
      for (int64_t k = 0; k < terms; ++k) add_term(k);
    } else {  // seldom: small code
#pragma GCC unroll 1
      for (int64_t k = 0; k < terms; ++k) add_term(k);
    }
  }
  const V min = Isa::broadcast(p.min);
  const V max = Isa::broadcast(p.max);
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) sums[r][v] = Isa::clamp(sums[r][v], min, max);
  }
  if (p.addend != nullptr) {
    const V sum_min = Isa::broadcast(p.sum_min);
    const V sum_max = Isa::broadcast(p.sum_max);
    const float* addend = p.addend + row * p.addend_stride;
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        const float* from = addend + v * kLanes;
        const V value = v + 1 < kVectors ? Isa::load(from) : Isa::load_first(from, last);
        sums[r][v] = Isa::clamp(Isa::add(sums[r][v], value), sum_min, sum_max);
      }
      addend += p.addend_stride;
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    float* c = state.c;
#pragma GCC unroll 16
    for (int v = 0; v < kVectors - 1; ++v) Isa::store(c + v * kLanes, sums[r][v]);
    if (last == kLanes) {
      Isa::store(c + (kVectors - 1) * kLanes, sums[r][kVectors - 1]);
    } else {
      Isa::store_first(c + (kVectors - 1) * kLanes, last, sums[r][kVectors - 1]);
    }
    state.advance(p);
  }
}

// The last rows of a panel, fewer than a tile takes.
template <typename Isa, int kRows, int kVectors>
[[gnu::noinline]] void f32_last_tile(const F32Panel& p, int64_t row, F32PanelState state) {
  if constexpr (kRows > 0) {
    if (p.rows - row == kRows) return f32_tile<Isa, kRows, kVectors>(p, row, state);
    f32_last_tile<Isa, kRows - 1, kVectors>(p, row, state);
  }
}

template <typename Isa, int kVectors>
void f32_panel(const F32Panel& p) {
  constexpr int kRows = Isa::kTileRows[kVectors - 1];
  const int64_t bytes = p.k * kVectors * Isa::kLanes * int64_t{sizeof(float)};
  const int64_t blocks = (p.k + p.k_block - 1) / p.k_block * ((p.rows + kRows - 1) / kRows);
  F32PanelState state{p.c, 0, reinterpret_cast<const char*>(p.next), (bytes / 64 + blocks - 1) / blocks};
  int64_t row = 0;
  for (; row + kRows <= p.rows; row += kRows) f32_tile<Isa, kRows, kVectors>(p, row, state);
  f32_last_tile<Isa, kRows - 1, kVectors>(p, row, state);
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

  // The last pixels, fewer than a tile takes.
  template <int kPixels>
  [[gnu::always_inline]] static void rest(const F32DepthwiseRow& d, const F32DepthwiseVector<Isa>& vector,
                                          const float* const (&rows)[kSize], const V (&weights)[kSize * kSize],
                                          int64_t pixel) {
    if constexpr (kPixels > 0) {
      if (pixel + kPixels <= d.pixels) {
        tile<kPixels>(d, vector, rows, weights, pixel);
        pixel += kPixels;
      }
      rest<kPixels == 4 ? 2 : kPixels - 1>(d, vector, rows, weights, pixel);
    }
  }

  static void run(const F32DepthwiseRow& d) {
    constexpr int kPixels = kSize == 3 ? Isa::kDepthwisePixels3 : Isa::kDepthwisePixels5;
    for (int64_t channel = 0; channel < d.channels; channel += Isa::kLanes) {
      const F32DepthwiseVector<Isa> vector = f32_depthwise_vector<Isa>(d, channel);
      V weights[kSize * kSize];
#pragma GCC unroll 32
      for (int tap = 0; tap < kSize * kSize; ++tap) weights[tap] = Isa::load(vector.weights + tap * d.weight_stride);
      const float* rows[kSize];
#pragma GCC unroll 16
      for (int ky = 0; ky < kSize; ++ky) rows[ky] = d.rows[ky] + channel;
      int64_t pixel = 0;
      for (; pixel + kPixels <= d.pixels; pixel += kPixels) tile<kPixels>(d, vector, rows, weights, pixel);
      rest<kPixels == 7 ? 4 : kPixels - 1>(d, vector, rows, weights, pixel);
    }
  }
};

template <typename Isa>
void f32_depthwise_any(const F32DepthwiseRow& d) {
  for (int64_t channel = 0; channel < d.channels; channel += Isa::kLanes) {
    const F32DepthwiseVector<Isa> vector = f32_depthwise_vector<Isa>(d, channel);
    int64_t pixel = 0;
    for (; pixel + 8 <= d.pixels; pixel += 8) f32_depthwise_pixels<Isa, 8>(d, vector, pixel);
    for (; pixel < d.pixels; ++pixel) f32_depthwise_pixels<Isa, 1>(d, vector, pixel);
  }
}

// 3x3 kernels over planes as wide as most, by themselves: their loads need no addition.
template <typename Isa, int kStride>
void f32_depthwise_3x3(const F32DepthwiseRow& d) {
  if (d.pixel_stride == 2 * Isa::kLanes) return F32SquareDepthwise<Isa, 3, kStride, 2>::run(d);
  if (d.pixel_stride == 3 * Isa::kLanes) return F32SquareDepthwise<Isa, 3, kStride, 3>::run(d);
  F32SquareDepthwise<Isa, 3, kStride, 0>::run(d);
}

template <typename Isa>
void f32_depthwise(const F32DepthwiseRow& d) {
  const int64_t size = d.kernel_h == d.kernel_w && d.dilation == 1 ? d.kernel_w : 0;
  if (size == 3 && d.stride == 1) return f32_depthwise_3x3<Isa, 1>(d);
  if (size == 3 && d.stride == 2) return f32_depthwise_3x3<Isa, 2>(d);
  if (size == 5 && d.stride == 1) return F32SquareDepthwise<Isa, 5, 1, 0>::run(d);
  if (size == 5 && d.stride == 2) return F32SquareDepthwise<Isa, 5, 2, 0>::run(d);
  f32_depthwise_any<Isa>(d);
}
