// Drops nodes that no graph output needs and tensors that no node uses. Graph inputs stay.
#include "graph/rewriter.hpp"
#include "passes/passes.hpp"

namespace burin {

bool remove_unused(Model& model) {
  const size_t nodes = model.main().nodes.size();
  const size_t tensors = model.main().tensors.size();
  Rewriter(model).commit();
  return model.main().nodes.size() != nodes || model.main().tensors.size() != tensors;
}

}  // namespace burin
