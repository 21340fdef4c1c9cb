#include "formats/read_model.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "burin/error.hpp"
#include "formats/zip/zip_writer.hpp"

namespace burin {
namespace {

namespace fs = std::filesystem;

TEST(ReadModel, SaysWhatForeignFilesAreAndWhatToDo) {
  std::string pattern = (fs::temp_directory_path() / "burin_read_model_XXXXXX").string();
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  const fs::path folder = pattern;
  fs::create_directory(folder / "saved");
  std::ofstream(folder / "saved" / "saved_model.pb") << "x";
  fs::create_directory(folder / "plain");
  ZipWriter torch;
  torch.add("archive/data.pkl", {});
  const std::vector<uint8_t> torch_file = std::move(torch).finish();
  const std::string torch_bytes(torch_file.begin(), torch_file.end());

  const struct {
    const char* name;
    std::string content;
    const char* message;
    const char* remedy;
  } cases[] = {
      {"model.onnx", "\x08\x07", "is an ONNX model, which Burin does not read", "onnx2tf"},
      {"model.pt", torch_bytes, "is a PyTorch model, which Burin does not read", "ai-edge-torch"},
      {"model.bin", torch_bytes, "is a PyTorch model, which Burin does not read", "ai-edge-torch"},
      {"old.pth", "\x80\x02", "is a PyTorch model, which Burin does not read", "ai-edge-torch"},
      {"graph.pb", "\x0a", "is a TensorFlow graph, which Burin does not read", "from_frozen_graph"},
      {"saved/saved_model.pb", "x", "is part of a SavedModel, which Burin does not read", "from_saved_model"},
      {"model.ckpt", "x", "is a TensorFlow checkpoint, which Burin does not read", "weights only"},
      {"empty.keras", "", "the file is empty", ".keras"},
      {"text.keras", "hello", "is no model file that Burin knows", ".tflite"},
      {"cut.keras", "PK\3\4", "not a readable zip archive", "copy or save it again"},
      {"cut.h5", "\x89HDF\r\n\x1a\n", "HDF5: the file ends inside a superblock", "copy or save it again"},
      {"saved", "", "is a SavedModel folder, which Burin does not read", "TFLiteConverter"},
      {"plain", "", "is a folder, not a file", ".keras"},
      {"missing.keras", "", "cannot open the file: No such file or directory", "Check the path"},
  };
  for (const auto& [name, content, message, remedy] : cases) {
    SCOPED_TRACE(name);
    const fs::path path = folder / name;
    if (!fs::is_directory(path) && path.filename() != "missing.keras") std::ofstream(path) << content;
    try {
      read_model(path.string());
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.status().message(), path.string() + ": " + message);
      EXPECT_NE(error.status().remedy().find(remedy), std::string::npos) << error.status().remedy();
    }
  }
  fs::remove_all(folder);
}

}  // namespace
}  // namespace burin
