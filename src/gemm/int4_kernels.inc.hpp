// Kernels of 4-bit weights in terms of an instruction set's operations, included by one translation unit per
// instruction set inside its unnamed namespace; nothing of the standard library is used here (f32_kernels.inc.hpp says
// why).
//
// A weight is kept plus 8, as 0..15: the unsigned operand of the products whose signed one are codes as they are. What
// the 8 adds, eight times the sum of a row's codes, is taken off at the end; prepare_rows leaves that sum behind the
// codes of a row. A byte holds the weights of one column and of terms k and k + 4.
//
// `Isa` has: kLanes, kRows, kVectors; V (kLanes sums), load(const int32_t*), store(v, int32_t*), subtract(v, int32_t);
// W (weights of a vector, as bytes), load_packed(const std::byte*), low(w), high(w); A, load_codes(const std::byte*)
// (four codes in every lane); Part (unfinished sums), zero(), multiply_add(part, w, a), finish(sums, part), for at most
// 2 * kPairs calls of multiply_add; and of rows of sums, kCount vectors each, of which
// `columns` columns are valid: store_codes<kCount>(sums, rows, columns, requantization, out, stride),
// store_sums<kCount>(sums, rows, columns, out, stride).

inline constexpr int64_t kInt4Terms = 8;  // of a packed byte's column

inline int64_t int4_codes_bytes(int64_t depth) { return (depth + kInt4Terms - 1) / kInt4Terms * kInt4Terms; }

inline constexpr int kInt4SumRows = 48;  // whose sums are kept until they are written together

// The sums [kRows][kVectors * lanes] of rows from `row` on.
template <typename Isa, int kRows, int kVectors>
[[gnu::noinline]] void int4_tile(const Int8Panel& p, int64_t row, int32_t* out) {
  constexpr int kStride = kVectors * Isa::kLanes;
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) {
    const typename Isa::V start = Isa::load(p.start + v * Isa::kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) Isa::store(start, out + r * kStride + v * Isa::kLanes);
  }
  const std::byte* b = p.b;
  const std::byte* a = p.a + row * p.a_stride;
  for (int64_t pairs = (p.depth + kInt4Terms - 1) / kInt4Terms; pairs > 0; pairs -= Isa::kPairs) {
    typename Isa::Part parts[kRows][kVectors];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) parts[r][v] = Isa::zero();
    }
#pragma GCC unroll 1
    for (int64_t pair = pairs < Isa::kPairs ? pairs : Isa::kPairs; pair > 0; --pair) {
      typename Isa::W weights[kVectors];
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) weights[v] = Isa::low(Isa::load_packed(b + v * Isa::kLanes * 4));
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        const typename Isa::A codes = Isa::load_codes(a + r * p.a_stride);
#pragma GCC unroll 8
        for (int v = 0; v < kVectors; ++v) Isa::multiply_add(parts[r][v], weights[v], codes);
      }
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) weights[v] = Isa::high(Isa::load_packed(b + v * Isa::kLanes * 4));
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        const typename Isa::A codes = Isa::load_codes(a + r * p.a_stride + 4);
#pragma GCC unroll 8
        for (int v = 0; v < kVectors; ++v) Isa::multiply_add(parts[r][v], weights[v], codes);
      }
      a += kInt4Terms;
      b += kVectors * Isa::kLanes * 4;
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        int32_t* sum = out + r * kStride + v * Isa::kLanes;
        Isa::store(Isa::finish(Isa::load(sum), parts[r][v]), sum);
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    int32_t codes;  // a stands behind them
    __builtin_memcpy(&codes, a + r * p.a_stride, sizeof(codes));
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      int32_t* sum = out + r * kStride + v * Isa::kLanes;
      Isa::store(Isa::subtract(Isa::load(sum), codes * 8), sum);
    }
  }
}

// At most kRows rows.
template <typename Isa, int kRows, int kVectors>
inline void int4_rows(const Int8Panel& p, int64_t row, int rows, int32_t* out) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return int4_tile<Isa, kRows, kVectors>(p, row, out);
    int4_rows<Isa, kRows - 1, kVectors>(p, row, rows, out);
  }
}

template <typename Isa, bool kCodes, int kVectors = Isa::kVectors>
void int4_panel(const Int8Panel& p) {
  if constexpr (kVectors > 1) {
    if (p.columns <= (kVectors - 1) * Isa::kLanes) return int4_panel<Isa, kCodes, kVectors - 1>(p);
  }
  alignas(64) int32_t sums[kInt4SumRows][kVectors * Isa::kLanes];
  for (int64_t row = 0; row < p.rows; row += kInt4SumRows) {
    const int rows = static_cast<int>(p.rows - row < kInt4SumRows ? p.rows - row : kInt4SumRows);
    for (int r = 0; r < rows; r += Isa::kRows) {
      int4_rows<Isa, Isa::kRows, kVectors>(p, row + r, rows - r < Isa::kRows ? rows - r : Isa::kRows, sums[r]);
    }
    const int64_t at = row * p.c_stride;
    if constexpr (kCodes) {
      Isa::template store_codes<kVectors>(sums[0], rows, p.columns, p.requantization, static_cast<int8_t*>(p.c) + at,
                                          p.c_stride);
    } else {
      Isa::template store_sums<kVectors>(sums[0], rows, p.columns, static_cast<int32_t*>(p.c) + at, p.c_stride);
    }
  }
}

inline int64_t int4_row_bytes(int64_t depth) { return int4_codes_bytes(depth) + int64_t{sizeof(int32_t)}; }

template <typename Isa>
int64_t int4_panel_bytes(int64_t depth, int64_t columns) {
  return int4_codes_bytes(depth) / 2 * ((columns + Isa::kLanes - 1) / Isa::kLanes * Isa::kLanes);
}

template <typename Isa>
void int4_pack(const Int8Weights& w, std::byte* out) {
  const int64_t columns = (w.columns + Isa::kLanes - 1) / Isa::kLanes * Isa::kLanes;
  const auto nibble = [&](int64_t column, int64_t k) {
    const bool valid = column < w.columns && k < w.depth;
    return valid ? w.data[column * w.column_stride + k * w.k_stride] + 8 : 8;
  };
  for (int64_t k = 0; k < w.depth; k += kInt4Terms) {
    for (int64_t column = 0; column < columns; ++column) {
      for (int64_t i = 0; i < 4; ++i)
        *out++ = static_cast<std::byte>(nibble(column, k + i) | nibble(column, k + i + 4) << 4);
    }
  }
}

template <typename Isa>
constexpr Int8Kernels int4_kernel_set(const char* name, void (*prepare_rows)(const int8_t*, int64_t, int64_t, int64_t,
                                                                             std::byte*, int64_t)) {
  return {.name = name,
          .columns = Isa::kLanes * Isa::kVectors,
          .lanes = Isa::kLanes,
          .rows = Isa::kRows,
          .offset = 0,
          .half_up = true,
          .row_bytes = int4_row_bytes,
          .prepare_rows = prepare_rows,
          .panel_bytes = int4_panel_bytes<Isa>,
          .pack = int4_pack<Isa>,
          .codes = int4_panel<Isa, true>,
          .floats = nullptr,
          .sums = int4_panel<Isa, false>};
}
