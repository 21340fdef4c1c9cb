// The float micro-kernels in terms of an instruction set's vector type. Included by one translation unit per
// instruction set, inside its unnamed namespace, and nothing of the standard library is used here: a function that two
// translation units share would be compiled for one machine and called on another.
//
// `Isa` has: V, kLanes, kRows, kVectors, load, store, load_first(p, n), store_first(p, n, v), broadcast(float),
// fma(a, b, c) = a * b + c, clamp(v, min, max) that keeps NaN.

template <typename Isa, int kRows, int kVectors>
void f32_tile(const F32Tile& t) {
  using V = typename Isa::V;
  constexpr int kLanes = Isa::kLanes;
  const int64_t last = t.columns - (kVectors - 1) * kLanes;  // columns of the last vector
  V sums[kRows][kVectors];
  if (t.bias != nullptr) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      const V bias = Isa::load(t.bias + v * kLanes);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) sums[r][v] = bias;
    }
  } else {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors - 1; ++v) sums[r][v] = Isa::load(t.c + r * t.c_stride + v * kLanes);
      sums[r][kVectors - 1] = Isa::load_first(t.c + r * t.c_stride + (kVectors - 1) * kLanes, last);
    }
  }
  const float* b = t.b;
  for (int64_t k = 0; k < t.k; ++k) {
    V weights[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) weights[v] = Isa::load(b + v * kLanes);
    b += kVectors * kLanes;
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const V a = Isa::broadcast(t.a[r * t.a_stride + k]);
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) sums[r][v] = Isa::fma(a, weights[v], sums[r][v]);
    }
  }
  const V min = Isa::broadcast(t.min);
  const V max = Isa::broadcast(t.max);
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    float* c = t.c + r * t.c_stride;
#pragma GCC unroll 16
    for (int v = 0; v < kVectors - 1; ++v) Isa::store(c + v * kLanes, Isa::clamp(sums[r][v], min, max));
    const V sum = Isa::clamp(sums[r][kVectors - 1], min, max);
    if (last == kLanes) {
      Isa::store(c + (kVectors - 1) * kLanes, sum);
    } else {
      Isa::store_first(c + (kVectors - 1) * kLanes, last, sum);
    }
  }
}

// Table [kRows][kVectors] of f32_tile for every size up to the instruction set's.
template <typename Isa>
struct F32Tiles {
  using Function = void (*)(const F32Tile&);
  Function functions[Isa::kRows * Isa::kVectors];

  template <int kIndex = 0>
  static constexpr void fill(F32Tiles& tiles) {
    if constexpr (kIndex < Isa::kRows * Isa::kVectors) {
      tiles.functions[kIndex] = f32_tile<Isa, kIndex / Isa::kVectors + 1, kIndex % Isa::kVectors + 1>;
      fill<kIndex + 1>(tiles);
    }
  }
  static constexpr F32Tiles make() {
    F32Tiles tiles{};
    fill(tiles);
    return tiles;
  }
};

// kPixels pixels, kVectors vectors of channels from `channel` on; only the first `count` channels where kPartial.
template <typename Isa, int kPixels, int kVectors, bool kPartial = false>
inline void f32_depthwise_tile(const F32Depthwise& d, int64_t pixel, int64_t channel, int64_t count = 0) {
  using V = typename Isa::V;
  constexpr int kLanes = Isa::kLanes;
  static_assert(!kPartial || kVectors == 1);
  V sums[kPixels][kVectors];
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) {
    const V bias = Isa::load(d.bias + channel + v * kLanes);
#pragma GCC unroll 16
    for (int p = 0; p < kPixels; ++p) sums[p][v] = bias;
  }
  const int64_t offset = pixel * d.input_stride + channel;
  const float* weights = d.weights + channel;
  for (int64_t tap = 0; tap < d.taps; ++tap) {
    const float* input = d.inputs[tap] + offset;
    V weight[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) weight[v] = Isa::load(weights + v * kLanes);
    weights += d.weight_stride;
#pragma GCC unroll 16
    for (int p = 0; p < kPixels; ++p) {
      const float* x = input + p * d.input_stride;
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        const V value = kPartial ? Isa::load_first(x, count) : Isa::load(x + v * kLanes);
        sums[p][v] = Isa::fma(value, weight[v], sums[p][v]);
      }
    }
  }
  const V min = Isa::broadcast(d.min);
  const V max = Isa::broadcast(d.max);
#pragma GCC unroll 16
  for (int p = 0; p < kPixels; ++p) {
    float* output = d.output + (pixel + p) * d.output_stride + channel;
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      const V sum = Isa::clamp(sums[p][v], min, max);
      if constexpr (kPartial) {
        Isa::store_first(output, count, sum);
      } else {
        Isa::store(output + v * kLanes, sum);
      }
    }
  }
}

template <typename Isa, int kPixels>
inline void f32_depthwise_pixels(const F32Depthwise& d, int64_t pixel) {
  constexpr int kLanes = Isa::kLanes;
  int64_t channel = 0;
  for (; channel + 2 * kLanes <= d.channels; channel += 2 * kLanes) {
    f32_depthwise_tile<Isa, kPixels, 2>(d, pixel, channel);
  }
  if (channel + kLanes <= d.channels) {
    f32_depthwise_tile<Isa, kPixels, 1>(d, pixel, channel);
    channel += kLanes;
  }
  if (channel < d.channels) f32_depthwise_tile<Isa, kPixels, 1, true>(d, pixel, channel, d.channels - channel);
}

template <typename Isa>
void f32_depthwise(const F32Depthwise& d) {
  int64_t pixel = 0;
  for (; pixel + 4 <= d.pixels; pixel += 4) f32_depthwise_pixels<Isa, 4>(d, pixel);
  for (; pixel < d.pixels; ++pixel) f32_depthwise_pixels<Isa, 1>(d, pixel);
}
