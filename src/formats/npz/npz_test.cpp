#include "formats/npz/npz.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "burin/error.hpp"

namespace burin {
namespace {

// A version 1.0 file with this header text.
std::vector<uint8_t> npy(const std::string& header, std::span<const std::byte> data) {
  const std::string_view magic = "\x93NUMPY\x01";
  std::vector<uint8_t> file(magic.begin(), magic.end());
  file.push_back(0);
  file.push_back(static_cast<uint8_t>(header.size()));
  file.push_back(0);
  file.insert(file.end(), header.begin(), header.end());
  for (const std::byte b : data) file.push_back(std::to_integer<uint8_t>(b));
  return file;
}

Array parse(const std::vector<uint8_t>& file) { return read_npy(std::as_bytes(std::span(file)), nullptr); }

std::string error_of(const std::vector<uint8_t>& file) {
  try {
    parse(file);
  } catch (const Error& error) {
    return error.status().message();
  }
  return "no error";
}

TEST(Npy, ReadsWhatItWrites) {
  const struct {
    Array array;
    std::vector<float> values;
  } cases[] = {
      {make_array<float>(ElementType::kFloat32, {2, 3}, {1, 2, 3, 4, 5, 6.5f}), {1, 2, 3, 4, 5, 6.5f}},
      {make_array<double>(ElementType::kFloat64, {3}, {0.5, -1, 2}), {0.5f, -1, 2}},
      {make_array<int64_t>(ElementType::kInt64, {1, 1, 2}, {-7, 9}), {-7, 9}},
      {make_array<uint8_t>(ElementType::kUInt8, {}, {200}), {200}},
      {make_array<uint8_t>(ElementType::kBool, {2}, {0, 1}), {0, 1}},
      {make_array<int8_t>(ElementType::kInt8, {0, 4}, {}), {}},
      {make_array<uint16_t>(ElementType::kFloat16, {2}, {0x3c00, 0xc000}), {1, -2}},
  };
  for (const auto& [array, values] : cases) {
    const std::vector<uint8_t> file = write_npy(array);
    EXPECT_EQ((file.size() - array.bytes.size()) % 64, 0u);
    const Array again = parse(file);
    EXPECT_EQ(again.type, array.type);
    EXPECT_EQ(to_string(again.shape), to_string(array.shape));
    EXPECT_EQ(again.to_floats(), values);
  }
}

TEST(Npy, BringsFortranOrderIntoCOrder) {
  const std::vector<int16_t> data = {1, 4, 2, 5, 3, 6};
  const Array array =
      parse(npy("{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }", std::as_bytes(std::span(data))));
  EXPECT_EQ(array.to_floats(), (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST(Npy, WidensUnsigned16) {
  const std::vector<uint16_t> data = {65535, 1};
  const Array array =
      parse(npy("{'descr': '<u2', 'fortran_order': False, 'shape': (2,), }", std::as_bytes(std::span(data))));
  EXPECT_EQ(array.type, ElementType::kInt32);
  EXPECT_EQ(array.to_floats(), (std::vector<float>{65535, 1}));
}

TEST(Npy, RefusesWhatItCannotRead) {
  const std::vector<std::byte> data(8);
  const struct {
    std::string header;
    std::string message;
  } cases[] = {
      {"{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", "big-endian numbers"},
      {"{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", "elements of type |O"},
      {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", "its elements are structures"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "shape 3 of <f4, but only 8 bytes"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (65536, 65536, 65536, 65536), }",
       "shape 65536x65536x65536x65536 of <f4, but only 8 bytes"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "a dimension that is no 32-bit number"},
      {"{'descr': '<f4', 'fortran_order': False, }", "its header has 2 keys, not 3"},
      {"{'descr': '<f4", "malformed header"},
  };
  for (const auto& [header, message] : cases) {
    EXPECT_EQ(error_of(npy(header, data)), "no readable NumPy array: " + message) << header;
  }
  EXPECT_EQ(error_of({'P', 'K'}), "no readable NumPy array: it does not begin as one");
}

TEST(Npz, ReadsWhatItWrites) {
  const std::vector<NamedArray> arrays = {{"y", make_array<int32_t>(ElementType::kInt32, {2}, {3, 4})},
                                          {"x", make_array<float>(ElementType::kFloat32, {1, 2}, {1, 2})}};
  const std::vector<uint8_t> file = write_npz(arrays);
  EXPECT_EQ(file, write_npz(arrays));
  const std::vector<NamedArray> again = read_npz(std::as_bytes(std::span(file)), nullptr);
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(again[0].name, "x");
  EXPECT_EQ(again[1].name, "y");
  EXPECT_EQ(again[1].array.to_floats(), (std::vector<float>{3, 4}));
}

TEST(Npz, SurvivesTruncationAndFlippedBits) {
  const std::vector<NamedArray> arrays = {{"x", make_array<float>(ElementType::kFloat32, {1, 2}, {1, 2})}};
  const std::vector<uint8_t> file = write_npz(arrays);
  for (size_t bit = 0; bit < 8 * file.size(); ++bit) {
    std::vector<uint8_t> flipped = file;
    flipped[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    try {
      read_npz(std::as_bytes(std::span(flipped)), nullptr);
    } catch (const Error& error) {
      EXPECT_FALSE(error.status().message().empty());
    }
  }
}

}  // namespace
}  // namespace burin
