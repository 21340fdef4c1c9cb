// Which micro-kernels an instruction set has.
#include "gemm/f32_kernels.hpp"
#include "gemm/int8_kernels.hpp"
#include "gemm/quantize_row.hpp"
#include "ops/selection.hpp"

namespace burin::gemm {

const F32Kernels& f32_kernels(runtime::InstructionSet set) {
#if defined(__x86_64__)
  if (set >= runtime::InstructionSet::kAvx512) return kF32Avx512;
  if (set >= runtime::InstructionSet::kAvx2) return kF32Avx2;
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

const Int8DepthwiseKernels& int8_depthwise_kernels(runtime::InstructionSet set, int64_t channels) {
#if defined(__x86_64__)
  if (set >= runtime::InstructionSet::kAvx512Vnni) {
    // Blocks of 64 channels where no more are computed than with blocks of 32.
    return (channels - 1) % 64 >= 32 ? kInt8DepthwiseAvx512Vnni : kInt8DepthwiseAvx512Vnni256;
  }
  if (set == runtime::InstructionSet::kAvxVnni) return kInt8DepthwiseAvxVnni;
  if (set >= runtime::InstructionSet::kAvx2) return kInt8DepthwiseAvx2;
  if (set == runtime::InstructionSet::kSse2) return kInt8DepthwiseSse2;
#else
  (void)set, (void)channels;
#endif
  return kInt8DepthwisePortable;
}

const QuantizeRowKernels& quantize_row_kernels(runtime::InstructionSet set) {
#if defined(__x86_64__)
  if (set >= runtime::InstructionSet::kAvx2) return kQuantizeRowAvx2;
#else
  (void)set;
#endif
  return kQuantizeRowPortable;
}

}  // namespace burin::gemm
