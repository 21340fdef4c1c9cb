// Layers that move elements without changing them.
#include <array>

#include "formats/keras/layer.hpp"

namespace burin {

namespace {

// RESHAPE to [-1, dims...]; the batch stays free.
TensorId reshape(const LayerCall& call, std::vector<int32_t> dims) {
  dims.insert(dims.begin(), -1);
  return call.emit("", Op::kReshape, {call.input(), call.graph.constant(call.path(), "shape", dims)},
                   ReshapeAttributes{});
}

int64_t elements_of_sample(const LayerCall& call) {
  int64_t count = 1;
  for (int i = 1; i < call.rank(); ++i) {
    count *= call.fixed_size(i);
    if (count > INT32_MAX) throw call.config.unsupported("its input has more than 2^31 elements");
  }
  return count;
}

TensorId build_flatten(const LayerCall& call) {
  call.expect_channels_last();
  return reshape(call, {static_cast<int32_t>(elements_of_sample(call))});
}

TensorId build_reshape(const LayerCall& call) {
  std::vector<int32_t> target = call.config.integers("target_shape");
  const int64_t elements = elements_of_sample(call);
  int64_t known = 1;
  int32_t* open = nullptr;
  for (int32_t& dim : target) {
    if (dim == -1 && open == nullptr) {
      open = &dim;
    } else if (dim < 1 || known > INT32_MAX / dim) {
      throw call.config.unsupported_value("target_shape");
    } else {
      known *= dim;
    }
  }
  if (elements % known != 0 || (open == nullptr && elements != known)) {
    throw call.config.invalid("target_shape does not fit the input's shape " + to_string(call.input_shape()));
  }
  if (open != nullptr) *open = static_cast<int32_t>(elements / known);
  if (target.size() >= Shape::kMaxRank) throw call.config.unsupported_value("target_shape");
  return reshape(call, target);
}

TensorId build_permute(const LayerCall& call) {
  std::vector<int32_t> order = call.config.integers("dims");
  std::vector<bool> used(order.size() + 1, false);
  for (const int32_t axis : order) {
    const bool fits = axis >= 1 && axis <= static_cast<int32_t>(order.size());
    if (!fits || used[static_cast<size_t>(axis)]) throw call.config.unsupported_value("dims");
    used[static_cast<size_t>(axis)] = true;
  }
  order.insert(order.begin(), 0);
  return call.emit("", Op::kTranspose, {call.input(), call.graph.constant(call.path(), "order", order)});
}

constexpr std::array<KerasLayer, 3> kCoreLayers = {{
    {"Flatten", 1, 1, build_flatten},
    {"Permute", 1, 1, build_permute},
    {"Reshape", 1, 1, build_reshape},
}};

}  // namespace

std::span<const KerasLayer> core_layers() { return kCoreLayers; }

}  // namespace burin
