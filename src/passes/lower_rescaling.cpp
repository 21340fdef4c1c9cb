// x -> RESCALING -> y        becomes        x -> MUL (scale) -> ADD (offset) -> y
#include "passes/channel_affine.hpp"
#include "passes/passes.hpp"

namespace burin {

bool lower_rescaling(Model& model) {
  Rewriter rewriter(model);
  bool changed = false;
  const auto count = static_cast<NodeId>(rewriter.node_count());
  for (NodeId id = 0; id < count; ++id) {
    if (rewriter.node(id).op != Op::kRescaling) continue;
    const int rank = rewriter.tensor(rewriter.node(id).inputs[0]).shape.rank();
    replace_by_arithmetic(rewriter, id, read_rescaling(rewriter, id), rank - 1);
    changed = true;
  }
  if (changed) rewriter.commit();
  return changed;
}

}  // namespace burin
