#include "ops/elementwise/code_lookup.hpp"
#include "ops/elementwise/loops.hpp"

namespace burin {

const ElementLoops& element_loops(runtime::InstructionSet set) {
#if defined(__x86_64__)
  if (set >= runtime::InstructionSet::kAvx512) return kLoopsAvx512;
  if (set >= runtime::InstructionSet::kAvx2) return kLoopsAvx2;
#elif defined(__aarch64__) || defined(__arm__)
  if (set >= runtime::InstructionSet::kNeon) return kLoopsNeon;
#else
  (void)set;
#endif
  return kLoopsPortable;
}

CodeLookup code_lookup(runtime::InstructionSet set) {
#if defined(__x86_64__)
  if (set >= runtime::InstructionSet::kAvx512Vnni) return look_up_codes_avx512vnni;
#else
  (void)set;
#endif
  return look_up_codes_portable;
}

}  // namespace burin
