// Passes: rewrites of a Model, one per file, each with the graph before and after drawn in its header.
#pragma once

#include <span>
#include <string_view>

#include "graph/model.hpp"

namespace burin {

struct Pass {
  std::string_view name;      // "fold_batch_norm"
  std::string_view summary;   // one line, for `burin list passes`
  bool (*run)(Model& model);  // true when it changed something; throws Error
};

// In the order in which lower() runs them.
std::span<const Pass> passes();

// kSource -> kBuiltin and optimized; a kBuiltin model (somebody's float .tflite) is optimized only.
// Verifies after every pass in debug builds, at the end always.
void lower(Model& model);

}  // namespace burin
