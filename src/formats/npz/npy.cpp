#include "formats/npz/npy.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "burin/error.hpp"
#include "ops/requantize.hpp"

namespace burin {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMaxHeader = 65536;

Error invalid(const std::string& what) {
  return Error(StatusCode::kInvalidModel, "no readable NumPy array: " + what,
               "Save it with numpy.save or numpy.savez.");
}

struct TypeName {
  std::string_view descr;  // without byte order
  ElementType type;
};

constexpr std::array<TypeName, 10> kTypes = {{
    {"b1", ElementType::kBool},
    {"f2", ElementType::kFloat16},
    {"f4", ElementType::kFloat32},
    {"f8", ElementType::kFloat64},
    {"i1", ElementType::kInt8},
    {"i2", ElementType::kInt16},
    {"i4", ElementType::kInt32},
    {"i8", ElementType::kInt64},
    {"u1", ElementType::kUInt8},
    {"u4", ElementType::kUInt32},
}};

// The header: a Python literal, {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  struct Header {
    std::string descr;
    bool fortran_order = false;
    Shape shape;
  };

  Header parse() {
    Header header;
    int found = 0;
    expect('{');
    while (!accept('}')) {
      const std::string key = read_string();
      expect(':');
      if (key == "descr") {
        if (peek() != '\'' && peek() != '"') throw invalid("its elements are structures");
        header.descr = read_string();
      } else if (key == "fortran_order") {
        header.fortran_order = read_boolean();
      } else if (key == "shape") {
        header.shape = read_shape();
      } else {
        throw invalid("unknown header key " + key);
      }
      ++found;
      if (!accept(',') && peek() != '}') throw invalid("malformed header");
    }
    if (found != 3) throw invalid("its header has " + std::to_string(found) + " keys, not 3");
    return header;
  }

 private:
  char peek() {
    while (position_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[position_]))) ++position_;
    return position_ < text_.size() ? text_[position_] : '\0';
  }
  bool accept(char c) {
    if (peek() != c) return false;
    ++position_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) throw invalid("malformed header");
  }
  std::string read_string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') throw invalid("malformed header");
    const size_t begin = ++position_;
    const size_t end = text_.find(quote, begin);
    if (end == std::string_view::npos) throw invalid("malformed header");
    position_ = end + 1;
    return std::string(text_.substr(begin, end - begin));
  }
  bool read_boolean() {
    peek();
    for (const std::string_view word : {"True", "False"}) {
      if (!text_.substr(position_).starts_with(word)) continue;
      position_ += word.size();
      return word == "True";
    }
    throw invalid("malformed header");
  }
  Shape read_shape() {
    Shape shape;
    expect('(');
    while (!accept(')')) {
      peek();
      int32_t dim = -1;
      const auto [end, error] = std::from_chars(text_.data() + position_, text_.data() + text_.size(), dim);
      if (error != std::errc() || dim < 0) throw invalid("a dimension that is no 32-bit number");
      position_ = static_cast<size_t>(end - text_.data());
      accept('L');  // Python 2's long integers
      if (shape.rank() == Shape::kMaxRank) throw invalid("more than 8 dimensions");
      shape.append(dim);
      if (!accept(',') && peek() != ')') throw invalid("malformed header");
    }
    return shape;
  }

  std::string_view text_;
  size_t position_ = 0;
};

// Fortran order -> C order.
std::vector<std::byte> to_c_order(std::span<const std::byte> bytes, const Shape& shape, size_t element_size) {
  std::vector<std::byte> result(bytes.size());
  const int rank = shape.rank();
  std::array<size_t, Shape::kMaxRank> stride{};
  std::array<int32_t, Shape::kMaxRank> index{};
  size_t next = 1;
  for (int i = 0; i < rank; ++i) {
    stride[static_cast<size_t>(i)] = next;
    next *= static_cast<size_t>(shape[i]);
  }
  size_t from = 0;
  for (size_t to = 0; to < bytes.size(); to += element_size) {
    std::memcpy(result.data() + to, bytes.data() + from * element_size, element_size);
    for (int axis = rank; axis-- > 0;) {
      const auto a = static_cast<size_t>(axis);
      from += stride[a];
      if (++index[a] < shape[axis]) break;
      from -= stride[a] * static_cast<size_t>(shape[axis]);
      index[a] = 0;
    }
  }
  return result;
}

template <typename T>
std::vector<float> floats_from(std::span<const std::byte> bytes) {
  std::vector<float> result(bytes.size() / sizeof(T));
  for (size_t i = 0; i < result.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    result[i] = static_cast<float>(value);
  }
  return result;
}

}  // namespace

