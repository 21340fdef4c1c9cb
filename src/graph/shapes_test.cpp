#include "graph/shapes.hpp"

#include <gtest/gtest.h>

namespace burin {
namespace {

TensorId integers(Model& model, const char* name, std::vector<int32_t> values) {
  const auto count = static_cast<int32_t>(values.size());
  return add_constant_tensor<int32_t>(model, model.main(), name, ElementType::kInt32, {count}, std::move(values));
}

TensorId computed(Model& model, const char* name) { return model.main().add_tensor({.name = name}); }

TEST(Shapes, StridedLayersKeepTheFreeDimensionsFree) {
  Model model;
  Graph& graph = model.graphs.emplace_back();
  const TensorId x = graph.add_tensor({.name = "x", .shape = {Shape::kFree, Shape::kFree, 37, 3}});
  const TensorId w =
      add_constant_tensor<float>(model, graph, "w", ElementType::kFloat32, {8, 3, 3, 3}, std::vector<float>(216, 0.0f));
  const TensorId b =
      add_constant_tensor<float>(model, graph, "b", ElementType::kFloat32, {8}, std::vector<float>(8, 0.0f));
  const TensorId axes = integers(model, "axes", {1, 2});
  const TensorId y = computed(model, "y"), m = computed(model, "m");
  graph.inputs = {x};
  graph.outputs = {m};
  graph.add_node(
      {Op::kConv2d, {x, w, b}, {y}, Conv2dAttributes{.padding = Padding::kSame, .stride_h = 2, .stride_w = 2}});
  graph.add_node({Op::kMean, {y, axes}, {m}, ReduceAttributes{.keep_dims = true}});
  const Status status = infer_shapes(model);
  ASSERT_TRUE(status.is_ok()) << status.message();
  EXPECT_EQ(to_string(graph.tensors[y].shape), "?x?x19x8");
  EXPECT_EQ(to_string(graph.tensors[m].shape), "?x1x1x8");
}

// Flatten with two free sizes: the new shape is [batch, h * 6] computed from SHAPE.
struct ComputedShape {
  Model model;
  TensorId x, y;
  ComputedShape() {
    Graph& graph = model.graphs.emplace_back();
    x = graph.add_tensor({.name = "x", .shape = {Shape::kFree, Shape::kFree, 2, 3}});
    const TensorId shape = computed(model, "shape"), batch = computed(model, "batch");
    const TensorId packed = computed(model, "packed");
    y = computed(model, "y");
    const TensorId begin = integers(model, "begin", {0}), end = integers(model, "end", {1});
    const TensorId ones = integers(model, "ones", {1});
    const TensorId rest =
        add_constant_tensor<int32_t>(model, graph, "rest", ElementType::kInt32, {}, std::vector<int32_t>{-1});
    graph.inputs = {x};
    graph.outputs = {y};
    graph.add_node({Op::kShape, {x}, {shape}, ShapeAttributes{}});
    graph.add_node(
        {Op::kStridedSlice, {shape, begin, end, ones}, {batch}, StridedSliceAttributes{.shrink_axis_mask = 1}});
    graph.add_node({Op::kPack, {batch, rest}, {packed}, PackAttributes{.axis = 0, .values_count = 2}});
    graph.add_node({Op::kReshape, {x, packed}, {y}, ReshapeAttributes{}});
  }
};

TEST(Shapes, ShapesAreComputed) {
  ComputedShape graph;
  const std::vector<Shape> inputs{{5, 7, 2, 3}};
  const Result<ConcreteGraph> concrete = infer_concrete(graph.model, inputs);
  ASSERT_TRUE(concrete.is_ok()) << concrete.status().message();
  EXPECT_EQ(to_string(concrete.value().tensors[graph.y].shape), "5x42");
  const Status status = infer_shapes(graph.model);
  ASSERT_TRUE(status.is_ok()) << status.message();
  EXPECT_EQ(to_string(graph.model.main().tensors[graph.y].shape), "?x?");
}

TEST(Shapes, RankThatDependsOnTheBatchIsRefused) {
  Model model;
  Graph& graph = model.graphs.emplace_back();
  // The first `batch` elements of a vector of ones are the new shape.
  const TensorId x = graph.add_tensor({.name = "x", .shape = {Shape::kFree, 1}});
  const TensorId shape = computed(model, "shape"), count = computed(model, "count");
  const TensorId y = computed(model, "y"), all = computed(model, "all");
  graph.inputs = {x};
  graph.outputs = {y};
  const TensorId zero = integers(model, "zero", {0}), one = integers(model, "one", {1});
  const TensorId ones = integers(model, "ones", {1, 1, 1, 1, 1, 1, 1});
  graph.add_node({Op::kShape, {x}, {shape}, ShapeAttributes{}});
  graph.add_node({Op::kStridedSlice, {shape, zero, one, one}, {count}, StridedSliceAttributes{}});
  graph.add_node({Op::kStridedSlice, {ones, zero, count, one}, {all}, StridedSliceAttributes{}});
  const TensorId constant =
      add_constant_tensor<float>(model, graph, "c", ElementType::kFloat32, {1}, std::vector<float>{1});
  graph.add_node({Op::kReshape, {constant, all}, {y}, ReshapeAttributes{}});
  const Status status = infer_shapes(model);
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_EQ(status.message(), "y: the number of dimensions depends on the input's size");
}

TEST(Shapes, ErrorsNameTheNode) {
  ComputedShape graph;
  const std::vector<Shape> two{{1, 1, 2, 3}, {1}};
  EXPECT_EQ(infer_concrete(graph.model, two).status().message(), "the model has 1 inputs, shapes were given for 2");
  const std::vector<Shape> free{{1, Shape::kFree, 2, 3}};
  EXPECT_EQ(infer_concrete(graph.model, free).status().message(), "input x: shape 1x?x2x3 has no size");
  const std::vector<Shape> large{{1 << 20, 1 << 20, 2, 3}};
  EXPECT_EQ(infer_concrete(graph.model, large).status().code(), StatusCode::kResourceLimit);
}

}  // namespace
}  // namespace burin
