// For any machine.
#include "gemm/quantize_row.hpp"

namespace burin::gemm {

namespace {

#include "gemm/quantize_row.inc.hpp"

}  // namespace

constinit const QuantizeRowKernels kQuantizeRowPortable = {extremes, codes, rows};

}  // namespace burin::gemm
