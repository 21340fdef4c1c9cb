#include "data/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "burin/error.hpp"
#include "data/array_source.hpp"
#include "data/picture_folder.hpp"

namespace burin {
namespace {

namespace fs = std::filesystem;

class SubsetSource : public SampleSource {
 public:
  SubsetSource(std::shared_ptr<const SampleSource> all, std::vector<size_t> indices)
      : all_(std::move(all)), indices_(std::move(indices)) {}

  size_t size() const override { return indices_.size(); }
  void load(size_t index, std::span<const std::span<float>> inputs) const override {
    all_->load(indices_[index], inputs);
  }

 private:
  std::shared_ptr<const SampleSource> all_;
  std::vector<size_t> indices_;
};

// The first of `names` that is a folder inside `path`; empty: none.
std::string find_part(const std::string& path, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const fs::path part = fs::path(path) / name;
    std::error_code error;
    if (fs::is_directory(part, error)) return part.string();
  }
  return {};
}

struct PartFolders {
  std::string train, val, test;
  // A class that happens to be called "test" does not make parts.
  bool given() const { return !train.empty() + !val.empty() + !test.empty() >= 2; }
};

PartFolders find_parts(const std::string& path) {
  return {find_part(path, {"train"}), find_part(path, {"val", "validation", "valid"}), find_part(path, {"test"})};
}

void check_exists(const std::string& path) {
  std::error_code error;
  if (fs::exists(path, error)) return;
  throw Error(StatusCode::kIo, fmt::format("{}: no such file or folder", path),
              "give a folder of pictures or an .npz file with x and y");
}

}  // namespace

Dataset Dataset::subset(const std::vector<size_t>& indices) const {
  Dataset part;
  part.path = path;
  part.samples = std::make_shared<SubsetSource>(samples, indices);
  for (const size_t index : indices) {
    part.names.push_back(names[index]);
    part.strata.push_back(strata[index]);
  }
  part.classes = classes;
  part.labeled = labeled;
  part.warnings = warnings;
  return part;
}

Shape sample_shape(const Model& model) {
  const Graph& graph = model.main();
  if (graph.inputs.size() != 1) {
    throw Error(StatusCode::kUnsupported,
                fmt::format("data sets feed models with one input, this one has {}", graph.inputs.size()),
                "use `burin run` with an .npz file that holds one array per input");
  }
  Shape shape = graph.tensors[graph.inputs[0]].shape;
  if (shape.rank() > 0) shape[0] = 1;
  if (!shape.is_concrete()) {
    throw Error(StatusCode::kUnsupported,
                fmt::format("input {} has sizes that are free ({})", origin_of(graph.tensors[graph.inputs[0]]),
                            to_string(graph.tensors[graph.inputs[0]].shape)),
                "save the model with a fixed input size");
  }
  return shape;
}

DataReader::DataReader(std::string model_file, const Model& model, Preprocess preprocess, Resize resize)
    : model_file_(std::move(model_file)), model_(model), asked_(preprocess), resize_(resize) {}

Dataset DataReader::open(const std::string& path) const {
  check_exists(path);
  std::error_code error;
  return fs::is_directory(path, error) ? open_folder(path) : open_arrays(path);
}

DatasetParts DataReader::open_parts(const std::string& path) const {
  check_exists(path);
  DatasetParts parts;
  const PartFolders folders = find_parts(path);
  parts.given = folders.given();
  if (parts.given) {
    if (!folders.train.empty()) parts.train = open_folder(folders.train);
    if (!folders.val.empty()) parts.val = open_folder(folders.val);
    if (!folders.test.empty()) parts.test = open_folder(folders.test);
    return parts;
  }
  const Dataset all = open(path);
  const SplitIndices split = split_by_name(all.names, all.strata);
  parts.train = all.subset(split.train);
  parts.val = all.subset(split.val);
  parts.test = all.subset(split.test);
  return parts;
}

Dataset DataReader::open_calibration(const std::string& path) const {
  const PartFolders folders = find_parts(path);
  return folders.given() && !folders.train.empty() ? open_folder(folders.train) : open(path);
}

std::vector<float> DataReader::load_picture(const std::string& path) const {
  const InputFormat format = picture_format();
  std::vector<float> values(static_cast<size_t>(format.shape.elements()));
  burin::load_picture(path, format, values);
  return values;
}

Shape DataReader::input_shape() const {
  try {
    return sample_shape(model_);
  } catch (const Error& error) {
    throw Error(error.status().at(model_file_));
  }
}

InputFormat DataReader::picture_format() const {
  const Shape shape = input_shape();
  if (shape.rank() != 4 || (shape.back() != 3 && shape.back() != 1)) {
    throw Error(StatusCode::kUnsupported,
                fmt::format("{}: the model's input ({}) is no picture (1 x height x width x 3 or 1)", model_file_,
                            to_string(shape)),
                "give the data as an .npz file with x and y");
  }
  try {
    return {shape, resolve_preprocess(asked_, model_), resize_};
  } catch (const Error& error) {
    throw Error(error.status().at(model_file_));
  }
}

Dataset DataReader::open_folder(const std::string& path) const {
  PictureFolder folder = list_pictures(path);
  Dataset data;
  data.path = path;
  data.samples = std::make_shared<PictureSource>(std::move(folder.paths), picture_format());
  data.names = std::move(folder.names);
  data.strata = std::move(folder.class_of);
  data.classes = std::move(folder.classes);
  data.labeled = !data.classes.empty();
  if (folder.ignored_files > 0) {
    data.warnings.push_back(fmt::format("{}: {} {} not read, only .jpg, .jpeg and .png are (first: {})", path,
                                        folder.ignored_files, folder.ignored_files == 1 ? "file is" : "files are",
                                        folder.first_ignored));
  }
  return data;
}

Dataset DataReader::open_arrays(const std::string& path) const {
  return open_array_dataset(path, {input_shape(), asked_, resize_});
}

}  // namespace burin
