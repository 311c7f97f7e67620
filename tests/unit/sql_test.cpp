#include <gtest/gtest.h>

#include "sql/in_schema.hpp"
#include "sql/quote.hpp"
#include "sql/statements.hpp"

namespace sluice::sql {
namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  for (const Statement& statement : statements({text, 1})) out.emplace_back(statement.text);
  return out;
}
Execution execution_of(std::string_view text) { return execution({text, 1}); }

// What a migration for schema public is for a tenant's.
std::string for_tenant(std::string_view text) { return in_schema(text, "public", "tenant 1").text; }

TEST(WithoutTexts, TextsAreAnybodysData) {
  EXPECT_EQ(without_texts("INSERT INTO a VALUES ('it''s', E'\\'x', 2) -- 'y'"), "INSERT INTO a VALUES (?, ?, 2)  ");
  EXPECT_EQ(without_texts("DO $x$ secret $x$; SELECT \"a'b\", $1"), "DO ?; SELECT \"a'b\", $1");
  EXPECT_EQ(without_texts("SELECT 'never ended"), "SELECT ?");
}

TEST(InSchema, NamesInTheSchema) {
  EXPECT_EQ(for_tenant(R"(ALTER TABLE "posts" ADD FOREIGN KEY ("a") REFERENCES "public"."users"("id");)"),
            R"(ALTER TABLE "posts" ADD FOREIGN KEY ("a") REFERENCES "tenant 1"."users"("id");)");
  EXPECT_EQ(for_tenant("CREATE TYPE Public . mood AS ENUM ('public', 'private')"),
            R"(CREATE TYPE "tenant 1" . mood AS ENUM ('public', 'private'))");
  EXPECT_EQ(for_tenant("GRANT USAGE ON SCHEMA public TO public"), "GRANT USAGE ON SCHEMA \"tenant 1\" TO public");
  EXPECT_EQ(for_tenant("SET search_path = public, extensions; SELECT public"),
            "SET search_path = \"tenant 1\", extensions; SELECT public");
  EXPECT_EQ(for_tenant("SET search_path TO extensions, public"), "SET search_path TO extensions, \"tenant 1\"");
  EXPECT_EQ(for_tenant("SELECT x.public.y, publicity.z, public FROM t -- public.x\n/* public.x */"),
            "SELECT x.public.y, publicity.z, public FROM t -- public.x\n/* public.x */");
}

TEST(InSchema, Bodies) {
  EXPECT_EQ(for_tenant("DO $$ BEGIN\n ALTER TABLE public.a ADD b int;\nEND $$;\nDROP TABLE public.a"),
            "DO $$ BEGIN\n ALTER TABLE \"tenant 1\".a ADD b int;\nEND $$;\nDROP TABLE \"tenant 1\".a");
  EXPECT_EQ(for_tenant("SELECT $1, $$$$, $a$ x $a$"), "SELECT $1, $$$$, $a$ x $a$");
}

TEST(InSchema, TextsThatNameIt) {
  auto unclear = [](std::string_view text) { return in_schema(text, "public", "t").unclear_lines; };
  EXPECT_EQ(unclear("SELECT 1;\nSELECT nextval('public.a_seq')"), std::vector<int>{2});
  EXPECT_EQ(unclear("SELECT '\"public\".\"a\"'::regclass"), std::vector<int>{1});
  EXPECT_EQ(unclear("DO $$\nBEGIN\nEXECUTE 'DROP TABLE public.a';\nEND $$"), std::vector<int>{3});
  EXPECT_EQ(unclear("SELECT set_config('search_path', 'public', false)"), std::vector<int>{1});
  EXPECT_EQ(unclear("INSERT INTO a VALUES ('public', 'https://public.example.org', 'It is public. So')"),
            std::vector<int>{});
}

TEST(Quote, DoublesQuotes) {
  EXPECT_EQ(identifier("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(qualified("", "t"), "\"t\"");
  EXPECT_EQ(qualified("app", "t"), "\"app\".\"t\"");
  EXPECT_EQ(identifiers({"a", "b"}), "\"a\",\"b\"");
  EXPECT_EQ(literal("it's \\"), "'it''s \\'");
}

TEST(Quote, TypesAsDrizzleKitWritesThem) {
  EXPECT_EQ(type("integer", {}, EnumStyle::qualified), "integer");
  EXPECT_EQ(type("citext", {}, EnumStyle::qualified), "\"citext\"");
  EXPECT_EQ(type("varchar(255)", {}, EnumStyle::qualified), "varchar(255)");
  EXPECT_EQ(type("timestamp (3) with time zone", {}, EnumStyle::qualified), "timestamp (3) with time zone");
  EXPECT_EQ(type("text[]", {}, EnumStyle::qualified), "text[]");
  EXPECT_EQ(type("mood", "public", EnumStyle::bare_in_public), "\"mood\"");
  EXPECT_EQ(type("mood[]", "public", EnumStyle::qualified), "\"public\".\"mood\"[]");
  EXPECT_EQ(type("mood", "app", EnumStyle::bare_in_public), "\"app\".\"mood\"");
}

TEST(Statements, SplitAtSemicolonsThatSeparate) {
  EXPECT_EQ(split("a; b;\n"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(split("select ';', \"x;y\", E'\\';', $$a;b$$, $t$;$$;$t$ /* ; /* ; */ ; */ -- ;\n; b").size(), 2u);
  EXPECT_EQ(split("-- only a comment\n/* and another */ ;;").size(), 0u);
}

TEST(Statements, FunctionBodiesStayWhole) {
  EXPECT_EQ(
      split("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3")
          .size(),
      2u);
}

TEST(Statements, KnowTheirLine) {
  auto list = statements({"\n-- note\nselect 1;\n\nselect\n2;", 10});
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].line, 12);
  EXPECT_EQ(list[1].line, 14);
}

TEST(Chunks, SplitAtBreakpointsAndSkipEmptyOnes) {
  std::string file =
      "-- head\n--> statement-breakpoint\nselect 1;\n--> statement-breakpoint\nselect 2;--> statement-breakpoint\n";
  auto list = chunks(file);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_NE(list[0].text.find("select 1"), std::string_view::npos);
  EXPECT_EQ(list[1].line, 4);
}

TEST(Execution, WhatCannotStandInATransaction) {
  EXPECT_EQ(execution_of("create index concurrently i on t (a)"), Execution::alone);
  EXPECT_EQ(execution_of("CREATE UNIQUE INDEX /* x */ CONCURRENTLY i ON t (a)"), Execution::alone);
  EXPECT_EQ(execution_of("vacuum t"), Execution::alone);
  EXPECT_EQ(execution_of("create index i on t (a)"), Execution::transactional);
  EXPECT_EQ(execution_of("ALTER TYPE e ADD VALUE 'x'"), Execution::transactional);
  EXPECT_EQ(execution_of("begin"), Execution::transaction_control);
  EXPECT_EQ(execution_of("rollback to savepoint a"), Execution::transactional);
}

TEST(OneLine, CutsBetweenCharacters) {
  EXPECT_EQ(one_line("a\n  b", 10), "a b");
  EXPECT_EQ(one_line("aéé", 2), "a…");
}

}  // namespace
}  // namespace sluice::sql
