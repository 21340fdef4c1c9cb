// What a written file says about its inputs and classes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/dataset.hpp"
#include "formats/tflite/write_tflite.hpp"
#include "graph/model.hpp"

namespace burin {

// The labels of `labels_file` where one is given; else the class folders of `data` where their number is that of the
// model's outputs; else what the model itself has. Throws Error for a file that does not fit.
std::vector<std::string> choose_labels(const Model& model, const std::string& labels_file, const Dataset& data);

// `preprocess` is what pictures get before the model: asked for, or known from the model; nothing: not known.
TfliteMetadata make_metadata(const Model& model, std::optional<Preprocess> preprocess, Resize resize,
                             std::vector<std::string> labels);

}  // namespace burin
