// What a statement takes away or converts: tables, columns, values of a column, sequences. Read off the statement
// alone; pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::apply {

enum class LossKind {
  table,     // its rows
  schema,    // the rows of all its tables, the values of its sequences
  type,      // the values of all columns of the type
  column,    // its values
  values,    // the column stays, its values are converted
  sequence,  // where it has come to
};

struct Loss {
  LossKind kind = LossKind::table;
  std::string name;    // of the table, schema, type or sequence, as written
  std::string column;  // as written
  bool only = false;   // not in tables that inherit it

  bool operator==(const Loss&) const = default;
};

std::vector<Loss> losses_of(std::string_view statement);

// True if more may fall than the statement says: columns and tables that depend on a type, a schema or an extension, or
// whatever a block of code drops. DROP TABLE … CASCADE is not among them: see Keeper.
bool may_take_more(std::string_view statement);

// True unless the statements of a file only define things: they may insert, change or delete rows.
bool writes_rows(std::string_view file);

}  // namespace sluice::apply
