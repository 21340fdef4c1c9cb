// Data as the commands take it: pictures in folders, or arrays in an .npz, opened for one model's input.
//
// A folder of class folders: classes are the folders' names, sorted, as keras.utils.image_dataset_from_directory;
// pictures lie in them at any depth, links are followed, names that begin with a dot are left out. A flat folder of
// pictures has no classes. `train`, `val` and `test` inside a folder are its parts; elsewhere every class is split
// 60/20/20 in the order of the SHA-256 of the files' names.
// An .npz holds `x`, one sample per row, and optionally `y`, its class numbers (or one-hot rows).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/preprocess.hpp"
#include "data/resize.hpp"
#include "data/sample_source.hpp"
#include "graph/model.hpp"

namespace burin {

struct Dataset {
  std::string path;  // where it comes from, for messages
  std::shared_ptr<const SampleSource> samples;
  std::vector<std::string> names;     // by sample: a file's path below the folder, or its row
  std::vector<size_t> strata;         // by sample: index of its class folder or label; calibration is stratified by it
  std::vector<std::string> classes;   // class folders in order; empty: flat folder or .npz
  bool labeled = false;               // strata are labels
  std::vector<std::string> warnings;  // about the folder; subsets keep them

  size_t size() const { return strata.size(); }
  Dataset subset(const std::vector<size_t>& indices) const;
};

// What a model's input asks of data.
struct InputFormat {
  Shape shape;  // of one sample, batch included (1)
  Preprocess preprocess = Preprocess::kAuto;
  Resize resize = Resize::kPillowBilinear;
};

// The model's only input. Throws Error where the model has several, or sizes that are free.
Shape sample_shape(const Model& model);

struct DatasetParts {
  Dataset train, val, test;  // empty (size 0) where a folder has no such part
  bool given = false;        // parts are folders of their own
};

// Opens lazily: pictures are read when they are loaded. Throws Error naming the folder or file: nothing there, no
// pictures, a picture mode that is not known (`format.preprocess` is kAuto and the model says nothing).
class DataReader {
 public:
  // `model_file` is named in errors.
  DataReader(std::string model_file, const Model& model, Preprocess preprocess, Resize resize);

  // Everything in a folder or .npz, no matter what its folders are called.
  Dataset open(const std::string& path) const;
  DatasetParts open_parts(const std::string& path) const;
  // `train` inside `path` where there is one, else everything.
  Dataset open_calibration(const std::string& path) const;
  // One picture as the model's input.
  std::vector<float> load_picture(const std::string& path) const;

 private:
  Shape input_shape() const;
  InputFormat picture_format() const;
  Dataset open_folder(const std::string& path) const;
  Dataset open_arrays(const std::string& path) const;

  std::string model_file_;
  const Model& model_;
  Preprocess asked_;
  Resize resize_;
};

// Indices of `count` samples (all, where there are fewer): as many of each stratum as its share, chosen and ordered by
// `seed`. The same on every machine.
std::vector<size_t> choose_stratified(const std::vector<size_t>& strata, size_t count, uint64_t seed);

// 60/20/20 within every stratum, in the order of the SHA-256 of the names' last components.
struct SplitIndices {
  std::vector<size_t> train, val, test;
};
SplitIndices split_by_name(const std::vector<std::string>& names, const std::vector<size_t>& strata);

// Labels of `data` as output indices: by name where `labels` (of the model) has all of the class folders' names, else
// by position. Throws Error where they cannot belong to `outputs` scores.
std::vector<size_t> match_labels(const Dataset& data, const std::vector<std::string>& labels, size_t outputs);

// One class name a line. Throws Error naming the file: unreadable, empty, not `outputs` lines.
std::vector<std::string> read_labels(const std::string& path, size_t outputs);

}  // namespace burin
