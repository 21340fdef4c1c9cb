// `evaluate` and `compare`: model files on a data set.
#pragma once

#include <string>
#include <vector>

#include "burin/runtime.hpp"
#include "burin/toolkit.hpp"
#include "measure/evaluate.hpp"

namespace burin {

struct ModelEvaluation {
  std::vector<Evaluation> evaluations;   // by model; the first is the reference
  std::vector<std::string> class_names;  // by output; empty: not known
  std::string split;                     // "test", "all", ...
  std::string preprocess;                // empty for arrays
  std::vector<std::string> warnings;
};

// The models take the same inputs. `split`: empty, which is `test` where the data has one, else all; or all, train,
// val, test. Throws Error naming the file.
ModelEvaluation evaluate_models(const std::vector<std::string>& models, const std::string& data,
                                const std::string& split, const PictureOptions& pictures, Arithmetic arithmetic,
                                int threads, Progress& progress);

}  // namespace burin
