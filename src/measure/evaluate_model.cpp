#include "measure/evaluate_model.hpp"

#include <fmt/format.h>

#include "burin/error.hpp"
#include "data/dataset.hpp"
#include "formats/read_model.hpp"
#include "measure/machine.hpp"
#include "measure/sample_session.hpp"
#include "ops/operator.hpp"

namespace burin {
namespace {

struct Chosen {
  Dataset data;
  std::string split;
};

Chosen choose_split(const DataReader& reader, const std::string& path, const std::string& split) {
  if (split == "all") return {reader.open(path), split};
  DatasetParts parts = reader.open_parts(path);
  if (split.empty() && !parts.given) return {reader.open(path), "all"};
  const std::string name = split.empty() ? "test" : split;
  Dataset& part = name == "train" ? parts.train : name == "val" ? parts.val : parts.test;
  if (part.size() == 0) {
    throw Error(StatusCode::kInvalidArgument, fmt::format("{}: no pictures in its part '{}'", path, name),
                "choose another part with --split train, val, test or all");
  }
  return {std::move(part), name};
}

}  // namespace

ModelEvaluation evaluate_models(const std::vector<std::string>& models, const std::string& data,
                                const std::string& split, const PictureOptions& pictures, Arithmetic arithmetic,
                                int threads, Progress& progress) {
  std::vector<SourceModel> sources;
  std::vector<Program> programs;
  for (const std::string& path : models) {
    sources.push_back(read_model(path));
    try {
      programs.push_back(make_program(sources.back().model, arithmetic));
      check_comparable(programs.front(), programs.back());
    } catch (const Error& error) {
      throw Error(error.status().at(path));
    }
  }
  // The reference says how pictures are read where the others do not (a float .tflite has no Rescaling any more).
  Preprocess preprocess = parse_preprocess(pictures.preprocess).value_or(Preprocess::kAuto);
  for (const SourceModel& source : sources) {
    if (preprocess != Preprocess::kAuto) break;
    preprocess = preprocess_of(source.model).value_or(Preprocess::kAuto);
  }
  ModelEvaluation result;
  const Model& first = sources.front().model;
  const DataReader reader(models.front(), first, preprocess,
                          parse_resize(pictures.resize).value_or(Resize::kPillowBilinear));
  const Chosen chosen = choose_split(reader, data, split);
  result.split = chosen.split;
  if (!chosen.data.classes.empty()) result.preprocess = name(preprocess);
  result.warnings = chosen.data.warnings;
  if (!chosen.data.labeled) {
    result.warnings.push_back(fmt::format("{}: no labels (no class folders, no y): no accuracy", data));
  }
  for (const SourceModel& source : sources) {
    if (result.class_names.empty()) result.class_names = source.model.labels;
  }
  const size_t classes = class_count(programs.front());
  std::vector<size_t> labels;
  if (chosen.data.labeled) labels = match_labels(chosen.data, result.class_names, classes);
  if (result.class_names.empty() && chosen.data.classes.size() == classes) result.class_names = chosen.data.classes;
  result.evaluations = evaluate_programs(programs, *chosen.data.samples, labels, threads, progress);
  return result;
}

EvaluateResult evaluate(const std::string& model, const std::string& data, const EvaluateOptions& options,
                        Progress& progress) {
  std::vector<std::string> models{model};
  if (!options.reference.empty()) models.insert(models.begin(), options.reference);
  const Arithmetic arithmetic = options.arithmetic == "reference" ? Arithmetic::kReference : Arithmetic::kLitert;
  ModelEvaluation measured = evaluate_models(models, data, options.split, options.pictures, arithmetic,
                                             options.threads > 0 ? options.threads : default_threads(), progress);
  Evaluation& evaluation = measured.evaluations.back();
  EvaluateResult result;
  result.samples = evaluation.samples;
  result.split = std::move(measured.split);
  result.class_names = std::move(measured.class_names);
  if (evaluation.accuracy) {
    result.accuracy = evaluation.accuracy->top1;
    result.top5_accuracy = evaluation.accuracy->top5;
    result.confusion = std::move(evaluation.accuracy->confusion);
  }
  if (!options.reference.empty()) {
    const AgainstReference& against = evaluation.against_reference;
    result.agreement = against.agreement;
    result.snr_db = against.snr_db;
    if (against.accuracy) {
      result.drop = against.accuracy->drop;
      result.drop_low = against.accuracy->ci95.low;
      result.drop_high = against.accuracy->ci95.high;
    }
  }
  return result;
}

}  // namespace burin
