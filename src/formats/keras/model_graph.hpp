// A Functional or Sequential model of a configuration: its layers, who calls whom, and calling it.
// Format: keras/src/models/functional.py (get_config, functional_from_config), serialization_lib.py.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/keras/graph_builder.hpp"
#include "formats/keras/layer.hpp"
#include "formats/keras/weights.hpp"

namespace burin {

// The output `tensor` of call `call` of layer `layer`.
struct TensorReference {
  size_t layer = 0;
  size_t call = 0;
  size_t tensor = 0;
};

// What a layer is called with: references, lists and dictionaries of them; literals are left out but for the numbers
// that a function of keras.ops takes.
struct ArgumentTree {
  enum class Kind : uint8_t { kReference, kList, kDictionary };
  Kind kind = Kind::kList;
  TensorReference reference;
  std::vector<std::string> keys;  // kDictionary, sorted
  std::vector<ArgumentTree> children;
};

class KerasModel {
 public:
  struct Input {
    std::string name;
    ElementType type;
    Shape shape;
  };

  // `model` is the serialized model, an object with class_name and config, which must outlive this one. `path` is empty
  // for the outermost. Every class must be known (check_classes()). Throws Error.
  KerasModel(const Json& model, std::string path, std::unique_ptr<WeightStore> weights, bool keras2);

  static bool is_model_class(std::string_view class_name);
  // Throws one Error that names every layer of a class that is not known, nested ones included.
  static void check_classes(const Json& model);

  const std::string& name() const { return name_; }
  // Of the outermost model, in its order.
  std::vector<Input> inputs() const;
  // Keys of a dictionary of outputs, else output_0, output_1, ...
  const std::vector<std::string>& output_names() const { return output_names_; }

  // Emits the model's nodes; one tensor for each of inputs(). Returns the outputs.
  std::vector<TensorId> call(GraphBuilder& graph, std::span<const TensorId> inputs) const;

 private:
  // A number among the arguments of a function of keras.ops: x * 2.0.
  struct NumberArgument {
    size_t position = 0;  // among all arguments
    float value = 0.0f;
  };
  struct Call {
    ArgumentTree arguments;
    std::vector<TensorReference> references;            // of `arguments`, in order
    std::vector<std::vector<int32_t>> recorded_shapes;  // Keras's own, for each reference; may be empty
    std::vector<NumberArgument> numbers;                // by position
  };
  struct Layer {
    LayerConfig config;
    const KerasLayer* definition = nullptr;  // null: an input, or a model
    std::unique_ptr<KerasModel> model;
    LayerWeights weights;
    std::vector<Call> calls;
    bool is_input = false;
    bool is_operation = false;  // a function of keras.ops
  };
  using Outputs = std::vector<std::vector<std::vector<TensorId>>>;  // by layer, by call

  void add_layer(const Json& layer, WeightStore& weights);
  void read_functional(const Json& config);
  void read_sequential(const Json& model);
  void read_calls(const Json& layer, size_t index);
  Call read_call(const Json& node, const LayerConfig& config) const;
  Call read_operation(const Json& node, const LayerConfig& config) const;
  void read_arguments(const Json& value, Call& call, ArgumentTree& tree, const LayerConfig& config) const;
  void read_legacy_call(const Json& node, Call& call, const LayerConfig& config) const;
  ArgumentTree read_reference(const Json& history, const std::string& where) const;
  ArgumentTree read_structure(const Json& structure, const std::string& what) const;
  size_t layer_index(const Json& name, const std::string& where) const;
  Input read_input(const Layer& layer) const;

  bool ready(const Call& call, const Outputs& outputs) const;
  std::vector<TensorId> emit_call(GraphBuilder& graph, const Layer& layer, const Call& call,
                                  const Outputs& outputs) const;
  TensorId resolve(const TensorReference& reference, const Outputs& outputs) const;
  // Tensors of `arguments` in the order of the flattened `structure`.
  void bind(const ArgumentTree& structure, const ArgumentTree& arguments, const Outputs& outputs,
            const LayerConfig& config, std::vector<TensorId>& result) const;

  std::string name_;
  std::string path_;
  bool keras2_;
  Json input_config_;  // of a Sequential model without InputLayer
  std::vector<Layer> layers_;
  std::unordered_map<std::string, size_t> layers_by_name_;
  ArgumentTree input_structure_;
  std::vector<TensorReference> inputs_;
  std::vector<TensorReference> outputs_;
  std::vector<std::string> output_names_;
};

}  // namespace burin
