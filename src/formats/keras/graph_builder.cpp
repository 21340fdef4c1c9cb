#include "formats/keras/graph_builder.hpp"

#include "burin/error.hpp"
#include "graph/verify.hpp"
#include "ops/toolkit_operator.hpp"

namespace burin {

namespace {

// Nested models that are called several times multiply; this ends hostile growth.
constexpr size_t kMaxNodes = 100'000;

// As infer_shapes(): not 1, which broadcasts; far apart, so that strided layers tell them apart.
constexpr std::array<int32_t, 2> kBatch = {2, 3};
constexpr std::array<int32_t, 2> kSize = {256, 512};

}  // namespace

GraphBuilder::GraphBuilder() {
  model_.level = Level::kSource;
  model_.graphs.resize(1);
}

TensorId GraphBuilder::add_tensor(Tensor tensor, const TwoShapes& shapes) {
  tensor.shape = shapes[0];
  for (int i = 0; i < tensor.shape.rank(); ++i) {
    if (shapes[0][i] != shapes[1][i]) tensor.shape[i] = Shape::kFree;
  }
  shapes_.push_back(shapes);
  return model_.main().add_tensor(std::move(tensor));
}

std::string GraphBuilder::unique_name(const std::string& path, std::string_view part) {
  std::string name = part.empty() ? path : path + "/" + std::string(part);
  const int uses = names_[name]++;
  return uses == 0 ? name : name + "_" + std::to_string(uses);
}

TensorId GraphBuilder::add_input(const std::string& name, ElementType type, const Shape& shape) {
  TwoShapes shapes{shape, shape};
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] != Shape::kFree) continue;
    for (size_t which = 0; which < 2; ++which) shapes[which][i] = i == 0 ? kBatch[which] : kSize[which];
  }
  Tensor tensor;
  tensor.name = unique_name(name, "");
  tensor.origin = name;
  tensor.type = type;
  const TensorId id = add_tensor(std::move(tensor), shapes);
  model_.main().inputs.push_back(id);
  return id;
}

InferredTensor GraphBuilder::infer(const Node& node, const std::string& path, size_t which) const {
  std::vector<TensorView> views;
  for (const TensorId id : node.inputs) {
    const Tensor& tensor = graph().tensors[id];
    views.push_back({tensor.constant == kNoId ? nullptr : model_.constant(tensor.constant).bytes.data(), tensor.type,
                     shapes_[id][which], nullptr});
  }
  const std::array<bool, 256> all = [] {
    std::array<bool, 256> values{};
    values.fill(true);
    return values;
  }();
  InferredTensor output;
  const InferContext context{views, std::span(all).first(views.size()), node.attributes};
  const RuntimeOperator& row = any_operator(node.op);
  if (views.size() < row.min_inputs || views.size() > row.max_inputs) {
    throw Error(StatusCode::kUnsupported, path + ": has " + std::to_string(views.size()) + " inputs, at most " +
                                              std::to_string(row.max_inputs) + " are supported");
  }
  throw_if_error(row.infer(context, std::span(&output, 1)).at(path));
  return output;
}

TensorId GraphBuilder::emit(const std::string& path, std::string_view part, Op op, std::vector<TensorId> inputs,
                            Attributes attributes) {
  if (graph().nodes.size() >= kMaxNodes) {
    throw Error(StatusCode::kResourceLimit, "the model has more than " + std::to_string(kMaxNodes) + " operators");
  }
  Node node{op, std::move(inputs), {}, std::move(attributes)};
  const InferredTensor first = infer(node, path, 0);
  const InferredTensor second = infer(node, path, 1);
  if (first.shape.rank() != second.shape.rank()) {
    throw Error(StatusCode::kUnsupported, path + ": the number of dimensions depends on the input's size");
  }
  Tensor tensor;
  tensor.name = unique_name(path, part);
  tensor.origin = path;
  tensor.type = first.type;
  node.outputs = {add_tensor(std::move(tensor), {first.shape, second.shape})};
  const TensorId output = node.outputs[0];
  model_.main().add_node(std::move(node));
  return output;
}

TensorId GraphBuilder::add_constant(const std::string& path, std::string_view part, ElementType type,
                                    const Shape& shape, ConstantId constant) {
  Tensor tensor;
  tensor.name = unique_name(path, part);
  tensor.origin = path + "/" + std::string(part);
  tensor.type = type;
  tensor.constant = constant;
  return add_tensor(std::move(tensor), {shape, shape});
}

TensorId GraphBuilder::constant(const std::string& path, std::string_view part, const WeightValues& values) {
  return add_constant(path, part, ElementType::kFloat32, values.shape,
                      model_.add_constant(values.bytes, values.keep_alive));
}

TensorId GraphBuilder::constant(const std::string& path, std::string_view part, const Shape& shape,
                                std::vector<float> values) {
  return add_constant(path, part, ElementType::kFloat32, shape, model_.add_constant(std::move(values)));
}

TensorId GraphBuilder::constant(const std::string& path, std::string_view part, std::vector<int32_t> values) {
  const Shape shape{static_cast<int32_t>(values.size())};
  return add_constant(path, part, ElementType::kInt32, shape, model_.add_constant(std::move(values)));
}

TensorId GraphBuilder::paddings(const std::string& path, std::vector<int32_t> before_and_after) {
  const Shape shape{static_cast<int32_t>(before_and_after.size() / 2), 2};
  return add_constant(path, "paddings", ElementType::kInt32, shape, model_.add_constant(std::move(before_and_after)));
}

TensorId GraphBuilder::scalar(const std::string& path, std::string_view part, float value) {
  return constant(path, part, Shape{}, {value});
}

Model GraphBuilder::finish(std::string name, std::vector<Signature::Entry> inputs,
                           std::vector<Signature::Entry> outputs) && {
  model_.name = std::move(name);
  for (const Signature::Entry& output : outputs) model_.main().outputs.push_back(output.tensor);
  Signature signature;
  signature.inputs = std::move(inputs);
  signature.outputs = std::move(outputs);
  model_.signatures.push_back(std::move(signature));
  throw_if_error(verify(model_, source_operator_table()));
  return std::move(model_);
}

}  // namespace burin
