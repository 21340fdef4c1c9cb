// The licences of Burin and of what is linked into it: LICENSE and licenses/third_party.txt, embedded by the build.
#pragma once

#include <string>

namespace burin::cli {

std::string licenses();

}  // namespace burin::cli
