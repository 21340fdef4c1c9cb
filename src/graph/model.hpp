// The model: what every reader makes, every pass rewrites, every writer writes and the runtime plans.
//
// A Model has two levels of the same data structure. kSource: TFLite builtin operators plus the source-only ones
// (batch normalization, rescaling, identity). kBuiltin: TFLite builtin operators only. Passes lower one to the other.
//
// Invariants, checked by verify(): nodes are in topological order; every tensor has exactly one producer (a node, a
// graph input, or a constant); ids are dense; operators have the inputs and attributes that their table row expects.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "burin/status.hpp"
#include "burin/tensor_types.hpp"
#include "ops/attributes.hpp"
#include "ops/op.hpp"

namespace burin {

using TensorId = uint32_t;
using NodeId = uint32_t;
using ConstantId = uint32_t;
inline constexpr uint32_t kNoId = 0xffffffffu;

// Immutable bytes. They view `keep_alive`'s memory: a mapped file, or a buffer. Unaligned is allowed.
struct Constant {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> keep_alive;
};

struct Tensor {
  std::string name;
  // Where it came from: layer path, then variable for weights ("mobilenetv2/Conv1/kernel"). Survives passes;
  // errors and reports speak in it. A node is known by the origin of its first output.
  std::string origin;
  ElementType type = ElementType::kFloat32;
  Shape shape;  // Shape::kFree only where the signature leaves a dimension free
  std::optional<Quantization> quantization;
  ConstantId constant = kNoId;
};

struct Node {
  Op op;
  std::vector<TensorId> inputs;  // kNoId where an optional input is left out
  std::vector<TensorId> outputs;
  Attributes attributes;
};

struct Graph {
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;

  TensorId add_tensor(Tensor tensor);
  NodeId add_node(Node node);
};

// What a user calls: names and order of inputs and outputs.
struct Signature {
  struct Entry {
    std::string name;
    TensorId tensor;
  };
  std::string key = "serving_default";
  uint32_t graph = 0;
  std::vector<Entry> inputs;
  std::vector<Entry> outputs;
};

enum class Level : uint8_t { kSource, kBuiltin };

struct Model {
  Level level = Level::kBuiltin;
  std::string name;           // of the Keras model; may be empty
  std::string description;    // of the file
  std::vector<Graph> graphs;  // graph 0 is main
  std::vector<Signature> signatures;
  std::vector<std::string> labels;  // class names in output order, where known

  Graph& main() { return graphs[0]; }
  const Graph& main() const { return graphs[0]; }

  // Equal contents give the same id. The bytes are viewed, not copied; `keep_alive` owns them.
  ConstantId add_constant(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive);
  // Takes the vector's memory over.
  template <typename T>
  ConstantId add_constant(std::vector<T> values) {
    auto owner = std::make_shared<const std::vector<T>>(std::move(values));
    return add_constant(std::as_bytes(std::span(*owner)), owner);
  }
  const Constant& constant(ConstantId id) const { return constants_[id]; }
  size_t constant_count() const { return constants_.size(); }
  // Releases the constants that no tensor of any graph refers to, and renumbers the others in order.
  void drop_unused_constants();
  // A constant's values; T must be the tensor's element type. Copies, so that alignment does not matter.
  template <typename T>
  std::vector<T> constant_values(ConstantId id) const;

 private:
  std::vector<Constant> constants_;
  std::unordered_multimap<uint64_t, ConstantId> constants_by_hash_;
};

// Adds a constant tensor to `graph` and returns its id. `name` doubles as origin when origin is empty.
template <typename T>
TensorId add_constant_tensor(Model& model, Graph& graph, std::string name, ElementType type, Shape shape,
                             std::vector<T> values, std::string origin = {});

// The layer path that errors about this node speak of: origin (else name) of its first output.
const std::string& origin_of(const Graph& graph, const Node& node);
const std::string& origin_of(const Tensor& tensor);
// The same for errors: with the node's place in the list of operators where there is a .tflite that has them so,
// "mobilenetv2/Conv1 (operator 3)".
std::string place_of(const Model& model, const Graph& graph, const Node& node);

// A 64-bit hash of everything that apply() relies on: structure, types, shapes, attributes, constants.
uint64_t digest(const Model& model);

}  // namespace burin

#include "graph/model_inline.hpp"
