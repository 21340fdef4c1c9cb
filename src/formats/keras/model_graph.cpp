#include "formats/keras/model_graph.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace burin {

namespace {

constexpr const char* kConfigRemedy = "The file is damaged or was edited: save the model again.";
constexpr size_t kMaxLayers = 20'000;

Error invalid(const std::string& what) { return Error(StatusCode::kInvalidModel, what, kConfigRemedy); }

// A string member, or nothing.
std::string text_of(const Json& json, std::string_view key) {
  const Json* member = find_member(json, key);
  return member != nullptr && member->is_string() ? member->get<std::string>() : std::string();
}

const Json& config_of(const Json& layer) {
  static const Json kEmpty = Json::object();
  const Json* config = find_member(layer, "config");
  return config != nullptr ? *config : kEmpty;
}

std::string name_of(const Json& layer) {
  const std::string name = text_of(layer, "name");
  return name.empty() ? text_of(config_of(layer), "name") : name;
}

// Sequential models of old files have the list itself as their configuration.
const Json& layers_of(const Json& model) {
  const Json& config = config_of(model);
  const Json* layers = config.is_array() ? &config : find_member(config, "layers");
  if (layers == nullptr || !layers->is_array()) {
    throw invalid("model " + name_of(model) + ": its configuration has no list of layers");
  }
  return *layers;
}

// A function of keras.ops applied to a layer's output. Their classes may be named like layers: Subtract, Softmax.
bool is_operation(const Json& layer) {
  const std::string module = text_of(layer, "module");
  if (!module.empty()) return module.starts_with("keras.src.ops") || module.starts_with("keras.ops");
  // Keras 3 notes no modules in `.h5`; what it notes of every layer tells them apart.
  const Json* nodes = find_member(layer, "inbound_nodes");
  const bool keras3 = nodes != nullptr && nodes->is_array() && !nodes->empty() && nodes->front().is_object();
  const Json& config = config_of(layer);
  return keras3 && std::ranges::none_of(std::array{"trainable", "dtype", "layers"},
                                        [&](const char* key) { return find_member(config, key) != nullptr; });
}

// The name that the user knows the class by. Classes of a user's own and keras.ops are told apart from layers.
std::string class_of(const Json& layer) {
  const std::string class_name = text_of(layer, "class_name");
  const std::string module = text_of(layer, "module");
  if (is_operation(layer)) return "keras.ops." + to_snake_case(class_name);
  const std::string registered = text_of(layer, "registered_name");
  if (registered.find('>') != std::string::npos) return registered;
  if (!module.empty() && !module.starts_with("keras") && !module.starts_with("tensorflow") &&
      !module.starts_with("tf_keras")) {
    return module + "." + class_name;
  }
  return class_name;
}

void collect_unknown(const Json& model, const std::string& path, std::vector<std::string>& unknown) {
  for (const Json& layer : layers_of(model)) {
    const std::string class_name = class_of(layer);
    const std::string place = path.empty() ? name_of(layer) : path + "/" + name_of(layer);
    if (KerasModel::is_model_class(class_name)) {
      collect_unknown(layer, place, unknown);
    } else if (class_name != "InputLayer" && find_keras_layer(class_name) == nullptr) {
      unknown.push_back(place + " (" + class_name + ")");
    }
  }
}

bool is_index(const Json& json) { return json.is_number_integer() && json.get<int64_t>() >= 0; }

// ["layer", call, tensor], perhaps with arguments after it.
bool is_history(const Json& json) {
  return json.is_array() && json.size() >= 3 && json[0].is_string() && is_index(json[1]) && is_index(json[2]);
}

void flatten(const ArgumentTree& tree, std::vector<TensorReference>& references) {
  if (tree.kind == ArgumentTree::Kind::kReference) references.push_back(tree.reference);
  for (const ArgumentTree& child : tree.children) flatten(child, references);
}

bool has_reference(const Json& json) {
  if (json.is_object() && text_of(json, "class_name") == "__keras_tensor__") return true;
  return json.is_structured() && std::ranges::any_of(json, [](const Json& child) { return has_reference(child); });
}

// Quantized layers have other variables and compute otherwise. Float policies are the precision of Keras's computation;
// Burin computes in float32 whatever they are.
void check_policy(const LayerConfig& layer) {
  const Json* dtype = layer.find("dtype");
  if (dtype == nullptr) return;
  std::string policy = dtype->is_string() ? dtype->get<std::string>() : text_of(config_of(*dtype), "name");
  const std::string mode = text_of(config_of(*dtype), "mode");
  if (!mode.empty()) policy = mode + "_from_" + text_of(config_of(*dtype), "source_name");
  if (policy.starts_with("int") || policy.find("float8") != std::string::npos ||
      policy.find("_from_") != std::string::npos) {
    throw layer.unsupported("is quantized by Keras (" + policy + ")",
                            "Save the model before quantize() is called; Burin quantizes itself.");
  }
  if (!policy.empty() && policy.find("float") == std::string::npos) throw layer.unsupported_value("dtype");
}

}  // namespace

