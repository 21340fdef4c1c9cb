// Pooling and global pooling.
#include <array>

#include "formats/keras/layer.hpp"

namespace burin {

namespace {

template <Op op, size_t spatial>
TensorId build_pool(const LayerCall& call) {
  const LayerConfig& config = call.config;
  call.expect_channels_last();
  call.expect_rank(static_cast<int>(spatial) + 2);
  std::vector<int32_t> size = config.sizes("pool_size", spatial, 2);
  std::vector<int32_t> strides = config.find("strides") == nullptr ? size : config.sizes("strides", spatial, 1);
  const std::string padding = config.text("padding", "valid");
  if (padding != "valid" && padding != "same") throw config.unsupported_value("padding");
  TensorId x = call.input();
  if constexpr (spatial == 1) {
    size.insert(size.begin(), 1);
    strides.insert(strides.begin(), 1);
    x = call.emit("with_height", Op::kExpandDims,
                  {x, call.graph.constant(call.path(), "height_axis", std::vector<int32_t>{1})});
  }
  x = call.emit(spatial == 1 ? "pool" : "", op, {x},
                Pool2dAttributes{padding == "same" ? Padding::kSame : Padding::kValid, strides[0], strides[1], size[0],
                                 size[1], FusedActivation::kNone});
  if constexpr (spatial == 1) x = call.emit("", Op::kSqueeze, {x}, SqueezeAttributes{{1}});
  return x;
}

template <Op op, int32_t spatial>
TensorId build_global_pool(const LayerCall& call) {
  call.expect_channels_last();
  call.expect_rank(spatial + 2);
  std::vector<int32_t> axes;
  for (int32_t i = 1; i <= spatial; ++i) axes.push_back(i);
  return call.emit("", op, {call.input(), call.graph.constant(call.path(), "axes", axes)},
                   ReduceAttributes{call.config.boolean("keepdims", false)});
}

constexpr std::array<KerasLayer, 10> kPoolingLayers = {{
    {"AveragePooling1D", 1, 1, build_pool<Op::kAveragePool2d, 1>},
    {"AveragePooling2D", 1, 1, build_pool<Op::kAveragePool2d, 2>},
    {"GlobalAveragePooling1D", 1, 1, build_global_pool<Op::kMean, 1>},
    {"GlobalAveragePooling2D", 1, 1, build_global_pool<Op::kMean, 2>},
    {"GlobalAveragePooling3D", 1, 1, build_global_pool<Op::kMean, 3>},
    {"GlobalMaxPooling1D", 1, 1, build_global_pool<Op::kReduceMax, 1>},
    {"GlobalMaxPooling2D", 1, 1, build_global_pool<Op::kReduceMax, 2>},
    {"GlobalMaxPooling3D", 1, 1, build_global_pool<Op::kReduceMax, 3>},
    {"MaxPooling1D", 1, 1, build_pool<Op::kMaxPool2d, 1>},
    {"MaxPooling2D", 1, 1, build_pool<Op::kMaxPool2d, 2>},
}};

}  // namespace

std::span<const KerasLayer> pooling_layers() { return kPoolingLayers; }

}  // namespace burin
