#include "deploy/runtime_selection.hpp"

#include <gtest/gtest.h>

#include "burin/error.hpp"
#include "small_models.hpp"

namespace burin {
namespace {

TEST(RuntimeSelection, HoldsWhatAModelNeeds) {
  const RuntimeSelection selection = runtime_selection(small_mobilenet());
  std::set<std::string> operators;
  for (const auto& [op, kernel] : selection) {
    operators.insert(op);
    EXPECT_NE(kernel, "reference") << op;
  }
  EXPECT_EQ(operators,
            (std::set<std::string>{"ADD", "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "MEAN", "SOFTMAX"}));
}

TEST(RuntimeSelection, ComputedConstantsNeedTheReference) {
  ModelBuilder b;
  const TensorId input = b.input({1, 4});
  const TensorId sum = b.node(Op::kAdd, {b.constant({4}), b.constant({4})}, {4}, ArithmeticAttributes{});
  b.output(b.node(Op::kMul, {input, sum}, {1, 4}, ArithmeticAttributes{}));
  const RuntimeSelection expected{{"ADD", "reference"}, {"MUL", "mul_f32"}};
  EXPECT_EQ(runtime_selection(b.model()), expected);
}

TEST(RuntimeSelection, ReadsWhatItWrites) {
  const RuntimeSelection selection{{"ADD", "add_s8"}, {"RESHAPE", "none"}};
  EXPECT_EQ(read_selection(write_selection(selection), "file"), selection);
  EXPECT_EQ(read_selection(write_selection({}), "file"), RuntimeSelection());
  const std::string text = write_selection(selection);
  for (size_t size = 0; size + 1 < text.size(); ++size) {
    EXPECT_THROW((void)read_selection(text.substr(0, size), "file"), Error) << size;
  }
}

}  // namespace
}  // namespace burin