bool KerasModel::is_model_class(std::string_view class_name) {
  return class_name == "Functional" || class_name == "Sequential" || class_name == "Model";
}

void KerasModel::check_classes(const Json& model) {
  const std::string class_name = class_of(model);
  if (!is_model_class(class_name)) {
    throw Error(StatusCode::kUnsupported,
                "the model is a " + (class_name.empty() ? "class without a name" : class_name) +
                    ", not a Functional or Sequential model",
                "Build the same network with keras.Model(inputs, outputs), copy the weights, save it again.");
  }
  std::vector<std::string> unknown;
  collect_unknown(model, "", unknown);
  if (unknown.empty()) return;
  std::string list;
  bool lambda = false, operation = false;
  for (const std::string& layer : unknown) {
    list += (list.empty() ? "" : ", ") + layer;
    lambda = lambda || layer.ends_with("(Lambda)");
    operation = operation || layer.find("(keras.ops.") != std::string::npos;
  }
  throw Error(
      StatusCode::kUnsupported,
      (unknown.size() == 1 ? "1 layer is of a class" : std::to_string(unknown.size()) + " layers are of classes") +
          std::string(" that Burin does not know: ") + list,
      std::string(unknown.size() == 1 ? "Replace it by a layer of `burin list layers`."
                                      : "Replace them by layers of `burin list layers`.") +
          (operation ? " Of keras.ops, to which also x[:, 0] belongs, only the functions of that list are known."
                     : "") +
          (lambda ? " The Python code of a Lambda layer is never executed." : ""));
}

KerasModel::KerasModel(const Json& model, std::string path, std::unique_ptr<WeightStore> weights, bool keras2)
    : name_(name_of(model)), path_(std::move(path)), keras2_(keras2) {
  const Json& layers = layers_of(model);
  if (layers.size() > kMaxLayers) {
    throw Error(StatusCode::kResourceLimit,
                "model " + name_ + " has more than " + std::to_string(kMaxLayers) + " layers");
  }
  for (const Json& layer : layers) add_layer(layer, *weights);
  if (text_of(model, "class_name") == "Sequential") {
    read_sequential(model);
  } else {
    for (size_t i = 0; i < layers.size(); ++i) read_calls(layers[i], i);
    read_functional(config_of(model));
  }
}

void KerasModel::add_layer(const Json& layer, WeightStore& weights) {
  const bool operation = is_operation(layer);
  const std::string class_name = operation ? class_of(layer) : text_of(layer, "class_name");
  Layer added{LayerConfig(config_of(layer), path_, name_of(layer), class_name, keras2_)};
  if (added.config.name().empty())
    throw invalid("model " + name_ + ": a layer of class " + class_name + " has no name");
  if (!layers_by_name_.emplace(added.config.name(), layers_.size()).second) {
    throw invalid("model " + name_ + " has two layers named " + added.config.name());
  }
  if (is_model_class(class_name)) {
    added.model =
        std::make_unique<KerasModel>(layer, added.config.path(), weights.nested(class_name, added.config), keras2_);
  } else if (class_name == "InputLayer") {
    added.is_input = true;
  } else {
    added.definition = find_keras_layer(class_name);
    added.is_operation = operation;
    if (!operation) {
      added.weights = weights.weights_of(class_name, added.config);
      check_policy(added.config);
    }
  }
  layers_.push_back(std::move(added));
}

