#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "formats/hdf5/hdf5_state.hpp"

namespace burin {

namespace {

// zlib cannot do better.
constexpr uint64_t kLargestDeflateRatio = 1032;

struct Chunk {
  std::vector<uint64_t> offset;  // of its first element
  uint64_t address = 0;
  uint64_t stored_size = 0;
  uint32_t skipped_filters = 0;
};

// The layout message, versions 3 to 5 (5, of HDF5 2.0, differs from 4 in chunk indices that are not read).
struct Layout {
  enum class Kind : uint8_t { kCompact, kContiguous, kChunked };
  Kind kind = Kind::kCompact;
  std::span<const std::byte> compact;
  uint64_t address = kHdf5Undefined;  // contiguous: of the data; chunked: of the B-tree or of the single chunk
  uint64_t size = 0;                  // contiguous
  std::vector<uint64_t> chunk_shape;
  std::optional<Chunk> single_chunk;
};

Layout read_layout(std::span<const std::byte> message, size_t rank, uint32_t element_size) {
  ByteCursor cursor(message, 0, "layout message");
  const uint8_t version = cursor.u8();
  if (version < 3 || version > 5) throw hdf5_unsupported("a data layout of version " + std::to_string(version));
  Layout layout;
  switch (cursor.u8()) {
    case 0:
      layout.kind = Layout::Kind::kCompact;
      layout.compact = cursor.take(cursor.u16());
      return layout;
    case 1:
      layout.kind = Layout::Kind::kContiguous;
      layout.address = cursor.u64();
      layout.size = cursor.u64();
      return layout;
    case 2:
      break;
    default:
      throw hdf5_unsupported("a virtual dataset");
  }
  layout.kind = Layout::Kind::kChunked;
  const uint8_t flags = version >= 4 ? cursor.u8() : 0;
  const size_t dimensions = cursor.u8();
  if (dimensions != rank + 1) throw hdf5_damaged("chunks and dataset differ in their number of dimensions");
  if (version == 3) layout.address = cursor.u64();
  const uint32_t dimension_size = version >= 4 ? cursor.u8() : 4;
  if (dimension_size > 8) throw hdf5_damaged("a chunk dimension of more than 8 bytes");
  for (size_t i = 0; i < rank; ++i) {
    layout.chunk_shape.push_back(cursor.number(dimension_size));
    if (layout.chunk_shape.back() == 0) throw hdf5_damaged("a chunk without elements");
  }
  if (cursor.number(dimension_size) != element_size) throw hdf5_damaged("chunks and dataset differ in their element");
  if (version >= 4) {
    constexpr uint8_t kSingleChunk = 1;
    if (cursor.u8() != kSingleChunk) throw hdf5_unsupported("a chunk index of libver='latest'");
    Chunk chunk;
    chunk.offset.assign(rank, 0);
    chunk.stored_size = element_count(layout.chunk_shape) * element_size;
    if ((flags & 2) != 0) {
      chunk.stored_size = cursor.u64();
      chunk.skipped_filters = cursor.u32();
    }
    chunk.address = cursor.u64();
    if (chunk.address != kHdf5Undefined) layout.single_chunk = chunk;
  }
  return layout;
}

class ChunkedData {
 public:
  ChunkedData(Hdf5File::State& state, const Layout& layout, const Hdf5Filters& filters,
              const std::vector<uint64_t>& shape, uint32_t element_size)
      : state_(state), layout_(layout), filters_(filters), shape_(shape), element_size_(element_size) {}

  // Fills `target`, C order, which holds the fill value.
  void read(std::span<const Chunk> chunks, std::span<std::byte> target) {
    chunk_bytes_ = element_count(layout_.chunk_shape) * element_size_;
    for (const Chunk& chunk : chunks) {
      ByteCursor cursor(state_.file, chunk.address, "chunk");
      copy(chunk, decode(cursor.take(chunk.stored_size), chunk.skipped_filters), target);
    }
  }

