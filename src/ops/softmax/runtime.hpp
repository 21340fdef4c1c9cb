// What the operator tables point to for this family.
#pragma once

#include "ops/operator.hpp"

namespace burin {

Status parse_softmax(const FlatTable& options, Attributes& attributes);

Status evaluate_log_softmax(const EvaluateContext& context);
Status evaluate_softmax(const EvaluateContext& context);

}  // namespace burin