void KerasModel::read_sequential(const Json& model) {
  // The chain, written as a functional model's calls.
  std::optional<size_t> previous;
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (layers_[i].is_input) {
      if (i > 0) throw invalid(layers_[i].config.path() + ": an InputLayer inside a Sequential model");
    } else {
      Call call;
      call.arguments.kind = ArgumentTree::Kind::kReference;
      // Call 0 of layer `size()` is the model's input where no InputLayer stands for it.
      call.arguments.reference = {previous ? *previous : layers_.size(), 0, 0};
      call.references = {call.arguments.reference};
      call.recorded_shapes.resize(1);
      layers_[i].calls.push_back(std::move(call));
    }
    previous = i;
  }
  if (layers_.empty() || (layers_.size() == 1 && layers_[0].is_input)) {
    throw invalid("model " + name_ + " has no layers");
  }
  if (!layers_[0].is_input) {
    // An input of its own, shaped as the first layer or build() noted.
    const Json* config = &layers_of(model)[0];
    const Json* build = find_member(*config, "build_config");
    const Json* shape = find_member(config_of(*config), "batch_shape");
    if (shape == nullptr) shape = find_member(config_of(*config), "batch_input_shape");
    if (shape == nullptr) shape = find_member(config_of(model), "build_input_shape");
    if (shape == nullptr && build != nullptr) shape = find_member(*build, "input_shape");
    static const Json kNoShape = Json::object();
    input_config_ = Json{{"batch_shape", shape != nullptr ? *shape : kNoShape}, {"dtype", "float32"}};
    layers_.push_back(Layer{LayerConfig(input_config_, path_, "input_layer", "InputLayer", keras2_)});
    layers_.back().is_input = true;
  }
  const size_t input = layers_[0].is_input ? 0 : layers_.size() - 1;
  const size_t last = layers_[0].is_input ? layers_.size() - 1 : layers_.size() - 2;
  input_structure_.kind = ArgumentTree::Kind::kReference;
  input_structure_.reference = {input, 0, 0};
  inputs_ = {input_structure_.reference};
  outputs_ = {{last, 0, 0}};
  output_names_ = {"output_0"};
}

void KerasModel::read_functional(const Json& config) {
  const Json* inputs = find_member(config, "input_layers");
  const Json* outputs = find_member(config, "output_layers");
  if (inputs == nullptr || outputs == nullptr) {
    throw invalid("model " + name_ + ": its configuration has no input_layers or output_layers");
  }
  input_structure_ = read_structure(*inputs, "input_layers");
  flatten(input_structure_, inputs_);
  for (const TensorReference& input : inputs_) {
    if (!layers_[input.layer].is_input) throw invalid(layers_[input.layer].config.path() + ": is no InputLayer");
  }
  const ArgumentTree output_structure = read_structure(*outputs, "output_layers");
  flatten(output_structure, outputs_);
  if (inputs_.empty() || outputs_.empty()) throw invalid("model " + name_ + " has no inputs or no outputs");
  for (TensorReference& output : outputs_) {
    // A model inside counts its calls from 1 there (its own graph is call 0); Keras 3 does so for Functional only.
    const Layer& layer = layers_[output.layer];
    const bool from_one = layer.model != nullptr && (keras2_ || layer.config.class_name() != "Sequential");
    if (from_one && output.call > 0) --output.call;
  }
  const bool named =
      output_structure.kind == ArgumentTree::Kind::kDictionary && output_structure.children.size() == outputs_.size();
  for (size_t i = 0; i < outputs_.size(); ++i) {
    output_names_.push_back(named ? output_structure.keys[i] : "output_" + std::to_string(i));
  }
}

size_t KerasModel::layer_index(const Json& name, const std::string& where) const {
  const auto found = layers_by_name_.find(name.get<std::string>());
  if (found == layers_by_name_.end()) throw invalid(where + ": there is no layer " + name.get<std::string>());
  return found->second;
}

ArgumentTree KerasModel::read_reference(const Json& history, const std::string& where) const {
  if (!is_history(history)) throw invalid(where + ": a malformed reference to a layer's output");
  ArgumentTree tree;
  tree.kind = ArgumentTree::Kind::kReference;
  tree.reference = {layer_index(history[0], where), history[1].get<size_t>(), history[2].get<size_t>()};
  return tree;
}

