#include "runtime/cpu_features.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <cstdlib>

namespace burin::runtime {

namespace {

#if defined(__x86_64__)
// CPUID leaf 7.1, EAX bit 4: not every compiler's builtin knows it.
bool has_avx_vnni() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax >> 4 & 1) != 0;
}
#endif

// The builtins read CPUID and, through XGETBV, whether the operating system saves the wide registers.
InstructionSet detect() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c")) {
    return InstructionSet::kSse2;
  }
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq")) {
    return has_avx_vnni() ? InstructionSet::kAvxVnni : InstructionSet::kAvx2;
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
  for (const InstructionSet set : {InstructionSet::kPortable, InstructionSet::kSse2, InstructionSet::kAvx2,
                                   InstructionSet::kAvxVnni, InstructionSet::kAvx512, InstructionSet::kAvx512Vnni}) {
    if (name(set) != forced || set >= best) continue;
#if defined(__x86_64__)
    if (set == InstructionSet::kAvxVnni && !has_avx_vnni()) return InstructionSet::kAvx2;
#endif
    return set;
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
    case InstructionSet::kAvxVnni:
      return "avxvnni";
    case InstructionSet::kAvx2:
      return "avx2";
    case InstructionSet::kSse2:
      return "sse2";
    case InstructionSet::kPortable:
      break;
  }
  return "scalar";
}

}  // namespace burin::runtime
