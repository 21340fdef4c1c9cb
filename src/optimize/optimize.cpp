#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>

#include "burin/toolkit.hpp"
#include "convert/conversion.hpp"
#include "convert/metadata.hpp"
#include "convert/result_file.hpp"
#include "data/dataset.hpp"
#include "formats/file/output_file.hpp"
#include "formats/read_model.hpp"
#include "measure/benchmark.hpp"
#include "measure/evaluate.hpp"
#include "measure/machine.hpp"
#include "measure/peak_memory.hpp"
#include "measure/sample_session.hpp"
#include "optimize/choose.hpp"

namespace burin {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr size_t kFewPictures = 50;
constexpr double kTimingBudgetMs = 8'000.0;
constexpr size_t kWarmup = 3;

Quantize quantize_of(const std::string& variant) {
  if (variant == "fp32") return Quantize::kNone;
  for (const Quantize quantize : {Quantize::kFloat16, Quantize::kDynamic, Quantize::kInt8}) {
    if (variant == name(quantize)) return quantize;
  }
  throw Error(StatusCode::kInvalidArgument, fmt::format("unknown variant '{}'", variant),
              "choose among fp32, fp16, dynamic and int8");
}

// "models/waste_final.keras" -> "waste"
std::string result_stem(const std::string& model) {
  std::string stem = fs::path(model).stem().string();
  constexpr std::string_view kFinal = "_final";
  if (stem.size() > kFinal.size() && stem.ends_with(kFinal)) stem.resize(stem.size() - kFinal.size());
  return stem;
}

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// A variant that was written but does not have its name yet.
struct Candidate {
  VariantFigures figures;
  std::unique_ptr<OutputFile> file;
};

class Optimizer {
 public:
  Optimizer(const std::string& model, const OptimizeOptions& options, Progress& progress)
      : model_(model),
        options_(options),
        progress_(progress),
        threads_(options.threads > 0 ? options.threads : default_threads()),
        resize_(parse_resize(options.pictures.resize).value_or(Resize::kPillowBilinear)) {}

  OptimizeResult run() {
    check_options();
    open_model();
    open_data();
    make_variants();
    measure();
    choose_variant(result_, bound_, options_.objective == "size" ? Objective::kSize : Objective::kLatency,
                   options_.fallback);
    result_.advice = advice(result_);
    for (Candidate& candidate : candidates_) candidate.file->commit();
    return std::move(result_);
  }

 private:
  void check_options() {
    if (options_.objective != "latency" && options_.objective != "size") {
      throw Error(StatusCode::kInvalidArgument, fmt::format("unknown objective '{}'", options_.objective),
                  "choose latency or size");
    }
    bound_ = {options_.max_accuracy_drop, options_.min_accuracy};
    for (const std::string& variant : options_.variants) {
      quantize_of(variant);
      check_result_path(model_, path_of(variant), options_.force);
      if (std::ranges::find(variants_, variant) == variants_.end()) variants_.push_back(variant);
    }
    if (variants_.empty()) {
      throw Error(StatusCode::kInvalidArgument, "no variants to make", "choose among fp32, fp16, dynamic and int8");
    }
  }

  std::string path_of(const std::string& variant) const {
    return (fs::path(options_.output) / (result_stem(model_) + "_" + variant + ".tflite")).string();
  }

  void open_model() {
    const auto start = Clock::now();
    SourceModel source = read_model(model_);
    format_ = source.format;
    source_ = std::make_shared<const Model>(std::move(source.model));
    try {
      if (variants_ != std::vector<std::string>{"fp32"}) check_float(*source_);
      programs_.push_back(make_program(*source_));
    } catch (const Error& error) {
      throw Error(error.status().at(model_));
    }
    result_.original.load_ms = milliseconds_since(start);
    result_.original.name = format_ == SourceFormat::kTflite ? "tflite" : "keras";
    result_.original.path = model_;
    result_.original.size_bytes = fs::file_size(model_);
  }

