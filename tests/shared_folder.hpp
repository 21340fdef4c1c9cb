// The models and data that are not in this repository: the folder `shared` beside it, or BURIN_SHARED.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace burin {

// May not exist: tests that need it then say that they were skipped.
inline std::filesystem::path shared_folder() {
  const char* folder = std::getenv("BURIN_SHARED");
  return folder != nullptr ? std::filesystem::path(folder)
                           : std::filesystem::path(BURIN_SOURCE_DIR).parent_path() / "shared";
}

}  // namespace burin
