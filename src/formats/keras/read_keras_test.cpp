#include "formats/keras/read_keras.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "burin/error.hpp"
#include "formats/file/mapped_file.hpp"
#include "formats/keras/keras_archive.hpp"
#include "formats/keras/keras_expectation.hpp"
#include "formats/keras/weights.hpp"
#include "formats/read_model.hpp"

namespace burin {
namespace {

std::filesystem::path fixtures() { return std::filesystem::path(BURIN_SOURCE_DIR) / "tests" / "fixtures" / "keras"; }

Status error_of(const std::vector<uint8_t>& file) {
  try {
    read_keras(std::as_bytes(std::span(file)), nullptr);
  } catch (const Error& error) {
    return error.status();
  }
  return {};
}

Status config_error(std::string_view config) { return error_of(keras_archive(config)); }

// A Functional model x -> layer, the layer given as JSON without its name, which is "layer".
std::string one_layer(const std::string& class_name, const std::string& config, const std::string& shape) {
  return R"({"class_name": "Functional", "config": {"name": "model", "layers": [
      {"class_name": "InputLayer", "config": {"batch_shape": )" +
         shape + R"(, "dtype": "float32", "name": "x"}, "name": "x", "inbound_nodes": []},
      {"class_name": ")" +
         class_name + R"(", "config": {)" + config +
         R"("trainable": true, "name": "layer"}, "name": "layer", "inbound_nodes": [
        {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}], "kwargs": {}}]}],
      "input_layers": ["x", 0, 0], "output_layers": ["layer", 0, 0]}})";
}

TEST(ReadKeras, GivesKerasOwnOutputs) {
  size_t models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(fixtures())) {
    const std::filesystem::path& path = entry.path();
    const bool h5 = path.extension() == ".h5";
    if (!h5 && path.extension() != ".keras") continue;
    SCOPED_TRACE(path.filename().string());
    ++models;
    try {
      const SourceModel source = read_model(path.string());
      EXPECT_EQ(source.format, h5 ? SourceFormat::kKerasH5 : SourceFormat::kKeras);
      expect_keras_outputs(source.model, std::filesystem::path(path).replace_extension(".npz"));
    } catch (const Error& error) {
      ADD_FAILURE() << error.status().message();
    }
  }
  EXPECT_GT(models, 0u);
}

TEST(ReadKeras, NamesTensorsAfterLayers) {
  const Model model = read_model((fixtures() / "nested.keras").string()).model;
  EXPECT_EQ(model.name, "outer");
  ASSERT_EQ(model.signatures.size(), 1u);
  EXPECT_EQ(model.signatures[0].inputs[0].name, "left");
  EXPECT_EQ(model.signatures[0].inputs[1].name, "right");
  EXPECT_EQ(model.signatures[0].outputs[1].name, "output_1");
  std::vector<std::string> origins;
  for (const Tensor& tensor : model.main().tensors) origins.push_back(tensor.origin);
  for (const char* expected : {"left", "inner/sum", "inner/mix", "inner/mix/kernel", "head/mean"}) {
    EXPECT_NE(std::ranges::find(origins, expected), origins.end()) << expected;
  }
  EXPECT_EQ(to_string(model.main().tensors[model.main().inputs[0]].shape), "?x6x6x4");
}

TEST(ReadKeras, KeepsTheKeysOfDictionaries) {
  const Model model = read_model((fixtures() / "dictionary.keras").string()).model;
  EXPECT_EQ(model.signatures[0].inputs[0].name, "first");
  EXPECT_EQ(model.signatures[0].outputs[0].name, "c");
  EXPECT_EQ(model.signatures[0].outputs[1].name, "z");
}

