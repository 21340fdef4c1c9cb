// x -> BATCH_NORMALIZATION -> y        becomes        x -> MUL (scale) -> ADD (offset) -> y
//
// scale = gamma / sqrt(variance + epsilon), offset = beta - mean * scale, computed in double and rounded once.
#include "passes/channel_affine.hpp"
#include "passes/passes.hpp"

namespace burin {

bool lower_batch_norm(Model& model) {
  Rewriter rewriter(model);
  bool changed = false;
  const auto count = static_cast<NodeId>(rewriter.node_count());
  for (NodeId id = 0; id < count; ++id) {
    if (rewriter.node(id).op != Op::kBatchNormalization) continue;
    const std::optional<ChannelAffine> affine = read_batch_normalization(rewriter, id);
    if (!affine) continue;
    const int rank = rewriter.tensor(rewriter.node(id).inputs[0]).shape.rank();
    const int32_t axis = get<BatchNormalizationAttributes>(rewriter.node(id).attributes).axis;
    replace_by_arithmetic(rewriter, id, *affine, axis < 0 ? axis + rank : axis);
    changed = true;
  }
  if (changed) rewriter.commit();
  return changed;
}

}  // namespace burin
