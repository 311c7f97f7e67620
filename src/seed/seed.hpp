// Rows made from a schema alone: values that fit the types, lengths, enums, keys, foreign keys and those checks that
// can be understood, and look like what the columns' names say. Pure: the same schema, seed and sizes give the same
// bytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/schema.hpp"

namespace sluice::seed {

// A domain: the type under it, and its checks with VALUE in them.
struct Domain {
  std::string type;
  std::vector<std::string> checks;
};

struct Options {
  std::uint64_t seed = 1;
  size_t rows = 100;
  std::map<model::Key, size_t> rows_of;  // by table, {schema, "", table}
  std::map<std::string, Domain> domains;
};

struct TableRows {
  model::Key table;
  std::vector<std::string> columns;
  std::string copy;  // the rows in COPY's text format
  size_t rows = 0, wanted = 0;
  std::string why_fewer;  // which constraint lets no more rows in
};

struct Generated {
  std::vector<TableRows> tables;            // in the order in which they are to be loaded
  std::vector<model::ForeignKey> circular;  // hold only when all tables are loaded
  std::vector<std::string> notes;           // checks that could not be understood
};

// Throws Error for a required column whose type nothing is known about, and for a required foreign key to a table that
// is not in the schema.
Generated generate(const model::Schema& schema, const Options& options);

// "COPY "public"."users" ("id", "email") FROM STDIN".
std::string copy_statement(const TableRows& rows);

}  // namespace sluice::seed
