// What several operators' options have in common when they are read from a `.tflite` file.
#pragma once

#include <cstdint>
#include <string>

#include "burin/status.hpp"
#include "formats/flatbuffer/flat_table.hpp"
#include "ops/conv/attributes.hpp"
#include "ops/fused_activation.hpp"

namespace burin {

// ActivationFunctionType of the TFLite schema. TANH and SIGN_BIT have no kernel in LiteRT either.
inline Status parse_fused_activation(const FlatTable& options, int field, FusedActivation& activation) {
  const auto code = options.scalar<int8_t>(field, 0);
  if (code < 0 || code > static_cast<int8_t>(FusedActivation::kRelu6)) {
    const std::string text = code == 4 ? "TANH" : code == 5 ? "SIGN_BIT" : std::to_string(code);
    return Status(StatusCode::kUnsupported, "fused activation " + text,
                  "use the activation as a layer of its own, or convert the model again");
  }
  activation = static_cast<FusedActivation>(code);
  return {};
}

inline Status parse_padding(const FlatTable& options, int field, Padding& padding) {
  const auto code = options.scalar<int8_t>(field, 0);
  if (code != 0 && code != 1) return Status(StatusCode::kInvalidModel, "padding " + std::to_string(code));
  padding = static_cast<Padding>(code);
  return {};
}

// A stride, dilation, filter size or multiplier: at least 1.
inline Status parse_positive(const FlatTable& options, int field, int32_t default_value, const char* what,
                             int32_t& value) {
  value = options.scalar<int32_t>(field, default_value);
  if (value >= 1) return {};
  return Status(StatusCode::kInvalidModel, std::string(what) + " " + std::to_string(value) + ", it must be positive");
}

}  // namespace burin
