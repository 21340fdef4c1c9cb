// Where a layer's variables lie in the weights file, and reading them.
//
// `.keras` (Keras 3, keras/src/saving/saving_lib.py): a layer's variables are datasets "0", "1", ... of the group
// "<container>/<class in snake case>[_k]/vars", k counting layers of one class within their container; a nested model's
// layers lie in "<its group>/layers". `.h5`: a group per top-level layer with an attribute `weight_names`.
// Both keep the order in which a layer creates its variables.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "burin/tensor_types.hpp"
#include "formats/hdf5/hdf5_file.hpp"
#include "formats/keras/config_json.hpp"

namespace burin {

// float32 values: the file's own bytes (maybe unaligned), or converted ones.
struct WeightValues {
  Shape shape;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> keep_alive;
};

// The variables of one layer.
class LayerWeights {
 public:
  LayerWeights() = default;
  LayerWeights(std::shared_ptr<const Hdf5File> file, std::vector<Hdf5File::Object> datasets)
      : file_(std::move(file)), datasets_(std::move(datasets)) {}

  size_t size() const { return datasets_.size(); }
  // Throws when there is no such variable, or its shape is not `expected` (the layer's configuration asks for it).
  WeightValues read(const LayerConfig& layer, size_t index, std::string_view variable, const Shape& expected) const;
  // Of any shape.
  WeightValues read(const LayerConfig& layer, size_t index, std::string_view variable) const;

 private:
  std::shared_ptr<const Hdf5File> file_;
  std::vector<Hdf5File::Object> datasets_;
};

// Hands out the weights of a container's layers, in the container's order.
class WeightStore {
 public:
  virtual ~WeightStore() = default;
  // Layers are asked for once each, in the order of the configuration.
  virtual LayerWeights weights_of(const std::string& class_name, const LayerConfig& layer) = 0;
  // For a layer that is a model itself.
  virtual std::unique_ptr<WeightStore> nested(const std::string& class_name, const LayerConfig& layer) = 0;
};

// model.weights.h5 of a `.keras` file.
std::unique_ptr<WeightStore> open_saved_weights(std::shared_ptr<const Hdf5File> file);
// The group model_weights of a `.h5` file.
std::unique_ptr<WeightStore> open_h5_weights(std::shared_ptr<const Hdf5File> file);

// "DepthwiseConv2D" -> "depthwise_conv2d", as keras.src.utils.naming.to_snake_case.
std::string to_snake_case(std::string_view class_name);

}  // namespace burin
