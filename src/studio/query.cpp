#include "studio/query.hpp"

#include <algorithm>
#include <chrono>

#include "base/text.hpp"
#include "server/details.hpp"
#include "sql/statements.hpp"

namespace sluice::studio {

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t longest_value = 20'000;  // bytes of a value in a result

size_t utf16_length(std::string_view s) {
  size_t units = 0;
  for (const char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

// The byte at which character `position` (from 1) begins.
size_t byte_of_character(std::string_view s, int position) {
  int character = 0;
  for (size_t i = 0; i < s.size(); i++)
    if ((s[i] & 0xC0) != 0x80 && ++character >= position) return i;
  return s.size();
}

const char* type_name(unsigned oid) {
  static const std::map<unsigned, const char*> names{
      {16, "bool"},          {17, "bytea"},      {20, "int8"},      {21, "int2"},     {23, "int4"},
      {25, "text"},          {26, "oid"},        {114, "json"},     {700, "float4"},  {701, "float8"},
      {1042, "bpchar"},      {1043, "varchar"},  {1082, "date"},    {1083, "time"},   {1114, "timestamp"},
      {1184, "timestamptz"}, {1186, "interval"}, {1700, "numeric"}, {2950, "uuid"},   {3802, "jsonb"},
      {19, "name"},          {869, "inet"},      {1007, "int4[]"},  {1009, "text[]"}, {1016, "int8[]"},
      {790, "money"}};
  const auto found = names.find(oid);
  return found == names.end() ? "" : found->second;
}

std::string text_at(const Json& request, const char* name) {
  const auto found = request.find(name);
  return found != request.end() && found->is_string() ? found->get<std::string>() : "";
}

struct Registered {
  Registered(Runs& r, std::string n, const std::string& database, int pid) : runs(r), name(std::move(n)) {
    runs.begin(name, database, pid);
  }
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;
  ~Registered() { runs.end(name); }

  Runs& runs;
  std::string name;
};

// A query whose rows can be fetched through a cursor, so that only those that are shown leave the server.
bool is_query(const std::vector<std::string>& tokens) {
  if (tokens.empty()) return false;
  const std::string& first = tokens.front();
  if (first != "select" && first != "with" && first != "values" && first != "table" && first != "(") return false;
  return std::none_of(tokens.begin(), tokens.end(), [](const std::string& token) {
    return token == "insert" || token == "update" || token == "delete" || token == "merge" || token == "into";
  });
}

const char* const declare = "DECLARE sluice_studio NO SCROLL CURSOR FOR ";

struct Result {
  server::Rows rows;
  std::vector<unsigned> types;
};

// Runs one statement; an Error's place in it is put into `position`, in characters from 1.
class Runner {
 public:
  Runner(server::Connection& connection, size_t limit, bool read_only)
      : connection_(connection), limit_(limit), read_only_(read_only) {}

  Result run(const sql::Statement& statement, int& position) {
    const std::vector<std::string> tokens = sql::tokens(statement.text);
    if (!read_only_) return run_in_session(statement, tokens, position);
    if (sql::execution(statement) != sql::Execution::transactional || sql::begins_with(tokens, {"copy"})) {
      ErrorContext context;
      context.hint = "Queries, SHOW and EXPLAIN can be run.";
      throw Error("this cannot be run on a read-only database: it would leave the read-only transaction", context);
    }
    // Once a transaction has read something, it cannot be made one that writes any more.
    server::Transaction transaction(connection_, "BEGIN TRANSACTION READ ONLY");
    connection_.execute("SELECT 1");
    return run_in_session(statement, tokens, position);
  }

 private:
  Result run_in_session(const sql::Statement& statement, const std::vector<std::string>& tokens, int& position) {
    if (!is_query(tokens)) return send(std::string(statement.text), 0, position);
    const bool own = !connection_.in_transaction();
    std::optional<server::Transaction> transaction;
    if (own) transaction.emplace(connection_);
    send(declare + std::string(statement.text), static_cast<int>(std::string_view(declare).size()), position);
    Result result{connection_.execute("FETCH FORWARD " + std::to_string(limit_ + 1) + " FROM sluice_studio"),
                  server::last_details().column_types};
    connection_.execute("CLOSE sluice_studio");
    if (own) transaction->commit();
    result.rows.command_tag = "SELECT";
    return result;
  }

  // With the extended protocol, which takes one statement and no more.
  Result send(const std::string& sql, int prefix, int& position) {
    try {
      server::Rows rows = connection_.query(sql, {});
      return {std::move(rows), server::last_details().column_types};
    } catch (const Error&) {
      position = std::max(0, server::last_details().error_position - prefix);
      throw;
    }
  }

  server::Connection& connection_;
  size_t limit_;
  bool read_only_;
};

Json result_json(const Result& result, size_t limit) {
  const server::Rows& rows = result.rows;
  Json out{
      {"columns", Json::array()}, {"rows", Json::array()}, {"more", rows.size() > limit}, {"tag", rows.command_tag}};
  for (size_t c = 0; c < rows.columns.size(); c++)
    out["columns"].push_back({{"name", rows.columns[c]}, {"type", type_name(result.types[c])}});
  for (size_t r = 0; r < std::min(limit, rows.size()); r++) {
    Json row = Json::array();
    for (const std::optional<std::string>& value : rows.rows[r])
      row.push_back(!value                           ? Json(nullptr)
                    : value->size() <= longest_value ? Json(*value)
                                                     : Json(value->substr(0, longest_value) + "…"));
    out["rows"].push_back(std::move(row));
  }
  return out;
}

}  // namespace

void Runs::begin(const std::string& run, const std::string& database, int pid) {
  const std::lock_guard lock(mutex_);
  runs_[run] = {database, pid, false};
}

void Runs::end(const std::string& run) {
  const std::lock_guard lock(mutex_);
  runs_.erase(run);
}

bool Runs::cancelled(const std::string& run) {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(run);
  return found != runs_.end() && found->second.cancelled;
}

bool Runs::cancel(Databases& databases, const std::string& run) {
  std::string database;
  int pid = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = runs_.find(run);
    if (found == runs_.end()) return false;
    found->second.cancelled = true;
    database = found->second.database;
    pid = found->second.pid;
  }
  databases.open(database)->query("SELECT pg_catalog.pg_cancel_backend($1::int)", {std::to_string(pid)});
  return true;
}

Json error_json(const Error& error) {
  Json out{{"message", error.what()}};
  const ErrorContext& context = error.context;
  for (const auto& [name, value] :
       {std::pair("detail", &context.detail), std::pair("hint", &context.hint),
        std::pair("sqlstate", &context.sqlstate), std::pair("statement", &context.statement),
        std::pair("state", &context.state), std::pair("file", &context.at.file)})
    if (!value->empty()) out[name] = *value;
  if (context.at.line > 0) out["line"] = context.at.line;
  for (const Diagnostic& diagnostic : context.diagnostics)
    out["diagnostics"].push_back({{"message", diagnostic.message},
                                  {"file", diagnostic.at.file},
                                  {"line", diagnostic.at.line},
                                  {"hint", diagnostic.hint}});
  return out;
}

Json run_sql(Databases& databases, Runs& runs, const Json& request) {
  const std::string text = text_at(request, "sql"), database = text_at(request, "database"),
                    run = text_at(request, "run");
  const auto limit_given = request.find("limit");
  const size_t limit = limit_given != request.end() && limit_given->is_number_unsigned()
                           ? std::clamp<size_t>(limit_given->get<size_t>(), 1, 100'000)
                           : 500;
  const std::unique_ptr<server::Connection> connection = databases.open_own(database);
  Json out{{"results", Json::array()}, {"notices", Json::array()}};
  connection->on_notice([&](std::string_view severity, std::string_view message) {
    out["notices"].push_back(std::string(severity) + ": " + std::string(message));
  });
  const Registered registered(runs, run, database, connection->backend_pid());
  Runner runner(*connection, limit, databases.read_only(database));
  for (const sql::Statement& statement : sql::statements({text, 1})) {
    const auto offset = static_cast<size_t>(statement.text.data() - text.data());
    const size_t from = utf16_length(std::string_view(text).substr(0, offset)),
                 to = from + utf16_length(statement.text);
    const auto began = Clock::now();
    int position = 0;
    try {
      if (runs.cancelled(run)) break;
      Json result = result_json(runner.run(statement, position), limit);
      result["ms"] = std::chrono::duration<double, std::milli>(Clock::now() - began).count();
      result["from"] = from;
      result["to"] = to;
      out["results"].push_back(std::move(result));
    } catch (const Error& error) {
      out["error"] = error_json(error);
      out["error"]["from"] = from;
      out["error"]["to"] = to;
      out["error"]["cancelled"] = runs.cancelled(run);
      if (position > 0)
        out["error"]["position"] =
            from + utf16_length(statement.text.substr(0, byte_of_character(statement.text, position)));
      break;
    }
  }
  if (!connection->broken() && connection->in_transaction()) {
    connection->execute("ROLLBACK");
    out["notices"].push_back("NOTICE: the transaction was left open, so it was rolled back: end it in the same run");
  }
  return out;
}

Json explain_sql(Databases& databases, Runs& runs, const Json& request) {
  const std::string text = text_at(request, "sql"), database = text_at(request, "database"),
                    run = text_at(request, "run");
  const bool analyze = request.value("analyze", false);
  const std::vector<sql::Statement> statements = sql::statements({text, 1});
  if (statements.size() != 1)
    throw Error("one statement can be explained at a time: select one, or put the cursor in it");
  const std::unique_ptr<server::Connection> connection = databases.open_own(database);
  const Registered registered(runs, run, database, connection->backend_pid());
  const bool read_only = databases.read_only(database);
  const std::string prefix = analyze ? "EXPLAIN (FORMAT JSON, ANALYZE, BUFFERS) " : "EXPLAIN (FORMAT JSON) ";
  server::Transaction transaction(*connection, read_only ? "BEGIN TRANSACTION READ ONLY" : "BEGIN");
  try {
    const server::Rows rows = connection->query(prefix + std::string(statements.front().text), {});
    return {{"plan", Json::parse(rows.text(0, 0))}};
  } catch (const Error& error) {
    Json out{{"error", error_json(error)}};
    out["error"]["cancelled"] = runs.cancelled(run);
    const int position = server::last_details().error_position - static_cast<int>(prefix.size());
    const auto offset = static_cast<size_t>(statements.front().text.data() - text.data());
    if (position > 0)
      out["error"]["position"] =
          utf16_length(std::string_view(text).substr(0, offset + byte_of_character(statements.front().text, position)));
    return out;
  }
}

}  // namespace sluice::studio
