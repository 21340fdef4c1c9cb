#include "formats/tflite/read_tflite.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/flatbuffer/flat_table.hpp"
#include "formats/tflite/read_builtin_names.hpp"
#include "formats/tflite/read_metadata.hpp"
#include "formats/tflite/read_order.hpp"
#include "graph/shapes.hpp"
#include "graph/verify.hpp"

namespace burin {

namespace {

constexpr uint32_t kMaxGraphs = 1024;
constexpr uint32_t kMaxSignatures = 1024;
constexpr size_t kMaxNameBytes = 4096;
// Names, scales and signatures may be shared in the file and are copied into the model: this bounds the copies.
constexpr uint64_t kMaxCopiedBytes = uint64_t{256} << 20;

Status invalid(const std::string& where, const std::string& what) {
  return Status(StatusCode::kInvalidModel, where + ": " + what);
}

std::string text(uint64_t value) { return std::to_string(value); }

std::string type_name(int8_t code) {
  switch (code) {
    case 5:
      return "strings";
    case 8:
      return "complex64";
    case 11:
      return "complex128";
    case 12:
      return "uint64";
    case 13:
      return "resources";
    case 14:
      return "variants";
    case 16:
      return "uint16";
    case 18:
      return "bfloat16";
    case 19:
      return "int2";
    case 20:
      return "uint4";
    default:
      return "type " + std::to_string(code);
  }
}

bool is_element_type(int8_t code) {
  switch (static_cast<ElementType>(code)) {
    case ElementType::kFloat32:
    case ElementType::kFloat16:
    case ElementType::kInt32:
    case ElementType::kUInt8:
    case ElementType::kInt64:
    case ElementType::kBool:
    case ElementType::kInt16:
    case ElementType::kInt8:
    case ElementType::kFloat64:
    case ElementType::kUInt32:
    case ElementType::kInt4:
      return true;
  }
  return false;
}

bool can_be_quantized(ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
    case ElementType::kFloat16:
    case ElementType::kFloat64:
    case ElementType::kBool:
      return false;
    default:
      return true;
  }
}

// Every error says what to do.
Status with_remedy(const Status& status) {
  if (!status.remedy().empty()) return status;
  switch (status.code()) {
    case StatusCode::kUnsupported:
      return Status(status.code(), status.message(), "convert the model again without what is named here");
    case StatusCode::kResourceLimit:
      return Status(status.code(), status.message(), "use a smaller model or smaller inputs");
    default:
      return Status(status.code(), status.message(), "the file contradicts itself: convert the model again");
  }
}

// Entries without a name, and those that repeat one, get a number.
void make_unique(std::vector<Signature::Entry>& entries) {
  std::vector<std::string_view> names;
  for (const Signature::Entry& entry : entries) names.push_back(entry.name);
  std::ranges::sort(names);
  const bool unique = std::ranges::adjacent_find(names) == names.end() && (names.empty() || !names.front().empty());
  if (unique) return;
  for (size_t i = 0; i < entries.size(); ++i) entries[i].name += "_" + text(i);
}

struct OperatorCode {
  int32_t builtin = 0;
  int32_t version = 1;
  std::string_view custom;
  const RuntimeOperator* row = nullptr;  // null: not supported
  uint32_t uses = 0;
  std::string first_use;
};

// Reads one file. Every loop is bounded by a limit or by a vector whose elements lie in the file.
class Reader {
 public:
  Reader(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive, const TfliteLimits& limits)
      : buffer_{bytes}, keep_alive_(std::move(keep_alive)), limits_(limits) {}

  Result<Model> read() {
    const Status status = read_model();
    if (buffer_.malformed) {
      return Status(StatusCode::kInvalidModel, "the file is damaged or cut off: an offset leaves it",
                    "copy or convert the file again");
    }
    if (!status.is_ok()) return with_remedy(status);
    if (const Status verified = check_model(); !verified.is_ok()) return with_remedy(verified);
    return std::move(model_);
  }

