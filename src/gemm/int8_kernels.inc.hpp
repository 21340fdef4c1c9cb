// The integer micro-kernels in terms of an instruction set's operations. Included by one translation unit per
// instruction set, inside its unnamed namespace; nothing of the standard library is used here (f32_kernels.inc.hpp
// says why).
//
// `Isa` has: kLanes, kRows, kVectors, kGroup, kCodeBytes; V (kLanes sums), load(const int32_t*), store(v, int32_t*); W
// (weights of a vector), load_weights(const int8_t*); A (a group of codes in every lane), load_codes(const std::byte*);
// multiply_add(sum, a, w); and for kCount vectors of a row, of which `columns` columns are valid:
// store_sums<kCount>(sums, columns, out), store_codes<kCount>(sums, columns, requantization, out),
// store_floats<kCount>(sums, columns, row, dequantization, out). It may have store_tile_codes<kPlain, kRows, kVectors>(
// sums[kRows][kVectors], columns, requantization, out, stride) for a tile at once, kPlain where the requantization is;
// and rows_of(vectors) where narrower tiles have other rows than kRows.

enum class Output { kCodes, kPlainCodes, kFloats, kSums };

template <typename Isa>
inline constexpr bool kStoresTiles = requires { Isa::kStoresTiles; };

template <typename Isa>
constexpr int int8_rows_of(int vectors) {
  if constexpr (requires { Isa::rows_of(vectors); }) {
    return Isa::rows_of(vectors);
  } else {
    return Isa::kRows;
  }
}

// The sums [rows][kVectors * lanes] of a tile as floats. Not inlined: beside the loop of a tile it would take registers
// from the sums.
template <typename Isa, int kVectors>
[[gnu::noinline]] void int8_floats(const Int8Panel& p, int64_t row, int rows, const int32_t* sums) {
  for (int r = 0; r < rows; ++r, sums += kVectors * Isa::kLanes) {
    typename Isa::V vectors[kVectors];
    for (int v = 0; v < kVectors; ++v) vectors[v] = Isa::load(sums + v * Isa::kLanes);
    const RowAffine& affine = p.dequantization.rows[(row + r) * p.dequantization.row_step];
    Isa::template store_floats<kVectors>(vectors, p.columns, affine, p.dequantization,
                                         static_cast<float*>(p.c) + (row + r) * p.c_stride);
  }
}

// A tile of kRows x kVectors vectors from row `row` on.
template <typename Isa, Output kOutput, int kRows, int kVectors>
inline void int8_tile(const Int8Panel& p, int64_t row) {
  typename Isa::V sums[kRows][kVectors];
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) {
    const typename Isa::V start = Isa::load(p.start + v * Isa::kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) sums[r][v] = start;
  }
  const int8_t* b = reinterpret_cast<const int8_t*>(p.b);
  for (int64_t piece = 0; piece < p.pieces; ++piece) {
    const std::byte* a = p.a + row * p.a_stride + piece * p.piece_stride;
    for (int64_t k = 0; k < p.depth; k += Isa::kGroup) {
      typename Isa::W weights[kVectors];
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) weights[v] = Isa::load_weights(b + v * Isa::kLanes * Isa::kGroup);
      b += kVectors * Isa::kLanes * Isa::kGroup;
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const typename Isa::A codes = Isa::load_codes(a + r * p.a_stride);
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) sums[r][v] = Isa::multiply_add(sums[r][v], codes, weights[v]);
      }
      a += Isa::kGroup * Isa::kCodeBytes;
    }
  }
  if constexpr (kOutput == Output::kPlainCodes || (kOutput == Output::kCodes && kStoresTiles<Isa>)) {
    int8_t* out = static_cast<int8_t*>(p.c) + row * p.c_stride;
    Isa::template store_tile_codes<kOutput == Output::kPlainCodes, kRows, kVectors>(sums, p.columns, p.requantization,
                                                                                    out, p.c_stride);
  } else if constexpr (kOutput == Output::kFloats) {
    alignas(64) int32_t all[kRows][kVectors * Isa::kLanes];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) Isa::store(sums[r][v], all[r] + v * Isa::kLanes);
    }
    int8_floats<Isa, kVectors>(p, row, kRows, all[0]);
  } else {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const int64_t at = (row + r) * p.c_stride;
      if constexpr (kOutput == Output::kCodes) {
        Isa::template store_codes<kVectors>(sums[r], p.columns, p.requantization, static_cast<int8_t*>(p.c) + at);
      } else {
        Isa::template store_sums<kVectors>(sums[r], p.columns, static_cast<int32_t*>(p.c) + at);
      }
    }
  }
}

// A tile of `rows` rows, at most kRows.
template <typename Isa, Output kOutput, int kRows, int kVectors>
inline void int8_tile_of(const Int8Panel& p, int64_t row, int64_t rows) {
  if constexpr (kRows > 0) {
    if (rows == kRows) {
      int8_tile<Isa, kOutput, kRows, kVectors>(p, row);
    } else {
      int8_tile_of<Isa, kOutput, kRows - 1, kVectors>(p, row, rows);
    }
  }
}

template <typename Isa, Output kOutput, int kVectors = Isa::kVectors>
void int8_panel(const Int8Panel& p) {
  if constexpr (kOutput == Output::kCodes && kStoresTiles<Isa>) {
    if (p.requantization.plain) return int8_panel<Isa, Output::kPlainCodes, kVectors>(p);
  }
  if constexpr (kVectors > 1) {
    if (p.columns <= (kVectors - 1) * Isa::kLanes) return int8_panel<Isa, kOutput, kVectors - 1>(p);
  }
  constexpr int kRows = int8_rows_of<Isa>(kVectors);
  int64_t row = 0;
  for (; p.rows - row >= 2 * kRows || p.rows - row == kRows; row += kRows)
    int8_tile<Isa, kOutput, kRows, kVectors>(p, row);
  // The last two tiles share what is left: a tile of a single row would cost nearly as much as one of three.
  int64_t rest = p.rows - row;
  if (rest > kRows) {
    const int64_t first = (rest + 1) / 2;
    int8_tile_of<Isa, kOutput, kRows, kVectors>(p, row, first);
    row += first;
    rest -= first;
  }
  int8_tile_of<Isa, kOutput, kRows, kVectors>(p, row, rest);
}

template <typename Isa>
int64_t int8_row_bytes(int64_t depth) {
  return (depth + Isa::kGroup - 1) / Isa::kGroup * Isa::kGroup * Isa::kCodeBytes;
}

template <typename Isa>
int64_t int8_panel_bytes(int64_t depth, int64_t columns) {
  const int64_t groups = (depth + Isa::kGroup - 1) / Isa::kGroup;
  return groups * Isa::kGroup * ((columns + Isa::kLanes - 1) / Isa::kLanes * Isa::kLanes);
}

// [groups][columns, whole vectors][group], zero where there is no weight.
template <typename Isa>
void int8_pack(const Int8Weights& w, std::byte* out) {
  const int64_t columns = (w.columns + Isa::kLanes - 1) / Isa::kLanes * Isa::kLanes;
  int8_t* packed = reinterpret_cast<int8_t*>(out);
  for (int64_t k = 0; k < w.depth; k += Isa::kGroup, packed += columns * Isa::kGroup) {
    for (int64_t column = 0; column < columns; ++column) {
      for (int i = 0; i < Isa::kGroup; ++i) {
        const bool valid = column < w.columns && k + i < w.depth;
        packed[column * Isa::kGroup + i] = valid ? w.data[column * w.column_stride + (k + i) * w.k_stride] : int8_t{0};
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
