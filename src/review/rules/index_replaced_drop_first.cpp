// Between the drop of an index and the end of its successor's build there is none.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  struct Gone {
    ddl::Name table;
    std::string name;
    int line;
  };
  // The indexes as they were before the file are not at hand here: the impact says whose they were.
  std::vector<Gone> gone;
  int number = -1;
  for (const Judged& judged : whole.file.statements) {
    number++;
    if (const auto* drop = std::get_if<sql::Drop>(&judged.statement->command);
        drop && drop->kind == sql::ObjectKind::index)
      for (const impact::Touched& item : judged.impact.touched)
        if (item.dropped && !item.index_of.empty() && !item.fresh)
          gone.push_back({{item.relation.schema, item.index_of}, item.relation.name, judged.statement->line});
    const auto* create = std::get_if<sql::CreateIndex>(&judged.statement->command);
    if (!create) continue;
    const ddl::Name table = whole.after.resolve(create->table.name);
    for (const Gone& old : gone)
      if (old.table == table && old.name == create->name)
        report
            .add("queries of " + shown(table) + " are without " + old.name + " from line " + std::to_string(old.line) +
                     " on until it is built anew",
                 judged.statement->at, "", table)
            .statement = number;
  }
}

}  // namespace

const Rule index_replaced_drop_first{
    "SL121",
    "index-replaced-drop-first",
    Level::warning,
    "An index that is dropped before its successor is built leaves queries without one meanwhile.",
    "CREATE INDEX CONCURRENTLY under a new name, then DROP INDEX CONCURRENTLY the old one, then ALTER INDEX … RENAME.",
    nullptr,
    check};

}  // namespace sluice::review
