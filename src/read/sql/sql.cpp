#include "read/sql/sql.hpp"

#include <algorithm>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "model/beyond.hpp"
#include "read/catalog/citus.hpp"
#include "read/catalog/pgvector.hpp"
#include "read/sql/declared.hpp"
#include "read/sql/statements.hpp"
#include "read/typescript/cache.hpp"
#include "server/local.hpp"
#include "sql/quote.hpp"
#include "sql/statements.hpp"

namespace sluice::read {

namespace {

constexpr const char* cache_version = "3";  // of what is kept; the catalog's readers are part of it

// The role that an error says is missing: role "app_reader" does not exist.
std::optional<std::string> missing_role(const Error& error) {
  std::string message = error.what();
  size_t from = message.find("role \"");
  size_t to = from == std::string::npos ? from : message.find("\" does not exist", from);
  if (to == std::string::npos || error.context.sqlstate != "42704") return std::nullopt;
  return message.substr(from + 6, to - from - 6);
}

class Builder {
 public:
  Builder(server::Connection& connection, std::vector<SqlStatement> statements, const SqlOptions& options)
      : connection_(connection),
        waiting_(std::move(statements)),
        places_(options.places),
        wanted_major_(options.major) {}

  // True if the extension vector is there and none of the statements makes it.
  bool lent_pgvector() const { return stand_in_ && !declares_pgvector_; }

  // Runs all of them; what fails is tried again after the others, as long as anything else succeeds.
  void run() {
    declares_pgvector_ = std::any_of(waiting_.begin(), waiting_.end(), [](const SqlStatement& statement) {
      return vector_schema(statement.text).has_value();
    });
    server::Transaction transaction(connection_);
    bool bodies = true;
    while (!waiting_.empty()) {
      std::vector<SqlStatement> failed;
      std::vector<Error> errors;
      for (SqlStatement& statement : waiting_) {
        std::optional<Error> error = attempt(statement.text);
        if (error && !is_index_without_pgvector(statement, *error)) {
          failed.push_back(std::move(statement));
          errors.push_back(std::move(*error));
        } else {
          if (!bodies) unchecked_.push_back(statement);
          made_.push_back(std::move(statement));
        }
      }
      if (failed.size() < waiting_.size()) {
        waiting_ = std::move(failed);
        continue;
      }
      waiting_ = std::move(failed);
      if (!bodies) fail(errors);
      // Functions that call each other.
      connection_.execute("SET LOCAL check_function_bodies = false");
      bodies = false;
    }
    if (!bodies) check_bodies();
    transaction.commit();
  }

 private:
  // All that they need is there by now.
  void check_bodies() {
    connection_.execute("SET LOCAL check_function_bodies = true");
    server::Rows functions = connection_.execute(
        "SELECT p.proname, pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "JOIN pg_language l ON l.oid = p.prolang WHERE l.lanname IN ('sql', 'plpgsql') AND p.prokind IN ('f', 'p') AND "
        "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND NOT EXISTS (SELECT FROM pg_depend d WHERE "
        "d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')");
    std::vector<Error> errors;
    for (size_t i = 0; i < functions.size(); i++) {
      const std::string name = text::to_lower(functions.text(i, 0));
      auto made = std::find_if(unchecked_.begin(), unchecked_.end(), [&](const SqlStatement& statement) {
        return text::to_lower(statement.text).find(name) != std::string::npos;
      });
      if (made == unchecked_.end()) continue;
      if (std::optional<Error> error = attempt(functions.text(i, 1))) {
        ErrorContext context = error->context;
        context.at = {};  // a line of PostgreSQL's own text
        errors.emplace_back(error->what(), context);
        waiting_.push_back(*made);
      }
    }
    if (!errors.empty()) fail(errors);
  }

