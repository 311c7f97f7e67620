#include "cli/expansion_users.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "apply/status.hpp"
#include "base/text.hpp"
#include "model/names.hpp"
#include "plan/column_users.hpp"
#include "server/user_session.hpp"
#include "sql/parse.hpp"
#include "sql/quote.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

using plan::Expansion;

namespace {

std::string describe_old(const Expansion& e) { return model::display(e.table) + "." + text::join(e.old_columns, ", "); }

template <class Kind>
bool knows(const model::Schema& schema, const model::Key& table, const std::string& name) {
  const auto& objects = model::all<Kind>(schema);
  return std::any_of(objects.begin(), objects.end(), [&](const Kind& object) {
    return object.key.owner() == table && model::clipped(object.key.name) == name;
  });
}

// Indexes, constraints and extended statistics on the old columns: "index by_hand", as PostgreSQL describes them.
std::vector<std::string> unknown_on(server::Connection& connection, const model::Schema& known, const Expansion& e) {
  const server::Rows found = connection.query(
      "SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, 0), coalesce(c.relname, k.conname, s.stxname) "
      "FROM "
      "pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid "
      "LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0 AND c.oid = "
      "d.objid AND c.relkind IN ('i', 'I') LEFT JOIN pg_catalog.pg_constraint k ON d.classid = "
      "'pg_catalog.pg_constraint'::regclass AND k.oid = d.objid AND k.contype <> 'n' LEFT JOIN "
      "pg_catalog.pg_statistic_ext s ON d.classid = 'pg_catalog.pg_statistic_ext'::regclass AND s.oid = d.objid WHERE "
      "d.refclassid = "
      "'pg_catalog.pg_class'::regclass AND d.refobjid = to_regclass($1) AND a.attname = ANY ($2::text[]) AND d.deptype "
      "= 'a' AND (c.oid IS NOT NULL OR k.oid IS NOT NULL OR s.oid IS NOT NULL) ORDER "
      "BY 1",
      {sql::qualified(e.table.schema, e.table.name), "{" + sql::identifiers(e.old_columns) + "}"});
  std::vector<std::string> out;
  for (size_t i = 0; i < found.size(); i++) {
    const std::string name = found.text(i, 1);
    if (!knows<model::Index>(known, e.table, name) && !knows<model::Unique>(known, e.table, name) &&
        !knows<model::Check>(known, e.table, name) && !knows<model::ForeignKey>(known, e.table, name) &&
        !knows<model::Exclusion>(known, e.table, name) &&
        !knows<model::Statistics>(known, {e.table.schema, "", ""}, name))
      out.push_back(found.text(i, 0));
  }
  return out;
}

}  // namespace

void warn_before_expand(const Overrides& overrides, const std::vector<const model::Schema*>& schemas,
                        const std::vector<Expansion>& expansions, Terminal& terminal) {
  std::map<model::Key, std::string> triggers;
  for (const model::Schema* schema : schemas)
    for (const model::Trigger& trigger : model::all<model::Trigger>(*schema))
      triggers.emplace(trigger.key, trigger.definition);
  try {
    server::Target target;
    target.url = load_config(overrides, {Needs::database}).url;
    target.application_name = "sluice expand";
    target.connect_timeout = std::chrono::seconds(3);
    server::Connection connection(target);
    server::protect(connection);
    const server::Rows found = connection.execute(
        "SELECT n.nspname, c.relname, t.tgname, pg_catalog.pg_get_triggerdef(t.oid) FROM pg_catalog.pg_trigger t JOIN "
        "pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE NOT "
        "t.tgisinternal AND t.tgattr <> ''");
    for (size_t i = 0; i < found.size(); i++)
      triggers.emplace(model::Key{found.text(i, 0), found.text(i, 1), found.text(i, 2)}, found.text(i, 3));
    for (const Expansion& e : expansions)
      if (!e.new_columns.empty())
        for (const std::string& object : unknown_on(connection, *schemas.front(), e))
          terminal.warning(object + ", which the schema does not know, stays on " + describe_old(e) +
                           " alone: nothing is made like it for " + text::join(e.new_columns, ", "));
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted) throw;
  }
  for (const auto& [key, definition] : triggers) {
    const sql::ParsedFile parsed = sql::parse(definition);
    const auto* trigger =
        parsed.statements.empty() ? nullptr : std::get_if<sql::CreateTrigger>(&parsed.statements.front().command);
    if (!trigger) continue;
    for (const Expansion& e : expansions) {
      if (key.owner() != e.table || e.new_columns.empty()) continue;
      auto any = [&](const std::vector<std::string>& columns) {
        return std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
          return std::find(trigger->columns.begin(), trigger->columns.end(), column) != trigger->columns.end();
        });
      };
      if (any(e.old_columns) == any(e.new_columns)) continue;
      const bool old = any(e.old_columns);
      terminal.warning("trigger " + key.name + " on " + model::display(e.table) + " fires on UPDATE OF " +
                       text::join(old ? e.old_columns : e.new_columns, ", ") + ", and not when the " +
                       (old ? "new code writes " : "old code writes ") +
                       text::join(old ? e.new_columns : e.old_columns, ", ") +
                       ": name both columns in it, or leave OF out, before both releases run");
    }
  }
}

