#include "runtime/cpu_features.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <cstdlib>
#include <iterator>
#include <string>

#if defined(__linux__) && (defined(__aarch64__) || defined(__arm__))
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace burin::runtime {

namespace {

#if defined(__x86_64__)
// CPUID leaf 7.1, EAX bit 4: not every compiler's builtin knows it.
bool has_avx_vnni() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax >> 4 & 1) != 0;
}
#endif

constexpr InstructionSet kLevels[] = {
    InstructionSet::kPortable,
#if defined(__x86_64__)
    InstructionSet::kSse2,     InstructionSet::kAvx2,       InstructionSet::kAvxVnni,
    InstructionSet::kAvx512,   InstructionSet::kAvx512Vnni,
#elif defined(__aarch64__)
    InstructionSet::kNeon,
    InstructionSet::kNeonDotprod,
#elif defined(__arm__)
    InstructionSet::kNeon,
#elif defined(__wasm_simd128__)
    InstructionSet::kSimd128,
#endif
};

InstructionSet detect() {
#if defined(__x86_64__)
  // The builtins read CPUID and, through XGETBV, whether the operating system saves the wide registers.
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
#elif defined(__aarch64__) && defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0 ? InstructionSet::kNeonDotprod : InstructionSet::kNeon;
#elif defined(__arm__) && defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_NEON) != 0 ? InstructionSet::kNeon : InstructionSet::kPortable;
#elif defined(__aarch64__)
  return InstructionSet::kNeon;
#elif defined(__wasm_simd128__)
  return InstructionSet::kSimd128;  // the module would not have been loaded without it
#else
  return InstructionSet::kPortable;
#endif
}

struct Choice {
  InstructionSet available[std::size(kLevels)];
  size_t count = 0;
  InstructionSet set;
  Status status;
};

Choice choose() {
  Choice choice;
  choice.set = detect();
  for (const InstructionSet level : kLevels) {
    if (level > choice.set) break;
#if defined(__x86_64__)
    if (level == InstructionSet::kAvxVnni && !has_avx_vnni()) continue;
#endif
    choice.available[choice.count++] = level;
  }
  const char* forced = std::getenv("BURIN_ISA");
  if (forced == nullptr || *forced == '\0') return choice;
  std::string names;
  for (size_t i = 0; i < choice.count; ++i) {
    const InstructionSet level = choice.available[i];
    if (name(level) == forced) {
      choice.set = level;
      return choice;
    }
    names += (i == 0 ? "" : ", ") + std::string(name(level));
  }
  choice.status = Status(StatusCode::kInvalidArgument,
                         std::string("BURIN_ISA: this machine has no instruction set \"") + forced + "\"",
                         "Use one of " + names + ", or unset it.");
  return choice;
}

const Choice& choice() {
  static const Choice chosen = choose();
  return chosen;
}

}  // namespace

std::span<const InstructionSet> available_instruction_sets() { return {choice().available, choice().count}; }

InstructionSet instruction_set() { return choice().set; }

Status check_forced_instruction_set() { return choice().status; }

std::string_view name(InstructionSet set) {
  switch (set) {
#if defined(__x86_64__)
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
#elif defined(__aarch64__)
    case InstructionSet::kNeonDotprod:
      return "neon_dotprod";
    case InstructionSet::kNeon:
      return "neon";
#elif defined(__arm__)
    case InstructionSet::kNeon:
      return "neon";
#elif defined(__wasm_simd128__)
    case InstructionSet::kSimd128:
      return "simd128";
#endif
    case InstructionSet::kPortable:
      break;
  }
  return "scalar";
}

}  // namespace burin::runtime
