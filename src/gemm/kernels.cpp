// Which micro-kernels an instruction set has.
#include "gemm/f32_kernels.hpp"

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

}  // namespace burin::gemm
