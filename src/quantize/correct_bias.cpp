#include "quantize/correct_bias.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>

#include "burin/error.hpp"
#include "burin/runtime.hpp"
#include "data/tensor_values.hpp"
#include "graph/shapes.hpp"
#include "measure/sample_session.hpp"
#include "ops/toolkit_operator.hpp"
#include "quantize/activation_cache.hpp"
#include "quantize/channel_histogram.hpp"
#include "quantize/least_squares_rounding.hpp"
#include "quantize/sample_loop.hpp"
#include "quantize/sub_model.hpp"
#include "quantize/tap_moments.hpp"
#include "quantize/weights.hpp"

namespace burin {

namespace {

constexpr double kLeastShare = 0.2;
constexpr int kNewtonSteps = 2;
// Once this many layers were run since the last cut, a cut is taken even if it is large.
constexpr uint32_t kMaxLayersPerBlock = 4;
// The moments of a depthwise kernel: of at most 7x7 taps, which bounds their memory, over so many samples, evenly
// spread. With few positions they are noise, and the kernel is rounded to nearest.
constexpr int64_t kMostTaps = 49;
constexpr size_t kMostSamplesOfMoments = 64;
constexpr double kLeastPositionsPerTap = 4;

// The activations that are alive before node `position`: what a pass that begins there reads.
struct Cut {
  NodeId position = 0;
  std::vector<TensorId> tensors;
  std::vector<size_t> offsets;  // of each tensor in a record
  size_t bytes = 0;
};

class Cuts {
 public:
  Cuts(const Model& model, const QuantizationPlan& plan, std::span<const Shape> shapes)
      : graph_(model.main()), plan_(plan), shapes_(shapes) {
    const size_t tensors = graph_.tensors.size();
    first_.assign(tensors, 0);
    last_use_.assign(tensors, 0);
    made_by_float_.assign(tensors, false);
    last_float_use_.assign(tensors, 0);
    for (NodeId id = 0; id < graph_.nodes.size(); ++id) {
      const bool is_float = plan.nodes[id].arithmetic == NodeArithmetic::kFloat;
      for (const TensorId input : graph_.nodes[id].inputs) {
        if (input == kNoId) continue;
        last_use_[input] = id + 1;
        if (is_float) last_float_use_[input] = id + 1;
      }
      for (const TensorId output : graph_.nodes[id].outputs) {
        first_[output] = id + 1;
        made_by_float_[output] = is_float;
      }
    }
  }

  // Nothing where a tensor is alive whose float value is needed although its codes would be kept.
  std::optional<Cut> at(NodeId position) const {
    Cut cut;
    cut.position = position;
    for (TensorId id = 0; id < graph_.tensors.size(); ++id) {
      const Tensor& tensor = graph_.tensors[id];
      if (tensor.constant != kNoId || first_[id] > position || last_use_[id] <= position) continue;
      const bool planned = plan_.tensors[id].type == ElementType::kInt8;
      if (planned && made_by_float_[id] && last_float_use_[id] > position) return std::nullopt;
      cut.tensors.push_back(id);
      cut.offsets.push_back(cut.bytes);
      cut.bytes += static_cast<size_t>(byte_size(planned ? ElementType::kInt8 : tensor.type, shapes_[id]));
    }
    return cut;
  }

  // The smallest in [first, last], the latest of equal ones.
  std::optional<Cut> smallest(NodeId first, NodeId last) const {
    std::optional<Cut> best;
    for (NodeId position = first; position <= last; ++position) {
      std::optional<Cut> cut = at(position);
      if (cut && (!best || cut->bytes <= best->bytes)) best = std::move(cut);
    }
    return best;
  }

