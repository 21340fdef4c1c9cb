// Weights of convolutions are transposed to [k][lane] once, lanes being output channels, so that the inner loop
// vectorizes while every output is still summed over k in ascending order. Padding is left out of the sum: in quantized
// types it stands for the input's zero point.
#include "ops/weighted_sum.hpp"

#include <algorithm>
#include <cmath>

#include "ops/integer_values.hpp"

namespace burin {

namespace {

int8_t int4_code(const uint8_t* bytes, size_t i) {
  return static_cast<int8_t>(((i % 2 == 0 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4) ^ 8) - 8);
}

}  // namespace

void unpack_int4(const TensorView& weights, std::vector<int8_t>& values) {
  values.resize(static_cast<size_t>(weights.shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = int4_code(weights.as<uint8_t>(), i);
}

namespace {

constexpr int kSumLanes = 16;  // output channels that are summed together

// Which types are multiplied and summed.
struct FloatSum {
  using Weight = float;
  using Sum = float;
  static void add(float& sum, float value, float weight) { sum += value * weight; }
};

// 8-bit activations. Sums wrap around, as they do in LiteRT: only absurd depths reach 2^31.
struct IntegerSum {
  using Weight = int16_t;
  using Sum = uint32_t;
  static void add(uint32_t& sum, int16_t value, int16_t weight) {
    sum += static_cast<uint32_t>(int32_t{value} * weight);
  }
};

// 16-bit activations.
struct LongSum {
  using Weight = int16_t;
  using Sum = int64_t;
  static void add(int64_t& sum, int16_t value, int16_t weight) { sum += int32_t{value} * weight; }
};

// What sums start from (the bias) and how they become outputs.
template <typename Sum>
class Finish {
 public:
  // Fills the sums of `count` output channels.
  virtual void start(int64_t first_channel, int64_t count, Sum* sums) const = 0;
  // Writes them; row counts output pixels.
  virtual void store(int64_t row, int64_t batch, int64_t first_channel, int64_t count, const Sum* sums) const = 0;

 protected:
  ~Finish() = default;
};

Status widen_weights(std::string_view op, const TensorView& weights, int64_t channels, std::vector<int16_t>& values) {
  std::vector<float> scales;
  int32_t zero_point;
  if (Status status = read_weight_scales(op, weights, channels, scales, zero_point); !status.is_ok()) return status;
  values.resize(static_cast<size_t>(weights.shape.elements()));
  const auto* bytes = weights.as<uint8_t>();
  for (size_t i = 0; i < values.size(); ++i) {
    switch (weights.type) {
      case ElementType::kInt4:
        values[i] = int4_code(bytes, i);
        break;
      case ElementType::kUInt8:
        values[i] = static_cast<int16_t>(bytes[i] - zero_point);
        break;
      default:
        values[i] = static_cast<int8_t>(bytes[i]);
    }
  }
  return {};
}

Status read_bias(std::string_view op, const EvaluateContext& context, int64_t channels, std::vector<float>& bias) {
  bias.assign(static_cast<size_t>(channels), 0.0f);
  if (context.inputs.size() < 3 || !context.inputs[2].present()) return {};
  if (context.inputs[2].type != ElementType::kFloat32) {
    return misfit(std::string(op) + ": bias is " + std::string(name(context.inputs[2].type)) + ", not float32");
  }
  std::memcpy(bias.data(), context.inputs[2].data, bias.size() * sizeof(float));
  return {};
}

Status read_bias(std::string_view op, const EvaluateContext& context, int64_t channels, std::vector<int64_t>& bias) {
  bias.assign(static_cast<size_t>(channels), 0);
  if (context.inputs.size() < 3 || !context.inputs[2].present()) return {};
  return read_integers(op, "bias", context.inputs[2], bias);
}

class FloatFinish final : public Finish<float> {
 public:
  Status prepare(const EvaluateContext& context, const WeightedSum& sum) {
    output_ = context.outputs[0].as<float>();
    channels_ = sum.output_channels;
    range_ = activation_range(sum.activation);
    return read_bias(sum.op, context, channels_, bias_);
  }
  void start(int64_t first, int64_t count, float* sums) const override {
    for (int64_t i = 0; i < count; ++i) sums[i] = bias_[static_cast<size_t>(first + i)];
  }
  void store(int64_t row, int64_t, int64_t first, int64_t count, const float* sums) const override {
    float* output = output_ + row * channels_ + first;
    for (int64_t i = 0; i < count; ++i) output[i] = std::clamp(sums[i], range_.min, range_.max);
  }

 private:
  std::vector<float> bias_;
  float* output_ = nullptr;
  int64_t channels_ = 0;
  FloatRange range_{};
};

int32_t accumulator(uint32_t sum) { return static_cast<int32_t>(sum); }
int64_t accumulator(int64_t sum) { return sum; }

template <typename Sum>
class QuantizedFinish final : public Finish<Sum> {
 public:
  Status prepare(const EvaluateContext& context, const WeightedSum& sum) {
    output_ = context.outputs[0];
    channels_ = sum.output_channels;
    if (Status status = read_bias(sum.op, context, channels_, bias_); !status.is_ok()) return status;
    return ChannelRequantizer::make(sum.op, context.inputs[0], context.inputs[1], context.outputs[0], channels_,
                                    sum.activation, context.arithmetic, sum.rounding, requantize_);
  }
  void start(int64_t first, int64_t count, Sum* sums) const override {
    for (int64_t i = 0; i < count; ++i) sums[i] = static_cast<Sum>(bias_[static_cast<size_t>(first + i)]);
  }
  void store(int64_t row, int64_t, int64_t first, int64_t count, const Sum* sums) const override {
    int64_t codes[kSumLanes];
    for (int64_t i = 0; i < count; ++i) codes[i] = requantize_(accumulator(sums[i]), first + i);
    store_integers(codes, count, output_, row * channels_ + first);
  }

 private:
  std::vector<int64_t> bias_;
  MutableTensorView output_{};
  int64_t channels_ = 0;
  ChannelRequantizer requantize_;
};

struct QuantizedRows {
  std::vector<int16_t> codes;
  std::vector<float> scales;
};

QuantizedRows quantize_rows(const float* values, int64_t rows, int64_t columns, RowCoding coding) {
  QuantizedRows result;
  result.codes.resize(static_cast<size_t>(rows * columns));
  for (int64_t row = 0; row < rows; ++row) {
    const float* x = values + row * columns;
    int16_t* codes = result.codes.data() + row * columns;
    float low = 0.0f, high = 0.0f;
    for (int64_t i = 0; i < columns; ++i) {
      low = std::min(low, x[i]);
      high = std::max(high, x[i]);
    }
    const gemm::RowAffine affine = gemm::row_affine(low, high, coding);
    for (int64_t i = 0; i < columns; ++i) {
      const float code = std::round(static_cast<float>(affine.zero_point) + x[i] * affine.inverse);
      codes[i] = static_cast<int16_t>(nearest_code(code, {affine.min, affine.max}) - affine.zero_point);
    }
    result.scales.push_back(affine.scale);
  }
  return result;
}

// sum * row scale * weight scale + bias. There is a row scale per batch, or with `scale_per_row` per output row.
class HybridFinish final : public Finish<uint32_t> {
 public:
  Status prepare(const EvaluateContext& context, const WeightedSum& sum, std::vector<float> row_scales) {
    scale_per_row_ = sum.coding.row_is_pixel;
    output_ = context.outputs[0].as<float>();
    channels_ = sum.output_channels;
    range_ = activation_range(sum.activation);
    row_scales_ = std::move(row_scales);
    int32_t zero_point;
    Status status = read_weight_scales(sum.op, context.inputs[1], channels_, weight_scales_, zero_point);
    return status.is_ok() ? read_bias(sum.op, context, channels_, bias_) : status;
  }
  void start(int64_t, int64_t count, uint32_t* sums) const override { std::fill_n(sums, count, 0u); }
  void store(int64_t row, int64_t batch, int64_t first, int64_t count, const uint32_t* sums) const override {
    float* output = output_ + row * channels_ + first;
    const float row_scale = row_scales_[static_cast<size_t>(scale_per_row_ ? row : batch)];
    for (int64_t i = 0; i < count; ++i) {
      const auto channel = static_cast<size_t>(first + i);
      const float scale = row_scale * weight_scales_[weight_scales_.size() > 1 ? channel : 0];
      output[i] = std::clamp(static_cast<float>(static_cast<int32_t>(sums[i])) * scale + bias_[channel], range_.min,
                             range_.max);
    }
  }

 private:
  std::vector<float> bias_;
  std::vector<float> weight_scales_;
  std::vector<float> row_scales_;
  bool scale_per_row_ = false;
  float* output_ = nullptr;
  int64_t channels_ = 0;
  FloatRange range_{};
};

// Calls visit(n, y, x) for every output pixel.
template <typename Visit>
void for_each_pixel(const WeightedSum& g, Visit visit) {
  for (int64_t n = 0; n < g.batch; ++n) {
    for (int32_t y = 0; y < g.height.output; ++y) {
      for (int32_t x = 0; x < g.width.output; ++x) visit(n, y, x);
    }
  }
}

// Calls visit(tap, offset) for every kernel position that reads inside the input; offset counts pixels of the image.
template <typename Visit>
void for_each_tap(const WeightedSum& g, int32_t y, int32_t x, Visit visit) {
  for (int32_t ky = 0; ky < g.height.kernel; ++ky) {
    const int64_t iy = g.height.start(y) + int64_t{ky} * g.height.dilation;
    if (iy < 0 || iy >= g.height.input) continue;
    for (int32_t kx = 0; kx < g.width.kernel; ++kx) {
      const int64_t ix = g.width.start(x) + int64_t{kx} * g.width.dilation;
      if (ix < 0 || ix >= g.width.input) continue;
      visit(ky * g.width.kernel + kx, iy * g.width.input + ix);
    }
  }
}

template <typename T>
void convolve(const WeightedSum& g, const typename T::Weight* input, const typename T::Weight* weights,
              const Finish<typename T::Sum>& finish) {
  using Weight = typename T::Weight;
  const int32_t groups = g.input_channels / g.kernel_channels;
  const int32_t group_outputs = g.output_channels / groups;
  const int32_t blocks = (group_outputs + kSumLanes - 1) / kSumLanes;
  const int64_t depth = int64_t{g.height.kernel} * g.width.kernel * g.kernel_channels;
  std::vector<Weight> packed(static_cast<size_t>(int64_t{groups} * blocks * depth * kSumLanes));
  for (int32_t o = 0; o < g.output_channels; ++o) {
    const int32_t group = o / group_outputs, within = o % group_outputs;
    Weight* block =
        packed.data() + (int64_t{group} * blocks + within / kSumLanes) * depth * kSumLanes + within % kSumLanes;
    for (int64_t k = 0; k < depth; ++k) block[k * kSumLanes] = weights[o * depth + k];
  }
  const int64_t image = int64_t{g.height.input} * g.width.input;
  int64_t pixel = 0;
  for_each_pixel(g, [&](int64_t n, int32_t y, int32_t x) {
    for (int32_t group = 0; group < groups; ++group) {
      for (int32_t block = 0; block < blocks; ++block) {
        const Weight* lanes = packed.data() + (int64_t{group} * blocks + block) * depth * kSumLanes;
        const int32_t first = group * group_outputs + block * kSumLanes;
        const int32_t count = std::min(kSumLanes, group_outputs - block * kSumLanes);
        typename T::Sum sums[kSumLanes] = {};
        finish.start(first, count, sums);
        for_each_tap(g, y, x, [&](int32_t tap, int64_t offset) {
          const Weight* values = input + (n * image + offset) * g.input_channels + group * g.kernel_channels;
          const Weight* w = lanes + int64_t{tap} * g.kernel_channels * kSumLanes;
          for (int32_t c = 0; c < g.kernel_channels; ++c, w += kSumLanes) {
            for (int i = 0; i < kSumLanes; ++i) T::add(sums[i], values[c], w[i]);
          }
        });
        finish.store(pixel, n, first, count, sums);
      }
    }
    ++pixel;
  });
}

template <typename T>
void convolve_depthwise(const WeightedSum& g, const typename T::Weight* input, const typename T::Weight* weights,
                        const Finish<typename T::Sum>& finish) {
  using Weight = typename T::Weight;
  const int32_t multiplier = g.output_channels / g.input_channels;
  const int64_t image = int64_t{g.height.input} * g.width.input;
  int64_t pixel = 0;
  for_each_pixel(g, [&](int64_t n, int32_t y, int32_t x) {
    for (int32_t first = 0; first < g.output_channels; first += kSumLanes) {
      const int32_t count = std::min(kSumLanes, g.output_channels - first);
      typename T::Sum sums[kSumLanes] = {};
      finish.start(first, count, sums);
      for_each_tap(g, y, x, [&](int32_t tap, int64_t offset) {
        const Weight* values = input + (n * image + offset) * g.input_channels;
        const Weight* w = weights + int64_t{tap} * g.output_channels + first;
        for (int32_t i = 0; i < count; ++i) {
          T::add(sums[i], values[multiplier == 1 ? first + i : (first + i) / multiplier], w[i]);
        }
      });
      finish.store(pixel, n, first, count, sums);
    }
    ++pixel;
  });
}

template <typename T>
void convolve_any(const WeightedSum& sum, const typename T::Weight* input, const typename T::Weight* weights,
                  const Finish<typename T::Sum>& finish) {
  return sum.depthwise ? convolve_depthwise<T>(sum, input, weights, finish) : convolve<T>(sum, input, weights, finish);
}

Status evaluate_float(const EvaluateContext& context, const WeightedSum& sum) {
  const InputValues<float> input(context.inputs[0]), weights(context.inputs[1]);
  FloatFinish finish;
  Status status = finish.prepare(context, sum);
  if (status.is_ok()) convolve_any<FloatSum>(sum, input.data(), weights.data(), finish);
  return status;
}

// Codes less their zero point; int16 has none.
Status center_codes(const WeightedSum& sum, const TensorView& input, std::vector<int16_t>& codes) {
  AffineParameters parameters;
  if (Status status = read_affine(sum.op, "input", input, parameters); !status.is_ok()) return status;
  codes.resize(static_cast<size_t>(input.shape.elements()));
  const int32_t zero_point = input.type == ElementType::kInt16 ? 0 : parameters.zero_point;
  const auto count = static_cast<int64_t>(codes.size());
  int64_t values[kIntegerBlock];
  for (int64_t first = 0; first < count; first += kIntegerBlock) {
    const int64_t block = std::min(kIntegerBlock, count - first);
    load_integers(input, first, 1, block, values);
    for (int64_t i = 0; i < block; ++i) {
      codes[static_cast<size_t>(first + i)] = static_cast<int16_t>(values[i] - zero_point);
    }
  }
  return {};
}

template <typename T>
Status evaluate_quantized(const EvaluateContext& context, const WeightedSum& sum) {
  std::vector<int16_t> weights, codes;
  Status status = widen_weights(sum.op, context.inputs[1], sum.output_channels, weights);
  if (status.is_ok()) status = center_codes(sum, context.inputs[0], codes);
  QuantizedFinish<typename T::Sum> finish;
  if (status.is_ok()) status = finish.prepare(context, sum);
  if (status.is_ok()) convolve_any<T>(sum, codes.data(), weights.data(), finish);
  return status;
}

Status evaluate_hybrid(const EvaluateContext& context, const WeightedSum& sum) {
  std::vector<int16_t> weights;
  if (Status status = widen_weights(sum.op, context.inputs[1], sum.output_channels, weights); !status.is_ok()) {
    return status;
  }
  const InputValues<float> input(context.inputs[0]);
  const int64_t pixels = int64_t{sum.height.input} * sum.width.input;
  const auto [row_is_pixel, coding] = sum.coding;
  QuantizedRows rows = quantize_rows(input.data(), sum.batch * (row_is_pixel ? pixels : 1),
                                     (row_is_pixel ? 1 : pixels) * sum.input_channels, coding);
  HybridFinish finish;
  Status status = finish.prepare(context, sum, std::move(rows.scales));
  if (status.is_ok()) convolve_any<IntegerSum>(sum, rows.codes.data(), weights.data(), finish);
  return status;
}

}  // namespace

Status evaluate_weighted_sum(const EvaluateContext& context, const WeightedSum& sum) {
  const ElementType type = context.inputs[0].type, weights = context.inputs[1].type;
  if (context.outputs[0].type != type) return unsupported_type(sum.op, context.outputs[0].type);
  const bool small_weights = weights == ElementType::kInt8 || weights == ElementType::kInt4;
  if (type == ElementType::kFloat32 && weights == ElementType::kFloat32) return evaluate_float(context, sum);
  if (type == ElementType::kFloat32 && small_weights) return evaluate_hybrid(context, sum);
  if ((type == ElementType::kInt8 && small_weights) ||
      (type == ElementType::kUInt8 && weights == ElementType::kUInt8)) {
    return evaluate_quantized<IntegerSum>(context, sum);
  }
  if (type == ElementType::kInt16 && small_weights) return evaluate_quantized<LongSum>(context, sum);
  return Status(StatusCode::kUnsupported, std::string(sum.op) + " does not take " + std::string(name(weights)) +
                                              " weights with " + std::string(name(type)) + " activations");
}

}  // namespace burin
