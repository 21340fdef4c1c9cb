#include "passes/pass_test_models.hpp"
#include "passes/passes.hpp"

namespace burin {
namespace {

constexpr int32_t kFree = Shape::kFree;
using B = SourceBuilder;

TensorId reshape(B& b, TensorId x, std::vector<int32_t> shape) {
  return b.layer("reshape", Op::kReshape, {x, b.integers(std::move(shape))}, ReshapeAttributes{});
}

TensorId dimension(B& b, TensorId shape, int32_t index) {
  return b.layer("dimension", Op::kStridedSlice, {shape, b.integers({index}), b.integers({index + 1}), b.integers({1})},
                 StridedSliceAttributes{.shrink_axis_mask = 1});
}

TensorId scalar(B& b, int32_t value) {
  return add_constant_tensor(b.model(), b.graph(), "scalar", ElementType::kInt32, {}, std::vector<int32_t>{value});
}

// RESHAPE to [every dimension of x whose index is listed] + tail, computed from the shape of x.
TensorId computed_reshape(B& b, TensorId x, const std::vector<int32_t>& kept, const std::vector<int32_t>& tail) {
  const TensorId shape = b.layer("shape", Op::kShape, {x}, ShapeAttributes{});
  std::vector<TensorId> dims;
  for (const int32_t index : kept) dims.push_back(dimension(b, shape, index));
  for (const int32_t value : tail) dims.push_back(scalar(b, value));
  const auto count = static_cast<int32_t>(dims.size());
  const TensorId packed = b.layer("pack", Op::kPack, dims, PackAttributes{.axis = 0, .values_count = count});
  return b.layer("reshape", Op::kReshape, {x, packed}, ReshapeAttributes{});
}

std::vector<int32_t> shape_operand(const Model& model, const Node& node) {
  return model.constant_values<int32_t>(model.main().tensors[node.inputs[1]].constant);
}

TEST(SimplifyReshape, Table) {
  const auto model = [](Shape input, auto&& build) {
    B b;
    const TensorId x = b.input(input);
    return b.finish({build(b, x)});
  };
  const std::vector<PassCase> cases = {
      {"computed, one free dimension",
       model({kFree, 3, 5}, [](B& b, TensorId x) { return computed_reshape(b, x, {0}, {5, 3}); }), "RESHAPE"},
      {"computed, two free dimensions",
       model({kFree, kFree, 6}, [](B& b, TensorId x) { return computed_reshape(b, x, {0, 1}, {2, 3}); }),
       "SHAPE STRIDED_SLICE STRIDED_SLICE PACK RESHAPE"},
      {"two in a row",
       model({kFree, 3, 5}, [](B& b, TensorId x) { return reshape(b, reshape(b, x, {-1, 15}), {-1, 5}); }), "RESHAPE"},
      {"there and back",
       model({kFree, 3, 5},
             [](B& b, TensorId x) {
               return b.layer("abs", Op::kAbs, {reshape(b, reshape(b, x, {-1, 15}), {-1, 3, 5})});
             }),
       "ABS"},
      {"same shape",
       model({kFree, 15}, [](B& b, TensorId x) { return b.layer("abs", Op::kAbs, {reshape(b, x, {-1, 15})}); }), "ABS"},
  };
  for (const PassCase& test : cases) check_pass(simplify_reshape, test);
}

TEST(SimplifyReshape, FixedBatchBecomesFree) {
  B b;
  const TensorId y = reshape(b, b.input({1, 1, 1, 7}), {1, 7});
  Model model = b.finish({y});
  EXPECT_TRUE(simplify_reshape(model));
  EXPECT_EQ(shape_operand(model, model.main().nodes[0]), (std::vector<int32_t>{-1, 7}));
  EXPECT_FALSE(simplify_reshape(model));
}

TEST(SimplifyReshape, ComputedShapeBecomesConstant) {
  B b;
  Model model = b.finish({computed_reshape(b, b.input({kFree, 3, 5}), {0}, {15})});
  EXPECT_TRUE(simplify_reshape(model));
  ASSERT_EQ(operators(model), "RESHAPE");
  EXPECT_EQ(shape_operand(model, model.main().nodes[0]), (std::vector<int32_t>{-1, 15}));
}

TEST(SimplifyReshape, OutputThatIsAnInput) {
  B b;
  Model model = b.finish({reshape(b, b.input({kFree, 15}), {-1, 15})});
  const PassCase test{"output", model, ""};
  const Model after = check_pass(simplify_reshape, test);
  EXPECT_EQ(after.main().outputs, after.main().inputs);
  EXPECT_EQ(after.signatures[0].outputs[0].name, "output_0");
}

}  // namespace
}  // namespace burin
