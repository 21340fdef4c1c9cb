#include "formats/read_model.hpp"

#include <cstring>
#include <filesystem>
#include <optional>

#include "burin/error.hpp"
#include "formats/file/mapped_file.hpp"
#include "formats/keras/read_keras.hpp"
#include "formats/tflite/read_tflite.hpp"
#include "formats/zip/zip_reader.hpp"

namespace burin {

namespace {

namespace fs = std::filesystem;

bool begins_with(std::span<const std::byte> bytes, std::string_view magic, size_t offset = 0) {
  return bytes.size() >= offset + magic.size() && std::memcmp(bytes.data() + offset, magic.data(), magic.size()) == 0;
}

constexpr const char* kSavedModelRemedy =
    "Load it in Python with tf.keras.models.load_model or keras.layers.TFSMLayer and save a .keras file, or make a "
    ".tflite with tf.lite.TFLiteConverter.from_saved_model.";
constexpr const char* kOnnxRemedy = "Make a .tflite with onnx2tf (pip install onnx2tf), or save the model as .keras.";
constexpr const char* kTorchRemedy =
    "Make a .tflite with ai-edge-torch (pip install ai-edge-torch), or rebuild the model in Keras and save a .keras "
    "file.";
constexpr const char* kCheckpointRemedy =
    "A checkpoint has weights only: load it into the Keras model that wrote it and call model.save(\"model.keras\").";
constexpr const char* kGraphDefRemedy =
    "Make a .tflite with tf.lite.TFLiteConverter (from_saved_model, or tf.compat.v1 from_frozen_graph).";
constexpr const char* kUnknownRemedy = "Burin reads .keras and .h5 of Keras and .tflite.";

// Formats of others: known by content where they have a mark, else by their name's ending.
struct Foreign {
  const char* what;
  const char* remedy;
};

std::optional<Foreign> foreign_format(const std::string& path, std::span<const std::byte> bytes) {
  const std::string extension = fs::path(path).extension().string();
  if (extension == ".onnx") return Foreign{"an ONNX model", kOnnxRemedy};
  // Before zip archives, torch.save wrote a pickle of this protocol and number.
  if (extension == ".pt" || extension == ".pth" ||
      begins_with(bytes,
                  "\x80\x02\x8a\nl\xfc\x9c"
                  "F\xf9")) {
    return Foreign{"a PyTorch model", kTorchRemedy};
  }
  if (extension == ".ckpt" || extension == ".index" || extension.starts_with(".data-")) {
    return Foreign{"a TensorFlow checkpoint", kCheckpointRemedy};
  }
  if (extension == ".pb") {
    const bool saved_model = fs::path(path).filename() == "saved_model.pb";
    return saved_model ? Foreign{"part of a SavedModel", kSavedModelRemedy}
                       : Foreign{"a TensorFlow graph", kGraphDefRemedy};
  }
  return std::nullopt;
}

[[noreturn]] void refuse(const Foreign& format) {
  throw Error(StatusCode::kUnsupported, std::string("is ") + format.what + ", which Burin does not read",
              format.remedy);
}

SourceModel read_zip(std::span<const std::byte> bytes, const std::shared_ptr<const void>& keep_alive) {
  const ZipReader zip(bytes, keep_alive);
  for (const std::string_view name : zip.names()) {
    if (name.ends_with("data.pkl")) refuse({"a PyTorch model", kTorchRemedy});
  }
  return {read_keras(bytes, keep_alive), SourceFormat::kKeras};
}

SourceModel read_bytes(const std::string& path, std::span<const std::byte> bytes,
                       const std::shared_ptr<const void>& file) {
  if (bytes.empty()) throw Error(StatusCode::kInvalidModel, "the file is empty", kUnknownRemedy);
  if (begins_with(bytes, "TFL3", 4)) {
    return {value_or_throw(read_tflite(bytes, file)), SourceFormat::kTflite};
  }
  if (begins_with(bytes, "\x89HDF\r\n\x1a\n")) return {read_keras_h5(bytes, file), SourceFormat::kKerasH5};
  if (begins_with(bytes, "PK")) return read_zip(bytes, file);
  if (const auto foreign = foreign_format(path, bytes)) refuse(*foreign);
  throw Error(StatusCode::kUnsupported, "is no model file that Burin knows", kUnknownRemedy);
}

SourceModel read_file(const std::string& path) {
  const std::shared_ptr<const MappedFile> file = value_or_throw(MappedFile::open(path));
  try {
    SourceModel model = read_bytes(path, file->bytes(), file);
    // Kernels were transposed into memory of their own; what views the file comes back page by page.
    file->drop_pages();
    return model;
  } catch (const Error& error) {
    throw Error(error.status().at(path));
  }
}

}  // namespace

SourceModel read_model(const std::string& path) {
  std::error_code failure;
  if (fs::is_directory(path, failure)) {
    const bool saved_model = fs::exists(fs::path(path) / "saved_model.pb", failure);
    throw Error(
        StatusCode::kUnsupported,
        path + (saved_model ? ": is a SavedModel folder, which Burin does not read" : ": is a folder, not a file"),
        saved_model ? kSavedModelRemedy : "Give the path of a model file (.keras, .h5, .tflite).");
  }
  return read_file(path);
}

}  // namespace burin
