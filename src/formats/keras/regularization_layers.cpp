// Layers that leave their input alone at inference: dropout, noise, augmentation.
#include <array>

#include "formats/keras/layer.hpp"

namespace burin {

namespace {

TensorId build_identity(const LayerCall& call) {
  return call.emit("", Op::kIdentity, {call.input()}, IdentityAttributes{call.config.class_name()});
}

// Keras crops in training only, and leaves every size as it is at inference: behind it, layers get another size than
// they were built for.
TensorId build_random_crop(const LayerCall& call) {
  call.expect_channels_last();
  call.expect_rank(4);
  const int32_t height = call.config.integer("height");
  const int32_t width = call.config.integer("width");
  if (call.input_shape()[1] != height || call.input_shape()[2] != width) {
    throw call.config.unsupported(
        "crops " + to_string(call.input_shape()) + " to " + std::to_string(height) + "x" + std::to_string(width) +
            " in training, and not at all at inference",
        "Build the model with a CenterCrop or Resizing layer instead, load the weights, save it again.");
  }
  return build_identity(call);
}

constexpr auto kRegularizationLayers = std::to_array<KerasLayer>({
    {"ActivityRegularization", 1, 1, build_identity},
    {"AlphaDropout", 1, 1, build_identity},
    {"AugMix", 1, 1, build_identity},
    {"CutMix", 1, 1, build_identity},
    {"Dropout", 1, 1, build_identity},
    {"GaussianDropout", 1, 1, build_identity},
    {"GaussianNoise", 1, 1, build_identity},
    {"Identity", 1, 1, build_identity},
    {"MixUp", 1, 1, build_identity},
    {"RandAugment", 1, 1, build_identity},
    {"RandomBrightness", 1, 1, build_identity},
    {"RandomColorDegeneration", 1, 1, build_identity},
    {"RandomColorJitter", 1, 1, build_identity},
    {"RandomContrast", 1, 1, build_identity},
    {"RandomCrop", 1, 1, build_random_crop},
    {"RandomElasticTransform", 1, 1, build_identity},
    {"RandomErasing", 1, 1, build_identity},
    {"RandomFlip", 1, 1, build_identity},
    {"RandomGaussianBlur", 1, 1, build_identity},
    {"RandomGrayscale", 1, 1, build_identity},
    {"RandomHue", 1, 1, build_identity},
    {"RandomInvert", 1, 1, build_identity},
    {"RandomPerspective", 1, 1, build_identity},
    {"RandomPosterization", 1, 1, build_identity},
    {"RandomRotation", 1, 1, build_identity},
    {"RandomSaturation", 1, 1, build_identity},
    {"RandomSharpness", 1, 1, build_identity},
    {"RandomShear", 1, 1, build_identity},
    {"RandomTranslation", 1, 1, build_identity},
    {"RandomZoom", 1, 1, build_identity},
    {"Solarization", 1, 1, build_identity},
    {"SpatialDropout1D", 1, 1, build_identity},
    {"SpatialDropout2D", 1, 1, build_identity},
    {"SpatialDropout3D", 1, 1, build_identity},
});

}  // namespace

std::span<const KerasLayer> regularization_layers() { return kRegularizationLayers; }

}  // namespace burin
