// Parts that the JSON objects of several commands share. Keys carry their unit; a figure that does not exist or is not
// finite is null.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "measure/benchmark.hpp"
#include "measure/evaluate.hpp"

namespace burin {

nlohmann::ordered_json number_or_null(std::optional<double> value);

// accuracy, top5_accuracy (null without labels); `classes` names them.
void add_accuracy(nlohmann::ordered_json& object, const Evaluation& evaluation);
// drop, drop_ci95, agreement, snr_db.
void add_against_reference(nlohmann::ordered_json& object, const AgainstReference& against);
// classes (name, samples, predicted, precision, recall) and confusion_matrix ([label][prediction]).
void add_classes(nlohmann::ordered_json& object, const Accuracy& accuracy, const std::vector<std::string>& names);
// median_ms, p90_ms, min_ms, mean_ms, runs.
void add_latency(nlohmann::ordered_json& object, const Latency& latency);

}  // namespace burin
