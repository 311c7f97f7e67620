#include "cli/migration_text.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>
#include <set>

#include "base/text.hpp"
#include "cli/written.hpp"
#include "diff/diff.hpp"
#include "history/dated.hpp"
#include "history/rewrite.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

std::string today() {
  std::time_t now = std::time(nullptr);
  return fmt::format("{:%Y-%m-%d}", fmt::localtime(now));
}

std::string sql_file(const std::string& first_comment, const std::vector<plan::Statement>& statements,
                     const std::vector<std::string>& notes, bool breakpoints) {
  std::string out = first_comment + "\n-- Created: " + today() + "\n";
  for (const std::string& note : notes) out += "-- " + note + "\n";
  out += "\n";
  for (size_t i = 0; i < statements.size(); i++) {
    // sluice migrate reads these; to others they are comments.
    if (statements[i].step) out += "-- sluice:step\n";
    if (statements[i].backfill) out += statements[i].by_page ? "-- sluice:backfill by page\n" : "-- sluice:backfill\n";
    if (statements[i].no_keep) out += "-- sluice:no-keep\n";
    if (!statements[i].allow.empty()) out += "-- sluice:allow " + statements[i].allow + "\n";
    out += statements[i].sql;
    if (i + 1 < statements.size()) out += breakpoints ? std::string(sql::breakpoint) + "\n" : "\n";
  }
  return out.ends_with('\n') ? out : out + "\n";
}

model::Schema read_schema(const Config& config, bool force, plan::PropertyNames* properties, Terminal& terminal) {
  return read_written(config, force, properties, terminal).schema;
}

model::Rows spelled_as_written(const model::Rows& rows, const model::Schema& known, const Config& config,
                               Terminal& terminal) {
  model::Rows written;
  model::Schema schema;
  try {
    schema = read_schema(config, false, nullptr, terminal);
    written = read_rows(config, false, nullptr, terminal);
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted) throw;
    terminal.warning("the schema files cannot be read, so drizzle-kit may find differences of spelling: " +
                     std::string(error.what()));
    return rows;
  }
  model::keep_names(rows, written);
  std::set<model::Key> changed;
  auto note = [&](const auto& of_kind) {
    for (const auto& object : of_kind.created) changed.insert(object.key);
    for (const auto& object : of_kind.dropped) changed.insert(object.key);
    for (const auto& change : of_kind.altered) changed.insert(change.after.key);
    for (const auto& change : of_kind.renamed) changed.insert(change.before.key), changed.insert(change.after.key);
  };
  const diff::Changes changes = diff::compare(known, schema);
  std::apply([&](const auto&... of_kind) { (note(of_kind), ...); }, changes.by_kind);
  model::Rows out;
  for (const model::Row& row : rows.list()) {
    const model::Row* other = written.find(model::key_of(row));
    const std::string table = row.value("table", ""), name = row.value("name", "");
    const model::Key key{row.value("schema", ""), table, name}, linked{row.value("schema", ""), "", name};
    const bool is_key = row.at("entityType") == "pks";
    const bool same_here = other && !changed.contains(key) && !changed.contains(linked) &&
                           (!is_key || other->at("columns") == row.at("columns"));
    out.add(same_here ? *other : row);
  }
  return out;
}

void refuse_branches(const history::Folder& folder, bool ignore_conflicts) {
  for (const Diagnostic& diagnostic : folder.dated_snapshots().check()) {
    if (ignore_conflicts && diagnostic.code == "two-branches") continue;
    ErrorContext context;
    context.at = diagnostic.at;
    context.hint = diagnostic.hint;
    context.state = "Nothing was written.";
    context.exit = Exit::refused;
    throw Error(diagnostic.message, context);
  }
}

history::Folder folder_to_write(const Config& config, Terminal& terminal, bool ignore_conflicts) {
  history::Folder folder = history::open_to_write(config.out);
  if (wants_dated(config)) folder.begin_dated();
  if (folder.dated()) refuse_branches(folder, ignore_conflicts);
  for (const std::string& tag : folder.forget_deleted())
    terminal.warning(tag + ".sql was deleted: its journal entry and snapshot go with it");
  if (folder.last_snapshot_is_older())
    terminal.warning("the last migration, " + folder.entries().back().tag +
                     ", has no snapshot; the difference is to the last snapshot there is");
  return folder;
}

Json to_json(const std::vector<plan::Statement>& statements) {
  Json list = Json::array();
  for (const plan::Statement& statement : statements)
    list.push_back({{"sql", text::trim(statement.sql)}, {"transactional", statement.transactional}});
  return list;
}

}  // namespace sluice::cli
