// A rule: what it is called, why it is there, what to do instead, and the check. One file for each in rules/.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "review/review.hpp"

namespace sluice::review {

struct Rule;

// What a check reports into.
class Report {
 public:
  Report(FileReview& file, const Rule& rule, int statement) : file_(file), rule_(rule), statement_(statement) {}
  // `at`: byte offset in the file; -1: the statement.
  Finding& add(const std::string& message, int at = -1, const std::string& safe = "", const ddl::Name& relation = {});

 private:
  FileReview& file_;
  const Rule& rule_;
  int statement_;
};

// A statement where it stands: with the objects before it.
struct Step {
  const FileReview& file;
  const Judged& judged;
  int number;
  const ddl::Catalog& before;
  const Options& options;

  const sql::ParsedStatement& statement() const { return *judged.statement; }
  const impact::Impact& impact() const { return judged.impact; }
  template <class Command>
  const Command* as() const {
    return std::get_if<Command>(&statement().command);
  }
  // True if the relation was there before this file, or has got rows in it.
  bool is_busy(const ddl::Name& relation) const;
};

// The whole file, with the objects after it.
struct Whole {
  const FileReview& file;
  std::string_view text;
  const ddl::Catalog& after;
  const Options& options;
  const std::set<ddl::Name>& functions_before;
  bool last = false;  // no file comes after it

  bool known_before(const ddl::Name& function) const { return functions_before.contains(after.resolve(function)); }
};

using StepCheck = void (*)(const Step&, Report&);
using FileCheck = void (*)(const Whole&, Report&);

struct Rule {
  const char* code;  // stable: "SL101"
  const char* name;  // "index-blocks-writes"
  Level level;
  const char* reason;  // one line: why this hurts
  const char* safe;    // the safe form
  StepCheck step = nullptr;
  FileCheck whole = nullptr;
};

// Every rule, in the order of the codes.
const std::vector<const Rule*>& rules();
const Rule* find_rule(std::string_view name_or_code);

// For messages and safe forms.
std::string shown(const ddl::Name& name);
std::string list_of(const std::vector<std::string>& words);
// The relations of an impact that others use and for which it holds.
std::vector<const impact::Touched*> busy(const Step& step, const std::function<bool(const impact::Touched&)>& what);
// The ALTER TABLE actions of a kind, with the table's resolved name.
void each_action(const Step& step,
                 const std::function<void(const sql::AlterTable&, const sql::AlterAction&, const ddl::Name&)>& visit);
// The CREATE TABLE and ADD COLUMN definitions of a statement.
void each_column(
    const Step& step,
    const std::function<void(const ddl::Name& table, const sql::ColumnDefinition&, bool new_table)>& visit);
// Every constraint that a statement adds, wherever it is written, to which table, and whether the table is new.
void each_constraint(const Step& step,
                     const std::function<void(const ddl::Name& table, const sql::Constraint&, bool new_table)>& visit);

}  // namespace sluice::review
