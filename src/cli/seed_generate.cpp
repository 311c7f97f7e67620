#include "cli/seed_generate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <thread>

#include "base/text.hpp"
#include "cli/fleet.hpp"
#include "cli/seed_load.hpp"
#include "cli/seed_settings.hpp"
#include "read/catalog/catalog.hpp"
#include "sql/quote.hpp"

namespace sluice::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t rows_for_several = 50'000;  // below, one connection is done before the others are there

std::string name_of(const model::Key& table) { return sql::qualified(table.schema, table.name); }

model::Schema read_tables(server::Connection& connection, const Config& config) {
  read::CatalogOptions options;
  options.schemas.clear();
  options.without_schemas = {"sluice"};
  options.hidden = {{config.ledger.schema, "", config.ledger.table}};
  model::Schema schema = read::catalog(connection, options).schema;
  if (!model::all<model::Table>(schema).empty()) return schema;
  ErrorContext context;
  context.hint = "Run 'sluice migrate' first.";
  throw Error(connection.describe() + " has no tables", context);
}

// What the model does not hold of the tables, or only with more than is needed here.
void read_surroundings(server::Connection& connection, seed::Options& options) {
  server::Rows rows = connection.execute(
      "SELECT t.typname, n.nspname, pg_catalog.format_type(t.typbasetype, t.typtypmod), "
      "(SELECT pg_catalog.string_agg(pg_catalog.pg_get_expr(c.conbin, 0), ' AND ') FROM pg_catalog.pg_constraint c "
      "WHERE c.contypid = t.oid) FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "
      "WHERE t.typtype = 'd' AND n.nspname NOT IN ('pg_catalog', 'information_schema')");
  for (size_t i = 0; i < rows.size(); i++) {
    seed::Domain domain{text::replace_all(rows.text(i, 2), "character varying", "varchar"), {}};
    if (!rows.text(i, 3).empty()) domain.checks.push_back(rows.text(i, 3));
    options.domains[text::to_lower(rows.text(i, 0))] = domain;
    options.domains[text::to_lower(rows.text(i, 1) + "." + rows.text(i, 0))] = domain;
  }
  rows = connection.execute(
      "SELECT n.nspname, c.relname, p.relid, pg_catalog.pg_get_partition_constraintdef(p.relid) "
      "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
      "LEFT JOIN LATERAL (SELECT relid FROM pg_catalog.pg_partition_tree(c.oid) WHERE isleaf AND level > 0) p ON true "
      "WHERE c.relkind = 'p' AND NOT c.relispartition ORDER BY 1, 2, p.relid::pg_catalog.text COLLATE \"C\"");
  for (size_t i = 0; i < rows.size(); i++) {
    std::vector<std::string>& bounds = options.partitions[{rows.text(i, 0), "", rows.text(i, 1)}];
    if (rows.rows[i][2]) bounds.push_back(rows.text(i, 3));
  }
  rows = connection.execute(
      "SELECT n.nspname, c.relname, k.conname, pg_catalog.pg_get_constraintdef(k.oid) "
      "FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid "
      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE k.contype = 'x' AND NOT c.relispartition "
      "ORDER BY 1, 2, 3");
  for (size_t i = 0; i < rows.size(); i++)
    options.exclusions[{rows.text(i, 0), "", rows.text(i, 1)}].emplace_back(rows.text(i, 2), rows.text(i, 3));
}

std::set<model::Key> tables_with_rows(server::Connection& connection, const model::Schema& schema) {
  std::set<model::Key> out;
  for (const model::Table& table : model::all<model::Table>(schema))
    if (connection.execute("SELECT EXISTS (SELECT FROM " + name_of(table.key) + ")").text(0, 0) == "t")
      out.insert(table.key);
  return out;
}

void refuse_rows(const std::set<model::Key>& tables) {
  std::vector<std::string> names;
  for (const model::Key& table : tables) names.push_back(model::display(table));
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.hint =
      "--append leaves them and adds others; --truncate empties all tables first; 'sluice db fork --no-seed' makes an "
      "empty database beside this one.";
  throw Error("there are rows already: " + text::join(names, ", "), context);
}

void truncate(server::Connection& connection, const model::Schema& schema) {
  std::vector<std::string> names;
  for (const model::Table& table : model::all<model::Table>(schema)) names.push_back(name_of(table.key));
  connection.execute("TRUNCATE " + text::join(names, ", ") + " RESTART IDENTITY CASCADE");
}

// Sequences go on after what was loaded, and never back.
void set_sequences(server::Connection& connection, const model::Schema& schema) {
  for (const model::Column& column : model::all<model::Column>(schema)) {
    if (!column.identity && !column.type.ends_with("serial")) continue;
    const bool down = column.identity && column.identity->options.increment.starts_with('-');
    const std::string table = name_of(column.key.owner()), name = sql::identifier(column.key.name);
    connection.execute("SELECT pg_catalog.setval(s, m) FROM (SELECT pg_catalog.pg_get_serial_sequence(" +
                       sql::literal(table) + ", " + sql::literal(column.key.name) + ") AS s, (SELECT " +
                       (down ? "min(" : "max(") + name + ") FROM " + table +
                       ") AS m) AS x WHERE s IS NOT NULL AND m IS NOT NULL AND NOT coalesce(m " + (down ? ">" : "<") +
                       " pg_catalog.pg_sequence_last_value(s::pg_catalog.regclass), false)");
  }
}

