// Which rows of the runtime's operator and kernel tables models need: what a runtime library is built with that runs
// these models and no others (ops/selection.hpp).
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "graph/model.hpp"

namespace burin {

// Operator and kernel.
using RuntimeSelection = std::set<std::pair<std::string, std::string>>;

// Throws Error where the model cannot be run or is no .tflite (kSource).
RuntimeSelection runtime_selection(const Model& model);

// As the C++ file that a build of the runtime includes, and back. Throws Error where it is none; `where` names it.
std::string write_selection(const RuntimeSelection& selection);
RuntimeSelection read_selection(std::string_view text, const std::string& where);

}  // namespace burin
