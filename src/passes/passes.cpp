#include "passes/passes.hpp"

#include <array>

#include "burin/error.hpp"
#include "graph/shapes.hpp"
#include "graph/verify.hpp"
#include "ops/toolkit_operator.hpp"
#include "passes/pass.hpp"

namespace burin {

namespace {

constexpr std::array<Pass, 14> kPasses = {{
    {"remove_identity", "Drop what inference leaves alone: dropout, augmentation, linear activations", remove_identity},
    {"fold_constants", "Compute nodes whose inputs are all constant", fold_constants},
    {"simplify_reshape", "Reshape to constant shapes with a free batch; drop reshapes that change nothing",
     simplify_reshape},
    {"remove_no_ops", "Drop paddings by zero and transpositions that cancel out", remove_no_ops},
    {"fold_batch_norm", "Fold batch normalization into the convolution or dense layer before or after it",
     fold_batch_norm},
    {"fold_rescaling", "Fold rescaling and normalization of the input into the layer beside it", fold_rescaling},
    {"lower_batch_norm", "Turn the remaining batch normalizations into MUL and ADD", lower_batch_norm},
    {"lower_rescaling", "Turn the remaining rescalings into MUL and ADD", lower_rescaling},
    {"fold_arithmetic", "Fold ADD, SUB, MUL, DIV by a constant into the convolution or dense layer beside it",
     fold_arithmetic},
    {"fold_padding", "Let a convolution pad with zeros itself where its SAME padding is the same", fold_padding},
    {"merge_activations", "Of two activations in a row that clip, keep the narrower", merge_activations},
    {"fuse_activation", "Let convolutions, pools and arithmetic apply RELU, RELU6, RELU_N1_TO_1 themselves",
     fuse_activation},
    {"materialize_bias", "Give every convolution and dense layer a bias", materialize_bias},
    {"remove_unused", "Drop nodes and tensors that no output needs", remove_unused},
}};

// More than any chain of rewrites needs; a bound all the same.
constexpr int kMaxRounds = 32;

}  // namespace

std::span<const Pass> passes() { return kPasses; }

void lower(Model& model) {
  throw_if_error(verify_structure(model, source_operator_table()));
  bool changed = true;
  for (int round = 0; changed && round < kMaxRounds; ++round) {
    changed = false;
    for (const Pass& pass : kPasses) {
      if (!pass.run(model)) continue;
      changed = true;
      model.drop_unused_constants();
#ifndef NDEBUG
      const Status status = verify(model, source_operator_table());
      throw_if_error(status.at("after the pass " + std::string(pass.name)));
#endif
    }
  }
  model.level = Level::kBuiltin;
  throw_if_error(infer_shapes(model));
  throw_if_error(verify(model));
}

}  // namespace burin
