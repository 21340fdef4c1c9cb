#include "graph/verify.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "formats/flatbuffer/flat_table.hpp"
#include "graph/shapes.hpp"
#include "ops/requantize.hpp"

namespace burin {

namespace {

Status invalid(const std::string& where, const std::string& what) {
  return Status(StatusCode::kInvalidModel, where + ": " + what);
}

std::string text(uint64_t value) { return std::to_string(value); }

// The Attributes alternative of each operator: what its parse() makes of absent options.
size_t attribute_index(const RuntimeOperator& row) {
  switch (row.op) {
    case Op::kBatchNormalization:
      return Attributes(BatchNormalizationAttributes{}).index();
    case Op::kIdentity:
      return Attributes(IdentityAttributes{}).index();
    case Op::kRescaling:
      return Attributes(RescalingAttributes{}).index();
    default:
      break;
  }
  Attributes attributes;
  if (row.parse != nullptr) (void)row.parse(FlatTable(), attributes).is_ok();
  return attributes.index();
}

Status check_quantization(const Tensor& tensor, const Quantization& quantization) {
  const std::string& where = origin_of(tensor);
  if (quantization.scales.empty() || quantization.scales.size() != quantization.zero_points.size()) {
    return invalid(where, text(quantization.scales.size()) + " scales and " + text(quantization.zero_points.size()) +
                              " zero points");
  }
  if (!quantization.per_channel() && quantization.scales.size() != 1) {
    return invalid(where, text(quantization.scales.size()) + " scales without an axis");
  }
  for (const float scale : quantization.scales) {
    if (!std::isfinite(scale) || scale <= 0.0f) {
      return invalid(where, "a scale of " + std::to_string(scale) + " (it must be finite and positive)");
    }
  }
  const CodeRange range = code_range(tensor.type);
  for (const int32_t zero_point : quantization.zero_points) {
    if (zero_point < range.min || zero_point > range.max) {
      return invalid(where, "zero point " + std::to_string(zero_point) + " is no " + std::string(name(tensor.type)));
    }
  }
  return {};
}

Status check_axis(const Tensor& tensor, const Quantization& quantization) {
  if (!quantization.per_channel()) return {};
  if (quantization.axis >= tensor.shape.rank()) {
    return invalid(origin_of(tensor), "quantized along axis " + std::to_string(quantization.axis) + " of shape " +
                                          to_string(tensor.shape));
  }
  if (static_cast<int64_t>(quantization.scales.size()) != tensor.shape[quantization.axis]) {
    return invalid(origin_of(tensor), text(quantization.scales.size()) + " scales along axis " +
                                          std::to_string(quantization.axis) + " of shape " + to_string(tensor.shape));
  }
  return {};
}

class GraphStructure {
 public:
  GraphStructure(const Model& model, const Graph& graph, std::span<const RuntimeOperator> source_operators)
      : model_(model), graph_(graph), source_operators_(source_operators) {}

  Status check() {
    if (graph_.tensors.size() >= kNoId || graph_.nodes.size() >= kNoId) {
      return Status(StatusCode::kResourceLimit, "more than 2^32 tensors or nodes");
    }
    produced_.assign(graph_.tensors.size(), false);
    for (TensorId id = 0; id < graph_.tensors.size(); ++id) {
      if (const Status status = check_tensor(id); !status.is_ok()) return status;
    }
    for (const TensorId id : graph_.inputs) {
      if (const Status status = produce(id, "a graph input"); !status.is_ok()) return status;
    }
    for (const Node& node : graph_.nodes) {
      if (const Status status = check_node(node); !status.is_ok()) return status;
    }
    for (const TensorId id : graph_.outputs) {
      if (id >= graph_.tensors.size()) return invalid("graph outputs", "there is no tensor " + text(id));
    }
    for (const Tensor& tensor : graph_.tensors) {
      if (!produced_[static_cast<size_t>(&tensor - graph_.tensors.data())]) {
        return invalid(origin_of(tensor), "nothing produces this tensor");
      }
    }
    return {};
  }

 private:
  Status produce(TensorId id, const std::string& producer) {
    if (id >= graph_.tensors.size()) return invalid(producer, "there is no tensor " + text(id));
    if (produced_[id]) return invalid(origin_of(graph_.tensors[id]), "has two producers, the second is " + producer);
    produced_[id] = true;
    return {};
  }

  Status check_tensor(TensorId id) {
    const Tensor& tensor = graph_.tensors[id];
    for (const int32_t dim : tensor.shape.dims()) {
      if (dim < Shape::kFree) return invalid(origin_of(tensor), "dimension " + std::to_string(dim));
    }
    if (tensor.quantization) {
      if (const Status status = check_quantization(tensor, *tensor.quantization); !status.is_ok()) return status;
    }
    if (tensor.constant == kNoId) return {};
    if (tensor.constant >= model_.constant_count()) {
      return invalid(origin_of(tensor), "there is no constant " + text(tensor.constant));
    }
    const size_t bytes = model_.constant(tensor.constant).bytes.size();
    const int64_t expected = byte_size(tensor.type, tensor.shape);
    if (expected < 0 || bytes != static_cast<size_t>(expected)) {
      return invalid(origin_of(tensor), "a constant of " + text(bytes) + " bytes for " +
                                            std::string(name(tensor.type)) + " " + to_string(tensor.shape));
    }
    if (tensor.quantization) {
      if (const Status status = check_axis(tensor, *tensor.quantization); !status.is_ok()) return status;
    }
    return produce(id, "a constant");
  }