  void open_data() {
    const Preprocess asked = parse_preprocess(options_.pictures.preprocess).value_or(Preprocess::kAuto);
    const DataReader reader(model_, *source_, asked, resize_);
    Dataset calibration;
    if (!options_.data.empty()) {
      DatasetParts parts = reader.open_parts(options_.data);
      calibration = std::move(parts.train);
      val_ = std::move(parts.val);
      test_ = std::move(parts.test);
      for (const Dataset* part : {&calibration, &val_, &test_}) warn_once(part->warnings);
      choose_parts();
    }
    if (!options_.calibration.empty()) {
      calibration = reader.open_calibration(options_.calibration);
      warn_once(calibration.warnings);
    }
    if (calibration.size() > 0) {
      calibration_ =
          calibration.subset(choose_stratified(calibration.strata, options_.pictures.samples, options_.pictures.seed));
    }
    result_.calibration_samples = calibration_.size();
    result_.val_samples = val_.size();
    result_.test_samples = test_.size();
    std::optional<Preprocess> preprocess = asked;
    if (asked == Preprocess::kAuto) preprocess = preprocess_of(*source_);
    if (preprocess) result_.preprocess = name(*preprocess);
    const Dataset& with_classes = test_.size() > 0 ? test_ : calibration_;
    metadata_ = make_metadata(*source_, preprocess, resize_, choose_labels(*source_, options_.labels, with_classes));

    result_.labeled = test_.size() > 0 && test_.labeled && val_.labeled;
    if (result_.labeled) {
      const size_t classes = class_count(programs_.front());
      val_labels_ = match_labels(val_, metadata_.labels, classes);
      test_labels_ = match_labels(test_, metadata_.labels, classes);
    } else if (options_.min_accuracy) {
      throw Error(StatusCode::kInvalidArgument, "--min-accuracy needs labelled data",
                  "give --data DIR with a folder per class, or use --max-accuracy-drop");
    } else if (test_.size() > 0) {
      result_.warnings.push_back(
          fmt::format("{}: no labels: agreement with the original stands in for accuracy", options_.data));
    }
  }

  void warn_once(const std::vector<std::string>& warnings) {
    for (const std::string& warning : warnings) {
      if (std::ranges::find(result_.warnings, warning) == result_.warnings.end()) result_.warnings.push_back(warning);
    }
  }

  // A part that is missing is replaced by the other one, said aloud.
  void choose_parts() {
    if (val_.size() == 0 && test_.size() == 0) {
      throw Error(StatusCode::kInvalidArgument, fmt::format("{}: nothing to evaluate (no val, no test)", options_.data),
                  "give more pictures, or a folder with train, val and test");
    }
    if (val_.size() == 0) {
      result_.warnings.push_back(fmt::format("{}: no val part, test chooses too", options_.data));
      val_ = test_;
    } else if (test_.size() == 0) {
      result_.warnings.push_back(fmt::format("{}: no test part, val is reported too", options_.data));
      test_ = val_;
    }
    for (const auto& [part, name] : {std::pair(&val_, "val"), std::pair(&test_, "test")}) {
      if (part->size() >= kFewPictures) continue;
      result_.warnings.push_back(
          fmt::format("{}: only {} pictures in {}, the accuracies say little", options_.data, part->size(), name));
    }
  }

  void make_variants() {
    Conversion conversion(model_, *source_, metadata_, programs_.front());
    for (const std::string& variant : variants_) {
      ConversionOptions conversion_options;
      conversion_options.quantize = quantize_of(variant);
      conversion_options.threads = threads_;
      conversion_options.verify = options_.verify;
      if (calibration_.size() > 0) conversion_options.calibration = calibration_.samples.get();
      if (conversion_options.quantize == Quantize::kInt8 && calibration_.size() == 0) {
        result_.left_out.push_back({variant, "int8 needs pictures: give --data or --calibration"});
        continue;
      }
      progress_.start("converting to " + variant, 1);
      ConvertedFile converted = conversion.convert(conversion_options, progress_);
      progress_.finish();
      Candidate candidate;
      candidate.figures.name = variant;
      candidate.figures.path = path_of(variant);
      candidate.figures.size_bytes = converted.bytes.size();
      if (converted.agreement) candidate.figures.snr_db = converted.agreement->snr_db;
      candidate.figures.float_layers = std::move(converted.float_layers);
      for (std::string& warning : converted.warnings) result_.warnings.push_back(std::move(warning));
      candidate.file = std::make_unique<OutputFile>(candidate.figures.path, std::as_bytes(std::span(converted.bytes)));
      candidates_.push_back(std::move(candidate));
    }
    if (candidates_.empty()) {
      throw Error(StatusCode::kInvalidArgument, "int8 alone was asked for, and it needs calibration pictures",
                  "give --data DIR or --calibration DIR");
    }
  }

