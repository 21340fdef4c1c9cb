// One run of a model on arrays, for `burin run`.
#pragma once

#include <string>
#include <vector>

#include "burin/runtime.hpp"
#include "formats/npz/npz.hpp"
#include "graph/model.hpp"

namespace burin {

struct ArrayRun {
  std::vector<std::string> output_names;
  std::vector<NamedArray> outputs;      // output0, output1, ...: real values as float32
  std::vector<NamedArray> raw_outputs;  // the same as the tensors store them
};

// `arrays` are matched by the inputs' names, or by position when they are named input0, input1, ...; a single array
// goes to a single input whatever its name. Their first dimension may be any batch. An array of the input tensor's own
// type is copied, another is converted: floats are quantized as the tensor asks. Throws Error naming the array.
ArrayRun run_arrays(const Model& model, const std::vector<NamedArray>& arrays, Arithmetic arithmetic, int threads);

}  // namespace burin
