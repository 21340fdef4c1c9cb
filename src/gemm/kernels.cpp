// Which micro-kernels an instruction set has.
#include <algorithm>

#include "gemm/f32_kernels.hpp"
#include "gemm/int8_kernels.hpp"
#include "gemm/quantize_row.hpp"
#include "gemm/round_up.hpp"
#include "ops/selection.hpp"

namespace burin::gemm {

int64_t tap_pairs_bytes(int64_t taps, int64_t channels) {
  return divide_up(taps, 2) * round_up(channels, kInt8DepthwiseLanes) * 2 * int64_t{sizeof(int16_t)};
}

void pack_tap_pairs(const int8_t* weights, int64_t taps, int64_t channels, std::byte* out) {
  const int64_t padded = round_up(channels, kInt8DepthwiseLanes);
  auto* pairs = reinterpret_cast<int16_t*>(out);
  std::fill_n(pairs, divide_up(taps, 2) * padded * 2, int16_t{0});
  for (int64_t tap = 0; tap < taps; ++tap) {
    for (int64_t c = 0; c < channels; ++c) pairs[(tap / 2 * padded + c) * 2 + tap % 2] = weights[tap * channels + c];
  }
}

const F32Kernels& f32_kernels(runtime::InstructionSet set) {
#if defined(__x86_64__)
  if (set >= runtime::InstructionSet::kAvx512) return kF32Avx512;
  if (set >= runtime::InstructionSet::kAvx2) return kF32Avx2;
#elif defined(__aarch64__) || defined(__arm__)
  if (set >= runtime::InstructionSet::kNeon) return kF32Neon;
#else
  (void)set;
#endif
  return kF32Portable;
}

const Int8Kernels& int8_kernels(runtime::InstructionSet set) {
#if defined(__x86_64__)
  if (set >= runtime::InstructionSet::kAvx512Vnni) return kInt8Avx512Vnni;
  if (set == runtime::InstructionSet::kAvxVnni) return kInt8AvxVnni;
  if (set >= runtime::InstructionSet::kAvx2) return kInt8Avx2;
  if (set == runtime::InstructionSet::kSse2) return kInt8Sse2;
#elif defined(__aarch64__)
  if (set >= runtime::InstructionSet::kNeonDotprod) return kInt8NeonDotprod;
  if (set >= runtime::InstructionSet::kNeon) return kInt8Neon;
#elif defined(__arm__)
  if (set >= runtime::InstructionSet::kNeon) return kInt8Neon;
#elif defined(__wasm_simd128__)
  if (set >= runtime::InstructionSet::kSimd128) return kInt8Simd128;
#else
  (void)set;
#endif
  return kInt8Portable;
}

const Int8Kernels* int4_kernels(runtime::InstructionSet set) {
  if constexpr (!is_selected_kernel(kIntegerSums)) return nullptr;
#if defined(__x86_64__)
  if (set >= runtime::InstructionSet::kAvx512Vnni) return &kInt4Avx512Vnni;
  if (set >= runtime::InstructionSet::kAvx2) return &kInt4Avx2;
#else
  (void)set;
#endif
  return nullptr;
}

const Int8DepthwiseKernels& int8_depthwise_kernels(runtime::InstructionSet set, [[maybe_unused]] int64_t channels) {
#if defined(__x86_64__)
  if (set >= runtime::InstructionSet::kAvx512Vnni) {
    // Blocks of 32 channels where there are no more.
    return channels > 32 ? kInt8DepthwiseAvx512Vnni : kInt8DepthwiseAvx512Vnni256;
  }
  if (set == runtime::InstructionSet::kAvxVnni) return kInt8DepthwiseAvxVnni;
  if (set >= runtime::InstructionSet::kAvx2) return kInt8DepthwiseAvx2;
  if (set == runtime::InstructionSet::kSse2) return kInt8DepthwiseSse2;
#elif defined(__aarch64__)
  if (set >= runtime::InstructionSet::kNeonDotprod) return kInt8DepthwiseNeonDotprod;
  if (set >= runtime::InstructionSet::kNeon) return kInt8DepthwiseNeon;
#elif defined(__arm__)
  if (set >= runtime::InstructionSet::kNeon) return kInt8DepthwiseNeon;
#elif defined(__wasm_simd128__)
  if (set >= runtime::InstructionSet::kSimd128) return kInt8DepthwiseSimd128;
#else
  (void)set;
#endif
  return kInt8DepthwisePortable;
}

const QuantizeRowKernels& quantize_row_kernels(runtime::InstructionSet set) {
#if defined(__x86_64__)
  if (set >= runtime::InstructionSet::kAvx2) return kQuantizeRowAvx2;
#elif defined(__aarch64__)
  if (set >= runtime::InstructionSet::kNeon) return kQuantizeRowNeon;
#else
  (void)set;
#endif
  return kQuantizeRowPortable;
}

}  // namespace burin::gemm
