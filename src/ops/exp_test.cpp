#include "ops/exp.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace burin {
namespace {

// Distance in units of the last place of the correctly rounded result.
double units(float value, double exact) {
  const float rounded = static_cast<float>(exact);
  const float next = std::nextafter(std::fabs(rounded), std::numeric_limits<float>::infinity());
  return std::fabs(static_cast<double>(value) - exact) / static_cast<double>(next - std::fabs(rounded));
}

struct Function {
  const char* name;
  float (*ours)(float);
  double (*exact)(double);
  double low, high, allowed;
};

TEST(Elementary, WithinTwoUnits) {
  const Function functions[] = {
      {"exp", exp_f32, [](double x) { return std::exp(x); }, -103.0, 88.7, 2},
      {"tanh", tanh_f32, [](double x) { return std::tanh(x); }, -12.0, 12.0, 2},
      {"logistic", logistic_f32, [](double x) { return 1.0 / (1.0 + std::exp(-x)); }, -80.0, 40.0, 3},
      {"expm1", expm1_f32, [](double x) { return std::expm1(x); }, -20.0, 0.49, 3},
      {"log", log_f32, [](double x) { return std::log(x); }, 1e-30, 30.0, 2},
  };
  for (const Function& f : functions) {
    double worst = 0, at = 0;
    constexpr int kSteps = 200'003;
    for (int i = 0; i <= kSteps; ++i) {
      const float x = static_cast<float>(f.low + (f.high - f.low) * i / kSteps);
      const double apart = units(f.ours(x), f.exact(static_cast<double>(x)));
      if (apart > worst) worst = apart, at = static_cast<double>(x);
    }
    EXPECT_LE(worst, f.allowed) << f.name << " at " << at;
  }
}

TEST(Elementary, Ends) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(exp_f32(0.0f), 1.0f);
  EXPECT_EQ(exp_f32(kInfinity), kInfinity);
  EXPECT_EQ(exp_f32(-kInfinity), 0.0f);
  EXPECT_EQ(exp_f32(90.0f), kInfinity);
  EXPECT_EQ(exp_f32(-110.0f), 0.0f);
  EXPECT_TRUE(std::isnan(exp_f32(std::nanf(""))));
  EXPECT_TRUE(std::isnan(tanh_f32(std::nanf(""))));
  EXPECT_EQ(tanh_f32(kInfinity), 1.0f);
  EXPECT_EQ(tanh_f32(-kInfinity), -1.0f);
  EXPECT_EQ(logistic_f32(-kInfinity), 0.0f);
  EXPECT_EQ(logistic_f32(kInfinity), 1.0f);
  EXPECT_EQ(log_f32(0.0f), -kInfinity);
  EXPECT_EQ(log_f32(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(log_f32(-1.0f)));
  EXPECT_LE(units(log_f32(1e-42f), std::log(static_cast<double>(1e-42f))), 2);
}

TEST(Elementary, ErrorFunction) {
  for (double x = -5; x <= 5; x += 0.01) EXPECT_NEAR(erf_f64(x), std::erf(x), 2e-8) << x;
}

}  // namespace
}  // namespace burin
