#include "data/resize.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace burin {
namespace {

Image row(std::initializer_list<uint8_t> values) {
  Image image{static_cast<int>(values.size()), 1, {}};
  for (const uint8_t value : values) image.rgb.insert(image.rgb.end(), 3, value);
  return image;
}

std::vector<int> reds(const Image& image) {
  std::vector<int> values;
  for (size_t i = 0; i < image.rgb.size(); i += 3) values.push_back(image.rgb[i]);
  return values;
}

struct Case {
  const char* name;
  Image image;
  int width, height;
  std::vector<int> expected;  // computed with Pillow
};

TEST(PillowBilinear, EqualsPillow) {
  const std::vector<Case> cases{
      {"halved", row({0, 100, 200, 50}), 2, 1, {71, 121}},
      {"doubled", row({0, 100}), 4, 1, {0, 25, 75, 100}},
      {"three to two", row({10, 20, 250}), 2, 1, {14, 164}},
      {"same", row({1, 2, 3}), 3, 1, {1, 2, 3}},
      {"to one", row({0, 255}), 1, 1, {128}},
      {"higher", row({7, 9}), 2, 3, {7, 9, 7, 9, 7, 9}},
  };
  for (const Case& c : cases) {
    const Image resized = resize_pillow_bilinear(c.image, c.width, c.height);
    EXPECT_EQ(resized.width, c.width) << c.name;
    EXPECT_EQ(resized.height, c.height) << c.name;
    EXPECT_EQ(reds(resized), c.expected) << c.name;
  }
}

TEST(TfBilinear, HalfPixelCentersWithoutAntialias) {
  std::vector<float> out(2 * 3);
  resize_tf_bilinear(row({0, 100, 200, 50}), 2, 1, out);
  EXPECT_EQ(out, (std::vector<float>{50, 50, 50, 125, 125, 125}));
  out.resize(4 * 3);
  resize_tf_bilinear(row({0, 100}), 4, 1, out);
  EXPECT_EQ(out, (std::vector<float>{0, 0, 0, 25, 25, 25, 75, 75, 75, 100, 100, 100}));
}

TEST(Crop, TakesTheCenterOfTheTargetsAspectRatio) {
  const Image cropped = crop_to_aspect_ratio(row({1, 2, 3, 4, 5}), 3, 1);
  EXPECT_EQ(reds(cropped), (std::vector<int>{2, 3, 4}));
  std::vector<float> out(3);
  resize(Resize::kCrop, row({1, 2, 3, 4, 5}), 1, 1, out);
  EXPECT_EQ(out, (std::vector<float>{3, 3, 3}));
}

TEST(Resize, NamesRoundTrip) {
  for (const Resize resize : {Resize::kPillowBilinear, Resize::kTfBilinear, Resize::kCrop}) {
    EXPECT_EQ(parse_resize(name(resize)), resize);
  }
  EXPECT_EQ(parse_resize("nearest"), std::nullopt);
}

}  // namespace
}  // namespace burin
