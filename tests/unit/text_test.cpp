#include "base/text.hpp"

#include <gtest/gtest.h>

namespace sluice::text {
namespace {

TEST(Text, SplitAndJoin) {
  EXPECT_EQ(split("a,,b", ","), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(split("", ",").size(), 1u);
  EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(Text, TrimAndReplace) {
  EXPECT_EQ(trim(" \n a b\t"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(replace_all("a'b'", "'", "''"), "a''b''");
  EXPECT_EQ(to_lower("ÄAb"), "Äab");
}

TEST(Text, Lines) {
  EXPECT_EQ(line_of("a\nb\nc", 0), 1);
  EXPECT_EQ(line_of("a\nb\nc", 4), 3);
  EXPECT_EQ(line_of("a\nb", 100), 2);
  EXPECT_EQ(line_at("a\nb\nc", 2), "b");
}

TEST(Text, EditDistance) {
  EXPECT_EQ(edit_distance("users", "user"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", "abc"), 0u);
}

TEST(Text, Duration) {
  EXPECT_EQ(duration(340), "340 ms");
  EXPECT_EQ(duration(1200), "1.2 s");
  EXPECT_EQ(duration(125'000), "2 min 5 s");
}

}  // namespace
}  // namespace sluice::text
