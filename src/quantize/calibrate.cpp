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
};

FloatRange fused_range(const Node& node) {
  const FusedActivation* activation = fused_activation(node.attributes);
  return activation_range(activation == nullptr ? FusedActivation::kNone : *activation);
}

bool is_fused(const Node& node) {
  const FusedActivation* activation = fused_activation(node.attributes);
  return activation != nullptr && *activation != FusedActivation::kNone;
}

// Widens `range` to all values; false where one is not finite. Many lanes, so that the compiler can use vectors.
bool include_all(std::span<const float> values, CalibratedRange& range) {
  constexpr size_t kLanes = 16;
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
  Statistician(const Graph& graph, const std::vector<bool>& is_weighted, SampleStatistics& statistics, size_t sample)
      : graph_(graph), is_weighted_(is_weighted), statistics_(statistics), sample_(sample) {}

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
      CalibratedRange seen;
      if (!include_all(values, seen) && failed_.empty()) failed_ = origin_of(graph_, node);
      if (weighted) {
        const FloatRange activation = fused_range(node);
        seen = {std::clamp(seen.min, activation.min, activation.max),
                std::clamp(seen.max, activation.min, activation.max)};
        ChannelStatistics& channels = statistics_.channels[event.node];
        channels.reset(static_cast<size_t>(output.shape.back()));
        channels.add(values, activation, sample_);
      }
      range.include(seen);
    }
  }

  // Once for each sample, after it ran.
  void check() const {
    if (failed_.empty()) return;
    throw Error(StatusCode::kInvalidModel, failed_ + ": its output on the calibration samples is not finite",
                "check the weights of this layer and how the samples are preprocessed");
  }

 private:
  const Graph& graph_;
  const std::vector<bool>& is_weighted_;
  SampleStatistics& statistics_;
  size_t sample_;
  std::string failed_;
};

// Integers in 0..255. Without branches, so that the compiler can use vectors.
bool are_pixels(std::span<const float> values) {
  int others = 0;
  for (const float value : values) {
    const float inside = value > 0.0f ? (value < 255.0f ? value : 255.0f) : 0.0f;
    others |= static_cast<float>(static_cast<int32_t>(inside)) != value;
  }
  return others == 0;
}

struct Worker {
  Worker(const Model& model, const Program& program, const std::vector<bool>& is_weighted)
      : buffer(program), session(program, {.threads = 1}), is_pixels(program.inputs().size()) {
    statistics.channels.resize(model.main().nodes.size());
    weighted = &is_weighted;
    graph = &model.main();
  }

  void run(const SampleSource& samples, size_t sample) {
    statistics.ranges.assign(graph->tensors.size(), {});
    samples.load(sample, buffer.inputs());
    for (size_t i = 0; i < is_pixels.size(); ++i) {
      const std::span<float> values = buffer.inputs()[i];
      is_pixels[i] = are_pixels(values);
      include_all(values, statistics.ranges[graph->inputs[i]]);
      store_values(values, session.input(i));
    }
    Statistician observer(*graph, *weighted, statistics, sample);
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
          ChannelStatistics& total = calibration.nodes[id];
          const ChannelStatistics& added = done.statistics.channels[id];
          if (total.sum.empty()) total.reset(added.sum.size());
          total.add(added);
        }
        progress.advance(sample + 1);
      });
  progress.finish();
  return calibration;
}

}  // namespace burin
