// Emits nodes into graph 0 of a kSource model; every tensor has its shape at once, free where the input's is.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/keras/weights.hpp"
#include "graph/model.hpp"
#include "ops/operator.hpp"

namespace burin {

class GraphBuilder {
 public:
  GraphBuilder();

  TensorId add_input(const std::string& name, ElementType type, const Shape& shape);

  // A node of the layer at `path`; its output is named path, or path/part. Throws Error naming the layer when the
  // operator rejects its inputs.
  TensorId emit(const std::string& path, std::string_view part, Op op, std::vector<TensorId> inputs,
                Attributes attributes = NoAttributes{});

  // Constants of the layer at `path`, named path/part.
  TensorId constant(const std::string& path, std::string_view part, const WeightValues& values);
  TensorId constant(const std::string& path, std::string_view part, const Shape& shape, std::vector<float> values);
  TensorId constant(const std::string& path, std::string_view part, std::vector<int32_t> values);
  // What PAD takes: [rank, 2], before and after of every dimension.
  TensorId paddings(const std::string& path, std::vector<int32_t> before_and_after);
  TensorId scalar(const std::string& path, std::string_view part, float value);

  // Free dimensions are Shape::kFree.
  const Shape& shape(TensorId tensor) const { return graph().tensors[tensor].shape; }
  int rank(TensorId tensor) const { return shape(tensor).rank(); }
  const std::string& name(TensorId tensor) const { return graph().tensors[tensor].name; }

  // The finished model; outputs by name.
  Model finish(std::string name, std::vector<Signature::Entry> inputs, std::vector<Signature::Entry> outputs) &&;

 private:
  // Shapes for two sizes of the free dimensions; free is what differs.
  using TwoShapes = std::array<Shape, 2>;

  const Graph& graph() const { return model_.graphs[0]; }
  TensorId add_tensor(Tensor tensor, const TwoShapes& shapes);
  TensorId add_constant(const std::string& path, std::string_view part, ElementType type, const Shape& shape,
                        ConstantId constant);
  std::string unique_name(const std::string& path, std::string_view part);
  InferredTensor infer(const Node& node, const std::string& path, size_t which) const;

  Model model_;
  std::vector<TwoShapes> shapes_;  // by TensorId
  std::unordered_map<std::string, int> names_;
};

}  // namespace burin
