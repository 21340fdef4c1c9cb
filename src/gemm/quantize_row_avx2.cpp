// AVX2.
#include "gemm/quantize_row.hpp"

namespace burin::gemm {

namespace {

#include "gemm/quantize_row.inc.hpp"

}  // namespace

constinit const QuantizeRowKernels kQuantizeRowAvx2 = {extremes, codes};

}  // namespace burin::gemm
