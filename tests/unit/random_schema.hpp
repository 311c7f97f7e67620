// Random schemas, for properties that hold of every schema. A Universe is a set of objects that may exist, each with
// the names and forms that it may have; draw() decides anew for each of them whether it exists, and how. So two
// drawings of one universe differ as two versions of a schema do: objects appear, go, change, and get other names.
//
// The names are those that break programs: quotes of every kind, backslashes, reserved words, capitals, other scripts,
// 63 bytes, what looks like a comment or the end of a statement.
#pragma once

#include <map>
#include <random>

#include "diff/diff.hpp"
#include "model/schema.hpp"

namespace sluice::tests {

class Universe {
 public:
  explicit Universe(unsigned long seed);

  struct Drawing {
    model::Schema schema;
    // Each object that can be renamed, by its number in the universe.
    std::map<int, std::pair<diff::RenameKind, model::Key>> named;
  };
  Drawing draw();

  // What was renamed from one to the other, for about half of the objects that have another name.
  diff::Renames renames(const Drawing& from, const Drawing& to);

 private:
  struct Item {
    int id = 0;
    std::vector<std::string> names;
  };
  struct ColumnItem : Item {
    int family = 0;
  };
  struct TableItem : Item {
    std::vector<ColumnItem> columns;
    Item primary_key, unique, check, index, expression_index, policy;
    std::vector<Item> foreign_keys;  // to the tables before it, and to itself
  };
  class Draw;

  Item item(const char* label);
  std::string odd_name(const char* label);
  size_t below(size_t n) { return random_() % n; }
  bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }

  std::mt19937 random_;
  int last_id_ = 0;
  std::vector<Item> schemas_, enums_, sequences_, roles_, views_, materialized_, star_views_;
  std::vector<std::vector<std::string>> enum_values_;
  std::vector<TableItem> tables_;
};

}  // namespace sluice::tests
