// Supabase's API shows every table of an exposed schema to whoever has the anon key, unless row-level security is on.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"
#include "sql/quote.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  if (!whole.options.supabase) return;
  int number = -1;
  for (const Judged& judged : whole.file.statements) {
    number++;
    const auto* create = std::get_if<sql::CreateTable>(&judged.statement->command);
    if (!create || create->temporary) continue;
    const ddl::Relation* table = whole.after.find(create->table.name);
    if (!table || table->created_by != number || table->name.schema != "public" || table->row_security ||
        table->partition_of)
      continue;
    report
        .add(shown(table->name) + " can be read and written through the API by anybody", create->table.at,
             "ALTER TABLE " + sql::identifier(table->name.name) + " ENABLE ROW LEVEL SECURITY;", table->name)
        .statement = number;
  }
}

}  // namespace

const Rule table_without_row_security{"SL601",
                                      "table-without-row-security",
                                      Level::error,
                                      "Supabase's API shows every table of an exposed schema to whoever has the anon "
                                      "key, unless row-level security is on.",
                                      "ALTER TABLE … ENABLE ROW LEVEL SECURITY, with policies, in the same migration.",
                                      nullptr,
                                      check};

}  // namespace sluice::review
