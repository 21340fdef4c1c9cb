#include "graph/model.hpp"

#include <gtest/gtest.h>

namespace burin {
namespace {

TEST(Model, EqualConstantsAreStoredOnce) {
  Model model;
  const ConstantId a = model.add_constant(std::vector<float>{1, 2, 3});
  const ConstantId b = model.add_constant(std::vector<float>{1, 2, 4});
  const ConstantId c = model.add_constant(std::vector<float>{1, 2, 3});
  EXPECT_EQ(a, c);
  EXPECT_NE(a, b);
  EXPECT_EQ(model.constant_count(), 2u);
  EXPECT_EQ(model.constant_values<float>(b), (std::vector<float>{1, 2, 4}));
}

TEST(Model, DigestSeesAttributesAndConstants) {
  const auto make = [](float alpha, float weight) {
    Model model;
    model.graphs.emplace_back();
    Graph& graph = model.main();
    const TensorId x = graph.add_tensor({.name = "x", .shape = {Shape::kFree, 3}});
    const TensorId y = graph.add_tensor({.name = "y", .shape = {Shape::kFree, 3}});
    add_constant_tensor<float>(model, graph, "w", ElementType::kFloat32, {1}, {weight});
    graph.inputs = {x};
    graph.outputs = {y};
    graph.add_node({Op::kLeakyRelu, {x}, {y}, LeakyReluAttributes{alpha}});
    return digest(model);
  };
  EXPECT_EQ(make(0.1f, 1), make(0.1f, 1));
  EXPECT_NE(make(0.1f, 1), make(0.2f, 1));
  EXPECT_NE(make(0.1f, 1), make(0.1f, 2));
}

TEST(Shape, ElementsOfLargeAndFreeShapes) {
  EXPECT_EQ(Shape({2, 3}).elements(), 6);
  EXPECT_EQ(Shape().elements(), 1);
  EXPECT_EQ(Shape({Shape::kFree, 3}).elements(), -1);
  EXPECT_EQ(Shape({1 << 30, 1 << 30}).elements(), -1);
  EXPECT_EQ(Shape({1 << 30, 0, 1 << 30}).elements(), 0);
  EXPECT_EQ(to_string(Shape({Shape::kFree, 224, 224, 3})), "?x224x224x3");
}

}  // namespace
}  // namespace burin
