#include "cli/review_database.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <string_view>

#include "base/text.hpp"
#include "review/rule.hpp"

namespace sluice::cli {

namespace {

struct Size {
  double rows = -1, bytes = 0;  // rows: -1 if the table was never analyzed
};

std::map<ddl::Name, Size> sizes(server::Connection& connection) {
  server::Rows rows = connection.execute(
      "select n.nspname, c.relname, c.reltuples, pg_table_size(c.oid) from pg_class c join pg_namespace n on n.oid = "
      "c.relnamespace "
      "where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')");
  std::map<ddl::Name, Size> out;
  for (size_t i = 0; i < rows.size(); i++)
    out[{rows.text(i, 0), rows.text(i, 1)}] = {std::atof(rows.text(i, 2).c_str()), std::atof(rows.text(i, 3).c_str())};
  return out;
}

constexpr double small = 4.0 * 1024 * 1024;  // bytes; read in a few milliseconds

std::string shown_bytes(double bytes) {
  const char* units[] = {"bytes", "kB", "MB", "GB", "TB"};
  size_t unit = 0;
  while (bytes >= 1024 && unit < 4) bytes /= 1024, unit++;
  return fmt::format("{:.{}f} {}", bytes, bytes < 10 && unit > 1 ? 1 : 0, units[unit]);
}

// Rough on purpose: bytes per second of reading, of building an index and of writing anew, on an ordinary server.
double seconds(const Size& size, std::string_view rule) {
  if (rule == "table-rewrite") return size.bytes / 40e6;
  if (rule == "index-blocks-writes" || rule == "unique-blocks" || rule == "type-change-rebuilds-index")
    return size.bytes / 60e6;
  return size.bytes / 250e6;
}

// The number that a query gives, or the error that the values make; nothing if it cannot be asked.
struct Answer {
  bool known = false;
  std::string count, values, error;  // values: which, where the query tells
};
Answer ask(server::Connection& connection, const std::string& query) {
  try {
    server::Transaction transaction(connection, "BEGIN TRANSACTION READ ONLY");
    connection.execute("SET LOCAL statement_timeout = '30s'; SET LOCAL lock_timeout = '2s'");
    server::Rows rows = connection.execute(query);
    const bool tells = !rows.empty() && rows.columns.size() > 1;
    return {true, rows.empty() ? "0" : rows.text(0, 0), tells ? rows.text(0, 1) : "", ""};
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted || connection.broken()) throw;
    if (error.context.sqlstate.starts_with("22")) return {true, "", "", error.what()};
    return {};
  }
}

// How often the statistics saw it used; "" if they say nothing.
std::string uses(server::Connection& connection, const std::string& query, const ddl::Name& relation) {
  server::Rows rows = connection.query(query, {relation.schema, relation.name});
  return rows.empty() ? "" : rows.text(0, 0);
}

void add_use(review::Finding& finding, server::Connection& connection) {
  const bool index = !finding.index.empty();
  const std::string count = uses(
      connection,
      index ? "select idx_scan from pg_stat_user_indexes where schemaname = $1 and indexrelname = $2"
            : "select coalesce(seq_scan, 0) + coalesce(idx_scan, 0) from pg_stat_user_tables where schemaname = $1 and "
              "relname = $2",
      index ? ddl::Name{finding.relation.schema, finding.index} : finding.relation);
  if (count.empty()) return;
  finding.message += count == "0" ? " (not used since statistics began)" : " (used " + count + " times)";
  if (index && count != "0") finding.level = std::max(finding.level, review::Level::warning);
}

}  // namespace

void weigh(review::FileReview& file, server::Connection& connection) {
  const std::map<ddl::Name, Size> known = sizes(connection);
  for (review::Finding& finding : file.findings) {
    const std::string_view code = finding.rule->code, name = finding.rule->name;
    if (name == "index-dropped" || name == "drop-table") add_use(finding, connection);
    auto size = known.find(finding.relation);
    if (code.starts_with("SL1") && size != known.end()) {
      const std::string rows = size->second.rows < 0 ? "" : fmt::format("{:.0f} rows, ", size->second.rows);
      if (size->second.bytes < small) {
        finding.level = review::Level::note;
        finding.message += " (" + rows + shown_bytes(size->second.bytes) + ": a moment)";
      } else {
        finding.message += " (" + rows + shown_bytes(size->second.bytes) + ": about " +
                           text::duration(1000 * seconds(size->second, name)) + ")";
      }
    }
    if (finding.query.empty() || !code.starts_with("SL2")) continue;
    const Answer answer = ask(connection, finding.query);
    if (!answer.known) continue;
    if (name == "may-fail-on-data") {
      // A query that only tries to compute each row's value counts nothing that is wrong.
      const bool tries = finding.query.starts_with("SELECT count(") && !finding.query.starts_with("SELECT count(*)");
      const bool none = answer.count == "0" || (answer.error.empty() && tries);
      if (!answer.error.empty()) {
        finding.level = review::Level::error;
        finding.message += ", and there are: " + answer.error.substr(0, answer.error.find('\n'));
      } else if (none) {
        finding.level = review::Level::note;
        finding.message += ", and there are none now";
      } else {
        finding.level = review::Level::error;
        finding.message += ", and there are " + answer.count + (answer.values.empty() ? "" : ": " + answer.values);
      }
    } else if (answer.count == "0") {
      finding.level = review::Level::note;
      finding.message += " (there are none now)";
    } else if (!answer.count.empty()) {
      finding.message += " (" + answer.count + " now)";
    }
  }
}

}  // namespace sluice::cli
