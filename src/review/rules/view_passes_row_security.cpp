// A view reads with its owner's rights: policies of the tables under it do not hold for who queries the view.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Whole& whole, Report& report) {
  if (!whole.options.supabase) return;
  int number = -1;
  for (const Judged& judged : whole.file.statements) {
    number++;
    const auto* create = std::get_if<sql::CreateView>(&judged.statement->command);
    if (!create || create->temporary || create->security_invoker) continue;
    const ddl::Relation* view = whole.after.find(create->view.name);
    if (!view || view->name.schema != "public") continue;
    for (const ddl::Name& name : view->reads) {
      const ddl::Relation* table = whole.after.find(name);
      if (!table || !table->row_security) continue;
      report
          .add("rows of " + shown(name) + " are visible to everybody through " + shown(view->name), create->view.at, "",
               name)
          .statement = number;
      break;
    }
  }
}

}  // namespace

const Rule view_passes_row_security{
    "SL614",
    "view-passes-row-security",
    Level::warning,
    "A view reads with its owner's rights: policies of the tables under it do not hold for who queries the view.",
    "CREATE VIEW … WITH (security_invoker = on) (PostgreSQL 15 and newer), or a schema that the API does not show.",
    nullptr,
    check};

}  // namespace sluice::review