ArgumentTree KerasModel::read_structure(const Json& structure, const std::string& what) const {
  if (is_history(structure) && structure.size() == 3) return read_reference(structure, "model " + name_ + ", " + what);
  ArgumentTree tree;
  if (structure.is_array()) {
    for (const Json& child : structure) tree.children.push_back(read_structure(child, what));
  } else if (structure.is_object() && text_of(structure, "class_name") == "__tuple__") {
    if (const Json* items = find_member(structure, "items")) return read_structure(*items, what);
  } else if (structure.is_object()) {
    tree.kind = ArgumentTree::Kind::kDictionary;
    for (const auto& [key, child] : structure.items()) {
      tree.keys.push_back(key);
      tree.children.push_back(read_structure(child, what));
    }
  } else {
    throw invalid("model " + name_ + ": malformed " + what);
  }
  return tree;
}

void KerasModel::read_calls(const Json& layer, size_t index) {
  const Json* nodes = find_member(layer, "inbound_nodes");
  if (nodes == nullptr) return;
  const LayerConfig& config = layers_[index].config;
  if (!nodes->is_array()) throw config.invalid("malformed inbound_nodes");
  std::vector<Call> calls;
  for (const Json& node : *nodes) {
    calls.push_back(layers_[index].is_operation ? read_operation(node, config) : read_call(node, config));
  }
  if (layers_[index].is_input && !calls.empty()) throw config.invalid("an InputLayer with inputs");
  layers_[index].calls = std::move(calls);
}

KerasModel::Call KerasModel::read_call(const Json& node, const LayerConfig& config) const {
  Call call;
  if (node.is_array()) {
    read_legacy_call(node, call, config);
    return call;
  }
  const Json* arguments = find_member(node, "args");
  const Json* keywords = find_member(node, "kwargs");
  if (arguments != nullptr) read_arguments(*arguments, call, call.arguments, config);
  if (keywords != nullptr && keywords->is_object()) {
    for (const auto& [key, value] : keywords->items()) {
      if (!has_reference(value)) continue;
      if (key != "inputs" || !call.references.empty()) {
        throw config.unsupported("is called with a tensor as " + key + "=...");
      }
      read_arguments(value, call, call.arguments, config);
    }
  }
  return call;
}

KerasModel::Call KerasModel::read_operation(const Json& node, const LayerConfig& config) const {
  Call call;
  const Json* arguments = find_member(node, "args");
  const Json* keywords = find_member(node, "kwargs");
  if (arguments == nullptr || !arguments->is_array()) throw config.invalid("malformed inbound_nodes");
  for (const Json& argument : *arguments) {
    if (argument.is_number()) {
      call.numbers.push_back({call.references.size() + call.numbers.size(), argument.get<float>()});
      continue;
    }
    const size_t before = call.references.size();
    ArgumentTree& tree = call.arguments.children.emplace_back();
    read_arguments(argument, call, tree, config);
    if (call.references.size() != before + 1 || tree.kind != ArgumentTree::Kind::kReference) {
      throw config.unsupported("is called with something that is neither a tensor nor a number");
    }
  }
  if (keywords != nullptr && !keywords->empty()) throw config.unsupported("is called with arguments by name");
  return call;
}

void KerasModel::read_arguments(const Json& value, Call& call, ArgumentTree& tree, const LayerConfig& config) const {
  const std::string class_name = text_of(value, "class_name");
  if (class_name == "__keras_tensor__") {
    const Json& tensor = config_of(value);
    const Json* history = find_member(tensor, "keras_history");
    if (history == nullptr) throw config.invalid("an argument without keras_history");
    tree = read_reference(*history, config.path());
    call.references.push_back(tree.reference);
    std::vector<int32_t>& shape = call.recorded_shapes.emplace_back();
    const Json* dims = find_member(tensor, "shape");
    if (dims == nullptr || !dims->is_array()) return;
    for (const Json& dim : *dims) {
      const bool fixed = is_index(dim) && dim.get<int64_t>() <= INT32_MAX;
      shape.push_back(fixed ? dim.get<int32_t>() : Shape::kFree);
    }
    return;
  }
  const Json* items = class_name == "__tuple__" ? find_member(value, "items") : nullptr;
  const Json& list = items != nullptr ? *items : value;
  if (!list.is_structured()) return;
  tree.kind = list.is_object() ? ArgumentTree::Kind::kDictionary : ArgumentTree::Kind::kList;
  const auto add = [&](const Json& child) {
    ArgumentTree subtree;
    const size_t before = call.references.size();
    read_arguments(child, call, subtree, config);
    if (call.references.size() > before) tree.children.push_back(std::move(subtree));
    return call.references.size() > before;
  };
  if (list.is_object()) {
    for (const auto& [key, child] : list.items()) {
      if (add(child)) tree.keys.push_back(key);
    }
  } else {
    for (const Json& child : list) add(child);
  }
}

