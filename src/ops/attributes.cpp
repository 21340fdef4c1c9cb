#include "ops/attributes.hpp"

#include <limits>
#include <type_traits>

namespace burin {

const FusedActivation* fused_activation(const Attributes& attributes) {
  return std::visit(
      [](const auto& a) -> const FusedActivation* {
        if constexpr (requires { a.activation; }) {
          return &a.activation;
        } else {
          return nullptr;
        }
      },
      attributes);
}

FusedActivation* fused_activation(Attributes& attributes) {
  return const_cast<FusedActivation*>(fused_activation(static_cast<const Attributes&>(attributes)));
}

FloatRange activation_range(FusedActivation activation) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  switch (activation) {
    case FusedActivation::kRelu:
      return {0.0f, kInfinity};
    case FusedActivation::kReluN1To1:
      return {-1.0f, 1.0f};
    case FusedActivation::kRelu6:
      return {0.0f, 6.0f};
    case FusedActivation::kNone:
      break;
  }
  return {-kInfinity, kInfinity};
}

}  // namespace burin
