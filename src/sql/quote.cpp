#include "sql/quote.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace sluice::sql {

namespace {

// Types that PostgreSQL's grammar spells with keywords, so that quoting them would name something else ("char") or
// nothing ("int"). Everything else may stand in quotes.
constexpr std::array keyword_types = {
    "bigint", "bigserial", "bit", "bool", "boolean", "char", "character", "date", "dec", "decimal", "double precision",
    "float", "int", "integer", "interval", "json", "jsonb", "national", "nchar", "numeric", "real", "serial",
    "smallint", "text", "time", "timestamp", "uuid", "varchar", "bit varying", "character varying",
    // What drizzle-kit 0.31.11 writes without quotes besides.
    "vector", "geometry", "halfvec", "sparsevec"};

bool is_plain_name(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
  });
}

}  // namespace

std::string identifier(std::string_view name) {
  return "\"" + text::replace_all(std::string(name), "\"", "\"\"") + "\"";
}

std::string qualified(std::string_view schema, std::string_view name) {
  return schema.empty() ? identifier(name) : identifier(schema) + "." + identifier(name);
}

std::string identifiers(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + identifier(name);
  return out;
}

std::string literal(std::string_view text) { return "'" + text::replace_all(std::string(text), "'", "''") + "'"; }

std::string type(std::string_view text, const std::optional<std::string>& enum_schema, EnumStyle style) {
  size_t bracket = text.find('[');
  std::string base(text.substr(0, bracket));
  std::string array(bracket == std::string_view::npos ? "" : text.substr(bracket));
  if (enum_schema) {
    bool bare = style == EnumStyle::bare_in_public && *enum_schema == "public";
    return qualified(bare ? "" : *enum_schema, base) + array;
  }
  bool keyword = std::find(keyword_types.begin(), keyword_types.end(), base) != keyword_types.end();
  // With brackets, dots or spaces it is SQL already: geography(Point,4326), public.citext, timestamp with time zone.
  return (keyword || !is_plain_name(base) ? base : identifier(base)) + array;
}

}  // namespace sluice::sql
