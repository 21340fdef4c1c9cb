// Decodes and resizes one picture and writes its pixels (float32, height x width x 3) to standard output: the Python
// tests compare them with Pillow's.    load_picture FILE METHOD WIDTH HEIGHT
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "burin/error.hpp"
#include "data/resize.hpp"

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  try {
    const auto method = burin::parse_resize(argv[2]);
    const int width = std::atoi(argv[3]);
    const int height = std::atoi(argv[4]);
    if (!method || width <= 0 || height <= 0) return 2;
    std::vector<float> pixels(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
    burin::resize(*method, burin::read_image(argv[1]), width, height, pixels);
    return std::fwrite(pixels.data(), sizeof(float), pixels.size(), stdout) == pixels.size() ? 0 : 1;
  } catch (const burin::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
