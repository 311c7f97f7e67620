#include "cli/dotenv.hpp"

#include <gtest/gtest.h>

namespace sluice::cli {
namespace {

TEST(Dotenv, PlainLinesAndComments) {
  Environment env = parse_dotenv("# head\nA=1\n  B = two words  # note\nexport C=3\nempty=\nnot a line\n");
  EXPECT_EQ(env["A"], "1");
  EXPECT_EQ(env["B"], "two words");
  EXPECT_EQ(env["C"], "3");
  EXPECT_EQ(env["empty"], "");
  EXPECT_EQ(env.count("not a line"), 0u);
}

TEST(Dotenv, Quotes) {
  Environment env = parse_dotenv("A='one # two'\nB=\"line\\nnext\"\nC='raw\\n'\nD=\"it's\"\r\nE=x\r\n");
  EXPECT_EQ(env["A"], "one # two");
  EXPECT_EQ(env["B"], "line\nnext");
  EXPECT_EQ(env["C"], "raw\\n");
  EXPECT_EQ(env["D"], "it's");
  EXPECT_EQ(env["E"], "x");
}

TEST(Dotenv, UrlsKeepTheirMarks) {
  EXPECT_EQ(parse_dotenv("DATABASE_URL=postgresql://u:p=w@h:1/d?x=y")["DATABASE_URL"], "postgresql://u:p=w@h:1/d?x=y");
}

}  // namespace
}  // namespace sluice::cli
