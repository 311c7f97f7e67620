// How names, texts and types are written in SQL.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::sql {

// "name", with inner quotes doubled. Always quoted, as drizzle-kit does, so that no list of reserved words is needed.
std::string identifier(std::string_view name);
// "schema"."name"; without the schema when it is empty.
std::string qualified(std::string_view schema, std::string_view name);
// "a","b": a column list without the brackets.
std::string identifiers(const std::vector<std::string>& names);
// 'text', with inner quotes doubled. Needs standard_conforming_strings, PostgreSQL's default since 9.1.
std::string literal(std::string_view text);

// A column type as SQL. drizzle gives its text ("varchar(255)", "citext", "mood[]") and, for enums only, the schema.
// `enum_in_public` says how to write an enum of schema public: drizzle-kit writes "mood" in CREATE TABLE and
// "public"."mood" in casts (0.31.11).
enum class EnumStyle { bare_in_public, qualified };
std::string type(std::string_view text, const std::optional<std::string>& enum_schema, EnumStyle style);

}  // namespace sluice::sql
