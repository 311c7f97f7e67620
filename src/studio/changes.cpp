#include "studio/changes.hpp"

#include "base/text.hpp"
#include "sql/quote.hpp"

namespace sluice::studio {

namespace {

std::string literal_of(const Json& value) {
  if (value.is_null()) return "NULL";
  return sql::literal(value.is_string() ? value.get<std::string>() : value.dump());
}

// {column: value} as pairs of SQL texts, in the order of the table's columns.
std::vector<std::pair<std::string, std::string>> assignments(const TableInfo& table, const Json& set) {
  std::vector<std::pair<std::string, std::string>> out;
  if (!set.is_object()) throw Error("a change without values");
  for (const auto& [name, value] : set.items())
    if (table.column(name).generated) throw Error("the values of " + name + " are made by the database");
  for (const ColumnInfo& column : table.columns)
    if (const auto found = set.find(column.name); found != set.end())
      out.emplace_back(sql::identifier(column.name), literal_of(*found));
  return out;
}

std::string condition(const TableInfo& table, const Json& key) {
  if (!key.is_array() || key.size() != std::max<size_t>(table.key.size(), 1))
    throw Error("the key of the row is not that of " + table.name);
  if (table.key.empty() && !table.has_places()) throw Error(table.name + " has no key: its rows cannot be told apart");
  if (table.key.empty()) return "ctid = " + literal_of(key.at(0));
  std::vector<std::string> parts;
  for (size_t i = 0; i < table.key.size(); i++)
    parts.push_back(sql::identifier(table.key[i]) + " = " + literal_of(key.at(i)));
  return text::join(parts, " AND ");
}

Change change_of_row(const TableInfo& table, const Json& row, std::string sql) {
  const std::string at = condition(table, row.at("key"));
  Change change{std::move(sql) + " WHERE " + at + ";", "", ""};
  if (const auto version = row.find("version"); version != row.end() && version->is_string()) {
    change.version = version->get<std::string>();
    change.check = "SELECT xmin FROM " + table.sql() + " WHERE " + at + " FOR UPDATE";
  }
  return change;
}

[[noreturn]] void refuse_changed_row(const Change& change, size_t finished, bool gone) {
  ErrorContext context;
  context.statement = change.sql;
  context.finished = finished;
  context.sqlstate = "40001";
  context.state = "Nothing was saved.";
  context.hint = "Reload to see it as it is now; what you typed stays.";
  throw Error(gone ? "the row is gone: somebody deleted it since you read it"
                   : "somebody has changed the row since you read it",
              context);
}

}  // namespace

std::vector<Change> changes_of(const TableInfo& table, const Json& request) {
  if (!table.is_table()) throw Error(table.name + " is a view: its rows cannot be changed here");
  std::vector<Change> out;
  for (const Json& row : request.value("deletes", Json::array()))
    out.push_back(change_of_row(table, row, "DELETE FROM " + table.sql()));
  for (const Json& row : request.value("updates", Json::array())) {
    std::vector<std::string> set;
    for (const auto& [name, value] : assignments(table, row.at("set"))) set.push_back(name + " = " + value);
    if (!set.empty())
      out.push_back(change_of_row(table, row, "UPDATE " + table.sql() + " SET " + text::join(set, ", ")));
  }
  for (const Json& row : request.value("inserts", Json::array())) {
    std::vector<std::string> names, values;
    for (const auto& [name, value] : assignments(table, row.at("set"))) {
      names.push_back(name);
      values.push_back(value);
    }
    const std::string start = "INSERT INTO " + table.sql();
    out.push_back({names.empty()
                       ? start + " DEFAULT VALUES;"
                       : start + " (" + text::join(names, ", ") + ") VALUES (" + text::join(values, ", ") + ");",
                   "", ""});
  }
  return out;
}

void apply_changes(server::Connection& connection, const TableInfo&, const std::vector<Change>& changes) {
  server::Transaction transaction(connection);
  for (size_t i = 0; i < changes.size(); i++) {
    const Change& change = changes[i];
    if (!change.check.empty()) {
      const server::Rows row = connection.execute(change.check);
      if (row.empty() || row.text(0, 0) != change.version) refuse_changed_row(change, i, row.empty());
    }
    try {
      const server::Rows done = connection.execute(change.sql);
      const std::string& tag = done.command_tag;  // "UPDATE 1", "INSERT 0 1"
      if (!tag.ends_with(" 1")) refuse_changed_row(change, i, tag.ends_with(" 0"));
    } catch (Error& error) {
      error.context.finished = i;
      error.context.state = "Nothing was saved: the transaction was rolled back.";
      throw;
    }
  }
  transaction.commit();
}

}  // namespace sluice::studio
