// Keras models with Keras's own outputs: the zoo and the trained models beside the repository (../shared), where
// present.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "burin/error.hpp"
#include "formats/keras/keras_expectation.hpp"
#include "formats/read_model.hpp"
#include "shared_folder.hpp"

namespace burin {
namespace {

namespace fs = std::filesystem;

// Zoo models that cannot be read yet, and what the error says.
struct Refused {
  const char* model;
  const char* reason;
};
constexpr Refused kRefused[] = {
    {"act_hard_shrink", "hard_shrink"},
    {"additive_attention", "(AdditiveAttention)"},
    {"attention_scaled", "(Attention)"},
    {"averagepool3d_valid", "(AveragePooling3D)"},
    {"category_encoding", "(CategoryEncoding)"},
    {"conv2d_transpose_same_s2", "(Conv2DTranspose)"},
    {"conv2d_transpose_valid_s2_outpad", "(Conv2DTranspose)"},
    {"conv3d", "(Conv3D)"},
    {"conv3d_transpose", "(Conv3DTranspose)"},
    {"conv_lstm2d", "(ConvLSTM2D)"},
    {"discretization", "(Discretization)"},
    {"dot", "(Dot)"},
    {"embedding_pool", "(Embedding)"},
    {"gqa_self", "(GroupQueryAttention)"},
    {"gru_last", "(GRU)"},
    {"gru_reset_before_seq", "(GRU)"},
    {"layer_relu_options", "threshold"},
    {"lstm_last", "(LSTM)"},
    {"masking_gru", "masking (Masking)"},
    {"maxpool3d_valid", "(MaxPooling3D)"},
    {"ops_functional", "(keras.ops.transpose)"},
    {"ops_functional2", "(keras.ops.einsum)"},
    {"stacked_lstm_dense", "lstm (LSTM), lstm_1 (LSTM)"},
    {"time_distributed", "(TimeDistributed)"},
};

TEST(KerasZoo, GivesKerasOwnOutputs) {
  const fs::path zoo = shared_folder() / "corpus" / "zoo";
  if (!fs::exists(zoo)) GTEST_SKIP() << "no " << zoo;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(zoo)) files.push_back(entry.path());
  std::ranges::sort(files);
  size_t read = 0;
  for (const fs::path& file : files) {
    SCOPED_TRACE(file.filename().string());
    const std::string name = file.stem().string();
    const auto refused = std::ranges::find(kRefused, name, &Refused::model);
    try {
      const SourceModel source = read_model(file.string());
      ++read;
      EXPECT_EQ(refused, std::end(kRefused)) << "is read now: take it off the list";
      // Keras computed that one in float16, Burin in float32.
      const double tolerance = name == "mixed_float16" ? 1e-3 : 1e-4;
      expect_keras_outputs(source.model, zoo.parent_path() / "zoo_expected" / (name + ".npz"), tolerance);
    } catch (const Error& error) {
      if (refused == std::end(kRefused)) {
        ADD_FAILURE() << error.status().message();
      } else {
        EXPECT_NE(error.status().message().find(refused->reason), std::string::npos) << error.status().message();
      }
    }
  }
  EXPECT_GE(read, 75u);
}

}  // namespace
}  // namespace burin
