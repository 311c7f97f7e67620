#include "plan/numbering.hpp"

#include <charconv>

#include "model/names.hpp"
#include "plan/casts.hpp"
#include "plan/render.hpp"

namespace sluice::plan {

using namespace model;

namespace {

std::string alter(const Column& column) {
  return alter_table(column.key.owner()) + "ALTER COLUMN " + sql::identifier(column.key.name) + " ";
}

long long number(const std::string& text) {
  long long value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The next value must lie behind the values that rows have already. Without rows max() is NULL, which greatest() and
// least() pass over.
std::string start_behind_rows(const Column& column, const std::string& sequence, const SequenceOptions& options) {
  bool down = options.increment.starts_with('-');
  std::string name = sql::identifier(column.key.name);
  return "SELECT setval(" + sequence + ", " + (down ? "least" : "greatest") + "((SELECT " +
         (down ? "min(" + name + ") - 1" : "max(" + name + ") + 1") + " FROM " + table_name(column.key.owner()) +
         "), " + options.start + "), false);";
}

// PostgreSQL refuses bounds that exclude the sequence's present value. Where the old and the new bounds overlap, the
// value is moved into the new ones before; where they do not, it begins again at the start.
struct NewBounds {
  bool restart = false;
  std::string before;  // a statement, or empty
};

NewBounds move_into_bounds(const std::string& sequence, const SequenceOptions& old, const SequenceOptions& now) {
  long long min = number(now.min), max = number(now.max), old_min = number(old.min), old_max = number(old.max);
  if (min > old_max || max < old_min) return {true, ""};
  std::string value = "last_value";
  if (min > old_min) value = "greatest(" + value + ", " + now.min + ")";
  if (max < old_max) value = "least(" + value + ", " + now.max + ")";
  if (value == "last_value") return {};
  std::string called = min > old_min ? "is_called AND last_value >= " + now.min : "is_called";
  return {false, "SELECT setval(" + sql::literal(sequence) + ", " + value + ", " + called + ") FROM " + sequence + ";"};
}

std::string type_maximum(const std::string& type) {
  std::string base = without_parameters(integer_of(type));
  return base == "smallint" ? "32767" : base == "bigint" ? "9223372036854775807" : "2147483647";
}

}  // namespace

bool is_serial(const std::string& type) { return type == "serial" || type == "bigserial" || type == "smallserial"; }

std::string integer_of(const std::string& type) {
  return type == "bigserial" ? "bigint" : type == "smallserial" ? "smallint" : type == "serial" ? "integer" : type;
}

Key serial_sequence(const Column& column) {
  return {column.key.schema, "", implicit_name(column.key.table, column.key.name, "seq")};
}

void drop_serial(const Column& column, std::vector<Statement>& out) {
  out.push_back({alter(column) + "DROP DEFAULT;"});
  out.push_back({"DROP SEQUENCE IF EXISTS " + table_name(serial_sequence(column)) + ";"});
}

void add_serial(const Column& before, const Column& after, std::vector<Statement>& out) {
  std::string sequence = table_name(serial_sequence(after)), type = integer_of(after.type);
  if (is_serial(before.type)) {
    out.push_back({"ALTER SEQUENCE " + sequence + " AS " + type + ";"});
    return;
  }
  std::string name = sql::identifier(after.key.name), table = table_name(after.key.owner());
  std::string next = "nextval(" + sql::literal(sequence) + ")";
  out.push_back({"CREATE SEQUENCE " + sequence + " AS " + type + " OWNED BY " + table + "." + name + ";"});
  out.push_back({start_behind_rows(after, sql::literal(sequence), {})});
  out.push_back({alter(after) + "SET DEFAULT " + next + ";"});
  if (!before.not_null && after.not_null)
    out.push_back({"UPDATE " + table + " SET " + name + " = " + next + " WHERE " + name + " IS NULL;"});
}

void drop_identity(const Column& column, std::vector<Statement>& out) {
  out.push_back({alter(column) + "DROP IDENTITY;"});
}

void add_identity(const Column& column, std::vector<Statement>& out) {
  out.push_back({alter(column) + "ADD " + identity_clause(*column.identity, column.key.owner()) + ";"});
  // The table's name is read as SQL, which shortens long names; the column's name is compared as it is.
  std::string sequence = "pg_get_serial_sequence(" + sql::literal(table_name(column.key.owner())) + ", " +
                         sql::literal(clipped(column.key.name)) + ")";
  out.push_back({start_behind_rows(column, sequence, column.identity->options)});
}

void change_identity(const Column& before, const Column& after, std::vector<Statement>& out) {
  const Identity &old = *before.identity, &now = *after.identity;
  std::string sequence = table_name({after.key.schema, "", now.name});
  SequenceOptions from = old.options;
  // The sequence follows its column to another integer type, and its limit with it.
  if (from.max == type_maximum(before.type) && now.options.max == type_maximum(after.type)) from.max = now.options.max;
  NewBounds bounds = move_into_bounds(sequence, from, now.options);
  if (!bounds.before.empty()) out.push_back({bounds.before});
  // One statement: PostgreSQL checks the bounds against the start value after each statement, not after each clause.
  std::string set;
  if (old.type != now.type) set += std::string(" SET GENERATED ") + (now.type == "always" ? "ALWAYS" : "BY DEFAULT");
  if (from.min != now.options.min) set += " SET MINVALUE " + within_bigint(now.options.min);
  if (from.max != now.options.max) set += " SET MAXVALUE " + within_bigint(now.options.max);
  if (from.increment != now.options.increment) set += " SET INCREMENT BY " + now.options.increment;
  if (from.start != now.options.start) set += " SET START WITH " + now.options.start;
  if (bounds.restart) set += " RESTART WITH " + now.options.start;
  if (from.cache != now.options.cache) set += " SET CACHE " + now.options.cache;
  if (from.cycle != now.options.cycle) set += now.options.cycle ? " SET CYCLE" : " SET NO CYCLE";
  if (!set.empty()) out.push_back({alter(after) + set.substr(1) + ";"});
}

std::vector<Statement> alter_sequence(const diff::Altered<Sequence>& change) {
  const SequenceOptions &old = change.before.options, &now = change.after.options;
  std::string name = full_name(change.after.key);
  NewBounds bounds = move_into_bounds(name, old, now);
  std::vector<Statement> out;
  if (!bounds.before.empty()) out.push_back({bounds.before});
  out.push_back({"ALTER SEQUENCE " + name + " " + sequence_options(now) +
                 (bounds.restart ? " RESTART WITH " + now.start : "") +
                 (now.cycle   ? " CYCLE"
                  : old.cycle ? " NO CYCLE"
                              : "") +
                 ";"});
  return out;
}

}  // namespace sluice::plan
