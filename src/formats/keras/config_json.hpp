// The JSON of a Keras configuration: depth-limited parsing, and a layer's `config` with checked access.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "burin/error.hpp"

namespace burin {

using Json = nlohmann::json;

// Throws Error: no JSON, nested deeper than 256 levels. `what` names the text ("config.json").
Json parse_json(std::string_view text, std::string_view what);

// The member of an object; null when `json` is no object, has no such member, or the member is null.
const Json* find_member(const Json& json, std::string_view key);

// One layer's configuration. Unknown keys are left alone; a known key of the wrong type or an unsupported value is an
// Error that begins with the layer's path.
class LayerConfig {
 public:
  // `container` is the path of the model that the layer belongs to, empty for the outermost.
  LayerConfig(const Json& config, const std::string& container, std::string name, std::string class_name, bool keras2)
      : config_(&config),
        path_(container.empty() ? name : container + "/" + name),
        name_(std::move(name)),
        class_name_(std::move(class_name)),
        keras2_(keras2) {}

  const std::string& path() const { return path_; }
  const std::string& name() const { return name_; }
  const std::string& class_name() const { return class_name_; }
  // Written by Keras 2 (tf.keras), where a few names mean something else.
  bool keras2() const { return keras2_; }

  const Json* find(std::string_view key) const { return find_member(*config_, key); }
  bool boolean(std::string_view key, bool absent) const;
  int32_t integer(std::string_view key) const;
  int32_t integer(std::string_view key, int32_t absent) const;
  float number(std::string_view key, float absent) const;
  std::string text(std::string_view key, std::string_view absent) const;
  // A list of integers, or one integer.
  std::vector<int32_t> integers(std::string_view key) const;
  // A list of numbers (also Keras's form of a NumPy array), or one number.
  std::vector<float> numbers(std::string_view key) const;
  // `count` integers, or one that stands for all; absent: `absent` for all. Each is at least 1.
  std::vector<int32_t> sizes(std::string_view key, size_t count, int32_t absent) const;

  // "path (Class): what"
  Error invalid(const std::string& what) const;
  Error unsupported(const std::string& what, std::string remedy = {}) const;
  // For a key that is known with a value that is not.
  Error unsupported_value(std::string_view key) const;

 private:
  const Json* config_;
  std::string path_;
  std::string name_;
  std::string class_name_;
  bool keras2_;
};

}  // namespace burin
