#include "runtime/chain_table.hpp"

#include <algorithm>

#include "ops/conv/kernel_chain.hpp"
#include "ops/selection.hpp"

namespace burin::runtime {

namespace {

struct ChainRow {
  Op first;
  const char* name;  // what a selection (ops/selection.hpp) calls it
  MatchChainFunction match;
  PrepareChainFunction prepare;
};

// Candidates of one operator stand in the order in which they are tried: the longer chains first.
constexpr ChainRow kEveryChain[] = {
    {Op::kConv2d, "chain_f32_row_tiles", match_f32_row_tiles, prepare_f32_row_tiles},
    {Op::kConv2d, "chain_f32_convolution", match_f32_convolution, prepare_f32_convolution},
    {Op::kConv2d, "chain_int8_convolution", match_int8_convolution, prepare_int8_convolution},
    {Op::kDepthwiseConv2d, "chain_f32_row_tiles", match_f32_row_tiles, prepare_f32_row_tiles},
    {Op::kDepthwiseConv2d, "chain_int8_convolution", match_int8_convolution, prepare_int8_convolution},
    {Op::kPad, "chain_f32_row_tiles", match_f32_row_tiles, prepare_f32_row_tiles},
    {Op::kPad, "chain_f32_convolution", match_f32_convolution, prepare_f32_convolution},
    {Op::kPad, "chain_int8_convolution", match_int8_convolution, prepare_int8_convolution},
    {Op::kPadV2, "chain_f32_row_tiles", match_f32_row_tiles, prepare_f32_row_tiles},
    {Op::kPadV2, "chain_f32_convolution", match_f32_convolution, prepare_f32_convolution},
    {Op::kPadV2, "chain_int8_convolution", match_int8_convolution, prepare_int8_convolution},
};
constexpr auto kChains = selected_rows<count_selected(kEveryChain)>(kEveryChain);

}  // namespace

bool begins_chain(Op op) { return std::ranges::find(kChains, op, &ChainRow::first) != std::end(kChains); }

ChainMatch match_chain(std::span<const ChainLink> chain) {
  for (const ChainRow& row : kChains) {
    if (row.first != chain.front().op) continue;
    const size_t links = row.match(chain);
    if (links >= 2) return {links, row.prepare, row.name};
  }
  return {};
}

}  // namespace burin::runtime
