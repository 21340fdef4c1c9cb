// libFuzzer's mutations of a .tflite, by its schema: half of them change a value, a size or an offset that the file has
// in a place that the reader looks at; the others are libFuzzer's own.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

enum class Kind : uint8_t { kScalar, kString, kScalars, kTable, kTables };

struct Field {
  Kind kind;
  uint8_t width;              // of the scalar, or of each scalar of a vector, in bytes
  const struct Table* table;  // of kTable and kTables
};

struct Table {
  std::span<const Field> fields;
};

constexpr Field scalar(uint8_t width) { return {Kind::kScalar, width, nullptr}; }
constexpr Field scalars(uint8_t width) { return {Kind::kScalars, width, nullptr}; }
constexpr Field kString{Kind::kString, 1, nullptr};
constexpr Field table(const Table& of) { return {Kind::kTable, 4, &of}; }
constexpr Field tables(const Table& of) { return {Kind::kTables, 4, &of}; }

// Those of schema.fbs that Burin reads.
constexpr Field kOperatorCodeFields[] = {scalar(1), kString, scalar(4), scalar(4)};
constexpr Table kOperatorCode{kOperatorCodeFields};
constexpr Field kQuantizationFields[] = {scalars(4), scalars(4), scalars(4), scalars(8),
                                         scalar(1),  scalar(4),  scalar(4)};
constexpr Table kQuantization{kQuantizationFields};
constexpr Field kTensorFields[] = {scalars(4), scalar(1), scalar(4),  kString,  table(kQuantization),
                                   scalar(1),  scalar(4), scalars(4), scalar(1)};
constexpr Table kTensor{kTensorFields};
// Every operator's options begin with scalars of up to four bytes, or with a vector.
constexpr Field kOptionFields[] = {scalar(4), scalar(4), scalar(4), scalar(4), scalar(4), scalar(4), scalar(4)};
constexpr Table kOptions{kOptionFields};
constexpr Field kOperatorFields[] = {scalar(4), scalars(4), scalars(4), scalar(1), table(kOptions)};
constexpr Table kOperator{kOperatorFields};
constexpr Field kSubgraphFields[] = {tables(kTensor), scalars(4), scalars(4), tables(kOperator), kString};
constexpr Table kSubgraph{kSubgraphFields};
constexpr Field kBufferFields[] = {scalars(1), scalar(8), scalar(8)};
constexpr Table kBuffer{kBufferFields};
constexpr Field kTensorMapFields[] = {kString, scalar(4)};
constexpr Table kTensorMap{kTensorMapFields};
constexpr Field kSignatureFields[] = {tables(kTensorMap), tables(kTensorMap), kString, scalar(4), scalar(4)};
constexpr Table kSignature{kSignatureFields};
constexpr Field kModelFields[] = {scalar(4), tables(kOperatorCode), tables(kSubgraph),
                                  kString,   tables(kBuffer),       scalars(4),
                                  scalar(4), tables(kSignature)};
constexpr Table kModel{kModelFields};

// A place of the file that means something.
struct Site {
  enum class Role : uint8_t {
    kValue,
    kSize,     // of a vector
    kOffset,   // to a table, a vector or a string
    kVtable,   // of a table, backwards
    kPresent,  // where a table's field lies
  };
  uint32_t position;
  Role role;
  uint8_t width;
  uint8_t element_width;  // of the vector that begins there
  const void* field;      // sites of equal fields mean the same
};

