// Accuracy of several models on the same samples, each of which is decoded once.
//
// Scores are the first output's values; a model with one score p has the classes {1 - p, p}. Memory does not grow with
// the samples but for a few bytes each. Results do not depend on the number of threads.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "burin/progress.hpp"
#include "burin/runtime.hpp"
#include "data/sample_source.hpp"
#include "measure/statistics.hpp"

namespace burin {

struct ClassFigures {
  size_t samples = 0;    // of this class
  size_t predicted = 0;  // as this class
  size_t correct = 0;
  std::optional<double> precision() const;  // nothing where the class was never predicted
  std::optional<double> recall() const;     // nothing where it has no samples
};

// Figures that need labels.
struct Accuracy {
  double top1 = 0.0;
  double top5 = 0.0;
  std::vector<ClassFigures> classes;
  std::vector<std::vector<size_t>> confusion;  // [label][prediction]
};

// Figures against the first model.
struct AgainstReference {
  double agreement = 0.0;                    // share of samples with the same top-1
  double snr_db = 0.0;                       // of all scores; infinite where they are equal
  std::optional<PairedDifference> accuracy;  // with labels
};

struct Evaluation {
  size_t samples = 0;
  std::optional<Accuracy> accuracy;
  AgainstReference against_reference;
};

// Classes that the first output tells apart.
size_t class_count(const Program& program);

// Throws Error where `program` has nothing to score, or takes or gives other shapes than `reference`.
void check_comparable(const Program& reference, const Program& program);

// `programs` have equal inputs; the first is the reference. `labels` is empty or has one class per sample.
// Throws Error, of the first sample that fails.
std::vector<Evaluation> evaluate_programs(std::span<const Program> programs, const SampleSource& samples,
                                          std::span<const size_t> labels, int threads,
                                          Progress& progress = no_progress(), const std::string& what = "evaluating");

}  // namespace burin
