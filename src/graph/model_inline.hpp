#pragma once

#include <cstring>
#include <utility>

#include "graph/model.hpp"

namespace burin {

template <typename T>
std::vector<T> Model::constant_values(ConstantId id) const {
  const auto& bytes = constants_[id].bytes;
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

template <typename T>
TensorId add_constant_tensor(Model& model, Graph& graph, std::string name, ElementType type, Shape shape,
                             std::vector<T> values, std::string origin) {
  Tensor tensor;
  tensor.origin = origin.empty() ? name : std::move(origin);
  tensor.name = std::move(name);
  tensor.type = type;
  tensor.shape = shape;
  tensor.constant = model.add_constant(std::move(values));
  return graph.add_tensor(std::move(tensor));
}

}  // namespace burin
