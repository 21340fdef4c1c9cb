// Figures as the commands write them.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "burin/toolkit.hpp"
#include "measure/evaluate.hpp"

namespace burin::cli {

// Tables of more classes than this go to the JSON alone.
inline constexpr size_t kMostClassesShown = 100;

std::string share_text(std::optional<double> share);  // "0.8854", "-"
std::string decibel_text(double decibels);            // "24.3 dB", "equal"
// "agreement with A 0.9868, signal-to-noise ratio 22.1 dB, drop 0.0013 (95 % interval -0.0025 to 0.0051)"
std::string against_text(const AgainstReference& against, const std::string& reference);
// "2 layers stay in float: a (ELU), b (LOG_SOFTMAX)"; empty where there are none.
std::string float_layers_text(const std::vector<FloatLayer>& layers);
nlohmann::ordered_json float_layers_json(const std::vector<FloatLayer>& layers);

std::string engine_name();  // "burin 0.1.0"

}  // namespace burin::cli
