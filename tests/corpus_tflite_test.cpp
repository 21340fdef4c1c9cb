// `.tflite` models that others made, with LiteRT's own outputs of two seeded inputs each (corpus/tflite_index.json of
// the shared folder): `reference` arithmetic against LiteRT's reference kernels, `litert` against its default ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "burin/error.hpp"
#include "burin/runtime.hpp"
#include "formats/npz/npz.hpp"
#include "formats/read_model.hpp"
#include "ops/operator.hpp"
#include "shared_folder.hpp"

namespace burin {
namespace {

namespace fs = std::filesystem;

struct CorpusModel {
  std::string name;  // "tiny/kws_ref_model"
  fs::path file, expected;
  std::vector<std::string> missing;  // operators that Burin does not have
};

// Empty where there is no corpus.
std::vector<CorpusModel> corpus() {
  const fs::path folder = shared_folder() / "corpus";
  std::ifstream index(folder / "tflite_index.json");
  std::vector<CorpusModel> models;
  if (!index) return models;
  const nlohmann::json entries = nlohmann::json::parse(index);
  for (const auto& [path, entry] : entries.items()) {
    CorpusModel& model = models.emplace_back();
    model.file = folder / path;
    model.expected = folder / entry.at("expected").get<std::string>();
    model.name = model.file.parent_path().filename().string() + "/" + model.file.stem().string();
    for (const auto& [op, count] : entry.at("ops").items()) {
      if (std::ranges::find(runtime_operators(), op, &RuntimeOperator::name) == runtime_operators().end()) {
        model.missing.push_back(op);
      }
    }
  }
  return models;
}

// Integer outputs are equal bit for bit; float ones differ by the order of sums, relative to the largest value.
constexpr double kFloatTolerance = 2e-5;

const Array& array_of(const std::vector<NamedArray>& arrays, const std::string& name) {
  const auto found = std::ranges::find(arrays, name, &NamedArray::name);
  if (found == arrays.end()) throw Error(StatusCode::kInvalidModel, "no array " + name);
  return found->array;
}

// In steps of integers, of floats relative to the largest value; 0 only where all bits are equal. Infinite where types
// or shapes differ.
double difference(const TensorView& actual, const Array& expected) {
  if (actual.type != expected.type || !(actual.shape == expected.shape)) return HUGE_VAL;
  if (std::memcmp(actual.data, expected.bytes.data(), expected.bytes.size()) == 0) return 0.0;
  const std::vector<float> ours =
      Array{actual.type, actual.shape, {actual.data, expected.bytes.size()}, nullptr}.to_floats();
  const std::vector<float> theirs = expected.to_floats();
  double apart = 0.0, largest = 1e-3;
  for (size_t i = 0; i < theirs.size(); ++i) {
    const double distance = std::abs(double{ours[i]} - double{theirs[i]});
    if (!(distance <= apart)) apart = std::isnan(distance) ? HUGE_VAL : distance;
    largest = std::max(largest, std::abs(double{theirs[i]}));
  }
  return actual.type == ElementType::kFloat32 ? apart / largest : std::max(apart, 1.0);
}

// The largest difference of all outputs for both inputs.
double run_both_inputs(const CorpusModel& model, Arithmetic arithmetic) {
  ProgramOptions options;
  options.arithmetic = arithmetic;
  Result<Program> program = Program::from_file(model.file.string(), options);
  if (!program.is_ok()) throw Error(program.status());
  Session session(program.value(), {.threads = 2});
  const std::vector<NamedArray> arrays = read_arrays(model.expected.string());
  double apart = 0.0;
  for (const char* name : {"case0", "case1"}) {
    const std::string seeded = name;
    for (size_t i = 0; i < session.program().inputs().size(); ++i) {
      const Array& input = array_of(arrays, seeded + "_input" + std::to_string(i));
      const TensorInfo& info = session.program().inputs()[i];
      if (info.type != input.type || !(info.shape == input.shape)) return HUGE_VAL;
      std::memcpy(session.input(i).data, input.bytes.data(), input.bytes.size());
    }
    if (Status status = session.invoke(); !status.is_ok()) throw Error(status);
    const char* kernels = arithmetic == Arithmetic::kLitert ? "_default" : "_reference";
    for (size_t i = 0; i < session.program().outputs().size(); ++i) {
      const Array& expected = array_of(arrays, seeded + "_output" + std::to_string(i) + kernels);
      apart = std::max(apart, difference(session.output(i), expected));
    }
  }
  return apart;
}

bool has_float_output(const CorpusModel& model) {
  const std::vector<NamedArray> arrays = read_arrays(model.expected.string());
  return array_of(arrays, "case0_output0_default").type == ElementType::kFloat32;
}

void compare(Arithmetic arithmetic) {
  int compared = 0;
  for (const CorpusModel& model : corpus()) {
    if (!model.missing.empty()) continue;
    SCOPED_TRACE(model.name);
    try {
      const double allowed = has_float_output(model) ? kFloatTolerance : 0.0;
      const double apart = run_both_inputs(model, arithmetic);
      if (std::getenv("BURIN_SHOW") != nullptr) std::printf("%-75s %10.3g of %g\n", model.name.c_str(), apart, allowed);
      EXPECT_LE(apart, allowed);
      ++compared;
    } catch (const Error& error) {
      ADD_FAILURE() << error.status().message();
    }
  }
  EXPECT_GE(compared, 109);
}

TEST(TfliteCorpus, ReferenceArithmeticEqualsLiteRtsReferenceKernels) {
  if (corpus().empty()) GTEST_SKIP() << "no corpus in " << shared_folder();
  compare(Arithmetic::kReference);
}

TEST(TfliteCorpus, LitertArithmeticEqualsLiteRtsDefaultKernels) {
  if (corpus().empty()) GTEST_SKIP() << "no corpus in " << shared_folder();
  compare(Arithmetic::kLitert);
}

// What is not compared: an error that names the file and the operators, never a crash.
TEST(TfliteCorpus, EveryFileIsReadOrRefusedByItsOperators) {
  const std::vector<CorpusModel> models = corpus();
  if (models.empty()) GTEST_SKIP() << "no corpus in " << shared_folder();
  EXPECT_GE(models.size(), 136u);
  std::map<std::string, int> missing;
  int refused = 0;
  for (const CorpusModel& model : models) {
    SCOPED_TRACE(model.name);
    std::string message;
    try {
      read_model(model.file.string());
    } catch (const Error& error) {
      message = error.status().message();
    }
    EXPECT_EQ(message.empty(), model.missing.empty()) << message;
    if (model.missing.empty()) continue;
    ++refused;
    EXPECT_NE(message.find(model.file.filename().string()), std::string::npos) << message;
    for (const std::string& op : model.missing) {
      EXPECT_NE(message.find(op), std::string::npos) << message;
      ++missing[op];
    }
  }
  std::string list;
  for (const auto& [op, count] : missing) list += " " + op + " (" + std::to_string(count) + ")";
  if (refused > 0) GTEST_SKIP() << refused << " models need operators that Burin does not have:" << list;
}

}  // namespace
}  // namespace burin