  void measure() {
    for (Candidate& candidate : candidates_) {
      const auto start = Clock::now();
      programs_.push_back(make_program(read_model(candidate.file->temporary_path()).model));
      candidate.figures.load_ms = milliseconds_since(start);
    }
    std::vector<VariantFigures*> figures{&result_.original};
    for (Candidate& candidate : candidates_) figures.push_back(&candidate.figures);
    if (test_.size() > 0) measure_accuracy(figures);
    measure_latency(figures);
    if (!options_.memory_probe.empty()) {
      result_.original.peak_memory_bytes = peak_memory_bytes(options_.memory_probe, model_, 1, {});
      for (Candidate& candidate : candidates_) {
        candidate.figures.peak_memory_bytes =
            peak_memory_bytes(options_.memory_probe, candidate.file->temporary_path(), 1, {});
      }
    }
    for (const Candidate& candidate : candidates_) result_.variants.push_back(candidate.figures);
  }

  void measure_accuracy(const std::vector<VariantFigures*>& figures) {
    const auto val = evaluate_programs(programs_, *val_.samples, val_labels_, threads_, progress_, "evaluating on val");
    const auto test =
        evaluate_programs(programs_, *test_.samples, test_labels_, threads_, progress_, "evaluating on test");
    for (size_t i = 0; i < figures.size(); ++i) {
      VariantFigures& variant = *figures[i];
      if (val[i].accuracy) variant.val_accuracy = val[i].accuracy->top1;
      if (test[i].accuracy) {
        variant.accuracy = test[i].accuracy->top1;
        variant.top5_accuracy = test[i].accuracy->top5;
      }
      const AgainstReference& on_val = val[i].against_reference;
      const AgainstReference& on_test = test[i].against_reference;
      variant.val_agreement = on_val.agreement;
      variant.val_snr_db = on_val.snr_db;
      variant.agreement = on_test.agreement;
      variant.snr_db = on_test.snr_db;
      if (on_val.accuracy) variant.val_drop = on_val.accuracy->drop;
      if (on_test.accuracy) {
        variant.drop = on_test.accuracy->drop;
        variant.drop_low = on_test.accuracy->ci95.low;
        variant.drop_high = on_test.accuracy->ci95.high;
      }
    }
  }

  void measure_latency(const std::vector<VariantFigures*>& figures) {
    // One round tells how many the time allows.
    double round_ms = 0.0;
    for (const Latency& latency : benchmark_programs(programs_, 1, 1, 1)) round_ms += latency.median_ms;
    const auto runs = static_cast<size_t>(std::clamp(kTimingBudgetMs / std::max(round_ms, 1e-3), 5.0, 100.0));
    const auto latencies = benchmark_programs(programs_, 1, kWarmup, runs, progress_);
    for (size_t i = 0; i < figures.size(); ++i) {
      figures[i]->median_ms = latencies[i].median_ms;
      figures[i]->p90_ms = latencies[i].p90_ms;
    }
  }

  const std::string& model_;
  const OptimizeOptions& options_;
  Progress& progress_;
  int threads_;
  Resize resize_;
  Bound bound_;
  std::vector<std::string> variants_;  // each once
  SourceFormat format_ = SourceFormat::kKeras;
  std::shared_ptr<const Model> source_;
  TfliteMetadata metadata_;
  Dataset calibration_, val_, test_;
  std::vector<size_t> val_labels_, test_labels_;
  std::vector<Candidate> candidates_;
  std::vector<Program> programs_;  // the original, then the candidates
  OptimizeResult result_;
};

}  // namespace

OptimizeResult optimize(const std::string& model, const OptimizeOptions& options, Progress& progress) {
  return Optimizer(model, options, progress).run();
}

}  // namespace burin
