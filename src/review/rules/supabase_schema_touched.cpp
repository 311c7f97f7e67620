// The schemas auth, storage and realtime belong to Supabase: its updates expect them as they are, and its role system
// refuses the change.
#include "review/rules/helpers.hpp"
#include "review/rules/table.hpp"

namespace sluice::review {

namespace {

void check(const Step& step, Report& report) {
  auto is_theirs = [](const std::string& schema) {
    return schema == "auth" || schema == "storage" || schema == "realtime" || schema == "vault";
  };
  if (step.as<sql::Policy>() || step.as<sql::CreateTrigger>() || step.as<sql::Insert>() || step.as<sql::Update>() ||
      step.as<sql::Grant>() || step.as<sql::Query>())
    return;
  if (!step.options.supabase) return;
  if (const auto* alter = step.as<sql::AlterTable>(); alter && is_theirs(alter->table.name.schema)) {
    for (const sql::AlterAction& action : alter->actions)
      if (action.kind != sql::Alter::enable_row_security)
        return void(report.add(alter->table.name.schema + "." + alter->table.name.name + " is Supabase's own",
                               alter->table.at));
    return;
  }
  auto complain = [&](const sql::Target& target) {
    if (is_theirs(target.name.schema))
      report.add(target.name.schema + "." + target.name.name + " is in a schema of Supabase's own", target.at);
  };
  if (const auto* create = step.as<sql::CreateTable>()) complain(create->table);
  if (const auto* index = step.as<sql::CreateIndex>()) complain(index->table);
  if (const auto* view = step.as<sql::CreateView>()) complain(view->view);
  if (const auto* function = step.as<sql::CreateFunction>()) complain(function->function);
  if (const auto* drop = step.as<sql::Drop>();
      drop && drop->kind != sql::ObjectKind::trigger && drop->kind != sql::ObjectKind::policy)
    for (const sql::Target& object : drop->objects) {
      complain(object);
      if (drop->kind == sql::ObjectKind::schema && is_theirs(object.name.name))
        report.add("the schema " + object.name.name + " is Supabase's own");
    }
}

}  // namespace

const Rule supabase_schema_touched{
    "SL603",
    "supabase-schema-touched",
    Level::error,
    "The schemas auth, storage and realtime belong to Supabase: its updates expect them as they are, and its role "
    "system refuses the change.",
    "Tables of your own in public, with a foreign key to auth.users; a trigger on auth.users is allowed.",
    check};

}  // namespace sluice::review
