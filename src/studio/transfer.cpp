#include "studio/transfer.hpp"

#include "base/text.hpp"
#include "sql/quote.hpp"

namespace sluice::studio {

namespace {

// A line of it alone ends the data of a COPY from a client before PostgreSQL 18, also in CSV.
constexpr std::string_view end_of_data = "\\.";

// As PostgreSQL's COPY … CSV: NULL is nothing, an empty text is "".
std::string csv_value(const std::optional<std::string>& value) {
  if (!value) return "";
  if (!value->empty() && *value != end_of_data && value->find_first_of(",\"\r\n") == std::string::npos) return *value;
  return "\"" + text::replace_all(*value, "\"", "\"\"") + "\"";
}

// The text with such lines in quotes: values like any other.
std::string without_end_of_data(std::string_view csv) {
  std::string out;
  out.reserve(csv.size());
  bool quoted = false, at_start = true;
  for (size_t i = 0; i < csv.size(); i++) {
    const size_t behind = i + end_of_data.size();
    if (at_start && csv.substr(i, end_of_data.size()) == end_of_data &&
        (behind == csv.size() || csv[behind] == '\n' || csv[behind] == '\r')) {
      out += "\"\\.\"";
      i = behind - 1;
      at_start = false;
      continue;
    }
    if (csv[i] == '"') quoted = !quoted;
    at_start = !quoted && (csv[i] == '\n' || csv[i] == '\r');
    out += csv[i];
  }
  return out;
}

}  // namespace

void export_rows(server::Connection& connection, const TableInfo& table, const Json& request, Format format,
                 const Response::Write& write) {
  Query query;
  const std::string conditions = where(query, table, request.value("filters", Json()));
  std::vector<std::string> names, order;
  for (const ColumnInfo& column : table.columns) names.push_back(sql::identifier(column.name));
  if (const Json sort = request.value("sort", Json()); sort.is_object())
    order.push_back(sql::identifier(table.column(sort.value("column", "")).name) +
                    (sort.value("descending", false) ? " DESC" : ""));
  for (const std::string& name : table.key) order.push_back(sql::identifier(name));
  std::string select = "SELECT " + text::join(names, ", ") + " FROM " + table.sql() + conditions;
  if (!order.empty()) select += " ORDER BY " + text::join(order, ", ");
  if (format == Format::json) select = "SELECT row_to_json(exported)::text FROM (" + select + ") AS exported";

  server::Transaction transaction(connection, "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
  connection.query("DECLARE sluice_export NO SCROLL CURSOR FOR " + select, query.parameters);
  if (format == Format::csv) {
    std::vector<std::string> header;
    for (const ColumnInfo& column : table.columns) header.push_back(csv_value(column.name));
    write(text::join(header, ",") + "\n");
  } else {
    write("[");
  }
  for (bool first = true;;) {
    const server::Rows rows = connection.execute("FETCH 1000 FROM sluice_export");
    std::string piece;
    for (const std::vector<std::optional<std::string>>& row : rows.rows) {
      if (format == Format::json) {
        piece += (first ? "\n  " : ",\n  ") + row[0].value_or("null");
      } else {
        for (size_t i = 0; i < row.size(); i++) {
          if (i) piece += ',';
          piece += csv_value(row[i]);
        }
        piece += "\n";
      }
      first = false;
    }
    if (rows.size() < 1000 && format == Format::json) piece += "\n]\n";
    if (!write(piece) || rows.size() < 1000) return;
  }
}

size_t import_csv(server::Connection& connection, const TableInfo& table, const std::vector<std::string>& columns,
                  std::string_view csv) {
  if (!table.is_table()) throw Error(table.name + " is a view: rows cannot be imported into it");
  for (const std::string& name : columns)
    if (table.column(name).generated) throw Error("the values of " + name + " are made by the database");
  if (columns.empty()) throw Error("no column was chosen");
  server::Transaction transaction(connection);
  const size_t count =
      connection.copy_in("COPY " + table.sql() + " (" + sql::identifiers(columns) + ") FROM STDIN WITH (FORMAT csv)",
                         without_end_of_data(csv));
  transaction.commit();
  return count;
}

}  // namespace sluice::studio
