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
  std::string quantize = "none";  // none, fp16, dynamic, int8, int4
  std::string io = "float32";     // of int8 and int4 models: float32, int8, uint8
  std::string calibration;        // a folder of pictures or an .npz; int8 and int4 need it
  std::string labels;             // a file with one class name a line; empty: the class folders of `calibration`
  PictureOptions pictures;
  bool verify = true;  // run both models on a few inputs before the file gets its name
  bool force = false;  // replace a file of that name even when it is no .tflite
  int threads = 0;     // 0: all cores
};

// A layer that an int8 or int4 model computes in float, since its operator has no integer arithmetic.
struct FloatLayer {
  std::string layer;
  std::string operator_name;
};

struct ConvertResult {
  std::string path;
  uint64_t size_bytes = 0;
  // Of the check; nothing without one. The ratio is infinite where both models agree in every bit.
  std::optional<double> max_relative_difference;
  std::optional<double> snr_db;
  size_t checked_samples = 0;
  size_t calibration_samples = 0;
  std::string preprocess;                // as recorded in the metadata; empty: not known
  std::vector<FloatLayer> float_layers;  // of int8 and int4 models
  std::vector<std::string> warnings;
};

// `model`: .keras, Keras 3 .h5 or .tflite. `output` ends with .tflite.
ConvertResult convert(const std::string& model, const std::string& output, const ConvertOptions& options = {},
                      Progress& progress = no_progress());

// What `optimize` found out about one model file.
struct VariantFigures {
  std::string name;  // fp32, fp16, dynamic, int8; of the original: its file format
  std::string path;
  uint64_t size_bytes = 0;
  // With labels: on the reported part of the data (test) and on the choosing one (val).
  std::optional<double> accuracy, top5_accuracy, val_accuracy;
  // Against the original, on the same pictures; accuracy lost, and its 95 % interval.
  std::optional<double> drop, drop_low, drop_high, val_drop;
  // With data, labelled or not: share of pictures with the same best class. Without data the ratio is that of the
  // conversion's check; infinite where the outputs are equal.
  std::optional<double> agreement, val_agreement, snr_db, val_snr_db;
  double median_ms = 0.0, p90_ms = 0.0;  // one thread
  double load_ms = 0.0;
  std::optional<uint64_t> peak_memory_bytes;  // needs memory_probe
  bool meets_bound = false;
  std::string note;                      // why it is not recommended; may be empty
  std::vector<FloatLayer> float_layers;  // of int8 models
};

struct OptimizeOptions {
  std::string data;         // folder or .npz; empty: no accuracy
  std::string calibration;  // replaces the data's train part
  std::vector<std::string> variants{"fp32", "fp16", "dynamic", "int8"};
  double max_accuracy_drop = 0.01;
  std::optional<double> min_accuracy;  // replaces max_accuracy_drop
  std::string objective = "latency";   // or size
  bool fallback = false;               // INT8, then FP16, then FP32
  std::string output = "outputs/models";
  std::string labels;
  PictureOptions pictures;
  bool verify = true;
  bool force = false;
  int threads = 0;
  std::string memory_probe;  // the program that measures peak memory (burin itself); empty: not measured
};

struct LeftOut {
  std::string name;
  std::string reason;
};

struct OptimizeResult {
  VariantFigures original;
  std::vector<VariantFigures> variants;
  std::vector<LeftOut> left_out;
  std::optional<size_t> recommended;  // index of variants
  std::string reason;
  bool bound_met = false;           // by at least one variant
  std::vector<std::string> advice;  // server, desktop, mobile/edge
  size_t calibration_samples = 0, val_samples = 0, test_samples = 0;
  bool labeled = false;
  std::string preprocess;  // empty: not known
  std::vector<std::string> warnings;
};

// Writes <output>/<model>_<variant>.tflite for every variant, all at the end, and measures them beside the model.
OptimizeResult optimize(const std::string& model, const OptimizeOptions& options = {},
                        Progress& progress = no_progress());

struct EvaluateOptions {
  std::string reference;  // the float model to compare with; empty: none
  std::string split;      // train, val, test, all; empty: test where the data has it, else all
  PictureOptions pictures;
  std::string arithmetic = "litert";  // or reference
  int threads = 0;
};

struct EvaluateResult {
  size_t samples = 0;
  std::string split;
  std::optional<double> accuracy, top5_accuracy;    // with labels
  std::optional<double> agreement, snr_db;          // with a reference
  std::optional<double> drop, drop_low, drop_high;  // with both
  std::vector<std::vector<size_t>> confusion;       // [label][prediction]
  std::vector<std::string> class_names;
};

EvaluateResult evaluate(const std::string& model, const std::string& data, const EvaluateOptions& options = {},
                        Progress& progress = no_progress());

}  // namespace burin
