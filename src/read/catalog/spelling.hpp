// PostgreSQL's words for types and defaults as drizzle's snapshot has them. Private to read/catalog.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/schema.hpp"

namespace sluice::read {

// "character varying(20)" → "varchar(20)", "timestamp(3) without time zone" → "timestamp(3)": what drizzle's columns
// print.
std::string spelled_type(std::string_view format_type);

// pg_get_expr's text of a default as drizzle writes it for a column of that (spelled) type: 'x'::text → 'x', numbers
// and booleans bare, JSON and lists as drizzle prints them. Nothing for NULL.
std::optional<model::Literal> spelled_default(const std::string& expression, const std::string& type);

// A text literal at the start of `sql` ('…' or E'…'): its value, and where it ends. Nothing if there is none.
struct TextLiteral {
  std::string value;
  size_t end;
};
std::optional<TextLiteral> text_literal(std::string_view sql);

}  // namespace sluice::read
