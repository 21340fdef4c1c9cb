#include "graph/rewriter.hpp"

#include <gtest/gtest.h>

#include "burin/error.hpp"
#include "small_models.hpp"

namespace burin {
namespace {

struct Chain {
  ModelBuilder b;
  TensorId x, a, c, y;
  // x -> ABS -> a -> NEG -> c -> RELU -> y
  Chain() {
    x = b.input({2, 3});
    a = b.node(Op::kAbs, {x}, {2, 3});
    c = b.node(Op::kNeg, {a}, {2, 3});
    y = b.node(Op::kRelu, {c}, {2, 3});
    b.output(y);
    b.model().signatures = {{.inputs = {{"in", x}}, .outputs = {{"out", y}}}};
  }
  std::vector<Op> ops() {
    std::vector<Op> ops;
    for (const Node& node : b.graph().nodes) ops.push_back(node.op);
    return ops;
  }
};

TEST(Rewriter, ReplacesUsesOutputsAndSignatures) {
  Chain chain;
  Rewriter rewriter(chain.b.model());
  EXPECT_EQ(rewriter.producer(chain.x), kNoId);
  EXPECT_EQ(rewriter.producer(chain.c), 1u);
  EXPECT_EQ(rewriter.single_consumer(chain.c), 2u);
  EXPECT_EQ(rewriter.single_consumer(chain.y), kNoId);
  EXPECT_TRUE(rewriter.is_graph_output(chain.y));
  rewriter.replace_uses(chain.y, chain.a);
  rewriter.commit();
  EXPECT_EQ(chain.ops(), (std::vector{Op::kAbs}));
  EXPECT_EQ(chain.b.graph().tensors.size(), 2u);
  EXPECT_EQ(chain.b.model().signatures[0].outputs[0].name, "out");
  EXPECT_EQ(chain.b.model().signatures[0].outputs[0].tensor, chain.b.graph().outputs[0]);
  EXPECT_EQ(chain.b.graph().nodes[0].outputs, chain.b.graph().outputs);
}

TEST(Rewriter, OutputsMayBeInputsAndUnusedInputsStay) {
  Chain chain;
  Rewriter rewriter(chain.b.model());
  rewriter.replace_uses(chain.y, chain.x);
  rewriter.commit();
  EXPECT_TRUE(chain.ops().empty());
  EXPECT_EQ(chain.b.graph().outputs, chain.b.graph().inputs);
  const TensorId constant = rewriter.add_constant("c", {}, ElementType::kFloat32, Shape{1}, std::vector<float>{1.0f});
  rewriter.replace_uses(chain.b.graph().outputs[0], constant);
  rewriter.commit();
  EXPECT_EQ(chain.b.graph().inputs.size(), 1u);
  EXPECT_NE(chain.b.graph().tensors[chain.b.graph().outputs[0]].constant, kNoId);
}

TEST(Rewriter, AbsorbKeepsTheNameAndTheOriginOfTheWork) {
  Chain chain;
  chain.b.graph().tensors[chain.c].origin = "layer";
  Rewriter rewriter(chain.b.model());
  const std::string name = rewriter.tensor(chain.y).name;
  rewriter.absorb(1, 2);
  EXPECT_TRUE(rewriter.removed(2));
  EXPECT_EQ(rewriter.producer(chain.y), 1u);
  rewriter.commit();
  EXPECT_EQ(chain.ops(), (std::vector{Op::kAbs, Op::kNeg}));
  const Tensor& output = chain.b.graph().tensors[chain.b.graph().outputs[0]];
  EXPECT_EQ(output.name, name);
  EXPECT_EQ(output.origin, "layer");
}

TEST(Rewriter, NewNodesStandBeforeTheirFirstConsumer) {
  Chain chain;
  Rewriter rewriter(chain.b.model());
  const TensorId squared = rewriter.add_tensor_like(chain.a, "squared");
  rewriter.add_node({Op::kSquare, {chain.a}, {squared}, NoAttributes{}});
  rewriter.set_input(1, 0, squared);
  EXPECT_EQ(rewriter.consumers(chain.a).size(), 1u);
  rewriter.commit();
  EXPECT_EQ(chain.ops(), (std::vector{Op::kAbs, Op::kSquare, Op::kNeg, Op::kRelu}));
}

TEST(Rewriter, KeepsTheOrderOfBranches) {
  ModelBuilder b;
  const TensorId x = b.input({2});
  const TensorId p = b.node(Op::kAbs, {x}, {2});
  const TensorId q = b.node(Op::kNeg, {x}, {2});
  const TensorId r = b.node(Op::kExp, {p}, {2});
  b.output(b.node(Op::kMaximum, {r, q}, {2}));
  Rewriter(b.model()).commit();
  std::vector<Op> ops;
  for (const Node& node : b.graph().nodes) ops.push_back(node.op);
  EXPECT_EQ(ops, (std::vector{Op::kAbs, Op::kNeg, Op::kExp, Op::kMaximum}));
}

TEST(Rewriter, OneEntryPerUse) {
  ModelBuilder b;
  const TensorId x = b.input({2});
  const TensorId p = b.node(Op::kAbs, {x}, {2});
  b.output(b.node(Op::kMaximum, {p, p}, {2}));
  Rewriter rewriter(b.model());
  EXPECT_EQ(rewriter.consumers(p).size(), 2u);
  EXPECT_EQ(rewriter.single_consumer(p), kNoId);
  rewriter.replace_uses(p, x);
  rewriter.commit();
  EXPECT_EQ(b.graph().nodes[0].inputs, (std::vector<TensorId>{0, 0}));
}

TEST(Rewriter, ACycleIsAnError) {
  Chain chain;
  Rewriter rewriter(chain.b.model());
  rewriter.set_input(0, 0, chain.c);
  try {
    rewriter.commit();
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("needs its own output"), std::string::npos) << error.what();
  }
}

TEST(Model, DropsUnusedConstants) {
  Model model;
  model.graphs.emplace_back();
  const ConstantId a = model.add_constant(std::vector<float>{1.0f});
  const ConstantId b = model.add_constant(std::vector<float>{2.0f});
  const ConstantId c = model.add_constant(std::vector<float>{3.0f});
  EXPECT_NE(a, b);
  model.main().add_tensor({.name = "t", .shape = {1}, .constant = c});
  model.drop_unused_constants();
  ASSERT_EQ(model.constant_count(), 1u);
  EXPECT_EQ(model.main().tensors[0].constant, 0u);
  EXPECT_EQ(model.constant_values<float>(0), (std::vector{3.0f}));
  EXPECT_EQ(model.add_constant(std::vector<float>{3.0f}), 0u);
  EXPECT_EQ(model.add_constant(std::vector<float>{1.0f}), 1u);
}

}  // namespace
}  // namespace burin
