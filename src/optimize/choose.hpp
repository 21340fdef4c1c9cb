// Which of the measured variants is recommended, and for what each is good.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "burin/toolkit.hpp"

namespace burin {

struct Bound {
  double max_drop = 0.01;
  std::optional<double> min_accuracy;  // replaces max_drop

  // Judged on the choosing part. Without labels the share of pictures with another best class stands in for the drop,
  // which it bounds; without data a signal-to-noise ratio of at least 20 dB is asked.
  bool met_by(const VariantFigures& variant) const;
  std::string to_string() const;  // "a drop of at most 0.01"
};

enum class Objective : uint8_t { kLatency, kSize };

// Indices in the order in which variants are tried. kLatency: by median; those within 3 % of the fastest that is left
// count as equal, the smaller file goes first. kSize: by size, then median. Equal ones keep their order.
std::vector<size_t> order_candidates(const std::vector<VariantFigures>& variants, Objective objective);

// Sets meets_bound and note of every variant, recommended, reason and bound_met.
void choose_variant(OptimizeResult& result, const Bound& bound, Objective objective, bool fallback);

// Three lines from the measured figures: server, desktop, mobile and edge.
std::vector<std::string> advice(const OptimizeResult& result);

// "INT8"
std::string display_name(const std::string& variant);

}  // namespace burin
