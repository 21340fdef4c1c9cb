// The integer micro-kernels in terms of an instruction set's operations. Included by one translation unit per
// instruction set, inside its unnamed namespace; nothing of the standard library is used here (f32_kernels.inc.hpp
// says why).
//
// `Isa` has: kLanes, kRows, kVectors, kGroup, kCodeBytes; V (kLanes sums), load(const int32_t*), load_start(const
// int32_t*) what sums start from, store(v, int32_t*); W (weights of a vector), load_weights<part>(const std::byte*); A
// (a group of codes in every lane), load_codes(const std::byte*); multiply_add(sum, a, w); and for kCount vectors of a
// row, of which `columns` columns are valid: store_sums<kCount>(sums, columns, out), store_codes<kCount>(sums, columns,
// requantization, out), store_floats<kCount>(sums, columns, row, dequantization, out); and for a tile, where the
// requantization is plain or always with kStoresAnyCodes: store_tile_codes<kRows, kVectors>(sums[kRows][kVectors],
// columns, constants, requantization, out, stride), false where it leaves the tile to store_codes; `constants` are the
// scales in the order of the lanes. It may have
// - kParts: so many groups of weights lie in the bytes of one;
// - TileConstants<kVectors>: what is made of a requantization instead of scales;
// - kStoresFloatTiles with store_tile_floats<kRows, kVectors>(sums, columns, dequantization, row, out, stride) for the
//   tile from row `row` on;
// - rows_of(vectors): rows of tiles of fewer vectors, where they are not kRows;
// - small_rows_of(vectors) and kSmallDepth: rows of tiles whose sums have at most so many terms, so that the next tile
//   is under way while the codes of one are written;
// - channel_of(vectors, lane): the column whose sum is in this lane, where that is not the column of the same number;
//   four neighbouring lanes from a multiple of four on have neighbouring columns.

enum class Output { kCodes, kFloats, kSums };

template <typename Isa>
inline constexpr bool kStoresAnyCodes = requires { Isa::kStoresAnyCodes; };
template <typename Isa>
inline constexpr bool kStoresFloatTiles = requires { Isa::kStoresFloatTiles; };
template <typename Isa>
inline constexpr bool kOrdersLanes = requires { Isa::channel_of(1, 0); };

template <typename Isa>
constexpr int int8_rows_of(int vectors) {
  if constexpr (requires { Isa::rows_of(vectors); }) {
    return Isa::rows_of(vectors);
  } else {
    return Isa::kRows;
  }
}

template <typename Isa>
constexpr int int8_small_rows_of(int vectors) {
  if constexpr (requires { Isa::small_rows_of(vectors); }) {
    return Isa::small_rows_of(vectors);
  } else {
    return (int8_rows_of<Isa>(vectors) + 1) / 2;
  }
}

template <typename Isa>
constexpr int64_t int8_small_depth() {
  if constexpr (requires { Isa::kSmallDepth; }) {
    return Isa::kSmallDepth;
  } else {
    return 0;
  }
}

template <typename Isa>
inline int64_t int8_channel_of(int64_t vectors, int64_t lane) {
  if constexpr (kOrdersLanes<Isa>) {
    return Isa::channel_of(static_cast<int>(vectors), static_cast<int>(lane));
  } else {
    return lane;
  }
}

// Constants of a panel's columns in the order of the lanes.
template <typename Isa, int kVectors, typename T>
class LaneOrder {
 public:
  explicit LaneOrder(const T* columns) : values_(columns) {
    if constexpr (kOrdersLanes<Isa>) {
      for (int i = 0; i < kVectors * Isa::kLanes; i += 4)
        __builtin_memcpy(ordered_ + i, columns + int8_channel_of<Isa>(kVectors, i), 4 * sizeof(T));
      values_ = ordered_;
    }
  }
  LaneOrder(const LaneOrder&) = delete;
  LaneOrder& operator=(const LaneOrder&) = delete;
  const T* values() const { return values_; }

