// Finding the pictures below a folder, and reading them as samples.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/dataset.hpp"
#include "data/sample_source.hpp"

namespace burin {

struct PictureFolder {
  std::vector<std::string> classes;  // sorted; empty: the pictures lie in the folder itself
  std::vector<std::string> paths;    // sorted within their class
  std::vector<std::string> names;    // the same, below the folder
  std::vector<size_t> class_of;      // by picture; 0 in a flat folder
  size_t ignored_files = 0;          // that are no pictures by name, or lie beside the class folders
  std::string first_ignored;
};

// Throws Error naming the folder: not there, not readable, no pictures.
PictureFolder list_pictures(const std::string& folder);

class PictureSource : public SampleSource {
 public:
  PictureSource(std::vector<std::string> paths, const InputFormat& format);

  size_t size() const override { return paths_.size(); }
  void load(size_t index, std::span<const std::span<float>> inputs) const override;

 private:
  std::vector<std::string> paths_;
  InputFormat format_;
};

// Decodes, resizes and preprocesses one picture; `out` has the size of `format.shape`.
void load_picture(const std::string& path, const InputFormat& format, std::span<float> out);

}  // namespace burin
