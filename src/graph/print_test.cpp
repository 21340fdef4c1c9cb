#include "graph/print.hpp"

#include <gtest/gtest.h>

#include "small_models.hpp"

namespace burin {
namespace {

TEST(Print, Attributes) {
  EXPECT_EQ(to_string(Attributes(NoAttributes{})), "");
  EXPECT_EQ(to_string(Attributes(Conv2dAttributes{})), "padding=valid");
  EXPECT_EQ(to_string(Attributes(
                Conv2dAttributes{.padding = Padding::kSame, .stride_h = 2, .activation = FusedActivation::kRelu6})),
            "padding=same stride_h=2 activation=relu6");
  EXPECT_EQ(to_string(Attributes(RescalingAttributes{{0.5f}, {-1.0f}})), "scale=[0.5] offset=[-1]");
  EXPECT_EQ(to_string(Attributes(ReshapeAttributes{std::vector<int32_t>(10, 1)})),
            "new_shape=[1,1,1,1,1,1,1,1,... 10 values]");
  EXPECT_EQ(to_string(Attributes(ShapeAttributes{ElementType::kInt64})), "out_type=int64");
  EXPECT_EQ(to_string(Attributes(IdentityAttributes{"Dropout"})), "layer_class=Dropout");
}

TEST(Print, Model) {
  ModelBuilder b;
  const TensorId x = b.input({Shape::kFree, 9, 7, 3});
  const TensorId y =
      b.node(Op::kConv2d, {x, b.constant({4, 1, 1, 3}), kNoId}, {Shape::kFree, 9, 7, 4}, Conv2dAttributes{});
  b.graph().tensors[x].quantization = Quantization{{0.5f}, {-3}};
  b.graph().tensors[1].quantization = Quantization{{0.25f, 0.5f, 2.0f, 1.0f}, {0, 0, 0, 0}, 0};
  b.output(y);
  b.model().name = "small";
  b.model().signatures = {{.inputs = {{"image", x}}, .outputs = {{"output_0", y}}}};
  EXPECT_EQ(to_string(b.model()),
            "model small (builtin)\n"
            "  input  input_0: float32 ?x9x7x3 (scale 0.5 zero point -3)\n"
            "  layer_2 = CONV_2D(input_0, weights_1[float32 4x1x1x3 (4 scales 0.25..2 axis 0) 48 B], -) padding=valid: "
            "float32 ?x9x7x4\n"
            "  output layer_2\n"
            "  signature serving_default: image=input_0 -> output_0=layer_2\n");
}

}  // namespace
}  // namespace burin
