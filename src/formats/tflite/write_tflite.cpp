#include "formats/tflite/write_tflite.hpp"

#include <algorithm>
#include <limits>
#include <list>
#include <map>
#include <span>
#include <string_view>

#include "burin/error.hpp"
#include "formats/flatbuffer/table_builder.hpp"
#include "formats/tflite/write_metadata.hpp"
#include "formats/zip/append_stored.hpp"
#include "ops/toolkit_operator.hpp"

namespace burin {

namespace {

constexpr size_t kDataAlignment = 16;  // what kernels expect of constants in the mapped file

// Gives the builder memory that becomes the result without a copy: the finished file is at its end.
class ResultMemory : public flatbuffers::Allocator {
 public:
  uint8_t* allocate(size_t size) override {
    blocks_.emplace_back(size);
    return blocks_.back().data();
  }
  void deallocate(uint8_t* block, size_t) override {
    blocks_.remove_if([&](const std::vector<uint8_t>& candidate) { return candidate.data() == block; });
  }
  // The block that holds `start`, its bytes before `start` removed.
  std::vector<uint8_t> take(const uint8_t* start) {
    const auto block = std::ranges::find_if(blocks_, [&](const std::vector<uint8_t>& candidate) {
      return start >= candidate.data() && start < candidate.data() + candidate.size();
    });
    std::vector<uint8_t> result = std::move(*block);
    result.erase(result.begin(), result.begin() + (start - result.data()));
    return result;
  }

 private:
  std::list<std::vector<uint8_t>> blocks_;
};

// Signatures of `model`; where graph 0 has none, one made of its tensors' names.
std::vector<Signature> signatures_of(const Model& model) {
  std::vector<Signature> signatures = model.signatures;
  if (std::ranges::find(signatures, 0u, &Signature::graph) != signatures.end()) return signatures;
  Signature signature;
  for (const TensorId id : model.main().inputs) signature.inputs.push_back({model.main().tensors[id].name, id});
  for (const TensorId id : model.main().outputs) {
    signature.outputs.push_back({"output_" + std::to_string(signature.outputs.size()), id});
  }
  signatures.insert(signatures.begin(), std::move(signature));
  return signatures;
}

class Writer {
 public:
  Writer(const Model& model, const TfliteMetadata& metadata)
      : model_(model), metadata_(metadata), signatures_(signatures_of(model)), builder_(expected_bytes(), &memory_) {}

  std::vector<uint8_t> write();

 private:
  size_t expected_bytes() const;
  const Signature& main_signature() const { return *std::ranges::find(signatures_, 0u, &Signature::graph); }

  void write_buffers();
  uint32_t add_buffer(std::span<const std::byte> data);
  uint32_t write_graph(const Graph& graph, const std::vector<std::string>& names);
  uint32_t write_tensor(const Tensor& tensor, const std::string& name);
  uint32_t write_quantization(const Quantization& quantization);
  uint32_t write_node(const Graph& graph, const Node& node);
  WrittenOptions write_options(const Node& node);
  uint32_t operator_code(const Graph& graph, const Node& node);
  uint32_t write_operator_codes();
  uint32_t write_signature(const Signature& signature);
  uint32_t write_entries(const std::vector<Signature::Entry>& entries);
  std::vector<std::string> tensor_names(uint32_t graph) const;

  uint32_t write_string(std::string_view text);
  // Vectors with equal bytes are stored once.
  template <typename T>
  uint32_t write_vector(std::span<const T> values);
  uint32_t write_tables(const std::vector<uint32_t>& tables);

