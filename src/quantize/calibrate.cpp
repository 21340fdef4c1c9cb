#include "quantize/calibrate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "burin/error.hpp"
#include "burin/runtime.hpp"
#include "data/tensor_values.hpp"
#include "measure/sample_session.hpp"
#include "ops/toolkit_operator.hpp"
#include "quantize/sample_loop.hpp"

namespace burin {

namespace {

// What one sample adds.
struct SampleStatistics {
  std::vector<CalibratedRange> ranges;
  std::vector<ChannelStatistics> channels;  // by NodeId
  std::vector<double> counts;
};

FloatRange fused_range(const Node& node) {
  const FusedActivation* activation = fused_activation(node.attributes);
  return activation_range(activation == nullptr ? FusedActivation::kNone : *activation);
}

bool is_fused(const Node& node) {
  const FusedActivation* activation = fused_activation(node.attributes);
  return activation != nullptr && *activation != FusedActivation::kNone;
}

// Widens `range` to all values; false where one is not finite. Eight lanes, so that the compiler can use vectors.
bool include_all(std::span<const float> values, CalibratedRange& range) {
  constexpr size_t kLanes = 8;
  std::array<float, kLanes> low{}, high{}, probe{};
  const auto see = [&](float value, size_t lane) {
    low[lane] = value < low[lane] ? value : low[lane];
    high[lane] = value > high[lane] ? value : high[lane];
    probe[lane] += value * 0.0f;  // not a number once a value is not finite
  };
  size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) see(values[i + lane], lane);
  }
  for (; i < values.size(); ++i) see(values[i], 0);
  bool finite = true;
  for (size_t lane = 0; lane < kLanes; ++lane) {
    range.include({low[lane], high[lane]});
    finite = finite && probe[lane] == 0.0f;
  }
  return finite;
}

class Statistician final : public StepObserver {
 public:
  Statistician(const Graph& graph, const std::vector<bool>& is_weighted, SampleStatistics& statistics)
      : graph_(graph), is_weighted_(is_weighted), statistics_(statistics) {}

  void on_step(const StepEvent& event) override {
    const Node& node = graph_.nodes[event.node];
    const bool weighted = is_weighted_[event.node];
    // A weighted node is seen before its activation, from which what comes after follows; others after it.
    if (event.before_activation != (weighted && is_fused(node))) return;
    for (size_t i = 0; i < event.outputs.size() && i < node.outputs.size(); ++i) {
      const TensorView& output = event.outputs[i];
      if (output.type != ElementType::kFloat32) continue;
      const std::span<const float> values(output.as<float>(), static_cast<size_t>(output.shape.elements()));
      CalibratedRange& range = statistics_.ranges[node.outputs[i]];
      const bool finite =
          weighted ? add_channels(event.node, values, output.shape.back(), range) : include_all(values, range);
      if (!finite && failed_.empty()) failed_ = origin_of(graph_, node);
    }
  }

  // Once for each sample, after it ran.
  void check() const {
    if (failed_.empty()) return;
    throw Error(StatusCode::kInvalidModel, failed_ + ": its output on the calibration samples is not finite",
                "check the weights of this layer and how the samples are preprocessed");
  }

 private:
  bool add_channels(NodeId id, std::span<const float> values, int32_t count, CalibratedRange& range) {
    ChannelStatistics& channels = statistics_.channels[id];
    channels.reset(static_cast<size_t>(count));
    const FloatRange activation = fused_range(graph_.nodes[id]);
    channels.add(values, activation);
    statistics_.counts[id] = static_cast<double>(values.size()) / count;
    for (size_t c = 0; c < channels.min.size(); ++c) {
      range.include(std::clamp(channels.min[c], activation.min, activation.max));
      range.include(std::clamp(channels.max[c], activation.min, activation.max));
    }
    return channels.is_finite();
  }

  const Graph& graph_;
  const std::vector<bool>& is_weighted_;
  SampleStatistics& statistics_;
  std::string failed_;
};

bool is_pixel(float value) { return value >= 0.0f && value <= 255.0f && value == std::floor(value); }

struct Worker {
  Worker(const Model& model, const Program& program, const std::vector<bool>& is_weighted)
      : buffer(program), session(program, {.threads = 1}), is_pixels(program.inputs().size()) {
    statistics.channels.resize(model.main().nodes.size());
    statistics.counts.resize(model.main().nodes.size());
    weighted = &is_weighted;
    graph = &model.main();
  }

  void run(const SampleSource& samples, size_t sample) {
    statistics.ranges.assign(graph->tensors.size(), {});
    samples.load(sample, buffer.inputs());
    for (size_t i = 0; i < is_pixels.size(); ++i) {
      const std::span<float> values = buffer.inputs()[i];
      is_pixels[i] = std::ranges::all_of(values, is_pixel);
      CalibratedRange& range = statistics.ranges[graph->inputs[i]];
      for (const float value : values) range.include(value);
      store_values(values, session.input(i));
    }
    Statistician observer(*graph, *weighted, statistics);
    throw_if_error(session.invoke(&observer));
    observer.check();
  }

  const Graph* graph;
  const std::vector<bool>* weighted;
  SampleBuffer buffer;
  Session session;
  SampleStatistics statistics;
  std::vector<bool> is_pixels;
};

}  // namespace

void CalibratedRange::include(float value) {
  min = std::min(min, value);
  max = std::max(max, value);
}

void CalibratedRange::include(const CalibratedRange& other) {
  include(other.min);
  include(other.max);
}

Calibration calibrate(const Model& model, const SampleSource& samples, int threads, Progress& progress) {
  if (samples.size() == 0) {
    throw Error(StatusCode::kInvalidArgument, "there are no calibration samples",
                "give a folder of pictures or arrays like those that the model will see");
  }
  const Graph& graph = model.main();
  Calibration calibration;
  calibration.ranges.resize(graph.tensors.size());
  calibration.is_pixels.assign(graph.inputs.size(), true);
  calibration.nodes.resize(graph.nodes.size());
  std::vector<bool> is_weighted(graph.nodes.size());
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    const Node& node = graph.nodes[id];
    is_weighted[id] = toolkit_operator(node.op).quantization(model, graph, node).rule == QuantizationRule::kWeighted;
  }

  const Program program = value_or_throw(Program::from_model(model, {.separate_steps = true}));
  std::vector<std::unique_ptr<Worker>> workers;
  for (int i = 0; i < std::max(threads, 1); ++i) {
    workers.push_back(std::make_unique<Worker>(model, program, is_weighted));
  }
  progress.start("Calibrating", samples.size());
  for_each_sample(
      samples.size(), threads, [&](size_t sample, size_t worker) { workers[worker]->run(samples, sample); },
      [&](size_t sample, size_t worker) {
        const Worker& done = *workers[worker];
        for (TensorId id = 0; id < graph.tensors.size(); ++id) {
          calibration.ranges[id].include(done.statistics.ranges[id]);
        }
        for (size_t i = 0; i < graph.inputs.size(); ++i) {
          calibration.is_pixels[i] = calibration.is_pixels[i] && done.is_pixels[i];
        }
        for (NodeId id = 0; id < graph.nodes.size(); ++id) {
          if (!is_weighted[id]) continue;
          WeightedStatistics& total = calibration.nodes[id];
          const ChannelStatistics& added = done.statistics.channels[id];
          if (total.channels.sum.empty()) total.channels.reset(added.sum.size());
          total.channels.add(added);
          total.count += done.statistics.counts[id];
        }
        progress.advance(sample + 1);
      });
  progress.finish();
  return calibration;
}

}  // namespace burin
