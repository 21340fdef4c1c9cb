#include "optimize/choose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace burin {
namespace {

constexpr double kEqualMedians = 1.03;
constexpr double kEqualSizes = 1.05;
constexpr double kLeastRatio = 20.0;
// Differences of shares of pictures are sums of 1/n: a bound of 0.01 is met by 5 of 500.
constexpr double kRounding = 1e-9;

const VariantFigures* find(const std::vector<VariantFigures>& variants, const std::string& name) {
  for (const VariantFigures& variant : variants) {
    if (variant.name == name) return &variant;
  }
  return nullptr;
}

std::string loss_text(const VariantFigures& variant) {
  if (variant.val_accuracy)
    return fmt::format("accuracy {:.4f} on val (drop {:.4f})", *variant.val_accuracy, *variant.val_drop);
  if (variant.val_agreement)
    return fmt::format("the same best class on {:.2f} % of the pictures", *variant.val_agreement * 100.0);
  if (variant.snr_db) return fmt::format("a signal-to-noise ratio of {:.1f} dB", *variant.snr_db);
  return "no measured difference";
}

double speedup(const OptimizeResult& result, const VariantFigures& variant) {
  return result.original.median_ms / std::max(variant.median_ms, 1e-9);
}

std::string memory_text(const VariantFigures& variant) {
  if (!variant.peak_memory_bytes) return "";
  return fmt::format(", {:.1f} MiB of memory", static_cast<double>(*variant.peak_memory_bytes) / 0x1p20);
}

}  // namespace

bool Bound::met_by(const VariantFigures& variant) const {
  if (min_accuracy) return variant.val_accuracy && *variant.val_accuracy >= *min_accuracy - kRounding;
  if (variant.val_drop) return *variant.val_drop <= max_drop + kRounding;
  if (variant.val_agreement) return 1.0 - *variant.val_agreement <= max_drop + kRounding;
  return !variant.snr_db || *variant.snr_db >= kLeastRatio;
}

std::string Bound::to_string() const {
  return min_accuracy ? fmt::format("an accuracy of at least {}", *min_accuracy)
                      : fmt::format("a drop of at most {}", max_drop);
}

std::vector<size_t> order_candidates(const std::vector<VariantFigures>& variants, Objective objective) {
  std::vector<size_t> order(variants.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto smaller = [&](size_t a, size_t b) { return variants[a].size_bytes < variants[b].size_bytes; };
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return variants[a].median_ms < variants[b].median_ms; });
  if (objective == Objective::kSize) {
    std::stable_sort(order.begin(), order.end(), smaller);
    return order;
  }
  for (auto begin = order.begin(); begin != order.end();) {
    const double limit = variants[*begin].median_ms * kEqualMedians;
    const auto end = std::find_if(begin, order.end(), [&](size_t i) { return variants[i].median_ms > limit; });
    std::stable_sort(begin, end, smaller);
    begin = end;
  }
  return order;
}

