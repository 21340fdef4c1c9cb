// Loops of independent multiply-adds in registers: what an instruction set can do at most.
#pragma once

#include <cstdint>

#include "runtime/cpu_features.hpp"

namespace burin {

struct PeakLoop {
  void (*run)(int64_t rounds);
  int64_t products_per_round;
};

// Kind: V (sums), F (factors), kProducts of a multiply_add, kSums: more than latency times ports, and few enough for
// the registers; opaque(F&), an empty instruction that may change it; keep(V&). In an unnamed namespace, so that each
// file has loops of its own.
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

// One file per instruction set has those of its own, with the instructions that the kernels use.
extern const PeakLoop kF32PeakPortable, kInt8PeakPortable;
#if defined(__x86_64__)
extern const PeakLoop kInt8PeakSse2;
extern const PeakLoop kF32PeakAvx2, kInt8PeakAvx2;
extern const PeakLoop kInt8PeakAvxVnni;
extern const PeakLoop kF32PeakAvx512;
extern const PeakLoop kInt8PeakAvx512Vnni;
#elif defined(__aarch64__) || defined(__arm__)
extern const PeakLoop kF32PeakNeon, kInt8PeakNeon;
#if defined(__aarch64__)
extern const PeakLoop kInt8PeakNeonDotprod;
#endif
#endif

}  // namespace burin
