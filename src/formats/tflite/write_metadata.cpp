#include "formats/tflite/write_metadata.hpp"

#include "formats/flatbuffer/table_builder.hpp"

namespace burin {

namespace {

using Builder = flatbuffers::FlatBufferBuilder;

uint32_t write_string(Builder& builder, const std::string& text) {
  return text.empty() ? 0 : builder.CreateString(text).o;
}

uint32_t write_tables(Builder& builder, const std::vector<uint32_t>& tables) {
  std::vector<flatbuffers::Offset<void>> offsets(tables.begin(), tables.end());
  return tables.empty() ? 0 : builder.CreateVector(offsets).o;
}

// Content: content_properties type and value. ImageProperties (2): color_space RGB (1).
uint32_t write_image_content(Builder& builder) {
  const uint32_t properties = TableBuilder(builder).scalar(0, int8_t{1}, int8_t{0}).finish();
  return TableBuilder(builder).scalar(0, uint8_t{2}, uint8_t{0}).offset(1, properties).finish();
}

// ProcessUnit: options type and value. NormalizationOptions (1): mean, std.
uint32_t write_normalization(Builder& builder, const TfliteMetadata::Normalization& normalization) {
  const uint32_t mean = builder.CreateVector(normalization.mean).o;
  const uint32_t std = builder.CreateVector(normalization.std).o;
  const uint32_t options = TableBuilder(builder).offset(0, mean).offset(1, std).finish();
  return TableBuilder(builder).scalar(0, uint8_t{1}, uint8_t{0}).offset(1, options).finish();
}

// AssociatedFile: name, description, type TENSOR_AXIS_LABELS (2).
uint32_t write_labels_reference(Builder& builder) {
  const uint32_t name = builder.CreateString(kLabelsFile).o;
  const uint32_t description = builder.CreateString("Class names in output order.").o;
  TableBuilder table(builder);
  return table.offset(0, name).offset(1, description).scalar(2, int8_t{2}, int8_t{0}).finish();
}

// TensorMetadata: name, description, dimension_names, content, process_units, stats, associated_files.
std::vector<uint32_t> write_inputs(Builder& builder, const TfliteMetadata& metadata, const Signature& signature) {
  std::vector<uint32_t> tensors;
  const bool image = metadata.normalization.has_value() && signature.inputs.size() == 1;
  for (const Signature::Entry& entry : signature.inputs) {
    const uint32_t name = write_string(builder, entry.name);
    const uint32_t content = image ? write_image_content(builder) : 0;
    const uint32_t units = image ? write_tables(builder, {write_normalization(builder, *metadata.normalization)}) : 0;
    tensors.push_back(TableBuilder(builder).offset(0, name).offset(3, content).offset(4, units).finish());
  }
  return tensors;
}

std::vector<uint32_t> write_outputs(Builder& builder, const TfliteMetadata& metadata, const Signature& signature) {
  std::vector<uint32_t> tensors;
  for (const Signature::Entry& entry : signature.outputs) {
    const uint32_t name = write_string(builder, entry.name);
    const bool labelled = !metadata.labels.empty() && tensors.empty();
    const uint32_t files = labelled ? write_tables(builder, {write_labels_reference(builder)}) : 0;
    tensors.push_back(TableBuilder(builder).offset(0, name).offset(6, files).finish());
  }
  return tensors;
}

}  // namespace

bool is_empty(const TfliteMetadata& metadata) {
  return metadata.name.empty() && metadata.description.empty() && !metadata.normalization && metadata.labels.empty();
}

// ModelMetadata: name, description, version, subgraph_metadata, author, license, associated_files, min_parser_version.
// SubGraphMetadata: name, description, input_tensor_metadata, output_tensor_metadata.
std::vector<uint8_t> write_metadata(const TfliteMetadata& metadata, const Signature& signature) {
  Builder builder;
  const uint32_t inputs = write_tables(builder, write_inputs(builder, metadata, signature));
  const uint32_t outputs = write_tables(builder, write_outputs(builder, metadata, signature));
  const uint32_t graph = TableBuilder(builder).offset(2, inputs).offset(3, outputs).finish();
  const uint32_t graphs = write_tables(builder, {graph});
  const uint32_t name = write_string(builder, metadata.name);
  const uint32_t description = write_string(builder, metadata.description);
  const uint32_t min_parser_version = builder.CreateString("1.0.0").o;
  TableBuilder table(builder);
  table.offset(0, name).offset(1, description).offset(3, graphs).offset(7, min_parser_version);
  builder.Finish(flatbuffers::Offset<void>(table.finish()), "M001");
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

std::string labels_file(const TfliteMetadata& metadata) {
  std::string text;
  for (const std::string& label : metadata.labels) text += label + '\n';
  return text;
}

}  // namespace burin