std::vector<float> Array::to_floats() const {
  switch (type) {
    case ElementType::kFloat32:
      return floats_from<float>(bytes);
    case ElementType::kFloat64:
      return floats_from<double>(bytes);
    case ElementType::kInt8:
      return floats_from<int8_t>(bytes);
    case ElementType::kInt16:
      return floats_from<int16_t>(bytes);
    case ElementType::kInt32:
      return floats_from<int32_t>(bytes);
    case ElementType::kInt64:
      return floats_from<int64_t>(bytes);
    case ElementType::kUInt32:
      return floats_from<uint32_t>(bytes);
    case ElementType::kUInt8:
    case ElementType::kBool:
      return floats_from<uint8_t>(bytes);
    case ElementType::kFloat16: {
      std::vector<float> result(bytes.size() / 2);
      for (size_t i = 0; i < result.size(); ++i) {
        uint16_t half;
        std::memcpy(&half, bytes.data() + 2 * i, 2);
        result[i] = half_to_float(half);
      }
      return result;
    }
    default:
      throw invalid("no numbers");
  }
}

Array read_npy(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive) {
  const auto text = std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(kMagic) || text.size() < 12) throw invalid("it does not begin as one");
  const auto byte_at = [&](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(text[i])); };
  const size_t major = byte_at(6);
  if (major < 1 || major > 3) throw invalid("version " + std::to_string(major));
  size_t header_size = byte_at(8) | byte_at(9) << 8;
  if (major > 1) header_size |= byte_at(10) << 16 | byte_at(11) << 24;
  const size_t begin = major > 1 ? 12 : 10;
  if (header_size > kMaxHeader || header_size > text.size() - begin) throw invalid("the file ends in the header");
  const HeaderParser::Header header = HeaderParser(text.substr(begin, header_size)).parse();

  std::string_view descr = header.descr;
  const char order = descr.empty() ? '|' : descr[0];
  if (order == '<' || order == '|' || order == '>' || order == '=') descr.remove_prefix(1);
  const bool widen = descr == "u2";
  const auto type = std::ranges::find(kTypes, widen ? std::string_view("i2") : descr, &TypeName::descr);
  if (type == kTypes.end()) throw invalid("elements of type " + header.descr);
  Array array;
  array.type = type->type;
  array.shape = header.shape;
  const auto element_size = static_cast<size_t>(bit_width(array.type) / 8);
  if (order == '>' && element_size > 1) throw invalid("big-endian numbers");
  const int64_t size = byte_size(array.type, array.shape);
  const auto data = bytes.subspan(begin + header_size);
  if (size < 0 || static_cast<uint64_t>(size) > data.size()) {
    throw invalid("shape " + to_string(array.shape) + " of " + header.descr + ", but only " +
                  std::to_string(data.size()) + " bytes");
  }
  array.bytes = data.first(static_cast<size_t>(size));
  array.keep_alive = std::move(keep_alive);
  if (header.fortran_order && array.shape.rank() > 1) {
    auto owner = std::make_shared<const std::vector<std::byte>>(to_c_order(array.bytes, array.shape, element_size));
    array.bytes = *owner;
    array.keep_alive = owner;
  }
  if (!widen) return array;
  std::vector<int32_t> values(array.bytes.size() / 2);
  for (size_t i = 0; i < values.size(); ++i) {
    uint16_t value;
    std::memcpy(&value, array.bytes.data() + 2 * i, 2);
    values[i] = value;
  }
  return make_array(ElementType::kInt32, array.shape, std::move(values));
}

std::vector<uint8_t> write_npy(const Array& array) {
  const auto type = std::ranges::find(kTypes, array.type, &TypeName::type);
  if (type == kTypes.end()) {
    throw Error(StatusCode::kUnsupported, "NumPy has no type for " + std::string(name(array.type)));
  }
  std::string header = "{'descr': '";
  header += bit_width(array.type) == 8 ? '|' : '<';
  header += std::string(type->descr) + "', 'fortran_order': False, 'shape': (";
  for (int i = 0; i < array.shape.rank(); ++i) header += (i > 0 ? ", " : "") + std::to_string(array.shape[i]);
  if (array.shape.rank() == 1) header += ',';
  header += "), }";
  constexpr size_t kAlignment = 64;
  header.append(kAlignment - (10 + header.size() + 1) % kAlignment, ' ');
  header += '\n';

  std::vector<uint8_t> file(kMagic.begin(), kMagic.end());
  file.push_back(1);
  file.push_back(0);
  file.push_back(static_cast<uint8_t>(header.size() & 0xff));
  file.push_back(static_cast<uint8_t>(header.size() >> 8));
  file.insert(file.end(), header.begin(), header.end());
  const size_t offset = file.size();
  file.resize(offset + array.bytes.size());
  if (!array.bytes.empty()) std::memcpy(file.data() + offset, array.bytes.data(), array.bytes.size());
  return file;
}

}  // namespace burin
