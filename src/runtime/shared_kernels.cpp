#include "runtime/shared_kernels.hpp"

#include <algorithm>

namespace burin::runtime {

namespace {

// Only they are worth being kept apart from others.
bool has_constants(std::span<const ChainLink> chain) {
  return std::ranges::any_of(chain, [](const ChainLink& link) {
    return std::ranges::any_of(link.context.input_constants,
                               [](uint32_t constant) { return constant != PrepareContext::kNoConstant; });
  });
}

}  // namespace

bool SharedKernels::Operand::operator==(const Operand& other) const {
  const bool same_parameters =
      quantization == other.quantization ||
      (quantization != nullptr && other.quantization != nullptr && *quantization == *other.quantization);
  return type == other.type && shape == other.shape && constant == other.constant && same_parameters;
}

SharedKernels::Key SharedKernels::key_of(std::span<const ChainLink> chain) {
  Key key;
  for (const ChainLink& link : chain) {
    const PrepareContext& c = link.context;
    Link& part = key.emplace_back(Link{link.op, c.attributes, {}, link.chained_input, link.gates});
    for (size_t i = 0; i < c.inputs.size(); ++i) {
      const TensorView& input = c.inputs[i];
      part.operands.push_back({input.type, input.shape, input.quantization, c.input_constants[i]});
      if (!c.has_input[i]) part.operands.back().constant = PrepareContext::kNoConstant - 1;
    }
    for (const MutableTensorView& output : c.outputs) {
      part.operands.push_back({output.type, output.shape, output.quantization, PrepareContext::kNoConstant});
    }
  }
  return key;
}

const SharedKernels::Kernel* SharedKernels::find(std::span<const ChainLink> chain) const {
  if (!has_constants(chain)) return nullptr;
  const auto same_constants = [&](const Entry& entry) {
    if (entry.key.size() != chain.size()) return false;
    for (size_t i = 0; i < chain.size(); ++i) {
      const std::span<const uint32_t> constants = chain[i].context.input_constants;
      if (entry.key[i].op != chain[i].op || entry.key[i].operands.size() < constants.size()) return false;
      for (size_t k = 0; k < constants.size(); ++k) {
        if (chain[i].context.has_input[k] && entry.key[i].operands[k].constant != constants[k]) return false;
      }
    }
    return true;
  };
  for (const Entry& entry : entries_) {
    if (same_constants(entry) && entry.key == key_of(chain)) return &entry.kernel;
  }
  return nullptr;
}

const SharedKernels::Kernel& SharedKernels::add(std::span<const ChainLink> chain, Kernel kernel) {
  return entries_.emplace_back(Entry{has_constants(chain) ? key_of(chain) : Key(), std::move(kernel)}).kernel;
}

}  // namespace burin::runtime