 private:
  const T* values_;
  alignas(64) T ordered_[kOrdersLanes<Isa> ? kVectors * Isa::kLanes : 1];
};

template <typename Isa>
constexpr int int8_parts() {
  if constexpr (requires { Isa::kParts; }) {
    return Isa::kParts;
  } else {
    return 1;
  }
}

template <typename Isa, int kVectors>
struct ScalesOfTile : LaneOrder<Isa, kVectors, float> {
  explicit ScalesOfTile(const Requantization& q) : LaneOrder<Isa, kVectors, float>(q.scales) {}
};

template <typename Isa, int kVectors>
constexpr auto tile_constants(const Requantization& q) {
  if constexpr (requires { typename Isa::template TileConstants<kVectors>; }) {
    return typename Isa::template TileConstants<kVectors>(q);
  } else {
    return ScalesOfTile<Isa, kVectors>(q);
  }
}

// Stores rows of sums [rows][kVectors * lanes], from row `row` on. Not inlined: beside the loop of a tile it would take
// registers from the sums.
template <typename Isa, Output kOutput, int kVectors>
[[gnu::noinline]] void int8_store(const Int8Panel& p, int64_t row, int rows, const int32_t* sums) {
  constexpr int kLanes = kVectors * Isa::kLanes;
  for (int r = 0; r < rows; ++r, sums += kLanes) {
    const int32_t* of_columns = sums;
    alignas(64) [[maybe_unused]] int32_t ordered[kLanes];
    if constexpr (kOrdersLanes<Isa>) {
      for (int i = 0; i < kLanes; i += 4)
        __builtin_memcpy(ordered + int8_channel_of<Isa>(kVectors, i), sums + i, 4 * sizeof(int32_t));
      of_columns = ordered;
    }
    typename Isa::V vectors[kVectors];
    for (int v = 0; v < kVectors; ++v) vectors[v] = Isa::load(of_columns + v * Isa::kLanes);
    const int64_t at = (row + r) * p.c_stride;
    if constexpr (kOutput == Output::kFloats) {
      const RowAffine& affine = p.dequantization.rows[(row + r) * p.dequantization.row_step];
      Isa::template store_floats<kVectors>(vectors, p.columns, affine, p.dequantization, static_cast<float*>(p.c) + at);
    } else if constexpr (kOutput == Output::kSums) {
      Isa::template store_sums<kVectors>(vectors, p.columns, static_cast<int32_t*>(p.c) + at);
    } else {
      Isa::template store_codes<kVectors>(vectors, p.columns, p.requantization, static_cast<int8_t*>(p.c) + at);
    }
  }
}

using Int8Store = void (*)(const Int8Panel&, int64_t row, int rows, const int32_t* sums);

// The sums of kRows x kVectors vectors from row `row` on.
template <typename Isa, int kRows, int kVectors>
[[gnu::always_inline]] inline void int8_sums(const Int8Panel& p, int64_t row, const int32_t* start,
                                             typename Isa::V (&sums)[kRows][kVectors]) {
  constexpr int kGroupBytes = Isa::kGroup * Isa::kCodeBytes;
  constexpr int kWeightBytes = Isa::kLanes * Isa::kGroup;
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) {
    const typename Isa::V first = Isa::load_start(start + v * Isa::kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) sums[r][v] = first;
  }
  // A group of codes in all rows times one of weights.
  const auto add = [&sums]<int kPart>(const std::byte* a, int64_t stride, const std::byte* b) {
    typename Isa::W weights[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) weights[v] = Isa::template load_weights<kPart>(b + v * kWeightBytes);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const typename Isa::A codes = Isa::load_codes(a + r * stride);
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) sums[r][v] = Isa::multiply_add(sums[r][v], codes, weights[v]);
    }
  };
  const std::byte* b = p.b;
  for (int64_t piece = 0; piece < p.pieces; ++piece) {
    const std::byte* a = p.a + row * p.a_stride + piece * p.piece_stride;
    for (int64_t k = 0; k < p.depth; k += Isa::kGroup * int8_parts<Isa>()) {
      add.template operator()<0>(a, p.a_stride, b);
      if constexpr (int8_parts<Isa>() == 2) add.template operator()<1>(a + kGroupBytes, p.a_stride, b);
      a += kGroupBytes * int8_parts<Isa>();
      b += kVectors * kWeightBytes;
    }
  }
}