// The lines that a person sees, and the same as JSON.
class Report {
 public:
  Report(const seed::Generator& generator, Terminal& terminal)
      : generator_(generator), terminal_(terminal), line_(terminal), start_(Clock::now()) {
    for (size_t i = 0; i < generator.tables(); i++) {
      width_ = std::max(width_, model::display(generator.key(i)).size());
      total_ += generator.wanted(i);
    }
  }

  size_t total() const { return total_; }
  size_t rows() const { return rows_; }
  size_t failed() const { return failed_; }

  void loaded(const seed::Generator::Unit& unit) {
    line_.clear();
    for (size_t table : unit.tables) {
      const std::string problem = generator_.problem(table), fewer = generator_.why_fewer(table);
      std::string why;
      if (!problem.empty())
        why = "  left as it was: " + problem, failed_++;
      else if (!fewer.empty())
        why = fmt::format("  of {}: {} lets no more in", generator_.wanted(table), fewer);
      rows_ += generator_.rows(table);
      terminal_.say(
          fmt::format("  {:<{}}  {:>9}{}", model::display(generator_.key(table)), width_, generator_.rows(table), why));
    }
  }

  void made(size_t rows) {
    const auto now = Clock::now();
    if (rows != seen_) seen_ = rows, grew_ = now;
    if (now - drawn_ < std::chrono::milliseconds(100)) return;
    drawn_ = now;
    const double seconds = std::chrono::duration<double>(grew_ - start_).count();
    std::string more;
    if (rows > 0 && now - grew_ > std::chrono::milliseconds(500))
      more = ", their foreign keys are checked";  // COPY does it at its end
    else if (seconds > 0.2)
      more = fmt::format(", {:.0f} a second", static_cast<double>(rows) / seconds);
    line_.show("rows", std::min(rows, total_), total_, more);
  }

  void clear() { line_.clear(); }

  Json tables() const {
    Json list = Json::array();
    for (const seed::Generator::Unit& unit : generator_.units())
      for (size_t table : unit.tables) {
        Json item{{"table", model::display(generator_.key(table))},
                  {"rows", generator_.rows(table)},
                  {"wanted", generator_.wanted(table)}};
        const std::string problem = generator_.problem(table), fewer = generator_.why_fewer(table);
        if (!problem.empty())
          item["leftOut"] = problem;
        else if (!fewer.empty())
          item["limitedBy"] = fewer;
        list.push_back(item);
      }
    return list;
  }

 private:
  const seed::Generator& generator_;
  Terminal& terminal_;
  ProgressLine line_;
  Clock::time_point start_, drawn_, grew_;
  size_t seen_ = 0, width_ = 0, total_ = 0, rows_ = 0, failed_ = 0;
};

}  // namespace

Exit generate_data(const Config& config, const GenerateData& options, Terminal& terminal) {
  const auto start = Clock::now();
  server::Connection connection = connect_for_data(config.url);
  const model::Schema schema = read_tables(connection, config);
  seed::Options wanted;
  read_surroundings(connection, wanted);
  read_seed_settings(config.directory, options.rows, schema, wanted);
  if (options.seed) wanted.seed = *options.seed;
  const std::set<model::Key> with_rows = tables_with_rows(connection, schema);
  if (!with_rows.empty() && !options.truncate && !options.append) refuse_rows(with_rows);

  seed::Generator generator(schema, wanted);
  for (const std::string& note : generator.notes()) terminal.warning(note);
  Report report(generator, terminal);
  const LoadEvents events{[&](const seed::Generator::Unit& unit) { report.loaded(unit); },
                          [&](size_t rows) { report.made(rows); }};
  // What is there already must survive a failure: then it is one transaction.
  size_t connections = options.connections;
  if (connections == 0) connections = std::clamp<size_t>(std::thread::hardware_concurrency(), 2, 4);
  if (options.connections == 0 && report.total() < rows_for_several) connections = 1;
  connections = std::min(connections, generator.units().size());
  const bool at_once = with_rows.empty() && connections > 1;
  if (at_once) {
    if (options.truncate) truncate(connection, schema);  // they are empty: for the sequences
    load_at_once(connection, config.url, connections, schema, generator, events);
    set_sequences(connection, schema);
  } else {
    try {
      server::Transaction transaction(connection);
      if (options.truncate)
        truncate(connection, schema);
      else
        for (size_t table = 0; table < generator.tables(); table++)
          if (with_rows.contains(generator.key(table))) learn(connection, generator, table);
      load(connection, generator, events);
      set_sequences(connection, schema);
      transaction.commit();
    } catch (const Error& error) {
      ErrorContext context = error.context;
      context.state = "Nothing was changed.";
      throw Error(error.what(), context);
    }
  }
  report.clear();
  const double took = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  const size_t tables = generator.tables() - report.failed();
  terminal.success(fmt::format("{} in {} of {} ({})", text::counted(report.rows(), "row"),
                               text::counted(tables, "table"), connection.describe(), text::duration(took)));
  if (report.failed() > 0)
    terminal.warning(
        fmt::format("{} could not be filled; the reasons stand above. skip = true in sluice.toml, or "
                    "--rows TABLE=0, leaves one out.",
                    text::counted(report.failed(), "table")));
  if (terminal.json())
    terminal.answer({{"status", report.failed() > 0 ? "incomplete" : "ok"},
                     {"seed", wanted.seed},
                     {"rows", report.rows()},
                     {"connections", at_once ? connections : 1},
                     {"tables", report.tables()},
                     {"notes", generator.notes()}});
  return report.failed() > 0 ? Exit::findings : Exit::done;
}

}  // namespace sluice::cli
