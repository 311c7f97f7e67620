#include "cli/questions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace sluice::cli {

namespace {

std::string what_is_lost(const diff::Question& question) {
  switch (question.kind) {
    case diff::RenameKind::table:
      return "dropped with its rows";
    case diff::RenameKind::column:
      return "dropped with its values";
    default:
      return "dropped";
  }
}

std::string full_list(const std::vector<model::Key>& keys) {
  std::vector<std::string> names;
  for (const model::Key& key : keys) names.push_back(model::display(key));
  return text::join(names, ", ");
}

void ask_rename(const diff::Question& question, diff::Answers& answers, Terminal& terminal) {
  std::string kind(diff::name_of(question.kind));
  std::vector<std::string> choices{"it is new (" + full_list(question.dropped) + ": " + what_is_lost(question) + ")"};
  for (const model::Key& dropped : question.dropped)
    choices.push_back("it is " + model::display(dropped) + ", renamed");
  size_t choice =
      terminal.choose("Is the " + kind + " " + model::display(question.created) + " new, or renamed?", choices);
  if (choice == 0)
    answers.creations.emplace_back(question.kind, question.created);
  else
    answers.renames.push_back({question.kind, question.dropped[choice - 1], question.created});
}

[[noreturn]] void refuse_to_guess(const std::vector<diff::Question>& questions, const std::string& state) {
  ErrorContext context;
  std::string flags;
  std::vector<std::string> drops;
  for (const diff::Question& question : questions) {
    std::string kind(diff::name_of(question.kind));
    for (const model::Key& dropped : question.dropped) {
      flags += fmt::format("\n  --rename {}={}   if the {} was renamed", model::display(dropped),
                           model::display(question.created), kind);
      std::string drop =
          fmt::format("\n  --drop {}   if it was not: it is {}", model::display(dropped), what_is_lost(question));
      if (std::find(drops.begin(), drops.end(), drop) == drops.end()) drops.push_back(drop);
    }
  }
  context.hint = "Say which it is:" + flags + text::join(drops, "");
  context.state = state;
  const diff::Question& first = questions.front();
  throw Error(fmt::format("{} {} may be new, or {} renamed", std::string(diff::name_of(first.kind)),
                          model::display(first.created), full_list(first.dropped)),
              context);
}

}  // namespace

void refuse_without_backfill(const std::vector<model::Column>& missing, const std::string& state) {
  ErrorContext context;
  std::string flags;
  for (const model::Column& column : missing)
    flags +=
        fmt::format("\n  --backfill {0}=<value>   ({1}; a SQL expression, for example {2})", model::display(column.key),
                    column.type, column.type == "text" || column.type.starts_with("varchar") ? "\"'x'\"" : "0");
  context.hint = "Say what rows that exist get:" + flags + "\nor --backfill " + model::display(missing.front().key) +
                 "=none if the table has no rows anywhere.";
  context.state = state;
  std::vector<model::Key> keys;
  for (const model::Column& column : missing) keys.push_back(column.key);
  throw Error("existing rows need a value for the required column" + std::string(missing.size() > 1 ? "s " : " ") +
                  full_list(keys),
              context);
}

void add_question_flags(CLI::App* command, QuestionFlags& flags) {
  command->add_option("--rename", flags.renames, "old=new: a table, column, enum … that was renamed");
  command->add_option("--drop", flags.drops, "an object that is dropped, not renamed");
  command->add_option("--backfill", flags.backfills,
                      "table.column=expression: what existing rows get in a required column");
}

std::vector<diff::Question> open_questions(const model::Schema& before, const model::Schema& after,
                                           const QuestionFlags& flags, diff::Answers& answers) {
  for (;;) {
    std::vector<diff::Question> open = diff::open_questions(before, after, answers);
    auto said = [&](const diff::Question& question) {
      const std::string name = std::string(diff::name_of(question.kind)) + ":" + model::display(question.created);
      return std::find(flags.creations.begin(), flags.creations.end(), name) != flags.creations.end();
    };
    auto known = std::find_if(open.begin(), open.end(), said);
    if (known == open.end()) return open;
    answers.creations.emplace_back(known->kind, known->created);
  }
}

diff::Answers settle_renames(const model::Schema& before, const model::Schema& after, const QuestionFlags& flags,
                             Terminal& terminal) {
  diff::Answers answers{diff::parse_renames(flags.renames, before, after), flags.drops, {}};
  for (;;) {
    std::vector<diff::Question> open = open_questions(before, after, flags, answers);
    if (open.empty()) {
      diff::check_drops(before, after, answers);
      return answers;
    }
    if (!terminal.interactive()) refuse_to_guess(open, flags.state);
    ask_rename(open.front(), answers, terminal);
  }
}

// Flags that name nothing are mistakes, and the next run would do something else than was meant.
void check_backfills(const diff::Changes& changes, const plan::Options& plan_options, const std::string& state) {
  auto known = [&](const std::string& name) {
    auto is = [&](const model::Key& key) {
      return name == model::display(key) || name == key.schema + "." + key.table + "." + key.name;
    };
    const auto& columns = diff::of<model::Column>(changes);
    return std::any_of(columns.created.begin(), columns.created.end(), [&](const auto& c) { return is(c.key); }) ||
           std::any_of(columns.altered.begin(), columns.altered.end(), [&](const auto& c) { return is(c.after.key); });
  };
  for (const auto& [name, value] : plan_options.backfill)
    if (!known(name)) {
      std::string columns;
      for (const model::Column& column : diff::of<model::Column>(changes).created)
        columns += " " + model::display(column.key);
      ErrorContext context;
      context.state = state;
      context.hint = columns.empty() ? "No column is added." : "Columns that are added:" + columns;
      throw Error("--backfill " + name + " is not a column that this migration adds or makes required", context);
    }
}

void ask_backfills(const model::Schema& known, const model::Schema& wanted, const diff::Changes& changes,
                   plan::Options& options, const std::string& state, Terminal& terminal) {
  for (;;) {
    std::vector<model::Column> missing = plan::make(known, wanted, changes, options).missing_backfill;
    if (missing.empty()) return;
    if (!terminal.interactive()) refuse_without_backfill(missing, state);
    const model::Column& column = missing.front();
    terminal.say(terminal.bold("Column " + model::display(column.key) + " (" + column.type +
                               ") is required, and rows that exist need a value."));
    std::string value = terminal.ask("SQL expression (\"none\" if the table has no rows anywhere):");
    if (!value.empty()) options.backfill[model::display(column.key)] = value;
  }
}

std::map<std::string, std::string> parse_backfills(const std::vector<std::string>& given) {
  std::map<std::string, std::string> out;
  for (const std::string& text : given) {
    size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size() || text.find('.') > equals) {
      ErrorContext context;
      context.hint = "Write --backfill table.column=expression, for example --backfill sessions.duration_minutes=60.";
      throw Error("--backfill '" + text + "' is not of the form table.column=expression", context);
    }
    out[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return out;
}

}  // namespace sluice::cli
