// Convolutions and Dense: layers with a kernel. Kernels are brought into TFLite's layout here, once.
#include <array>
#include <cstring>

#include "formats/keras/kernel_layout.hpp"
#include "formats/keras/layer.hpp"

namespace burin {

namespace {

// What the 1D layers do around a 2D operator: a dimension of size 1 before the length.
TensorId add_height(const LayerCall& call) {
  return call.emit("with_height", Op::kExpandDims,
                   {call.input(), call.graph.constant(call.path(), "height_axis", std::vector<int32_t>{1})});
}

struct Window {
  int32_t stride_h, stride_w;
  int32_t dilation_h, dilation_w;
  int32_t kernel_h, kernel_w;
  Padding padding;
};

// The window of a layer with `spatial` (1 or 2) dimensions.
Window read_window(const LayerConfig& config, size_t spatial) {
  std::vector<int32_t> kernel = config.sizes("kernel_size", spatial, 0);
  std::vector<int32_t> strides = config.sizes("strides", spatial, 1);
  std::vector<int32_t> dilation = config.sizes("dilation_rate", spatial, 1);
  if (kernel[0] == 0) throw config.invalid("its configuration has no kernel_size");
  if (spatial == 1) {
    for (auto* sizes : {&kernel, &strides, &dilation}) sizes->insert(sizes->begin(), 1);
  }
  const std::string padding = config.text("padding", "valid");
  if (padding != "valid" && padding != "same" && !(padding == "causal" && spatial == 1)) {
    throw config.unsupported_value("padding");
  }
  return {strides[0],
          strides[1],
          dilation[0],
          dilation[1],
          kernel[0],
          kernel[1],
          padding == "same" ? Padding::kSame : Padding::kValid};
}

// padding="causal": zeros before the first element, so that no output sees later inputs.
TensorId pad_causally(const LayerCall& call, const Window& window, TensorId x) {
  if (call.config.text("padding", "valid") != "causal") return x;
  const int32_t before = (window.kernel_w - 1) * window.dilation_w;
  return call.emit("padded", Op::kPad, {x, call.graph.paddings(call.path(), {0, 0, 0, 0, before, 0, 0, 0})});
}

int32_t channels_of(const LayerCall& call) { return call.fixed_size(call.rank() - 1); }

void add_bias(const LayerCall& call, size_t index, int32_t channels, std::vector<TensorId>& inputs) {
  if (!call.config.boolean("use_bias", true)) return;
  inputs.push_back(
      call.graph.constant(call.path(), "bias", call.weights.read(call.config, index, "bias", Shape{channels})));
}

// Removes the height of 1D layers again.
TensorId finish(const LayerCall& call, size_t spatial, TensorId x) {
  if (spatial == 1) x = call.emit("without_height", Op::kSqueeze, {x}, SqueezeAttributes{{1}});
  return apply_activation(call, "activation", x);
}

template <size_t spatial>
TensorId build_convolution(const LayerCall& call) {
  const LayerConfig& config = call.config;
  call.expect_channels_last();
  call.expect_rank(static_cast<int>(spatial) + 2);
  const Window window = read_window(config, spatial);
  const int32_t filters = config.integer("filters");
  const int32_t groups = config.integer("groups", 1);
  const int32_t channels = channels_of(call);
  if (groups < 1 || channels % groups != 0 || filters % groups != 0) throw config.unsupported_value("groups");
  const Shape stored = spatial == 1 ? Shape{window.kernel_w, channels / groups, filters}
                                    : Shape{window.kernel_h, window.kernel_w, channels / groups, filters};
  const WeightValues kernel = output_first(call.weights.read(config, 0, "kernel", stored),
                                           {filters, window.kernel_h, window.kernel_w, channels / groups});
  TensorId x = spatial == 1 ? add_height(call) : call.input();
  x = pad_causally(call, window, x);
  std::vector<TensorId> inputs = {x, call.graph.constant(call.path(), "kernel", kernel)};
  add_bias(call, 1, filters, inputs);
  x = call.emit(spatial == 1 ? "convolution" : "", Op::kConv2d, inputs,
                Conv2dAttributes{window.padding, window.stride_h, window.stride_w, window.dilation_h, window.dilation_w,
                                 FusedActivation::kNone});
  return finish(call, spatial, x);
}

// The depthwise part: kernel variable 0 of shape (h, w, channels, multiplier), which is TFLite's layout already.
template <size_t spatial>
TensorId depthwise(const LayerCall& call, std::string_view part, std::string_view variable, TensorId x,
                   const Window& window, bool with_bias) {
  const LayerConfig& config = call.config;
  const int32_t channels = channels_of(call);
  const int32_t multiplier = config.integer("depth_multiplier", 1);
  if (multiplier < 1 || channels > INT32_MAX / multiplier) throw config.unsupported_value("depth_multiplier");
  const Shape stored = spatial == 1 ? Shape{window.kernel_w, channels, multiplier}
                                    : Shape{window.kernel_h, window.kernel_w, channels, multiplier};
  WeightValues kernel = call.weights.read(config, 0, variable, stored);
  kernel.shape = {1, window.kernel_h, window.kernel_w, channels * multiplier};
  std::vector<TensorId> inputs = {x, call.graph.constant(call.path(), variable, kernel)};
  if (with_bias) add_bias(call, 1, channels * multiplier, inputs);
  return call.emit(part, Op::kDepthwiseConv2d, inputs,
                   DepthwiseConv2dAttributes{window.padding, window.stride_h, window.stride_w, window.dilation_h,
                                             window.dilation_w, multiplier, FusedActivation::kNone});
}

template <size_t spatial>
TensorId build_depthwise(const LayerCall& call) {
  call.expect_channels_last();
  call.expect_rank(static_cast<int>(spatial) + 2);
  const Window window = read_window(call.config, spatial);
  TensorId x = spatial == 1 ? add_height(call) : call.input();
  x = pad_causally(call, window, x);
  x = depthwise<spatial>(call, spatial == 1 ? "convolution" : "", "kernel", x, window, true);
  return finish(call, spatial, x);
}

template <size_t spatial>
TensorId build_separable(const LayerCall& call) {
  const LayerConfig& config = call.config;
  call.expect_channels_last();
  call.expect_rank(static_cast<int>(spatial) + 2);
  const Window window = read_window(config, spatial);
  TensorId x = spatial == 1 ? add_height(call) : call.input();
  x = pad_causally(call, window, x);
  x = depthwise<spatial>(call, "depthwise", "depthwise_kernel", x, window, false);
  const int32_t filters = config.integer("filters");
  const int32_t middle = call.graph.shape(x).back();
  const Shape stored = spatial == 1 ? Shape{1, middle, filters} : Shape{1, 1, middle, filters};
  const WeightValues kernel =
      output_first(call.weights.read(config, 1, "pointwise_kernel", stored), {filters, 1, 1, middle});
  std::vector<TensorId> inputs = {x, call.graph.constant(call.path(), "pointwise_kernel", kernel)};
  add_bias(call, 2, filters, inputs);
  x = call.emit(spatial == 1 ? "convolution" : "", Op::kConv2d, inputs, Conv2dAttributes{});
  return finish(call, spatial, x);
}

TensorId build_dense(const LayerCall& call) {
  const LayerConfig& config = call.config;
  if (call.rank() < 2) throw config.invalid("its input has shape " + to_string(call.input_shape()));
  if (config.find("lora_rank") != nullptr) throw config.unsupported_value("lora_rank");
  const int32_t units = config.integer("units");
  const int32_t features = channels_of(call);
  const WeightValues kernel =
      output_first(call.weights.read(config, 0, "kernel", Shape{features, units}), {units, features});
  std::vector<TensorId> inputs = {call.input(), call.graph.constant(call.path(), "kernel", kernel)};
  add_bias(call, 1, units, inputs);
  FullyConnectedAttributes attributes;
  attributes.keep_num_dims = call.rank() > 2;
  return apply_activation(call, "activation", call.emit("", Op::kFullyConnected, inputs, attributes));
}

constexpr std::array<KerasLayer, 10> kConvolutionLayers = {{
    {"Conv1D", 1, 1, build_convolution<1>},
    {"Conv2D", 1, 1, build_convolution<2>},
    {"Convolution1D", 1, 1, build_convolution<1>},
    {"Convolution2D", 1, 1, build_convolution<2>},
    {"Dense", 1, 1, build_dense},
    {"DepthwiseConv1D", 1, 1, build_depthwise<1>},
    {"DepthwiseConv2D", 1, 1, build_depthwise<2>},
    {"SeparableConv1D", 1, 1, build_separable<1>},
    {"SeparableConv2D", 1, 1, build_separable<2>},
    {"SeparableConvolution2D", 1, 1, build_separable<2>},
}};

}  // namespace

std::span<const KerasLayer> convolution_layers() { return kConvolutionLayers; }

}  // namespace burin
