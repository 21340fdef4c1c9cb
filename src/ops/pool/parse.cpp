#include "ops/parse_options.hpp"
#include "ops/pool/runtime.hpp"

namespace burin {

// Pool2DOptions: padding, stride_w, stride_h, filter_width, filter_height, fused activation.
Status parse_pool2d(const FlatTable& options, Attributes& attributes) {
  auto& pool = attributes.emplace<Pool2dAttributes>();
  Status status = parse_padding(options, 0, pool.padding);
  if (status.is_ok()) status = parse_positive(options, 1, 0, "stride_w", pool.stride_w);
  if (status.is_ok()) status = parse_positive(options, 2, 0, "stride_h", pool.stride_h);
  if (status.is_ok()) status = parse_positive(options, 3, 0, "filter_width", pool.filter_w);
  if (status.is_ok()) status = parse_positive(options, 4, 0, "filter_height", pool.filter_h);
  if (status.is_ok()) status = parse_fused_activation(options, 5, pool.activation);
  return status;
}

}  // namespace burin
