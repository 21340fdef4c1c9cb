// x -> IDENTITY -> y        becomes        x
//
// Users of y use x; a graph output y becomes x and keeps its name in the signature.
#include "graph/rewriter.hpp"
#include "passes/passes.hpp"

namespace burin {

bool remove_identity(Model& model) {
  Rewriter rewriter(model);
  bool changed = false;
  for (NodeId id = 0; id < rewriter.node_count(); ++id) {
    if (rewriter.node(id).op != Op::kIdentity) continue;
    rewriter.replace_uses(rewriter.node(id).outputs[0], rewriter.node(id).inputs[0]);
    rewriter.remove_node(id);
    changed = true;
  }
  if (changed) rewriter.commit();
  return changed;
}

}  // namespace burin