std::string display_name(const std::string& variant) {
  if (variant == "dynamic") return "Dynamic range";
  std::string name = variant;
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

void choose_variant(OptimizeResult& result, const Bound& bound, Objective objective, bool fallback) {
  auto& variants = result.variants;
  const VariantFigures* fp32 = find(variants, "fp32");
  result.bound_met = false;
  for (VariantFigures& variant : variants) {
    variant.meets_bound = bound.met_by(variant);
    result.bound_met = result.bound_met || variant.meets_bound;
    const bool slower = fp32 != nullptr && &variant != fp32 && variant.median_ms > fp32->median_ms * kEqualMedians;
    variant.note.clear();
    if (!variant.meets_bound) variant.note = fmt::format("misses the bound: {}", loss_text(variant));
    if (slower) {
      if (!variant.note.empty()) variant.note += "; ";
      variant.note += fmt::format("slower than FP32 ({:.2f} against {:.2f} ms)", variant.median_ms, fp32->median_ms);
    }
  }

  std::vector<size_t> order;
  if (fallback) {
    for (const char* name : {"int8", "fp16", "fp32"}) {
      const VariantFigures* variant = find(variants, name);
      if (variant != nullptr) order.push_back(static_cast<size_t>(variant - variants.data()));
    }
  } else {
    order = order_candidates(variants, objective);
    if (objective == Objective::kLatency && fp32 != nullptr) {
      std::erase_if(order, [&](size_t i) {
        return &variants[i] != fp32 && variants[i].median_ms > fp32->median_ms * kEqualMedians;
      });
    }
  }
  const auto first = std::find_if(order.begin(), order.end(), [&](size_t i) { return variants[i].meets_bound; });
  if (first == order.end()) {
    result.recommended.reset();
    result.reason = result.bound_met
                        ? fmt::format(
                              "only variants that are slower than FP32 meet the bound ({}); --objective size "
                              "chooses among them",
                              bound.to_string())
                        : fmt::format("no variant meets the bound ({})", bound.to_string());
    return;
  }
  const VariantFigures& chosen = variants[*first];
  result.recommended = *first;
  const std::string place =
      fallback ? (first == order.begin() ? "first of the fallback order INT8, FP16, FP32"
                                         : "the next of the fallback order INT8, FP16, FP32")
               : fmt::format("the {} that meets the bound", objective == Objective::kLatency ? "fastest" : "smallest");
  result.reason = fmt::format("{}: {:.2f} ms, {:.3f} MB, {} within {}", place, chosen.median_ms,
                              static_cast<double>(chosen.size_bytes) / 1e6, loss_text(chosen), bound.to_string());
  if (fallback && chosen.note.starts_with("slower")) result.reason += "; note: " + chosen.note;
}

namespace {

// For a phone or a board every figure counts: of the variants whose sizes are about equal to the smallest, the fastest,
// and of those that are equally fast the one with the least memory.
const VariantFigures& mobile_variant(const std::vector<VariantFigures>& variants, const VariantFigures& smallest) {
  const VariantFigures* best = &smallest;
  for (const VariantFigures& variant : variants) {
    if (!variant.meets_bound ||
        static_cast<double>(variant.size_bytes) > static_cast<double>(smallest.size_bytes) * kEqualSizes) {
      continue;
    }
    const bool faster = variant.median_ms * kEqualMedians < best->median_ms;
    const bool slower = variant.median_ms > best->median_ms * kEqualMedians;
    const bool less_memory =
        variant.peak_memory_bytes && best->peak_memory_bytes && *variant.peak_memory_bytes < *best->peak_memory_bytes;
    if (faster || (!slower && less_memory)) best = &variant;
  }
  return *best;
}

std::string mobile_advice(const OptimizeResult& result, const VariantFigures& smallest) {
  const VariantFigures& chosen = mobile_variant(result.variants, smallest);
  const auto size = [](const VariantFigures& variant) { return static_cast<double>(variant.size_bytes); };
  std::string text =
      fmt::format("mobile/edge: {}, {:.3f} MB to ship ({:.1f} x smaller than the original){}, {:.2f} ms here",
                  display_name(chosen.name), size(chosen) / 1e6, size(result.original) / size(chosen),
                  memory_text(chosen), chosen.median_ms);
  if (&chosen != &smallest) {
    text += fmt::format("; {} is {:.1f} % smaller but takes {:.1f} x the time", display_name(smallest.name),
                        (1.0 - size(smallest) / size(chosen)) * 100.0,
                        smallest.median_ms / std::max(chosen.median_ms, 1e-9));
  }
  return text;
}

}  // namespace

std::vector<std::string> advice(const OptimizeResult& result) {
  const auto& variants = result.variants;
  const auto fitting = [&](std::vector<size_t> order) {
    const auto found = std::find_if(order.begin(), order.end(), [&](size_t i) { return variants[i].meets_bound; });
    return found == order.end() ? nullptr : &variants[*found];
  };
  const VariantFigures* fastest = fitting(order_candidates(variants, Objective::kLatency));
  const VariantFigures* smallest = fitting(order_candidates(variants, Objective::kSize));
  if (fastest == nullptr || smallest == nullptr) {
    return {"server: keep the original model, no variant meets the bound",
            "desktop: keep the original model, no variant meets the bound",
            "mobile/edge: no variant meets the bound; allow a larger drop or give more calibration pictures"};
  }
  // On a desktop the program shares the machine: of the variants that are at most a quarter slower than the fastest,
  // the one with the least memory.
  const VariantFigures* desktop = fastest;
  for (const VariantFigures& variant : variants) {
    if (variant.meets_bound && variant.median_ms <= fastest->median_ms * 1.25 && variant.peak_memory_bytes &&
        desktop->peak_memory_bytes && *variant.peak_memory_bytes < *desktop->peak_memory_bytes) {
      desktop = &variant;
    }
  }
  return {fmt::format("server: {}, {:.2f} ms a picture on one core ({:.0f} a second and core, {:.1f} x the original)",
                      display_name(fastest->name), fastest->median_ms, 1000.0 / std::max(fastest->median_ms, 1e-9),
                      speedup(result, *fastest)),
          fmt::format("desktop: {}, loads in {:.1f} ms, {:.2f} ms a picture{}", display_name(desktop->name),
                      desktop->load_ms, desktop->median_ms, memory_text(*desktop)),
          mobile_advice(result, *smallest)};
}

}  // namespace burin