 private:
  std::span<const std::byte> decode(std::span<const std::byte> data, uint32_t skipped_filters) {
    // The filter mask has a bit for each filter of the pipeline, in its order.
    const bool shuffled = filters_.shuffle && (skipped_filters & 1) == 0;
    const bool deflated = filters_.deflate && (skipped_filters >> (filters_.shuffle ? 1 : 0) & 1) == 0;
    if (deflated) {
      inflated_.resize(static_cast<size_t>(chunk_bytes_));
      uLongf size = inflated_.size();
      if (uncompress(reinterpret_cast<Bytef*>(inflated_.data()), &size, reinterpret_cast<const Bytef*>(data.data()),
                     data.size()) != Z_OK ||
          size != inflated_.size()) {
        throw hdf5_damaged("a compressed chunk is damaged");
      }
      data = inflated_;
    }
    if (data.size() != chunk_bytes_) throw hdf5_damaged("a chunk has another size than its dataset says");
    if (shuffled && element_size_ > 1) {
      unshuffled_.resize(data.size());
      const size_t elements = data.size() / element_size_;
      for (size_t byte = 0; byte < element_size_; ++byte) {
        for (size_t i = 0; i < elements; ++i) unshuffled_[i * element_size_ + byte] = data[byte * elements + i];
      }
      data = unshuffled_;
    }
    return data;
  }

  // The part of the chunk inside the dataset, row by row.
  void copy(const Chunk& chunk, std::span<const std::byte> data, std::span<std::byte> target) const {
    const size_t rank = shape_.size();
    std::vector<uint64_t> extent(rank);
    for (size_t i = 0; i < rank; ++i) {
      if (chunk.offset[i] >= shape_[i]) return;
      extent[i] = std::min(layout_.chunk_shape[i], shape_[i] - chunk.offset[i]);
    }
    const auto row_bytes = static_cast<size_t>((rank == 0 ? 1 : extent[rank - 1]) * element_size_);
    std::vector<uint64_t> index(rank, 0);
    for (;;) {
      uint64_t from = 0;
      uint64_t to = 0;
      for (size_t i = 0; i < rank; ++i) {
        from = from * layout_.chunk_shape[i] + index[i];
        to = to * shape_[i] + chunk.offset[i] + index[i];
      }
      std::memcpy(target.data() + to * element_size_, data.data() + from * element_size_, row_bytes);
      size_t axis = rank;
      while (axis-- > 0) {
        if (axis + 1 == rank) continue;
        if (++index[axis] < extent[axis]) break;
        index[axis] = 0;
      }
      if (axis == SIZE_MAX) return;
    }
  }

