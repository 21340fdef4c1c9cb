// AVX-VNNI: the 256-bit VNNI instructions of processors without AVX-512.
#include <immintrin.h>

#include "gemm/int8_kernels.hpp"
#include "ops/selection.hpp"

namespace burin::gemm {

namespace {

inline __m256i dot(__m256i sum, __m256i codes, __m256i weights) { return _mm256_dpbusd_avx_epi32(sum, codes, weights); }

#include "gemm/int8_avx2.inc.hpp"
#include "gemm/int8_vnni256.inc.hpp"
// Then what is made of them.
#include "gemm/int8_kernels.inc.hpp"
// Then the strips, which use its kinds of output.
#include "gemm/int8_depthwise_strips.inc.hpp"

}  // namespace

constinit const Int8Kernels kInt8AvxVnni = int8_kernel_set<Vnni256>("int8_gemm_avxvnni", 128, prepare_rows_vnni256);

constinit const Int8DepthwiseKernels kInt8DepthwiseAvxVnni =
    int8_strip_kernels<Vnni256Strips>("int8_depthwise_avxvnni");

}  // namespace burin::gemm
