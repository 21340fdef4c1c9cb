// Kernels of one Program by what they were prepared for: steps that do the same with the same constants, as those of an
// unrolled loop do, share one, so that weights are packed once. It views quantization parameters: it lives no longer
// than the model.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/kernel.hpp"

namespace burin::runtime {

class SharedKernels {
 public:
  struct Kernel {
    std::shared_ptr<const PreparedKernel> kernel;
    std::string_view row;  // of the table that made it
  };

  // Null: none was prepared for such a chain, or for what is one step here, yet. Valid until the next add().
  const Kernel* find(std::span<const ChainLink> chain) const;
  const Kernel& add(std::span<const ChainLink> chain, Kernel kernel);

 private:
  struct Operand {
    ElementType type;
    Shape shape;
    const Quantization* quantization;  // null: none
    uint32_t constant;

    bool operator==(const Operand& other) const;
  };
  struct Link {
    Op op;
    Attributes attributes;
    std::vector<Operand> operands;  // inputs, then outputs
    size_t chained_input;
    bool gates;

    bool operator==(const Link&) const = default;
  };
  using Key = std::vector<Link>;
  struct Entry {
    Key key;
    Kernel kernel;
  };

  static Key key_of(std::span<const ChainLink> chain);

  std::vector<Entry> entries_;
};

}  // namespace burin::runtime
