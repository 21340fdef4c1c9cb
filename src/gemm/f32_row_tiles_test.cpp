// On each instruction set: tiles of rows give the bits of products and depthwise convolutions one after the other.
#include "gemm/f32_row_tiles.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "kernel_expectations.hpp"
#include "small_models.hpp"

namespace burin::gemm {
namespace {

struct Chain {
  int32_t size, channels, expanded, projected;
  int32_t kernel = 3, stride = 1, first_kernel = 1;
};

Patches square(int64_t size, int64_t channels, int64_t kernel, int64_t stride) {
  Patches p;
  p.in_h = p.in_w = size;
  p.pixel_stride = p.channels = channels;
  p.kernel_h = p.kernel_w = kernel;
  p.stride_h = p.stride_w = stride;
  p.out_h = p.out_w = (size + stride - 1) / stride;
  p.pad_top = p.pad_left = ((p.out_h - 1) * stride + kernel - size) / 2;
  p.pad_top = p.pad_left = std::max<int64_t>(p.pad_top, 0);
  return p;
}

class Tensor {
 public:
  explicit Tensor(int64_t count, uint32_t seed = 0) : values_(seeded_floats(static_cast<size_t>(count), seed, -2, 2)) {}
  float* data() { return values_.data(); }
  const std::byte* bytes() const { return reinterpret_cast<const std::byte*>(values_.data()); }
  bool operator==(const Tensor&) const = default;

 private:
  std::vector<float> values_;
};

template <typename Product>
void run(const Product& product, const float* image, Tensor& output, int threads, const F32Epilogue& epilogue = {}) {
  runtime::ThreadPool pool(threads);
  AlignedBuffer<std::byte> scratch(product.scratch_bytes(pool.threads()));
  product.run(image, output.data(), scratch.data(), pool, epilogue);
}

void expect_equal(const Chain& c, const F32Kernels& kernels) {
  const FloatRange relu6 = activation_range(FusedActivation::kRelu6);
  const Patches first = square(c.size, c.channels, c.first_kernel, c.first_kernel > 1 ? 2 : 1);
  Patches middle = square(first.out_h, c.expanded, c.kernel, c.stride);
  const Patches last = square(middle.out_h, c.expanded, 1, 1);
  Tensor image(c.size * c.size * c.channels, 1), addend(last.rows() * c.projected, 2);
  const Tensor first_weights(c.expanded * first.depth(), 3), weights(middle.taps() * c.expanded, 4);
  const Tensor last_weights(c.projected * c.expanded, 5), bias(std::max(c.expanded, c.projected), 6);
  const auto make_first = [&] {
    return F32Product(kernels, first, 1, c.expanded, {first_weights.bytes(), 0, first.depth(), 1}, bias.bytes(), relu6);
  };
  const auto make_last = [&] {
    return F32Product(kernels, last, 1, c.projected, {last_weights.bytes(), 0, c.expanded, 1}, bias.bytes(), relu6);
  };
  const F32Depthwise depthwise{middle, weights.bytes(), bias.bytes(), relu6};
  const F32Epilogue epilogue{.addend = addend.data(), .clamp = relu6};

  Tensor wide(first.rows() * c.expanded), spatial(middle.rows() * c.expanded), expected(last.rows() * c.projected);
  run(make_first(), image.data(), wide, 1);
  run(F32RowTiles(kernels, {}, nullptr, depthwise, {}), wide.data(), spatial, 1);
  run(make_last(), spatial.data(), expected, 1, epilogue);

  const F32RowTiles whole(kernels, make_first(), nullptr, depthwise, make_last());
  const F32RowTiles without_last(kernels, make_first(), nullptr, depthwise, {});
  const F32RowTiles without_first(kernels, {}, nullptr, depthwise, make_last());
  for (const int threads : {1, 2, 5}) {
    Tensor output(last.rows() * c.projected), between(middle.rows() * c.expanded);
    run(whole, image.data(), output, threads, epilogue);
    EXPECT_TRUE(output == expected) << threads << " threads";
    run(without_last, image.data(), between, threads);
    EXPECT_TRUE(between == spatial) << threads << " threads, without the last product";
    run(without_first, wide.data(), output, threads, epilogue);
    EXPECT_TRUE(output == expected) << threads << " threads, without the first product";
  }
}

constexpr Chain kChains[] = {
    {14, 16, 96, 24},          {7, 32, 200, 64},       {30, 8, 64, 16, 3, 2},
    {50, 6, 40, 10, 5, 1},     {29, 12, 70, 33, 5, 2}, {33, 3, 32, 16, 3, 1, 3},
    {40, 3, 16, 100, 7, 1, 5}, {1, 9, 128, 17},        {9, 48, 130, 48, 2, 1},
};

TEST(F32RowTiles, HaveTheBitsOfSeparateSteps) {
  for (const runtime::InstructionSet set : levels()) {
    for (const Chain& chain : kChains) {
      SCOPED_TRACE(std::string(runtime::name(set)) + ", " + std::to_string(chain.size) + " x " +
                   std::to_string(chain.expanded));
      expect_equal(chain, f32_kernels(set));
    }
  }
}

}  // namespace
}  // namespace burin::gemm
