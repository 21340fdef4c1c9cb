// One operator outside any graph: tensors with seeded values, the reference evaluation and prepared kernels.
#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gemm/aligned_buffer.hpp"
#include "ops/toolkit_operator.hpp"
#include "runtime/kernel.hpp"
#include "runtime/thread_pool.hpp"

namespace burin {

class OneOperator {
 public:
  OneOperator(Attributes attributes, Arithmetic arithmetic = Arithmetic::kLitert)
      : attributes_(std::move(attributes)), arithmetic_(arithmetic) {}

  // Uniform values; integers include both ends. `constant` inputs are known when kernels are prepared.
  template <typename T>
  void add_input(ElementType type, const Shape& shape, double low, double high, bool constant,
                 const Quantization* quantization = nullptr) {
    std::vector<std::byte>& bytes = memory_.emplace_back(static_cast<size_t>(byte_size(type, shape)));
    T* values = reinterpret_cast<T*>(bytes.data());
    for (int64_t i = 0; i < shape.elements(); ++i) {
      if constexpr (std::is_floating_point_v<T>) {
        values[i] = static_cast<T>(std::uniform_real_distribution<double>(low, high)(random_));
      } else {
        values[i] = static_cast<T>(
            std::uniform_int_distribution<int64_t>(static_cast<int64_t>(low), static_cast<int64_t>(high))(random_));
      }
    }
    inputs_.push_back({bytes.data(), type, shape, quantization});
    constant_.push_back(constant);
  }
  // Constant weights of any code.
  void add_codes(ElementType type, const Shape& shape, const Quantization* quantization) {
    if (type == ElementType::kInt8) return add_input<int8_t>(type, shape, -128, 127, true, quantization);
    add_input<uint8_t>(ElementType::kUInt8, {static_cast<int32_t>(byte_size(type, shape))}, 0, 255, true, quantization);
    inputs_.back().type = type;
    inputs_.back().shape = shape;
  }
  void set_output(ElementType type, const Shape& shape, const Quantization* quantization = nullptr) {
    output_type_ = type, output_shape_ = shape, output_quantization_ = quantization;
  }

  std::vector<std::byte>& input_bytes(size_t i) { return memory_[i]; }

  // The bytes of the output; an error leaves `status` behind.
  std::vector<std::byte> evaluate(Op op, Status& status) const {
    std::vector<std::byte> bytes = output_bytes();
    const MutableTensorView output = view(bytes);
    status = any_operator(op).evaluate({inputs_, {&output, 1}, attributes_, arithmetic_});
    return bytes;
  }

  runtime::PreparedResult prepare(runtime::PrepareFunction function, runtime::InstructionSet set) const {
    std::vector<TensorView> known = inputs_;
    for (size_t i = 0; i < known.size(); ++i) {
      if (!constant_[i]) known[i].data = nullptr;
    }
    const MutableTensorView output{nullptr, output_type_, output_shape_, output_quantization_};
    const std::unique_ptr<bool[]> present(new bool[known.size()]);
    std::fill_n(present.get(), known.size(), true);
    const std::vector<std::shared_ptr<const void>> owners(known.size());
    return function({known, {present.get(), known.size()}, {&output, 1}, attributes_, arithmetic_, owners}, set);
  }

  // Runs with scratch memory of exactly the size asked for. What a kernel writes behind its output, which sanitizers do
  // not see in every kernel, is an error.
  std::vector<std::byte> run(const runtime::PreparedKernel& kernel, int threads, Status& status) const {
    runtime::ThreadPool pool(threads);
    constexpr size_t kGuard = 256;
    std::vector<std::byte> bytes = output_bytes();
    const size_t size = bytes.size();
    bytes.resize(size + kGuard, std::byte{0x5a});
    status = run(kernel, pool, bytes);
    const auto untouched = [](std::byte value) { return value == std::byte{0x5a}; };
    if (status.is_ok() && !std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(size), bytes.end(), untouched)) {
      status = Status(StatusCode::kInvalidArgument, "the kernel wrote behind its output");
    }
    bytes.resize(size);
    return bytes;
  }
  Status run(const runtime::PreparedKernel& kernel, runtime::ThreadPool& pool, std::vector<std::byte>& bytes) const {
    gemm::AlignedBuffer<std::byte> scratch(kernel.scratch_bytes(pool.threads()));
    const MutableTensorView output = view(bytes);
    return kernel.run({inputs_, {&output, 1}, scratch.data(), pool});
  }

  std::vector<std::byte> output_bytes() const {
    return std::vector<std::byte>(static_cast<size_t>(byte_size(output_type_, output_shape_)), std::byte{0x5a});
  }

 private:
  MutableTensorView view(std::vector<std::byte>& bytes) const {
    return {bytes.data(), output_type_, output_shape_, output_quantization_};
  }

  Attributes attributes_;
  Arithmetic arithmetic_;
  std::mt19937_64 random_{1};
  std::deque<std::vector<std::byte>> memory_;
  std::vector<TensorView> inputs_;
  std::vector<bool> constant_;
  ElementType output_type_ = ElementType::kFloat32;
  Shape output_shape_;
  const Quantization* output_quantization_ = nullptr;
};

}  // namespace burin
