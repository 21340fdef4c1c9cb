#include "ops/elementwise/code_lookup.hpp"

namespace burin {

void look_up_codes_portable(const uint8_t* x, uint8_t* y, int64_t count, const CodeTable& table) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    // Read before anything is written, which compilers cannot know to be elsewhere.
    uint8_t codes[8];
    for (int j = 0; j < 8; ++j) codes[j] = table[x[i + j]];
    for (int j = 0; j < 8; ++j) y[i + j] = codes[j];
  }
  for (; i < count; ++i) y[i] = table[x[i]];
}

}  // namespace burin
