#include "cli/seed_generate.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <set>

#include "base/text.hpp"
#include "read/catalog/catalog.hpp"
#include "seed/seed.hpp"
#include "server/connection.hpp"
#include "sql/quote.hpp"

namespace sluice::cli {

namespace {

std::string name_of(const model::Key& table) { return sql::qualified(table.schema, table.name); }

model::Schema read_tables(server::Connection& connection, const Config& config) {
  read::CatalogOptions options;
  options.schemas.clear();
  options.without_schemas = {"sluice"};
  options.hidden = {{config.ledger.schema, "", config.ledger.table}};
  return read::catalog(connection, options).schema;
}

size_t number(const std::string& text, const std::string& whole) {
  size_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && !text.empty()) return value;
  ErrorContext context;
  context.hint = "--rows 500 for every table, --rows users=1000 for one.";
  throw Error("'" + whole + "' does not say how many rows", context);
}

void read_sizes(const std::vector<std::string>& texts, const model::Schema& schema, seed::Options& options) {
  for (const std::string& text : texts) {
    size_t equals = text.rfind('=');
    if (equals == std::string::npos) {
      options.rows = number(text, text);
      continue;
    }
    std::string name = text.substr(0, equals), nearest;
    size_t distance = 4;
    bool found = false;
    for (const model::Table& table : model::all<model::Table>(schema)) {
      if (model::display(table.key) == name || table.key.schema + "." + table.key.name == name) {
        options.rows_of[table.key] = number(text.substr(equals + 1), text);
        found = true;
      }
      if (size_t d = text::edit_distance(name, model::display(table.key)); d < distance)
        distance = d, nearest = model::display(table.key);
    }
    if (found) continue;
    ErrorContext context;
    if (!nearest.empty()) context.hint = "Did you mean " + nearest + "?";
    throw Error("there is no table '" + name + "'", context);
  }
}

std::map<std::string, seed::Domain> read_domains(server::Connection& connection) {
  server::Rows rows = connection.execute(
      "SELECT t.typname, n.nspname, pg_catalog.format_type(t.typbasetype, t.typtypmod), "
      "(SELECT pg_catalog.string_agg(pg_catalog.pg_get_expr(c.conbin, 0), ' AND ') FROM pg_catalog.pg_constraint c "
      "WHERE c.contypid = t.oid) FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "
      "WHERE t.typtype = 'd' AND n.nspname NOT IN ('pg_catalog', 'information_schema')");
  std::map<std::string, seed::Domain> out;
  for (size_t i = 0; i < rows.size(); i++) {
    seed::Domain domain{text::replace_all(rows.text(i, 2), "character varying", "varchar"), {}};
    if (!rows.text(i, 3).empty()) domain.checks.push_back(rows.text(i, 3));
    out[text::to_lower(rows.text(i, 0))] = domain;
    out[text::to_lower(rows.text(i, 1) + "." + rows.text(i, 0))] = domain;
  }
  return out;
}

void refuse_rows(server::Connection& connection, const model::Schema& schema) {
  std::vector<std::string> full;
  for (const model::Table& table : model::all<model::Table>(schema))
    if (connection.execute("SELECT EXISTS (SELECT FROM " + name_of(table.key) + ")").text(0, 0) == "t")
      full.push_back(model::display(table.key));
  if (full.empty()) return;
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.hint =
      "--truncate empties all tables first; 'sluice db fork --no-seed' makes an empty database beside this one.";
  throw Error("there are rows already: " + text::join(full, ", "), context);
}

// Foreign keys of a circle hold only when all tables are loaded: until then they are deferred. Gives those that were
// made deferrable for that.
std::vector<model::ForeignKey> defer(server::Connection& connection, const std::vector<model::ForeignKey>& circular) {
  std::vector<model::ForeignKey> changed;
  for (const model::ForeignKey& key : circular) {
    server::Rows rows = connection.query(
        "SELECT condeferrable FROM pg_catalog.pg_constraint WHERE conname = $1 AND conrelid = $2::pg_catalog.regclass",
        {key.key.name, name_of(key.key.owner())});
    if (rows.empty() || rows.text(0, 0) == "t") continue;
    connection.execute("ALTER TABLE " + name_of(key.key.owner()) + " ALTER CONSTRAINT " +
                       sql::identifier(key.key.name) + " DEFERRABLE");
    changed.push_back(key);
  }
  if (!circular.empty()) connection.execute("SET CONSTRAINTS ALL DEFERRED");
  return changed;
}

void end_deferring(server::Connection& connection, const std::vector<model::ForeignKey>& circular,
                   const std::vector<model::ForeignKey>& changed) {
  if (!circular.empty()) connection.execute("SET CONSTRAINTS ALL IMMEDIATE");
  for (const model::ForeignKey& key : changed)
    connection.execute("ALTER TABLE " + name_of(key.key.owner()) + " ALTER CONSTRAINT " +
                       sql::identifier(key.key.name) + " NOT DEFERRABLE");
}

// Sequences go on after what was loaded.
void set_sequences(server::Connection& connection, const model::Schema& schema) {
  for (const model::Column& column : model::all<model::Column>(schema)) {
    if (!column.identity && !column.type.ends_with("serial")) continue;
    std::string table = name_of(column.key.owner()), name = sql::identifier(column.key.name);
    connection.execute("SELECT pg_catalog.setval(s, m) FROM (SELECT pg_catalog.pg_get_serial_sequence(" +
                       sql::literal(table) + ", " + sql::literal(column.key.name) + ") AS s, (SELECT max(" + name +
                       ") FROM " + table + ") AS m) AS x WHERE s IS NOT NULL AND m IS NOT NULL");
  }
}

}  // namespace