  const Model& model_;
  const TfliteMetadata& metadata_;
  std::vector<Signature> signatures_;
  ResultMemory memory_;
  flatbuffers::FlatBufferBuilder builder_;
  std::vector<uint32_t> buffers_;                               // finished Buffer tables
  std::vector<uint32_t> buffer_of_constant_;                    // by ConstantId; 0: not used
  std::vector<std::pair<int32_t, int32_t>> operator_codes_;     // builtin code, version
  std::map<std::pair<size_t, std::string>, uint32_t> vectors_;  // by element size and bytes
  std::map<std::string, uint32_t, std::less<>> strings_;
  std::vector<std::pair<const Node*, WrittenOptions>> options_;
  std::vector<std::pair<const Quantization*, uint32_t>> quantizations_;
};

// Enough in all ordinary cases that the builder never grows (which would copy the weights).
size_t Writer::expected_bytes() const {
  size_t bytes = 64 * 1024 + stored_archive_bytes(kLabelsFile, labels_file(metadata_));
  for (size_t i = 0; i < model_.constant_count(); ++i) {
    bytes += model_.constant(static_cast<ConstantId>(i)).bytes.size() + 2 * kDataAlignment + 16;
  }
  for (const Graph& graph : model_.graphs) {
    for (const Tensor& tensor : graph.tensors) {
      bytes += 160 + tensor.name.size() + (tensor.quantization ? 12 * tensor.quantization->scales.size() + 64 : 0);
    }
    for (const Node& node : graph.nodes) bytes += 160 + 8 * node.inputs.size();
  }
  // What FlatBuffers can address; the finished data are checked against it, not this estimate.
  return std::min<size_t>(bytes, FLATBUFFERS_MAX_BUFFER_SIZE - 1);
}

std::vector<uint8_t> Writer::write() {
  write_buffers();
  std::vector<uint32_t> graphs;
  for (uint32_t i = 0; i < model_.graphs.size(); ++i) graphs.push_back(write_graph(model_.graphs[i], tensor_names(i)));
  std::vector<uint32_t> signatures;
  for (const Signature& signature : signatures_) signatures.push_back(write_signature(signature));

  std::vector<uint32_t> metadata;
  if (!is_empty(metadata_)) {
    const std::vector<uint8_t> bytes = write_metadata(metadata_, main_signature());
    const uint32_t buffer = add_buffer(std::as_bytes(std::span(bytes)));
    const uint32_t name = write_string("TFLITE_METADATA");
    metadata.push_back(TableBuilder(builder_).scalar<uint32_t>(1, buffer, 0).offset(0, name).finish());
  }
  const uint32_t codes = write_operator_codes();
  const uint32_t subgraphs = write_tables(graphs);
  const uint32_t description = write_string(model_.description.empty() ? "Burin" : model_.description);
  const uint32_t buffers = write_tables(buffers_);
  const uint32_t metadata_vector = metadata.empty() ? 0 : write_tables(metadata);
  const uint32_t signature_defs = write_tables(signatures);
  TableBuilder table(builder_);
  table.scalar<uint32_t>(0, 3, 0).offset(1, codes).offset(2, subgraphs).offset(3, description).offset(4, buffers);
  table.offset(6, metadata_vector).offset(7, signature_defs);
  builder_.Finish(flatbuffers::Offset<void>(table.finish()), "TFL3");

  const uint8_t* start = builder_.GetBufferPointer();
  size_t allocated = 0, offset = 0;
  builder_.ReleaseRaw(allocated, offset);
  std::vector<uint8_t> result = memory_.take(start);
  if (!metadata_.labels.empty()) append_stored(result, kLabelsFile, labels_file(metadata_));
  return result;
}

// Buffer 0 is empty by convention: tensors that are computed point to it.
void Writer::write_buffers() {
  constexpr size_t kMaxData = (size_t{1} << 31) - (size_t{16} << 20);
  size_t total = 0;
  for (size_t i = 0; i < model_.constant_count(); ++i)
    total += model_.constant(static_cast<ConstantId>(i)).bytes.size();
  if (total > kMaxData) {
    throw Error(StatusCode::kResourceLimit,
                "the weights have " + std::to_string(total) + " bytes, a .tflite file holds less than 2^31",
                "quantize the model (--quantize fp16 or int8)");
  }
  buffers_.push_back(TableBuilder(builder_).finish());
  buffer_of_constant_.assign(model_.constant_count(), 0);
  for (const Graph& graph : model_.graphs) {
    for (const Tensor& tensor : graph.tensors) {
      if (tensor.constant == kNoId || buffer_of_constant_[tensor.constant] != 0) continue;
      const std::span<const std::byte> bytes = model_.constant(tensor.constant).bytes;
      if (!bytes.empty()) buffer_of_constant_[tensor.constant] = add_buffer(bytes);
    }
  }
}

uint32_t Writer::add_buffer(std::span<const std::byte> data) {
  builder_.ForceVectorAlignment(data.size(), 1, kDataAlignment);
  const uint32_t vector = builder_.CreateVector(reinterpret_cast<const uint8_t*>(data.data()), data.size()).o;
  buffers_.push_back(TableBuilder(builder_).offset(0, vector).finish());
  return static_cast<uint32_t>(buffers_.size() - 1);
}

// The names that TensorFlow's exporter gives to a signature's tensors: tools recognize them.
std::vector<std::string> Writer::tensor_names(uint32_t graph) const {
  std::vector<std::string> names;
  for (const Tensor& tensor : model_.graphs[graph].tensors) names.push_back(tensor.name);
  if (graph != 0) return names;
  const std::vector<TensorId>& outputs = model_.main().outputs;
  for (size_t k = outputs.size(); k-- > 0;) names[outputs[k]] = "StatefulPartitionedCall:" + std::to_string(k);
  for (const Signature::Entry& entry : main_signature().inputs) {
    names[entry.tensor] = "serving_default_" + entry.name + ":0";
  }
  return names;
}

// SubGraph: tensors, inputs, outputs, operators, name.
uint32_t Writer::write_graph(const Graph& graph, const std::vector<std::string>& names) {
  std::vector<uint32_t> tensors, operators;
  for (size_t i = 0; i < graph.tensors.size(); ++i) tensors.push_back(write_tensor(graph.tensors[i], names[i]));
  for (const Node& node : graph.nodes) operators.push_back(write_node(graph, node));
  const uint32_t tensor_vector = write_tables(tensors);
  const uint32_t operator_vector = write_tables(operators);
  const uint32_t inputs = write_vector<TensorId>(graph.inputs);
  const uint32_t outputs = write_vector<TensorId>(graph.outputs);
  const uint32_t name = write_string(&graph == &model_.main() ? "main" : "");
  TableBuilder table(builder_);
  table.offset(0, tensor_vector).offset(1, inputs).offset(2, outputs).offset(3, operator_vector).offset(4, name);
  return table.finish();
}

// Tensor: shape, type, buffer, name, quantization, is_variable, sparsity, shape_signature, has_rank.
uint32_t Writer::write_tensor(const Tensor& tensor, const std::string& name) {
  std::vector<int32_t> dims(tensor.shape.dims().begin(), tensor.shape.dims().end());
  const uint32_t signature = tensor.shape.is_concrete() ? 0 : write_vector<int32_t>(dims);
  std::ranges::replace(dims, Shape::kFree, 1);
  const uint32_t shape = write_vector<int32_t>(dims);
  const uint32_t quantization = tensor.quantization ? write_quantization(*tensor.quantization) : 0;
  const uint32_t buffer = tensor.constant == kNoId ? 0 : buffer_of_constant_[tensor.constant];
  const uint32_t name_offset = write_string(name);
  TableBuilder table(builder_);
  table.offset(0, shape).scalar<uint32_t>(2, buffer, 0).offset(3, name_offset).offset(4, quantization);
  table.offset(7, signature).scalar(1, static_cast<int8_t>(tensor.type), int8_t{0}).scalar(8, uint8_t{1}, uint8_t{0});
  return table.finish();
}

// QuantizationParameters: min, max, scale, zero_point, details type and value, quantized_dimension.
uint32_t Writer::write_quantization(const Quantization& quantization) {
  for (const auto& [written, offset] : quantizations_) {
    if (*written == quantization) return offset;
  }
  const std::vector<int64_t> zero_points(quantization.zero_points.begin(), quantization.zero_points.end());
  const uint32_t scale_vector = write_vector<float>(quantization.scales);
  const uint32_t zero_point_vector = write_vector<int64_t>(zero_points);
  TableBuilder table(builder_);
  table.offset(2, scale_vector).offset(3, zero_point_vector);
  table.scalar<int32_t>(6, quantization.per_channel() ? quantization.axis : 0, 0);
  quantizations_.emplace_back(&quantization, table.finish());
  return quantizations_.back().second;
}

// Operator: opcode_index, inputs, outputs, builtin_options type and value.
uint32_t Writer::write_node(const Graph& graph, const Node& node) {
  const uint32_t code = operator_code(graph, node);
  const WrittenOptions options = write_options(node);
  const uint32_t inputs = write_vector<TensorId>(node.inputs);  // kNoId is -1, a left-out input
  const uint32_t outputs = write_vector<TensorId>(node.outputs);
  TableBuilder table(builder_);
  table.scalar<uint32_t>(0, code, 0).offset(1, inputs).offset(2, outputs).offset(4, options.offset);
  return table.scalar<uint8_t>(3, options.type, 0).finish();
}

// Equal options are stored once.
WrittenOptions Writer::write_options(const Node& node) {
  const ToolkitOperator& row = toolkit_operator(node.op);
  if (row.write == nullptr) return {};
  for (const auto& [written, options] : options_) {
    if (written->op == node.op && written->attributes == node.attributes) return options;
  }
  options_.emplace_back(&node, row.write(builder_, node));
  return options_.back().second;
}

uint32_t Writer::operator_code(const Graph& graph, const Node& node) {
  if (is_source_only(node.op)) {
    throw Error(
        StatusCode::kInvalidArgument,
        origin_of(graph, node) + ": " + std::string(any_operator(node.op).name) + " has no form in a .tflite file",
        "lower the model before it is written");
  }
  const ToolkitOperator& row = toolkit_operator(node.op);
  const std::pair code(runtime_operator(node.op).builtin_code, row.version == nullptr ? 1 : row.version(graph, node));
  const auto index = static_cast<uint32_t>(std::ranges::find(operator_codes_, code) - operator_codes_.begin());
  if (index == operator_codes_.size()) operator_codes_.push_back(code);
  return index;
}

// OperatorCode: deprecated_builtin_code (old readers; 127 for what does not fit), custom_code, version, builtin_code.
uint32_t Writer::write_operator_codes() {
  std::vector<uint32_t> tables;
  for (const auto& [code, version] : operator_codes_) {
    TableBuilder table(builder_);
    table.scalar<int32_t>(3, code, 0).scalar<int32_t>(2, version, 1);
    tables.push_back(table.scalar(0, static_cast<int8_t>(std::min(code, 127)), int8_t{0}).finish());
  }
  return write_tables(tables);
}

// SignatureDef: inputs, outputs, signature_key, (unused), subgraph_index.
uint32_t Writer::write_signature(const Signature& signature) {
  const uint32_t inputs = write_entries(signature.inputs);
  const uint32_t outputs = write_entries(signature.outputs);
  const uint32_t key = write_string(signature.key);
  TableBuilder table(builder_);
  table.offset(0, inputs).offset(1, outputs).offset(2, key).scalar<uint32_t>(4, signature.graph, 0);
  return table.finish();
}

// TensorMap: name, tensor_index.
uint32_t Writer::write_entries(const std::vector<Signature::Entry>& entries) {
  std::vector<uint32_t> maps;
  for (const Signature::Entry& entry : entries) {
    const uint32_t name = write_string(entry.name);
    maps.push_back(TableBuilder(builder_).offset(0, name).scalar<uint32_t>(1, entry.tensor, 0).finish());
  }
  return write_tables(maps);
}

uint32_t Writer::write_string(std::string_view text) {
  if (const auto it = strings_.find(text); it != strings_.end()) return it->second;
  const uint32_t offset = builder_.CreateString(text.data(), text.size()).o;
  strings_.emplace(text, offset);
  return offset;
}

template <typename T>
uint32_t Writer::write_vector(std::span<const T> values) {
  const std::span<const std::byte> bytes = std::as_bytes(values);
  std::pair key(sizeof(T), std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  if (const auto it = vectors_.find(key); it != vectors_.end()) return it->second;
  const uint32_t offset = builder_.CreateVector(values.data(), values.size()).o;
  vectors_.emplace(std::move(key), offset);
  return offset;
}

uint32_t Writer::write_tables(const std::vector<uint32_t>& tables) {
  const std::vector<flatbuffers::Offset<void>> offsets(tables.begin(), tables.end());
  return builder_.CreateVector(offsets).o;
}

}  // namespace

std::vector<uint8_t> write_tflite(const Model& model, const TfliteMetadata& metadata) {
  return Writer(model, metadata).write();
}

}  // namespace burin
