#include "cli/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace burin::cli {

std::string share_text(std::optional<double> share) { return share ? fmt::format("{:.4f}", *share) : "-"; }

std::string decibel_text(double decibels) {
  return std::isfinite(decibels) ? fmt::format("{:.1f} dB", decibels) : "equal";
}

std::string against_text(const AgainstReference& against, const std::string& reference) {
  std::string text = fmt::format("agreement with {} {:.4f}, signal-to-noise ratio {}", reference, against.agreement,
                                 decibel_text(against.snr_db));
  if (against.accuracy) {
    text += fmt::format(", drop {:.4f} (95 % interval {:.4f} to {:.4f})", against.accuracy->drop,
                        against.accuracy->ci95.low, against.accuracy->ci95.high);
  }
  return text;
}

std::string float_layers_text(const std::vector<FloatLayer>& layers) {
  constexpr size_t kMostShown = 8;
  std::string text;
  for (size_t i = 0; i < std::min(layers.size(), kMostShown); ++i) {
    text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", layers[i].layer, layers[i].operator_name);
  }
  if (layers.empty()) return text;
  if (layers.size() > kMostShown) text += fmt::format(", and {} more (see --json)", layers.size() - kMostShown);
  return fmt::format("{} {} in float: {}", layers.size(), layers.size() == 1 ? "layer stays" : "layers stay", text);
}

nlohmann::ordered_json float_layers_json(const std::vector<FloatLayer>& layers) {
  auto json = nlohmann::ordered_json::array();
  for (const FloatLayer& layer : layers) json.push_back({{"layer", layer.layer}, {"operator", layer.operator_name}});
  return json;
}

std::string engine_name() { return "burin " BURIN_VERSION; }

}  // namespace burin::cli
