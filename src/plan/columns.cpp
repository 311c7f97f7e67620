#include "plan/columns.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "base/text.hpp"
#include "plan/render.hpp"

namespace sluice::plan {

using namespace model;

namespace {

std::string alter(const Column& column) {
  return alter_table(column.key.owner()) + "ALTER COLUMN " + sql::identifier(column.key.name) + " ";
}

// "numeric" for numeric(10, 2), "timestamp with time zone" for timestamp (3) with time zone.
std::string without_parameters(std::string_view type) {
  std::string out;
  int depth = 0;
  for (char c : type) {
    if (c == '(') depth++;
    if (depth == 0) out += c;
    if (c == ')') depth--;
  }
  std::string tidy;
  for (const std::string& word : text::split(out, " "))
    if (!word.empty()) tidy += (tidy.empty() ? "" : " ") + word;
  return tidy;
}

enum class Family { text, number, time, json, other };

Family family_of(const std::string& type) {
  constexpr std::array texts = {"text", "varchar", "char", "character varying", "character"};
  constexpr std::array numbers = {"smallint",    "integer",   "bigint", "numeric", "decimal", "real", "double precision",
                                  "smallserial", "bigserial", "serial"};
  constexpr std::array times = {"date", "timestamp", "timestamp with time zone", "timestamp without time zone"};
  constexpr std::array jsons = {"json", "jsonb"};
  std::string base = without_parameters(type);
  auto in = [&](const auto& list) { return std::find(list.begin(), list.end(), base) != list.end(); };
  return in(texts) ? Family::text
         : in(numbers) ? Family::number
         : in(times) ? Family::time
         : in(jsons) ? Family::json
                     : Family::other;
}

// True if PostgreSQL casts the old values by itself: assignment casts exist inside a family, and to text from anything
// (pg_cast and "I/O conversion casts", PostgreSQL 15 documentation of CREATE CAST).
bool casts_by_itself(const Column& before, const Column& after) {
  if (after.type_schema || before.type.find('[') != std::string::npos || after.type.find('[') != std::string::npos)
    return without_parameters(before.type) == without_parameters(after.type) && before.type_schema == after.type_schema;
  Family to = family_of(after.type);
  if (to == Family::text) return true;
  return without_parameters(before.type) == without_parameters(after.type) ||
         (to != Family::other && family_of(before.type) == to);
}

std::string integer_of(const std::string& serial) {
  return serial == "bigserial" ? "bigint" : serial == "smallserial" ? "smallint" : "integer";
}

std::string serial_sequence(const Column& column) {
  return table_name({column.key.schema, "", column.key.table + "_" + column.key.name + "_seq"});
}

// The next value of a new sequence must lie behind the values that rows have already.
std::string advance_sequence(const Column& column, const std::string& sequence_call) {
  return "SELECT setval(" + sequence_call + ", coalesce((SELECT max(" + sql::identifier(column.key.name) + ") FROM " +
         table_name(column.key.owner()) + "), 0) + 1, false);";
}

std::string identity_sequence(const Column& column) {
  return "pg_get_serial_sequence(" + sql::literal(table_name(column.key.owner())) + ", " +
         sql::literal(column.key.name) + ")";
}

void change_type(const diff::Altered<Column>& change, std::vector<Statement>& out) {
  const Column &before = change.before, &after = change.after;
  std::string type = column_type(after, sql::EnumStyle::qualified);
  std::string name = sql::identifier(after.key.name);
  bool to_enum = after.type_schema.has_value(), from_enum = before.type_schema.has_value();
  if (casts_by_itself(before, after) && !to_enum) {
    out.push_back({alter(after) + "SET DATA TYPE " + type + ";"});
    if (after.default_value) out.push_back({alter(after) + "SET DEFAULT " + after.default_value->text + ";"});
    return;
  }
  // The old default is an expression of the old type, which PostgreSQL does not convert by USING.
  if (before.default_value) out.push_back({alter(after) + "DROP DEFAULT;"});
  out.push_back({alter(after) + "SET DATA TYPE " + type + " USING " + name +
                 (from_enum || to_enum ? "::text::" : "::") + type + ";"});
  if (after.default_value) out.push_back({alter(after) + "SET DEFAULT " + after.default_value->text + ";"});
}

void change_serial(const Column& before, const Column& after, std::vector<Statement>& out) {
  std::string from = is_serial(before.type) ? integer_of(before.type) : before.type;
  std::string to = is_serial(after.type) ? integer_of(after.type) : after.type;
  if (is_serial(before.type) && !is_serial(after.type)) {
    out.push_back({alter(after) + "DROP DEFAULT;"});
    out.push_back({"DROP SEQUENCE IF EXISTS " + serial_sequence(before) + ";"});
  }
  if (!same_type(from, to)) {
    Column old_type = before, new_type = after;
    old_type.type = from, new_type.type = to;
    change_type({old_type, new_type, {}}, out);
  } else if (after.default_value) {
    out.push_back({alter(after) + "SET DEFAULT " + after.default_value->text + ";"});
  }
  if (is_serial(after.type)) {
    std::string sequence = serial_sequence(after);
    if (is_serial(before.type)) {
      out.push_back({"ALTER SEQUENCE " + sequence + " AS " + to + ";"});
      return;
    }
    out.push_back({"CREATE SEQUENCE " + sequence + " AS " + to + " OWNED BY " + table_name(after.key.owner()) + "." +
                   sql::identifier(after.key.name) + ";"});
    out.push_back({advance_sequence(after, sql::literal(sequence))});
    out.push_back({alter(after) + "SET DEFAULT nextval(" + sql::literal(sequence) + ");"});
  }
}

void change_identity(const Column& before, const Column& after, std::vector<Statement>& out) {
  if (!after.identity) {
    out.push_back({alter(after) + "DROP IDENTITY;"});
    return;
  }
  if (!before.identity) {
    out.push_back({alter(after) + "ADD " + identity_clause(*after.identity, after.key.owner()) + ";"});
    out.push_back({advance_sequence(after, identity_sequence(after))});
    return;
  }
  const Identity &old = *before.identity, &now = *after.identity;
  if (old.name != now.name)
    out.push_back({"ALTER SEQUENCE " + table_name({after.key.schema, "", old.name}) + " RENAME TO " +
                   sql::identifier(now.name) + ";"});
  // One statement: PostgreSQL checks the bounds against the start value after each statement, not after each clause.
  std::string set;
  if (old.type != now.type) set += std::string(" SET GENERATED ") + (now.type == "always" ? "ALWAYS" : "BY DEFAULT");
  if (old.options.increment != now.options.increment) set += " SET INCREMENT BY " + now.options.increment;
  if (old.options.min != now.options.min) set += " SET MINVALUE " + now.options.min;
  if (old.options.max != now.options.max) set += " SET MAXVALUE " + now.options.max;
  if (old.options.start != now.options.start) set += " SET START WITH " + now.options.start;
  if (old.options.cache != now.options.cache) set += " SET CACHE " + now.options.cache;
  if (old.options.cycle != now.options.cycle) set += now.options.cycle ? " SET CYCLE" : " SET NO CYCLE";
  if (!set.empty()) out.push_back({alter(after) + set.substr(1) + ";"});
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

bool is_serial(const std::string& type) {
  return type == "serial" || type == "bigserial" || type == "smallserial";
}

bool needs_backfill(const Column& column) {
  return (column.not_null || column.primary_key) && !column.default_value && !column.identity && !column.generated &&
         !is_serial(column.type);
}

std::optional<std::string> neutral_value(const Column& column) {
  if (column.type_schema) return std::nullopt;
  if (column.type.find('[') != std::string::npos) return "'{}'";
  std::string base = without_parameters(column.type);
  if (base == "uuid") return "gen_random_uuid()";
  if (base == "boolean") return "false";
  if (base == "interval") return "'0'";
  switch (family_of(column.type)) {
    case Family::text: return "''";
    case Family::number: return "0";
    case Family::time: return "now()";
    case Family::json: return "'null'";
    case Family::other: return std::nullopt;
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
                              " = " + *backfill + ";"},
                             {alter(column) + "SET NOT NULL;"}};
  if (column.primary_key)
    out.push_back({alter_table(column.key.owner()) + "ADD PRIMARY KEY (" + sql::identifier(column.key.name) + ");"});
  return out;
}

std::vector<Statement> alter_column(const diff::Altered<Column>& change, const std::optional<std::string>& backfill) {
  const Column &before = change.before, &after = change.after;
  std::vector<Statement> out;
  if (change.has("generated") && after.generated) {
    // An expression cannot be changed before PostgreSQL 17; its values are computed again either way.
    std::string table = alter_table(after.key.owner());
    out.push_back({table + "drop column " + sql::identifier(after.key.name) + ";"});
    out.push_back({table + "ADD COLUMN " + column_definition(after, false) + ";"});
    return out;
  }
  if (change.has("generated")) out.push_back({alter(after) + "DROP EXPRESSION;"});
  bool default_done = false;
  if (change.has("identity") && !after.identity) change_identity(before, after, out);
  if (change.has("type") || change.has("typeSchema")) {
    if (is_serial(before.type) || is_serial(after.type)) {
      change_serial(before, after, out);
      default_done = true;
    } else {
      change_type(change, out);
      default_done = after.default_value.has_value() || !casts_by_itself(before, after);
    }
  }
  if (change.has("default") && !default_done)
    out.push_back({alter(after) + (after.default_value ? "SET DEFAULT " + after.default_value->text : "DROP DEFAULT") + ";"});
  if (change.has("notNull") && after.not_null) {
    if (backfill)
      out.push_back({"UPDATE " + table_name(after.key.owner()) + " SET " + sql::identifier(after.key.name) + " = " +
                     *backfill + " WHERE " + sql::identifier(after.key.name) + " IS NULL;"});
    out.push_back({alter(after) + "SET NOT NULL;"});
  }
  if (change.has("identity") && after.identity) change_identity(before, after, out);
  // Identity columns are NOT NULL whatever the schema says, and a primary key keeps its columns so.
  if (change.has("notNull") && !after.not_null && !after.identity && !after.primary_key)
    out.push_back({alter(after) + "DROP NOT NULL;"});
  return out;
}

}  // namespace sluice::plan
