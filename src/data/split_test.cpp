#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "burin/error.hpp"
#include "data/dataset.hpp"
#include "data/random.hpp"
#include "data/sha256.hpp"

namespace burin {
namespace {

std::string hex(const std::array<uint8_t, 32>& digest) {
  std::string text;
  for (const uint8_t byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

TEST(Sha256, VectorsOfTheStandard) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Random, IsSplitMix64) {
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317u);
  EXPECT_EQ(random.next(), 3203168211198807973u);
}

TEST(Random, BelowIsInRangeAndReachesEveryValue) {
  Random random(0);
  std::set<uint64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(random.below(7));
  EXPECT_EQ(seen.size(), 7u);
  EXPECT_EQ(*seen.rbegin(), 6u);
}

std::vector<std::string> numbered_names(size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back("class/picture" + std::to_string(i) + ".jpg");
  return names;
}

TEST(SplitByName, EveryClassInFifths) {
  std::vector<size_t> strata(25, 0);
  strata.insert(strata.end(), 10, 1);
  const SplitIndices split = split_by_name(numbered_names(35), strata);
  EXPECT_EQ(split.train.size(), 15u + 6u);
  EXPECT_EQ(split.val.size(), 5u + 2u);
  EXPECT_EQ(split.test.size(), 5u + 2u);
  std::set<size_t> all;
  for (const auto* part : {&split.train, &split.val, &split.test}) {
    EXPECT_TRUE(std::is_sorted(part->begin(), part->end()));
    all.insert(part->begin(), part->end());
  }
  EXPECT_EQ(all.size(), 35u);
}

TEST(SplitByName, DependsOnNamesNotOnOrderOrFolder) {
  std::vector<std::string> names = numbered_names(20);
  const std::vector<size_t> strata(20, 0);
  const SplitIndices split = split_by_name(names, strata);
  std::set<std::string> test;
  for (const size_t i : split.test) test.insert(names[i].substr(6));
  std::reverse(names.begin(), names.end());
  for (std::string& name : names) name = "elsewhere/" + name.substr(6);
  std::set<std::string> test_again;
  for (const size_t i : split_by_name(names, strata).test) test_again.insert(names[i].substr(10));
  EXPECT_EQ(test, test_again);
}

TEST(ChooseStratified, SharesBySize) {
  std::vector<size_t> strata(60, 0);
  strata.insert(strata.end(), 30, 1);
  strata.insert(strata.end(), 10, 2);
  const std::vector<size_t> chosen = choose_stratified(strata, 20, 0);
  std::map<size_t, size_t> counts;
  for (const size_t i : chosen) ++counts[strata[i]];
  EXPECT_EQ(counts[0], 12u);
  EXPECT_EQ(counts[1], 6u);
  EXPECT_EQ(counts[2], 2u);
  EXPECT_EQ(std::set<size_t>(chosen.begin(), chosen.end()).size(), 20u);
}

TEST(ChooseStratified, SeedDecidesAndAllMeansAll) {
  const std::vector<size_t> strata(40, 0);
  EXPECT_EQ(choose_stratified(strata, 10, 1), choose_stratified(strata, 10, 1));
  EXPECT_NE(choose_stratified(strata, 10, 1), choose_stratified(strata, 10, 2));
  EXPECT_EQ(choose_stratified(strata, 100, 0).size(), 40u);
  EXPECT_TRUE(choose_stratified({}, 10, 0).empty());
}

Dataset with_classes(std::vector<std::string> classes, std::vector<size_t> strata) {
  Dataset data;
  data.classes = std::move(classes);
  data.strata = std::move(strata);
  data.names.resize(data.strata.size(), "name");
  data.labeled = true;
  return data;
}

TEST(MatchLabels, ByNameThenByPosition) {
  EXPECT_EQ(match_labels(with_classes({"b", "c"}, {0, 1}), {"a", "b", "c"}, 3), (std::vector<size_t>{1, 2}));
  EXPECT_EQ(match_labels(with_classes({"x", "y"}, {0, 1}), {"a", "b"}, 2), (std::vector<size_t>{0, 1}));
  EXPECT_EQ(match_labels(with_classes({"x", "y"}, {1, 0}), {}, 2), (std::vector<size_t>{1, 0}));
}

TEST(MatchLabels, RefusesWhatDoesNotFit) {
  try {
    Dataset folder = with_classes({"x", "y"}, {0, 1});
    folder.path = "pictures/val";
    match_labels(folder, {}, 3);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.status().message(), "pictures/val: the data has 2 class folders (x, y), the model 3 outputs");
  }
  Dataset arrays = with_classes({}, {0, 7});
  EXPECT_THROW(match_labels(arrays, {}, 3), Error);
}

}  // namespace
}  // namespace burin