TEST(ReadKeras, NamesEveryUnknownLayerAtOnce) {
  const Status status = config_error(R"({"class_name": "Functional", "config": {"name": "m", "layers": [
    {"class_name": "Lambda", "config": {"name": "trick"}, "name": "trick", "inbound_nodes": []},
    {"class_name": "Functional", "name": "inner", "config": {"name": "inner", "layers": [
      {"class_name": "Own", "registered_name": "pack>Own", "config": {"name": "mine"}, "inbound_nodes": []},
      {"class_name": "Sort", "module": "keras.src.ops.numpy", "config": {"name": "plus"}, "inbound_nodes": []},
      {"class_name": "Dense", "module": "my.code", "config": {"name": "dense"}, "inbound_nodes": []}]}}]}})");
  EXPECT_EQ(status.message(),
            "4 layers are of classes that Burin does not know: trick (Lambda), inner/mine (pack>Own), "
            "inner/plus (keras.ops.sort), inner/dense (my.code.Dense)");
  EXPECT_NE(status.remedy().find("burin list layers"), std::string::npos);
  EXPECT_NE(status.remedy().find("never executed"), std::string::npos);
}

TEST(ReadKeras, TellsOperationsFromLayersOfTheSameName) {
  for (const char* name : {"operations.keras", "operations.h5"}) {
    SCOPED_TRACE(name);
    const std::string path = (fixtures() / "refused" / name).string();
    try {
      read_model(path);
      ADD_FAILURE() << "was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.status().message(),
                path +
                    ": 4 layers are of classes that Burin does not know: sin (keras.ops.sin), "
                    "cumsum (keras.ops.cumsum), get_item_1 (keras.ops.get_item), get_item (keras.ops.get_item)");
      EXPECT_NE(error.status().remedy().find("keras.ops"), std::string::npos);
    }
  }
}

TEST(ReadKeras, ChecksTheArgumentsOfOperations) {
  const std::string x = R"({"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}})";
  const auto subtract = [](const std::string& arguments) {
    return config_error(R"({"class_name": "Functional", "config": {"name": "model", "layers": [
      {"class_name": "InputLayer", "config": {"batch_shape": [null, 8], "dtype": "float32", "name": "x"}, "name": "x",
       "inbound_nodes": []},
      {"class_name": "Subtract", "module": "keras.src.ops.numpy", "config": {"name": "minus"}, "name": "minus",
       "inbound_nodes": [)" +
                        arguments + R"(]}],
      "input_layers": ["x", 0, 0], "output_layers": ["minus", 0, 0]}})")
        .message();
  };
  const std::string where = "minus (keras.ops.subtract): ";
  EXPECT_EQ(subtract(R"({"args": [1, )" + x + R"(], "kwargs": {}})"), "");
  EXPECT_EQ(subtract(R"({"args": [)" + x + R"(], "kwargs": {}})"), where + "is called with 1 inputs, it takes 2 to 2");
  EXPECT_EQ(subtract(R"({"args": [)" + x + R"(, "one"], "kwargs": {}})"),
            where + "is called with something that is neither a tensor nor a number");
  EXPECT_EQ(subtract(R"({"args": [[)" + x + ", " + x + R"(]], "kwargs": {}})"),
            where + "is called with something that is neither a tensor nor a number");
  EXPECT_EQ(subtract(R"({"args": [)" + x + R"(], "kwargs": {"x2": 1.0}})"), where + "is called with arguments by name");
  EXPECT_NE(subtract(R"({"kwargs": {}})").find(where + "malformed inbound_nodes"), std::string::npos);
}