// Keras 2: [["layer", call, tensor, {...}], ...], or one such entry by itself.
void KerasModel::read_legacy_call(const Json& node, Call& call, const LayerConfig& config) const {
  const auto add = [&](const Json& entry) {
    ArgumentTree tree = read_reference(entry, config.path());
    if (layers_[tree.reference.layer].model != nullptr && tree.reference.call > 0) --tree.reference.call;
    call.references.push_back(tree.reference);
    call.recorded_shapes.emplace_back();
    call.arguments.children.push_back(std::move(tree));
  };
  if (is_history(node)) {
    add(node);
  } else {
    for (const Json& entry : node) add(entry);
  }
}

KerasModel::Input KerasModel::read_input(const Layer& layer) const {
  const LayerConfig& config = layer.config;
  const char* key = config.find("batch_shape") != nullptr ? "batch_shape" : "batch_input_shape";
  const Json* dims = config.find(key);
  if (dims == nullptr || !dims->is_array() || dims->empty()) {
    throw Error(StatusCode::kInvalidModel, config.path() + " (InputLayer): the model was saved without an input shape",
                "Call the model on data or build() it before it is saved.");
  }
  Input input{config.name(), ElementType::kFloat32, {}};
  for (const Json& dim : *dims) {
    const bool fixed = is_index(dim) && dim.get<int64_t>() >= 1 && dim.get<int64_t>() <= INT32_MAX;
    if ((!dim.is_null() && !fixed) || input.shape.rank() == Shape::kMaxRank) throw config.unsupported_value(key);
    // The batch is free, also where Keras had it fixed.
    input.shape.append(fixed && input.shape.rank() > 0 ? dim.get<int32_t>() : Shape::kFree);
  }
  // Keras computes in the layer's own precision; Burin in float32.
  const std::string dtype = config.text("dtype", "float32");
  if (!dtype.starts_with("float") && !dtype.starts_with("bfloat")) {
    throw config.unsupported("its dtype is " + dtype, "Build the model with keras.Input(..., dtype=\"float32\").");
  }
  for (const char* option : {"sparse", "ragged", "optional"}) {
    if (config.boolean(option, false)) throw config.unsupported_value(option);
  }
  return input;
}

std::vector<KerasModel::Input> KerasModel::inputs() const {
  std::vector<Input> result;
  for (const TensorReference& input : inputs_) result.push_back(read_input(layers_[input.layer]));
  return result;
}

TensorId KerasModel::resolve(const TensorReference& reference, const Outputs& outputs) const {
  const auto& calls = outputs[reference.layer];
  const LayerConfig& config = layers_[reference.layer].config;
  if (reference.call >= calls.size()) {
    throw invalid(config.path() + ": its call " + std::to_string(reference.call) + " is used but missing");
  }
  if (reference.tensor >= calls[reference.call].size()) {
    throw invalid(config.path() + ": its output " + std::to_string(reference.tensor) + " is used, it has " +
                  std::to_string(calls[reference.call].size()));
  }
  return calls[reference.call][reference.tensor];
}

bool KerasModel::ready(const Call& call, const Outputs& outputs) const {
  return std::ranges::all_of(call.references, [&](const TensorReference& reference) {
    return reference.call < outputs[reference.layer].size();
  });
}

