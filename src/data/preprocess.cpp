#include "data/preprocess.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "burin/error.hpp"

namespace burin {
namespace {

constexpr std::array<std::string_view, 5> kPreprocessNames{"auto", "none", "tf", "torch", "caffe"};

constexpr std::string_view kRecord = "Pictures: preprocess ";

constexpr std::array<float, 3> kTorchMean{0.485f, 0.456f, 0.406f};
constexpr std::array<float, 3> kTorchStd{0.229f, 0.224f, 0.225f};
constexpr std::array<float, 3> kCaffeMeanBgr{103.939f, 116.779f, 123.68f};

// keras.applications model names, longest first where one begins like another, with the mode of their
// preprocess_input. Models that rescale inside themselves take pixels.
constexpr std::array<std::pair<std::string_view, Preprocess>, 25> kApplications{{
    {"mobilenetv2", Preprocess::kTf},
    {"mobilenet", Preprocess::kTf},
    {"xception", Preprocess::kTf},
    {"inception_v3", Preprocess::kTf},
    {"inception_resnet_v2", Preprocess::kTf},
    {"nasnet", Preprocess::kTf},
    {"NASNet", Preprocess::kTf},
    {"resnet50v2", Preprocess::kTf},
    {"resnet101v2", Preprocess::kTf},
    {"resnet152v2", Preprocess::kTf},
    {"resnet50", Preprocess::kCaffe},
    {"resnet101", Preprocess::kCaffe},
    {"resnet152", Preprocess::kCaffe},
    {"vgg16", Preprocess::kCaffe},
    {"vgg19", Preprocess::kCaffe},
    {"densenet121", Preprocess::kTorch},
    {"densenet169", Preprocess::kTorch},
    {"densenet201", Preprocess::kTorch},
    {"MobileNetV3Small", Preprocess::kNone},
    {"MobileNetV3Large", Preprocess::kNone},
    {"efficientnetb", Preprocess::kNone},
    {"efficientnetv2", Preprocess::kNone},
    {"convnext", Preprocess::kNone},
    {"regnetx", Preprocess::kNone},
    {"regnety", Preprocess::kNone},
}};

// These names are followed by a letter or a number that belongs to them (efficientnetb0, regnetx002).
constexpr std::array<std::string_view, 4> kOpenNames{"efficientnetb", "efficientnetv2", "regnetx", "regnety"};

std::optional<Preprocess> mode_of_application(std::string_view model_name) {
  for (const auto& [application, mode] : kApplications) {
    if (!model_name.starts_with(application)) continue;
    const std::string_view rest = model_name.substr(application.size());
    const bool open = std::find(kOpenNames.begin(), kOpenNames.end(), application) != kOpenNames.end();
    if (open || rest.empty() || rest.front() == '_') return mode;
  }
  return std::nullopt;
}

bool has_weights(Op op) { return op == Op::kConv2d || op == Op::kDepthwiseConv2d || op == Op::kFullyConnected; }

bool is_constant(const Graph& graph, TensorId tensor) {
  return tensor != kNoId && graph.tensors[tensor].constant != kNoId;
}

bool is_pixel_quantization(const Tensor& tensor) {
  if (!tensor.quantization || tensor.quantization->per_channel() || tensor.quantization->scales.size() != 1) {
    return false;
  }
  const int zero = tensor.type == ElementType::kInt8 ? -128 : 0;
  return (tensor.type == ElementType::kInt8 || tensor.type == ElementType::kUInt8) &&
         tensor.quantization->scales[0] == 1.0f && tensor.quantization->zero_points[0] == zero;
}

// The nodes before the first layer with weights, that layer excluded.
std::span<const Node> leading_nodes(const Graph& graph) {
  const auto first =
      std::find_if(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) { return has_weights(node.op); });
  return {graph.nodes.begin(), first};
}

// Rescaling as it looks at either level: RESCALING, a product with a constant, or padding by the pixel that the
// folded Rescaling maps to zero.
bool takes_pixels(const Model& model) {
  const Graph& graph = model.main();
  for (const TensorId input : graph.inputs) {
    if (is_pixel_quantization(graph.tensors[input])) return true;
  }
  for (const Node& node : leading_nodes(graph)) {
    if (node.op == Op::kRescaling) return true;
    if (node.op == Op::kMul && node.inputs.size() == 2 &&
        (is_constant(graph, node.inputs[0]) || is_constant(graph, node.inputs[1]))) {
      return true;
    }
    if (node.op == Op::kQuantize && is_pixel_quantization(graph.tensors[node.outputs[0]])) return true;
    if (node.op == Op::kPadV2 && node.inputs.size() == 3 && is_constant(graph, node.inputs[2])) {
      const Tensor& value = graph.tensors[node.inputs[2]];
      if (value.type == ElementType::kFloat32) {
        const auto values = model.constant_values<float>(value.constant);
        if (!values.empty() && values[0] > 1.0f && values[0] < 255.0f) return true;
      }
    }
  }
  return false;
}

}  // namespace

