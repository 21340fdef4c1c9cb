#include <gtest/gtest.h>

#include "operator_call.hpp"

namespace burin {
namespace {

TEST(StridedSliceReference, NegativeStridesAndMasks) {
  OperatorCall reverse(Op::kStridedSlice, StridedSliceAttributes{1, 1});
  reverse.floats({4}, {1, 2, 3, 4}).integers({1}, {0}).integers({1}, {0}).integers({1}, {-1});
  EXPECT_EQ(reverse.values<float>(), (std::vector<float>{4, 3, 2, 1}));
  // x[-2, ..., new, ::2]
  StridedSliceAttributes attributes;
  attributes.shrink_axis_mask = 1, attributes.ellipsis_mask = 2, attributes.new_axis_mask = 4;
  attributes.begin_mask = attributes.end_mask = 8;
  OperatorCall mixed(Op::kStridedSlice, attributes);
  mixed.floats({2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  mixed.integers({4}, {-2, 0, 0, 0}).integers({4}, {0, 0, 0, 0}).integers({4}, {1, 1, 1, 2});
  EXPECT_EQ(mixed.values<float>(), (std::vector<float>{1, 3, 4, 6}));
  EXPECT_EQ(mixed.shape(), (Shape{2, 1, 2}));
}

TEST(ReshapeReference, FreeDimensionAndErrors) {
  OperatorCall call(Op::kReshape, ReshapeAttributes{{-1, 3}});
  call.floats({2, 3, 1}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(call.values<float>(), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(call.shape(), (Shape{2, 3}));
  OperatorCall misfit(Op::kReshape, ReshapeAttributes{{-1, 4}});
  misfit.unknown(ElementType::kFloat32, {2, 3});
  EXPECT_EQ(misfit.error(), "RESHAPE: 2x3 does not have the size of ?x4");
  OperatorCall unknown(Op::kReshape, ReshapeAttributes{});
  unknown.unknown(ElementType::kFloat32, {2, 3}).unknown(ElementType::kInt32, {2});
  EXPECT_EQ(unknown.error(), "RESHAPE: shape is only known while running");
}

TEST(MovingReference, TransposePackConcatenateSqueezeShape) {
  OperatorCall transpose(Op::kTranspose);
  transpose.floats({2, 3}, {1, 2, 3, 4, 5, 6}).integers({2}, {1, 0});
  EXPECT_EQ(transpose.values<float>(), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  OperatorCall pack(Op::kPack, PackAttributes{1, 2});
  pack.integers({2}, {1, 2}).integers({2}, {3, 4});
  EXPECT_EQ(pack.values<int32_t>(), (std::vector<int32_t>{1, 3, 2, 4}));
  OperatorCall join(Op::kConcatenation, ConcatenationAttributes{-1, FusedActivation::kNone});
  join.floats({2, 1}, {1, 2}).floats({2, 2}, {3, 4, 5, 6});
  EXPECT_EQ(join.values<float>(), (std::vector<float>{1, 3, 4, 2, 5, 6}));
  OperatorCall squeeze(Op::kSqueeze, SqueezeAttributes{{1}});
  squeeze.unknown(ElementType::kFloat32, {1, 2});
  EXPECT_EQ(squeeze.error(), "SQUEEZE: dimension 1 of 1x2 is not 1");
  OperatorCall shape(Op::kShape, ShapeAttributes{});
  shape.floats({1, 2}, {1, 2});
  EXPECT_EQ(shape.values<int32_t>(), (std::vector<int32_t>{1, 2}));
  OperatorCall slice(Op::kSlice);
  slice.floats({4}, {1, 2, 3, 4}).integers({1}, {3}).integers({1}, {2});
  EXPECT_EQ(slice.error(), "SLICE: begin 3, size 2 leave dimension 0 of 4");
}

}  // namespace
}  // namespace burin
