#include "runtime/chain_table.hpp"

#include <algorithm>

#include "ops/conv/kernel_chain.hpp"

namespace burin::runtime {

namespace {

struct Row {
  Op first;
  MatchChainFunction match;
  PrepareChainFunction prepare;
};

// Candidates of one operator stand in the order in which they are tried: the longer chains first.
constexpr Row kRows[] = {
    {Op::kConv2d, match_f32_row_tiles, prepare_f32_row_tiles},
    {Op::kConv2d, match_f32_convolution, prepare_f32_convolution},
    {Op::kDepthwiseConv2d, match_f32_row_tiles, prepare_f32_row_tiles},
    {Op::kPad, match_f32_row_tiles, prepare_f32_row_tiles},
    {Op::kPad, match_f32_convolution, prepare_f32_convolution},
    {Op::kPad, match_int8_padded_convolution, prepare_int8_padded_convolution},
    {Op::kPadV2, match_f32_row_tiles, prepare_f32_row_tiles},
    {Op::kPadV2, match_f32_convolution, prepare_f32_convolution},
    {Op::kPadV2, match_int8_padded_convolution, prepare_int8_padded_convolution},
};

}  // namespace

bool begins_chain(Op op) { return std::ranges::find(kRows, op, &Row::first) != std::end(kRows); }

ChainMatch match_chain(std::span<const ChainLink> chain) {
  for (const Row& row : kRows) {
    if (row.first != chain.front().op) continue;
    const size_t links = row.match(chain);
    if (links >= 2) return {links, row.prepare};
  }
  return {};
}

}  // namespace burin::runtime
