// A layer with int8 weights applied to int8 codes, up to where it would add its bias, round and activate: the integer
// sums, by the kernels of the runtime, which hand them on tile by tile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "gemm/int8_depthwise.hpp"
#include "gemm/int8_product.hpp"
#include "graph/model.hpp"

namespace burin {

class LayerSums {
 public:
  // `node`: one with weights (QuantizationRule::kWeighted), whose input has that shape and zero point. `weights`: a
  // code for every value of the kernel.
  LayerSums(const Node& node, const Shape& input, const Shape& kernel, std::span<const int8_t> weights,
            int32_t zero_point);

  size_t rows() const { return rows_; }  // [rows, channels]
  // In the thread that calls; `scratch` is made as large as it has to be.
  void run(const int8_t* codes, const gemm::SumsConsumer& consumer, std::vector<std::byte>& scratch) const;

 private:
  int8_t zero_point_;
  size_t rows_ = 0;
  std::variant<std::monostate, gemm::Int8Product, gemm::Int8DepthwiseConvolution> product_;
};

}  // namespace burin