void KerasModel::bind(const ArgumentTree& structure, const ArgumentTree& arguments, const Outputs& outputs,
                      const LayerConfig& config, std::vector<TensorId>& result) const {
  using Kind = ArgumentTree::Kind;
  // A list of one stands for its element, on either side.
  if (arguments.kind == Kind::kList && arguments.children.size() == 1 &&
      (structure.kind != Kind::kList || structure.children.size() != 1)) {
    return bind(structure, arguments.children[0], outputs, config, result);
  }
  if (structure.kind == Kind::kList && structure.children.size() == 1 && arguments.kind != Kind::kList) {
    return bind(structure.children[0], arguments, outputs, config, result);
  }
  if (structure.kind == Kind::kReference) {
    if (arguments.kind == Kind::kReference) {
      result.push_back(resolve(arguments.reference, outputs));
      return;
    }
  } else if (arguments.kind != Kind::kReference && structure.children.size() == arguments.children.size() &&
             (structure.kind != Kind::kDictionary || arguments.kind != Kind::kDictionary ||
              structure.keys == arguments.keys)) {
    for (size_t i = 0; i < structure.children.size(); ++i) {
      bind(structure.children[i], arguments.children[i], outputs, config, result);
    }
    return;
  }
  throw config.invalid("it is called with other inputs than it has");
}

std::vector<TensorId> KerasModel::emit_call(GraphBuilder& graph, const Layer& layer, const Call& call,
                                            const Outputs& outputs) const {
  std::vector<TensorId> inputs;
  if (layer.model != nullptr) {
    bind(layer.model->input_structure_, call.arguments, outputs, layer.config, inputs);
  } else {
    for (const TensorReference& reference : call.references) inputs.push_back(resolve(reference, outputs));
  }
  for (size_t i = 0; i < call.references.size(); ++i) {
    // Keras noted the shape that it computed itself: a difference means that a layer before was misunderstood.
    const std::vector<int32_t>& recorded = call.recorded_shapes[i];
    const TensorId tensor = resolve(call.references[i], outputs);
    const Shape& shape = graph.shape(tensor);
    if (recorded.empty()) continue;
    bool equal = recorded.size() == static_cast<size_t>(shape.rank());
    for (int d = 1; equal && d < shape.rank(); ++d) {
      const int32_t dim = recorded[static_cast<size_t>(d)];
      equal = dim == Shape::kFree || shape[d] == Shape::kFree || dim == shape[d];
    }
    if (!equal) {
      throw layer.config.invalid("its input has shape " + to_string(shape) + ", the file says otherwise");
    }
  }
  if (layer.model != nullptr) return layer.model->call(graph, inputs);
  for (const NumberArgument& number : call.numbers) {
    inputs.insert(inputs.begin() + static_cast<ptrdiff_t>(number.position),
                  graph.scalar(layer.config.path(), "number", number.value));
  }
  const int count = static_cast<int>(std::min<size_t>(inputs.size(), INT32_MAX));
  if (count < layer.definition->min_inputs || count > layer.definition->max_inputs) {
    throw layer.config.invalid("is called with " + std::to_string(inputs.size()) + " inputs, it takes " +
                               std::to_string(layer.definition->min_inputs) + " to " +
                               std::to_string(layer.definition->max_inputs));
  }
  return {layer.definition->build({layer.config, layer.weights, inputs, graph})};
}

std::vector<TensorId> KerasModel::call(GraphBuilder& graph, std::span<const TensorId> inputs) const {
  Outputs outputs(layers_.size());
  for (size_t i = 0; i < inputs_.size(); ++i) outputs[inputs_[i].layer] = {{inputs[i]}};
  // As Keras: pass after pass over the layers, each time as many calls as have their inputs.
  size_t open = 0;
  for (const Layer& layer : layers_) open += layer.calls.size();
  while (open > 0) {
    const size_t before = open;
    for (size_t i = 0; i < layers_.size(); ++i) {
      const Layer& layer = layers_[i];
      while (outputs[i].size() < layer.calls.size() && ready(layer.calls[outputs[i].size()], outputs)) {
        outputs[i].push_back(emit_call(graph, layer, layer.calls[outputs[i].size()], outputs));
        --open;
      }
    }
    if (open == before) {
      const auto stuck = std::ranges::find_if(layers_, [&](const Layer& layer) {
        return outputs[static_cast<size_t>(&layer - layers_.data())].size() < layer.calls.size();
      });
      throw stuck->config.invalid("its inputs form a loop or come from a layer that is never called");
    }
  }
  std::vector<TensorId> result;
  for (const TensorReference& output : outputs_) result.push_back(resolve(output, outputs));
  return result;
}

}  // namespace burin
