// One column as drizzle's builders. Private to `write`.
#pragma once

#include <set>
#include <string>

#include "write/names.hpp"
#include "write/typescript.hpp"

namespace sluice::write {

// What the text uses of drizzle: the names to import.
struct Imports {
  std::set<std::string> core;
  bool sql = false, any_column = false;

  std::string use(const std::string& name) {
    core.insert(name);
    return name;
  }
  std::string template_of(const std::string& text) {
    sql = true;
    return sql_template(text);
  }
};

// varchar({ length: 20 }).default("x").notNull(): without constraints that are other objects of the model. Custom types
// are taken from `names.types`, and added there.
std::string column_builder(const model::Column& column, const std::string& key, Names& names, Imports& imports,
                           const TypeScriptOptions& options);

// { startWith: 5, … } of what is not drizzle's own choice for that type; empty if nothing is. `name`, if not empty, is
// said.
std::string sequence_options(const model::SequenceOptions& options, const std::string& type, const std::string& name);

}  // namespace sluice::write
