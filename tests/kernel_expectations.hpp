// What every prepared kernel is held to, on each instruction set of this machine and for several numbers of threads.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "one_operator.hpp"
#include "runtime/cpu_features.hpp"

namespace burin {

// The levels of this machine, and those that are emulated (tests/avx512/immintrin.h).
inline std::vector<runtime::InstructionSet> levels() {
  const auto available = runtime::available_instruction_sets();
  std::vector<runtime::InstructionSet> sets(available.begin(), available.end());
#if defined(BURIN_EMULATED_AVX512)
  if (sets.back() >= runtime::InstructionSet::kAvx2) {
    while (sets.back() > runtime::InstructionSet::kAvx2) sets.pop_back();
    using enum runtime::InstructionSet;
    sets.insert(sets.end(), {kAvxVnni, kAvx512, kAvx512Vnni});
  }
#endif
  return sets;
}

// Levels whose float kernels fuse products and sums.
inline bool fuses(runtime::InstructionSet set) {
#if defined(__x86_64__)
  return set >= runtime::InstructionSet::kAvx2;
#elif defined(__aarch64__)
  return set >= runtime::InstructionSet::kNeon;
#else
  (void)set;
  return false;
#endif
}

// Every level within rounding of the reference, the fused ones equal, any number of threads equal.
inline void expect_float_kernel(const OneOperator& one, Op op, runtime::PrepareFunction prepare) {
  Status status;
  const std::vector<std::byte> expected_bytes = one.evaluate(op, status);
  ASSERT_TRUE(status.is_ok()) << status.message();
  const auto* expected = reinterpret_cast<const float*>(expected_bytes.data());
  float largest = 0;
  for (size_t i = 0; i < expected_bytes.size() / sizeof(float); ++i)
    largest = std::max(largest, std::fabs(expected[i]));
  std::vector<std::byte> fused;
  for (const runtime::InstructionSet set : levels()) {
    SCOPED_TRACE(std::string(runtime::name(set)));
    const runtime::PreparedResult kernel = one.prepare(prepare, set);
    ASSERT_TRUE(kernel.is_ok()) << kernel.status().message();
    ASSERT_NE(kernel.value(), nullptr);
    const std::vector<std::byte> bytes = one.run(*kernel.value(), 1, status);
    ASSERT_TRUE(status.is_ok()) << status.message();
    const auto* values = reinterpret_cast<const float*>(bytes.data());
    for (size_t i = 0; i < bytes.size() / sizeof(float); ++i) {
      ASSERT_NEAR(values[i], expected[i], 1e-5f * largest) << "output " << i;
    }
    if (fuses(set)) {
      if (fused.empty()) fused = bytes;
      EXPECT_EQ(bytes, fused);
    }
    for (const int threads : {2, 3}) EXPECT_EQ(one.run(*kernel.value(), threads, status), bytes) << threads;
  }
}

// Every level and number of threads equal to the reference.
inline void expect_equal_kernel(const OneOperator& one, Op op, runtime::PrepareFunction prepare) {
  Status status;
  const std::vector<std::byte> expected = one.evaluate(op, status);
  ASSERT_TRUE(status.is_ok()) << status.message();
  for (const runtime::InstructionSet set : levels()) {
    SCOPED_TRACE(std::string(runtime::name(set)));
    const runtime::PreparedResult kernel = one.prepare(prepare, set);
    ASSERT_TRUE(kernel.is_ok()) << kernel.status().message();
    ASSERT_NE(kernel.value(), nullptr);
    for (const int threads : {1, 2, 3}) {
      EXPECT_EQ(one.run(*kernel.value(), threads, status), expected) << threads << " threads";
      EXPECT_TRUE(status.is_ok()) << status.message();
    }
  }
}

}  // namespace burin
