// The toolkit as functions: what the program `burin` does, for programs that link it.
//
//   burin::ConvertOptions options;
//   options.quantize = "int8";
//   options.calibration = "data/train";
//   burin::ConvertResult result = burin::convert("model.keras", "model_int8.tflite", options);
//
// Everything throws burin::Error (burin/error.hpp): what is wrong and where, and what to do about it. Files appear
// whole or not at all. Results never depend on the number of threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "burin/error.hpp"
#include "burin/progress.hpp"

namespace burin {

// How pictures become model inputs and which of them calibrate.
struct PictureOptions {
  std::string preprocess = "auto";         // auto, none, tf, torch, caffe
  std::string resize = "pillow-bilinear";  // pillow-bilinear, tf-bilinear, crop
  size_t samples = 200;                    // calibration pictures, stratified by class
  uint64_t seed = 0;                       // of their choice
};

struct ConvertOptions {
  std::string quantize = "none";  // none, fp16, dynamic, int8
  std::string io = "float32";     // of int8 models: float32, int8, uint8
  std::string calibration;        // a folder of pictures or an .npz; int8 needs it
  std::string labels;             // a file with one class name a line; empty: the class folders of `calibration`
  PictureOptions pictures;
  bool verify = true;  // run both models on a few inputs before the file gets its name
  bool force = false;  // replace a file of that name even when it is no .tflite
  int threads = 0;     // 0: all cores
};

struct ConvertResult {
  std::string path;
  uint64_t size_bytes = 0;
  // Of the check; nothing without one. The ratio is infinite where both models agree in every bit.
  std::optional<double> max_relative_difference;
  std::optional<double> snr_db;
  size_t checked_samples = 0;
  size_t calibration_samples = 0;
  std::string preprocess;  // as recorded in the metadata; empty: not known
  std::vector<std::string> warnings;
};

// `model`: .keras, Keras 3 .h5 or .tflite. `output` ends with .tflite.
ConvertResult convert(const std::string& model, const std::string& output, const ConvertOptions& options = {},
                      Progress& progress = no_progress());

}  // namespace burin
