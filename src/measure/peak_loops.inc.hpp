// Included by one translation unit per instruction set, inside its unnamed namespace.
//
// Kind: V (sums), F (factors), kProducts of a multiply_add, kSums: more than latency times ports, and few enough for
// the registers; opaque(F&), an empty instruction that may change it.
template <typename Kind>
void peak_loop(int64_t rounds) {
  typename Kind::V sums[Kind::kSums] = {};
  typename Kind::F a{}, b{};
  Kind::opaque(b);
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < Kind::kSums; ++i) {
      Kind::opaque(a);  // no two products are the same
      sums[i] = Kind::multiply_add(sums[i], a, b);
    }
  }
#pragma GCC unroll 12  // else the sums lie in memory
  for (int i = 0; i < Kind::kSums; ++i) Kind::keep(sums[i]);
}

template <typename Kind>
constexpr PeakLoop make_peak_loop() {
  return {peak_loop<Kind>, Kind::kSums * Kind::kProducts};
}