 private:
  const Graph& graph_;
  const QuantizationPlan& plan_;
  std::span<const Shape> shapes_;
  std::vector<NodeId> first_, last_use_;  // positions by TensorId: made before, last read before
  std::vector<NodeId> last_float_use_;
  std::vector<bool> made_by_float_;
};

// What one worker measures of the layer under correction.
struct LayerStatistics {
  ChannelStatistics sample;  // of the sample at hand
  double count = 0;
  std::optional<ChannelHistogram> histogram;  // of all its samples
};

FloatRange range_of(const Node& node) {
  const FusedActivation* activation = fused_activation(node.attributes);
  return activation_range(activation == nullptr ? FusedActivation::kNone : *activation);
}

// Shift of one channel's bias that makes its mean after the activation `target`.
double find_shift(double mean_difference, double activated_mean, double target, const ChannelHistogram* histogram,
                  size_t channel) {
  double shift = mean_difference;
  if (histogram == nullptr) return shift;
  for (int step = 0; step < kNewtonSteps; ++step) {
    const double now = activated_mean + histogram->activated_shift(channel, shift);
    shift += (target - now) / std::max(histogram->linear_share(channel, shift), kLeastShare);
  }
  return shift;
}

class Corrector {
 public:
  Corrector(const Model& model, const Calibration& calibration, const SampleSource& samples, QuantizationPlan& plan,
            const BiasCorrectionOptions& options, std::vector<Shape> shapes)
      : model_(model),
        graph_(model.main()),
        calibration_(calibration),
        samples_(samples),
        plan_(plan),
        options_(options),
        shapes_(std::move(shapes)),
        cuts_(model, plan, shapes_) {}

  void run(Progress& progress) {
    std::vector<NodeId> layers;
    for (NodeId id = 0; id < graph_.nodes.size(); ++id) {
      const Node& node = graph_.nodes[id];
      if (plan_.nodes[id].arithmetic == NodeArithmetic::kInteger &&
          toolkit_operator(node.op).quantization(model_, graph_, node).rule == QuantizationRule::kWeighted) {
        layers.push_back(id);
      }
    }
    progress.start("Rounding kernels, correcting biases", layers.size());
    for (size_t i = 0; i < layers.size(); ++i) {
      if (options_.round_depthwise && graph_.nodes[layers[i]].op == Op::kDepthwiseConv2d) round(layers[i]);
      correct(layers[i]);
      progress.advance(i + 1);
    }
    progress.finish();
  }

 private:
  // The cut to keep while `layer` is run, if a better one than the present is worth keeping.
  std::optional<Cut> next_cut(NodeId layer) {
    if (!cache_) return cuts_.smallest(0, layer);
    ++layers_since_cut_;
    if (cut_.position == layer) return std::nullopt;
    std::optional<Cut> next = cuts_.smallest(cut_.position + 1, layer);
    if (!next) return std::nullopt;
    const auto bytes = static_cast<int64_t>(next->bytes * samples_.size());
    const bool fits = bytes <= options_.activation_cache_bytes - cache_->memory_bytes();
    if (!fits && next->bytes > 2 * cut_.bytes && layers_since_cut_ < kMaxLayersPerBlock) return std::nullopt;
    return next;
  }