 private:
  Status read_model();
  Status read_operator_codes();
  Status count_uses(uint32_t graph);
  Status report_unsupported() const;
  Status read_graph(uint32_t graph);
  Status mark_used(uint32_t graph, std::vector<bool>& used);
  Status mark(const FlatVector& ids, const std::string& where, std::vector<bool>& used);
  Status read_tensor(const FlatTable& table, uint32_t index, Tensor& tensor);
  Status read_shape(const FlatTable& table, Tensor& tensor);
  Status read_quantization(const FlatTable& table, Tensor& tensor);
  Status read_constant(uint32_t index, Tensor& tensor);
  Status read_node(const FlatTable& table, const std::vector<TensorId>& renumbered, Graph& graph);
  void add_empty_constants(Graph& graph);
  Status read_signatures();
  Status read_signature(const FlatTable& table, Signature& signature);
  Status match_entries(const FlatVector& maps, const std::vector<TensorId>& graph_tensors, const Signature& signature,
                       std::vector<Signature::Entry>& entries);
  Status check_model();
  Status copy_string(std::string_view from, std::string& to);
  Status account(uint64_t bytes);
  FlatTable subgraph(uint32_t graph) const { return root_.vector(2).table(graph); }

  FlatBuffer buffer_;
  std::shared_ptr<const void> keep_alive_;
  TfliteLimits limits_;
  FlatTable root_;
  Model model_;
  std::vector<OperatorCode> codes_;
  std::vector<ConstantId> constant_of_buffer_;
  std::vector<std::vector<TensorId>> renumbered_;  // by graph, by tensor of the file; kNoId: nothing uses it
  uint64_t copied_bytes_ = 0;
  uint64_t constant_bytes_ = 0;
  uint64_t tensor_count_ = 0;
  uint64_t node_count_ = 0;
};

Status Reader::read_model() {
  root_ = FlatTable::root(buffer_, "TFL3");
  if (!root_.exists()) {
    buffer_.malformed =
        buffer_.malformed && buffer_.bytes.size() >= 8 && std::memcmp(buffer_.bytes.data() + 4, "TFL3", 4) == 0;
    return Status(StatusCode::kInvalidModel, "this is no .tflite file (the identifier TFL3 is missing)",
                  "give a .tflite, .keras or Keras 3 .h5 file");
  }
  if (const auto version = root_.scalar<uint32_t>(0, 0); version != 3) {
    return Status(StatusCode::kUnsupported, "schema version " + text(version) + " of .tflite, Burin reads version 3");
  }
  if (const Status status = copy_string(root_.string(3), model_.description); !status.is_ok()) return status;
  if (const Status status = read_operator_codes(); !status.is_ok()) return status;

  const uint32_t graphs = root_.vector(2).size();
  if (graphs == 0) return Status(StatusCode::kInvalidModel, "the file has no graph");
  if (graphs > kMaxGraphs) return Status(StatusCode::kResourceLimit, "the file has " + text(graphs) + " graphs");
  for (uint32_t i = 0; i < graphs; ++i) {
    if (const Status status = count_uses(i); !status.is_ok()) return status;
  }
  if (const Status status = report_unsupported(); !status.is_ok()) return status;

  const uint32_t buffers = root_.vector(4).size();
  if (buffers > limits_.max_tensors) {
    return Status(StatusCode::kResourceLimit, "the file has " + text(buffers) + " buffers");
  }
  constant_of_buffer_.assign(buffers, kNoId);
  model_.graphs.resize(graphs);
  renumbered_.resize(graphs);
  for (uint32_t i = 0; i < graphs; ++i) {
    if (const Status status = read_graph(i); !status.is_ok()) return status;
  }
  if (const Status status = read_signatures(); !status.is_ok()) return status;
  read_metadata(buffer_, root_, model_);
  return {};
}

// OperatorCode: deprecated_builtin_code, custom_code, version, builtin_code. Codes above 127 do not fit the first,
// files of before they existed have only the first: the larger one counts.
Status Reader::read_operator_codes() {
  const FlatVector codes = root_.vector(1);
  if (codes.size() > limits_.max_nodes) {
    return Status(StatusCode::kResourceLimit, "the file has " + text(codes.size()) + " operator codes");
  }
  codes_.resize(codes.size());
  for (uint32_t i = 0; i < codes.size(); ++i) {
    const FlatTable table = codes.table(i);
    OperatorCode& code = codes_[i];
    code.builtin = std::max<int32_t>(table.scalar<int8_t>(0, 0), table.scalar<int32_t>(3, 0));
    code.custom = table.string(1).substr(0, kMaxNameBytes);
    code.version = table.scalar<int32_t>(2, 1);
    constexpr int32_t kCustom = 32;
    if (code.builtin != kCustom) code.custom = {};
    const RuntimeOperator* row = find_runtime_operator(code.builtin);
    if (row != nullptr && row->infer != nullptr && code.version <= row->max_version) code.row = row;
  }
  return {};
}

Status Reader::count_uses(uint32_t graph) {
  const FlatTable table = subgraph(graph);
  const FlatVector operators = table.vector(3);
  const FlatVector tensors = table.vector(0);
  node_count_ += operators.size();
  tensor_count_ += tensors.size();
  if (node_count_ > limits_.max_nodes || tensor_count_ > limits_.max_tensors) {
    return Status(StatusCode::kResourceLimit, text(node_count_) + " operators and " + text(tensor_count_) +
                                                  " tensors, at most " + text(limits_.max_nodes) + " and " +
                                                  text(limits_.max_tensors) + " are read");
  }
  for (uint32_t i = 0; i < operators.size(); ++i) {
    const uint32_t index = operators.table(i).scalar<uint32_t>(0, 0);
    if (index >= codes_.size()) return invalid("operator " + text(i), "there is no operator code " + text(index));
    OperatorCode& code = codes_[index];
    if (code.uses++ == 0 && code.row == nullptr) {
      const auto output = static_cast<uint32_t>(operators.table(i).vector(2).scalar<int32_t>(0));
      code.first_use = tensors.table(output).string(3).substr(0, kMaxNameBytes);
    }
  }
  return {};
}

Status Reader::report_unsupported() const {
  constexpr size_t kMaxListed = 30;
  std::string list;
  size_t kinds = 0;
  for (const OperatorCode& code : codes_) {
    if (code.uses == 0 || code.row != nullptr || ++kinds > kMaxListed) continue;
    if (!list.empty()) list += ", ";
    list += code.custom.empty() ? builtin_name(code.builtin) : "custom operator " + std::string(code.custom);
    const RuntimeOperator* row = find_runtime_operator(code.builtin);
    if (row != nullptr && row->infer == nullptr) {
      list += " (left out of this build of the runtime)";
    } else if (row != nullptr) {
      list += " version " + std::to_string(code.version) + " (at most " + std::to_string(row->max_version) + ")";
    }
    list += " (" + text(code.uses) + (code.uses == 1 ? " use" : " uses");
    if (!code.first_use.empty()) list += ", first at " + code.first_use;
    list += ")";
  }
  if (kinds == 0) return {};
  if (kinds > kMaxListed) list += " and " + text(kinds - kMaxListed) + " more";
  return Status(StatusCode::kUnsupported, "operators that Burin does not have: " + list,
                "`burin list operators` shows what it has");
}

Status Reader::mark(const FlatVector& ids, const std::string& where, std::vector<bool>& used) {
  for (uint32_t i = 0; i < ids.size(); ++i) {
    const auto id = ids.scalar<int32_t>(i);
    if (id == -1) continue;  // an optional input that is left out
    if (id < 0 || static_cast<size_t>(id) >= used.size()) {
      return invalid(where, "there is no tensor " + std::to_string(id));
    }
    used[static_cast<size_t>(id)] = true;
  }
  return {};
}

Status Reader::mark_used(uint32_t graph, std::vector<bool>& used) {
  const FlatTable table = subgraph(graph);
  const FlatVector operators = table.vector(3);
  for (uint32_t i = 0; i < operators.size(); ++i) {
    const FlatTable node = operators.table(i);
    const RuntimeOperator& row = *codes_[node.scalar<uint32_t>(0, 0)].row;
    const std::string where = "operator " + text(i) + " (" + std::string(row.name) + ")";
    const FlatVector inputs = node.vector(1);
    const FlatVector outputs = node.vector(2);
    if (inputs.size() > row.max_inputs || outputs.size() != 1) {
      return invalid(where, text(inputs.size()) + " inputs and " + text(outputs.size()) +
                                " outputs, it takes at most " + text(row.max_inputs) + " and 1");
    }
    if (const Status status = mark(inputs, where, used); !status.is_ok()) return status;
    if (const Status status = mark(outputs, where, used); !status.is_ok()) return status;
  }
  if (const Status status = mark(table.vector(1), "graph inputs", used); !status.is_ok()) return status;
  return mark(table.vector(2), "graph outputs", used);
}

// SubGraph: tensors, inputs, outputs, operators, name. Tensors that nothing uses are left out.
Status Reader::read_graph(uint32_t index) {
  const FlatTable table = subgraph(index);
  const FlatVector tensors = table.vector(0);
  std::vector<bool> used(tensors.size(), false);
  if (const Status status = mark_used(index, used); !status.is_ok()) return status;

  Graph& graph = model_.graphs[index];
  std::vector<TensorId>& renumbered = renumbered_[index];
  renumbered.assign(tensors.size(), kNoId);
  for (uint32_t i = 0; i < tensors.size(); ++i) {
    if (!used[i]) continue;
    Tensor tensor;
    if (const Status status = read_tensor(tensors.table(i), i, tensor); !status.is_ok()) return status;
    renumbered[i] = graph.add_tensor(std::move(tensor));
  }
  for (const auto& [field, ids] : {std::pair(1, &graph.inputs), std::pair(2, &graph.outputs)}) {
    const FlatVector file_ids = table.vector(field);
    if (file_ids.size() > tensors.size()) return invalid("graph " + text(index), "more inputs or outputs than tensors");
    for (uint32_t i = 0; i < file_ids.size(); ++i) {
      const auto id = file_ids.scalar<int32_t>(i);
      if (id < 0) return invalid("graph " + text(index), "an input or output without a tensor");
      ids->push_back(renumbered[static_cast<size_t>(id)]);
    }
  }
  const FlatVector operators = table.vector(3);
  for (uint32_t i = 0; i < operators.size(); ++i) {
    if (const Status status = read_node(operators.table(i), renumbered, graph); !status.is_ok()) return status;
  }
  add_empty_constants(graph);
  return sort_nodes(graph);
}

// Tensor: shape, type, buffer, name, quantization, is_variable, sparsity, shape_signature, has_rank, variant_tensors,
// external_buffer.
Status Reader::read_tensor(const FlatTable& table, uint32_t index, Tensor& tensor) {
  if (const Status status = copy_string(table.string(3), tensor.name); !status.is_ok()) return status;
  if (tensor.name.empty()) tensor.name = "tensor " + text(index);
  tensor.origin = tensor.name;
  if (const Status status = account(sizeof(Tensor) + tensor.name.size()); !status.is_ok()) return status;

  const auto type = table.scalar<int8_t>(1, 0);
  if (!is_element_type(type)) {
    return Status(StatusCode::kUnsupported, tensor.name + ": a tensor of " + type_name(type));
  }
  tensor.type = static_cast<ElementType>(type);
  if (table.scalar<uint8_t>(5, 0) != 0) {
    return Status(StatusCode::kUnsupported, tensor.name + ": a variable, which keeps its value between runs");
  }
  if (table.has(6)) return Status(StatusCode::kUnsupported, tensor.name + ": sparse weights");
  if (table.scalar<uint32_t>(10, 0) != 0) {
    return Status(StatusCode::kUnsupported, tensor.name + ": weights in another file");
  }
  if (const Status status = read_constant(table.scalar<uint32_t>(2, 0), tensor); !status.is_ok()) return status;
  if (const Status status = read_shape(table, tensor); !status.is_ok()) return status;
  return read_quantization(table.table(4), tensor);
}

// A dimension that shape_signature gives as -1 is free; `shape` holds what the file was made with.
Status Reader::read_shape(const FlatTable& table, Tensor& tensor) {
  const FlatVector dims = table.vector(0);
  const FlatVector signature = table.vector(7);
  if (dims.size() > Shape::kMaxRank) {
    return Status(StatusCode::kUnsupported, tensor.name + ": " + text(dims.size()) + " dimensions, at most " +
                                                std::to_string(Shape::kMaxRank) + " are possible");
  }
  const bool constant = tensor.constant != kNoId;
  for (uint32_t i = 0; i < dims.size(); ++i) {
    auto dim = dims.scalar<int32_t>(i);
    if (!constant && signature.size() == dims.size() && signature.scalar<int32_t>(i) == Shape::kFree) {
      dim = Shape::kFree;
    }
    if (dim < (constant ? 0 : Shape::kFree)) return invalid(tensor.name, "dimension " + std::to_string(dim));
    tensor.shape.append(dim);
  }
  if (!tensor.shape.is_concrete()) return {};
  const int64_t bytes = byte_size(tensor.type, tensor.shape);
  if (bytes < 0 || bytes > limits_.max_tensor_bytes) {
    return Status(StatusCode::kResourceLimit, tensor.name + ": a tensor of shape " + to_string(tensor.shape) +
                                                  ", larger than " + std::to_string(limits_.max_tensor_bytes) +
                                                  " bytes");
  }
  return {};
}

// QuantizationParameters: min, max, scale, zero_point, details_type, details, quantized_dimension. No scales: not
// quantized. One scale is per tensor unless quantized_dimension names a dimension of one element.
Status Reader::read_quantization(const FlatTable& table, Tensor& tensor) {
  const FlatVector scales = table.vector(2);
  const FlatVector zero_points = table.vector(3);
  if (scales.empty() || !can_be_quantized(tensor.type)) return {};
  if (table.scalar<uint8_t>(4, 0) != 0) {
    return Status(StatusCode::kUnsupported, tensor.name + ": quantization by blocks or by a custom rule",
                  "convert the model again with per-channel quantization");
  }
  if (!zero_points.empty() && zero_points.size() != scales.size()) {
    return invalid(tensor.name, text(scales.size()) + " scales and " + text(zero_points.size()) + " zero points");
  }
  if (const Status status = account(uint64_t{8} * scales.size()); !status.is_ok()) return status;
  Quantization quantization;
  quantization.scales.reserve(scales.size());
  quantization.zero_points.reserve(scales.size());
  for (uint32_t i = 0; i < scales.size(); ++i) {
    quantization.scales.push_back(scales.scalar<float>(i));
    const int64_t zero_point = zero_points.empty() ? 0 : zero_points.scalar<int64_t>(i);
    if (zero_point < std::numeric_limits<int32_t>::min() || zero_point > std::numeric_limits<int32_t>::max()) {
      return invalid(tensor.name, "zero point " + std::to_string(zero_point));
    }
    quantization.zero_points.push_back(static_cast<int32_t>(zero_point));
  }
  const auto dimension = table.scalar<int32_t>(6, 0);
  const bool has_dimension = dimension >= 0 && dimension < tensor.shape.rank();
  if (scales.size() > 1) {
    if (!has_dimension) {
      return invalid(tensor.name,
                     "quantized along axis " + std::to_string(dimension) + " of shape " + to_string(tensor.shape));
    }
    quantization.axis = dimension;
  } else if (dimension > 0 && has_dimension && tensor.shape[dimension] == 1) {
    quantization.axis = dimension;
  }
  tensor.quantization = std::move(quantization);
  return {};
}

// Buffer: data, offset, size. `offset` and `size` place the data in the file behind the FlatBuffer (files over 2 GB).
// Buffer 0 and empty ones are those of tensors that are computed.
Status Reader::read_constant(uint32_t index, Tensor& tensor) {
  if (index >= constant_of_buffer_.size()) {
    return index == 0 ? Status() : invalid(tensor.name, "there is no buffer " + text(index));
  }
  if (constant_of_buffer_[index] != kNoId) {
    tensor.constant = constant_of_buffer_[index];
    return {};
  }
  const FlatTable table = root_.vector(4).table(index);
  std::span<const std::byte> data = table.vector(0).bytes(1);
  const auto offset = table.scalar<uint64_t>(1, 0);
  const auto size = table.scalar<uint64_t>(2, 0);
  if (data.empty() && offset > 1) {
    if (offset > buffer_.bytes.size() || size > buffer_.bytes.size() - offset) {
      return invalid(tensor.name, "its data leave the file (offset " + text(offset) + ", " + text(size) + " bytes)");
    }
    data = buffer_.bytes.subspan(static_cast<size_t>(offset), static_cast<size_t>(size));
  }
  if (data.empty()) return {};
  // Buffers may overlap in a hostile file; each is hashed once.
  constant_bytes_ += data.size();
  if (constant_bytes_ / 4 > buffer_.bytes.size()) return invalid(tensor.name, "its data overlap other tensors' data");
  constant_of_buffer_[index] = model_.add_constant(data, keep_alive_);
  tensor.constant = constant_of_buffer_[index];
  return {};
}

// Operator: opcode_index, inputs, outputs, builtin_options_type, builtin_options, ...
Status Reader::read_node(const FlatTable& table, const std::vector<TensorId>& renumbered, Graph& graph) {
  const RuntimeOperator& row = *codes_[table.scalar<uint32_t>(0, 0)].row;
  Node node;
  node.op = row.op;
  const FlatVector inputs = table.vector(1);
  for (uint32_t i = 0; i < inputs.size(); ++i) {
    const auto id = inputs.scalar<int32_t>(i);
    node.inputs.push_back(id < 0 ? kNoId : renumbered[static_cast<size_t>(id)]);
  }
  const auto output = table.vector(2).scalar<int32_t>(0);
  if (output < 0) return invalid(std::string(row.name), "an operator without an output tensor");
  node.outputs.push_back(renumbered[static_cast<size_t>(output)]);
  if (row.parse != nullptr) {
    const Status status = row.parse(table.table(4), node.attributes);
    if (!status.is_ok()) {
      return status.at(origin_of(graph, node) + " (operator " + text(graph.nodes.size()) +
                       "): " + std::string(row.name));
    }
  }
  graph.add_node(std::move(node));
  return {};
}

// A tensor without elements that nothing computes (the axes of a reduction over none, the shape of a scalar).
void Reader::add_empty_constants(Graph& graph) {
  std::vector<bool> produced(graph.tensors.size(), false);
  for (const TensorId id : graph.inputs) produced[id] = true;
  for (const Node& node : graph.nodes) produced[node.outputs[0]] = true;
  for (TensorId id = 0; id < graph.tensors.size(); ++id) {
    Tensor& tensor = graph.tensors[id];
    if (produced[id] || tensor.constant != kNoId || tensor.shape.elements() != 0) continue;
    tensor.constant = model_.add_constant({}, keep_alive_);
  }
}

// SignatureDef: inputs, outputs, signature_key, (unused), subgraph_index.
Status Reader::read_signatures() {
  const FlatVector signatures = root_.vector(7);
  if (signatures.size() > kMaxSignatures) {
    return Status(StatusCode::kResourceLimit, "the file has " + text(signatures.size()) + " signatures");
  }
  bool main_has_one = false;
  for (uint32_t i = 0; i < signatures.size(); ++i) {
    Signature signature;
    if (const Status status = read_signature(signatures.table(i), signature); !status.is_ok()) return status;
    main_has_one |= signature.graph == 0;
    model_.signatures.push_back(std::move(signature));
  }
  if (main_has_one) return {};
  Signature signature;
  if (const Status status = read_signature(FlatTable(), signature); !status.is_ok()) return status;
  model_.signatures.insert(model_.signatures.begin(), std::move(signature));
  return {};
}

Status Reader::read_signature(const FlatTable& table, Signature& signature) {
  if (const Status status = copy_string(table.string(2), signature.key); !status.is_ok()) return status;
  if (signature.key.empty()) signature.key = "serving_default";
  signature.graph = table.scalar<uint32_t>(4, 0);
  if (signature.graph >= model_.graphs.size()) {
    return invalid("signature " + signature.key, "there is no graph " + text(signature.graph));
  }
  const Graph& graph = model_.graphs[signature.graph];
  const Status status = match_entries(table.vector(0), graph.inputs, signature, signature.inputs);
  return status.is_ok() ? match_entries(table.vector(1), graph.outputs, signature, signature.outputs) : status;
}

// TensorMap: name, tensor_index. Entries come in the graph's order; a tensor that the signature leaves out goes by its
// own name.
Status Reader::match_entries(const FlatVector& maps, const std::vector<TensorId>& graph_tensors,
                             const Signature& signature, std::vector<Signature::Entry>& entries) {
  const std::vector<TensorId>& renumbered = renumbered_[signature.graph];
  const std::string where = "signature " + signature.key;
  if (maps.size() > graph_tensors.size()) return invalid(where, "more entries than the graph has inputs or outputs");
  std::vector<std::pair<TensorId, uint32_t>> named;  // in the order of the file among equal tensors
  for (uint32_t i = 0; i < maps.size(); ++i) {
    const auto id = maps.table(i).scalar<uint32_t>(1, 0);
    if (id >= renumbered.size() || renumbered[id] == kNoId) return invalid(where, "there is no tensor " + text(id));
    named.emplace_back(renumbered[id], i);
  }
  std::ranges::sort(named);
  std::vector<bool> taken(named.size(), false);
  for (const TensorId tensor : graph_tensors) {
    Signature::Entry entry{{}, tensor};
    auto it = std::ranges::lower_bound(named, std::pair(tensor, uint32_t{0}));
    while (it != named.end() && it->first == tensor && taken[static_cast<size_t>(it - named.begin())]) ++it;
    if (it != named.end() && it->first == tensor) {
      taken[static_cast<size_t>(it - named.begin())] = true;
      if (const Status status = copy_string(maps.table(it->second).string(0), entry.name); !status.is_ok()) {
        return status;
      }
    } else {
      entry.name = model_.graphs[signature.graph].tensors[tensor].name;
    }
    entries.push_back(std::move(entry));
  }
  if (const auto it = std::ranges::find(taken, false); it != taken.end()) {
    const uint32_t map = named[static_cast<size_t>(it - taken.begin())].second;
    return invalid(
        where, std::string(maps.table(map).string(0).substr(0, kMaxNameBytes)) + " is no input or output of the graph");
  }
  make_unique(entries);
  return {};
}

// verify(); where it objects to recorded shapes, which LiteRT ignores, they are inferred first.
Status Reader::check_model() {
  const Status status = verify(model_);
  if (status.is_ok()) return {};
  Model inferred = model_;
  if (!infer_shapes(inferred).is_ok()) return status;
  for (TensorId id = 0; id < model_.main().tensors.size(); ++id) {
    if (inferred.main().tensors[id].type != model_.main().tensors[id].type) return status;
  }
  if (!verify(inferred).is_ok()) return status;
  model_ = std::move(inferred);
  return {};
}

Status Reader::copy_string(std::string_view from, std::string& to) {
  if (from.size() > kMaxNameBytes) {
    return Status(StatusCode::kResourceLimit,
                  "a name of " + text(from.size()) + " characters: " + std::string(from.substr(0, 40)) + "...");
  }
  to = from;
  return account(from.size());
}

Status Reader::account(uint64_t bytes) {
  copied_bytes_ += bytes;
  if (copied_bytes_ <= kMaxCopiedBytes) return {};
  return Status(StatusCode::kResourceLimit,
                "names and quantization parameters of more than " + text(kMaxCopiedBytes >> 20) + " MiB");
}

}  // namespace

Result<Model> read_tflite(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive,
                          const TfliteLimits& limits) {
  return Reader(bytes, std::move(keep_alive), limits).read();
}

}  // namespace burin