// Finds the sites; leaves out what does not lie in the file.
class Finder {
 public:
  explicit Finder(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  // None twice.
  std::vector<Site> run() {
    if (bytes_.size() < 8) return {};
    seen_.assign(bytes_.size(), false);
    sites_.reserve(256);
    add(Site::Role::kOffset, 4, 0, &kModel);
    visit(kModel, follow(0), 0);
    return std::move(sites_);
  }

 private:
  static constexpr size_t kMaxSites = 4096;
  static constexpr int kMaxDepth = 8;

  template <typename T>
  T read(uint64_t position) const {
    T value{};
    if (position + sizeof(T) <= bytes_.size()) std::memcpy(&value, bytes_.data() + position, sizeof(T));
    return value;
  }
  uint64_t follow(uint64_t position) const { return position + read<uint32_t>(position); }
  void add(Site::Role role, uint8_t width, uint64_t position, const void* field, uint8_t element_width = 0) {
    if (position + width > bytes_.size() || seen_[position]) return;
    seen_[position] = true;
    sites_.push_back({static_cast<uint32_t>(position), role, width, element_width, field});
  }

  void visit(const Table& table, uint64_t position, int depth) {
    if (position + 4 > bytes_.size() || depth > kMaxDepth || sites_.size() > kMaxSites) return;
    const int64_t vtable = static_cast<int64_t>(position) - read<int32_t>(position);
    if (vtable < 0 || static_cast<uint64_t>(vtable) + 4 > bytes_.size()) return;
    if (seen_[position]) return;
    add(Site::Role::kVtable, 4, position, &table);
    const uint64_t slots = read<uint16_t>(static_cast<uint64_t>(vtable));
    for (size_t i = 0; i < table.fields.size(); ++i) {
      const uint64_t slot = 4 + 2 * i;
      if (slot + 2 > slots) return;
      const auto offset = read<uint16_t>(static_cast<uint64_t>(vtable) + slot);
      if (offset == 0) continue;
      add(Site::Role::kPresent, 2, static_cast<uint64_t>(vtable) + slot, &table);
      visit(table.fields[i], position + offset, depth);
    }
  }

  void visit(const Field& field, uint64_t position, int depth) {
    if (field.kind == Kind::kScalar) return add(Site::Role::kValue, field.width, position, &field);
    add(Site::Role::kOffset, 4, position, &field);
    const uint64_t target = follow(position);
    if (field.kind == Kind::kTable) return visit(*field.table, target, depth + 1);
    const auto count = read<uint32_t>(target);
    if (target + 4 + uint64_t{count} * field.width > bytes_.size()) return;
    add(Site::Role::kSize, 4, target, &field, field.width);
    for (uint32_t i = 0; i < count && sites_.size() < kMaxSites; ++i) {
      const uint64_t element = target + 4 + uint64_t{i} * field.width;
      if (field.kind == Kind::kTables) {
        add(Site::Role::kOffset, 4, element, field.table);
        visit(*field.table, follow(element), depth + 1);
      } else if (field.kind == Kind::kScalars) {
        add(Site::Role::kValue, field.width, element, &field);
      }
    }
  }

  std::span<const uint8_t> bytes_;
  std::vector<char> seen_;  // by position: whether a site begins there
  std::vector<Site> sites_;
};

constexpr uint64_t kEvil[] = {0,
                              1,
                              2,
                              3,
                              4,
                              5,
                              7,
                              8,
                              16,
                              17,
                              63,
                              127,
                              128,
                              255,
                              256,
                              0x7fff,
                              0x8000,
                              0xffff,
                              0x10000,
                              0x100000,
                              0x40000000,
                              0x7fffffff,
                              0x80000000,
                              0xfffffffe,
                              0xffffffff,
                              0x100000000,
                              0x7fffffffffffffff,
                              0xffffffffffffffff,
                              0x3f800000,   // 1.0f
                              0x7f800000,   // infinity
                              0x7fc00000,   // not a number
                              0x00000001};  // the smallest float

class Mutation {
 public:
  Mutation(uint8_t* data, size_t size, size_t max_size, unsigned int seed)
      : data_(data), size_(size), max_size_(max_size), random_(seed) {
    (void)random_();
  }

  size_t run() {
    if (any(16) == 0) return LLVMFuzzerMutate(data_, size_, max_size_);
    for (size_t changes = 1 + any(8) / 6; changes > 0; --changes) change();
    return size_;
  }

