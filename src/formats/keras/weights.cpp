#include "formats/keras/weights.hpp"

#include <algorithm>
#include <cstring>

#include "ops/requantize.hpp"

namespace burin {

namespace {

Shape shape_of(const Hdf5Data& data, const LayerConfig& layer, std::string_view variable) {
  Shape shape;
  for (const uint64_t dim : data.shape) {
    if (shape.rank() == Shape::kMaxRank || dim > INT32_MAX) {
      throw layer.invalid(std::string(variable) + " has too many dimensions or elements");
    }
    shape.append(static_cast<int32_t>(dim));
  }
  return shape;
}

template <typename T, typename Convert>
WeightValues converted(const Hdf5Data& data, const Shape& shape, Convert convert) {
  auto values = std::make_shared<std::vector<float>>(data.bytes.size() / sizeof(T));
  for (size_t i = 0; i < values->size(); ++i) {
    T element;
    std::memcpy(&element, data.bytes.data() + i * sizeof(T), sizeof(T));
    (*values)[i] = convert(element);
  }
  return {shape, std::as_bytes(std::span(*values)), values};
}

float bfloat16_to_float(uint16_t value) {
  const uint32_t bits = uint32_t{value} << 16;
  float result;
  std::memcpy(&result, &bits, sizeof(result));
  return result;
}

WeightValues as_float32(const Hdf5Data& data, const Shape& shape, const LayerConfig& layer, std::string_view variable) {
  if (data.type.type_class == Hdf5TypeClass::kFloat) {
    if (data.type.size == 4) return {shape, data.bytes, data.keep_alive};
    if (data.type.size == 2) return converted<uint16_t>(data, shape, half_to_float);
    return converted<double>(data, shape, [](double value) { return static_cast<float>(value); });
  }
  // Keras stores bfloat16, which HDF5 has no name for, as two opaque bytes.
  if (data.type.type_class == Hdf5TypeClass::kOpaque && data.type.size == 2) {
    return converted<uint16_t>(data, shape, bfloat16_to_float);
  }
  throw layer.unsupported(std::string(variable) + " has type " + to_string(data.type) + " in the weights file",
                          "Save the model with floating-point weights.");
}

}  // namespace

WeightValues LayerWeights::read(const LayerConfig& layer, size_t index, std::string_view variable,
                                const Shape& expected) const {
  if (index < datasets_.size()) {
    const Shape shape = shape_of(file_->describe(datasets_[index]), layer, variable);
    if (!(shape == expected)) {
      throw layer.invalid(std::string(variable) + " has shape " + to_string(shape) +
                          " in the weights file, the configuration asks for " + to_string(expected));
    }
  }
  return read(layer, index, variable);
}

WeightValues LayerWeights::read(const LayerConfig& layer, size_t index, std::string_view variable) const {
  if (index >= datasets_.size()) {
    throw layer.invalid(datasets_.empty()
                            ? "the weights file has nothing for this layer (" + std::string(variable) + ")"
                            : "the weights file has no " + std::string(variable) + " for this layer");
  }
  try {
    const Hdf5Data data = file_->read(datasets_[index]);
    return as_float32(data, shape_of(data, layer, variable), layer, variable);
  } catch (const Error& error) {
    if (error.status().message().starts_with(layer.path())) throw;
    throw Error(error.status().at(layer.path() + "/" + std::string(variable)));
  }
}

std::string to_snake_case(std::string_view class_name) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  std::string name;
  for (const char c : class_name) {
    if (is_upper(c) || is_lower(c) || (c >= '0' && c <= '9') || c == '_') name += c;
  }
  // re.sub("(.)([A-Z][a-z]+)", r"\1_\2"): matches do not overlap, each takes a whole word.
  std::string words;
  for (size_t i = 0; i < name.size();) {
    if (i + 2 < name.size() && is_upper(name[i + 1]) && is_lower(name[i + 2])) {
      words += name[i];
      words += '_';
      words += name[i + 1];
      for (i += 2; i < name.size() && is_lower(name[i]); ++i) words += name[i];
    } else {
      words += name[i++];
    }
  }
  // re.sub("([a-z])([A-Z])", r"\1_\2").lower()
  std::string result;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0 && is_lower(words[i - 1]) && is_upper(words[i])) result += '_';
    result += is_upper(words[i]) ? static_cast<char>(words[i] - 'A' + 'a') : words[i];
  }
  return result;
}

namespace {

class SavedWeights : public WeightStore {
 public:
  // `layers` is the group of the container's layers; absent: nothing was saved for it.
  SavedWeights(std::shared_ptr<const Hdf5File> file, std::optional<Hdf5File::Object> layers)
      : file_(std::move(file)), layers_(layers) {}

  LayerWeights weights_of(const std::string& class_name, const LayerConfig& layer) override {
    const auto group = group_of(class_name);
    const auto variables = group ? file_->find(*group, "vars") : std::nullopt;
    if (!variables) return {};
    // Keras 3 notes the layer's name there.
    if (file_->has_attribute(*variables, "name")) {
      const auto names = file_->string_attribute(*variables, "name");
      if (names.size() == 1 && names[0] != layer.name()) {
        throw layer.invalid("the weights in its place belong to layer " + names[0]);
      }
    }
    std::vector<Hdf5File::Object> datasets;
    for (size_t i = 0; const auto dataset = file_->find(*variables, std::to_string(i)); ++i) {
      datasets.push_back(*dataset);
    }
    return {file_, std::move(datasets)};
  }

