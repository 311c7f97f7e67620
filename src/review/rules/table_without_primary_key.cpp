// Rows cannot be told apart: no logical replication of changes, no batches by key, duplicates.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  int number = -1;
  for (const Judged& judged : whole.file.statements) {
    number++;
    const auto* create = std::get_if<sql::CreateTable>(&judged.statement->command);
    if (!create || create->temporary || create->from_query || create->partition_of || !create->inherits.empty())
      continue;
    const ddl::Relation* table = whole.after.find(create->table.name);
    if (!table || table->primary_key() || table->created_by != number) continue;
    report.add(shown(table->name) + " has no primary key", create->table.at, "", table->name).statement = number;
  }
}

}  // namespace

const Rule table_without_primary_key{
    "SL402",
    "table-without-primary-key",
    Level::warning,
    "Rows cannot be told apart: no logical replication of changes, no batches by key, duplicates.",
    "A primary key: id bigint GENERATED ALWAYS AS IDENTITY or uuid DEFAULT gen_random_uuid().",
    nullptr,
    check};

}  // namespace sluice::review
