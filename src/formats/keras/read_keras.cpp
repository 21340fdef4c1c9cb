#include "formats/keras/read_keras.hpp"

#include "burin/error.hpp"
#include "formats/hdf5/hdf5_file.hpp"
#include "formats/keras/graph_builder.hpp"
#include "formats/keras/model_graph.hpp"
#include "formats/keras/weights.hpp"
#include "formats/zip/zip_reader.hpp"

namespace burin {

namespace {

constexpr const char* kConfig = "config.json";
constexpr const char* kWeights = "model.weights.h5";
constexpr const char* kMetadata = "metadata.json";

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// "2.15.0" -> true
bool is_keras2(std::string_view version) { return version.starts_with("2.") || version.starts_with("1."); }

Model build(const Json& config, std::unique_ptr<WeightStore> weights, bool keras2) {
  KerasModel::check_classes(config);
  const KerasModel model(config, "", std::move(weights), keras2);
  GraphBuilder graph;
  std::vector<TensorId> inputs;
  std::vector<Signature::Entry> input_entries;
  for (const KerasModel::Input& input : model.inputs()) {
    inputs.push_back(graph.add_input(input.name, input.type, input.shape));
    input_entries.push_back({input.name, inputs.back()});
  }
  const std::vector<TensorId> outputs = model.call(graph, inputs);
  std::vector<Signature::Entry> output_entries;
  for (size_t i = 0; i < outputs.size(); ++i) output_entries.push_back({model.output_names()[i], outputs[i]});
  return std::move(graph).finish(model.name(), std::move(input_entries), std::move(output_entries));
}

bool written_by_keras2(const ZipReader& zip) {
  if (!zip.contains(kMetadata)) return false;
  const ZipReader::Entry metadata = zip.read(kMetadata);
  const Json json = parse_json(text_of(metadata.bytes), kMetadata);
  const Json* version = find_member(json, "keras_version");
  return version != nullptr && version->is_string() && is_keras2(version->get<std::string>());
}

}  // namespace

Model read_keras(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive) {
  const ZipReader zip(bytes, std::move(keep_alive));
  for (const char* name : {kConfig, kWeights}) {
    if (zip.contains(name)) continue;
    throw Error(StatusCode::kInvalidModel, std::string("no Keras model: the zip archive has no ") + name,
                "Save the model with model.save(\"model.keras\") of Keras 3.");
  }
  const ZipReader::Entry config_entry = zip.read(kConfig);
  const Json config = parse_json(text_of(config_entry.bytes), kConfig);
  const ZipReader::Entry weights_entry = zip.read(kWeights);
  auto weights = std::make_shared<const Hdf5File>(weights_entry.bytes, weights_entry.keep_alive);
  return build(config, open_saved_weights(std::move(weights)), written_by_keras2(zip));
}

Model read_keras_h5(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive) {
  auto file = std::make_shared<const Hdf5File>(bytes, std::move(keep_alive));
  const auto root = file->root();
  if (!file->has_attribute(root, "model_config")) {
    throw Error(StatusCode::kInvalidModel, "the HDF5 file has no model_config: it holds weights without a model",
                "Save the whole model with model.save(\"model.keras\").");
  }
  std::string config_text;
  for (const std::string& part : file->string_attribute(root, "model_config")) config_text += part;
  const Json config = parse_json(config_text, "model_config");
  bool keras2 = false;
  if (file->has_attribute(root, "keras_version")) {
    const auto version = file->string_attribute(root, "keras_version");
    keras2 = !version.empty() && is_keras2(version[0]);
  }
  return build(config, open_h5_weights(std::move(file)), keras2);
}

}  // namespace burin