void refuse_while_used(server::Connection& connection, const Config& config, const OpenExpansion& open, int idle) {
  const Expansion& e = open.expansion;
  const std::string what = describe(e);
  auto used = [&](const std::string& by, const std::string& hint) {
    ErrorContext context;
    context.state = "Nothing was written.";
    context.hint = hint + " Or, if you know better: --even-if-used.";
    context.exit = Exit::refused;
    throw Error(what + ": " + by, context);
  };
  const apply::Ledger ledger = apply::read_ledger(connection, config.ledger);
  const apply::Status status = apply::compare(history::Folder::open(config.out), ledger);
  const bool applied = std::any_of(status.items.begin(), status.items.end(),
                                   [&](const apply::Item& item) { return item.entry.tag == open.tag && item.row; });
  if (!applied)
    used(open.tag + " is not applied in " + connection.describe(), "Run 'sluice migrate', then deploy the new code.");
  if (connection.query("SELECT to_regclass($1) IS NULL", {plan::last_write_sequence(e)}).text(0, 0) == "t")
    used("it is not in between in " + connection.describe(), "Was it contracted there already? See 'sluice status'.");
  server::Rows last = connection.execute("SELECT round(extract(epoch FROM clock_timestamp()) - last_value) FROM " +
                                         plan::last_write_sequence(e) + " WHERE is_called");
  if (!last.empty() && std::stod(last.text(0, 0)) < idle)
    used(std::string("the old code ") + (e.new_table.empty() ? "wrote " : "used it ") + last.text(0, 0) + " s ago",
         fmt::format("Stop it, and wait {} s (--idle).", idle));
  // An old column, or the view under a table's old name.
  std::vector<std::string> names = e.old_columns;
  if (names.empty()) names.push_back(e.table.name);
  const server::Rows users = connection.execute(plan::column_users_sql(e.table, e.old_columns) + " ORDER BY who");
  if (!users.empty()) {
    std::vector<std::string> all;
    for (size_t i = 0; i < users.size(); i++) all.push_back(users.text(i, 0));
    used(text::join(all, ", ") + (all.size() == 1 ? " uses it" : " use it"), "Change or drop this first.");
  }
  for (const std::string& column : names) {
    server::Rows functions = connection.query(
        "SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = "
        "p.pronamespace WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'sluice') AND prosrc ~ $1 AND "
        "prosrc ~ $2 LIMIT 1",
        {plan::says_name(e.table.name), plan::says_name(column)});
    if (!functions.empty()) used("the function " + functions.text(0, 0) + " says it", "Change the function first.");
  }
  if (connection.execute("SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_stat_statements'").empty()) return;
  // Who asked for it once does not matter; who does so now, does.
  auto calls = [&](const std::string& column) {
    return connection.query(
        "SELECT coalesce(sum(calls), 0), coalesce(min(left(query, 200)), '') FROM pg_stat_statements WHERE query ~ $1 "
        "AND query ~ $2 AND query !~ 'pg_stat_statements|sluice'",
        {plan::says_name(e.table.name), plan::says_name(column)});
  };
  for (const std::string& column : names) {
    const server::Rows before = calls(column);
    if (before.text(0, 0) == "0") continue;
    std::this_thread::sleep_for(std::chrono::seconds(2));
    if (calls(column).text(0, 0) != before.text(0, 0))
      used("queries still name it: " + sql::one_line(before.text(0, 1), 120), "Stop the code that sends them.");
  }
}

void warn_of_what_goes(server::Connection& connection, const model::Schema& known, const Expansion& e,
                       Terminal& terminal) {
  for (const std::string& object : unknown_on(connection, known, e))
    terminal.warning(object + ", which the schema does not know, goes with " + describe_old(e));
}

}  // namespace sluice::cli