// Not inlined where it is rarely needed: it takes registers.
template <typename Isa, int kRows, int kVectors>
[[gnu::noinline]] void int8_stored_tile(const Int8Panel& p, int64_t row, const int32_t* start, Int8Store store) {
  typename Isa::V sums[kRows][kVectors];
  int8_sums<Isa, kRows, kVectors>(p, row, start, sums);
  alignas(64) int32_t all[kRows][kVectors * Isa::kLanes];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) Isa::store(sums[r][v], all[r] + v * Isa::kLanes);
  }
  store(p, row, kRows, all[0]);
}

// A tile of kRows x kVectors vectors from row `row` on. With kInline its codes are written here, else `store` takes its
// sums. `start` and `constants` have the order of the lanes.
template <typename Isa, Output kOutput, bool kInline, int kRows, int kVectors>
inline void int8_tile(const Int8Panel& p, int64_t row, const int32_t* start, [[maybe_unused]] const float* constants,
                      [[maybe_unused]] Int8Store store) {
  if constexpr (kInline) {
    typename Isa::V sums[kRows][kVectors];
    int8_sums<Isa, kRows, kVectors>(p, row, start, sums);
    if constexpr (kOutput == Output::kFloats) {
      Isa::template store_tile_floats<kRows, kVectors>(sums, p.columns, p.dequantization, row,
                                                       static_cast<float*>(p.c) + row * p.c_stride, p.c_stride);
      return;
    } else if (Isa::template store_tile_codes<kRows, kVectors>(sums, p.columns, constants, p.requantization,
                                                               static_cast<int8_t*>(p.c) + row * p.c_stride,
                                                               p.c_stride)) {
      return;
    }
  }
  if constexpr (!kInline || (kOutput == Output::kCodes && Isa::kMayLeaveTiles))
    int8_stored_tile<Isa, kRows, kVectors>(p, row, start, store);
}

template <typename Isa, Output kOutput, bool kInline, int kVectors>
void int8_tiles(const Int8Panel& p, const int32_t* start, const float* constants, Int8Store store) {
  constexpr int kRows = int8_rows_of<Isa>(kVectors), kSmallRows = int8_small_rows_of<Isa>(kVectors);
  int64_t row = 0;
  if (!kInline || p.pieces * p.depth > int8_small_depth<Isa>()) {
    for (; row + kRows <= p.rows; row += kRows)
      int8_tile<Isa, kOutput, kInline, kRows, kVectors>(p, row, start, constants, store);
  }
  for (; row + kSmallRows <= p.rows; row += kSmallRows)
    int8_tile<Isa, kOutput, kInline, kSmallRows, kVectors>(p, row, start, constants, store);
  if constexpr (kSmallRows > 1) {
    for (; row < p.rows; ++row) int8_tile<Isa, kOutput, kInline, 1, kVectors>(p, row, start, constants, store);
  }
}

