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
// What CPUID says. The compiler's builtins bring 5 KB of code that knows every processor.
class Cpuid {
 public:
  Cpuid() {
    unsigned eax = 0, ebx = 0, edx = 0, leaf1 = 0;
    if (__get_cpuid(1, &eax, &ebx, &leaf1, &edx) == 0 || !bit(leaf1, 27)) return;  // OSXSAVE
    unsigned saved = 0, high = 0;  // registers that the operating system saves
    __asm__("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
    unsigned leaf7b = 0, leaf7c = 0;
    if (__get_cpuid_count(7, 0, &eax, &leaf7b, &leaf7c, &edx) == 0) return;
    avx2 = (saved & 0x6) == 0x6 && bit(leaf1, 12) && bit(leaf1, 28) && bit(leaf1, 29) && bit(leaf7b, 5);  // FMA, F16C
    avx512 = avx2 && (saved & 0xe0) == 0xe0 && bit(leaf7b, 16) && bit(leaf7b, 17) && bit(leaf7b, 30) && bit(leaf7b, 31);
    avx512_vnni = avx512 && bit(leaf7c, 1) && bit(leaf7c, 11);  // VBMI, VNNI
    avx_vnni = avx2 && __get_cpuid_count(7, 1, &eax, &ebx, &leaf1, &edx) != 0 && bit(eax, 4);
  }

  bool avx2 = false;
  bool avx_vnni = false;
  bool avx512 = false;  // F, DQ, BW, VL
  bool avx512_vnni = false;

 private:
  static bool bit(unsigned word, int index) { return (word >> index & 1) != 0; }
};
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
  const Cpuid cpu;
  if (!cpu.avx2) return InstructionSet::kSse2;
  if (!cpu.avx512) return cpu.avx_vnni ? InstructionSet::kAvxVnni : InstructionSet::kAvx2;
  return cpu.avx512_vnni ? InstructionSet::kAvx512Vnni : InstructionSet::kAvx512;
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
    if (level == InstructionSet::kAvxVnni && !Cpuid().avx_vnni) continue;
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