 private:
  size_t any(size_t count) { return static_cast<size_t>(random_()) / 16 % count; }

  template <typename T>
  T read(size_t position) const {
    T value{};
    if (position + sizeof(T) <= size_) std::memcpy(&value, data_ + position, sizeof(T));
    return value;
  }

  void change() {
    sites_ = Finder({data_, size_}).run();
    if (sites_.empty()) return;
    const Site site = any_site();
    uint64_t value = 0;
    std::memcpy(&value, data_ + site.position, site.width);
    switch (any(8)) {
      case 0:
        value = kEvil[any(std::size(kEvil))];
        break;
      case 1:
      case 2:
        value += any(2) == 0 ? 1 + any(4) : ~uint64_t{0} - any(4);
        break;
      default:
        if (site.role == Site::Role::kSize) return lengthen(site);
        value = same_meaning(site);
        break;
    }
    std::memcpy(data_ + site.position, &value, site.width);
  }

  // Values mostly: a file whose offsets are wrong is refused at once.
  Site any_site() {
    Site site{};
    for (int attempt = 0; attempt < 4; ++attempt) {
      site = sites_[any(sites_.size())];
      if (site.role == Site::Role::kValue || site.role == Site::Role::kSize) break;
    }
    return site;
  }

  // What another place of the same meaning says; an offset then leads to the same target.
  uint64_t same_meaning(const Site& site) {
    std::vector<const Site*> others;
    for (const Site& other : sites_) {
      if (other.role == site.role && other.field == site.field) others.push_back(&other);
    }
    const Site& other = *others[any(others.size())];
    uint64_t value = 0;
    std::memcpy(&value, data_ + other.position, other.width);
    return site.role == Site::Role::kOffset ? value + other.position - site.position : value;
  }

  // A vector's last element is one more, equal to another of its elements.
  void lengthen(const Site& site) {
    const auto count = read<uint32_t>(site.position);
    const size_t end = site.position + 4 + size_t{count} * site.element_width;
    if (!make_room(end)) return;
    const uint32_t longer = count + 1;
    std::memcpy(data_ + site.position, &longer, 4);
    if (count == 0) return;
    const size_t from = site.position + 4 + any(count) * site.element_width;
    std::memcpy(data_ + end, data_ + from, site.element_width);
    const auto* field = static_cast<const Field*>(site.field);
    if (field->kind != Kind::kTables) return;
    const auto offset = static_cast<uint32_t>(read<uint32_t>(from) + from - end);
    std::memcpy(data_ + end, &offset, 4);
  }

  // Eight zero bytes at `place`; every offset still leads to where it did.
  bool make_room(size_t place) {
    constexpr size_t kBytes = 8;
    if (size_ + kBytes > max_size_ || place > size_) return false;
    for (const Site& site : sites_) {
      if (site.role != Site::Role::kOffset && site.role != Site::Role::kVtable) continue;
      const auto offset = read<uint32_t>(site.position);
      const bool backwards = site.role == Site::Role::kVtable;
      const int64_t distance = backwards ? -int64_t{static_cast<int32_t>(offset)} : int64_t{offset};
      const bool before = site.position < place;
      const bool target_before = site.position + distance < static_cast<int64_t>(place);
      if (before == target_before) continue;
      const int64_t longer = distance + (before ? 1 : -1) * static_cast<int64_t>(kBytes);
      const auto changed = static_cast<uint32_t>(backwards ? -longer : longer);
      std::memcpy(data_ + site.position, &changed, 4);
    }
    std::memmove(data_ + place + kBytes, data_ + place, size_ - place);
    std::memset(data_ + place, 0, kBytes);
    size_ += kBytes;
    return true;
  }

  uint8_t* data_;
  size_t size_;
  size_t max_size_;
  std::minstd_rand random_;
  std::vector<Site> sites_;
};

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned int seed) {
  return Mutation(data, size, max_size, seed).run();
}
