// Operators that map 8-bit codes to 8-bit codes: the reference evaluation of all 256 codes is a table.
#pragma once

#include <span>

#include "ops/elementwise/code_lookup.hpp"
#include "ops/operator.hpp"

namespace burin {

CodeTable every_code();

// What the operator makes of `codes`, each of which are one input's.
struct CodeInput {
  const CodeTable* codes;
  ElementType type;
  const Quantization* quantization;
};
Status make_code_table(Op op, std::span<const CodeInput> inputs, const MutableTensorView& output,
                       const Attributes& attributes, Arithmetic arithmetic, CodeTable& table);

}  // namespace burin