  // Chooses the codes of a depthwise kernel by the second moments of its quantized input.
  void round(NodeId layer) {
    const Node& node = graph_.nodes[layer];
    const TensorId input = node.inputs[0];
    // A kernel that an earlier layer shares stays as that layer's bias was corrected for.
    const bool used_before = std::ranges::any_of(std::span(graph_.nodes).first(layer), [&](const Node& earlier) {
      return std::ranges::find(earlier.inputs, node.inputs[1]) != earlier.inputs.end();
    });
    if (is_constant(input) || used_before) return;
    const Shape& shape = graph_.tensors[node.inputs[1]].shape;
    if (int64_t{shape[1]} * shape[2] > kMostTaps) return;
    const auto& attributes = std::get<DepthwiseConv2dAttributes>(node.attributes);
    WindowAxis height, width;
    throw_if_error(make_window_axis("DEPTHWISE_CONV_2D", "height", attributes.padding, shapes_[input][1], shape[1],
                                    attributes.stride_h, attributes.dilation_h, height));
    throw_if_error(make_window_axis("DEPTHWISE_CONV_2D", "width", attributes.padding, shapes_[input][2], shape[2],
                                    attributes.stride_w, attributes.dilation_w, width));

    const std::vector<TensorId> outputs = {input};
    SubModel part = extract(model_, plan_, cut_.position, outputs, shapes_);
    part.plan.model_digest = digest(part.model);
    const Program program = value_or_throw(Program::from_model(apply(part.model, part.plan)));
    const size_t step = (samples_.size() + kMostSamplesOfMoments - 1) / kMostSamplesOfMoments;
    const size_t count = (samples_.size() + step - 1) / step;
    const size_t threads = std::min(static_cast<size_t>(std::max(options_.threads, 1)), count);
    std::vector<TapMoments> moments(threads, TapMoments(height, width, static_cast<size_t>(shapes_[input][3])));
    std::vector<std::unique_ptr<Worker>> workers;
    for (size_t i = 0; i < threads; ++i) {
      workers.push_back(std::make_unique<Worker>(*this, program, part, outputs, nullptr));
    }
    const int32_t zero_point = plan_.tensors[input].quantization->zero_points[0];
    for_each_sample(
        count, options_.threads,
        [&](size_t i, size_t worker) {
          workers[worker]->run(i * step, nullptr);
          const TensorView codes = workers[worker]->layer_output();
          moments[worker].add({codes.as<int8_t>(), static_cast<size_t>(codes.shape.elements())}, zero_point, i);
        },
        [](size_t, size_t) {});
    for (size_t i = 1; i < threads; ++i) moments[0].add(moments[i]);
    if (moments[0].positions() >= kLeastPositionsPerTap * static_cast<double>(moments[0].taps())) {
      set_codes(layer, moments[0]);
    }
  }

  void set_codes(NodeId layer, const TapMoments& moments) {
    const Node& node = graph_.nodes[layer];
    const Tensor& tensor = graph_.tensors[node.inputs[1]];
    TensorPlan& kernel = plan_.tensors[node.inputs[1]];
    const auto values = model_.constant_values<float>(tensor.constant);
    const auto channels = static_cast<size_t>(tensor.shape[3]);
    const auto multiplier = channels / static_cast<size_t>(shapes_[node.inputs[0]][3]);
    std::vector<double> weights(moments.taps());
    std::vector<int8_t> chosen(values.size());
    for (size_t c = 0; c < channels; ++c) {
      const auto scale = static_cast<double>(kernel.quantization->scales[c]);
      for (size_t tap = 0; tap < weights.size(); ++tap) weights[tap] = values[tap * channels + c] / scale;
      const std::vector<int8_t> codes = round_least_squares(weights, moments.damped(c / multiplier));
      for (size_t tap = 0; tap < weights.size(); ++tap) chosen[tap * channels + c] = codes[tap];
    }
    kernel.codes = std::move(chosen);
  }

