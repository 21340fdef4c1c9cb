#include "data/array_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "burin/error.hpp"
#include "formats/npz/npz.hpp"

namespace burin {
namespace {

class ArraySource : public SampleSource {
 public:
  ArraySource(Array x, const InputFormat& format)
      : x_(std::move(x)), format_(format), rows_(static_cast<size_t>(x_.shape[0])) {}

  size_t size() const override { return rows_; }
  void load(size_t index, std::span<const std::span<float>> inputs) const override {
    const size_t row_bytes = x_.bytes.size() / rows_;
    const Array row{x_.type, format_.shape, x_.bytes.subspan(index * row_bytes, row_bytes), x_.keep_alive};
    const std::vector<float> values = row.to_floats();
    std::copy(values.begin(), values.end(), inputs[0].begin());
    apply_preprocess(format_.preprocess, inputs[0], std::max(1, format_.shape.back()));
  }

 private:
  Array x_;
  InputFormat format_;
  size_t rows_;
};

const Array* find(const std::vector<NamedArray>& arrays, const std::string& name) {
  for (const NamedArray& named : arrays) {
    if (named.name == name) return &named.array;
  }
  return nullptr;
}

// Whether rows of x are the model's input: the same sizes, where sizes of 1 do not count.
bool fits(const Shape& x, const Shape& sample) {
  std::vector<int32_t> a, b;
  for (int i = 1; i < x.rank(); ++i) {
    if (x[i] != 1) a.push_back(x[i]);
  }
  for (int i = 1; i < sample.rank(); ++i) {
    if (sample[i] != 1) b.push_back(sample[i]);
  }
  return a == b;
}

// Class numbers, or the largest of each row.
std::vector<size_t> labels_of(const Array& y, size_t rows, const std::string& path) {
  const std::vector<float> values = y.to_floats();
  if (y.shape.rank() < 1 || y.shape.rank() > 2 || static_cast<size_t>(y.shape[0]) != rows) {
    throw Error(StatusCode::kInvalidArgument,
                fmt::format("{}: y has shape {}, x has {} rows", path, to_string(y.shape), rows),
                "give y one class number per row of x");
  }
  std::vector<size_t> labels;
  const size_t width = values.size() / rows;
  for (size_t row = 0; row < rows; ++row) {
    const std::span<const float> entries(values.data() + row * width, width);
    if (width == 1 && !(entries[0] >= 0.0f && entries[0] < 1e6f && entries[0] == std::floor(entries[0]))) {
      throw Error(StatusCode::kInvalidArgument, fmt::format("{}: y[{}] is {}, no class number", path, row, entries[0]),
                  "class numbers are whole and count from 0");
    }
    labels.push_back(width == 1
                         ? static_cast<size_t>(entries[0])
                         : static_cast<size_t>(std::max_element(entries.begin(), entries.end()) - entries.begin()));
  }
  return labels;
}

}  // namespace

Dataset open_array_dataset(const std::string& path, const InputFormat& format) {
  const std::vector<NamedArray> arrays = read_arrays(path);
  const Array* x = find(arrays, "x");
  if (x == nullptr || x->shape.rank() < 1) {
    throw Error(StatusCode::kInvalidArgument, fmt::format("{}: no array 'x' in this file", path),
                "save samples as x and class numbers as y: numpy.savez(file, x=..., y=...)");
  }
  if (x->shape[0] <= 0) {
    throw Error(StatusCode::kInvalidArgument, fmt::format("{}: x has no rows", path), "give at least one sample");
  }
  if (!fits(x->shape, format.shape)) {
    throw Error(
        StatusCode::kInvalidArgument,
        fmt::format("{}: x has shape {}, the model's input is {}", path, to_string(x->shape), to_string(format.shape)),
        "give arrays of the model's input size");
  }
  Dataset data;
  data.path = path;
  const auto rows = static_cast<size_t>(x->shape[0]);
  data.strata.assign(rows, 0);
  if (const Array* y = find(arrays, "y")) {
    data.strata = labels_of(*y, rows, path);
    data.labeled = true;
  }
  for (size_t row = 0; row < rows; ++row) data.names.push_back(std::to_string(row));
  data.samples = std::make_shared<ArraySource>(*x, format);
  return data;
}

}  // namespace burin
