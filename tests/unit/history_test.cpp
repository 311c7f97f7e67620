#include <gtest/gtest.h>

#include <cstdlib>

#include "base/files.hpp"
#include "history/checksums.hpp"
#include "history/conflict.hpp"
#include "history/folder.hpp"
#include "history/journal.hpp"
#include "history/merge_driver.hpp"
#include "history/rewrite.hpp"

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

TEST(Conflict, GivesBothSides) {
  std::optional<Conflict> conflict =
      split_conflict("a\n<<<<<<< HEAD\nb\n||||||| base\nx\n=======\nc\nd\n>>>>>>> other branch\ne\n");
  ASSERT_TRUE(conflict);
  EXPECT_EQ(conflict->first, "a\nb\ne\n");
  EXPECT_EQ(conflict->second, "a\nc\nd\ne\n");
  EXPECT_EQ(conflict->first_name, "HEAD");
  EXPECT_EQ(conflict->second_name, "other branch");
  EXPECT_EQ(conflict->line, 2);
  EXPECT_FALSE(split_conflict("a\n=======\nb\n"));
}

TEST(MergeDriver, IsAConflictOnlyIfBothSidesAdded) {
  auto journal = [](const std::vector<std::string>& tags) {
    std::vector<Entry> entries;
    for (const std::string& tag : tags) {
      entries.emplace_back();
      entries.back().tag = tag;
      entries.back().index = static_cast<int>(entries.size()) - 1;
    }
    return print_journal(entries);
  };
  std::string base = journal({"0000_a"});
  MergedFile one = merge_file("_journal.json", base, base, journal({"0000_a", "0001_b"}));
  EXPECT_EQ(one.text, journal({"0000_a", "0001_b"}));
  EXPECT_FALSE(one.conflict);
  MergedFile both = merge_file("_journal.json", base, journal({"0000_a", "0001_b"}), journal({"0000_a", "0001_c"}));
  EXPECT_TRUE(both.conflict);
  EXPECT_EQ(parse_journal(both.text, "j").size(), 3U);
  MergedFile dropped = merge_file("_journal.json", journal({"0000_a", "0001_b"}), journal({"0000_a", "0001_b"}), base);
  EXPECT_EQ(dropped.text, base);
  EXPECT_FALSE(dropped.conflict);
}

// A rewrite that is killed before or after the journal is written leaves a note by which the next run tidies up.
TEST_F(FolderTest, AKilledRewriteIsTidiedUp) {
  Folder folder = Folder::open(directory_);
  Entry old = folder.add(addition("init"));
  Entry renamed = old;
  renamed.tag = "0000_first";
  std::string journal = print_journal({renamed});
  std::string note = "=" + files::sha256(journal) + "\n+0000_first.sql\n-0000_init.sql\n";
  files::write_atomically(directory_ / "0000_first.sql", "SELECT 1;\n");
  files::write_atomically(directory_ / "meta" / "_sluice.pending", note);
  Folder::open(directory_).remove_leftovers();
  EXPECT_TRUE(fs::exists(directory_ / "0000_init.sql"));
  EXPECT_FALSE(fs::exists(directory_ / "0000_first.sql"));

  files::write_atomically(directory_ / "0000_first.sql", "SELECT 1;\n");
  files::write_atomically(directory_ / "meta" / "_journal.json", journal);
  files::write_atomically(directory_ / "meta" / "_sluice.pending", note);
  Folder::open(directory_).remove_leftovers();
  EXPECT_FALSE(fs::exists(directory_ / "0000_init.sql"));
  EXPECT_TRUE(fs::exists(directory_ / "0000_first.sql"));
  EXPECT_FALSE(fs::exists(directory_ / "meta" / "_sluice.pending"));
}

TEST_F(FolderTest, ARewriteChangesJournalFilesAndChecksums) {
  Folder folder = Folder::open(directory_);
  folder.add(addition("init"));
  Entry last = folder.add(addition("more"));
  Rewrite changes;
  changes.entries = {folder.entries().front()};
  changes.removed = {last.file_name(), last.tag + ".down.sql", last.snapshot_name()};
  rewrite(directory_, changes);
  Folder after = Folder::open(directory_);
  EXPECT_EQ(after.entries().size(), 1U);
  EXPECT_TRUE(after.check().empty());
  EXPECT_FALSE(fs::exists(directory_ / last.file_name()));
}

}  // namespace
}  // namespace sluice::history
