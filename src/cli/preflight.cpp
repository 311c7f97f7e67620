#include "cli/preflight.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "ddl/fold.hpp"
#include "ddl/from_schema.hpp"
#include "impact/impact.hpp"
#include "read/catalog/catalog.hpp"

namespace sluice::cli {

namespace {

constexpr size_t most_rows = 3, longest_value = 60;

std::string row_text(const server::Rows& rows, size_t row) {
  std::string out;
  for (size_t column = 0; column < rows.columns.size(); column++) {
    std::string value = rows.rows[row][column] ? *rows.rows[row][column] : "NULL";
    if (value.size() > longest_value) value = value.substr(0, longest_value) + "…";
    out += (out.empty() ? "" : ", ") + rows.columns[column] + "=" + value;
  }
  return out;
}

// Each query in a subtransaction: one that cannot be asked must not end the others.
struct Asked {
  server::Rows rows;
  std::string error, sqlstate;
};
Asked ask(server::Connection& connection, const std::string& query) {
  connection.execute("SAVEPOINT sluice_preflight");
  try {
    Asked out{connection.execute(query), "", ""};
    connection.execute("RELEASE SAVEPOINT sluice_preflight");
    return out;
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted) {
      ErrorContext context = error.context;
      context.state = "Nothing was run: the rows were being looked at first.";
      throw Error(error.what(), context);
    }
    if (connection.broken()) throw;
    connection.execute("ROLLBACK TO SAVEPOINT sluice_preflight");
    return {{}, error.what(), error.context.sqlstate};
  }
}

bool writes_rows(const impact::Touched& item) { return item.lock == impact::Lock::row_exclusive || item.emptied; }

}  // namespace

ddl::Catalog live_catalog(server::Connection& connection, const std::vector<std::string>& schemas) {
  read::CatalogOptions options;
  options.schemas = schemas;
  ddl::Catalog out = ddl::from_schema(read::catalog(connection, options).schema);
  if (!schemas.empty()) out.search_path = out.session_path = schemas;
  return out;
}

Preflight preflight(server::Connection& connection, const std::vector<history::Migration>& pending,
                    const std::vector<std::string>& schemas) {
  Preflight out;
  if (pending.empty()) return out;
  impact::Session session;
  session.version = std::clamp(connection.version() / 10000, 13, 18);
  // Also before the catalog is read: it would wait for whoever has locked a table.
  server::Transaction transaction(connection, "BEGIN TRANSACTION READ ONLY");
  // Rows that are alike are found by hashing: with the default memory a million of them would go by way of the disk.
  connection.execute(
      "SET LOCAL statement_timeout = '30s'; SET LOCAL lock_timeout = '2s'; SET LOCAL work_mem = '128MB'");
  ddl::Catalog catalog = live_catalog(connection, schemas);
  std::set<ddl::Name> changed;  // tables whose rows an earlier statement may have changed
  bool anything_changed = false;
  int number = 0;
  for (const history::Migration& migration : pending) {
    sql::ParsedFile parsed = sql::parse(migration.sql);
    if (!parsed.failures.empty()) break;  // what comes after it is not known
    for (const sql::ParsedStatement& statement : parsed.statements) {
      impact::follow(session, statement);
      impact::Impact impact = impact::judge(catalog, statement, session);
      for (const impact::Risk& risk : impact.risks) {
        const ddl::Relation* table = catalog.find(risk.relation);
        if (anything_changed || changed.contains(risk.relation) || !table || table->created_by >= 0) continue;
        if (risk.query.empty() && risk.sample.empty()) continue;
        out.asked++;
        if (!risk.quick.empty())
          if (Asked none = ask(connection, risk.quick); none.error.empty() && none.rows.text(0, 0) == "t") continue;
        Asked counted = ask(connection, risk.query.empty() ? risk.sample : risk.query);
        Obstacle obstacle{migration.file.string(),
                          statement.line,
                          std::string(statement.text),
                          risk.what,
                          "",
                          "",
                          {},
                          risk.query,
                          risk.mend};
        if (!counted.error.empty()) {
          // 42xxx: a column or table that an earlier statement makes. A cast that fails (22xxx, 23xxx) is the answer.
          if (risk.query.empty() && (counted.sqlstate.starts_with("22") || counted.sqlstate.starts_with("23"))) {
            obstacle.error = counted.error;
            obstacle.query = risk.sample;
            out.obstacles.push_back(obstacle);
          } else if (!counted.sqlstate.starts_with("42")) {
            out.skipped.push_back(risk.what + ": " + counted.error);
          }
          continue;
        }
        if (risk.query.empty() || counted.rows.empty() || counted.rows.text(0, 0) == "0") continue;
        obstacle.count = counted.rows.text(0, 0);
        if (Asked sample = ask(connection, risk.sample); sample.error.empty())
          for (size_t row = 0; row < std::min(sample.rows.size(), most_rows); row++)
            obstacle.rows.push_back(row_text(sample.rows, row));
        out.obstacles.push_back(obstacle);
      }
      for (const impact::Touched& item : impact.touched)
        if (writes_rows(item)) changed.insert(item.relation);
      anything_changed = anything_changed || impact.opaque;
      ddl::fold(catalog, statement, number++);
    }
  }
  return out;
}

namespace {

void refuse(server::Connection& connection, const std::vector<history::Migration>& pending, Terminal& terminal,
            const std::vector<std::string>& schemas, const std::string& what, const std::string& hint) {
  Preflight found;
  try {
    found = preflight(connection, pending, schemas);
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted || connection.broken()) throw;
    terminal.warning(std::string("the rows could not be looked at before the run: ") + error.what());
    return;
  }
  for (const std::string& skipped : found.skipped) terminal.warning("not looked at before the run: " + skipped);
  if (found.obstacles.empty()) return;
  ErrorContext context;
  for (const Obstacle& obstacle : found.obstacles) context.diagnostics.push_back(to_diagnostic(obstacle));
  context.state = "Nothing was run.";
  context.hint = hint;
  throw Error("rows that are there would make " + what + " fail", context);
}

}  // namespace

void refuse_obstacles(server::Connection& connection, const std::vector<history::Migration>& pending,
                      Terminal& terminal, const std::vector<std::string>& schemas) {
  refuse(connection, pending, terminal, schemas, "the migrations",
         "Mend the rows, in a migration before this one or by hand; or run with --no-preflight.");
}

void refuse_obstacles_of_way_back(server::Connection& connection, const history::Migration& down, Terminal& terminal,
                                  const std::vector<std::string>& schemas) {
  refuse(connection, {down}, terminal, schemas, "the way back",
         "Mend the rows, then roll back again; or run with --no-preflight.");
}

Diagnostic to_diagnostic(const Obstacle& obstacle) {
  Diagnostic out;
  out.code = "preflight";
  out.at = {obstacle.file, obstacle.line, 0};
  if (obstacle.error.empty())
    out.message = fmt::format("{} {} would make this statement fail: {}", obstacle.count,
                              obstacle.count == "1" ? "row" : "rows", obstacle.what);
  else
    out.message = obstacle.what + ": " + obstacle.error;
  for (const std::string& row : obstacle.rows) out.hint += row + "\n";
  out.hint += "Look: " + obstacle.query;
  if (!obstacle.mend.empty()) out.hint += "\nMend: " + obstacle.mend;
  return out;
}

}  // namespace sluice::cli
