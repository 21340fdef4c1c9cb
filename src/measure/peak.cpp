#include "measure/peak.hpp"

#include <algorithm>
#include <chrono>

#include "measure/peak_loops.hpp"

namespace burin {

namespace {

using runtime::InstructionSet;

// As f32_kernels() and int8_kernels() choose (gemm/kernels.cpp).
const PeakLoop& f32_peak_loop(InstructionSet set) {
#if defined(__x86_64__)
  if (set >= InstructionSet::kAvx512) return kF32PeakAvx512;
  if (set >= InstructionSet::kAvx2) return kF32PeakAvx2;
#elif defined(__aarch64__) || defined(__arm__)
  if (set >= InstructionSet::kNeon) return kF32PeakNeon;
#else
  (void)set;
#endif
  return kF32PeakPortable;
}

const PeakLoop& int8_peak_loop(InstructionSet set) {
#if defined(__x86_64__)
  if (set >= InstructionSet::kAvx512Vnni) return kInt8PeakAvx512Vnni;
  if (set == InstructionSet::kAvxVnni) return kInt8PeakAvxVnni;
  if (set >= InstructionSet::kAvx2) return kInt8PeakAvx2;
  return kInt8PeakSse2;  // of plain loops too, which every compiler makes of it
#elif defined(__aarch64__)
  return set >= InstructionSet::kNeonDotprod ? kInt8PeakNeonDotprod : kInt8PeakNeon;
#elif defined(__arm__)
  return set >= InstructionSet::kNeon ? kInt8PeakNeon : kInt8PeakPortable;
#else
  (void)set;
  return kInt8PeakPortable;
#endif
}

double products_per_second(const PeakLoop& loop) {
  constexpr int64_t kRounds = 4000;
  constexpr auto kTime = std::chrono::milliseconds(5);
  double best = 0.0;
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < kTime) {
    const auto start = std::chrono::steady_clock::now();
    loop.run(kRounds);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    best = std::max(best, static_cast<double>(kRounds * loop.products_per_round) / time.count());
  }
  return best;
}

}  // namespace

Peak measure_peak() {
  const InstructionSet set = runtime::instruction_set();
  return {products_per_second(f32_peak_loop(set)), products_per_second(int8_peak_loop(set))};
}

}  // namespace burin
