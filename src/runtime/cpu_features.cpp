#include "runtime/cpu_features.hpp"

#include <cstdlib>

namespace burin::runtime {

namespace {

// The builtins read CPUID and, through XGETBV, whether the operating system saves the wide registers.
InstructionSet detect() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c")) {
    return InstructionSet::kPortable;
  }
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq")) {
    return InstructionSet::kAvx2;
  }
  if (!__builtin_cpu_supports("avx512vnni") || !__builtin_cpu_supports("avx512vbmi")) return InstructionSet::kAvx512;
  return InstructionSet::kAvx512Vnni;
#else
  return InstructionSet::kPortable;
#endif
}

InstructionSet lowered(InstructionSet best) {
  const char* forced = std::getenv("BURIN_ISA");
  if (forced == nullptr) return best;
  for (const InstructionSet set :
       {InstructionSet::kPortable, InstructionSet::kAvx2, InstructionSet::kAvx512, InstructionSet::kAvx512Vnni}) {
    if (name(set) == forced) return set < best ? set : best;
  }
  return best;
}

}  // namespace

InstructionSet instruction_set() {
  static const InstructionSet set = lowered(detect());
  return set;
}

std::string_view name(InstructionSet set) {
  switch (set) {
    case InstructionSet::kAvx512Vnni:
      return "avx512vnni";
    case InstructionSet::kAvx512:
      return "avx512";
    case InstructionSet::kAvx2:
      return "avx2";
    case InstructionSet::kPortable:
      break;
  }
  return "scalar";
}

}  // namespace burin::runtime
