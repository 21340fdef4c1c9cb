// PAD fills with zero (in quantized types: its code), PADV2 with input 2. Works on bytes: any type of whole bytes.
#include <cstring>

#include "ops/pad/paddings.hpp"
#include "ops/requantize.hpp"

namespace burin {

namespace {

Status pad(std::string_view op, const EvaluateContext& context, const std::byte* fill) {
  const TensorView& input = context.inputs[0];
  const MutableTensorView& output = context.outputs[0];
  const auto size = static_cast<int64_t>(bit_width(input.type) / 8);
  if (size == 0 || output.type != input.type) return unsupported_type(op, input.type);
  Paddings paddings;
  if (Status status = read_paddings(op, input, context.inputs[1], paddings); !status.is_ok()) return status;
  if (!(paddings.output == output.shape)) {
    return misfit(std::string(op) + ": the paddings make " + to_string(paddings.output) + ", not " +
                  to_string(output.shape));
  }
  const int64_t elements = output.shape.elements();
  for (int64_t i = 0; i < elements; ++i) std::memcpy(output.data + i * size, fill, static_cast<size_t>(size));
  const int rank = input.shape.rank();
  const int64_t count = input.shape.elements();
  if (count == 0) return {};
  const int64_t row = rank == 0 ? 1 : input.shape.back();
  std::array<int64_t, Shape::kMaxRank> index{};  // of the input's row
  for (int64_t done = 0; done < count; done += row) {
    int64_t offset = 0;
    for (int i = 0; i < rank; ++i) {
      offset = offset * output.shape[i] + index[static_cast<size_t>(i)] + paddings.before[static_cast<size_t>(i)];
    }
    std::memcpy(output.data + offset * size, input.data + done * size, static_cast<size_t>(row * size));
    for (int i = rank - 2; i >= 0; --i) {
      if (++index[static_cast<size_t>(i)] < input.shape[i]) break;
      index[static_cast<size_t>(i)] = 0;
    }
  }
  return {};
}

}  // namespace

Status evaluate_pad(const EvaluateContext& context) {
  const TensorView output = context.outputs[0];
  std::array<std::byte, 8> fill{};  // zero in every type
  if (output.quantization != nullptr && !output.quantization->scales.empty()) {
    AffineParameters parameters;
    if (Status status = read_affine("PAD", "output", output, parameters); !status.is_ok()) return status;
    std::memcpy(fill.data(), &parameters.zero_point, sizeof(parameters.zero_point));  // little endian: low bytes first
  }
  return pad("PAD", context, fill.data());
}

Status evaluate_pad_v2(const EvaluateContext& context) {
  if (context.inputs[2].type != context.inputs[0].type || !context.inputs[2].present()) {
    return misfit("PADV2: the constant does not have the input's type");
  }
  return pad("PADV2", context, context.inputs[2].data);
}

}  // namespace burin
