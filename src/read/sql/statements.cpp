#include "read/sql/statements.hpp"

#include "base/text.hpp"
#include "sql/citus.hpp"
#include "sql/parse.hpp"
#include "sql/statements.hpp"

namespace sluice::read {

namespace {

// psql's own lines that pg_dump writes are nothing to a server; blanks keep the places of the rest.
std::string without_psql_lines(std::string text) {
  for (const char* command : {"\\restrict", "\\unrestrict"})
    for (size_t at = text.find(command); at != std::string::npos; at = text.find(command, at + 1)) {
      if (at > 0 && text[at - 1] != '\n') continue;
      for (size_t i = at; i < text.size() && text[i] != '\n'; i++) text[i] = ' ';
    }
  return text;
}

// Why the statement cannot stand in a schema, or nothing.
std::string refusal(const sql::ParsedStatement& statement) {
  const sql::Command& command = statement.command;
  auto is = [&]<class... Kind>() { return (std::holds_alternative<Kind>(command) || ...); };
  if (is.template operator()<sql::Insert, sql::Update, sql::Delete, sql::Merge, sql::Copy, sql::Truncate>())
    return "a schema file says what the database looks like, not which rows it has";
  if (is.template operator()<sql::Database, sql::Vacuum, sql::Cluster, sql::Reindex, sql::RefreshView, sql::Lock>())
    return "a schema file says what the database looks like, and this does something to it";
  if (is.template operator()<sql::Query>()) {
    // How Citus distributes a table is said by calling it.
    if (statement.functions.size() == 1 && sql::is_citus_function(statement.functions.front().name)) return "";
    std::string lower = text::to_lower(statement.text);
    if (lower.find("set_config") == std::string::npos)
      return "a schema file says what the database looks like, not what is asked of it";
  }
  return "";
}

bool is_transaction_control(const sql::ParsedStatement& statement) {
  return std::holds_alternative<sql::TransactionControl>(statement.command);
}

// It is the cluster's, and never ours to make.
bool is_citus_itself(const sql::ParsedStatement& statement) {
  const auto* extension = std::get_if<sql::Extension>(&statement.command);
  return extension && extension->action == sql::Extension::Action::create && extension->name == "citus";
}

std::string text_of(const sql::ParsedStatement& statement) {
  std::string text(statement.text);
  const auto* index = std::get_if<sql::CreateIndex>(&statement.command);
  if (!index || !index->concurrently) return text;
  // The schema does not say how an index is built, and all of it is built in one transaction.
  size_t at = text::to_lower(text).find("concurrently");
  return at == std::string::npos ? text : text.erase(at, std::string_view("concurrently").size());
}

}  // namespace

SqlStatements schema_statements(const std::vector<SqlFile>& files) {
  SqlStatements out;
  ErrorContext context;
  auto wrong = [&](const SqlFile& file, int line, const std::string& code, const std::string& message,
                   const std::string& hint) {
    context.diagnostics.push_back({Severity::error, code, message, {file.name, line, 0}, hint});
  };
  for (const SqlFile& file : files) {
    const std::string text = without_psql_lines(file.text);
    sql::ParsedFile parsed = sql::parse(text);
    for (const sql::Failure& failure : parsed.failures) wrong(file, failure.line, "sql-syntax", failure.message, "");
    for (const sql::ParsedStatement& statement : parsed.statements) {
      if (std::string why = refusal(statement); !why.empty()) {
        wrong(file, statement.line, "not-a-schema", why + ": " + sql::one_line(statement.text, 60),
              "Rows belong into a seed ('sluice seed'), changes of rows into a migration "
              "('sluice generate --custom').");
        continue;
      }
      if (is_transaction_control(statement) || is_citus_itself(statement)) continue;
      if (const auto* role = std::get_if<sql::Role>(&statement.command);
          role && role->action == sql::Role::Action::create)
        out.roles.push_back(role->name);
      out.statements.push_back({text_of(statement), {file.name, statement.line, 0}});
    }
  }
  if (context.diagnostics.empty()) return out;
  const Diagnostic first = context.diagnostics.front();
  context.at = first.at;
  context.hint = first.hint;
  if (context.diagnostics.size() == 1) context.diagnostics.clear();
  throw Error(first.message, context);
}

}  // namespace sluice::read
