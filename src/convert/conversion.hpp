// One model as read, and the files that are made of it: read -> lower -> plan -> apply -> write -> check.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "burin/progress.hpp"
#include "burin/runtime.hpp"
#include "burin/toolkit.hpp"
#include "convert/check.hpp"
#include "data/sample_source.hpp"
#include "formats/tflite/write_tflite.hpp"
#include "graph/model.hpp"

namespace burin {

enum class Quantize : uint8_t { kNone, kFloat16, kDynamic, kInt8, kInt4 };

std::string_view name(Quantize quantize);  // "none", "fp16", "dynamic", "int8", "int4": the values of --quantize
// int8 activations, calibrated.
inline bool is_integer(Quantize quantize) { return quantize == Quantize::kInt8 || quantize == Quantize::kInt4; }

// Throws Error where `model` is not a float model: nothing can be quantized twice.
void check_float(const Model& model);

struct ConversionOptions {
  Quantize quantize = Quantize::kNone;
  ElementType io_type = ElementType::kFloat32;
  int threads = 1;
  const SampleSource* calibration = nullptr;  // kInt8 and kInt4 need it
  bool verify = true;
};

struct ConvertedFile {
  std::vector<uint8_t> bytes;
  std::optional<Agreement> agreement;    // nothing without verification
  std::vector<FloatLayer> float_layers;  // of kInt8 and kInt4
  std::vector<std::string> warnings;
};

class Conversion {
 public:
  // `file` is what errors call the model. `source_program` is made and released when it is needed unless it
  // is given.
  Conversion(std::string file, Model source, TfliteMetadata metadata, std::optional<Program> source_program = {});

  // Throws Error when the written file does not do what the model does: a float32 file farther than 1e-4 of the
  // largest value, or any file with outputs that are not finite.
  ConvertedFile convert(const ConversionOptions& options, Progress& progress = no_progress()) &;
  // The same for the last file: every form of the model is given back as soon as the next one stands, so that no more
  // than two of them are in memory.
  ConvertedFile convert(const ConversionOptions& options, Progress& progress = no_progress()) &&;

 private:
  // The model that is written; fills in file.float_layers.
  Model quantized(const ConversionOptions& options, ConvertedFile& file, Progress& progress);
  const Model& lowered();
  // Runs the model as read, the judge of every conversion, and keeps its outputs.
  void run_source(const ConversionOptions& options);
  Agreement check(const ConvertedFile& file) const;

  std::string file_;
  Model source_;
  TfliteMetadata metadata_;
  std::optional<Model> lowered_;
  std::optional<Program> source_program_;
  bool last_ = false;
  std::unique_ptr<SampleSource> seeded_;
  const SampleSource* checked_on_ = nullptr;  // the samples that source_outputs_ belong to
  std::vector<Shape> checked_shapes_;         // of the inputs
  OutputValues source_outputs_;
};

}  // namespace burin
