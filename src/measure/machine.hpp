// What the measurements were made on.
#pragma once

#include <string>

namespace burin {

// Cores that this process may run on, at least 1.
int default_threads();

// "AMD EPYC 9R14 (avx512vnni)": the processor's name and the instruction set that the kernels use.
std::string cpu_name();

}  // namespace burin
