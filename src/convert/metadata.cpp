#include "convert/metadata.hpp"

#include <algorithm>

namespace burin {
namespace {

// Scores of the first output for one sample; 0 where there is none or its sizes are free.
size_t output_count(const Model& model) {
  const Graph& graph = model.main();
  if (graph.outputs.empty()) return 0;
  Shape shape = graph.tensors[graph.outputs[0]].shape;
  if (shape.rank() > 0) shape[0] = 1;
  return static_cast<size_t>(std::max<int64_t>(shape.elements(), 0));
}

// Channels of a picture input; 0 where the model takes none.
int picture_channels(const Model& model) {
  const Graph& graph = model.main();
  if (graph.inputs.size() != 1) return 0;
  const Shape& shape = graph.tensors[graph.inputs[0]].shape;
  return shape.rank() == 4 && (shape.back() == 1 || shape.back() == 3) ? shape.back() : 0;
}

}  // namespace

std::vector<std::string> choose_labels(const Model& model, const std::string& labels_file, const Dataset& data) {
  const size_t outputs = output_count(model);
  if (!labels_file.empty()) return read_labels(labels_file, outputs);
  if (!data.classes.empty() && data.classes.size() == outputs) return data.classes;
  return model.labels;
}

TfliteMetadata make_metadata(const Model& model, std::optional<Preprocess> preprocess, Resize resize,
                             std::vector<std::string> labels) {
  TfliteMetadata metadata;
  metadata.name = model.name;
  metadata.description = model.description;
  metadata.labels = std::move(labels);
  const int channels = picture_channels(model);
  if (channels > 0 && preprocess && *preprocess != Preprocess::kAuto) {
    metadata.description = preprocess_record(*preprocess, name(resize));
    metadata.normalization = normalization_of(*preprocess, channels);
  }
  return metadata;
}

}  // namespace burin