std::string_view name(Preprocess preprocess) { return kPreprocessNames[static_cast<size_t>(preprocess)]; }

std::optional<Preprocess> parse_preprocess(std::string_view text) {
  const auto found = std::find(kPreprocessNames.begin(), kPreprocessNames.end(), text);
  if (found == kPreprocessNames.end()) return std::nullopt;
  return static_cast<Preprocess>(found - kPreprocessNames.begin());
}

std::string preprocess_record(Preprocess preprocess, std::string_view resize) {
  return std::string(kRecord) + std::string(name(preprocess)) + ", resize " + std::string(resize);
}

std::optional<Preprocess> preprocess_of(const Model& model) {
  if (model.description.starts_with(kRecord)) {
    const std::string_view rest = std::string_view(model.description).substr(kRecord.size());
    if (const auto recorded = parse_preprocess(rest.substr(0, rest.find(',')))) return recorded;
  }
  if (takes_pixels(model)) return Preprocess::kNone;
  if (const auto mode = mode_of_application(model.name)) return mode;
  for (const Node& node : model.main().nodes) {
    if (!has_weights(node.op)) continue;
    const std::string& origin = origin_of(model.main(), node);
    const size_t slash = origin.find('/');
    return slash == std::string::npos ? std::nullopt : mode_of_application(origin.substr(0, slash));
  }
  return std::nullopt;
}

Preprocess resolve_preprocess(Preprocess asked, const Model& model) {
  if (asked != Preprocess::kAuto) return asked;
  if (const auto known = preprocess_of(model)) return *known;
  throw Error(StatusCode::kInvalidArgument,
              "the model does not say how its pictures are preprocessed (no Rescaling layer, no known application)",
              "give --preprocess none (pixels 0..255), tf (-1..1), torch or caffe, as the model was trained");
}

void apply_preprocess(Preprocess preprocess, std::span<float> values, int channels) {
  const auto count = static_cast<size_t>(channels);
  switch (preprocess) {
    case Preprocess::kAuto:
    case Preprocess::kNone:
      return;
    case Preprocess::kTf:
      for (float& value : values) value = value / 127.5f - 1.0f;
      return;
    case Preprocess::kTorch:
      for (size_t i = 0; i < values.size(); ++i) {
        const size_t channel = i % count;
        values[i] = (values[i] / 255.0f - kTorchMean[channel]) / kTorchStd[channel];
      }
      return;
    case Preprocess::kCaffe:
      for (size_t i = 0; i + count <= values.size(); i += count) {
        if (count == 3) std::swap(values[i], values[i + 2]);
        for (size_t channel = 0; channel < count; ++channel) values[i + channel] -= kCaffeMeanBgr[channel];
      }
      return;
  }
}

std::optional<TfliteMetadata::Normalization> normalization_of(Preprocess preprocess, int channels) {
  TfliteMetadata::Normalization normalization;
  const auto count = static_cast<size_t>(channels);
  switch (preprocess) {
    case Preprocess::kAuto:
    case Preprocess::kCaffe:  // the metadata cannot say BGR
      return std::nullopt;
    case Preprocess::kNone:
      return TfliteMetadata::Normalization{{0.0f}, {1.0f}};
    case Preprocess::kTf:
      return TfliteMetadata::Normalization{{127.5f}, {127.5f}};
    case Preprocess::kTorch:
      for (size_t channel = 0; channel < count; ++channel) {
        normalization.mean.push_back(kTorchMean[channel] * 255.0f);
        normalization.std.push_back(kTorchStd[channel] * 255.0f);
      }
      return normalization;
  }
  return std::nullopt;
}

ValueRange input_range(const Model& model) {
  for (const Node& node : leading_nodes(model.main())) {
    if (node.op != Op::kRescaling) continue;
    const auto& rescaling = get<RescalingAttributes>(node.attributes);
    if (rescaling.scale.empty() || rescaling.offset.empty() || rescaling.scale[0] == 0.0f) continue;
    const float low = rescaling.offset[0] < 0.0f ? -1.0f : 0.0f;
    const float a = (low - rescaling.offset[0]) / rescaling.scale[0];
    const float b = (1.0f - rescaling.offset[0]) / rescaling.scale[0];
    return {std::min(a, b), std::max(a, b)};
  }
  if (takes_pixels(model)) return {0.0f, 255.0f};
  return {};
}

}  // namespace burin
