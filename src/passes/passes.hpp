// The passes' functions, one file each; passes.cpp has their order. Every one works on graph 0, leaves nodes with
// quantized tensors alone and says whether it changed something.
#pragma once

#include "graph/model.hpp"

namespace burin {

bool remove_identity(Model& model);
bool fold_constants(Model& model);
bool simplify_reshape(Model& model);
bool remove_no_ops(Model& model);
bool fold_batch_norm(Model& model);
bool fold_rescaling(Model& model);
bool lower_batch_norm(Model& model);
bool lower_rescaling(Model& model);
bool fold_arithmetic(Model& model);
bool fold_padding(Model& model);
bool merge_activations(Model& model);
bool fuse_activation(Model& model);
bool materialize_bias(Model& model);
bool remove_unused(Model& model);

}  // namespace burin
