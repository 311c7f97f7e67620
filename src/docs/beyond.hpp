// What a schema in SQL says and drizzle has no word for, as facts of a document.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "docs/docs.hpp"

namespace sluice::docs {

// In Markdown's words for code.
Inline code(const std::string& text);
Inline codes(const std::vector<std::string>& names);

// The comments and privileges of a schema, found by what they are on.
class Remarks {
 public:
  explicit Remarks(const model::Schema& schema);

  // What COMMENT ON says of it, or nothing; `object` as SQL names it without quotes: "TABLE", "app.users".
  std::string comment(const std::string& kind, const std::string& object) const;
  // The same as the end of a line: " – text".
  Inline remark(const std::string& kind, const std::string& object) const;
  // "`anon`: SELECT, INSERT" for each role that has privileges on a table, view or sequence.
  std::vector<Inline> privileges(const model::Key& relation) const;
  // On anything else: "`FUNCTION app.add(integer)` to `anon`: EXECUTE".
  std::vector<Inline> other_privileges() const { return other_privileges_; }

 private:
  std::map<std::string, std::string> comments_;
  std::map<model::Key, std::vector<Inline>> privileges_;
  std::vector<Inline> other_privileges_;
};

// "app.users": always with the schema.
std::string full_name(const model::Key& key);

// Partitioning, inheritance, storage and replication of a table, as far as they are not PostgreSQL's own.
std::vector<Inline> properties_of(const model::Table& table);
// Partitions, children, exclusion constraints, triggers, rules, statistics and privileges of a table or view.
std::vector<Facts> facts_of(const model::Schema& schema, const model::Key& relation, const Remarks& remarks);

// Functions and procedures with their text.
std::vector<ViewDoc> functions_of(const model::Schema& schema, const Remarks& remarks);
// Extensions, collations, domains, types, event triggers, publications, privileges.
std::vector<Facts> other_facts(const model::Schema& schema, const Remarks& remarks);

}  // namespace sluice::docs
