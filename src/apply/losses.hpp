// What a statement takes away or converts: tables, columns, values of a column. Read off the statement alone; pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::apply {

enum class LossKind {
  table,   // its rows
  schema,  // the rows of all its tables
  type,    // the values of all columns of the type
  column,  // its values
  values,  // the column stays, its values are converted
};

struct Loss {
  LossKind kind = LossKind::table;
  std::string name;    // of the table, schema or type, as written
  std::string column;  // as written

  bool operator==(const Loss&) const = default;
};

std::vector<Loss> losses_of(std::string_view statement);

}  // namespace sluice::apply
