#include "graph/verify.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "graph/shapes.hpp"
#include "ops/toolkit_operator.hpp"

namespace burin {
namespace {

// x ?x4 -> FULLY_CONNECTED(w 3x4, b 3) -> h ?x3 -> RELU -> y ?x3
struct SmallGraph {
  Model model;
  TensorId x, w, b, h, y;

  SmallGraph() {
    Graph& graph = model.graphs.emplace_back();
    x = graph.add_tensor({.name = "x", .origin = "net/input", .shape = {Shape::kFree, 4}});
    w = add_constant_tensor<float>(model, graph, "w", ElementType::kFloat32, {3, 4}, std::vector<float>(12, 0.5f),
                                   "net/dense/kernel");
    b = add_constant_tensor<float>(model, graph, "b", ElementType::kFloat32, {3}, {1, 2, 3}, "net/dense/bias");
    h = graph.add_tensor({.name = "h", .origin = "net/dense", .shape = {Shape::kFree, 3}});
    y = graph.add_tensor({.name = "y", .origin = "net/relu", .shape = {Shape::kFree, 3}});
    graph.inputs = {x};
    graph.outputs = {y};
    graph.add_node({Op::kFullyConnected, {x, w, b}, {h}, FullyConnectedAttributes{}});
    graph.add_node({Op::kRelu, {h}, {y}, {}});
    model.signatures.push_back({.inputs = {{"x", x}}, .outputs = {{"output_0", y}}});
  }
  Graph& graph() { return model.main(); }
};

TEST(Verify, AcceptsASoundGraph) {
  SmallGraph small;
  const Status status = verify(small.model);
  EXPECT_TRUE(status.is_ok()) << status.message();
}

struct Damage {
  const char* name;
  std::function<void(SmallGraph&)> apply;
  const char* message;
};

class VerifyDamage : public testing::TestWithParam<Damage> {};

TEST_P(VerifyDamage, IsFoundAndNamed) {
  SmallGraph small;
  GetParam().apply(small);
  const Status status = verify(small.model);
  EXPECT_FALSE(status.is_ok());
  EXPECT_NE(status.message().find(GetParam().message), std::string::npos) << status.message();
}

const Damage kDamages[] = {
    {"NoGraph", [](SmallGraph& s) { s.model.graphs.clear(); }, "the model has no graph"},
    {"InputOutOfRange", [](SmallGraph& s) { s.graph().nodes[1].inputs[0] = 77; },
     "net/relu (operator 1): there is no tensor 77 (input 0)"},
    {"OutputOutOfRange", [](SmallGraph& s) { s.graph().nodes[1].outputs[0] = 77; }, "there is no tensor 77"},
    {"GraphInputOutOfRange", [](SmallGraph& s) { s.graph().inputs[0] = 77; }, "a graph input: there is no tensor 77"},
    {"GraphOutputOutOfRange", [](SmallGraph& s) { s.graph().outputs[0] = 77; }, "graph outputs: there is no tensor 77"},
    {"NodesOutOfOrder", [](SmallGraph& s) { std::swap(s.graph().nodes[0], s.graph().nodes[1]); },
     "net/relu (operator 0): input 0 (net/dense) is not produced before this node"},
    {"NodeFeedsItself", [](SmallGraph& s) { s.graph().nodes[1].inputs[0] = s.y; },
     "net/relu (operator 1): input 0 (net/relu) is not produced before this node"},
    {"TwoProducers", [](SmallGraph& s) { s.graph().nodes[1].outputs[0] = s.h; },
     "net/dense: has two producers, the second is RELU net/dense (operator 1)"},
    {"ConstantIsWritten", [](SmallGraph& s) { s.graph().nodes[1].outputs[0] = s.b; },
     "net/dense/bias: has two producers, the second is RELU net/dense/bias (operator 1)"},
    {"InputTwice", [](SmallGraph& s) { s.graph().inputs.push_back(s.x); },
     "net/input: has two producers, the second is a graph input"},
    {"ConstantIsInput", [](SmallGraph& s) { s.graph().inputs.push_back(s.b); },
     "net/dense/bias: has two producers, the second is a graph input"},
    {"NothingProduces", [](SmallGraph& s) { s.graph().add_tensor({.name = "orphan"}); },
     "orphan: nothing produces this tensor"},
    {"NoSuchConstant", [](SmallGraph& s) { s.graph().tensors[s.w].constant = 9; },
     "net/dense/kernel: there is no constant 9"},
    {"ConstantTooShort", [](SmallGraph& s) { s.graph().tensors[s.w].shape = {4, 4}; },
     "net/dense/kernel: a constant of 48 bytes for float32 4x4"},
    {"ConstantOfOtherType", [](SmallGraph& s) { s.graph().tensors[s.w].type = ElementType::kInt8; },
     "net/dense/kernel: a constant of 48 bytes for int8 3x4"},
    {"ConstantWithFreeSize", [](SmallGraph& s) { s.graph().tensors[s.w].shape = {Shape::kFree, 4}; },
     "net/dense/kernel: a constant of 48 bytes for float32 ?x4"},
    {"NegativeDimension", [](SmallGraph& s) { s.graph().tensors[s.h].shape = {-2, 3}; }, "net/dense: dimension -2"},
    {"TooFewInputs", [](SmallGraph& s) { s.graph().nodes[0].inputs.resize(1); },
     "net/dense (operator 0): FULLY_CONNECTED with 1 inputs, it takes 2 to 3"},
    {"TooManyInputs", [](SmallGraph& s) { s.graph().nodes[1].inputs.resize(300, s.h); },
     "net/relu (operator 1): RELU with 300 inputs, it takes 1 to 1"},
    {"NoOutput", [](SmallGraph& s) { s.graph().nodes[1].outputs.clear(); }, "RELU with 0 outputs, it has one"},
    {"TwoOutputs", [](SmallGraph& s) { s.graph().nodes[1].outputs.push_back(s.h); },
     "net/relu (operator 1): RELU with 2 outputs, it has one"},
    {"RequiredInputLeftOut", [](SmallGraph& s) { s.graph().nodes[0].inputs[1] = kNoId; },
     "net/dense (operator 0): FULLY_CONNECTED without input 1"},
    {"UnknownOperator", [](SmallGraph& s) { s.graph().nodes[1].op = static_cast<Op>(200); },
     "net/relu (operator 1): there is no operator 200"},
    {"SourceOperatorInBuiltinModel",
     [](SmallGraph& s) { s.graph().nodes[1] = {Op::kIdentity, {s.h}, {s.y}, IdentityAttributes{}}; },
     "net/relu (operator 1): a source-only operator in a model of TFLite builtin operators"},
    {"SourceOperatorUnknown",
     [](SmallGraph& s) {
       s.model.level = Level::kSource;
       s.graph().nodes[1] = {Op::kIdentity, {s.h}, {s.y}, IdentityAttributes{}};
     },
     "net/relu: this operator exists only before conversion"},
    {"ForeignAttributes", [](SmallGraph& s) { s.graph().nodes[0].attributes = SoftmaxAttributes{}; },
     "net/dense (operator 0): FULLY_CONNECTED with another operator's attributes"},
    {"UnwantedAttributes", [](SmallGraph& s) { s.graph().nodes[1].attributes = SoftmaxAttributes{}; },
     "net/relu (operator 1): RELU with another operator's attributes"},
    {"NoScales", [](SmallGraph& s) { s.graph().tensors[s.y].quantization = Quantization{}; },
     "net/relu: 0 scales and 0 zero points"},
    {"ZeroPointMissing", [](SmallGraph& s) { s.graph().tensors[s.w].quantization = Quantization{{1, 1, 1}, {0}, 0}; },
     "net/dense/kernel: 3 scales and 1 zero points"},
    {"ScalesWithoutAxis",
     [](SmallGraph& s) { s.graph().tensors[s.w].quantization = Quantization{{1, 1, 1}, {0, 0, 0}, -1}; },
     "net/dense/kernel: 3 scales without an axis"},
    {"AxisOutOfRange",
     [](SmallGraph& s) { s.graph().tensors[s.w].quantization = Quantization{{1, 1, 1}, {0, 0, 0}, 2}; },
     "net/dense/kernel: quantized along axis 2 of shape 3x4"},
    {"ScalesDoNotFitAxis",
     [](SmallGraph& s) { s.graph().tensors[s.w].quantization = Quantization{{1, 1, 1}, {0, 0, 0}, 1}; },
     "net/dense/kernel: 3 scales along axis 1 of shape 3x4"},
    {"AxisOfComputedTensor",
     [](SmallGraph& s) { s.graph().tensors[s.h].quantization = Quantization{{1, 1}, {0, 0}, 1}; },
     "net/dense: 2 scales along axis 1 of shape ?x3"},
    {"ZeroScale", [](SmallGraph& s) { s.graph().tensors[s.y].quantization = Quantization{{0}, {0}, -1}; },
     "net/relu: a scale of 0.0"},
    {"NegativeScale", [](SmallGraph& s) { s.graph().tensors[s.y].quantization = Quantization{{-1}, {0}, -1}; },
     "net/relu: a scale of -1.0"},
    {"InfiniteScale",
     [](SmallGraph& s) {
       s.graph().tensors[s.y].quantization = Quantization{{std::numeric_limits<float>::infinity()}, {0}, -1};
     },
     "net/relu: a scale of inf"},
    {"ScaleIsNoNumber",
     [](SmallGraph& s) {
       s.graph().tensors[s.y].quantization = Quantization{{std::numeric_limits<float>::quiet_NaN()}, {0}, -1};
     },
     "nan (it must be finite and positive)"},
    {"ZeroPointOutsideType",
     [](SmallGraph& s) {
       s.graph().tensors[s.y].type = ElementType::kInt8;
       s.graph().tensors[s.y].quantization = Quantization{{1}, {128}, -1};
     },
     "net/relu: zero point 128 is no int8"},
    {"SignatureOfNoGraph", [](SmallGraph& s) { s.model.signatures[0].graph = 3; },
     "signature serving_default: there is no graph 3"},
    {"SignatureLacksInput", [](SmallGraph& s) { s.model.signatures[0].inputs.clear(); },
     "signature serving_default: 0 inputs, the graph has 1"},
    {"SignatureOfNoTensor", [](SmallGraph& s) { s.model.signatures[0].outputs[0].tensor = 99; },
     "signature serving_default: output_0 is none of the graph's outputs"},
    {"SignatureOfInnerTensor", [](SmallGraph& s) { s.model.signatures[0].inputs[0].tensor = s.h; },
     "signature serving_default: x is none of the graph's inputs"},
    {"SignatureNameTwice",
     [](SmallGraph& s) {
       s.graph().outputs.push_back(s.h);
       s.model.signatures[0].outputs.push_back({"output_0", s.h});
     },
     "signature serving_default: two outputs are named output_0"},
    {"OtherShapeRecorded", [](SmallGraph& s) { s.graph().tensors[s.y].shape = {Shape::kFree, 7}; },
     "net/relu: is recorded as float32 ?x7, its operator makes float32 1x3"},
    {"OtherRankRecorded", [](SmallGraph& s) { s.graph().tensors[s.y].shape = {Shape::kFree, 1, 3}; },
     "net/relu: is recorded as float32 ?x1x3, its operator makes float32 1x3"},
    {"OtherTypeRecorded", [](SmallGraph& s) { s.graph().tensors[s.y].type = ElementType::kInt8; },
     "net/relu: is recorded as int8 ?x3, its operator makes float32 1x3"},
    {"DepthDoesNotFit", [](SmallGraph& s) { s.graph().tensors[s.x].shape = {Shape::kFree, 5}; },
     "net/dense (operator 0): "},
    {"HugeInput", [](SmallGraph& s) { s.graph().tensors[s.x].shape = {1 << 30, 1 << 30}; },
     "input net/input: shape 1073741824x1073741824 has more than 2^40 elements"},
    {"SecondGraphIsChecked",
     [](SmallGraph& s) {
       Graph& second = s.model.graphs.emplace_back();
       second.outputs = {0};
     },
     "graph outputs: there is no tensor 0"},
};

INSTANTIATE_TEST_SUITE_P(Graphs, VerifyDamage, testing::ValuesIn(kDamages),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Verify, SourceModelsNeedTheirOperators) {
  SmallGraph small;
  small.model.level = Level::kSource;
  small.graph().nodes[1] = {Op::kIdentity, {small.h}, {small.y}, IdentityAttributes{}};
  EXPECT_EQ(verify(small.model).code(), StatusCode::kUnsupported);
  const Status status = verify(small.model, source_operator_table());
  EXPECT_TRUE(status.is_ok()) << status.message();
}

TEST(Verify, EveryOperatorWithOptionsRefusesNodesWithoutThem) {
  for (const RuntimeOperator& row : runtime_operators()) {
    if (row.parse == nullptr) continue;
    Model model;
    Graph& graph = model.graphs.emplace_back();
    const TensorId x = graph.add_tensor({.name = "x", .shape = {1, 4}});
    const TensorId y = graph.add_tensor({.name = "y", .shape = {1, 4}});
    graph.inputs = {x};
    graph.outputs = {y};
    graph.add_node({row.op, std::vector<TensorId>(row.min_inputs, x), {y}, NoAttributes{}});
    EXPECT_NE(verify(model).message().find("another operator's attributes"), std::string::npos) << row.name;
  }
}

}  // namespace
}  // namespace burin
