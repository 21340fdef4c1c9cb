#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "data/dataset.hpp"
#include "data/random.hpp"
#include "data/sha256.hpp"

namespace burin {
namespace {

std::map<size_t, std::vector<size_t>> members_by_stratum(const std::vector<size_t>& strata) {
  std::map<size_t, std::vector<size_t>> members;
  for (size_t i = 0; i < strata.size(); ++i) members[strata[i]].push_back(i);
  return members;
}

}  // namespace

std::vector<size_t> choose_stratified(const std::vector<size_t>& strata, size_t count, uint64_t seed) {
  Random random(seed);
  count = std::min(count, strata.size());
  auto members = members_by_stratum(strata);
  // Largest remainders: everybody gets the whole part of his share, those with the largest rest one more.
  struct Share {
    size_t stratum, whole, rest;
  };
  std::vector<Share> shares;
  size_t given = 0;
  for (const auto& [stratum, indices] : members) {
    const size_t product = indices.size() * count;
    shares.push_back({stratum, product / strata.size(), product % strata.size()});
    given += shares.back().whole;
  }
  std::stable_sort(shares.begin(), shares.end(), [](const Share& a, const Share& b) { return a.rest > b.rest; });
  for (size_t i = 0; given < count; ++i, ++given) ++shares[i].whole;
  std::sort(shares.begin(), shares.end(), [](const Share& a, const Share& b) { return a.stratum < b.stratum; });

  std::vector<size_t> chosen;
  for (const Share& share : shares) {
    auto& indices = members[share.stratum];
    shuffle(std::span(indices), random);
    chosen.insert(chosen.end(), indices.begin(), indices.begin() + static_cast<std::ptrdiff_t>(share.whole));
  }
  shuffle(std::span(chosen), random);
  return chosen;
}

SplitIndices split_by_name(const std::vector<std::string>& names, const std::vector<size_t>& strata) {
  SplitIndices split;
  for (auto& [stratum, indices] : members_by_stratum(strata)) {
    std::vector<std::tuple<std::array<uint8_t, 32>, std::string, size_t>> order;
    for (const size_t index : indices) {
      const std::string& name = names[index];
      order.emplace_back(sha256(std::string_view(name).substr(name.find_last_of('/') + 1)), name, index);
    }
    std::sort(order.begin(), order.end());
    const size_t fifth = (order.size() + 2) / 5;  // rounded to nearest
    const size_t train = order.size() - 2 * fifth;
    for (size_t i = 0; i < order.size(); ++i) {
      auto& part = i < train ? split.train : i < train + fifth ? split.val : split.test;
      part.push_back(std::get<2>(order[i]));
    }
  }
  for (auto* part : {&split.train, &split.val, &split.test}) std::sort(part->begin(), part->end());
  return split;
}

}  // namespace burin
