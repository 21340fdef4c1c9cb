// Packed weights that several kernels of one Program share: keyed by constant and by the name of the packing, so that
// a weight used twice is packed once. It lives while a Program is made; afterwards the kernels own what they use.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace burin::runtime {

class PackingCache {
 public:
  // Empty the first time: the caller packs and stores what it packed. `packing` names everything that the packed form
  // depends on besides the constant ("f32_b48").
  std::shared_ptr<const void>& slot(uint32_t constant, const std::string& packing) {
    return slots_[{constant, packing}];
  }

 private:
  std::map<std::pair<uint32_t, std::string>, std::shared_ptr<const void>> slots_;
};

}  // namespace burin::runtime
