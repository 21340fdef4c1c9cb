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
#include "quantize/layer_sums.hpp"
#include "quantize/least_squares_rounding.hpp"
#include "quantize/sample_loop.hpp"
#include "quantize/sub_model.hpp"
#include "quantize/sum_statistics.hpp"
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

FloatRange range_of(const Node& node) {
  const FusedActivation* activation = fused_activation(node.attributes);
  return activation_range(activation == nullptr ? FusedActivation::kNone : *activation);
}

// Shift of one channel's bias that makes its mean after the activation that of `reference`.
double find_shift(const SumStatistics& measured, const ChannelStatistics& reference, size_t channel) {
  double shift = reference.sum[channel] / reference.count - measured.mean(channel);
  const ChannelHistogram* histogram = measured.histogram();
  if (histogram == nullptr) return shift;
  const double target = reference.activated_sum[channel] / reference.count;
  for (int step = 0; step < kNewtonSteps; ++step) {
    const double now = measured.activated_mean(channel) + histogram->activated_shift(channel, shift);
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
      if (plan_.nodes[id].arithmetic == NodeArithmetic::kInteger && !is_constant(node.inputs[0]) &&
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
    if (used_before) return;
    const Shape& shape = graph_.tensors[node.inputs[1]].shape;
    if (int64_t{shape[1]} * shape[2] > kMostTaps) return;
    const auto& attributes = std::get<DepthwiseConv2dAttributes>(node.attributes);
    WindowAxis height, width;
    throw_if_error(make_window_axis("DEPTHWISE_CONV_2D", "height", attributes.padding, shapes_[input][1], shape[1],
                                    attributes.stride_h, attributes.dilation_h, height));
    throw_if_error(make_window_axis("DEPTHWISE_CONV_2D", "width", attributes.padding, shapes_[input][2], shape[2],
                                    attributes.stride_w, attributes.dilation_w, width));

    const std::vector<TensorId> outputs = {input};
    const SubModel part = until(outputs);
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
    for_each_sample(count, options_.threads, [&](size_t i, size_t worker) {
      workers[worker]->run(i * step, nullptr);
      const TensorView codes = workers[worker]->layer_input();
      moments[worker].add({codes.as<int8_t>(), static_cast<size_t>(codes.shape.elements())}, zero_point, i);
    });
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
    // The layer's input first, then what the next cut keeps and the present does not hold already.
    const Node& node = graph_.nodes[layer];
    const TensorId input = node.inputs[0];
    std::vector<TensorId> outputs = {input};
    if (next) {
      const int64_t taken = cache_ ? cache_->memory_bytes() : 0;
      next_cache =
          std::make_unique<ActivationCache>(samples_.size(), next->bytes, options_.activation_cache_bytes - taken);
      for (const TensorId id : next->tensors) {
        if (id != input && std::ranges::find(cut_.tensors, id) == cut_.tensors.end() && !is_graph_input(id)) {
          outputs.push_back(id);
        }
      }
    }
    const SubModel part = until(outputs);
    const Program program = value_or_throw(Program::from_model(apply(part.model, part.plan)));

    const Tensor& kernel = graph_.tensors[node.inputs[1]];
    const TensorPlan& kernel_plan = plan_.tensors[node.inputs[1]];
    const Quantization& input_quantization = *plan_.tensors[input].quantization;
    const std::vector<int8_t> codes = weight_codes(model_, kernel, kernel_plan);
    const LayerSums sums(node, shapes_[input], kernel.shape, codes, input_quantization.zero_points[0]);
    const std::vector<float> bias = bias_of(layer);
    const SumStatistics none(sum_scales(input_quantization, *kernel_plan.quantization, bias.size()), bias,
                             range_of(node), calibration_.nodes[layer].max);
    std::vector<SumStatistics> statistics(static_cast<size_t>(std::max(options_.threads, 1)), none);
    std::vector<std::unique_ptr<Worker>> workers;
    for (size_t i = 0; i < statistics.size(); ++i) {
      workers.push_back(std::make_unique<Worker>(*this, program, part, outputs, next ? &*next : nullptr));
    }
    for_each_sample(samples_.size(), options_.threads, [&](size_t sample, size_t worker) {
      workers[worker]->run(sample, next_cache.get());
      statistics[worker].begin_sample(sums.rows(), sample);
      sums.run(workers[worker]->layer_input().as<int8_t>(), SumsToStatistics(statistics[worker]),
               workers[worker]->scratch);
    });
    for (size_t i = 1; i < statistics.size(); ++i) statistics[0].add(statistics[i]);
    set_bias(layer, bias, statistics[0]);
    if (next) {
      cut_ = *next;
      cache_ = std::move(next_cache);
      layers_since_cut_ = 0;
    }
  }

  std::vector<float> bias_of(NodeId layer) const {
    const Node& node = graph_.nodes[layer];
    if (node.inputs.size() > 2 && node.inputs[2] != kNoId) {
      return model_.constant_values<float>(graph_.tensors[node.inputs[2]].constant);
    }
    return std::vector<float>(static_cast<size_t>(shapes_[node.outputs[0]].back()), 0.0f);
  }

  void set_bias(NodeId layer, std::vector<float> bias, const SumStatistics& measured) {
    for (size_t c = 0; c < bias.size(); ++c) {
      bias[c] = static_cast<float>(bias[c] + find_shift(measured, calibration_.nodes[layer], c));
    }
    plan_.nodes[layer].bias = std::move(bias);
  }

  // From the present cut to `outputs`.
  SubModel until(std::span<const TensorId> outputs) const {
    SubModel part = extract(model_, plan_, cut_.position, outputs, shapes_);
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
      if (owner.cache_) return;
      for (const TensorId id : owner.graph_.inputs) {
        inputs_.emplace_back(static_cast<size_t>(owner.shapes_[id].elements()));
      }
      for (auto& values : inputs_) input_spans_.emplace_back(values);
    }

    void run(size_t sample, ActivationCache* next_cache) {
      if (owner_.cache_) {
        record_ = owner_.cache_->read(sample, spare_);
      } else {
        owner_.samples_.load(sample, input_spans_);
      }
      for (size_t i = 0; i < part_.inputs.size(); ++i) copy_in(part_.inputs[i], session_.input(i));
      throw_if_error(session_.invoke());
      if (next_ == nullptr) return;
      next_cache->write(sample, spare_for_next_, [&](std::byte* record) {
        for (size_t i = 0; i < next_->tensors.size(); ++i) keep(next_->tensors[i], record + next_->offsets[i]);
      });
    }

    TensorView layer_input() const { return session_.output(0); }

    std::vector<std::byte> scratch;  // of LayerSums

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

    void keep(TensorId id, std::byte* to) {
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
    std::span<const std::byte> record_;
    std::vector<std::byte> spare_, spare_for_next_;
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
