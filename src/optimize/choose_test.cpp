#include "optimize/choose.hpp"

#include <gtest/gtest.h>

namespace burin {
namespace {

VariantFigures variant(std::string name, uint64_t size, double median, double val_drop) {
  VariantFigures figures;
  figures.name = std::move(name);
  figures.size_bytes = size;
  figures.median_ms = median;
  figures.val_accuracy = 0.9 - val_drop;
  figures.val_drop = val_drop;
  return figures;
}

OptimizeResult measured(std::vector<VariantFigures> variants) {
  OptimizeResult result;
  result.original = variant("keras", 1000, 12.0, 0.0);
  result.variants = std::move(variants);
  result.labeled = true;
  return result;
}

std::string recommended(const OptimizeResult& result) {
  return result.recommended ? result.variants[*result.recommended].name : "none";
}

struct Case {
  const char* name;
  std::vector<VariantFigures> variants;
  Bound bound;
  Objective objective;
  bool fallback;
  const char* expected;
  bool bound_met;
};

TEST(ChooseVariant, Rules) {
  const VariantFigures fp32 = variant("fp32", 900, 10.0, 0.0);
  const VariantFigures fp16 = variant("fp16", 450, 10.1, 0.0);
  const VariantFigures dynamic = variant("dynamic", 250, 14.0, 0.002);
  const VariantFigures int8 = variant("int8", 260, 4.0, 0.004);
  const VariantFigures bad_int8 = variant("int8", 260, 4.0, 0.05);
  const Bound drop{0.01, {}};
  const std::vector<Case> cases{
      {"fastest", {fp32, fp16, dynamic, int8}, drop, Objective::kLatency, false, "int8", true},
      {"medians within 3 % are equal", {fp32, fp16, dynamic, bad_int8}, drop, Objective::kLatency, false, "fp16", true},
      {"smallest", {fp32, fp16, dynamic, int8}, drop, Objective::kSize, false, "dynamic", true},
      {"slower than fp32 is not for latency", {fp32, dynamic}, drop, Objective::kLatency, false, "fp32", true},
      {"fallback order", {fp32, fp16, dynamic, int8}, drop, Objective::kLatency, true, "int8", true},
      {"falls back", {fp32, fp16, dynamic, bad_int8}, drop, Objective::kLatency, true, "fp16", true},
      {"minimum accuracy", {fp32, int8}, {0.01, 0.899}, Objective::kLatency, false, "fp32", true},
      {"nothing is good enough", {fp32, int8}, {0.01, 0.95}, Objective::kLatency, false, "none", false},
      {"a drop equal to the bound meets it",
       {variant("int8", 1, 1, 0.01)},
       drop,
       Objective::kLatency,
       false,
       "int8",
       true},
  };
  for (const Case& c : cases) {
    OptimizeResult result = measured(c.variants);
    choose_variant(result, c.bound, c.objective, c.fallback);
    EXPECT_EQ(recommended(result), c.expected) << c.name;
    EXPECT_EQ(result.bound_met, c.bound_met) << c.name;
    EXPECT_FALSE(result.reason.empty()) << c.name;
    EXPECT_EQ(advice(result).size(), 3u) << c.name;
  }
}

TEST(ChooseVariant, NotesSayWhy) {
  OptimizeResult result =
      measured({variant("fp32", 900, 10.0, 0.0), variant("dynamic", 250, 14.0, 0.0), variant("int8", 260, 4.0, 0.05)});
  choose_variant(result, {0.01, {}}, Objective::kLatency, false);
  EXPECT_EQ(result.variants[0].note, "");
  EXPECT_EQ(result.variants[1].note, "slower than FP32 (14.00 against 10.00 ms)");
  EXPECT_EQ(result.variants[2].note, "misses the bound: accuracy 0.8500 on val (drop 0.0500)");
}

// Server, desktop and mobile lines begin with the name of the variant.
TEST(Advice, WeighsSizeTimeAndMemory) {
  VariantFigures fp32 = variant("fp32", 900, 10.0, 0.0);
  VariantFigures dynamic = variant("dynamic", 250, 14.0, 0.0);
  VariantFigures int8 = variant("int8", 260, 4.0, 0.0);
  const auto mobile = [](std::vector<VariantFigures> variants) {
    OptimizeResult result = measured(std::move(variants));
    choose_variant(result, {0.01, {}}, Objective::kLatency, false);
    return advice(result)[2];
  };
  EXPECT_EQ(mobile({fp32, dynamic, int8}),
            "mobile/edge: INT8, 0.000 MB to ship (3.8 x smaller than the original), 4.00 ms here; Dynamic range is "
            "3.8 % smaller but takes 3.5 x the time");
  int8.size_bytes = 270;  // 8 % larger is not equal any more
  EXPECT_TRUE(mobile({fp32, dynamic, int8}).starts_with("mobile/edge: Dynamic range"));
  int8.size_bytes = 260;
  int8.median_ms = 14.1;  // equally fast: memory decides
  int8.peak_memory_bytes = 5;
  dynamic.peak_memory_bytes = 9;
  EXPECT_TRUE(mobile({fp32, dynamic, int8}).starts_with("mobile/edge: INT8"));
  int8.meets_bound = false;
  int8.val_drop = 0.05;
  EXPECT_TRUE(mobile({fp32, dynamic, int8}).starts_with("mobile/edge: Dynamic range"));
}

TEST(Bound, StandInsWithoutLabels) {
  VariantFigures agreeing;
  agreeing.val_agreement = 0.995;
  EXPECT_TRUE((Bound{0.01, {}}.met_by(agreeing)));
  EXPECT_FALSE((Bound{0.001, {}}.met_by(agreeing)));
  VariantFigures checked;
  checked.snr_db = 19.0;
  EXPECT_FALSE((Bound{0.01, {}}.met_by(checked)));
  checked.snr_db = 30.0;
  EXPECT_TRUE((Bound{0.01, {}}.met_by(checked)));
}

}  // namespace
}  // namespace burin
