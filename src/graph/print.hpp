// A model as text, one node a line; for people, tests and `burin inspect`. Toolkit only.
#pragma once

#include <string>

#include "graph/model.hpp"

namespace burin {

std::string to_string(const Model& model);
std::string to_string(const Attributes& attributes);  // "padding=same stride_h=2"

}  // namespace burin