  void correct(NodeId layer) {
    const std::optional<Cut> next = next_cut(layer);
    std::unique_ptr<ActivationCache> next_cache;
    // The layer's value first, then what the next cut keeps and the present does not hold already.
    const Node& node = graph_.nodes[layer];
    std::vector<TensorId> outputs = {node.outputs[0]};
    if (next) {
      const int64_t taken = cache_ ? cache_->memory_bytes() : 0;
      next_cache =
          std::make_unique<ActivationCache>(samples_.size(), next->bytes, options_.activation_cache_bytes - taken);
      for (const TensorId id : next->tensors) {
        if (std::ranges::find(cut_.tensors, id) == cut_.tensors.end() && !is_graph_input(id)) outputs.push_back(id);
      }
    }
    const SubModel part = layer_in_float(layer, outputs);
    const Program program = value_or_throw(Program::from_model(apply(part.model, part.plan)));

    const FloatRange activation = range_of(node);
    const bool clamps = std::isfinite(activation.min);
    const WeightedStatistics& reference = calibration_.nodes[layer];
    std::vector<LayerStatistics> statistics(static_cast<size_t>(std::max(options_.threads, 1)));
    std::vector<std::unique_ptr<Worker>> workers;
    for (LayerStatistics& measured : statistics) {
      if (clamps) measured.histogram.emplace(activation, reference.channels.max);
      workers.push_back(std::make_unique<Worker>(*this, program, part, outputs, next ? &*next : nullptr));
    }
    ChannelStatistics total;
    total.reset(reference.channels.sum.size());
    double count = 0;
    for_each_sample(
        samples_.size(), options_.threads,
        [&](size_t sample, size_t worker) {
          workers[worker]->run(sample, next_cache.get());
          LayerStatistics& measured = statistics[worker];
          const TensorView output = workers[worker]->layer_output();
          const std::span<const float> values(output.as<float>(), static_cast<size_t>(output.shape.elements()));
          measured.sample.reset(total.sum.size());
          measured.sample.add_sums(values, activation);
          measured.count = static_cast<double>(values.size() / total.sum.size());
          if (clamps) measured.histogram->add(values, sample);
        },
        [&](size_t, size_t worker) {
          total.add(statistics[worker].sample);
          count += statistics[worker].count;
        });
    if (!total.is_finite()) {
      throw Error(StatusCode::kInvalidModel, origin_of(graph_, node) + ": its quantized output is not finite",
                  "check the weights of this layer");
    }
    for (size_t i = 1; clamps && i < statistics.size(); ++i) statistics[0].histogram->add(*statistics[i].histogram);
    set_bias(layer, total, count, clamps ? &*statistics[0].histogram : nullptr);
    if (next) {
      cut_ = *next;
      cache_ = std::move(next_cache);
      layers_since_cut_ = 0;
    }
  }

  void set_bias(NodeId layer, const ChannelStatistics& quantized, double count, const ChannelHistogram* histogram) {
    const Node& node = graph_.nodes[layer];
    const WeightedStatistics& reference = calibration_.nodes[layer];
    std::vector<float> bias(quantized.sum.size(), 0.0f);
    if (node.inputs.size() > 2 && node.inputs[2] != kNoId) {
      bias = model_.constant_values<float>(graph_.tensors[node.inputs[2]].constant);
    }
    for (size_t c = 0; c < bias.size(); ++c) {
      const double difference = reference.channels.sum[c] / reference.count - quantized.sum[c] / count;
      const double shift = find_shift(difference, quantized.activated_sum[c] / count,
                                      reference.channels.activated_sum[c] / reference.count, histogram, c);
      bias[c] = static_cast<float>(bias[c] + shift);
    }
    plan_.nodes[layer].bias = std::move(bias);
  }

  // From the present cut to `outputs`, the layer computing in float without its activation, its kernel rounded.
  SubModel layer_in_float(NodeId layer, std::span<const TensorId> outputs) const {
    SubModel part = extract(model_, plan_, cut_.position, outputs, shapes_);
    Graph& graph = part.model.main();
    const NodeId id = part.node_in_part[layer];
    Node& node = graph.nodes[id];
    part.plan.nodes[id] = {};
    if (FusedActivation* activation = fused_activation(node.attributes)) *activation = FusedActivation::kNone;
    part.plan.tensors[node.outputs[0]] = {};

    const Quantization& quantization = *part.plan.tensors[node.inputs[1]].quantization;
    Tensor kernel = graph.tensors[node.inputs[1]];
    const auto codes = weight_codes(part.model, kernel, part.plan.tensors[node.inputs[1]]);
    kernel.constant = part.model.add_constant(dequantize_symmetric(codes, kernel.shape, quantization));
    node.inputs[1] = graph.add_tensor(std::move(kernel));
    part.plan.tensors.push_back({});
    part.plan.model_digest = digest(part.model);
    return part;
  }

  bool is_constant(TensorId id) const { return graph_.tensors[id].constant != kNoId; }
  bool is_graph_input(TensorId id) const { return std::ranges::find(graph_.inputs, id) != graph_.inputs.end(); }

