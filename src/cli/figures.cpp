#include "cli/figures.hpp"

#include <fmt/format.h>

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

std::string engine_name() { return "burin " BURIN_VERSION; }

}  // namespace burin::cli