  // The schema of a CREATE EXTENSION vector; nothing if it is anything else.
  static std::optional<std::string> vector_schema(const std::string& sql) {
    const std::vector<std::string> tokens = sql::tokens(sql);
    const std::optional<Declared> object =
        sql::begins_with(tokens, {"create", "extension"}) ? declared(sql) : std::nullopt;
    if (!object || object->name != "vector") return std::nullopt;
    for (size_t i = 0; i + 1 < tokens.size(); i++)
      if (tokens[i] == "schema") return text::replace_all(tokens[i + 1], "\"", "");
    return "public";
  }

  bool lacks_pgvector() {
    if (!lacks_pgvector_) lacks_pgvector_ = !has_pgvector(connection_);
    return *lacks_pgvector_;
  }

  // Where pgvector is not installed, something that reads as its types do stands for it. True if it has just been made.
  bool settle_pgvector(const Error& error) {
    const std::string message = error.what();
    auto lacks = [&](const char* type) {
      return message.find("type \"" + std::string(type) + "\" does not exist") != std::string::npos;
    };
    if (declares_pgvector_ || stand_in_ || error.context.sqlstate != "42704") return false;
    if (!(lacks("vector") || lacks("halfvec") || lacks("sparsevec")) || !lacks_pgvector()) return false;
    make_pgvector_stand_in(connection_, "public");
    return stand_in_ = true;
  }

  void execute(const std::string& sql) {
    const std::optional<std::string> schema = vector_schema(sql);
    if (!schema || !lacks_pgvector()) {
      connection_.execute(sql);
    } else if (!stand_in_) {
      make_pgvector_stand_in(connection_, *schema);
      stand_in_ = true;
    }
  }

  // An index of TypeScript that needs it is not read back: its own words are what it is.
  bool is_index_without_pgvector(const SqlStatement& statement, const Error& error) const {
    const std::string message = error.what();
    return stand_in_ && !statement.at.known() && error.context.sqlstate == "42704" &&
           (message.find("access method \"hnsw\"") != std::string::npos ||
            message.find("access method \"ivfflat\"") != std::string::npos);
  }

  std::optional<Error> attempt(const std::string& sql) {
    for (;;) {
      connection_.execute("SAVEPOINT sluice_statement");
      try {
        execute(sql);
        connection_.execute("RELEASE SAVEPOINT sluice_statement");
        return std::nullopt;
      } catch (const Error& error) {
        if (error.context.exit == Exit::interrupted || connection_.broken()) throw;
        connection_.execute("ROLLBACK TO SAVEPOINT sluice_statement; RELEASE SAVEPOINT sluice_statement");
        if (settle_pgvector(error)) continue;
        // Roles are of the server, and most often made by other hands.
        std::optional<std::string> role = missing_role(error);
        if (!role || !roles_.insert(*role).second) return error;
        connection_.execute("CREATE ROLE " + sql::identifier(*role));
      }
    }
  }

  Location place(const SqlStatement& statement) const {
    return statement.at.known() ? statement.at : place_in(places_, statement.text);
  }

  // By what they declare, the statements that have run.
  std::map<std::string, const SqlStatement*> by_name() const {
    std::map<std::string, const SqlStatement*> out;
    for (const SqlStatement& made : made_)
      if (const std::optional<Declared> object = declared(made.text)) out.emplace(name_key(*object), &made);
    return out;
  }

  // What is there already because another statement declares it too, perhaps in a file of another language. It is told
  // at the SQL file.
  std::optional<Diagnostic> declared_twice(const SqlStatement& failed,
                                           const std::map<std::string, const SqlStatement*>& made) const {
    std::optional<Declared> object = declared(failed.text);
    const auto found = object ? made.find(name_key(*object)) : made.end();
    if (found == made.end()) return std::nullopt;
    const SqlStatement& before = *found->second;
    Location at = place(failed), other = place(before);
    if (!at.known() || !other.known()) return std::nullopt;
    const bool typescript = !failed.at.known() || !before.at.known();
    if (!failed.at.known() && before.at.known()) {
      std::swap(at, other);
      object = declared(before.text);
    }
    const std::string there = other.file + (other.line > 0 ? ":" + std::to_string(other.line) : "");
    Diagnostic out{Severity::error, "declared-twice",
                   "the " + object->display() + " is declared twice, the other time in " + there, at, ""};
    out.hint = "Keep one of the two.";
    if (typescript) out.hint += " What the program queries belongs into TypeScript";
    if (typescript && object->kind == "table")
      out.hint += "; ALTER TABLE in the SQL file adds to it what drizzle has no word for";
    if (typescript) out.hint += ".";
    return out;
  }

