// Where a converted model may be written, found out before the work begins.
#pragma once

#include <string>

namespace burin {

// Throws Error when `output` does not end with .tflite, is the model file itself, is a folder, lies where nothing can
// be written, or is an existing file of another kind (unless `force`).
void check_result_path(const std::string& model, const std::string& output, bool force);

}  // namespace burin