  Hdf5File::State& state_;
  const Layout& layout_;
  Hdf5Filters filters_;
  const std::vector<uint64_t>& shape_;
  uint32_t element_size_;
  uint64_t chunk_bytes_ = 0;
  std::vector<std::byte> inflated_;
  std::vector<std::byte> unshuffled_;
};

std::vector<Chunk> list_chunks(const Hdf5File::State& state, const Layout& layout, size_t rank) {
  if (layout.single_chunk) return {*layout.single_chunk};
  std::vector<Chunk> chunks;
  if (layout.address == kHdf5Undefined) return chunks;
  walk_btree(state.file, layout.address, 1, 8 + 8 * (rank + 1), [&](std::span<const std::byte> key, uint64_t address) {
    ByteCursor cursor(key, 0, "chunk key");
    Chunk chunk;
    chunk.stored_size = cursor.u32();
    chunk.skipped_filters = cursor.u32();
    for (size_t i = 0; i < rank; ++i) chunk.offset.push_back(cursor.u64());
    chunk.address = address;
    chunks.push_back(std::move(chunk));
  });
  return chunks;
}

// Chunks of a sound file do not overlap: together they are no larger than the file, and decoding them gives no more
// than deflate can pack into it. Checked before any memory is taken.
void check_chunks(Hdf5File::State& state, std::span<const Chunk> chunks, uint64_t chunk_bytes, uint64_t total_bytes) {
  uint64_t stored = 0;
  for (const Chunk& chunk : chunks) stored += std::min<uint64_t>(chunk.stored_size, state.file.size() + 1);
  if (stored > state.file.size()) throw hdf5_damaged("the chunks of a dataset are larger than the file");
  const uint64_t decodable = stored * kLargestDeflateRatio + 4096;
  if (total_bytes > decodable || chunk_bytes > decodable) {
    throw hdf5_damaged("a dataset of " + std::to_string(total_bytes) + " bytes of which the file holds only " +
                       std::to_string(stored));
  }
  state.charge(total_bytes);
  state.charge(chunk_bytes);
}

std::shared_ptr<std::vector<std::byte>> filled(uint64_t total_bytes, std::span<const std::byte> fill,
                                               uint32_t element_size) {
  auto data = std::make_shared<std::vector<std::byte>>(static_cast<size_t>(total_bytes));
  if (fill.size() == element_size) {
    for (size_t i = 0; i < data->size(); i += element_size) {
      std::memcpy(data->data() + i, fill.data(), element_size);
    }
  }
  return data;
}

}  // namespace

Hdf5Data read_dataset(Hdf5File::State& state, Hdf5File::Object object, bool with_elements) {
  const auto messages = state.messages(object);
  const Hdf5Message* space = find_message(messages, Hdf5MessageType::kDataspace);
  const Hdf5Message* type = find_message(messages, Hdf5MessageType::kDatatype);
  const Hdf5Message* layout_message = find_message(messages, Hdf5MessageType::kLayout);
  if (space == nullptr || type == nullptr || layout_message == nullptr) {
    throw hdf5_damaged("a group or an incomplete object where a dataset should be");
  }
  Hdf5Data data;
  data.type = read_datatype(type->data);
  const auto shape = read_dataspace(space->data);
  data.shape = shape ? *shape : std::vector<uint64_t>{0};
  const uint64_t elements = element_count(data.shape);
  if (!with_elements || elements == 0) return data;
  if (elements > (uint64_t{1} << 48) / data.type.size) throw hdf5_damaged("a dataset of more than 2^48 bytes");
  const uint64_t total_bytes = elements * data.type.size;

  const Hdf5Message* fill_message = find_message(messages, Hdf5MessageType::kFillValue);
  const auto fill = fill_message != nullptr ? read_fill_value(fill_message->data) : std::span<const std::byte>{};
  const Layout layout = read_layout(layout_message->data, data.shape.size(), data.type.size);
  if (layout.kind == Layout::Kind::kCompact) {
    if (layout.compact.size() < total_bytes) throw hdf5_damaged("a compact dataset is shorter than its shape");
    data.bytes = layout.compact.first(static_cast<size_t>(total_bytes));
    data.keep_alive = state.keep_alive;
    return data;
  }
  if (layout.kind == Layout::Kind::kContiguous && layout.address != kHdf5Undefined) {
    if (layout.size < total_bytes) throw hdf5_damaged("a contiguous dataset is shorter than its shape");
    ByteCursor cursor(state.file, layout.address, "dataset");
    data.bytes = cursor.take(total_bytes);
    data.keep_alive = state.keep_alive;
    return data;
  }
  std::vector<Chunk> chunks;
  if (layout.kind == Layout::Kind::kChunked) {
    chunks = list_chunks(state, layout, data.shape.size());
    const uint64_t chunk_elements = element_count(layout.chunk_shape);
    if (chunk_elements > (uint64_t{1} << 48) / data.type.size) throw hdf5_damaged("a chunk of more than 2^48 bytes");
    check_chunks(state, chunks, chunk_elements * data.type.size, total_bytes);
  } else {
    // Never written: the fill value everywhere. Such files are small; their datasets must be, too.
    check_chunks(state, {}, 0, total_bytes);
  }
  auto decoded = filled(total_bytes, fill, data.type.size);
  if (!chunks.empty()) {
    const Hdf5Message* filter_message = find_message(messages, Hdf5MessageType::kFilters);
    const Hdf5Filters filters = filter_message != nullptr ? read_filters(filter_message->data) : Hdf5Filters{};
    ChunkedData(state, layout, filters, data.shape, data.type.size).read(chunks, *decoded);
  }
  data.bytes = *decoded;
  data.keep_alive = decoded;
  return data;
}

}  // namespace burin
