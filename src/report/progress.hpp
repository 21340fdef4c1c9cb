// Progress on standard error: a bar on a terminal, nothing when quiet or not a terminal.
#pragma once

#include <memory>

#include "burin/progress.hpp"

namespace burin {

std::unique_ptr<Progress> make_terminal_progress(bool quiet);

}  // namespace burin