template <typename Isa, Output kOutput, int kVectors = Isa::kVectors>
void int8_panel(const Int8Panel& p) {
  if constexpr (kVectors > 1) {
    if (p.columns <= (kVectors - 1) * Isa::kLanes) return int8_panel<Isa, kOutput, kVectors - 1>(p);
  }
  const LaneOrder<Isa, kVectors, int32_t> start(p.start);
  [[maybe_unused]] constexpr Int8Store kStore = int8_store<Isa, kOutput, kVectors>;
  if constexpr (kOutput == Output::kCodes) {
    if (kStoresAnyCodes<Isa> || p.requantization.plain) {
      const auto constants = tile_constants<Isa, kVectors>(p.requantization);
      return int8_tiles<Isa, kOutput, true, kVectors>(p, start.values(), constants.values(), kStore);
    }
  }
  if constexpr (kOutput == Output::kFloats && kStoresFloatTiles<Isa>) {
    return int8_tiles<Isa, kOutput, true, kVectors>(p, start.values(), nullptr, nullptr);
  } else if constexpr (kOutput != Output::kCodes || !kStoresAnyCodes<Isa>) {
    int8_tiles<Isa, kOutput, false, kVectors>(p, start.values(), nullptr, kStore);
  }
}

template <typename Isa>
int64_t int8_row_bytes(int64_t depth) {
  constexpr int kTerms = Isa::kGroup * int8_parts<Isa>();
  return (depth + kTerms - 1) / kTerms * kTerms * Isa::kCodeBytes;
}

template <typename Isa>
int64_t int8_panel_bytes(int64_t depth, int64_t columns) {
  const int64_t groups = (depth + Isa::kGroup - 1) / Isa::kGroup;
  return groups * Isa::kGroup * ((columns + Isa::kLanes - 1) / Isa::kLanes * Isa::kLanes);
}

// [groups][columns, whole vectors][group], zero where there is no weight.
template <typename Isa>
void int8_pack(const Int8Weights& w, std::byte* out) {
  constexpr int64_t kGroup = Isa::kGroup;
  const int64_t vectors = (w.columns + Isa::kLanes - 1) / Isa::kLanes, columns = vectors * Isa::kLanes;
  // So many terms of all columns at a time: they stay in the first-level cache.
  constexpr int64_t kTerms = 128;
  for (int64_t first = 0; first < w.depth; first += kTerms) {
    const int64_t end = first + kTerms < w.depth ? first + kTerms : w.depth;
    const int64_t whole = w.k_stride == 1 ? first + (end - first) / kGroup * kGroup : first;
    for (int64_t lane = 0; lane < columns; ++lane) {
      const int64_t column = int8_channel_of<Isa>(vectors, lane);
      const int8_t* weights = w.data + column * w.column_stride;
      int8_t* packed = reinterpret_cast<int8_t*>(out) + (first * columns + lane * kGroup);
      int64_t k = first;
      if (column < w.columns) {
        for (; k < whole; k += kGroup, packed += columns * kGroup) __builtin_memcpy(packed, weights + k, kGroup);
      }
      for (; k < end; k += kGroup, packed += columns * kGroup) {
        for (int64_t i = 0; i < kGroup; ++i)
          packed[i] = column < w.columns && k + i < w.depth ? weights[(k + i) * w.k_stride] : int8_t{0};
      }
    }
  }
}

// The members of Int8Kernels that follow from the instruction set.
template <typename Isa>
constexpr Int8Kernels int8_kernel_set(const char* name, int offset,
                                      void (*prepare_rows)(const int8_t*, int64_t, int64_t, int64_t, std::byte*,
                                                           int64_t)) {
  return {.name = name,
          .columns = Isa::kLanes * Isa::kVectors,
          .lanes = Isa::kLanes,
          .rows = Isa::kRows,
          .offset = offset,
          .code_bytes = Isa::kCodeBytes,
          .row_bytes = int8_row_bytes<Isa>,
          .prepare_rows = prepare_rows,
          .panel_bytes = int8_panel_bytes<Isa>,
          .pack = int8_pack<Isa>,
          .codes = int8_panel<Isa, Output::kCodes>,
          .floats = if_selected("hybrid", int8_panel<Isa, Output::kFloats>),
          .sums = if_selected(kIntegerSums, int8_panel<Isa, Output::kSums>)};
}
