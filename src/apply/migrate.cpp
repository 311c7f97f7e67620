#include "apply/migrate.hpp"

#include <algorithm>
#include <chrono>

#include "base/interrupt.hpp"
#include "sql/statements.hpp"

namespace sluice::apply {

using history::Migration;
using server::Connection;

namespace {

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

// How a file is run, judged by the SQL itself.
struct Script {
  std::vector<sql::Chunk> chunks;
  std::vector<sql::Statement> alone;  // what PostgreSQL runs only outside a transaction
  size_t transactional = 0;
  bool controls_transaction = false;  // the file has a COMMIT or BEGIN of its own
};

Script read_script(const Migration& migration) {
  Script script;
  std::string_view text = migration.sql;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // some editors begin a file with a byte order mark
  script.chunks = sql::chunks(text);
  for (const sql::Chunk& chunk : script.chunks)
    for (const sql::Statement& statement : sql::statements(chunk)) switch (sql::execution(statement)) {
        case sql::Execution::transactional:
          script.transactional++;
          break;
        case sql::Execution::alone:
          script.alone.push_back(statement);
          break;
        case sql::Execution::transaction_control:
          script.controls_transaction = true;
          break;
      }
  return script;
}

// Two kinds of statement that cannot share a transaction cannot share a file: a failure would leave half of it.
void refuse_mixture(const Migration& migration, const Script& script) {
  if (script.alone.empty() || script.transactional == 0 || script.controls_transaction) return;
  ErrorContext context;
  context.at = {migration.file.string(), script.alone.front().line, 0};
  context.statement = std::string(script.alone.front().text);
  context.state = "Nothing of " + migration.entry.file_name() + " was run.";
  context.hint = "Move the statement into a migration of its own: sluice generate --custom --name <name>.";
  throw Error("this statement cannot run inside a transaction, and the other statements of the file need one", context);
}

// The error of a statement, put where it stands in the file.
[[noreturn]] void fail_in_file(const Error& error, const Migration& migration, const sql::Chunk& chunk,
                               const std::string& state) {
  ErrorContext context = error.context;
  std::vector<sql::Statement> statements = sql::statements(chunk);
  // The server counts lines in what it was sent; without a position, the chunk's first statement is the best guess.
  int line = context.at.line > 0  ? chunk.line + context.at.line - 1
             : statements.empty() ? chunk.line
                                  : statements.front().line;
  context.at = {migration.file.string(), line, 0};
  context.statement = std::string(chunk.text);
  for (const sql::Statement& statement : statements)
    if (statement.line <= line) context.statement = std::string(statement.text);
  context.state = state;
  if (context.sqlstate == "25006" && context.hint.empty())
    context.hint =
        "The server is read-only (a replica, or default_transaction_read_only is on). Connect to the primary.";
  throw Error(error.what(), context);
}

class Runner {
 public:
  Runner(Connection& connection, const history::Folder& folder, const MigrateOptions& options)
      : connection_(connection), folder_(folder), options_(options) {}

  std::vector<Applied> run() {
    Ledger ledger = read_ledger(connection_, options_.ledger);
    Status status = compare(folder_, ledger);
    warn(status);
    if (pending(folder_, status, options_).empty()) return {};

    pooled_ = connection_.behind_transaction_pooler();
    if (pooled_) {
      server::Transaction transaction(connection_);
      take_lock(connection_, options_.ledger, LockScope::transaction, options_.lock);
      ledger = read_ledger(connection_, options_.ledger);
      transaction.commit();
    } else {
      take_lock(connection_, options_.ledger, LockScope::session, options_.lock);
      ledger = read_ledger(connection_, options_.ledger);
    }
    prepare_ledger(connection_, options_.ledger, ledger);
    status = compare(folder_, ledger);
    give_names(status, ledger);
    for (const Migration& migration : pending(folder_, status, options_)) {
      interrupt::check();
      apply(migration, ledger);
    }
    return std::move(done_);
  }

 private:
  void warn(const Status& status) {
    if (!options_.warning) return;
    for (const Item& item : status.items)
      if (item.state == State::edited)
        options_.warning(item.entry.file_name() + " was edited after it was applied; the edit is not in this database");
      else if (options_.skip_deleted && status.is_pending(item) &&
               !std::filesystem::exists(folder_.path() / item.entry.file_name()))
        options_.warning(item.entry.file_name() +
                         " was deleted, so it is left out; 'sluice generate' removes its journal entry");
    for (const std::string& name : folder_.files_outside_journal())
      options_.warning(name +
                       " is not in meta/_journal.json, so it is not run; commit meta/ together with the migration");
  }

  void give_names(const Status& status, const Ledger& ledger) {
    std::vector<std::pair<std::int64_t, std::string>> names;
    for (const Item& item : status.items)
      if (item.row && !item.row->name) names.emplace_back(item.row->id, item.entry.tag);
    if (ledger.has_name) name_rows(connection_, options_.ledger, names);
  }

  std::string state_after_rollback(const Migration& migration) const {
    std::string state = "Nothing of " + migration.entry.file_name() + " was applied: its transaction was rolled back.";
    if (!done_.empty())
      state += " Applied by this run before it: " + done_.front().tag +
               (done_.size() > 1 ? " to " + done_.back().tag : std::string()) + ".";
    return state;
  }

