#include "convert/conversion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "burin/error.hpp"
#include "data/random_source.hpp"
#include "measure/sample_session.hpp"
#include "ops/toolkit_operator.hpp"
#include "passes/pass.hpp"
#include "quantize/plan.hpp"
#include "quantize/quantize_int8.hpp"

namespace burin {
namespace {

constexpr std::array<std::string_view, 5> kQuantizeNames{"none", "fp16", "dynamic", "int8", "int4"};

constexpr double kLargestFloatDifference = 1e-4;
constexpr size_t kSeededSamples = 2;
constexpr size_t kCalibrationSamples = 8;

double lowest_ratio_without_warning(Quantize quantize) { return quantize == Quantize::kFloat16 ? 20.0 : 10.0; }

}  // namespace

void check_float(const Model& model) {
  const bool quantized = std::ranges::any_of(model.main().tensors, [](const Tensor& tensor) {
    return tensor.quantization.has_value() || tensor.type == ElementType::kFloat16;
  });
  if (!quantized) return;
  throw Error(StatusCode::kInvalidArgument, "the model is quantized already",
              "quantize the float model (.keras or float .tflite) that it was made from");
}

std::string_view name(Quantize quantize) { return kQuantizeNames[static_cast<size_t>(quantize)]; }

Conversion::Conversion(std::string file, Model source, TfliteMetadata metadata, std::optional<Program> source_program)
    : file_(std::move(file)),
      source_(std::move(source)),
      metadata_(std::move(metadata)),
      source_program_(std::move(source_program)) {}

const Model& Conversion::lowered() {
  if (!lowered_) {
    Model model = last_ ? std::move(source_) : source_;
    lower(model);
    lowered_ = std::move(model);
  }
  return *lowered_;
}

Model Conversion::quantized(const ConversionOptions& options, ConvertedFile& file, Progress& progress) {
  switch (options.quantize) {
    case Quantize::kNone:
      break;
    case Quantize::kFloat16:
      return apply(lowered(), plan_float16(lowered()));
    case Quantize::kDynamic:
      return apply(lowered(), plan_dynamic_range(lowered()));
    case Quantize::kInt8:
    case Quantize::kInt4: {
      Int8Options int8;
      int8.io_type = options.io_type;
      if (options.quantize == Quantize::kInt4) int8.weights = ElementType::kInt4;
      int8.threads = options.threads;
      const QuantizationPlan plan = plan_int8(lowered(), *options.calibration, int8, progress);
      for (FloatNode& node : float_nodes(lowered(), plan)) {
        file.float_layers.push_back({std::move(node.origin), std::string(any_operator(node.op).name)});
      }
      return apply(lowered(), plan);
    }
  }
  return lowered();
}

ConvertedFile Conversion::convert(const ConversionOptions& options, Progress& progress) && {
  last_ = true;
  return convert(options, progress);
}

ConvertedFile Conversion::convert(const ConversionOptions& options, Progress& progress) & {
  try {
    if (options.quantize != Quantize::kNone) check_float(source_);
    if (is_integer(options.quantize) && (options.calibration == nullptr || options.calibration->size() == 0)) {
      throw Error(StatusCode::kInvalidArgument, fmt::format("{} needs calibration pictures", name(options.quantize)),
                  "give --calibration DIR with some pictures of the kind that the model will see");
    }
    if (options.verify) run_source(options);
    ConvertedFile file;
    {
      const Model model = quantized(options, file, progress);
      if (last_) lowered_.reset();
      file.bytes = write_tflite(model, metadata_);
    }
    if (!options.verify) return file;
    file.agreement = check(file);
    if (!file.agreement->finite) {
      throw Error(StatusCode::kInvalidModel,
                  fmt::format("the converted model ({}) gives outputs that are not finite", name(options.quantize)),
                  options.quantize == Quantize::kFloat16
                      ? "its values do not fit float16: use --quantize dynamic or int8, or --no-verify"
                      : "look at the model's weights; --no-verify writes the file all the same");
    }
    if (options.quantize == Quantize::kNone) {
      if (file.agreement->largest_difference > kLargestFloatDifference) {
        throw Error(StatusCode::kInvalidModel,
                    fmt::format("the converted model's outputs differ from the model's by {:.2g} of the largest value "
                                "(at most {:.0g} is allowed)",
                                file.agreement->largest_difference, kLargestFloatDifference),
                    "please report this model; --no-verify writes the file all the same");
      }
    } else if (file.agreement->snr_db < lowest_ratio_without_warning(options.quantize)) {
      file.warnings.push_back(fmt::format("{}: the signal-to-noise ratio against the float model is only {:.1f} dB",
                                          name(options.quantize), file.agreement->snr_db));
    }
    return file;
  } catch (const Error& error) {
    throw Error(error.status().at(file_));
  }
}

void Conversion::run_source(const ConversionOptions& options) {
  const bool on_calibration = options.calibration != nullptr && options.calibration->size() > 0;
  if (!on_calibration && !seeded_) seeded_ = std::make_unique<RandomSource>(kSeededSamples, input_range(source_), 0);
  const SampleSource& samples = on_calibration ? *options.calibration : *seeded_;
  if (checked_on_ == &samples) return;
  const Program program = source_program_ ? *source_program_ : make_program(source_);
  source_outputs_ = run_samples(program, samples, on_calibration ? kCalibrationSamples : kSeededSamples);
  checked_on_ = &samples;
  checked_shapes_.clear();
  for (const TensorInfo& input : program.inputs()) checked_shapes_.push_back(input.shape);
}

Agreement Conversion::check(const ConvertedFile& file) const {
  ProgramOptions options;
  options.input_shapes = checked_shapes_;
  // Nobody owns the bytes: they outlive the Program, which therefore need not copy them.
  const std::shared_ptr<const void> bytes(std::shared_ptr<const void>(), file.bytes.data());
  const Program written = value_or_throw(Program::from_memory(std::as_bytes(std::span(file.bytes)), options, bytes));
  return compare_outputs(source_outputs_, run_samples(written, *checked_on_, source_outputs_.size()));
}

}  // namespace burin