  [[noreturn]] void fail(const std::vector<Error>& errors) {
    ErrorContext context;
    // One that lacks something which another of them would have made says nothing new.
    auto lacks = [](const Error& error) {
      static const std::set<std::string> undefined{"42P01", "42704", "42883", "42703", "3F000", "42830"};
      return undefined.contains(error.context.sqlstate);
    };
    bool any_other = !std::all_of(errors.begin(), errors.end(), lacks);
    std::string first;
    std::optional<std::map<std::string, const SqlStatement*>> made;
    for (size_t i = 0; i < errors.size(); i++) {
      if (any_other && lacks(errors[i])) continue;
      const SqlStatement& statement = waiting_[i];
      if (is_there_already(errors[i])) {
        if (!made) made = by_name();
        if (std::optional<Diagnostic> twice = declared_twice(statement, *made)) {
          context.diagnostics.push_back(std::move(*twice));
          continue;
        }
      }
      if (context.diagnostics.empty()) {
        first = statement.text;
        context.sqlstate = errors[i].context.sqlstate;
      }
      Location at = place(statement);
      if (errors[i].context.at.line > 1 && statement.at.line > 0) at.line += errors[i].context.at.line - 1;
      std::string message = std::string(errors[i].what());
      if (!errors[i].context.detail.empty()) message += " (" + errors[i].context.detail + ")";
      context.diagnostics.push_back({Severity::error, "sql-schema", message, at, errors[i].context.hint});
    }
    context.at = context.diagnostics.front().at;
    context.statement = first;
    context.hint = context.diagnostics.front().hint;
    const std::string major = std::to_string(connection_.version() / 10000);
    if (context.hint.empty() && stand_in_)
      context.hint =
          "pgvector is not installed here: its types have a stand-in, its indexes and operator classes have none.";
    if (context.hint.empty() && wanted_major_ && connection_.version() / 10000 != *wanted_major_)
      context.hint = "The database is PostgreSQL " + std::to_string(*wanted_major_) +
                     ", which is not installed here, so " + major +
                     " read the files. SLUICE_PG_BIN names the directory of other programs (initdb, postgres).";
    std::string message = context.diagnostics.front().message;
    if (context.diagnostics.front().code == "sql-schema")
      message = "PostgreSQL " + major + " does not take the schema: " + message;
    if (context.diagnostics.size() == 1) context.diagnostics.clear();
    throw Error(message, context);
  }

