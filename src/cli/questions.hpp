// The questions that a difference leaves open, asked on a terminal or answered by flags: what was renamed, what is
// dropped, what rows that exist get in a required column. Shared by the commands that plan.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "cli/terminal.hpp"
#include "diff/diff.hpp"
#include "plan/plan.hpp"

namespace sluice::cli {

struct QuestionFlags {
  std::vector<std::string> renames, drops, backfills;
  std::string state = "Nothing was written.";  // what is true when a question cannot be asked
  std::vector<std::string> creations;          // "column:users.name": said to be new; of the studio, no flag
};

// --rename, --drop, --backfill
void add_question_flags(CLI::App* command, QuestionFlags& flags);

// The error that lists --backfill for each of the columns.
[[noreturn]] void refuse_without_backfill(const std::vector<model::Column>& missing, const std::string& state);

// Asks until nothing is open. Throws Error that lists the flag for each answer when there is no terminal.
diff::Answers settle_renames(const model::Schema& before, const model::Schema& after, const QuestionFlags& flags,
                             Terminal& terminal);

// The questions that are open after what the flags say, put into `answers`.
std::vector<diff::Question> open_questions(const model::Schema& before, const model::Schema& after,
                                           const QuestionFlags& flags, diff::Answers& answers);

// "t.c=expression" pairs of --backfill. Throws Error for anything else.
std::map<std::string, std::string> parse_backfills(const std::vector<std::string>& given);
// Throws Error if a backfill names no column that is added or made required.
void check_backfills(const diff::Changes& changes, const plan::Options& options, const std::string& state);
// Asks for the values that are missing and puts them into the options; without a terminal an Error with the flags.
void ask_backfills(const model::Schema& known, const model::Schema& wanted, const diff::Changes& changes,
                   plan::Options& options, const std::string& state, Terminal& terminal);

}  // namespace sluice::cli
