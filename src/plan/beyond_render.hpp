// Objects that drizzle has no word for, as SQL text.
#pragma once

#include <string>
#include <vector>

#include "model/schema.hpp"
#include "plan/plan.hpp"

namespace sluice::plan {

// At the end of a list of statements.
void add(std::vector<Statement>& to, std::string sql);
void add(std::vector<Statement>& to, std::vector<Statement> more);

std::string create(const model::Extension& extension);
std::string create(const model::Collation& collation);
// `beside_old`: while the old domain is still there, under another name.
std::vector<Statement> create(const model::Domain& domain, bool beside_old = false);
std::string create(const model::CompositeType& type);
std::string create(const model::RangeType& type);
std::string create(const model::Function& function);
std::string create(const model::Partition& partition);
std::vector<Statement> create(const model::Trigger& trigger);
std::vector<Statement> create(const model::Statistics& statistics);
std::string create(const model::Rule& rule);
std::string create(const model::EventTrigger& trigger);
std::string create(const model::Publication& publication);
std::string create(const model::Comment& comment);
// GRANT, or REVOKE of what everybody has by default.
std::vector<Statement> create(const model::Grant& grant);
// Takes away what the grant gave.
std::string revoke(const model::Grant& grant);

// What stands between CREATE and TABLE, and behind the brackets: UNLOGGED; PARTITION BY, INHERITS, WITH …
std::string table_prefix(const model::Table& table);
std::string table_suffix(const model::Table& table);
// "SELECT, UPDATE". All that there is for a table is said in one word: the list grew with PostgreSQL 17.
std::string privilege_list(const std::vector<std::string>& privileges);

std::vector<Statement> alter_domain(const diff::Altered<model::Domain>& change);
// The attributes in the order in which they stand then: what is new comes last.
model::Options attributes_then(const diff::Altered<model::CompositeType>& change);
std::vector<Statement> alter_composite(const diff::Altered<model::CompositeType>& change);

// ALTER TABLE for what can be changed of that, and for what CREATE TABLE has no word for. `before` is nothing for a
// table that was just created.
std::vector<Statement> table_settings(const model::Table* before, const model::Table& after);
// ALTER COLUMN SET STORAGE, COMPRESSION, STATISTICS.
std::vector<Statement> column_settings(const model::Column* before, const model::Column& after);

// FUNCTION or PROCEDURE with its name and the types of its arguments.
std::string named(const model::Function& function);
// The part of the key's name before the bracket.
std::string bare_name(const model::Function& function);

}  // namespace sluice::plan
