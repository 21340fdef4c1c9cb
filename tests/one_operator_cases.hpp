// The table of one-operator models that are compared with LiteRT.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ops/operator.hpp"

namespace burin {

struct Operand {
  ElementType type = ElementType::kFloat32;
  Shape shape;
  std::optional<Quantization> quantization;
  bool constant = false;
  double low = -1, high = 1;   // uniform values; integers include both ends
  std::vector<double> values;  // instead of random ones
};

// LiteRT refuses the model; Burin's kernels are compared with its reference evaluation alone.
constexpr double kRefused = -1;
// LiteRT's kernel is not meant to be followed.
constexpr double kNotFollowed = -2;

// Largest difference allowed, in steps of integer outputs and relative to the largest magnitude of float ones.
struct Tolerance {
  double litert;     // Burin's litert arithmetic against LiteRT's default kernels
  double reference;  // Burin's reference arithmetic against LiteRT's BUILTIN_REF
};

struct OperatorCase {
  std::string name;
  Op op;
  Attributes attributes;
  std::vector<Operand> inputs;
  Operand output;  // type and quantization
  Tolerance tolerance;
};

std::vector<OperatorCase> one_operator_cases();

// What else the operator of a float case could take: the same with other element types, most of which it refuses.
// None of a type that one of `cases` has.
std::vector<OperatorCase> cases_of_other_types(const std::vector<OperatorCase>& cases);

}  // namespace burin
