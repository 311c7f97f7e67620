// The functions with which Citus (an extension that spreads tables over servers) is told what to do with a table.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/parse.hpp"

namespace sluice::sql {

// True for those functions; of Citus's others nothing is known.
bool is_citus_function(std::string_view name);

struct CitusCall {
  std::string function;  // "create_distributed_table"
  Name table;
  std::string column;                    // empty: not said
  std::string colocate_with{"default"};  // or "none", or a table
  bool spreads() const { return function.starts_with("create_distributed_table"); }
  bool alters() const { return function == "alter_distributed_table"; }
  bool is(std::string_view name) const { return function == name; }
};

// "SELECT create_distributed_table('orders', 'tenant_id')" and its like, with plain texts as arguments; else nothing.
std::optional<CitusCall> citus_call(const ParsedStatement& statement);

// A name as a text has it, 'app."Orders"': in lower case unless quoted.
Name name_in_text(std::string_view text);

}  // namespace sluice::sql
