// What the writer writes, the reader reads; what is wrong with a file, the reader says.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "burin/error.hpp"
#include "formats/tflite/read_tflite.hpp"
#include "formats/tflite/write_tflite.hpp"
#include "graph/print.hpp"
#include "small_models.hpp"

namespace burin {
namespace {

std::span<const std::byte> as_file(const std::vector<uint8_t>& bytes) { return std::as_bytes(std::span(bytes)); }

Result<Model> read(const std::vector<uint8_t>& bytes, const TfliteLimits& limits = {}) {
  return read_tflite(as_file(bytes), nullptr, limits);
}

Model written_and_read(const Model& model) {
  // The bytes live as long as the model that views them.
  auto bytes = std::make_shared<std::vector<uint8_t>>(write_tflite(model));
  return value_or_throw(read_tflite(as_file(*bytes), bytes));
}

Model mobilenet() {
  Model model = small_mobilenet();
  Signature signature;
  signature.inputs.push_back({"image", model.main().inputs[0]});
  signature.outputs.push_back({"output_0", model.main().outputs[0]});
  model.signatures.push_back(signature);
  return model;
}

TEST(Tflite, RoundTripKeepsTheModel) {
  const Model model = mobilenet();
  const Model again = written_and_read(model);
  ASSERT_EQ(again.main().nodes.size(), model.main().nodes.size());
  for (size_t i = 0; i < model.main().nodes.size(); ++i) {
    EXPECT_EQ(again.main().nodes[i].op, model.main().nodes[i].op);
    EXPECT_TRUE(again.main().nodes[i].attributes == model.main().nodes[i].attributes) << i;
    EXPECT_EQ(again.main().nodes[i].inputs, model.main().nodes[i].inputs);
  }
  for (size_t i = 0; i < model.main().tensors.size(); ++i) {
    EXPECT_EQ(again.main().tensors[i].shape, model.main().tensors[i].shape);
    EXPECT_EQ(again.main().tensors[i].type, model.main().tensors[i].type);
  }
  ASSERT_EQ(again.signatures.size(), 1u);
  EXPECT_EQ(again.signatures[0].inputs[0].name, "image");
  EXPECT_EQ(again.signatures[0].outputs[0].name, "output_0");
}

TEST(Tflite, TensorsOfTheSignatureAreNamedAsTensorFlowDoes) {
  const Model again = written_and_read(mobilenet());
  EXPECT_EQ(again.main().tensors[again.main().inputs[0]].name, "serving_default_image:0");
  EXPECT_EQ(again.main().tensors[again.main().outputs[0]].name, "StatefulPartitionedCall:0");
}

TEST(Tflite, WritingIsDeterministicAndIdempotent) {
  const std::vector<uint8_t> first = write_tflite(mobilenet());
  EXPECT_EQ(write_tflite(mobilenet()), first);
  EXPECT_EQ(write_tflite(value_or_throw(read(first))), first);
}

TEST(Tflite, ConstantsAreAlignedAndWrittenOnce) {
  Model model = mobilenet();
  Graph& graph = model.main();
  const size_t before = write_tflite(model).size();
  const Tensor& kernel = graph.tensors[graph.nodes[1].inputs[1]];
  Tensor copy = kernel;
  copy.name = "copy";
  // An equal constant costs a tensor, no data.
  const TensorId id = graph.add_tensor(copy);
  graph.nodes[1].inputs[1] = id;
  EXPECT_LT(write_tflite(model).size(), before + 200);
  const std::vector<uint8_t> bytes = write_tflite(model);
  const Model again = value_or_throw(read(bytes));
  for (size_t i = 0; i < again.constant_count(); ++i) {
    const auto* data = again.constant(static_cast<ConstantId>(i)).bytes.data();
    EXPECT_EQ((data - as_file(bytes).data()) % 16, 0) << i;
  }
}

TEST(Tflite, MetadataCarriesNameAndLabels) {
  TfliteMetadata metadata;
  metadata.name = "waste";
  metadata.description = "a classifier";
  metadata.normalization = TfliteMetadata::Normalization{{0.0f}, {1.0f}};
  metadata.labels = {"glass", "metal", "paper", "plastic", "trash"};
  const Model again = value_or_throw(read(write_tflite(mobilenet(), metadata)));
  EXPECT_EQ(again.name, "waste");
  EXPECT_EQ(again.labels, metadata.labels);
}

TEST(Tflite, QuantizationSurvives) {
  Model model = mobilenet();
  Graph& graph = model.main();
  const TensorId input = graph.inputs[0];
  const TensorId codes = graph.add_tensor({.name = "codes",
                                           .type = ElementType::kInt8,
                                           .shape = graph.tensors[input].shape,
                                           .quantization = Quantization{{0.5f}, {-128}, -1}});
  graph.inputs[0] = model.signatures[0].inputs[0].tensor = codes;
  graph.nodes.insert(graph.nodes.begin(), Node{Op::kDequantize, {codes}, {input}, NoAttributes{}});
  const Model again = written_and_read(model);
  const Tensor& read_codes = again.main().tensors[again.main().inputs[0]];
  ASSERT_TRUE(read_codes.quantization.has_value());
  EXPECT_EQ(*read_codes.quantization, (Quantization{{0.5f}, {-128}, -1}));
}

TEST(Tflite, SortsOperatorsOfAnyOrder) {
  Model model = mobilenet();
  std::ranges::reverse(model.main().nodes);
  const Model again = written_and_read(model);
  EXPECT_EQ(again.main().nodes.front().op, Op::kConv2d);
  EXPECT_EQ(again.main().nodes.back().op, Op::kSoftmax);
}

TEST(Tflite, SourceOperatorsCannotBeWritten) {
  Model model = mobilenet();
  model.main().nodes.back() = {Op::kIdentity, {0}, {model.main().outputs[0]}, IdentityAttributes{"Dropout"}};
  try {
    (void)write_tflite(model);
    FAIL() << "written";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("IDENTITY has no form in a .tflite file"), std::string::npos)
        << error.what();
  }
}

struct BadModel {
  const char* name;
  std::function<void(Model&)> damage;
  StatusCode code;
  const char* message;  // a part of it
};

class BadTflite : public testing::TestWithParam<BadModel> {};

TEST_P(BadTflite, IsRefused) {
  Model model = mobilenet();
  GetParam().damage(model);
  const Result<Model> result = read(write_tflite(model));
  ASSERT_FALSE(result.is_ok());
  EXPECT_EQ(result.status().code(), GetParam().code) << result.status().message();
  EXPECT_NE(result.status().message().find(GetParam().message), std::string::npos) << result.status().message();
}

INSTANTIATE_TEST_SUITE_P(
    Models, BadTflite,
    testing::Values(
        BadModel{"cycle", [](Model& m) { m.main().nodes[0].inputs[0] = m.main().nodes[5].outputs[0]; },
                 StatusCode::kInvalidModel, "cycle"},
        BadModel{"index", [](Model& m) { m.main().nodes[2].inputs[0] = 4000; }, StatusCode::kInvalidModel,
                 "there is no tensor 4000"},
        BadModel{"two_producers", [](Model& m) { m.main().inputs.push_back(m.main().inputs[0]); },
                 StatusCode::kInvalidModel, "two producers"},
        BadModel{"size", [](Model& m) { m.main().tensors[m.main().nodes[0].inputs[1]].shape = {8, 3, 3, 4}; },
                 StatusCode::kInvalidModel, "a constant of 864 bytes"},
        BadModel{"overflow",
                 [](Model& m) { m.main().tensors[m.main().nodes[1].outputs[0]].shape = {1 << 30, 1 << 30, 16}; },
                 StatusCode::kResourceLimit, "larger than"},
        BadModel{"activation",
                 [](Model& m) { *fused_activation(m.main().nodes[0].attributes) = static_cast<FusedActivation>(4); },
                 StatusCode::kUnsupported, "CONV_2D: fused activation TANH"},
        BadModel{"type",
                 [](Model& m) { m.main().tensors[m.main().nodes[1].outputs[0]].type = static_cast<ElementType>(5); },
                 StatusCode::kUnsupported, "strings"},
        BadModel{"scale",
                 [](Model& m) {
                   Tensor& tensor = m.main().tensors[m.main().nodes[0].inputs[1]];
                   tensor.type = ElementType::kInt32;
                   tensor.quantization = Quantization{{-1.0f}, {0}, -1};
                 },
                 StatusCode::kInvalidModel, "a scale of -1"}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(Tflite, EveryTruncationIsAnError) {
  const std::vector<uint8_t> whole = write_tflite(mobilenet());
  for (size_t size = 0; size < whole.size(); size += 7) {
    const std::vector<uint8_t> cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    const Result<Model> result = read(cut);
    if (result.is_ok()) {
      EXPECT_GT(size + 64, whole.size()) << "only padding may be missing";
    } else {
      EXPECT_FALSE(result.status().message().empty());
    }
  }
}

TEST(Tflite, EveryFlippedByteIsReadOrRefused) {
  const std::vector<uint8_t> whole = write_tflite(mobilenet());
  for (size_t position = 0; position < whole.size(); position += 3) {
    std::vector<uint8_t> changed = whole;
    changed[position] ^= 0xff;
    const Result<Model> result = read(changed);
    if (!result.is_ok()) {
      EXPECT_FALSE(result.status().message().empty());
    }
  }
}

TEST(Tflite, SaysWhatAFileIs) {
  const Result<Model> result = read(std::vector<uint8_t>(100, uint8_t{'x'}));
  ASSERT_FALSE(result.is_ok());
  EXPECT_EQ(result.status().message(), "this is no .tflite file (the identifier TFL3 is missing)");
}

TEST(Tflite, NamesEveryOperatorThatIsMissing) {
  // Operator codes of SOFTMAX (25) and MEAN (40), found as the int32 whose change makes the reader miss an operator.
  std::vector<uint8_t> bytes = write_tflite(mobilenet());
  for (const auto& [code, other] : {std::pair<uint8_t, uint8_t>{25, 126}, {40, 127}}) {
    const std::string missing = other == 126 ? "BATCH_MATMUL" : "PLACEHOLDER_FOR_GREATER_OP_CODES";
    std::vector<uint8_t> found;
    for (size_t i = 0; i < bytes.size() && found.empty(); ++i) {
      if (bytes[i] != code) continue;
      std::vector<uint8_t> attempt = bytes;
      attempt[i] = other;
      if (read(attempt).status().message().find(missing) != std::string::npos) found = attempt;
    }
    ASSERT_FALSE(found.empty()) << missing;
    bytes = found;
  }
  const Status status = read(bytes).status();
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_NE(status.message().find("BATCH_MATMUL (1 use, first at StatefulPartitionedCall:0)"), std::string::npos)
      << status.message();
  EXPECT_NE(status.message().find("GREATER_OP_CODES (1 use, first at layer_"), std::string::npos) << status.message();
}

TEST(Tflite, LimitsHold) {
  const std::vector<uint8_t> bytes = write_tflite(mobilenet());
  TfliteLimits limits;
  limits.max_nodes = 3;
  EXPECT_EQ(read(bytes, limits).status().code(), StatusCode::kResourceLimit);
  limits = {};
  limits.max_tensors = 5;
  EXPECT_EQ(read(bytes, limits).status().code(), StatusCode::kResourceLimit);
  limits = {};
  limits.max_tensor_bytes = 16;
  EXPECT_EQ(read(bytes, limits).status().code(), StatusCode::kResourceLimit);
}

}  // namespace
}  // namespace burin
