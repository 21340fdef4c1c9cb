#include "formats/keras/config_json.hpp"

namespace burin {

namespace {

constexpr int kMaxDepth = 256;
constexpr const char* kConfigRemedy = "The file is damaged or was edited: save the model again.";

int32_t int32_of(const Json& value, const LayerConfig& config, std::string_view key) {
  // Keras writes some sizes as 2.0.
  const double number = value.is_number() ? value.get<double>() : 0.5;
  if (number != static_cast<double>(static_cast<int64_t>(number)) || number < INT32_MIN || number > INT32_MAX) {
    throw config.unsupported_value(key);
  }
  return static_cast<int32_t>(number);
}

float float_of(const Json& value, const LayerConfig& config, std::string_view key) {
  if (!value.is_number()) throw config.unsupported_value(key);
  return value.get<float>();
}

// Shortened, for error messages.
std::string quoted(const Json& value) {
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > 80) text = text.substr(0, 77) + "...";
  return text;
}

// A Python tuple or NumPy array as Keras serializes it, else `value` itself.
const Json& unwrapped(const Json& value) {
  const Json* class_name = find_member(value, "class_name");
  if (class_name == nullptr) return value;
  const Json* items = nullptr;
  if (*class_name == "__tuple__") items = find_member(value, "items");
  if (*class_name == "__numpy__" || *class_name == "__tensor__") {
    const Json* config = find_member(value, "config");
    items = config != nullptr ? find_member(*config, "value") : nullptr;
  }
  return items != nullptr ? *items : value;
}

// Numbers of a list however nested: a mean is written as [[[1, 2, 3]]], too. Depth is limited by the parser.
void collect_numbers(const Json& value, const LayerConfig& config, std::string_view key, std::vector<float>& result) {
  const Json& list = unwrapped(value);
  if (!list.is_array()) {
    result.push_back(float_of(list, config, key));
    return;
  }
  for (const Json& element : list) collect_numbers(element, config, key, result);
}

// Looked for beforehand: a parser callback would see the depth too, but takes time in the square of a list's length.
bool nests_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Json parse_json(std::string_view text, std::string_view what) {
  if (nests_too_deep(text)) {
    throw Error(StatusCode::kResourceLimit,
                std::string(what) + " is nested more than " + std::to_string(kMaxDepth) + " levels deep",
                kConfigRemedy);
  }
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::exception& error) {
    throw Error(StatusCode::kInvalidModel, std::string(what) + " is no JSON: " + error.what(), kConfigRemedy);
  }
}

const Json* find_member(const Json& json, std::string_view key) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

bool LayerConfig::boolean(std::string_view key, bool absent) const {
  const Json* value = find(key);
  if (value == nullptr) return absent;
  if (!value->is_boolean()) throw unsupported_value(key);
  return value->get<bool>();
}

int32_t LayerConfig::integer(std::string_view key) const {
  const Json* value = find(key);
  if (value == nullptr) throw invalid("its configuration has no " + std::string(key));
  return int32_of(*value, *this, key);
}

int32_t LayerConfig::integer(std::string_view key, int32_t absent) const {
  return find(key) == nullptr ? absent : integer(key);
}

float LayerConfig::number(std::string_view key, float absent) const {
  const Json* value = find(key);
  return value == nullptr ? absent : float_of(unwrapped(*value), *this, key);
}

std::string LayerConfig::text(std::string_view key, std::string_view absent) const {
  const Json* value = find(key);
  if (value == nullptr) return std::string(absent);
  if (!value->is_string()) throw unsupported_value(key);
  return value->get<std::string>();
}

std::vector<int32_t> LayerConfig::integers(std::string_view key) const {
  const Json* value = find(key);
  if (value == nullptr) throw invalid("its configuration has no " + std::string(key));
  const Json& list = unwrapped(*value);
  if (!list.is_array()) return {int32_of(list, *this, key)};
  std::vector<int32_t> result;
  for (const Json& element : list) result.push_back(int32_of(element, *this, key));
  return result;
}

std::vector<float> LayerConfig::numbers(std::string_view key) const {
  const Json* value = find(key);
  if (value == nullptr) throw invalid("its configuration has no " + std::string(key));
  std::vector<float> result;
  collect_numbers(*value, *this, key, result);
  return result;
}

std::vector<int32_t> LayerConfig::sizes(std::string_view key, size_t count, int32_t absent) const {
  if (find(key) == nullptr) return std::vector<int32_t>(count, absent);
  std::vector<int32_t> values = integers(key);
  if (values.size() == 1) values.resize(count, values[0]);
  if (values.size() != count) throw unsupported_value(key);
  for (const int32_t value : values) {
    if (value < 1) throw unsupported_value(key);
  }
  return values;
}

Error LayerConfig::invalid(const std::string& what) const {
  return Error(StatusCode::kInvalidModel, path_ + " (" + class_name_ + "): " + what, kConfigRemedy);
}

Error LayerConfig::unsupported(const std::string& what, std::string remedy) const {
  if (remedy.empty()) remedy = "Replace the layer or this option by one that Burin reads (burin list layers).";
  return Error(StatusCode::kUnsupported, path_ + " (" + class_name_ + "): " + what, std::move(remedy));
}

Error LayerConfig::unsupported_value(std::string_view key) const {
  const Json* value = find(key);
  return unsupported(std::string(key) + "=" + (value != nullptr ? quoted(*value) : "null") + " is not supported");
}

}  // namespace burin