TEST(ReadKeras, SaysWhatIsWrongAndWhere) {
  const std::string deep = std::string(300, '[') + std::string(300, ']');
  const struct {
    std::string config;
    std::string message;
  } cases[] = {
      {"{", "config.json is no JSON: "},
      {deep, "config.json is nested more than 256 levels deep"},
      {std::string(5'000'000, '['), "config.json is nested more than 256 levels deep"},
      {"[]", "the model is a class without a name, not a Functional or Sequential model"},
      {R"({"class_name": "MyModel", "config": {}})", "the model is a MyModel, not a Functional or Sequential model"},
      {R"({"class_name": "Sequential", "config": {"name": "s"}})", "model s: its configuration has no list of layers"},
      {R"({"class_name": "Sequential", "config": {"name": "s", "layers": []}})", "model s has no layers"},
      {one_layer("Conv2D", R"("filters": 4, "kernel_size": [3, 3], "data_format": "channels_first",)",
                 "[null, 8, 8, 3]"),
       R"(layer (Conv2D): data_format="channels_first" is not supported)"},
      {one_layer("Conv2D", R"("filters": 4, "kernel_size": [3, 3], "padding": "valid",)", "[null, 8, 8, 3]"),
       "layer (Conv2D): the weights file has nothing for this layer (kernel)"},
      {one_layer("Conv2D", R"("filters": 4, "kernel_size": [3, 3],)", "[null, 8, 3]"),
       "layer (Conv2D): its input has shape ?x8x3, it takes 4 dimensions"},
      {one_layer("Conv2D", R"("filters": 4, "kernel_size": [3, 3], "padding": "reflect",)", "[null, 8, 8, 3]"),
       R"(layer (Conv2D): padding="reflect" is not supported)"},
      {one_layer("MaxPooling2D", R"("pool_size": [2, 0],)", "[null, 8, 8, 3]"),
       "layer (MaxPooling2D): pool_size=[2,0] is not supported"},
      {one_layer("UpSampling1D", R"("size": 0,)", "[null, 8, 3]"), "layer (UpSampling1D): size=0 is not supported"},
      {one_layer("UpSampling1D", R"("size": 2,)", "[null, null, 3]"),
       "layer (UpSampling1D): dimension 1 of its input has no fixed size"},
      {one_layer("Activation", R"("activation": "maxout",)", "[null, 8]"),
       R"(layer (Activation): activation="maxout" is not supported)"},
      {one_layer("Activation", R"("activation": {"class_name": "function", "config": "my>swish"},)", "[null, 8]"),
       "layer (Activation): activation is a Python function of your own (my>swish)"},
      {one_layer("Activation", R"("activation": {"value": ["4wEAAAA=", null, null]},)", "[null, 8]"),
       "layer (Activation): activation is a Python lambda"},
      {one_layer("Flatten", "", "[null, null, 3]"), "layer (Flatten): dimension 1 of its input has no fixed size"},
      {one_layer("Reshape", R"("target_shape": [5, -1],)", "[null, 8]"),
       "layer (Reshape): target_shape does not fit the input's shape ?x8"},
      {one_layer("ReLU", R"("threshold": 1.0,)", "[null, 8]"), "layer (ReLU): threshold=1.0 is not supported"},
      {one_layer("ReLU", "", R"("none")"), "x (InputLayer): the model was saved without an input shape"},
      {one_layer("ReLU", "", "[null, -4]"), "x (InputLayer): batch_shape=[null,-4] is not supported"},
      {one_layer("RandomCrop", R"("height": 6, "width": 5,)", "[null, 8, 8, 3]"),
       "layer (RandomCrop): crops ?x8x8x3 to 6x5 in training, and not at all at inference"},
      {one_layer("Add", "", "[null, 4]"), "layer (Add): is called with 1 inputs, it takes 2 to 255"},
      {one_layer("ReLU", R"("dtype": {"class_name": "QuantizedDTypePolicy", "config": {"name": "int8_from_float32"}},)",
                 "[null, 4]"),
       "layer (ReLU): is quantized by Keras (int8_from_float32)"},
      {one_layer("ReLU",
                 R"("dtype": {"class_name": "QuantizedFloat8DTypePolicy",
                              "config": {"mode": "float8", "source_name": "float32"}},)",
                 "[null, 4]"),
       "layer (ReLU): is quantized by Keras (float8_from_float32)"},
  };
  for (const auto& [config, message] : cases) {
    const Status status = config_error(config);
    EXPECT_EQ(status.message().substr(0, message.size()), message);
    EXPECT_FALSE(status.remedy().empty()) << message;
  }
}

