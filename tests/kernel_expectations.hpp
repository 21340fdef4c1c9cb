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
  runtime::InstructionSet best = runtime::instruction_set();
  bool avx_vnni = best == runtime::InstructionSet::kAvxVnni;
#if defined(BURIN_EMULATED_AVX512)
  if (best >= runtime::InstructionSet::kAvx2) best = runtime::InstructionSet::kAvx512Vnni, avx_vnni = true;
#endif
  std::vector<runtime::InstructionSet> sets;
  using enum runtime::InstructionSet;
  for (const auto set : {kPortable, kSse2, kAvx2, kAvxVnni, kAvx512, kAvx512Vnni}) {
#if !defined(__x86_64__)
    if (set != kPortable) continue;
#endif
    if (set <= best && (set != kAvxVnni || avx_vnni)) sets.push_back(set);
  }
  return sets;
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
    if (set >= runtime::InstructionSet::kAvx2) {
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
