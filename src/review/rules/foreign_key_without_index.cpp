// Without an index on the referring columns every DELETE or key change of a parent row reads the whole child table.
#include <algorithm>

#include "base/text.hpp"
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"
#include "sql/quote.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  int number = -1;
  for (const Judged& judged : whole.file.statements) {
    number++;
    auto check_key = [&](const ddl::Name& name, const sql::Constraint& key) {
      if (key.kind != sql::ConstraintKind::foreign_key || key.columns.empty()) return;
      const ddl::Relation* table = whole.after.find(name);
      if (!table) return;
      const bool still =
          std::any_of(table->constraints.begin(), table->constraints.end(), [&](const ddl::Constraint& c) {
            return c.definition.kind == sql::ConstraintKind::foreign_key && c.definition.columns == key.columns;
          });
      if (!still || has_prefix_index(*table, key.columns)) return;
      report
          .add("there is no index for the foreign key " + shown(table->name) + " (" + text::join(key.columns, ", ") +
                   ")",
               key.at,
               "CREATE INDEX ON " +
                   sql::qualified(table->name.schema == "public" ? "" : table->name.schema, table->name.name) + " (" +
                   sql::identifiers(key.columns) + ");",
               table->name)
          .statement = number;
    };
    if (const auto* create = std::get_if<sql::CreateTable>(&judged.statement->command)) {
      const ddl::Name name = whole.after.resolve(create->table.name);
      for (const sql::ColumnDefinition& column : create->columns)
        for (const sql::Constraint& key : column.constraints) check_key(name, key);
      for (const sql::Constraint& key : create->constraints) check_key(name, key);
    }
    if (const auto* alter = std::get_if<sql::AlterTable>(&judged.statement->command))
      for (const sql::AlterAction& action : alter->actions) {
        check_key(whole.after.resolve(alter->table.name), action.constraint);
        for (const sql::Constraint& key : action.column.constraints)
          check_key(whole.after.resolve(alter->table.name), key);
      }
  }
}

}  // namespace

const Rule foreign_key_without_index{
    "SL401",
    "foreign-key-without-index",
    Level::warning,
    "Without an index on the referring columns every DELETE or key change of a parent row reads the whole child table.",
    "CREATE INDEX (CONCURRENTLY on a table with rows) on the columns of the foreign key.",
    nullptr,
    check};

}  // namespace sluice::review
