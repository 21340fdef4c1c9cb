// Files that lie or are damaged: each is refused before anything is allocated for what it claims, and before anything
// runs. The error says where, what and what to do.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>

#include "burin/runtime.hpp"
#include "mobilenet_file.hpp"
#include "watched_allocations.hpp"

namespace burin {
namespace {

using Bytes = std::vector<uint8_t>;

// The largest file here has 12 KiB; a program of it takes a few times that.
constexpr size_t kLargestAllocation = size_t{256} << 10;

// A finished .tflite whose fields are overwritten. Positions are those of the file.
class Patch {
 public:
  explicit Patch(Bytes bytes) : bytes_(std::move(bytes)) {}

  Bytes& bytes() { return bytes_; }
  template <typename T>
  T get(size_t position) const {
    T value;
    std::memcpy(&value, bytes_.data() + position, sizeof(T));
    return value;
  }
  template <typename T>
  void set(size_t position, T value) {
    std::memcpy(bytes_.data() + position, &value, sizeof(T));
  }
  size_t follow(size_t position) const { return position + get<uint32_t>(position); }
  size_t vtable(size_t table) const { return table - static_cast<size_t>(get<int32_t>(table)); }
  // Where the field of a table lies; the file has it.
  size_t field(size_t table, size_t index) const { return table + get<uint16_t>(vtable(table) + 4 + 2 * index); }
  // A table in a vector of tables; or the place of the first of its scalars.
  size_t element(size_t vector_field, size_t index) const { return follow(follow(vector_field) + 4 + 4 * index); }
  size_t values(size_t vector_field) const { return follow(vector_field) + 4; }

  size_t root() const { return follow(0); }
  size_t graph() const { return element(field(root(), 2), 0); }
  size_t tensor(size_t index) const { return element(field(graph(), 0), index); }
  size_t node(size_t index) const { return element(field(graph(), 3), index); }
  size_t buffer(size_t index) const { return element(field(root(), 4), index); }
  size_t signature() const { return element(field(root(), 7), 0); }

