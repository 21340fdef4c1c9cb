// Padding, cropping, resizing, rescaling.
#include <array>

#include "formats/keras/layer.hpp"

namespace burin {

namespace {

struct Edges {
  int32_t before;
  int32_t after;
};

// `key` of a layer with `spatial` dimensions: one number for all, one for each, or a pair for each. A 1D layer takes
// a number or a pair.
std::vector<Edges> read_edges(const LayerConfig& config, std::string_view key, size_t spatial) {
  const Json* value = config.find(key);
  std::vector<float> flat;
  if (value != nullptr) flat = config.numbers(key);
  std::vector<Edges> edges;
  const auto size_at = [&](size_t i) {
    const float size = flat[i];
    if (!(size >= 0.0f && size < 1e6f) || size != static_cast<float>(static_cast<int32_t>(size))) {
      throw config.unsupported_value(key);
    }
    return static_cast<int32_t>(size);
  };
  for (size_t i = 0; i < spatial; ++i) {
    if (flat.size() == 1) {
      edges.push_back({size_at(0), size_at(0)});
    } else if (flat.size() == spatial && spatial > 1) {
      edges.push_back({size_at(i), size_at(i)});
    } else if (flat.size() == 2 * spatial) {
      edges.push_back({size_at(2 * i), size_at(2 * i + 1)});
    } else {
      throw config.unsupported_value(key);
    }
  }
  return edges;
}

template <size_t spatial>
TensorId build_zero_padding(const LayerCall& call) {
  call.expect_channels_last();
  call.expect_rank(static_cast<int>(spatial) + 2);
  std::vector<int32_t> paddings = {0, 0};
  for (const Edges& edge : read_edges(call.config, "padding", spatial)) {
    paddings.push_back(edge.before);
    paddings.push_back(edge.after);
  }
  paddings.insert(paddings.end(), {0, 0});
  return call.emit("", Op::kPad, {call.input(), call.graph.paddings(call.path(), paddings)});
}

// Everything of the batch and the channels, [begin, end) of the spatial dimensions; end counts from the back when it
// is negative, 0 is the end itself.
TensorId slice(const LayerCall& call, std::span<const Edges> window) {
  std::vector<int32_t> begin = {0};
  std::vector<int32_t> end = {0};
  StridedSliceAttributes attributes;
  attributes.begin_mask = attributes.end_mask = 1 | 1 << (window.size() + 1);
  for (size_t i = 0; i < window.size(); ++i) {
    begin.push_back(window[i].before);
    end.push_back(window[i].after);
    if (window[i].after == 0) attributes.end_mask |= 1 << (i + 1);
  }
  begin.push_back(0);
  end.push_back(0);
  return call.emit(
      "", Op::kStridedSlice,
      {call.input(), call.graph.constant(call.path(), "begin", begin), call.graph.constant(call.path(), "end", end),
       call.graph.constant(call.path(), "strides", std::vector<int32_t>(begin.size(), 1))},
      attributes);
}

template <size_t spatial>
TensorId build_cropping(const LayerCall& call) {
  call.expect_channels_last();
  call.expect_rank(static_cast<int>(spatial) + 2);
  std::vector<Edges> window = read_edges(call.config, "cropping", spatial);
  for (size_t i = 0; i < window.size(); ++i) {
    const int32_t size = call.input_shape()[static_cast<int>(i) + 1];
    if (size != Shape::kFree && window[i].before + window[i].after >= size)
      throw call.config.unsupported_value("cropping");
    window[i].after = -window[i].after;
  }
  return slice(call, window);
}

TensorId build_center_crop(const LayerCall& call) {
  call.expect_channels_last();
  call.expect_rank(4);
  std::vector<Edges> window;
  for (const char* key : {"height", "width"}) {
    const int32_t input = call.fixed_size(window.empty() ? 1 : 2);
    const int32_t size = call.config.integer(key);
    // Keras enlarges a picture that is too small first.
    if (size < 1 || size > input) throw call.config.unsupported_value(key);
    const int32_t begin = (input - size) / 2;
    window.push_back({begin, begin + size});
  }
  return slice(call, window);
}

TensorId resize(const LayerCall& call, std::string_view part, TensorId x, int32_t height, int32_t width,
                std::string_view usual_interpolation) {
  const std::string interpolation = call.config.text("interpolation", usual_interpolation);
  const TensorId size = call.graph.constant(call.path(), "size", std::vector<int32_t>{height, width});
  if (interpolation == "bilinear") {
    return call.emit(part, Op::kResizeBilinear, {x, size}, ResizeAttributes{false, true});
  }
  if (interpolation == "nearest") {
    return call.emit(part, Op::kResizeNearestNeighbor, {x, size}, ResizeAttributes{false, true});
  }
  throw call.config.unsupported_value("interpolation");
}

// A sequence is resized as a picture of height 1.
template <size_t spatial>
TensorId build_up_sampling(const LayerCall& call) {
  call.expect_channels_last();
  call.expect_rank(static_cast<int>(spatial) + 2);
  const std::vector<int32_t> factor = call.config.sizes("size", spatial, 2);
  std::vector<int32_t> size;
  for (size_t i = 0; i < spatial; ++i) {
    const int64_t enlarged = int64_t{call.fixed_size(static_cast<int>(i) + 1)} * factor[i];
    if (enlarged > INT32_MAX) throw call.config.unsupported_value("size");
    size.push_back(static_cast<int32_t>(enlarged));
  }
  if constexpr (spatial == 2) return resize(call, "", call.input(), size[0], size[1], "nearest");
  const TensorId axis = call.graph.constant(call.path(), "height_axis", std::vector<int32_t>{1});
  const TensorId picture = call.emit("with_height", Op::kExpandDims, {call.input(), axis});
  return call.emit("", Op::kSqueeze, {resize(call, "resized", picture, 1, size[0], "nearest")}, SqueezeAttributes{{1}});
}

TensorId build_resizing(const LayerCall& call) {
  call.expect_channels_last();
  call.expect_rank(4);
  for (const char* key : {"crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"}) {
    if (call.config.boolean(key, false)) throw call.config.unsupported_value(key);
  }
  return resize(call, "", call.input(), call.config.integer("height"), call.config.integer("width"), "bilinear");
}

TensorId build_rescaling(const LayerCall& call) {
  RescalingAttributes attributes;
  if (call.config.find("scale") != nullptr) attributes.scale = call.config.numbers("scale");
  if (call.config.find("offset") != nullptr) attributes.offset = call.config.numbers("offset");
  return call.emit("", Op::kRescaling, {call.input()}, attributes);
}

constexpr std::array<KerasLayer, 9> kImageLayers = {{
    {"CenterCrop", 1, 1, build_center_crop},
    {"Cropping1D", 1, 1, build_cropping<1>},
    {"Cropping2D", 1, 1, build_cropping<2>},
    {"Rescaling", 1, 1, build_rescaling},
    {"Resizing", 1, 1, build_resizing},
    {"UpSampling1D", 1, 1, build_up_sampling<1>},
    {"UpSampling2D", 1, 1, build_up_sampling<2>},
    {"ZeroPadding1D", 1, 1, build_zero_padding<1>},
    {"ZeroPadding2D", 1, 1, build_zero_padding<2>},
}};

}  // namespace

std::span<const KerasLayer> image_layers() { return kImageLayers; }

}  // namespace burin
