// Brings the operators of a file into topological order where it has another one.
#pragma once

#include "burin/status.hpp"
#include "graph/model.hpp"

namespace burin {

// Stable: nodes in order stay as they are. A cycle is an error that names one of its nodes.
Status sort_nodes(Graph& graph);

}  // namespace burin
