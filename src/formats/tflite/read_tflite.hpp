// `.tflite` -> Model (kBuiltin). Runtime library: the hostile boundary, no exceptions.
// Format: schema.fbs version 3 of TensorFlow Lite, file identifier "TFL3".
#pragma once

#include <memory>
#include <span>

#include "graph/model.hpp"

namespace burin {

struct TfliteLimits {
  uint32_t max_nodes = 100'000;
  uint32_t max_tensors = 400'000;
  int64_t max_tensor_bytes = int64_t{1} << 32;
};

// Constants view `bytes`, which `keep_alive` owns. Errors name the operator or tensor. Verified before it returns.
Result<Model> read_tflite(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive,
                          const TfliteLimits& limits = {});

}  // namespace burin
