#include "formats/flatbuffer/flat_table.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "formats/flatbuffer/table_builder.hpp"

namespace burin {
namespace {

// Root table: 0 int32 7, 1 string "abc", 2 vector {1, 2, 3} of int32, 3 table {0: int8 5}, 4 vector of two tables, 5
// absent.
std::vector<std::byte> sample() {
  flatbuffers::FlatBufferBuilder builder;
  const uint32_t text = builder.CreateString("abc").o;
  const uint32_t numbers = builder.CreateVector(std::vector<int32_t>{1, 2, 3}).o;
  const uint32_t inner = TableBuilder(builder).scalar(0, int8_t{5}, int8_t{0}).finish();
  const uint32_t tables = builder
                              .CreateVector(std::vector<flatbuffers::Offset<void>>{flatbuffers::Offset<void>(inner),
                                                                                   flatbuffers::Offset<void>(inner)})
                              .o;
  TableBuilder root(builder);
  root.scalar<int32_t>(0, 7, 0).offset(1, text).offset(2, numbers).offset(3, inner).offset(4, tables);
  builder.Finish(flatbuffers::Offset<void>(root.finish()), "TEST");
  const auto bytes = std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()));
  return {bytes.begin(), bytes.end()};
}

// Touches everything; the sum keeps the reads alive.
int64_t read_all(const FlatBuffer& buffer) {
  const FlatTable root = FlatTable::root(buffer, "TEST");
  int64_t sum = root.scalar<int32_t>(0, 0) + static_cast<int64_t>(root.string(1).size());
  for (uint32_t i = 0; i < root.vector(2).size(); ++i) sum += root.vector(2).scalar<int32_t>(i);
  sum += root.table(3).scalar<int8_t>(0, 0);
  for (uint32_t i = 0; i < root.vector(4).size(); ++i) sum += root.vector(4).table(i).scalar<int8_t>(0, 0);
  sum += static_cast<int64_t>(root.vector(2).bytes(4).size() + root.vector(1).string(0).size());
  return sum;
}

TEST(FlatTable, ReadsEveryKindOfField) {
  const std::vector<std::byte> bytes = sample();
  const FlatBuffer buffer{bytes};
  const FlatTable root = FlatTable::root(buffer, "TEST");
  EXPECT_EQ(root.scalar<int32_t>(0, 0), 7);
  EXPECT_EQ(root.string(1), "abc");
  ASSERT_EQ(root.vector(2).size(), 3u);
  EXPECT_EQ(root.vector(2).scalar<int32_t>(2), 3);
  EXPECT_EQ(root.vector(2).bytes(4).size(), 12u);
  EXPECT_EQ(root.table(3).scalar<int8_t>(0, 0), 5);
  EXPECT_EQ(root.vector(4).table(1).scalar<int8_t>(0, 0), 5);
  EXPECT_TRUE(root.has(3));
  EXPECT_FALSE(buffer.malformed);
}

TEST(FlatTable, AbsentFieldsGiveDefaults) {
  const std::vector<std::byte> bytes = sample();
  const FlatBuffer buffer{bytes};
  const FlatTable root = FlatTable::root(buffer, "TEST");
  EXPECT_FALSE(root.has(5));
  EXPECT_EQ(root.scalar<float>(5, 1.5f), 1.5f);
  EXPECT_TRUE(root.vector(99).empty());
  EXPECT_FALSE(root.table(5).exists());
  EXPECT_EQ(root.table(5).table(0).scalar<int32_t>(0, -3), -3);
  EXPECT_EQ(root.vector(2).scalar<int32_t>(3), 0);
  EXPECT_FALSE(root.vector(4).table(2).exists());
  EXPECT_FALSE(buffer.malformed);
}

TEST(FlatTable, ChecksTheIdentifier) {
  const std::vector<std::byte> bytes = sample();
  const FlatBuffer buffer{bytes};
  EXPECT_FALSE(FlatTable::root(buffer, "TFL3").exists());
  EXPECT_TRUE(buffer.malformed);
}

TEST(FlatTable, EveryTruncationStaysInside) {
  const std::vector<std::byte> bytes = sample();
  for (size_t size = 0; size < bytes.size(); ++size) {
    // A copy of exactly this size, so that sanitizers see a read behind it.
    const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    const FlatBuffer buffer{cut};
    EXPECT_LE(read_all(buffer), 1000) << size;
  }
}

TEST(FlatTable, EveryChangedWordStaysInside) {
  const std::vector<std::byte> bytes = sample();
  const uint32_t values[] = {
      0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff, static_cast<uint32_t>(bytes.size())};
  for (size_t position = 0; position + 4 <= bytes.size(); ++position) {
    for (const uint32_t value : values) {
      std::vector<std::byte> changed = bytes;
      std::memcpy(changed.data() + position, &value, 4);
      const FlatBuffer buffer{changed};
      (void)read_all(buffer);
    }
  }
  SUCCEED();
}

TEST(FlatTable, VectorsNeverPromiseMoreThanTheBufferHolds) {
  std::vector<std::byte> bytes = sample();
  const FlatBuffer whole{bytes};
  const auto* first = FlatTable::root(whole, "TEST").vector(2).bytes(4).data();
  const uint32_t huge = std::numeric_limits<uint32_t>::max();
  std::memcpy(bytes.data() + (first - bytes.data()) - 4, &huge, 4);
  const FlatBuffer buffer{bytes};
  EXPECT_EQ(FlatTable::root(buffer, "TEST").vector(2).size(), 0u);
  EXPECT_TRUE(buffer.malformed);
}

}  // namespace
}  // namespace burin
