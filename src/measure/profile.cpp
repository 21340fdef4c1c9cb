#include "measure/profile.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "burin/error.hpp"
#include "graph/shapes.hpp"
#include "measure/statistics.hpp"
#include "ops/toolkit_operator.hpp"

namespace burin {

namespace {

// A step of several nodes has the names of all; what folder they share is said once.
void add_name(std::string& names, const std::string& name) {
  if (!names.empty()) names += " + ";
  const size_t folder = names.empty() ? std::string::npos : name.rfind('/');
  const bool shared = folder != std::string::npos && names.starts_with(name.substr(0, folder + 1));
  names += shared ? name.substr(folder + 1) : name;
}

// Products a second at most of a node that multiplies with weights; 0: it does not, or no kernel has its types.
double peak_of(const Graph& graph, const Node& node, const Peak& peak) {
  if (node.inputs.size() < 2 || node.inputs[0] == kNoId || node.inputs[1] == kNoId) return 0.0;
  const ElementType activations = graph.tensors[node.inputs[0]].type;
  const ElementType weights = graph.tensors[node.inputs[1]].type;
  if (activations == ElementType::kFloat32 && weights == ElementType::kFloat32) return peak.f32;
  const bool bytes = activations == ElementType::kInt8 || activations == ElementType::kFloat32;
  return bytes && (weights == ElementType::kInt8 || weights == ElementType::kInt4) ? peak.int8 : 0.0;
}

std::vector<OperatorProfile> sum_by_operator(const std::vector<StepProfile>& steps) {
  std::map<std::pair<std::string, std::string>, OperatorProfile> sums;
  for (const StepProfile& step : steps) {
    OperatorProfile& sum = sums[{step.name, step.kernel}];
    sum.name = step.name;
    sum.kernel = step.kernel;
    ++sum.steps;
    sum.timed += step.timed;
  }
  std::vector<OperatorProfile> operators;
  for (auto& [key, sum] : sums) operators.push_back(std::move(sum));
  std::stable_sort(operators.begin(), operators.end(), [](const OperatorProfile& a, const OperatorProfile& b) {
    return a.timed.median_ms > b.timed.median_ms;
  });
  return operators;
}

}  // namespace

Work& Work::operator+=(const Work& other) {
  multiply_accumulates += other.multiply_accumulates;
  peak_ms += other.peak_ms;
  read_bytes += other.read_bytes;
  written_bytes += other.written_bytes;
  weight_bytes += other.weight_bytes;
  return *this;
}

Timed& Timed::operator+=(const Timed& other) {
  work += other.work;
  median_ms += other.median_ms;
  mean_ms += other.mean_ms;
  return *this;
}

double Timed::gmac_per_s() const {
  return median_ms > 0.0 ? static_cast<double>(work.multiply_accumulates) * 1e-6 / median_ms : 0.0;
}

Profiler::Profiler(const Model& model, const Program& program, int threads)
    : graph_(model.main()), peak_(measure_peak()) {
  peak_.f32 *= threads;
  peak_.int8 *= threads;
  std::vector<Shape> shapes;
  for (const TensorInfo& input : program.inputs()) shapes.push_back(input.shape);
  const ConcreteGraph concrete = value_or_throw(infer_concrete(model, shapes, source_operator_table()));
  for (TensorId id = 0; id < graph_.tensors.size(); ++id) graph_.tensors[id].shape = concrete.tensors[id].shape;
}

void Profiler::on_step(const StepEvent& event) {
  // Steps come in the same order in every run.
  if (position_ == steps_.size()) {
    StepProfile& step = steps_.emplace_back();
    step.kernel = event.kernel;
    for (const NodeId id : event.nodes) {
      const Node& node = graph_.nodes[id];
      add_name(step.layer, origin_of(graph_, node));
      add_name(step.name, std::string(any_operator(node.op).name));
    }
    step.timed.work = work_of(event.nodes);
    times_.emplace_back();
  }
  times_[position_++].push_back(static_cast<double>(event.nanoseconds) * 1e-6);
}

Work Profiler::work_of(std::span<const uint32_t> nodes) const {
  Work work;
  std::vector<TensorId> seen;  // inputs of earlier nodes, and what they made
  const auto is_new = [&](TensorId id) {
    if (std::ranges::find(seen, id) != seen.end()) return false;
    seen.push_back(id);
    return true;
  };
  for (const NodeId id : nodes) {
    const Node& node = graph_.nodes[id];
    const auto cost = is_source_only(node.op) ? nullptr : toolkit_operator(node.op).multiply_accumulates;
    if (cost != nullptr) {
      const int64_t products = cost(graph_, node);
      const double peak = peak_of(graph_, node, peak_);
      work.multiply_accumulates += products;
      if (peak > 0.0) work.peak_ms += static_cast<double>(products) * 1e3 / peak;
    }
    for (const TensorId input : node.inputs) {
      if (input == kNoId || !is_new(input)) continue;
      const Tensor& tensor = graph_.tensors[input];
      (tensor.constant == kNoId ? work.read_bytes : work.weight_bytes) += byte_size(tensor.type, tensor.shape);
    }
    for (const TensorId output : node.outputs) {
      seen.push_back(output);
      const Tensor& tensor = graph_.tensors[output];
      if (id == nodes.back()) work.written_bytes += byte_size(tensor.type, tensor.shape);
    }
  }
  return work;
}

Profile Profiler::finish() const {
  Profile profile;
  profile.peak = peak_;
  profile.steps = steps_;
  for (size_t i = 0; i < times_.size(); ++i) {
    Timed& timed = profile.steps[i].timed;
    timed.median_ms = quantile(times_[i], 0.5);
    timed.mean_ms = std::accumulate(times_[i].begin(), times_[i].end(), 0.0) / static_cast<double>(times_[i].size());
    profile.total += timed;
  }
  profile.operators = sum_by_operator(profile.steps);
  return profile;
}

}  // namespace burin
