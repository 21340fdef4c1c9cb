// How a Keras layer becomes nodes: a table of classes, one table per family of layers.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "formats/keras/config_json.hpp"
#include "formats/keras/graph_builder.hpp"
#include "formats/keras/weights.hpp"

namespace burin {

// One call of a layer.
struct LayerCall {
  const LayerConfig& config;
  const LayerWeights& weights;
  // The tensors of its arguments, lists flattened; of a function of keras.ops also its numbers, as scalars.
  std::span<const TensorId> inputs;
  GraphBuilder& graph;

  const std::string& path() const { return config.path(); }
  TensorId input() const { return inputs[0]; }
  const Shape& input_shape() const { return graph.shape(inputs[0]); }
  int rank() const { return graph.rank(inputs[0]); }
  TensorId emit(std::string_view part, Op op, std::vector<TensorId> from,
                Attributes attributes = NoAttributes{}) const {
    return graph.emit(config.path(), part, op, std::move(from), std::move(attributes));
  }
  // The size of dimension `axis` of the input; throws when it is free.
  int32_t fixed_size(int axis) const;
  // Throws unless the input has `rank` dimensions.
  void expect_rank(int rank) const;
  // Throws for data_format="channels_first".
  void expect_channels_last() const;
};

struct KerasLayer {
  std::string_view class_name;
  // Inputs that the class takes; a layer with another number of arguments is refused before build() is called.
  int min_inputs;
  int max_inputs;
  TensorId (*build)(const LayerCall& call);
};

inline constexpr int kManyInputs = 255;

// The families: activation_layers.cpp, convolution_layers.cpp, ...
std::span<const KerasLayer> activation_layers();
std::span<const KerasLayer> arithmetic_operations();
std::span<const KerasLayer> convolution_layers();
std::span<const KerasLayer> core_layers();
std::span<const KerasLayer> image_layers();
std::span<const KerasLayer> merge_layers();
std::span<const KerasLayer> normalization_layers();
std::span<const KerasLayer> pooling_layers();
std::span<const KerasLayer> regularization_layers();

// Null: unknown.
const KerasLayer* find_keras_layer(std::string_view class_name);

// Applies the activation of `config[key]` (a name, or an activation layer's serialized form) to `tensor`.
TensorId apply_activation(const LayerCall& call, std::string_view key, TensorId tensor);

}  // namespace burin
