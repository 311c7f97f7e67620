// Objects of the model as SQL text. Every statement of `plan` is put together from these.
#pragma once

#include <string>
#include <vector>

#include "model/schema.hpp"
#include "sql/quote.hpp"

namespace sluice::plan {

// The table as drizzle-kit writes it: without its schema when that is public.
std::string table_name(const model::Key& table);
// "ALTER TABLE <table> " for an object that belongs to a table.
std::string alter_table(const model::Key& table);
// An enum, sequence or view, always with its schema.
std::string full_name(const model::Key& key);

std::string column_type(const model::Column& column, sql::EnumStyle style);
// "name" type PRIMARY KEY DEFAULT … for CREATE TABLE (in_create) or ADD COLUMN.
std::string column_definition(const model::Column& column, bool in_create);
// The default as SQL. drizzle writes JSON and arrays into a literal without doubling their quotes.
std::string default_text(const model::Column& column);
std::string identity_clause(const model::Identity& identity, const model::Key& table);

// What stands behind ADD, or as a line inside CREATE TABLE: CONSTRAINT "name" …
std::string constraint(const model::PrimaryKey& key);
std::string constraint(const model::Unique& unique);
std::string constraint(const model::Check& check);
std::string constraint(const model::ForeignKey& key);

std::string create(const model::Namespace& object);
std::string create(const model::Enum& object);
std::string create(const model::Sequence& object);
std::string create(const model::Role& role);
std::string create(const model::Index& index, bool concurrently);
std::string create(const model::View& view);
std::string create(const model::Policy& policy);

// A bound of a sequence as PostgreSQL takes it.
std::string within_bigint(const std::string& number);
std::string sequence_options(const model::SequenceOptions& options);
// The roles of a policy: keywords bare, names quoted.
std::string role_list(const std::vector<std::string>& roles);
// The table that a policy stands on.
std::string policy_table(const model::Policy& policy);
// fillfactor for fillFactor, check_option for checkOption …: an option of a view as SQL.
std::string view_option_name(const std::string& name);
std::string view_kind(const model::View& view);  // "VIEW" or "MATERIALIZED VIEW"

}  // namespace sluice::plan
