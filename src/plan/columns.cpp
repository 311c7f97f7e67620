#include "plan/columns.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/text.hpp"
#include "plan/casts.hpp"
#include "plan/numbering.hpp"
#include "plan/render.hpp"

namespace sluice::plan {

using namespace model;

namespace {

std::string alter(const Column& column) {
  return alter_table(column.key.owner()) + "ALTER COLUMN " + sql::identifier(column.key.name) + " ";
}

std::string set_default(const Column& column) { return alter(column) + "SET DEFAULT " + default_text(column) + ";"; }

// True if the text becomes one value of an enum (or a list becomes a list of them).
bool text_to_enum(const Column& before, const Column& after) {
  return after.type_schema && !before.type_schema && family_of(before.type) == Family::text &&
         is_array(before) == is_array(after);
}

void change_type(const Column& before, const Column& after, bool by_itself, std::vector<Statement>& out) {
  std::string type = column_type(after, sql::EnumStyle::qualified);
  std::optional<std::string> values = by_itself ? std::nullopt : conversion(before, after);
  std::string collate = after.collation ? " COLLATE " + *after.collation : "";
  std::string set_type = alter(after) + "SET DATA TYPE " + type + collate + (values ? " USING " + *values : "") + ";";
  if (text_to_enum(before, after) && after.default_value) {
    // PostgreSQL converts a default of the right type by itself, and drizzle-kit relies on it.
    out.push_back({alter(after) + "SET DEFAULT " + default_text(after) + "::" + type + ";"});
    out.push_back({set_type});
    return;
  }
  // The old default is an expression of the old type, which PostgreSQL does not convert by USING.
  if (values && before.default_value) out.push_back({alter(after) + "DROP DEFAULT;"});
  out.push_back({set_type});
  if (after.default_value) {
    out.push_back({set_default(after)});
  } else if (!values && before.default_value) {
    out.push_back({alter(after) + "DROP DEFAULT;"});
  }
}

// A serial column is an integer column to SET DATA TYPE, and its default is not the schema's.
Column plain(const Column& column) {
  Column out = column;
  out.type = integer_of(column.type);
  return out;
}

bool is_constant(std::string_view expression) {
  std::string value(text::trim(expression));
  // A cast behind a constant leaves it constant.
  if (size_t cast = value.rfind("::"); cast != std::string::npos && value.find('\'', cast) == std::string::npos)
    value = text::trim(std::string_view(value).substr(0, cast));
  if (value.empty()) return false;
  if (value == "true" || value == "false") return true;
  if (value.front() == '\'' && value.back() == '\'' && value.size() > 1) {
    std::string inner = text::replace_all(value.substr(1, value.size() - 2), "''", "");
    return inner.find('\'') == std::string::npos;
  }
  size_t from = value.front() == '-' || value.front() == '+' ? 1 : 0;
  return from < value.size() && std::all_of(value.begin() + static_cast<std::ptrdiff_t>(from), value.end(),
                                            [](unsigned char c) { return std::isdigit(c) || c == '.'; });
}

}  // namespace

bool is_replaced(const diff::Altered<Column>& change) { return change.has("generated") && change.after.generated; }

bool changes_type(const diff::Altered<Column>& change) {
  if (change.has("_collation")) return true;
  if (!change.has("type") && !change.has("typeSchema")) return false;
  return change.before.type_schema || change.after.type_schema ||
         !same_type(integer_of(change.before.type), integer_of(change.after.type));
}

bool needs_backfill(const Column& column, bool not_null) {
  return (not_null || column.not_null || column.primary_key) && !column.default_value && !column.identity &&
         !column.generated && !is_serial(column.type);
}

std::optional<std::string> neutral_value(const Column& column, bool distinct) {
  if (column.type == "uuid") return "gen_random_uuid()";
  if (column.type_schema && !is_array(column)) return std::nullopt;
  Family family = family_of(column.type);
  if (distinct)
    return family == Family::text && column.type.find('(') == std::string::npos && !is_array(column)
               ? std::optional<std::string>("gen_random_uuid()::text")
               : std::nullopt;
  if (is_array(column)) return "'{}'";
  std::string base = without_parameters(column.type);
  if (base == "boolean") return "false";
  if (base.starts_with("interval")) return "'0'";
  switch (family) {
    case Family::text:
      return "''";
    case Family::number:
      return "0";
    case Family::time:
      return "now()";
    case Family::json:
      return "'null'";
    case Family::other:
      return std::nullopt;
  }
  return std::nullopt;
}

std::vector<Statement> add_column(const Column& column, const std::optional<std::string>& backfill) {
  std::string add = alter_table(column.key.owner()) + "ADD COLUMN ";
  if (!backfill) return {{add + column_definition(column, false) + ";"}};
  if (is_constant(*backfill)) {
    // PostgreSQL keeps a constant default of a new column in the catalog: no row is written (11 and newer).
    Column with_default = column;
    with_default.default_value = Literal{*backfill, true};
    return {{add + column_definition(with_default, false) + ";"}, {alter(column) + "DROP DEFAULT;"}};
  }
  Column nullable = column;
  nullable.not_null = nullable.primary_key = false;
  std::vector<Statement> out{{add + column_definition(nullable, false) + ";"},
                             {"UPDATE " + table_name(column.key.owner()) + " SET " + sql::identifier(column.key.name) +
                              " = " + *backfill + ";"}};
  if (column.not_null || column.primary_key) out.push_back({alter(column) + "SET NOT NULL;"});
  if (column.primary_key)
    out.push_back({alter_table(column.key.owner()) + "ADD PRIMARY KEY (" + sql::identifier(column.key.name) + ");"});
  return out;
}

std::vector<Statement> add_numbered_column(const Column& column) {
  // PostgreSQL numbers the rows when an identity column is added; the numbers stay when the identity goes.
  return {{alter_table(column.key.owner()) + "ADD COLUMN " + column_definition(column, false) +
           " GENERATED BY DEFAULT AS IDENTITY;"},
          {alter(column) + "DROP IDENTITY;"}};
}

std::vector<Statement> alter_column(const diff::Altered<Column>& change, NotNull not_null,
                                    const std::optional<std::string>& backfill) {
  const Column &before = change.before, &after = change.after;
  bool was_serial = is_serial(before.type), serial = is_serial(after.type);
  std::vector<Statement> out;
  if (before.identity && !after.identity) drop_identity(after, out);
  if (was_serial && !serial) drop_serial(before, out);
  bool retyped = changes_type(change);
  if (retyped) change_type(plain(before), plain(after), change.has(assigned), out);
  bool default_done = retyped && (before.default_value || after.default_value);
  if ((change.has("default") || (was_serial && !serial && after.default_value)) && !default_done)
    out.push_back({after.default_value ? set_default(after) : alter(after) + "DROP DEFAULT;"});
  if (serial && (change.has("type") || !was_serial)) add_serial(before, after, out);
  if (change.has("notNull") && after.not_null) {
    if (backfill)
      out.push_back({"UPDATE " + table_name(after.key.owner()) + " SET " + sql::identifier(after.key.name) + " = " +
                     *backfill + " WHERE " + sql::identifier(after.key.name) + " IS NULL;"});
    out.push_back({alter(after) + "SET NOT NULL;"});
  }
  if (change.has("identity") && after.identity) {
    if (before.identity)
      change_identity(before, after, out);
    else
      add_identity(after, out);
  }
  if (not_null.was && !not_null.is) out.push_back({alter(after) + "DROP NOT NULL;"});
  return out;
}

}  // namespace sluice::plan