 private:
  Bytes bytes_;
};

Bytes damaged(const std::function<void(Model&)>& damage) {
  Model model = named_mobilenet();
  damage(model);
  return write_tflite(model);
}

Bytes patched(const std::function<void(Patch&)>& patch) {
  Patch file(mobilenet_file());
  patch(file);
  return file.bytes();
}

// A file of one operator: a float input, then constants. `edit` may change what ModelBuilder does not know.
struct Constant32 {
  Shape shape;
  std::vector<int32_t> values;
};
Bytes one(Op op, const Shape& input, const std::vector<Constant32>& constants, const Shape& output,
          Attributes attributes = NoAttributes{}, const std::function<void(Model&)>& edit = {}) {
  ModelBuilder b;
  std::vector<TensorId> inputs{b.input(input)};
  for (const Constant32& constant : constants) {
    inputs.push_back(b.integers(constant.values));
    b.graph().tensors[inputs.back()].shape = constant.shape;
  }
  b.output(b.node(op, inputs, output, std::move(attributes)));
  if (edit) edit(b.model());
  return write_tflite(b.model());
}
Constant32 list(std::vector<int32_t> values) { return {{static_cast<int32_t>(values.size())}, std::move(values)}; }

// A convolution of int8 codes, whose weights have a scale for each of four channels.
Bytes int8_convolution(const std::function<void(Model&, std::span<const TensorId> weights)>& damage) {
  ModelBuilder b;
  Graph& graph = b.graph();
  const TensorId x = b.input({1, 5, 5, 2});
  graph.tensors[x].type = ElementType::kInt8;
  graph.tensors[x].quantization = Quantization{{0.1f}, {3}, -1};
  const TensorId w = add_constant_tensor<int8_t>(b.model(), graph, "kernel", ElementType::kInt8, {4, 3, 3, 2},
                                                 std::vector<int8_t>(72, 5));
  graph.tensors[w].quantization = Quantization{{0.1f, 0.2f, 0.3f, 0.4f}, {0, 0, 0, 0}, 0};
  const TensorId bias =
      add_constant_tensor<int32_t>(b.model(), graph, "bias", ElementType::kInt32, {4}, std::vector<int32_t>(4, 9));
  graph.tensors[bias].quantization = Quantization{{0.01f, 0.02f, 0.03f, 0.04f}, {0, 0, 0, 0}, 0};
  const TensorId y = b.node(Op::kConv2d, {x, w, bias}, {1, 3, 3, 4}, Conv2dAttributes{});
  graph.tensors[y].type = ElementType::kInt8;
  graph.tensors[y].quantization = Quantization{{0.1f}, {0}, -1};
  b.output(y);
  damage(b.model(), std::array{w, bias, y});
  return write_tflite(b.model());
}

struct Hostile {
  const char* name;
  std::function<Bytes()> file;
  StatusCode code;
  const char* message;  // a part of it
};

constexpr int32_t kHuge = std::numeric_limits<int32_t>::max();
constexpr auto kInvalid = StatusCode::kInvalidModel;
constexpr auto kTooLarge = StatusCode::kResourceLimit;
constexpr auto kNotSupported = StatusCode::kUnsupported;
constexpr const char* kLeaves = "the file is damaged or cut off: an offset leaves it";

const Hostile kOffsets[] = {
    {"root", [] { return patched([](Patch& f) { f.set<uint32_t>(0, 0x7fffffff); }); }, kInvalid, kLeaves},
    {"root_in_last_bytes",
     [] { return patched([](Patch& f) { f.set(0, static_cast<uint32_t>(f.bytes().size() - 2)); }); }, kInvalid,
     kLeaves},
    {"vtable_before_the_file", [] { return patched([](Patch& f) { f.set<int32_t>(f.tensor(1), 0x7fffffff); }); },
     kInvalid, kLeaves},
    {"vtable_behind_the_file", [] { return patched([](Patch& f) { f.set<int32_t>(f.node(1), -0x7fffffff); }); },
     kInvalid, kLeaves},
    {"field_behind_its_table",
     [] { return patched([](Patch& f) { f.set<uint16_t>(f.vtable(f.node(0)) + 4 + 2, 0xfff0); }); }, kInvalid, kLeaves},
    {"vector_of_4_billion_tensors",
     [] { return patched([](Patch& f) { f.set<uint32_t>(f.follow(f.field(f.graph(), 0)), 0xffffffff); }); }, kInvalid,
     kLeaves},
    {"vector_of_1_billion_operators",
     [] { return patched([](Patch& f) { f.set<uint32_t>(f.follow(f.field(f.graph(), 3)), 1u << 30); }); }, kInvalid,
     kLeaves},
    {"shape_of_4_billion_dimensions",
     [] { return patched([](Patch& f) { f.set<uint32_t>(f.follow(f.field(f.tensor(0), 0)), 0xfffffff0); }); }, kInvalid,
     kLeaves},
    {"name_of_4_billion_characters",
     [] { return patched([](Patch& f) { f.set<uint32_t>(f.follow(f.field(f.tensor(0), 3)), 0xfffffff0); }); }, kInvalid,
     kLeaves},
    {"buffer_longer_than_the_file",
     [] { return patched([](Patch& f) { f.set<uint32_t>(f.follow(f.field(f.buffer(1), 0)), 1u << 20); }); }, kInvalid,
     kLeaves},
    {"options_outside", [] { return patched([](Patch& f) { f.set<uint32_t>(f.field(f.node(0), 4), 1u << 30); }); },
     kInvalid, kLeaves},
};

const Hostile kIndices[] = {
    {"operator_code", [] { return patched([](Patch& f) { f.set<uint32_t>(f.field(f.node(2), 0), 77); }); }, kInvalid,
     "operator 2: there is no operator code 77"},
    {"input", [] { return damaged([](Model& m) { m.main().nodes[2].inputs[0] = 4000; }); }, kInvalid,
     "operator 2 (DEPTHWISE_CONV_2D): there is no tensor 4000"},
    {"negative_input",
     [] { return damaged([](Model& m) { m.main().nodes[2].inputs[0] = static_cast<uint32_t>(-2); }); }, kInvalid,
     "operator 2 (DEPTHWISE_CONV_2D): there is no tensor -2"},
    {"graph_input", [] { return patched([](Patch& f) { f.set<int32_t>(f.values(f.field(f.graph(), 1)), 90); }); },
     kInvalid, "graph inputs: there is no tensor 90"},
    {"graph_output", [] { return patched([](Patch& f) { f.set<int32_t>(f.values(f.field(f.graph(), 2)), -1); }); },
     kInvalid, "an input or output without a tensor"},
    {"buffer", [] { return patched([](Patch& f) { f.set<uint32_t>(f.field(f.tensor(1), 2), 4000); }); }, kInvalid,
     "there is no buffer 4000"},
    {"graph_of_a_signature",
     [] { return damaged([](Model& m) { m.signatures.push_back({.key = "other", .graph = 9}); }); }, kInvalid,
     "signature other: there is no graph 9"},
    {"tensor_of_a_signature",
     [] {
       return patched([](Patch& f) { f.set<uint32_t>(f.field(f.element(f.field(f.signature(), 1), 0), 1), 4000); });
     },
     kInvalid, "signature serving_default: there is no tensor 4000"},
    {"required_input_left_out",
     [] { return patched([](Patch& f) { f.set<int32_t>(f.values(f.field(f.node(0), 1)) + 4, -1); }); }, kInvalid,
     "layer_3 (operator 0): CONV_2D without input 1"},
};

const Hostile kGraphs[] = {
    {"cycle", [] { return damaged([](Model& m) { m.main().nodes[0].inputs[0] = m.main().nodes[5].outputs[0]; }); },
     kInvalid, "the operators form a cycle"},
    {"own_input", [] { return damaged([](Model& m) { m.main().nodes[4].inputs[0] = m.main().nodes[4].outputs[0]; }); },
     kInvalid, "the operators form a cycle"},
    {"one_output_of_two_operators",
     [] { return damaged([](Model& m) { m.main().nodes[4].outputs[0] = m.main().nodes[3].outputs[0]; }); }, kInvalid,
     "has two producers, the second is operator 4"},
    {"output_is_a_constant",
     [] { return damaged([](Model& m) { m.main().nodes[4].outputs[0] = m.main().nodes[0].inputs[1]; }); }, kInvalid,
     "has two producers, the second is operator 4"},
    {"output_is_a_graph_input",
     [] { return damaged([](Model& m) { m.main().nodes[4].outputs[0] = m.main().inputs[0]; }); }, kInvalid,
     "has two producers, the second is operator 4"},
    {"graph_input_twice", [] { return damaged([](Model& m) { m.main().inputs.push_back(m.main().inputs[0]); }); },
     kInvalid, "has two producers"},
    {"graph_input_is_a_constant",
     [] { return damaged([](Model& m) { m.main().inputs[0] = m.main().nodes[0].inputs[1]; }); }, kInvalid, ""},
    {"nothing_produces_an_input",
     [] {
       return damaged([](Model& m) {
         m.main().nodes[5].inputs[0] = m.main().add_tensor({.name = "orphan", .shape = {1, 9, 8, 8}});
       });
     },
     kInvalid, "orphan"},
    {"two_outputs",
     [] {
       return damaged([](Model& m) {
         m.main().nodes[5].outputs.push_back(m.main().add_tensor({.name = "second", .shape = {1}}));
       });
     },
     kInvalid, "operator 5 (MEAN): 2 inputs and 2 outputs, it takes at most 2 and 1"},
    {"no_output", [] { return damaged([](Model& m) { m.main().nodes[5].outputs.clear(); }); }, kInvalid,
     "operator 5 (MEAN): 2 inputs and 0 outputs"},
    {"300_inputs", [] { return damaged([](Model& m) { m.main().nodes[7].inputs.resize(300, 0); }); }, kInvalid,
     "operator 7 (SOFTMAX): 300 inputs and 1 outputs"},
    {"variable",
     [] {
       return patched([](Patch& f) {
         // Its field is absent: the one-byte field has_rank (8) stands for it.
         const size_t table = f.vtable(f.tensor(0));
         f.set<uint16_t>(table + 4 + 2 * 5, f.get<uint16_t>(table + 4 + 2 * 8));
       });
     },
     kNotSupported, "a variable, which keeps its value between runs"},
    {"control_flow",
     [] {
       return patched([](Patch& f) {
         const size_t code = f.element(f.field(f.root(), 1), 0);
         f.set<int32_t>(f.field(code, 3), 119);  // WHILE
         f.set<int8_t>(f.field(code, 0), 119);
       });
     },
     kNotSupported, "operators that Burin does not have: WHILE"},
};

const Hostile kShapes[] = {
    {"overflowing",
     [] {
       return damaged([](Model& m) { m.main().tensors[m.main().nodes[1].outputs[0]].shape = {1 << 30, 1 << 30, 16}; });
     },
     kTooLarge, "larger than"},
    {"wraps_to_a_small_size",
     [] {
       return damaged([](Model& m) {
         m.main().tensors[m.main().nodes[1].outputs[0]].shape = {1 << 16, 1 << 16, 1 << 16, 1 << 16, 4};
       });
     },
     kTooLarge, "larger than"},
    {"negative", [] { return patched([](Patch& f) { f.set<int32_t>(f.values(f.field(f.tensor(1), 0)), -5); }); },
     kInvalid, "dimension -5"},
    {"constant_of_free_size",
     [] { return patched([](Patch& f) { f.set<int32_t>(f.values(f.field(f.tensor(1), 0)), -1); }); }, kInvalid,
     "dimension -1"},
    {"constant_too_short",
     [] { return damaged([](Model& m) { m.main().tensors[m.main().nodes[0].inputs[1]].shape = {8, 3, 3, 4}; }); },
     kInvalid, "a constant of 864 bytes"},
    {"constant_of_wider_type",
     [] {
       return damaged([](Model& m) { m.main().tensors[m.main().nodes[0].inputs[1]].type = ElementType::kFloat64; });
     },
     kInvalid, "a constant of 864 bytes"},
    {"constant_of_huge_shape",
     [] {
       return damaged([](Model& m) { m.main().tensors[m.main().nodes[0].inputs[1]].shape = {1 << 14, 1 << 8, 256}; });
     },
     kInvalid, "a constant of 864 bytes"},
    {"unknown_type",
     [] {
       return damaged(
           [](Model& m) { m.main().tensors[m.main().nodes[1].outputs[0]].type = static_cast<ElementType>(77); });
     },
     kNotSupported, "a tensor of type 77"},
    {"huge_input", [] { return one(Op::kRelu, {1, 60000, 60000}, {}, {1, 60000, 60000}); }, kTooLarge, "larger than"},
    {"huge_arena",
     [] {
       ModelBuilder b;
       std::vector<TensorId> parts{b.input({1 << 28})};
       for (int i = 0; i < 40; ++i) parts.push_back(b.node(Op::kNeg, {parts.back()}, {1 << 28}));
       for (const TensorId id : parts) b.output(id);
       return write_tflite(b.model());
     },
     kTooLarge, "MiB of memory, at most"},
    {"kernel_of_no_elements",
     [] {
       return damaged([](Model& m) {
         Tensor& kernel = m.main().tensors[m.main().nodes[0].inputs[1]];
         kernel.shape = {8, 0, 3, 3};
         kernel.constant = m.add_constant(std::vector<float>());
       });
     },
     kInvalid, "CONV_2D: kernel of shape 8x0x3x3 is empty"},
    {"channels_do_not_fit",
     [] { return damaged([](Model& m) { m.main().tensors[m.main().nodes[0].inputs[1]].shape = {3, 3, 3, 8}; }); },
     kInvalid, "CONV_2D: input has 3 channels, the kernel 8"},
    {"bias_does_not_fit",
     [] { return damaged([](Model& m) { m.main().nodes[0].inputs[2] = m.main().nodes[1].inputs[2]; }); }, kInvalid,
     "CONV_2D: bias has shape 24 for 8 output channels"},
};

Bytes convolution(const Conv2dAttributes& attributes) {
  return damaged([&](Model& m) { m.main().nodes[0].attributes = attributes; });
}
Bytes pool(const Pool2dAttributes& attributes) {
  return one(Op::kMaxPool2d, {1, 8, 8, 2}, {}, {1, 4, 4, 2}, attributes);
}

const Hostile kOperators[] = {
    {"stride_0", [] { return convolution({Padding::kSame, 0, 2}); }, kInvalid, "CONV_2D: stride_h 0"},
    {"stride_negative", [] { return convolution({Padding::kSame, 2, -2}); }, kInvalid, "CONV_2D: stride_w -2"},
    {"dilation_0", [] { return convolution({Padding::kSame, 1, 1, 0, 1}); }, kInvalid, "CONV_2D: dilation_h 0"},
    {"dilation_huge", [] { return convolution({Padding::kSame, 1, 1, kHuge, kHuge}); }, kInvalid, "is too large"},
    {"dilation_huge_valid", [] { return convolution({Padding::kValid, 1, 1, kHuge, 1}); }, kInvalid,
     "is smaller than the window's 4294967295"},
    {"padding_unknown", [] { return convolution({static_cast<Padding>(7), 1, 1}); }, kInvalid, "padding 7"},
    {"activation_unknown", [] { return convolution({Padding::kSame, 1, 1, 1, 1, static_cast<FusedActivation>(99)}); },
     kNotSupported, "fused activation 99"},
    {"filter_0", [] { return pool({Padding::kSame, 2, 2, 0, 2}); }, kInvalid, "MAX_POOL_2D: filter_height 0"},
    {"filter_huge", [] { return pool({Padding::kValid, 2, 2, kHuge, 2}); }, kInvalid, "is smaller than the window's"},
    {"filter_huge_same", [] { return pool({Padding::kSame, 1, 1, kHuge, kHuge}); }, kInvalid, "is too large"},
    {"reshape_to_another_size",
     [] { return one(Op::kReshape, {1, 24}, {list({5, 5})}, {5, 5}, ReshapeAttributes{{5, 5}}); }, kInvalid,
     "RESHAPE: 1x24 does not have the size of 5x5"},
    {"reshape_to_two_free_sizes",
     [] { return one(Op::kReshape, {1, 24}, {list({-1, -1})}, {4, 6}, ReshapeAttributes{}); }, kInvalid,
     "RESHAPE: to a shape with dimension -1"},
    {"reshape_overflows",
     [] { return one(Op::kReshape, {1, 24}, {list({1 << 30, 1 << 30, 1 << 4, -1})}, {24}, ReshapeAttributes{}); },
     kInvalid, "RESHAPE: to a shape that is too large"},
    {"reshape_of_9_dimensions",
     [] { return one(Op::kReshape, {1, 24}, {list({24, 1, 1, 1, 1, 1, 1, 1, 1})}, {24}, ReshapeAttributes{}); },
     kInvalid, "RESHAPE: to 9 dimensions"},
    {"reshape_by_floats",
     [] {
       return one(Op::kReshape, {1, 24}, {list({4, 6})}, {4, 6}, ReshapeAttributes{},
                  [](Model& m) { m.main().tensors[m.main().nodes[0].inputs[1]].type = ElementType::kFloat32; });
     },
     kInvalid, "RESHAPE: shape must be int32 or int64"},
    {"slice_begins_before", [] { return one(Op::kSlice, {4, 6}, {list({-1, 0}), list({2, 2})}, {2, 2}); }, kInvalid,
     "SLICE: begin -1"},
    {"slice_leaves", [] { return one(Op::kSlice, {4, 6}, {list({2, 5}), list({2, 2})}, {2, 2}); }, kInvalid,
     "leave dimension 1"},
    {"slice_wraps", [] { return one(Op::kSlice, {4, 6}, {list({1, kHuge}), list({kHuge, kHuge})}, {2, 2}); }, kInvalid,
     "SLICE: begin 1, size 2147483647 leave dimension 0"},
    {"strided_slice_stride_0",
     [] {
       return one(Op::kStridedSlice, {4, 6}, {list({0, 0}), list({4, 6}), list({0, 1})}, {4, 6},
                  StridedSliceAttributes{});
     },
     kInvalid, "STRIDED_SLICE: stride 0"},
    {"strided_slice_index_leaves",
     [] {
       return one(Op::kStridedSlice, {4, 6}, {list({4, 0}), list({5, 6}), list({1, 1})}, {6},
                  StridedSliceAttributes{0, 0, 0, 0, 1, false});
     },
     kInvalid, "STRIDED_SLICE: index 4 leaves dimension 0"},
    {"pad_negative", [] { return one(Op::kPad, {4, 6}, {{{2, 2}, {0, -1, 0, 0}}}, {3, 6}); }, kInvalid, "PAD"},
    {"pad_overflows", [] { return one(Op::kPad, {4, 6}, {{{2, 2}, {kHuge, kHuge, 0, 0}}}, {4, 6}); }, kInvalid, "PAD"},
    {"pad_huge", [] { return one(Op::kPad, {4, 6}, {{{2, 2}, {1 << 24, 0, 0, 1 << 24}}}, {4, 6}); }, kTooLarge,
     "would make a tensor of"},
    {"transpose_twice_the_same", [] { return one(Op::kTranspose, {4, 6}, {list({0, 0})}, {4, 4}); }, kInvalid,
     "TRANSPOSE: the permutation does not fit"},
    {"transpose_axis_leaves", [] { return one(Op::kTranspose, {4, 6}, {list({0, 2})}, {4, 6}); }, kInvalid,
     "TRANSPOSE: the permutation does not fit"},
    {"mean_axis_leaves", [] { return one(Op::kMean, {4, 6}, {list({2})}, {4}, ReduceAttributes{}); }, kInvalid, "axis"},
    {"concatenation_axis_leaves",
     [] { return one(Op::kConcatenation, {4, 6}, {}, {4, 6}, ConcatenationAttributes{2, FusedActivation::kNone}); },
     kInvalid, "CONCATENATION: inputs of shape 4x6 have no axis 2"},
    {"pack_axis_leaves", [] { return one(Op::kPack, {4, 6}, {}, {1, 4, 6}, PackAttributes{-4, 1}); }, kInvalid,
     "PACK: no axis -4"},
    {"expand_dims_axis_leaves", [] { return one(Op::kExpandDims, {4, 6}, {list({3})}, {4, 6, 1}); }, kInvalid,
     "EXPAND_DIMS: the axis does not fit"},
    {"squeeze_of_a_size", [] { return one(Op::kSqueeze, {4, 6}, {}, {6}, SqueezeAttributes{{0}}); }, kInvalid,
     "SQUEEZE: dimension 0 of 4x6 is not 1"},
    {"resize_to_nothing",
     [] { return one(Op::kResizeBilinear, {1, 4, 6, 1}, {list({0, 6})}, {1, 4, 6, 1}, ResizeAttributes{}); }, kInvalid,
     "the new size is not"},
    {"resize_to_4_terabytes",
     [] {
       return one(Op::kResizeBilinear, {1, 4, 6, 1}, {list({1 << 20, 1 << 20})}, {1, 4, 6, 1}, ResizeAttributes{});
     },
     kTooLarge, ""},
    {"shapes_do_not_broadcast",
     [] {
       ModelBuilder b;
       b.output(b.node(Op::kAdd, {b.input({4, 6}), b.constant({5})}, {4, 6}, ArithmeticAttributes{}));
       return write_tflite(b.model());
     },
     kInvalid, "operands of shapes 4x6 and 5 do not broadcast"},
};

const Hostile kQuantizations[] = {
    {"too_few_scales",
     [] {
       return int8_convolution([](Model& m, auto ids) {
         m.main().tensors[ids[0]].quantization = Quantization{{0.1f, 0.2f, 0.3f}, {0, 0, 0}, 0};
       });
     },
     kInvalid, "kernel: 3 scales along axis 0 of shape 4x3x3x2"},
    {"other_axis",
     [] { return int8_convolution([](Model& m, auto ids) { m.main().tensors[ids[0]].quantization->axis = 3; }); },
     kInvalid, "kernel: 4 scales along axis 3 of shape 4x3x3x2"},
    {"axis_leaves",
     [] { return int8_convolution([](Model& m, auto ids) { m.main().tensors[ids[0]].quantization->axis = 4; }); },
     kInvalid, "kernel: quantized along axis 4 of shape 4x3x3x2"},
    {"axis_of_the_input_channels",
     [] {
       return int8_convolution(
           [](Model& m, auto ids) { m.main().tensors[ids[0]].quantization = Quantization{{0.1f, 0.2f}, {0, 0}, 3}; });
     },
     kInvalid, "CONV_2D: weights have 2 scales for 4 channels"},
    {"zero_points_missing",
     [] {
       return int8_convolution([](Model& m, auto ids) { m.main().tensors[ids[0]].quantization->zero_points = {0}; });
     },
     kInvalid, "kernel: 4 scales and 1 zero points"},
    {"zero_point_leaves_the_type",
     [] {
       return int8_convolution([](Model& m, auto ids) { m.main().tensors[ids[2]].quantization->zero_points = {200}; });
     },
     kInvalid, "zero point 200 is no int8"},
    {"scale_negative",
     [] {
       return int8_convolution([](Model& m, auto ids) { m.main().tensors[ids[2]].quantization->scales = {-1.0f}; });
     },
     kInvalid, "a scale of -1"},
    {"scale_is_no_number",
     [] {
       return int8_convolution([](Model& m, auto ids) {
         m.main().tensors[ids[0]].quantization->scales[2] = std::numeric_limits<float>::quiet_NaN();
       });
     },
     kInvalid, "kernel: a scale of nan"},
    {"output_without_scales",
     [] { return int8_convolution([](Model& m, auto ids) { m.main().tensors[ids[2]].quantization.reset(); }); },
     kInvalid, "(operator 0): CONV_2D: output is int8 without quantization parameters"},
    {"output_per_channel",
     [] {
       return int8_convolution([](Model& m, auto ids) {
         m.main().tensors[ids[2]].quantization = m.main().tensors[ids[0]].quantization;
         m.main().tensors[ids[2]].quantization->axis = 3;
       });
     },
     kInvalid, "CONV_2D: output has 4 scales where one is needed"},
    {"bias_of_floats",
     [] {
       return int8_convolution([](Model& m, auto ids) {
         m.main().tensors[ids[1]].type = ElementType::kFloat32;
         m.main().tensors[ids[1]].quantization.reset();
       });
     },
     kInvalid, "CONV_2D: bias is float32 for an input of int8"},
};

class HostileFile : public testing::TestWithParam<Hostile> {};

TEST_P(HostileFile, IsRefusedBeforeAnythingIsAllocated) {
  const auto file = std::make_shared<const Bytes>(GetParam().file());
  Allocations::largest = 0;
  const Status status = Program::from_memory(std::as_bytes(std::span(*file)), {}, file).status();
  EXPECT_LE(Allocations::largest, kLargestAllocation);
  EXPECT_EQ(status.code(), GetParam().code) << status.message();
  EXPECT_NE(status.message().find(GetParam().message), std::string::npos) << status.message();
  EXPECT_NE(status.remedy(), "") << status.message();
}

std::string name_of(const testing::TestParamInfo<Hostile>& test) { return test.param.name; }
INSTANTIATE_TEST_SUITE_P(Offsets, HostileFile, testing::ValuesIn(kOffsets), name_of);
INSTANTIATE_TEST_SUITE_P(Indices, HostileFile, testing::ValuesIn(kIndices), name_of);
INSTANTIATE_TEST_SUITE_P(Graphs, HostileFile, testing::ValuesIn(kGraphs), name_of);
INSTANTIATE_TEST_SUITE_P(Shapes, HostileFile, testing::ValuesIn(kShapes), name_of);
INSTANTIATE_TEST_SUITE_P(Operators, HostileFile, testing::ValuesIn(kOperators), name_of);
INSTANTIATE_TEST_SUITE_P(Quantizations, HostileFile, testing::ValuesIn(kQuantizations), name_of);

TEST(HostileFiles, TheErrorNamesFileLayerAndOperator) {
  const std::string path = testing::TempDir() + "hostile_" + std::to_string(::getpid()) + ".tflite";
  const Bytes file = damaged([](Model& m) { m.main().nodes[0].inputs[2] = m.main().nodes[1].inputs[2]; });
  std::FILE* stream = std::fopen(path.c_str(), "wb");
  ASSERT_NE(stream, nullptr);
  EXPECT_EQ(std::fwrite(file.data(), 1, file.size(), stream), file.size());
  std::fclose(stream);
  const Status status = Program::from_file(path).status();
  std::remove(path.c_str());
  EXPECT_EQ(status.message(), path + ": layer_3 (operator 0): CONV_2D: bias has shape 24 for 8 output channels");
}

// LiteRT ignores the recorded shape of a computed tensor: what the operator makes counts.
TEST(HostileFiles, RecordedShapesThatLieAreNotBelieved) {
  const Bytes file = one(Op::kReshape, {1, 24}, {list({4, 6})}, {2, 2}, ReshapeAttributes{});
  const Result<Program> program = Program::from_memory(std::as_bytes(std::span(file)));
  ASSERT_TRUE(program.is_ok()) << program.status().message();
  EXPECT_EQ(to_string(program.value().outputs()[0].shape), "4x6");
}

// A few hundred bytes of constants would be gigabytes when computed.
TEST(HostileFiles, ConstantsThatGrowAreComputedWhenTheModelRuns) {
  ModelBuilder b;
  const TensorId x = b.input({1});
  const TensorId square = b.node(Op::kAdd, {b.constant({1, 1 << 14}), b.constant({1 << 14, 1})}, {1 << 14, 1 << 14},
                                 ArithmeticAttributes{});
  b.output(b.node(Op::kAdd, {x, square}, {1 << 14, 1 << 14}, ArithmeticAttributes{}));
  const Bytes file = write_tflite(b.model());
  Allocations::largest = 0;
  const Result<Program> program = Program::from_memory(std::as_bytes(std::span(file)));
  EXPECT_TRUE(program.is_ok()) << program.status().message();
  EXPECT_LE(Allocations::largest, size_t{1} << 20);
}

// Makes a program of the file and, where it is small, runs it.
void try_out(const Bytes& file) {
  constexpr size_t kWorthRunning = 64 * 1024;
  Allocations::largest = 0;
  const Result<Program> program = Program::from_memory(std::as_bytes(std::span(file)));
  EXPECT_LE(Allocations::largest, kLargestAllocation);
  if (!program.is_ok()) {
    EXPECT_NE(program.status().message(), "");
    return;
  }
  EXPECT_LE(program.value().packed_bytes(), size_t{1} << 20);
  if (program.value().session_bytes(1) > kWorthRunning) return;
  Session session(program.value());
  const Status status = session.invoke();
  EXPECT_TRUE(status.is_ok() || !status.message().empty());
}

class Sweep : public testing::TestWithParam<bool> {};

// Every word of a file, but those inside of weights, becomes every value that arithmetic stumbles over.
TEST_P(Sweep, EveryWordOfAFileMayLie) {
  const Bytes whole = GetParam() ? int8_convolution([](Model&, auto) {}) : mobilenet_file();
  constexpr uint32_t kValues[] = {0,          1,          0x7f,       0xff,       0x100,      0xffff,    0x10000,
                                  0x01010101, 0x3fffffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
  ASSERT_TRUE(Program::from_memory(std::as_bytes(std::span(whole))).is_ok());
  // The constants of the float model are most of its bytes: the first and last words of each run of floats will do.
  for (size_t position = 0; position + 4 <= whole.size(); position += 4) {
    uint32_t word;
    std::memcpy(&word, whole.data() + position, 4);
    const bool is_weight =
        !GetParam() && (word >> 24 == 0x3e || word >> 24 == 0xbe || word >> 24 == 0x3d || word >> 24 == 0xbd);
    if (is_weight) continue;
    Bytes file = whole;
    for (const uint32_t value : kValues) {
      std::memcpy(file.data() + position, &value, 4);
      try_out(file);
    }
    for (const uint32_t step : {1u, ~0u, 4u, ~3u, 1u << 16}) {
      const uint32_t value = word + step;
      std::memcpy(file.data() + position, &value, 4);
      try_out(file);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Files, Sweep, testing::Bool(), [](const auto& test) { return test.param ? "Int8" : "Float"; });

}  // namespace
}  // namespace burin
