// The closed list of operators. Both operator tables (operator.hpp, toolkit_operator.hpp) have one row for each.
#pragma once

#include <cstddef>
#include <cstdint>

namespace burin {

enum class Op : uint8_t {
  // TFLite builtin operators, by name
  kAbs,
  kAdd,
  kAveragePool2d,
  kCeil,
  kConcatenation,
  kConv2d,
  kDepthwiseConv2d,
  kDequantize,
  kDiv,
  kElu,
  kExp,
  kExpandDims,
  kFullyConnected,
  kGelu,
  kHardSwish,
  kLeakyRelu,
  kLog,
  kLogSoftmax,
  kLogistic,
  kMaxPool2d,
  kMaximum,
  kMean,
  kMinimum,
  kMul,
  kNeg,
  kPack,
  kPad,
  kPadV2,
  kPrelu,
  kQuantize,
  kReduceMax,
  kRelu,
  kRelu6,
  kReluN1To1,
  kReshape,
  kResizeBilinear,
  kResizeNearestNeighbor,
  kRsqrt,
  kShape,
  kSlice,
  kSoftmax,
  kSqrt,
  kSquare,
  kSqueeze,
  kStridedSlice,
  kSub,
  kSum,
  kTanh,
  kTranspose,
  // Source-only operators: from here on, lowered by passes and unknown to the runtime library.
  kBatchNormalization,  // inputs: x, then as the attributes say gamma, beta; then moving mean, moving variance
  kIdentity,            // dropout, augmentation, linear activation: what inference leaves alone
  kRescaling,           // x * scale + offset
};

inline constexpr size_t kOpCount = static_cast<size_t>(Op::kRescaling) + 1;
inline constexpr size_t kBuiltinOpCount = static_cast<size_t>(Op::kBatchNormalization);

constexpr bool is_source_only(Op op) { return static_cast<size_t>(op) >= kBuiltinOpCount; }

}  // namespace burin
