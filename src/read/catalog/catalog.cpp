#include "read/catalog/catalog.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "read/catalog/beyond.hpp"
#include "read/catalog/beyond_queries.hpp"
#include "read/catalog/queries.hpp"
#include "read/catalog/reader.hpp"
#include "sql/quote.hpp"

namespace sluice::read {

namespace {

using server::Connection;
using server::Rows;

// One read-only transaction for all queries, or a guest in the one that is open. Inside of it names are printed without
// their schema where that is public, and values in one way, whatever the user's settings are.
class Reading {
 public:
  explicit Reading(Connection& connection) : connection_(connection), guest_(connection.in_transaction()) {
    connection.execute(guest_ ? "SAVEPOINT sluice_reading" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    connection.execute(
        "SET LOCAL search_path = public; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = ISO; "
        "SET LOCAL standard_conforming_strings = on; SET LOCAL intervalstyle = postgres; SET LOCAL bytea_output = hex; "
        "SET LOCAL extra_float_digits = 1");
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() {
    if (!done_) try {
        finish();
      } catch (const Error&) {  // the first error is the one to tell
      }
  }
  // What was set goes with it.
  void finish() {
    done_ = true;
    connection_.execute(guest_ ? "ROLLBACK TO SAVEPOINT sluice_reading; RELEASE SAVEPOINT sluice_reading" : "ROLLBACK");
  }

 private:
  Connection& connection_;
  bool guest_, done_ = false;
};

template <class F>
void each(const Rows& rows, F&& visit) {
  for (const auto& cells : rows.rows) visit(Row(cells));
}

// Schemas that pass the filter; `oids` gets them as a literal of an array, `citus` whether tables may be distributed.
std::vector<std::string> schemas_to_read(Connection& connection, const CatalogOptions& options, std::string& oids,
                                         bool& citus) {
  std::vector<std::string> names;
  auto in = [](const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  each(connection.execute(queries::namespaces), [&](const Row& row) {
    const std::string& name = row.text(1);
    citus = row.is(2);
    if ((!options.schemas.empty() && !in(options.schemas, name)) || in(options.without_schemas, name)) return;
    names.push_back(name);
    oids += (oids.empty() ? "" : ",") + row.text(0);
  });
  oids = "{" + oids + "}";
  return names;
}

// The literal of an array of texts such as auth.users.
std::string array_of(const std::vector<model::Key>& tables) {
  std::vector<std::string> items;
  for (const model::Key& table : tables) {
    std::string name = text::replace_all(table.schema + "." + table.name, "\\", "\\\\");
    items.push_back("\"" + text::replace_all(name, "\"", "\\\"") + "\"");
  }
  return sql::literal("{" + text::join(items, ",") + "}");
}

}  // namespace

void Questions::run(Connection& connection, const std::vector<std::string>& literals) const {
  std::string all;
  for (const Question& question : questions_) {
    const std::vector<std::string> parts = text::split(question.sql, "$");
    all += parts.front();
    for (size_t i = 1; i < parts.size(); i++) all += literals.at(size_t(parts[i][0] - '1')) + parts[i].substr(1);
    all += ";\n";
  }
  connection.execute_each(all, [&](size_t number, const Rows& rows) { questions_.at(number).take(rows); });
}

bool passes(const std::vector<std::string>& table_filter, const std::string& name) {
  bool any = false;
  for (const std::string& pattern : table_filter) {
    bool negated = pattern.starts_with('!');
    bool matches = text::glob_match(negated ? std::string_view(pattern).substr(1) : pattern, name);
    if (negated && matches) return false;
    if (negated || matches) any = true;
  }
  return any || table_filter.empty();
}

Catalog catalog(Connection& connection, const CatalogOptions& options) {
  Reading reading(connection);
  Reader reader{options, {}, {}, {}, {}};
  std::string oids;
  bool citus = false;
  for (const std::string& name : schemas_to_read(connection, options, oids, citus))
    if (name != "public") model::all<model::Namespace>(reader.out.schema).push_back({{"", "", name}});
  Questions questions;
  questions.ask_each(queries::enums, [&](const Row& row) {
    model::all<model::Enum>(reader.out.schema).push_back({row.key(0, 1), row.list(2)});
  });
  // Order matters: columns look up their tables and sequences, everything else its table.
  questions.ask_each(queries::relations, [&](const Row& row) { reader.relation(row); });
  questions.ask_each(queries::sequences, [&](const Row& row) { reader.sequence(row); });
  questions.ask_each(queries::columns, [&](const Row& row) { reader.column(row); });
  questions.ask_each(queries::constraints(connection.version()), [&](const Row& row) { reader.constraint(row); });
  questions.ask_each(queries::indexes(connection.version()), [&](const Row& row) { reader.index(row); });
  questions.ask_each(queries::policies, [&](const Row& row) { reader.policy(row); });
  questions.ask_each(queries::roles, [&](const Row& row) { reader.role(row); });
  if (citus) questions.ask(queries::distribution, [&](const Rows& rows) { reader.distribution(rows); });
  const bool only_domains = options.domains && !options.beyond;
  if (options.beyond)
    ask_beyond(questions, connection.version(), reader);
  else
    questions.ask_each(queries::not_covered, [&](const Row& row) { reader.other(row); });
  if (options.tell_all && !options.beyond)
    questions.ask_each(queries::beyond_not_covered, [&](const Row& row) { reader.other(row); });
  if (only_domains) ask_domains(questions, reader);
  questions.run(connection, {sql::literal(oids), array_of(options.policies_of)});
  reader.finish();
  if (options.beyond) finish_beyond(reader);
  if (only_domains) finish_domains(reader);
  reading.finish();
  return std::move(reader.out);
}

}  // namespace sluice::read
