#include <gtest/gtest.h>

#include "base/text.hpp"

namespace sluice::text {
namespace {

struct GlobCase {
  const char *pattern, *path;
  bool matches;
};

class Glob : public testing::TestWithParam<GlobCase> {};

TEST_P(Glob, Match) { EXPECT_EQ(glob_match(GetParam().pattern, GetParam().path), GetParam().matches); }

INSTANTIATE_TEST_SUITE_P(Patterns, Glob,
                         testing::Values(GlobCase{"*.ts", "a.ts", true}, GlobCase{"*.ts", "d/a.ts", false},
                                         GlobCase{"**/*.ts", "a.ts", true}, GlobCase{"**/*.ts", "d/e/a.ts", true},
                                         GlobCase{"src/**", "src/d/a.ts", true}, GlobCase{"a?.ts", "ab.ts", true},
                                         GlobCase{"a?.ts", "a/.ts", false}, GlobCase{"[ab].ts", "b.ts", true},
                                         GlobCase{"[!ab].ts", "b.ts", false}, GlobCase{"[a-c].ts", "b.ts", true},
                                         GlobCase{"{a,b/c}.ts", "b/c.ts", true}, GlobCase{"a{b,c{d,e}}", "ace", true},
                                         GlobCase{"a.ts", "axts", false}));

INSTANTIATE_TEST_SUITE_P(Groups, Glob,
                         testing::Values(GlobCase{"d/!(*.test).ts", "d/users.ts", true},
                                         GlobCase{"d/!(*.test).ts", "d/users.test.ts", false},
                                         GlobCase{"d/!(*.test|index).ts", "d/index.ts", false},
                                         GlobCase{"d/!(a).ts", "d/e/b.ts", false}, GlobCase{"@(a|b).ts", "b.ts", true},
                                         GlobCase{"@(a|b).ts", "ab.ts", false}, GlobCase{"+(a|b).ts", "abba.ts", true},
                                         GlobCase{"+(a|b).ts", ".ts", false}, GlobCase{"*(a|b).ts", ".ts", true},
                                         GlobCase{"a?(.old).ts", "a.ts", true},
                                         GlobCase{"a?(.old).ts", "a.old.ts", true},
                                         GlobCase{"+(a|@(b|c)).ts", "acb.ts", true},
                                         GlobCase{"(a)/b.ts", "(a)/b.ts", true}, GlobCase{"+(a", "+(a", true}));

}  // namespace
}  // namespace sluice::text
