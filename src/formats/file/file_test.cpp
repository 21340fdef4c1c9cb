#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "burin/error.hpp"
#include "formats/file/mapped_file.hpp"
#include "formats/file/output_file.hpp"

namespace burin {
namespace {

namespace fs = std::filesystem;

// A folder of this test's own, removed afterwards.
class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "burin_file_test_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }
  std::string read(const fs::path& path) {
    auto file = MappedFile::open(path.string());
    if (!file.is_ok()) return "ERROR " + file.status().message();
    const auto bytes = file.value()->bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  size_t entries() {
    size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder_)) ++count;
    return count;
  }

  fs::path folder_;
};

TEST_F(FileTest, MapsWhatIsThere) {
  std::ofstream(folder_ / "a") << "hello";
  std::ofstream(folder_ / "empty").close();
  EXPECT_EQ(read(folder_ / "a"), "hello");
  EXPECT_EQ(read(folder_ / "empty"), "");
}

TEST_F(FileTest, RefusesWhatIsNoFile) {
  EXPECT_EQ(MappedFile::open((folder_ / "none").string()).status().message(),
            (folder_ / "none").string() + ": cannot open the file: No such file or directory");
  EXPECT_EQ(MappedFile::open(folder_.string()).status().message(), folder_.string() + ": is a folder, not a file");
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(MappedFile::open((folder_ / "pipe").string()).status().message(),
            (folder_ / "pipe").string() + ": is not a regular file");
  std::ofstream(folder_ / "a") << "hello";
  const Status status = MappedFile::open((folder_ / "a").string(), 4).status();
  EXPECT_EQ(status.code(), StatusCode::kResourceLimit);
  EXPECT_NE(status.message().find("has 5 bytes; at most 4 are read"), std::string::npos);
}

TEST_F(FileTest, AppearsOnlyWhenCommitted) {
  const fs::path path = folder_ / "new" / "folder" / "out.bin";
  {
    OutputFile file(path.string(), bytes_of("first"));
    EXPECT_FALSE(fs::exists(path));
    EXPECT_EQ(read(file.temporary_path()), "first");
    file.commit();
    EXPECT_EQ(read(path), "first");
  }
  {
    OutputFile file(path.string(), bytes_of("second"));
    EXPECT_EQ(read(path), "first");
  }
  EXPECT_EQ(read(path), "first");
  EXPECT_TRUE(fs::remove(path));
  EXPECT_TRUE(fs::is_empty(folder_ / "new" / "folder"));
}

TEST_F(FileTest, KeepsTheModeOfTheFileItReplaces) {
  const fs::path path = folder_ / "out";
  std::ofstream(path) << "old";
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  OutputFile file(path.string(), bytes_of("new"));
  file.commit();
  struct stat info{};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST_F(FileTest, WorksWithoutAFolderInThePath) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  {
    OutputFile file("plain", bytes_of("text"));
    file.commit();
  }
  fs::current_path(before);
  EXPECT_EQ(read(folder_ / "plain"), "text");
}

TEST_F(FileTest, AFileSizeLimitLeavesTheOldFile) {
  const fs::path path = folder_ / "out";
  std::ofstream(path) << "old";
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit = before;
  limit.rlim_cur = 1000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::string message;
  std::string remedy;
  try {
    OutputFile file(path.string(), std::vector<std::byte>(5000));
  } catch (const Error& error) {
    message = error.status().message();
    remedy = error.status().remedy();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message, path.string() + ": cannot write the file: File too large");
  EXPECT_NE(remedy.find("file-size limit"), std::string::npos);
  EXPECT_EQ(read(path), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(FileTest, NamesThePathThatCannotBeWritten) {
  std::ofstream(folder_ / "file") << "x";
  for (const fs::path& path : {folder_ / "file" / "below", folder_, fs::path(folder_ / "slash/")}) {
    try {
      OutputFile file(path.string(), bytes_of("text"));
      FAIL() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.status().message().find(path.string() + ": cannot write the file: "), 0u)
          << error.status().message();
    }
  }
}

}  // namespace
}  // namespace burin
