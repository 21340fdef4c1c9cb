#include "graph/shapes.hpp"

#include <algorithm>
#include <array>

#include "graph/verify.hpp"

namespace burin {

namespace {

// Shape arithmetic never needs more; larger integer tensors are data.
constexpr int64_t kMaxKnownElements = 4096;
// Of all of them together.
constexpr size_t kMaxKnownBytes = size_t{16} << 20;

bool holds_shapes(ElementType type) { return type == ElementType::kInt32 || type == ElementType::kInt64; }

const Quantization* quantization_of(const Tensor& tensor) {
  return tensor.quantization ? &*tensor.quantization : nullptr;
}

class Inference {
 public:
  Inference(const Model& model, std::span<const RuntimeOperator> source_operators)
      : model_(model), graph_(model.main()), source_operators_(source_operators) {}

  Result<ConcreteGraph> run(std::span<const Shape> inputs) {
    if (inputs.size() != graph_.inputs.size()) {
      return Status(StatusCode::kInvalidArgument, "the model has " + std::to_string(graph_.inputs.size()) +
                                                      " inputs, shapes were given for " +
                                                      std::to_string(inputs.size()));
    }
    for (const Tensor& tensor : graph_.tensors) result_.tensors.push_back({tensor.type, tensor.shape});
    result_.known_values.resize(graph_.tensors.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Tensor& tensor = graph_.tensors[graph_.inputs[i]];
      if (const Status status = check_size(tensor.type, inputs[i]); !status.is_ok()) {
        return status.at("input " + origin_of(tensor));
      }
      result_.tensors[graph_.inputs[i]].shape = inputs[i];
    }
    for (const Node& node : graph_.nodes) {
      if (const Status status = infer(node); !status.is_ok()) return status.at(place_of(model_, graph_, node));
    }
    return std::move(result_);
  }

 private:
  static Status check_size(ElementType type, const Shape& shape) {
    if (!shape.is_concrete()) {
      return Status(StatusCode::kInvalidArgument, "shape " + to_string(shape) + " has no size");
    }
    if (byte_size(type, shape) < 0) {
      return Status(StatusCode::kResourceLimit, "shape " + to_string(shape) + " has more than 2^40 elements",
                    "use smaller inputs");
    }
    return {};
  }

  TensorView view(TensorId id) const {
    const Tensor& tensor = graph_.tensors[id];
    TensorView view{nullptr, result_.tensors[id].type, result_.tensors[id].shape, quantization_of(tensor)};
    if (tensor.constant != kNoId) {
      view.data = model_.constant(tensor.constant).bytes.data();
    } else if (!result_.known_values[id].empty()) {
      view.data = result_.known_values[id].data();
    }
    return view;
  }

  Status infer(const Node& node) {
    const RuntimeOperator& row = *find_operator(node.op, source_operators_);
    std::vector<TensorView> inputs(node.inputs.size());
    std::array<bool, 256> has_input{};
    for (size_t i = 0; i < inputs.size(); ++i) {
      has_input[i] = node.inputs[i] != kNoId;
      if (has_input[i]) inputs[i] = view(node.inputs[i]);
    }
    // The recorded type is a hint: that of QUANTIZE does not follow from its input.
    std::vector<InferredTensor> outputs;
    for (const TensorId id : node.outputs) outputs.push_back({graph_.tensors[id].type, {}});
    const InferContext context{inputs, std::span(has_input).first(inputs.size()), node.attributes};
    if (const Status status = row.infer(context, outputs); !status.is_ok()) return status;
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (const Status status = check_size(outputs[i].type, outputs[i].shape); !status.is_ok()) return status;
      result_.tensors[node.outputs[i]] = outputs[i];
    }
    return evaluate(node, row, inputs);
  }

  // Computes what is known before running: SHAPE, and small integers of which every input is known.
  Status evaluate(const Node& node, const RuntimeOperator& row, std::vector<TensorView>& inputs) {
    const InferredTensor& output = result_.tensors[node.outputs[0]];
    if (!holds_shapes(output.type) || output.shape.elements() > kMaxKnownElements || output.shape.elements() == 0) {
      return {};
    }
    if (node.op == Op::kShape) {
      static constexpr std::byte kUnread{};
      inputs[0].data = &kUnread;
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (node.inputs[i] != kNoId && !inputs[i].present()) return {};
    }
    known_bytes_ += static_cast<size_t>(byte_size(output.type, output.shape));
    if (known_bytes_ > kMaxKnownBytes) return {};
    std::vector<std::byte>& values = result_.known_values[node.outputs[0]];
    values.resize(static_cast<size_t>(byte_size(output.type, output.shape)));
    const MutableTensorView view{values.data(), output.type, output.shape,
                                 quantization_of(graph_.tensors[node.outputs[0]])};
    return row.evaluate({inputs, std::span(&view, 1), node.attributes, Arithmetic::kLitert});
  }

  const Model& model_;
  const Graph& graph_;
  std::span<const RuntimeOperator> source_operators_;
  ConcreteGraph result_;
  size_t known_bytes_ = 0;
};

}  // namespace

Result<ConcreteGraph> infer_concrete(const Model& model, std::span<const Shape> input_shapes,
                                     std::span<const RuntimeOperator> source_operators) {
  return Inference(model, source_operators).run(input_shapes);
}

std::vector<Shape> input_shapes(const Model& model, int32_t batch, int32_t size) {
  std::vector<Shape> shapes;
  for (const TensorId id : model.main().inputs) {
    Shape shape = model.main().tensors[id].shape;
    for (int i = 0; i < shape.rank(); ++i) {
      if (shape[i] == Shape::kFree) shape[i] = i == 0 ? batch : size;
    }
    shapes.push_back(shape);
  }
  return shapes;
}

Status infer_shapes(Model& model, std::span<const RuntimeOperator> source_operators) {
  if (const Status status = verify_structure(model, source_operators); !status.is_ok()) return status;
  // Not 1, which broadcasts and squeezes; large and far apart, so that strided layers tell them apart.
  const Result<ConcreteGraph> first = infer_concrete(model, input_shapes(model, 2, 256), source_operators);
  if (!first.is_ok()) return first.status();
  const Result<ConcreteGraph> second = infer_concrete(model, input_shapes(model, 3, 512), source_operators);
  if (!second.is_ok()) return second.status();
  Graph& graph = model.main();
  for (const Node& node : graph.nodes) {
    for (const TensorId id : node.outputs) {
      const InferredTensor& a = first.value().tensors[id];
      const InferredTensor& b = second.value().tensors[id];
      if (a.shape.rank() != b.shape.rank()) {
        return Status(StatusCode::kUnsupported,
                      origin_of(graph, node) + ": the number of dimensions depends on the input's size");
      }
      graph.tensors[id].type = a.type;
      graph.tensors[id].shape = a.shape;
      for (int i = 0; i < a.shape.rank(); ++i) {
        if (a.shape[i] != b.shape[i]) graph.tensors[id].shape[i] = Shape::kFree;
      }
    }
  }
  return {};
}

}  // namespace burin
