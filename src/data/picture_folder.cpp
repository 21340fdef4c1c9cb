#include "data/picture_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "burin/error.hpp"
#include "data/image.hpp"

namespace burin {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxDepth = 16;  // also where links lead in circles
constexpr size_t kMaxPictures = 10'000'000;

bool is_picture_name(const std::string& file_name) {
  constexpr std::array<std::string_view, 3> kExtensions{".jpg", ".jpeg", ".png"};
  const size_t dot = file_name.find_last_of('.');
  if (dot == std::string::npos) return false;
  std::string extension = file_name.substr(dot);
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

struct Entry {
  std::string name;
  bool folder;
};

std::vector<Entry> sorted_entries(const fs::path& folder) {
  std::error_code error;
  fs::directory_iterator iterator(folder, error);
  if (error) {
    throw Error(StatusCode::kIo, fmt::format("{}: cannot be read: {}", folder.string(), error.message()),
                "give a folder of pictures");
  }
  std::vector<Entry> entries;
  for (; iterator != fs::directory_iterator(); iterator.increment(error)) {
    if (error) break;
    const std::string name = iterator->path().filename().string();
    if (name.starts_with('.')) continue;
    std::error_code ignored;  // a link that leads nowhere is no folder; reading it later says what is wrong
    entries.push_back({name, iterator->is_directory(ignored)});
  }
  if (error) throw Error(StatusCode::kIo, fmt::format("{}: cannot be read: {}", folder.string(), error.message()));
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

void ignore_file(const fs::path& path, PictureFolder& result) {
  if (result.ignored_files++ == 0) result.first_ignored = path.string();
}

void add_pictures(const fs::path& folder, const std::string& below, size_t class_index, int depth,
                  PictureFolder& result) {
  if (depth > kMaxDepth) {
    throw Error(StatusCode::kResourceLimit, fmt::format("{}: folders lie too deep in each other", folder.string()),
                "look for links that lead in circles");
  }
  for (const Entry& entry : sorted_entries(folder)) {
    const std::string name = below.empty() ? entry.name : below + "/" + entry.name;
    if (entry.folder) {
      add_pictures(folder / entry.name, name, class_index, depth + 1, result);
    } else if (is_picture_name(entry.name)) {
      if (result.paths.size() >= kMaxPictures) {
        throw Error(StatusCode::kResourceLimit, fmt::format("{}: too many pictures", folder.string()),
                    "give a folder with fewer");
      }
      result.paths.push_back((folder / entry.name).string());
      result.names.push_back(name);
      result.class_of.push_back(class_index);
    } else {
      ignore_file(folder / entry.name, result);
    }
  }
}

}  // namespace

PictureFolder list_pictures(const std::string& folder) {
  PictureFolder result;
  const std::vector<Entry> entries = sorted_entries(folder);
  for (const Entry& entry : entries) {
    if (entry.folder) result.classes.push_back(entry.name);
  }
  if (result.classes.empty()) {
    add_pictures(folder, "", 0, 0, result);
  } else {
    for (const Entry& entry : entries) {
      if (!entry.folder) ignore_file(fs::path(folder) / entry.name, result);
    }
    for (size_t i = 0; i < result.classes.size(); ++i) {
      add_pictures(fs::path(folder) / result.classes[i], result.classes[i], i, 1, result);
    }
  }
  if (result.paths.empty()) {
    throw Error(StatusCode::kInvalidArgument, fmt::format("{}: no pictures (.jpg, .jpeg, .png) in this folder", folder),
                "give a folder of pictures, or one with a folder of pictures per class");
  }
  return result;
}

PictureSource::PictureSource(std::vector<std::string> paths, const InputFormat& format)
    : paths_(std::move(paths)), format_(format) {}

void PictureSource::load(size_t index, std::span<const std::span<float>> inputs) const {
  load_picture(paths_[index], format_, inputs[0]);
}

void load_picture(const std::string& path, const InputFormat& format, std::span<float> out) {
  Image image = read_image(path);
  const int height = format.shape[1];
  const int width = format.shape[2];
  const int channels = format.shape[3];
  if (channels == 3) {
    resize(format.resize, image, width, height, out);
  } else {
    // Pillow's convert("L"): luma in 16-bit fixed point.
    for (size_t i = 0; i + 3 <= image.rgb.size(); i += 3) {
      const uint32_t luma = image.rgb[i] * 19595u + image.rgb[i + 1] * 38470u + image.rgb[i + 2] * 7471u + 0x8000u;
      std::fill_n(image.rgb.begin() + static_cast<std::ptrdiff_t>(i), 3, static_cast<uint8_t>(luma >> 16));
    }
    std::vector<float> gray(out.size() * 3);
    resize(format.resize, image, width, height, gray);
    for (size_t i = 0; i < out.size(); ++i) out[i] = gray[i * 3];
  }
  apply_preprocess(format.preprocess, out, channels);
}

}  // namespace burin
