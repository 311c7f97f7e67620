// Rows made from a schema alone: values that fit the types, lengths, enums, keys, foreign keys, partitions and those
// checks and exclusion constraints that can be understood, and look like what the columns' names say. Pure: the same
// schema, seed and sizes give the same bytes, however the work is cut up.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/schema.hpp"

namespace sluice::seed {

// A domain: the type under it, and its checks with VALUE in them.
struct Domain {
  std::string type;
  std::vector<std::string> checks;
};

struct ColumnChoice {
  std::vector<std::string> values;  // one of these
  std::vector<double> weights;      // of `values`; empty: all are as frequent
  std::optional<double> low, high;  // of numbers
  std::string low_text, high_text;  // of times
  std::optional<double> nulls;      // the part of the rows in which it is NULL
  bool skip = false;                // its default, or NULL
};

// For each row of the table that a foreign key refers to, so many.
struct Per {
  std::string foreign_key;
  size_t low = 0, high = 0;
};

struct TableChoice {
  std::optional<size_t> rows;
  std::optional<Per> per;
  std::map<std::string, ColumnChoice> columns;
};

struct Options {
  std::uint64_t seed = 1;
  size_t rows = 100;
  // What follows by table: {schema, "", table}.
  std::map<model::Key, TableChoice> tables;
  std::map<model::Key, std::vector<std::string>> partitions;  // what each takes, as PostgreSQL says it ("": all)
  std::map<model::Key, std::vector<std::pair<std::string, std::string>>> exclusions;  // name, EXCLUDE …
  std::map<std::string, Domain> domains;
};

class Generator {
 public:
  // The schema has to live as long.
  Generator(const model::Schema& schema, const Options& options);
  Generator(const model::Schema&&, const Options&) = delete;
  ~Generator();

  // Tables that are loaded together, because they refer to each other in a circle; nearly always one. In the order in
  // which they have to be loaded.
  struct Unit {
    std::vector<size_t> tables;
    std::vector<size_t> after;                // units that have to be loaded before: not necessarily all before it
    std::vector<model::ForeignKey> circular;  // hold only when all its tables are loaded
  };
  const std::vector<Unit>& units() const;
  size_t tables() const;
  const model::Key& key(size_t table) const;
  // Checks that could not be understood.
  const std::vector<std::string>& notes() const;

  // Rows that are there already, before the table's unit is begun: of the columns that keys need the texts, as
  // PostgreSQL prints them with DateStyle ISO and the time zone UTC; and expressions whose values some columns go on
  // behind.
  std::vector<std::string> columns_to_know(size_t table) const;
  void add_existing(size_t table, const std::vector<std::optional<std::string>>& values);
  std::vector<std::string> ends_to_know(size_t table) const;
  void go_on_behind(size_t table, size_t end, const std::string& value);

  // ---- one unit, in one thread; several units in several threads if those that they come after have ended.
  // Has to be called before next(). Gives the table that cannot be filled, if there is one; problem() says why.
  std::optional<size_t> begin(const Unit& unit);
  // "COPY "public"."users" ("id", "email") FROM STDIN".
  std::string copy_statement(size_t table) const;
  // Appends rows in COPY's text format, about `bytes` of them; false when there are no more.
  bool next(size_t table, std::string& out, size_t bytes);
  // The tables stay as they were, because of one of them: for those that refer to them nothing was made.
  void give_up(const Unit& unit, size_t table, const std::string& why);
  // Back to the begin; what is there already is forgotten and may be added again.
  void rewind(const Unit& unit);

  size_t rows(size_t table) const;  // made up to now
  size_t wanted(size_t table) const;
  std::string why_fewer(size_t table) const;  // the constraint that lets no more rows in
  std::string problem(size_t table) const;    // why the table was left as it was

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace sluice::seed