  server::Connection& connection_;
  std::vector<SqlStatement> waiting_, unchecked_, made_;
  const Places& places_;
  std::optional<int> wanted_major_;
  std::set<std::string> roles_;  // made because something named them
  std::optional<bool> lacks_pgvector_;
  bool declares_pgvector_ = false;
  bool stand_in_ = false;  // stands for pgvector
};

std::string print(const SqlSchema& result) {
  model::Snapshot snapshot{"sql", "", "7", result.schema};
  std::string out = model::print_snapshot(snapshot) + "\n\f" + model::print_beyond(snapshot) + "\n\f";
  for (const NotCovered& note : result.not_covered)
    out += text::join(
               {note.kind, note.key.schema, note.key.table, note.key.name, note.detail, note.partly ? "partly" : ""},
               "\x1f") +
           "\x1e";
  return out;
}

std::optional<SqlSchema> parse(const std::string& kept) {
  std::vector<std::string> parts = text::split(kept, "\n\f");
  if (parts.size() != 3) return std::nullopt;
  try {
    SqlSchema out;
    model::Snapshot snapshot = model::parse_snapshot(parts[0], "the cache");
    if (!parts[1].empty()) model::read_beyond(snapshot, parts[1], "the cache");
    out.schema = std::move(snapshot.schema);
    for (const std::string& line : text::split(parts[2], "\x1e")) {
      std::vector<std::string> cells = text::split(line, "\x1f");
      if (cells.size() == 6)
        out.not_covered.push_back({cells[0], {cells[1], cells[2], cells[3]}, cells[4], cells[5] == "partly"});
    }
    return out;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::vector<std::string> schemas_of(server::Connection& connection) {
  std::vector<std::string> out;
  server::Rows rows = connection.execute(
      "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN "
      "('information_schema', 'public')");
  for (size_t i = 0; i < rows.size(); i++) out.push_back(rows.text(i, 0));
  return out;
}

std::unique_ptr<server::Scratch> scratch(const SqlOptions& options) {
  if (options.major) {
    try {
      return std::make_unique<server::Scratch>(options.project, options.major);
    } catch (const Error& error) {  // not installed: any other is better than none
      if (error.context.exit == Exit::interrupted) throw;
    }
  }
  return std::make_unique<server::Scratch>(options.project);
}

std::string server_version(const SqlOptions& options) {
  std::string best;
  for (const server::Binaries& binaries : server::find_binaries(options.project)) {
    if (options.major == binaries.major) return binaries.version + " " + binaries.directory.string();
    if (best.empty()) best = binaries.version + " " + binaries.directory.string();
  }
  return best;
}

}  // namespace

int sql_major(const SqlOptions& options) {
  int best = 0;
  for (const server::Binaries& binaries : server::find_binaries(options.project)) {
    if (options.major == binaries.major) return binaries.major;
    if (best == 0) best = binaries.major;
  }
  return best;
}

SqlSchema sql_schema(const std::vector<SqlFile>& files, const SqlOptions& options) {
  std::string key = std::string(cache_version) + "\n" + server_version(options) + (options.prepare ? " prepared" : "");
  for (const std::string& statement : options.before) key += "\n" + statement;
  for (const SqlFile& file : files) key += "\n" + file.name + "\n" + file.text;
  const CacheEntry cache("sql", files::sha256(key));
  if (options.use_cache)
    if (std::optional<std::string> kept = cache.find({}))
      if (std::optional<SqlSchema> schema = parse(*kept)) return std::move(*schema);

  std::vector<SqlStatement> statements;
  for (const std::string& statement : options.before) statements.push_back({statement, {}});
  SqlStatements found = schema_statements(files);
  for (SqlStatement& statement : found.statements) statements.push_back(std::move(statement));

  std::unique_ptr<server::Scratch> server = scratch(options);
  server::Target target;
  target.url = server->create_database();
  server::Connection connection(target);
  CatalogOptions reading;
  reading.schemas.clear();
  reading.roles.include = found.roles;
  reading.beyond = true;
  if (std::any_of(files.begin(), files.end(), [](const SqlFile& file) { return speaks_of_citus(file.text); }))
    make_citus_stand_in(connection);
  if (options.prepare) {
    options.prepare(connection);
    reading.without_schemas = schemas_of(connection);
  }
  Builder builder(connection, std::move(statements), options);
  builder.run();
  // What was set for a file is not meant for what comes after it.
  connection.reset_session();
  Catalog catalog = read::catalog(connection, reading);
  if (builder.lent_pgvector())
    std::erase_if(model::all<model::Extension>(catalog.schema),
                  [](const model::Extension& extension) { return extension.key.name == "vector"; });
  SqlSchema out{std::move(catalog.schema), std::move(catalog.not_covered)};
  if (options.use_cache) cache.keep(print(out), {}, std::set<std::string>{}, {});
  return out;
}

}  // namespace sluice::read
