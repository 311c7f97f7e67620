#include <gtest/gtest.h>

#include <cstdlib>

#include "base/files.hpp"
#include "history/checksums.hpp"
#include "history/folder.hpp"
#include "history/journal.hpp"

namespace sluice::history {
namespace {

class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    std::string pattern = (fs::temp_directory_path() / "sluice-history-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~FolderTest() override { fs::remove_all(directory_); }

  static Addition addition(const std::string& name) {
    Addition out;
    out.name = name;
    out.up = "SELECT 1;\n";
    out.down = "SELECT 2;\n";
    return out;
  }

  fs::path directory_;
};

TEST(Journal, PrintsWhatItRead) {
  Entry entry;
  entry.tag = "0000_init";
  entry.when = 1'700'000'000'000;
  std::string json = print_journal({entry});
  EXPECT_EQ(json.back(), '}');
  EXPECT_EQ(print_journal(parse_journal(json, "j")), json);
}

TEST(Journal, SaysWhatIsWrong) {
  EXPECT_THROW(parse_journal("", "j"), Error);
  EXPECT_THROW(parse_journal("<<<<<<< HEAD\n{}", "j"), Error);
  EXPECT_THROW(parse_journal(R"({"version":"7","dialect":"mysql","entries":[]})", "j"), Error);
}

TEST(Checksums, AChangedLineBreaksTheChain) {
  std::string text = print_checksums({{"0000_a.sql", "aa"}, {"0001_b.sql", "bb"}});
  int broken = -1;
  EXPECT_EQ(parse_checksums(text, broken).size(), 2u);
  EXPECT_EQ(broken, 0);
  text.replace(text.find("bb"), 2, "cc");
  parse_checksums(text, broken);
  EXPECT_EQ(broken, 2);
}

TEST_F(FolderTest, AFolderThatIsNotThereIsEmpty) {
  Folder folder = Folder::open(directory_ / "none");
  EXPECT_FALSE(folder.exists());
  EXPECT_TRUE(folder.entries().empty());
  EXPECT_FALSE(folder.last_snapshot());
}

TEST_F(FolderTest, AddsAndReadsMigrations) {
  Folder folder = Folder::open(directory_);
  EXPECT_EQ(folder.add(addition("init")).tag, "0000_init");
  folder = Folder::open(directory_);
  EXPECT_EQ(folder.add(addition("more")).tag, "0001_more");
  folder = Folder::open(directory_);
  ASSERT_EQ(folder.entries().size(), 2u);
  EXPECT_LT(folder.entries()[0].when, folder.entries()[1].when);
  EXPECT_EQ(folder.read(folder.entries()[1]).sql, "SELECT 1;\n");
  EXPECT_EQ(folder.read_down(folder.entries()[1]), "SELECT 2;\n");
  EXPECT_TRUE(folder.check().empty());
}

TEST_F(FolderTest, SeesAnEditedAndAMissingFile) {
  Folder folder = Folder::open(directory_);
  folder.add(addition("init"));
  files::write_atomically(directory_ / "0000_init.sql", "SELECT 3;\n");
  EXPECT_FALSE(Folder::open(directory_).check().empty());
  fs::remove(directory_ / "0000_init.sql");
  EXPECT_FALSE(Folder::open(directory_).check().empty());
}

TEST_F(FolderTest, TwoWritersDoNotTakeOneNumber) {
  Folder first = Folder::open(directory_), second = Folder::open(directory_);
  first.add(addition("init"));
  EXPECT_THROW(second.add(addition("init")), Error);
}

}  // namespace
}  // namespace sluice::history
