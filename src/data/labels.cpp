#include <fmt/format.h>

#include <algorithm>

#include "burin/error.hpp"
#include "data/dataset.hpp"
#include "formats/file/mapped_file.hpp"

namespace burin {

std::vector<size_t> match_labels(const Dataset& data, const std::vector<std::string>& labels, size_t outputs) {
  if (data.classes.empty()) {
    for (size_t i = 0; i < data.size(); ++i) {
      if (data.strata[i] < outputs) continue;
      throw Error(StatusCode::kInvalidArgument,
                  fmt::format("{}: sample {} has label {}, but the model has {} outputs", data.path, data.names[i],
                              data.strata[i], outputs),
                  "labels count from 0 to the number of outputs less one; give data of the model's classes");
    }
    return data.strata;
  }
  std::vector<size_t> output_of_class;
  for (size_t i = 0; i < data.classes.size(); ++i) {
    const auto found = std::find(labels.begin(), labels.end(), data.classes[i]);
    if (found == labels.end()) break;
    output_of_class.push_back(static_cast<size_t>(found - labels.begin()));
  }
  if (output_of_class.size() != data.classes.size()) {
    if (data.classes.size() != outputs) {
      constexpr size_t kShown = 3;
      const size_t shown = std::min(kShown, data.classes.size());
      const std::string some = fmt::format("{}", fmt::join(data.classes.begin(), data.classes.begin() + shown, ", "));
      throw Error(
          StatusCode::kInvalidArgument,
          fmt::format("{}: the data has {} class folder{} ({}{}), the model {} outputs", data.path, data.classes.size(),
                      data.classes.size() == 1 ? "" : "s", some, shown < data.classes.size() ? ", ..." : "", outputs),
          "give a folder with one folder per class of the model");
    }
    output_of_class.clear();
    for (size_t i = 0; i < outputs; ++i) output_of_class.push_back(i);
  }
  std::vector<size_t> matched;
  for (const size_t stratum : data.strata) matched.push_back(output_of_class[stratum]);
  return matched;
}

std::vector<std::string> read_labels(const std::string& path, size_t outputs) {
  const auto file = value_or_throw(MappedFile::open(path, uint64_t{16} << 20));
  std::string_view text(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
  std::vector<std::string> labels;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    labels.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!labels.empty() && labels.back().empty()) labels.pop_back();
  if (labels.size() != outputs) {
    throw Error(StatusCode::kInvalidArgument,
                fmt::format("{}: {} labels, but the model has {} outputs", path, labels.size(), outputs),
                "give one class name a line, in the order of the model's outputs");
  }
  return labels;
}

}  // namespace burin