  // Runs a part on one sample after the other and keeps what the next cut needs.
  class Worker {
   public:
    Worker(const Corrector& owner, const Program& program, const SubModel& part, std::span<const TensorId> outputs,
           const Cut* next)
        : owner_(owner), part_(part), outputs_(outputs.begin(), outputs.end()), next_(next), session_(program) {
      if (owner.cache_) {
        record_.resize(owner.cut_.bytes);
      } else {
        for (const TensorId id : owner.graph_.inputs) {
          inputs_.emplace_back(static_cast<size_t>(owner.shapes_[id].elements()));
        }
        for (auto& values : inputs_) input_spans_.emplace_back(values);
      }
      if (next != nullptr) next_record_.resize(next->bytes);
    }

    void run(size_t sample, ActivationCache* next_cache) {
      if (owner_.cache_) {
        owner_.cache_->read(sample, record_);
      } else {
        owner_.samples_.load(sample, input_spans_);
      }
      for (size_t i = 0; i < part_.inputs.size(); ++i) copy_in(part_.inputs[i], session_.input(i));
      throw_if_error(session_.invoke());
      if (next_ == nullptr) return;
      for (size_t i = 0; i < next_->tensors.size(); ++i) keep(next_->tensors[i], next_->offsets[i]);
      next_cache->write(sample, next_record_);
    }

    TensorView layer_output() const { return session_.output(0); }

   private:
    static size_t size_of(const TensorView& tensor) {
      return static_cast<size_t>(byte_size(tensor.type, tensor.shape));
    }

    void copy_in(TensorId id, const MutableTensorView& tensor) {
      if (owner_.cache_) {
        std::memcpy(tensor.data, record_.data() + offset_of(id), size_of(tensor));
      } else {
        const auto it = std::ranges::find(owner_.graph_.inputs, id);
        store_values(inputs_[static_cast<size_t>(it - owner_.graph_.inputs.begin())], tensor);
      }
    }

    size_t offset_of(TensorId id) const {
      const auto it = std::ranges::find(owner_.cut_.tensors, id);
      return owner_.cut_.offsets[static_cast<size_t>(it - owner_.cut_.tensors.begin())];
    }

    void keep(TensorId id, size_t offset) {
      std::byte* const to = next_record_.data() + offset;
      if (const auto it = std::ranges::find(outputs_, id); it != outputs_.end()) {
        const TensorView output = session_.output(static_cast<size_t>(it - outputs_.begin()));
        std::memcpy(to, output.data, size_of(output));
        return;
      }
      const TensorPlan& plan = owner_.plan_.tensors[id];
      MutableTensorView kept{to, plan.type, owner_.shapes_[id], plan.quantization ? &*plan.quantization : nullptr};
      copy_in(id, kept);
    }

    const Corrector& owner_;
    const SubModel& part_;
    std::vector<TensorId> outputs_;
    const Cut* next_;
    Session session_;
    std::vector<std::byte> record_, next_record_;
    std::vector<std::vector<float>> inputs_;  // while there is no cut yet
    std::vector<std::span<float>> input_spans_;
  };

  const Model& model_;
  const Graph& graph_;
  const Calibration& calibration_;
  const SampleSource& samples_;
  QuantizationPlan& plan_;
  const BiasCorrectionOptions options_;
  const std::vector<Shape> shapes_;
  const Cuts cuts_;
  Cut cut_;  // what cache_ holds; no cache: the graph's inputs
  std::unique_ptr<ActivationCache> cache_;
  uint32_t layers_since_cut_ = 0;
};

}  // namespace

void correct_bias(const Model& model, const Calibration& calibration, const SampleSource& samples,
                  QuantizationPlan& plan, const BiasCorrectionOptions& options, Progress& progress) {
  const ConcreteGraph concrete = value_or_throw(infer_concrete(model, input_shapes(model, 1, 1)));
  std::vector<Shape> shapes;
  for (const InferredTensor& tensor : concrete.tensors) shapes.push_back(tensor.shape);
  Corrector(model, calibration, samples, plan, options, std::move(shapes)).run(progress);
}

}  // namespace burin
