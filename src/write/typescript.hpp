// A Schema as the TypeScript that a person would have written for drizzle-orm. Pure.
#pragma once

#include <string>
#include <vector>

#include "model/schema.hpp"

namespace sluice::write {

struct TypeScriptOptions {
  bool keep_names = false;     // keys as the database has them (introspect.casing: 'preserve'); else in camelCase
  bool say_all_names = false;  // every column gets its name said: the project's `casing` would change it otherwise
  bool drizzle_1 = false;      // for drizzle-orm 1.0, which says a few things in other words
};

struct TypeScript {
  std::string schema;              // schema.ts
  std::string relations;           // relations.ts; empty if no table refers to another
  std::vector<std::string> notes;  // what TypeScript has no word for, one sentence each
};

// What drizzle-kit evaluates the text to is `schema` again, as its snapshot has it.
TypeScript typescript(const model::Schema& schema, const TypeScriptOptions& options = {});

}  // namespace sluice::write
