#include "report/json.hpp"

#include <cmath>

namespace burin {

nlohmann::ordered_json number_or_null(std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value;
}

void add_accuracy(nlohmann::ordered_json& object, const Evaluation& evaluation) {
  object["accuracy"] = nullptr;
  object["top5_accuracy"] = nullptr;
  if (!evaluation.accuracy) return;
  object["accuracy"] = evaluation.accuracy->top1;
  object["top5_accuracy"] = evaluation.accuracy->top5;
}

void add_against_reference(nlohmann::ordered_json& object, const AgainstReference& against) {
  object["drop"] = nullptr;
  object["drop_ci95"] = nullptr;
  if (against.accuracy) {
    object["drop"] = against.accuracy->drop;
    object["drop_ci95"] = {against.accuracy->ci95.low, against.accuracy->ci95.high};
  }
  object["agreement"] = against.agreement;
  object["snr_db"] = number_or_null(against.snr_db);
}

void add_classes(nlohmann::ordered_json& object, const Accuracy& accuracy, const std::vector<std::string>& names) {
  object["classes"] = nlohmann::ordered_json::array();
  for (size_t i = 0; i < accuracy.classes.size(); ++i) {
    const ClassFigures& figures = accuracy.classes[i];
    object["classes"].push_back({{"name", i < names.size() ? names[i] : std::to_string(i)},
                                 {"samples", figures.samples},
                                 {"predicted", figures.predicted},
                                 {"precision", number_or_null(figures.precision())},
                                 {"recall", number_or_null(figures.recall())}});
  }
  object["confusion_matrix"] = accuracy.confusion;
}

void add_latency(nlohmann::ordered_json& object, const Latency& latency) {
  object["median_ms"] = latency.median_ms;
  object["p90_ms"] = latency.p90_ms;
  object["min_ms"] = latency.min_ms;
  object["mean_ms"] = latency.mean_ms;
  object["runs"] = latency.runs;
}

}  // namespace burin
