#pragma once

#include <cstdint>

#include "ops/fused_activation.hpp"

namespace burin {

enum class Padding : uint8_t { kSame = 0, kValid = 1 };  // values of the TFLite schema

// CONV_2D: input NHWC, kernel O,H,W,I (I = input channels / groups), bias O. Groups follow from the shapes.
struct Conv2dAttributes {
  Padding padding = Padding::kValid;
  int32_t stride_h = 1, stride_w = 1;
  int32_t dilation_h = 1, dilation_w = 1;
  FusedActivation activation = FusedActivation::kNone;

  bool operator==(const Conv2dAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("padding", padding), f("stride_h", stride_h), f("stride_w", stride_w), f("dilation_h", dilation_h);
    f("dilation_w", dilation_w), f("activation", activation);
  }
};

// DEPTHWISE_CONV_2D: input NHWC, kernel 1,H,W,C*multiplier; output channel c reads input channel c / multiplier.
struct DepthwiseConv2dAttributes {
  Padding padding = Padding::kValid;
  int32_t stride_h = 1, stride_w = 1;
  int32_t dilation_h = 1, dilation_w = 1;
  int32_t depth_multiplier = 1;
  FusedActivation activation = FusedActivation::kNone;

  bool operator==(const DepthwiseConv2dAttributes&) const = default;
  template <typename F>
  void fields(F&& f) const {
    f("padding", padding), f("stride_h", stride_h), f("stride_w", stride_w), f("dilation_h", dilation_h);
    f("dilation_w", dilation_w), f("depth_multiplier", depth_multiplier), f("activation", activation);
  }
};

}  // namespace burin
