// Rows out of a table, and into it, as files.
#pragma once

#include "studio/http.hpp"
#include "studio/rows.hpp"

namespace sluice::studio {

enum class Format { csv, json };

// Writes all rows that the filters let pass, a piece at a time, with memory for one piece only. Throws Error before
// anything is written, or in the middle: then the reader's file is not complete.
void export_rows(server::Connection& connection, const TableInfo& table, const Json& request, Format format,
                 const Response::Write& write);

// Reads CSV with these columns (and no header) into the table, all rows or none. Gives their number.
size_t import_csv(server::Connection& connection, const TableInfo& table, const std::vector<std::string>& columns,
                  std::string_view csv);

}  // namespace sluice::studio
