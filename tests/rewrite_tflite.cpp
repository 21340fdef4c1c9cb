// Reads `.tflite` files and writes them back, for test_tflite_files.py, which runs both in LiteRT:
//   rewrite_tflite IN.tflite OUT.tflite [IN OUT ...]      exit 3: Burin lacks an operator or type of it
//   rewrite_tflite --small OUT.tflite                     a small classifier with metadata and a free batch
#include <cstdio>
#include <fstream>
#include <string>

#include "burin/error.hpp"
#include "formats/file/mapped_file.hpp"
#include "formats/tflite/read_tflite.hpp"
#include "formats/tflite/write_tflite.hpp"
#include "small_models.hpp"

namespace burin {

namespace {

void save(const std::string& path, const std::vector<uint8_t>& bytes) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
}

void write_small(const std::string& path) {
  Model model = small_mobilenet();
  model.signatures.push_back(
      {.inputs = {{"image", model.main().inputs[0]}}, .outputs = {{"output_0", model.main().outputs[0]}}});
  TfliteMetadata metadata;
  metadata.name = "small";
  metadata.description = "a small classifier";
  metadata.normalization = TfliteMetadata::Normalization{{127.5f}, {127.5f}};
  metadata.labels = {"glass", "metal",
                     "papier-m\xc3\xa2"
                     "ch\xc3\xa9",
                     "plastic", "trash"};
  save(path, write_tflite(model, metadata));
}

void rewrite(const std::string& from, const std::string& to) {
  const auto file = value_or_throw(MappedFile::open(from));
  const Model model = value_or_throw(read_tflite(file->bytes(), file));
  save(to, write_tflite(model));
}

}  // namespace

}  // namespace burin

int main(int argc, char** argv) {
  try {
    if (argc == 3 && std::string(argv[1]) == "--small") {
      burin::write_small(argv[2]);
      return 0;
    }
    for (int i = 1; i + 1 < argc; i += 2) burin::rewrite(argv[i], argv[i + 1]);
  } catch (const burin::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return error.status().code() == burin::StatusCode::kUnsupported ? 3 : 2;
  }
  return 0;
}
