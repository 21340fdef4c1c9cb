#include "formats/keras/layer.hpp"

#include <algorithm>

#include "formats/keras/read_keras.hpp"

namespace burin {

namespace {

constexpr auto kFamilies = {activation_layers,    arithmetic_operations, convolution_layers,
                            core_layers,          image_layers,          merge_layers,
                            normalization_layers, pooling_layers,        regularization_layers};

}  // namespace

int32_t LayerCall::fixed_size(int axis) const {
  const int32_t size = input_shape()[axis];
  if (size == Shape::kFree) {
    throw config.unsupported("dimension " + std::to_string(axis) + " of its input has no fixed size",
                             "Give the model's Input a fixed shape.");
  }
  return size;
}

void LayerCall::expect_rank(int expected) const {
  if (rank() != expected) {
    throw config.invalid("its input has shape " + to_string(input_shape()) + ", it takes " + std::to_string(expected) +
                         " dimensions");
  }
}

void LayerCall::expect_channels_last() const {
  if (config.text("data_format", "channels_last") != "channels_last") {
    throw config.unsupported("data_format=\"channels_first\" is not supported",
                             "Build the model with data_format=\"channels_last\" and load its weights.");
  }
}

const KerasLayer* find_keras_layer(std::string_view class_name) {
  for (const auto family : kFamilies) {
    const auto layers = family();
    const auto found = std::ranges::find(layers, class_name, &KerasLayer::class_name);
    if (found != layers.end()) return &*found;
  }
  return nullptr;
}

std::vector<std::string_view> keras_layers() {
  std::vector<std::string_view> names = {"Functional", "InputLayer", "Sequential"};
  for (const auto family : kFamilies) {
    for (const KerasLayer& layer : family()) names.push_back(layer.class_name);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace burin
