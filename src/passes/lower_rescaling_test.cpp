#include "passes/pass_test_models.hpp"
#include "passes/passes.hpp"

namespace burin {
namespace {

constexpr int32_t kFree = Shape::kFree;
using B = SourceBuilder;

TEST(LowerRescaling, Table) {
  const auto model = [](std::vector<float> scale, std::vector<float> offset) {
    B b;
    return b.finish({b.rescaling(b.input({kFree, 5, 3}), std::move(scale), std::move(offset))});
  };
  for (const PassCase& test :
       std::vector<PassCase>{{"both", model({0.5f}, {-1.0f}), "MUL ADD"},
                             {"scale", model({0.5f}, {0.0f}), "MUL"},
                             {"offset", model({1.0f}, {3.0f}), "ADD"},
                             {"neither", model({1.0f}, {0.0f}), "MUL"},
                             {"one of each kind", model({0.5f}, {1.0f, 2.0f, 3.0f}), "MUL ADD"},
                             {"per channel", model({0.5f, 1.0f, 2.0f}, {1.0f, 2.0f, 3.0f}), "MUL ADD"}}) {
    check_pass(lower_rescaling, test);
  }
}

}  // namespace
}  // namespace burin
