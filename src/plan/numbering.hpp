// Columns that count by themselves: serial, identity, and the sequences behind them.
#pragma once

#include <string>
#include <vector>

#include "diff/diff.hpp"
#include "plan/plan.hpp"

namespace sluice::plan {

// serial, bigserial, smallserial: not types but an integer with a sequence.
bool is_serial(const std::string& type);
// The type that a serial column has to PostgreSQL; other types as they are.
std::string integer_of(const std::string& type);

// "t_a_seq", as a key in the column's schema: the sequence that PostgreSQL makes for a serial column.
model::Key serial_sequence(const model::Column& column);

// Takes the sequence away from a serial column, before its type changes.
void drop_serial(const model::Column& column, std::vector<Statement>& out);
// Makes an integer column serial. Rows without a number get one.
void add_serial(const model::Column& before, const model::Column& after, std::vector<Statement>& out);

void drop_identity(const model::Column& column, std::vector<Statement>& out);
void add_identity(const model::Column& column, std::vector<Statement>& out);
void change_identity(const model::Column& before, const model::Column& after, std::vector<Statement>& out);

std::vector<Statement> alter_sequence(const diff::Altered<model::Sequence>& change);

}  // namespace sluice::plan