Exit generate_data(const Config& config, const GenerateData& options, Terminal& terminal) {
  auto start = std::chrono::steady_clock::now();
  server::Target target;
  target.url = config.url;
  target.application_name = "sluice seed";
  server::Connection connection(target);
  model::Schema schema = read_tables(connection, config);
  if (model::all<model::Table>(schema).empty()) {
    ErrorContext context;
    context.hint = "Run 'sluice migrate' first.";
    throw Error(connection.describe() + " has no tables", context);
  }
  seed::Options wanted;
  wanted.seed = options.seed;
  wanted.domains = read_domains(connection);
  read_sizes(options.rows, schema, wanted);
  if (!options.truncate) refuse_rows(connection, schema);
  seed::Generated data = seed::generate(schema, wanted);
  for (const std::string& note : data.notes) terminal.warning(note);

  server::Transaction transaction(connection);
  if (options.truncate) {
    std::vector<std::string> names;
    for (const model::Table& table : model::all<model::Table>(schema)) names.push_back(name_of(table.key));
    connection.execute("TRUNCATE " + text::join(names, ", ") + " RESTART IDENTITY CASCADE");
  }
  std::vector<model::ForeignKey> changed = defer(connection, data.circular);
  size_t total = 0, width = 0;
  for (const seed::TableRows& table : data.tables) width = std::max(width, model::display(table.table).size());
  Json list = Json::array();
  for (const seed::TableRows& table : data.tables) {
    if (table.rows > 0) {
      try {
        connection.copy_in(seed::copy_statement(table), table.copy);
      } catch (const Error& error) {
        ErrorContext context = error.context;
        context.state = "Nothing was changed.";
        if (context.hint.empty())
          context.hint =
              "Something about " + model::display(table.table) +
              " that the schema does not tell, such as a trigger or a check that is not understood. --rows " +
              model::display(table.table) + "=0 leaves it out.";
        throw Error(error.what(), context);
      }
    }
    total += table.rows;
    std::string why =
        table.rows < table.wanted ? fmt::format("  of {}: {} lets no more in", table.wanted, table.why_fewer) : "";
    terminal.say(fmt::format("  {:<{}}  {:>9}{}", model::display(table.table), width, table.rows, why));
    Json item{{"table", model::display(table.table)}, {"rows", table.rows}, {"wanted", table.wanted}};
    if (!why.empty()) item["limitedBy"] = table.why_fewer;
    list.push_back(item);
  }
  end_deferring(connection, data.circular, changed);
  set_sequences(connection, schema);
  transaction.commit();
  double took = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  terminal.success(fmt::format("{} in {} of {} ({})", text::counted(size_t(total), "row"),
                               text::counted(data.tables.size(), "table"), connection.describe(),
                               text::duration(took)));
  if (terminal.json())
    terminal.answer(
        {{"status", "ok"}, {"seed", options.seed}, {"rows", total}, {"tables", list}, {"notes", data.notes}});
  return Exit::done;
}

}  // namespace sluice::cli
