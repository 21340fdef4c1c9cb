// small_mobilenet() as the bytes of a .tflite file: input `image` ?x17x15x3, output `scores` ?x5.
#pragma once

#include <cstdint>
#include <vector>

#include "formats/tflite/write_tflite.hpp"
#include "small_models.hpp"

namespace burin {

inline Model named_mobilenet() {
  Model model = small_mobilenet();
  const Graph& graph = model.main();
  model.signatures.push_back({.inputs = {{"image", graph.inputs[0]}}, .outputs = {{"scores", graph.outputs[0]}}});
  return model;
}

inline std::vector<uint8_t> mobilenet_file() { return write_tflite(named_mobilenet()); }

}  // namespace burin
