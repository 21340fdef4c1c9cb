// The runtime is compiled without exceptions. The one that it meets is operator new's: the files that are compiled with
// them (src/CMakeLists.txt) end it where the user calls, and make a Status of it. What the functions in between had
// allocated for themselves is lost then; what is large (packed weights, arenas, files) has an owner here and is not.
#pragma once

#include <new>
#include <utility>

#include "burin/status.hpp"

namespace burin::runtime {

// Short, so that the text needs no memory itself.
inline Status out_of_memory() { return Status(StatusCode::kResourceLimit, "out of memory"); }

// What `run` returns, or `otherwise`. Where exceptions do not exist (WASM) memory that is missing ends the program.
template <typename Run, typename Otherwise>
auto within_memory(Run&& run, Otherwise&& otherwise) -> decltype(run()) {
#ifdef __cpp_exceptions
  try {
    return run();
  } catch (const std::bad_alloc&) {
    return otherwise();
  }
#else
  (void)otherwise;
  return run();
#endif
}

template <typename Run>
auto within_memory(Run&& run) -> decltype(run()) {
  return within_memory(std::forward<Run>(run), out_of_memory);
}

}  // namespace burin::runtime
