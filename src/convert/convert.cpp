#include <fmt/format.h>

#include "burin/toolkit.hpp"
#include "convert/conversion.hpp"
#include "convert/metadata.hpp"
#include "convert/result_file.hpp"
#include "data/dataset.hpp"
#include "formats/file/output_file.hpp"
#include "formats/read_model.hpp"
#include "measure/machine.hpp"

namespace burin {
namespace {

Quantize parse_quantize(const std::string& text) {
  for (const Quantize quantize :
       {Quantize::kNone, Quantize::kFloat16, Quantize::kDynamic, Quantize::kInt8, Quantize::kInt4}) {
    if (text == name(quantize)) return quantize;
  }
  throw Error(StatusCode::kInvalidArgument, fmt::format("unknown quantization '{}'", text),
              "choose none, fp16, dynamic, int8 or int4");
}

ElementType parse_io(const std::string& text) {
  for (const ElementType type : {ElementType::kFloat32, ElementType::kInt8, ElementType::kUInt8}) {
    if (text == name(type)) return type;
  }
  throw Error(StatusCode::kInvalidArgument, fmt::format("unknown input and output type '{}'", text),
              "choose float32, int8 or uint8");
}

}  // namespace

ConvertResult convert(const std::string& model, const std::string& output, const ConvertOptions& options,
                      Progress& progress) {
  ConversionOptions conversion_options;
  conversion_options.quantize = parse_quantize(options.quantize);
  conversion_options.io_type = parse_io(options.io);
  conversion_options.verify = options.verify;
  conversion_options.threads = options.threads > 0 ? options.threads : default_threads();
  if (!is_integer(conversion_options.quantize) && conversion_options.io_type != ElementType::kFloat32) {
    throw Error(StatusCode::kInvalidArgument, "only int8 and int4 models have integer inputs and outputs",
                "give --io together with --quantize int8 or int4");
  }
  if (is_integer(conversion_options.quantize) && options.calibration.empty()) {
    throw Error(
        StatusCode::kInvalidArgument, fmt::format("--quantize {} needs calibration pictures", options.quantize),
        "give --calibration DIR with some pictures of the kind that the model will see (100 to 200 are enough)");
  }
  check_result_path(model, output, options.force);

  SourceModel source = read_model(model);
  const Resize resize = parse_resize(options.pictures.resize).value_or(Resize::kPillowBilinear);
  const Preprocess asked = parse_preprocess(options.pictures.preprocess).value_or(Preprocess::kAuto);
  Dataset calibration;
  if (!options.calibration.empty()) {
    const Dataset all = DataReader(model, source.model, asked, resize).open_calibration(options.calibration);
    calibration = all.subset(choose_stratified(all.strata, options.pictures.samples, options.pictures.seed));
    conversion_options.calibration = calibration.samples.get();
  }
  std::optional<Preprocess> preprocess = asked;
  if (asked == Preprocess::kAuto) preprocess = preprocess_of(source.model);
  std::vector<std::string> labels = choose_labels(source.model, options.labels, calibration);
  TfliteMetadata metadata = make_metadata(source.model, preprocess, resize, std::move(labels));
  Conversion conversion(model, std::move(source.model), std::move(metadata));
  const ConvertedFile converted = std::move(conversion).convert(conversion_options, progress);

  OutputFile file(output, std::as_bytes(std::span(converted.bytes)));
  file.commit();
  ConvertResult result;
  result.path = output;
  result.size_bytes = converted.bytes.size();
  if (converted.agreement) {
    result.max_relative_difference = converted.agreement->largest_difference;
    result.snr_db = converted.agreement->snr_db;
    result.checked_samples = converted.agreement->samples;
  }
  result.calibration_samples = calibration.size();
  if (preprocess) result.preprocess = name(*preprocess);
  result.float_layers = converted.float_layers;
  result.warnings = calibration.warnings;
  result.warnings.insert(result.warnings.end(), converted.warnings.begin(), converted.warnings.end());
  return result;
}

}  // namespace burin
