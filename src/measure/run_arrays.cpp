#include "measure/run_arrays.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "burin/error.hpp"
#include "data/tensor_values.hpp"
#include "measure/sample_session.hpp"

namespace burin {
namespace {

std::string input_name(const Model& model, size_t index) {
  if (!model.signatures.empty() && index < model.signatures[0].inputs.size()) {
    return model.signatures[0].inputs[index].name;
  }
  const Graph& graph = model.main();
  return graph.tensors[graph.inputs[index]].name;
}

const NamedArray& find_array(const Model& model, const std::vector<NamedArray>& arrays, size_t index) {
  const size_t inputs = model.main().inputs.size();
  const std::string wanted = input_name(model, index);
  const std::string position = fmt::format("input{}", index);
  const NamedArray* by_position = nullptr;
  for (const NamedArray& array : arrays) {
    if (array.name == wanted) return array;
    if (array.name == position) by_position = &array;
  }
  if (by_position != nullptr) return *by_position;
  if (inputs == 1 && arrays.size() == 1) return arrays[0];
  throw Error(StatusCode::kInvalidArgument, fmt::format("no array for the model's input '{}'", wanted),
              fmt::format("name it '{}' or '{}' in the .npz file", wanted, position));
}

// The array's shape, with a batch of 1 in front where it was left out.
Shape batched_shape(const NamedArray& array, const Tensor& tensor, const std::string& name) {
  Shape shape = array.array.shape;
  if (shape.rank() + 1 == tensor.shape.rank()) {
    Shape batched{1};
    for (const int32_t dim : shape.dims()) batched.append(dim);
    shape = batched;
  }
  bool fits = shape.rank() == tensor.shape.rank() && shape.elements() > 0;
  for (int i = 1; fits && i < shape.rank(); ++i) {
    fits = tensor.shape[i] == Shape::kFree || tensor.shape[i] == shape[i];
  }
  if (!fits) {
    throw Error(StatusCode::kInvalidArgument,
                fmt::format("array '{}' has shape {}, the model's input '{}' {}", array.name,
                            to_string(array.array.shape), name, to_string(tensor.shape)),
                "give an array of the input's shape, with any batch in front");
  }
  return shape;
}

void fill_input(const Array& array, const MutableTensorView& input) {
  if (array.type == input.type) {
    std::memcpy(input.data, array.bytes.data(), array.bytes.size());
  } else {
    store_values(array.to_floats(), input);
  }
}

}  // namespace

ArrayRun run_arrays(const Model& model, const std::vector<NamedArray>& arrays, Arithmetic arithmetic, int threads) {
  const Graph& graph = model.main();
  std::vector<Shape> shapes;
  std::vector<const NamedArray*> chosen;
  for (size_t i = 0; i < graph.inputs.size(); ++i) {
    chosen.push_back(&find_array(model, arrays, i));
    shapes.push_back(batched_shape(*chosen.back(), graph.tensors[graph.inputs[i]], input_name(model, i)));
  }
  const Program program = make_program(model, arithmetic, shapes);
  Session session(program, {threads});
  for (size_t i = 0; i < chosen.size(); ++i) {
    const MutableTensorView input = session.input(i);
    // No data: invoke() says why.
    if (input.data != nullptr) fill_input(chosen[i]->array, input);
  }
  throw_if_error(session.invoke());
  ArrayRun result;
  for (size_t k = 0; k < program.outputs().size(); ++k) {
    const TensorView output = session.output(k);
    const std::string name = fmt::format("output{}", k);
    const auto size = static_cast<size_t>(std::max<int64_t>(byte_size(output.type, output.shape), 0));
    result.output_names.push_back(program.outputs()[k].name);
    result.raw_outputs.push_back(
        {name, make_array(output.type, output.shape, std::vector<std::byte>(output.data, output.data + size))});
    result.outputs.push_back({name, make_array(ElementType::kFloat32, output.shape, real_values(output))});
  }
  return result;
}

}  // namespace burin