TEST(ReadKeras, RefusesLoopsAndDanglingReferences) {
  std::string loop = one_layer("ReLU", "", "[null, 4]");
  const std::string from = R"(["x", 0, 0]}}])";
  loop.replace(loop.find(from), from.size(), R"(["layer", 0, 0]}}])");
  EXPECT_EQ(config_error(loop).message(),
            "layer (ReLU): its inputs form a loop or come from a layer that is never called");
  std::string dangling = one_layer("ReLU", "", "[null, 4]");
  dangling.replace(dangling.find(from), from.size(), R"(["none", 0, 0]}}])");
  EXPECT_EQ(config_error(dangling).message(), "layer: there is no layer none");
}

TEST(ReadKeras, LimitsModelsThatMultiply) {
  // Each model calls the one inside it twice: 2^40 operators.
  std::string inner = R"({"class_name": "ReLU", "config": {"trainable": true, "name": "layer"}, "name": "layer")";
  for (int i = 0; i < 40; ++i) {
    const auto call = [](const std::string& layer, int number) {
      return R"({"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": [")" + layer + R"(", )" +
             std::to_string(number) + R"(, 0]}}], "kwargs": {}})";
    };
    inner = R"({"class_name": "Functional", "name": "layer", "config": {"trainable": true, "name": "layer", "layers": [
        {"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "name": "x"}, "name": "x",
         "inbound_nodes": []}, )" +
            inner + R"(, "inbound_nodes": [)" + call("x", 0) + ", " + call("layer", 0) +
            R"(]}], "input_layers": ["x", 0, 0], "output_layers": ["layer", )" + (i == 0 ? "1" : "2") + R"(, 0]})";
  }
  const Status status = config_error(inner + "}");
  EXPECT_EQ(status.code(), StatusCode::kResourceLimit);
  EXPECT_EQ(status.message(), "the model has more than 100000 operators");
}

TEST(ReadKeras, SnakeCaseIsKeras) {
  const std::pair<const char*, const char*> cases[] = {
      {"Dense", "dense"},
      {"Conv2D", "conv2d"},
      {"ReLU", "re_lu"},
      {"PReLU", "p_re_lu"},
      {"LeakyReLU", "leaky_re_lu"},
      {"DepthwiseConv2D", "depthwise_conv2d"},
      {"ELU", "elu"},
      {"GlobalAveragePooling2D", "global_average_pooling2d"},
      {"LSTM", "lstm"},
      {"ZeroPadding2D", "zero_padding2d"},
      {"UpSampling2D", "up_sampling2d"},
  };
  for (const auto& [class_name, expected] : cases) EXPECT_EQ(to_snake_case(class_name), expected);
}

TEST(ReadKeras, ListsItsLayersSorted) {
  const std::vector<std::string_view> layers = keras_layers();
  EXPECT_TRUE(std::ranges::is_sorted(layers));
  EXPECT_EQ(std::ranges::adjacent_find(layers), layers.end());
  EXPECT_TRUE(std::ranges::binary_search(layers, "DepthwiseConv2D"));
}

// Damaged files give an error or, where no checksum covers the damage, a model; never anything worse.
TEST(ReadKeras, SurvivesTruncationAndFlippedBits) {
  for (const char* name : {"cnn.keras", "cnn.h5"}) {
    const auto file = value_or_throw(MappedFile::open((fixtures() / name).string()));
    const auto read = [&](std::span<const std::byte> bytes) {
      try {
        std::string(name).ends_with(".h5") ? read_keras_h5(bytes, nullptr) : read_keras(bytes, nullptr);
        return true;
      } catch (const Error& error) {
        EXPECT_FALSE(error.status().message().empty());
        return false;
      }
    };
    for (size_t length = 0; length < file->bytes().size(); length += 509) {
      EXPECT_FALSE(read(file->bytes().first(length))) << name << " cut to " << length;
    }
    std::vector<std::byte> flipped(file->bytes().begin(), file->bytes().end());
    size_t errors = 0;
    for (size_t bit = 0; bit < 8 * flipped.size(); bit += 241) {
      const auto mask = static_cast<std::byte>(1 << bit % 8);
      flipped[bit / 8] ^= mask;
      errors += read(flipped) ? 0 : 1;
      flipped[bit / 8] ^= mask;
    }
    EXPECT_GT(errors, 50u) << name;
  }
}

}  // namespace
}  // namespace burin
