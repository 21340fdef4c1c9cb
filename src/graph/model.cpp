#include "graph/model.hpp"

#include <algorithm>
#include <type_traits>

namespace burin {

namespace {

// A multiply-and-rotate hash over 8-byte words: fast enough for every weight of a model, stable across machines of
// one byte order.
class Hash {
 public:
  void add_bytes(std::span<const std::byte> bytes) {
    size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) {
      uint64_t word;
      std::memcpy(&word, bytes.data() + i, 8);
      mix(word);
    }
    if (i < bytes.size()) {
      uint64_t word = 0;
      std::memcpy(&word, bytes.data() + i, bytes.size() - i);
      mix(word);
    }
    mix(bytes.size());
  }
  template <typename T>
  void add(const T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      add_bytes(std::as_bytes(std::span(value)));
    } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      uint64_t word = 0;
      std::memcpy(&word, &value, sizeof(T));
      mix(word);
    } else {
      mix(value.size());
      for (const auto& element : value) add(element);
    }
  }
  uint64_t value() const { return state_ ^ (state_ >> 32); }

 private:
  void mix(uint64_t word) {
    state_ = (state_ ^ word) * 0x9e3779b97f4a7c15u;
    state_ = (state_ << 29) | (state_ >> 35);
  }
  uint64_t state_ = 0x6275'7269'6e00'0001u;
};

uint64_t contents_hash(std::span<const std::byte> bytes) {
  Hash hash;
  hash.add_bytes(bytes);
  return hash.value();
}

// Of the size and a few pieces.
uint64_t sample_hash(std::span<const std::byte> bytes) {
  constexpr size_t kPieces = 4, kPiece = 16;
  Hash hash;
  hash.add(uint64_t{1});
  hash.add(bytes.size());
  if (bytes.size() <= kPieces * kPiece) {
    hash.add_bytes(bytes);
    return hash.value();
  }
  for (size_t i = 0; i < kPieces; ++i) {
    hash.add_bytes(bytes.subspan((bytes.size() - kPiece) * i / (kPieces - 1), kPiece));
  }
  return hash.value();
}

// The constant with the bytes of `id`: an earlier one, or itself, which is then entered. Only constants that agree in
// the sample are told apart by all their bytes, so that most weights of a file are not read before they are needed.
ConstantId find_or_enter(const std::vector<Constant>& constants, std::unordered_multimap<uint64_t, ConstantId>& by_hash,
                         ConstantId id) {
  const std::span<const std::byte> bytes = constants[id].bytes;
  const uint64_t sample = sample_hash(bytes);
  const auto first = by_hash.find(sample);
  if (first == by_hash.end()) {
    by_hash.emplace(sample, id);
    return id;
  }
  const uint64_t contents = contents_hash(bytes);
  const auto equal = [&](ConstantId other) { return std::ranges::equal(constants[other].bytes, bytes); };
  if (contents_hash(constants[first->second].bytes) == contents && equal(first->second)) return first->second;
  const auto [begin, end] = by_hash.equal_range(contents);
  for (auto it = begin; it != end; ++it) {
    if (equal(it->second)) return it->second;
  }
  by_hash.emplace(contents, id);
  return id;
}

}  // namespace

TensorId Graph::add_tensor(Tensor tensor) {
  tensors.push_back(std::move(tensor));
  return static_cast<TensorId>(tensors.size() - 1);
}

NodeId Graph::add_node(Node node) {
  nodes.push_back(std::move(node));
  return static_cast<NodeId>(nodes.size() - 1);
}

ConstantId Model::add_constant(std::span<const std::byte> bytes, std::shared_ptr<const void> keep_alive) {
  const auto id = static_cast<ConstantId>(constants_.size());
  constants_.push_back({bytes, std::move(keep_alive)});
  const ConstantId known = find_or_enter(constants_, constants_by_hash_, id);
  if (known != id) constants_.pop_back();
  return known;
}

void Model::drop_unused_constants() {
  std::vector<ConstantId> renumbered(constants_.size(), kNoId);
  for (const Graph& graph : graphs) {
    for (const Tensor& tensor : graph.tensors) {
      if (tensor.constant != kNoId) renumbered[tensor.constant] = tensor.constant;
    }
  }
  ConstantId next = 0;
  for (ConstantId id = 0; id < constants_.size(); ++id) {
    if (renumbered[id] == kNoId) continue;
    if (next != id) constants_[next] = std::move(constants_[id]);
    renumbered[id] = next++;
  }
  if (next == constants_.size()) return;
  constants_.resize(next);
  constants_by_hash_.clear();
  for (ConstantId id = 0; id < next; ++id) find_or_enter(constants_, constants_by_hash_, id);
  for (Graph& graph : graphs) {
    for (Tensor& tensor : graph.tensors) {
      if (tensor.constant != kNoId) tensor.constant = renumbered[tensor.constant];
    }
  }
}

const std::string& origin_of(const Tensor& tensor) { return tensor.origin.empty() ? tensor.name : tensor.origin; }

// Not made at its first use: memory that is missing then would leave it half made for ever.
static const std::string kNowhere = "a node without outputs";

const std::string& origin_of(const Graph& graph, const Node& node) {
  return node.outputs.empty() || node.outputs[0] >= graph.tensors.size() ? kNowhere
                                                                         : origin_of(graph.tensors[node.outputs[0]]);
}

std::string place_of(const Model& model, const Graph& graph, const Node& node) {
  const std::string& origin = origin_of(graph, node);
  return model.level == Level::kSource ? origin
                                       : origin + " (operator " + std::to_string(&node - graph.nodes.data()) + ")";
}

uint64_t digest(const Model& model) {
  Hash hash;
  hash.add(model.level);
  for (size_t i = 0; i < model.constant_count(); ++i) hash.add_bytes(model.constant(static_cast<ConstantId>(i)).bytes);
  for (const Graph& graph : model.graphs) {
    hash.add(graph.inputs);
    hash.add(graph.outputs);
    for (const Tensor& tensor : graph.tensors) {
      hash.add(tensor.name);
      hash.add(tensor.type);
      hash.add(tensor.shape.dims());
      hash.add(tensor.constant);
      hash.add(tensor.quantization.has_value());
      if (tensor.quantization) {
        hash.add(tensor.quantization->scales);
        hash.add(tensor.quantization->zero_points);
        hash.add(tensor.quantization->axis);
      }
    }
    for (const Node& node : graph.nodes) {
      hash.add(node.op);
      hash.add(node.inputs);
      hash.add(node.outputs);
      hash.add(node.attributes.index());
      std::visit([&](const auto& a) { a.fields([&](const char*, const auto& field) { hash.add(field); }); },
                 node.attributes);
    }
  }
  return hash.value();
}

}  // namespace burin
