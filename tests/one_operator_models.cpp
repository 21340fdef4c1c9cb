// Writes models of one operator with seeded inputs and Burin's outputs, for test_one_operator_models.py, which runs the
// same models in LiteRT:   one_operator_models FOLDER
// Per case: <name>.tflite, <name>.input<i>.bin, <name>.<arithmetic>_<kernels>.bin with arithmetic litert or reference
// and kernels reference or fast. A float case whose operator can be quantized is quantized as well, calibrated on its
// own inputs: <name>.quantized.tflite and <name>.quantized.bin. cases.json holds the tolerance against either kernel
// set of LiteRT and, of a quantized case, the step of its output.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "burin/error.hpp"
#include "burin/runtime.hpp"
#include "formats/tflite/write_tflite.hpp"
#include "graph/verify.hpp"
#include "one_operator_cases.hpp"
#include "quantize/quantize_int8.hpp"

namespace burin {

namespace {

void check(const Status& status, const std::string& place) {
  if (!status.is_ok()) throw Error(status.at(place));
}

uint64_t seed_of(const std::string& name) {
  uint64_t hash = 14695981039346656037u;
  for (char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 1099511628211u;
  return hash;
}

template <typename T>
std::vector<std::byte> bytes_of(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

template <typename T>
std::vector<std::byte> random_values(const Operand& operand, std::mt19937_64& random) {
  std::vector<T> values(static_cast<size_t>(operand.shape.elements()));
  for (T& value : values) {
    const double unit = static_cast<double>(random() >> 11) * 0x1p-53;
    const double span = operand.high - operand.low;
    value = std::is_integral_v<T> ? static_cast<T>(operand.low + std::floor(unit * (span + 1)))
                                  : static_cast<T>(operand.low + unit * span);
  }
  return bytes_of(values);
}

template <typename T>
std::vector<std::byte> values_of(const Operand& operand, std::mt19937_64& random) {
  if (operand.values.empty()) return random_values<T>(operand, random);
  std::vector<T> values;
  for (double value : operand.values) values.push_back(static_cast<T>(value));
  return bytes_of(values);
}

std::vector<std::byte> data_of(const Operand& operand, std::mt19937_64& random) {
  switch (operand.type) {
    case ElementType::kFloat32:
      return values_of<float>(operand, random);
    case ElementType::kInt8:
      return values_of<int8_t>(operand, random);
    case ElementType::kUInt8:
      return values_of<uint8_t>(operand, random);
    case ElementType::kInt16:
    case ElementType::kFloat16:
      return values_of<int16_t>(operand, random);
    case ElementType::kInt64:
      return values_of<int64_t>(operand, random);
    case ElementType::kFloat64:
      return values_of<double>(operand, random);
    case ElementType::kBool:
      return values_of<uint8_t>(operand, random);
    case ElementType::kUInt32:
      return values_of<uint32_t>(operand, random);
    case ElementType::kInt4: {
      Operand bytes = operand;
      bytes.shape = Shape{static_cast<int32_t>(byte_size(operand.type, operand.shape))};
      bytes.low = -128, bytes.high = 127;
      return random_values<int8_t>(bytes, random);
    }
    default:
      return values_of<int32_t>(operand, random);
  }
}

struct BuiltCase {
  Model model;
  std::vector<std::vector<std::byte>> inputs;
};

BuiltCase build(const OperatorCase& c) {
  BuiltCase built;
  std::mt19937_64 random(seed_of(c.name));
  Model& model = built.model;
  model.level = Level::kBuiltin;
  Graph& graph = model.graphs.emplace_back();
  Node node{c.op, {}, {}, c.attributes};
  std::vector<TensorView> views;
  std::vector<std::vector<std::byte>> data;
  Signature signature;
  for (const Operand& operand : c.inputs) data.push_back(data_of(operand, random));
  for (size_t i = 0; i < c.inputs.size(); ++i) {
    const Operand& operand = c.inputs[i];
    Tensor tensor;
    tensor.name = tensor.origin = "input" + std::to_string(i);
    tensor.type = operand.type;
    tensor.shape = operand.shape;
    tensor.quantization = operand.quantization;
    if (operand.constant) tensor.constant = model.add_constant(data[i]);
    const TensorId id = graph.add_tensor(tensor);
    node.inputs.push_back(id);
    views.push_back({operand.constant ? data[i].data() : nullptr, operand.type, operand.shape,
                     operand.quantization ? &*operand.quantization : nullptr});
    if (!operand.constant) {
      graph.inputs.push_back(id);
      signature.inputs.push_back({tensor.name, id});
      built.inputs.push_back(data[i]);
    }
  }
  const std::unique_ptr<bool[]> present(new bool[views.size()]);
  std::fill_n(present.get(), views.size(), true);
  InferredTensor inferred{c.output.type, {}};
  const InferContext context{views, {present.get(), views.size()}, c.attributes};
  check(runtime_operator(c.op).infer(context, {&inferred, 1}), c.name);
  Tensor output;
  output.name = output.origin = "output";
  output.type = inferred.type;
  output.shape = inferred.shape;
  output.quantization = c.output.quantization;
  const TensorId id = graph.add_tensor(output);
  node.outputs.push_back(id);
  graph.add_node(node);
  graph.outputs.push_back(id);
  signature.outputs.push_back({"output_0", id});
  model.signatures.push_back(signature);
  check(verify(model), c.name);
  return built;
}

void write_file(const std::string& path, const void* data, size_t size) {
  std::ofstream file(path, std::ios::binary);
  file.write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
  if (!file.flush()) throw Error(StatusCode::kIo, "cannot write " + path);
}

// Burin's output of the written file, so that the reader is on the path too.
void write_output(const BuiltCase& built, const std::string& model_path, const std::string& path, Arithmetic arithmetic,
                  bool reference_kernels) {
  ProgramOptions options;
  options.arithmetic = arithmetic;
  options.reference_kernels = reference_kernels;
  Result<Program> program = Program::from_file(model_path, options);
  check(program.status(), model_path);
  Session session(program.value(), {.threads = 2});
  for (size_t i = 0; i < built.inputs.size(); ++i) {
    std::memcpy(session.input(i).data, built.inputs[i].data(), built.inputs[i].size());
  }
  check(session.invoke(), model_path);
  const TensorView output = session.output(0);
  write_file(path, output.data, static_cast<size_t>(byte_size(output.type, output.shape)));
}

// The inputs of a case as its only calibration sample.
class OneSample : public SampleSource {
 public:
  explicit OneSample(const std::vector<std::vector<std::byte>>& inputs) : inputs_(inputs) {}
  size_t size() const override { return 1; }
  void load(size_t, std::span<const std::span<float>> inputs) const override {
    for (size_t i = 0; i < inputs.size(); ++i) std::memcpy(inputs[i].data(), inputs_[i].data(), inputs_[i].size());
  }

 private:
  const std::vector<std::vector<std::byte>>& inputs_;
};

bool is_float_case(const OperatorCase& c) {
  return std::ranges::all_of(c.inputs, [](const Operand& operand) {
    return operand.constant ? !operand.quantization : operand.type == ElementType::kFloat32;
  });
}

// Nothing where the operator stays float.
std::optional<QuantizationPlan> plan_of(const BuiltCase& built) {
  QuantizationPlan plan = plan_int8(built.model, OneSample(built.inputs));
  if (plan.nodes[0].arithmetic != NodeArithmetic::kInteger) return std::nullopt;
  return plan;
}

nlohmann::json tolerance(double value) {
  if (value == kRefused) return "refused";
  return value == kNotFollowed ? nlohmann::json() : nlohmann::json(value);
}

// The step of the quantized output; null where the case is not quantized.
nlohmann::json write_quantized(const OperatorCase& c, const BuiltCase& built, const std::string& base) {
  if (!is_float_case(c)) return nullptr;
  const std::optional<QuantizationPlan> plan = plan_of(built);
  if (!plan) return nullptr;
  const std::vector<uint8_t> file = write_tflite(apply(built.model, *plan));
  write_file(base + ".quantized.tflite", file.data(), file.size());
  write_output(built, base + ".quantized.tflite", base + ".quantized.bin", Arithmetic::kLitert, false);
  const TensorPlan& output = plan->tensors[built.model.main().outputs[0]];
  return output.quantization ? nlohmann::json(output.quantization->scales[0]) : nlohmann::json(0.0);
}

void write_case(const BuiltCase& built, const std::string& base) {
  const std::vector<uint8_t> file = write_tflite(built.model);
  write_file(base + ".tflite", file.data(), file.size());
  for (size_t i = 0; i < built.inputs.size(); ++i) {
    write_file(base + ".input" + std::to_string(i) + ".bin", built.inputs[i].data(), built.inputs[i].size());
  }
  write_output(built, base + ".tflite", base + ".litert_reference.bin", Arithmetic::kLitert, true);
  write_output(built, base + ".tflite", base + ".litert_fast.bin", Arithmetic::kLitert, false);
  write_output(built, base + ".tflite", base + ".reference_reference.bin", Arithmetic::kReference, true);
  write_output(built, base + ".tflite", base + ".reference_fast.bin", Arithmetic::kReference, false);
}

// Whether the reference evaluation takes the types; null where it does not.
std::optional<BuiltCase> build_if_accepted(const OperatorCase& c) {
  try {
    BuiltCase built = build(c);
    Result<Program> program = Program::from_model(built.model, {.reference_kernels = true});
    if (!program.is_ok()) return std::nullopt;
    Session session(program.value());
    if (!session.invoke().is_ok()) return std::nullopt;
    return built;
  } catch (const Error&) {
    return std::nullopt;
  }
}

nlohmann::json describe(const OperatorCase& c, const BuiltCase& built, const nlohmann::json& quantized_step) {
  const Graph& graph = built.model.main();
  return {{"name", c.name},
          {"float_output", graph.tensors[graph.outputs[0]].type == ElementType::kFloat32},
          {"litert", tolerance(c.tolerance.litert)},
          {"reference", tolerance(c.tolerance.reference)},
          {"quantized_step", quantized_step}};
}

}  // namespace

}  // namespace burin

int main(int argc, char** argv) {
  using namespace burin;
  if (argc != 2) {
    std::fprintf(stderr, "usage: one_operator_models FOLDER\n");
    return 2;
  }
  const std::string folder = std::string(argv[1]) + "/";
  nlohmann::json list = nlohmann::json::array();
  int failures = 0;
  std::set<Op> float_operators;
  const std::vector<OperatorCase> cases = one_operator_cases();
  const auto report = [&](const OperatorCase& c, const std::exception& error) {
    std::fprintf(stderr, "one_operator_models: %s: %s\n", c.name.c_str(), error.what());
    ++failures;
  };
  for (const OperatorCase& c : cases) {
    try {
      const BuiltCase built = build(c);
      write_case(built, folder + c.name);
      list.push_back(describe(c, built, write_quantized(c, built, folder + c.name)));
      if (is_float_case(c)) float_operators.insert(c.op);
    } catch (const std::exception& error) {
      report(c, error);
    }
  }
  for (const OperatorCase& c : cases_of_other_types(cases)) {
    try {
      const std::optional<BuiltCase> built = build_if_accepted(c);
      if (!built) continue;
      write_case(*built, folder + c.name);
      list.push_back(describe(c, *built, nullptr));
    } catch (const std::exception& error) {
      report(c, error);
    }
  }
  for (const RuntimeOperator& row : runtime_operators()) {
    if (float_operators.contains(row.op) || row.op == Op::kDequantize) continue;
    std::fprintf(stderr, "one_operator_models: no float case of %s\n", std::string(row.name).c_str());
    ++failures;
  }
  const std::string text = list.dump(1);
  write_file(folder + "cases.json", text.data(), text.size());
  return failures == 0 ? 0 : 1;
}