  void apply(const Migration& migration, const Ledger& ledger) {
    Script script = read_script(migration);
    refuse_mixture(migration, script);
    auto start = std::chrono::steady_clock::now();
    bool ran = script.alone.empty() || script.controls_transaction ? in_transaction(migration, script, ledger)
                                                                   : one_by_one(migration, script, ledger);
    if (!ran) return;
    double duration = milliseconds_since(start);
    // What one migration SETs must not reach the next: run on another day, that would not have it.
    connection_.reset_session();
    done_.push_back({migration.entry.tag, duration});
    if (options_.applied) options_.applied(migration, duration);
  }

  // False if another runner applied it meanwhile.
  bool in_transaction(const Migration& migration, const Script& script, const Ledger& ledger) {
    auto start = std::chrono::steady_clock::now();
    server::Transaction transaction(connection_);
    if (pooled_) {
      take_lock(connection_, options_.ledger, LockScope::transaction, options_.lock);
      if (applied_meanwhile(migration)) return false;
    }
    if (options_.applying) options_.applying(migration);
    for (const sql::Chunk& chunk : script.chunks) {
      try {
        connection_.execute(chunk.text);
      } catch (const Error& error) {
        fail_in_file(
            error, migration, chunk,
            script.controls_transaction
                ? migration.entry.file_name() +
                      " ends its transaction itself (COMMIT): what stands before that stays applied. Look at the "
                      "database before you run it again."
                : state_after_rollback(migration));
      }
    }
    record(connection_, options_.ledger, ledger, migration, milliseconds_since(start), options_.run_id);
    try {
      transaction.commit();
    } catch (const Error& error) {
      ErrorContext context = error.context;
      context.at.file = migration.file.string();
      context.state = connection_.broken()
                          ? "The connection was lost during COMMIT, so " + migration.entry.file_name() +
                                " is applied completely or not at all. Run 'sluice status' to see which."
                          : state_after_rollback(migration);
      throw Error(error.what(), context);
    }
    return true;
  }

  bool one_by_one(const Migration& migration, const Script& script, const Ledger& ledger) {
    if (pooled_) {
      ErrorContext context;
      context.at = {migration.file.string(), script.alone.front().line, 0};
      context.statement = std::string(script.alone.front().text);
      context.state = state_after_rollback(migration);
      context.hint = "Use the URL of the database itself, not of the pooler (Supabase: port 5432, not 6543).";
      throw Error("this statement runs outside a transaction, where a pooler in transaction mode cannot keep the lock",
                  context);
    }
    auto start = std::chrono::steady_clock::now();
    if (options_.applying) options_.applying(migration);
    size_t finished = 0;
    for (const sql::Statement& statement : script.alone) {
      interrupt::check();
      try {
        connection_.execute(statement.text);
        finished++;
      } catch (const Error& error) {
        fail_in_file(
            error, migration, {statement.text, statement.line},
            std::to_string(finished) + " of " + std::to_string(script.alone.size()) + " statements of " +
                migration.entry.file_name() +
                " took effect (they cannot run in a transaction). A failed CREATE INDEX CONCURRENTLY leaves an "
                "invalid index: drop it before you run the migration again.");
      }
    }
    record(connection_, options_.ledger, ledger, migration, milliseconds_since(start), options_.run_id);
    return true;
  }

  bool applied_meanwhile(const Migration& migration) {
    Status now = compare(folder_, read_ledger(connection_, options_.ledger));
    return std::any_of(now.items.begin(), now.items.end(),
                       [&](const Item& item) { return item.entry.tag == migration.entry.tag && item.row; });
  }

  Connection& connection_;
  const history::Folder& folder_;
  const MigrateOptions& options_;
  bool pooled_ = false;
  std::vector<Applied> done_;
};

}  // namespace

std::vector<Migration> pending(const history::Folder& folder, const Status& status, const MigrateOptions& options) {
  std::vector<Migration> out;
  // Where the deleted ones at the end begin.
  size_t end = status.items.size();
  while (options.skip_deleted && end > 0 && status.is_pending(status.items[end - 1]) &&
         !std::filesystem::exists(folder.path() / status.items[end - 1].entry.file_name()))
    end--;
  const history::Entry* newest = nullptr;
  for (const Item& item : status.items)
    if (item.row && (!newest || item.entry.when > newest->when)) newest = &item.entry;
  for (size_t i = 0; i < end; i++) {
    const Item& item = status.items[i];
    if (!status.is_pending(item)) continue;
    if (item.state == State::out_of_order && !options.allow_out_of_order) {
      ErrorContext context;
      context.at.file = (folder.path() / item.entry.file_name()).string();
      context.state = "Nothing was changed.";
      context.hint =
          "If it does not depend on the order, run 'sluice migrate --allow-out-of-order'. Otherwise give it a later "
          "number and time: delete it and generate it again.";
      throw Error(item.entry.file_name() + " is pending but dated before " + newest->tag +
                      ", which is applied (drizzle-orm would skip it in silence)",
                  context);
    }
    out.push_back(folder.read(item.entry));
  }
  return out;
}

std::vector<Applied> migrate(Connection& connection, const history::Folder& folder, const MigrateOptions& options) {
  return Runner(connection, folder, options).run();
}

}  // namespace sluice::apply