  std::unique_ptr<WeightStore> nested(const std::string& class_name, const LayerConfig&) override {
    const auto group = group_of(class_name);
    return std::make_unique<SavedWeights>(file_, group ? layers_group(*file_, *group) : std::nullopt);
  }

  static std::optional<Hdf5File::Object> layers_group(const Hdf5File& file, Hdf5File::Object container) {
    // The second is the name in files of TensorFlow 2.13.
    for (const char* name : {"layers", "_layer_checkpoint_dependencies"}) {
      if (const auto group = file.find(container, name)) return group;
    }
    return std::nullopt;
  }

 private:
  std::optional<Hdf5File::Object> group_of(const std::string& class_name) {
    std::string name = to_snake_case(class_name);
    const int number = counts_[name]++;
    if (number > 0) name += "_" + std::to_string(number);
    return layers_ ? file_->find(*layers_, name) : std::nullopt;
  }

  std::shared_ptr<const Hdf5File> file_;
  std::optional<Hdf5File::Object> layers_;
  std::unordered_map<std::string, int> counts_;
};

// Keras splits lists that do not fit into one attribute: name0, name1, ...
std::vector<std::string> split_attribute(const Hdf5File& file, Hdf5File::Object object, const std::string& name) {
  if (file.has_attribute(object, name)) return file.string_attribute(object, name);
  std::vector<std::string> all;
  for (size_t i = 0; file.has_attribute(object, name + std::to_string(i)); ++i) {
    const auto part = file.string_attribute(object, name + std::to_string(i));
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

struct NamedDataset {
  std::string layer;  // the part of the variable's path before its name
  Hdf5File::Object dataset;
};

// The layers of a model inside a top-level layer: their variables share one list, trainable ones first, and are told
// apart by the path in their names ("Conv1/kernel", "block/Conv1/kernel:0").
class NestedH5Weights : public WeightStore {
 public:
  NestedH5Weights(std::shared_ptr<const Hdf5File> file, std::shared_ptr<const std::vector<NamedDataset>> datasets)
      : file_(std::move(file)), datasets_(std::move(datasets)) {}

  LayerWeights weights_of(const std::string&, const LayerConfig& layer) override {
    std::vector<Hdf5File::Object> found;
    for (const NamedDataset& dataset : *datasets_) {
      if (dataset.layer == layer.name()) found.push_back(dataset.dataset);
    }
    return {file_, std::move(found)};
  }
  std::unique_ptr<WeightStore> nested(const std::string&, const LayerConfig&) override {
    return std::make_unique<NestedH5Weights>(file_, datasets_);
  }

 private:
  std::shared_ptr<const Hdf5File> file_;
  std::shared_ptr<const std::vector<NamedDataset>> datasets_;
};

class H5Weights : public WeightStore {
 public:
  explicit H5Weights(std::shared_ptr<const Hdf5File> file) : file_(std::move(file)) {
    root_ = file_->find(file_->root(), "model_weights");
  }

  LayerWeights weights_of(const std::string&, const LayerConfig& layer) override {
    std::vector<Hdf5File::Object> datasets;
    for (const NamedDataset& dataset : datasets_of(layer)) datasets.push_back(dataset.dataset);
    return {file_, std::move(datasets)};
  }
  std::unique_ptr<WeightStore> nested(const std::string&, const LayerConfig& layer) override {
    return std::make_unique<NestedH5Weights>(file_,
                                             std::make_shared<const std::vector<NamedDataset>>(datasets_of(layer)));
  }

 private:
  std::vector<NamedDataset> datasets_of(const LayerConfig& layer) const {
    const auto group = root_ ? file_->find(*root_, layer.name()) : std::nullopt;
    std::vector<NamedDataset> datasets;
    if (!group) return datasets;
    for (const std::string& name : split_attribute(*file_, *group, "weight_names")) {
      const auto dataset = file_->find(*group, name);
      if (!dataset) throw layer.invalid("the weights file has no " + name);
      const std::string parent = name.substr(0, std::min(name.rfind('/'), name.size()));
      datasets.push_back({parent.substr(parent.rfind('/') + 1), *dataset});
    }
    return datasets;
  }

  std::shared_ptr<const Hdf5File> file_;
  std::optional<Hdf5File::Object> root_;
};

}  // namespace

std::unique_ptr<WeightStore> open_saved_weights(std::shared_ptr<const Hdf5File> file) {
  const auto layers = SavedWeights::layers_group(*file, file->root());
  return std::make_unique<SavedWeights>(std::move(file), layers);
}

std::unique_ptr<WeightStore> open_h5_weights(std::shared_ptr<const Hdf5File> file) {
  return std::make_unique<H5Weights>(std::move(file));
}

}  // namespace burin