  Status check_node(const Node& node) {
    const std::string where = place_of(model_, graph_, node);
    if (static_cast<size_t>(node.op) >= kOpCount) {
      return invalid(where, "there is no operator " + text(static_cast<uint64_t>(node.op)));
    }
    if (is_source_only(node.op) && model_.level != Level::kSource) {
      return invalid(where, "a source-only operator in a model of TFLite builtin operators");
    }
    const RuntimeOperator* row = find_operator(node.op, source_operators_);
    if (row == nullptr) {
      return Status(StatusCode::kUnsupported, where + ": this operator exists only before conversion",
                    "convert the model to .tflite first");
    }
    const std::string operator_name(row->name);
    if (node.inputs.size() < row->min_inputs || node.inputs.size() > row->max_inputs) {
      return invalid(where, operator_name + " with " + text(node.inputs.size()) + " inputs, it takes " +
                                text(row->min_inputs) + " to " + text(row->max_inputs));
    }
    if (node.outputs.size() != 1) {
      return invalid(where, operator_name + " with " + text(node.outputs.size()) + " outputs, it has one");
    }
    if (node.attributes.index() != attribute_index(*row))
      return invalid(where, operator_name + " with another operator's attributes");
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const TensorId id = node.inputs[i];
      if (id == kNoId) {
        if (i < row->min_inputs) return invalid(where, operator_name + " without input " + text(i));
        continue;
      }
      if (id >= graph_.tensors.size())
        return invalid(where, "there is no tensor " + text(id) + " (input " + text(i) + ")");
      if (!produced_[id]) {
        return invalid(
            where, "input " + text(i) + " (" + origin_of(graph_.tensors[id]) + ") is not produced before this node");
      }
    }
    for (const TensorId id : node.outputs) {
      if (const Status status = produce(id, operator_name + " " + where); !status.is_ok()) return status;
    }
    return {};
  }

  const Model& model_;
  const Graph& graph_;
  std::span<const RuntimeOperator> source_operators_;
  std::vector<bool> produced_;
};

Status check_entries(const Signature& signature, std::span<const Signature::Entry> entries,
                     const std::vector<TensorId>& graph_tensors, const char* what) {
  const std::string where = "signature " + signature.key;
  if (entries.size() != graph_tensors.size()) {
    return invalid(where, text(entries.size()) + " " + what + ", the graph has " + text(graph_tensors.size()));
  }
  std::vector<TensorId> expected = graph_tensors;
  std::ranges::sort(expected);
  std::vector<std::string_view> names;
  for (const Signature::Entry& entry : entries) {
    if (!std::ranges::binary_search(expected, entry.tensor)) {
      return invalid(where, entry.name + " is none of the graph's " + what);
    }
    names.push_back(entry.name);
  }
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) return invalid(where, "two " + std::string(what) + " are named " + std::string(*twice));
  return {};
}

Status check_signature(const Model& model, const Signature& signature) {
  if (signature.graph >= model.graphs.size()) {
    return invalid("signature " + signature.key, "there is no graph " + text(signature.graph));
  }
  const Graph& graph = model.graphs[signature.graph];
  const Status status = check_entries(signature, signature.inputs, graph.inputs, "inputs");
  return status.is_ok() ? check_entries(signature, signature.outputs, graph.outputs, "outputs") : status;
}

Status check_shapes(const Model& model, const ConcreteGraph& concrete) {
  const Graph& graph = model.main();
  for (const Node& node : graph.nodes) {
    for (const TensorId id : node.outputs) {
      const Tensor& tensor = graph.tensors[id];
      const InferredTensor& inferred = concrete.tensors[id];
      bool equal = tensor.type == inferred.type && tensor.shape.rank() == inferred.shape.rank();
      for (int i = 0; equal && i < tensor.shape.rank(); ++i) {
        equal = tensor.shape[i] == Shape::kFree || tensor.shape[i] == inferred.shape[i];
      }
      if (!equal) {
        return invalid(origin_of(tensor), "is recorded as " + std::string(name(tensor.type)) + " " +
                                              to_string(tensor.shape) + ", its operator makes " +
                                              std::string(name(inferred.type)) + " " + to_string(inferred.shape));
      }
    }
  }
  return {};
}

}  // namespace

const RuntimeOperator* find_operator(Op op, std::span<const RuntimeOperator> source_operators) {
  if (!is_source_only(op)) return &runtime_operator(op);
  const auto row = std::ranges::find(source_operators, op, &RuntimeOperator::op);
  return row == source_operators.end() ? nullptr : &*row;
}

Status verify_structure(const Model& model, std::span<const RuntimeOperator> source_operators) {
  if (model.graphs.empty()) return Status(StatusCode::kInvalidModel, "the model has no graph");
  for (const Graph& graph : model.graphs) {
    if (const Status status = GraphStructure(model, graph, source_operators).check(); !status.is_ok()) return status;
  }
  return {};
}

Status verify(const Model& model, std::span<const RuntimeOperator> source_operators) {
  if (const Status status = verify_structure(model, source_operators); !status.is_ok()) return status;
  for (const Graph& graph : model.graphs) {
    for (const Tensor& tensor : graph.tensors) {
      if (!tensor.quantization) continue;
      if (const Status status = check_axis(tensor, *tensor.quantization); !status.is_ok()) return status;
    }
  }
  for (const Signature& signature : model.signatures) {
    if (const Status status = check_signature(model, signature); !status.is_ok()) return status;
  }
  // Batch 1, which every file can be run with; other free dimensions as large as convolutions need them.
  const Result<ConcreteGraph> concrete = infer_concrete(model, input_shapes(model, 1, 256), source_operators);
  if (!concrete.is_ok()) return concrete.status();
  return check_shapes(model, concrete.value());
}

}  // namespace burin
