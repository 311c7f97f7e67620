#include "apply/script.hpp"

#include <algorithm>

#include "apply/losses.hpp"
#include "base/files.hpp"
#include "sql/wishes.hpp"

namespace sluice::apply {

namespace {

// What a step has done to enums: values that cannot be used before it is committed. Until PostgreSQL 17 not even those
// that were added to a type of the same step.
class AddedValues {
 public:
  void note(const std::vector<std::string>& tokens) {
    if (!sql::begins_with(tokens, {"alter", "type"})) return;
    auto add = std::find(tokens.begin(), tokens.end(), "add");
    if (add == tokens.end() || add + 1 == tokens.end() || *(add + 1) != "value") return;
    auto value = std::find_if(add, tokens.end(), [](const std::string& token) { return token.front() == '\''; });
    if (value != tokens.end()) values_.push_back(*value);
  }
  // Also inside of function bodies and DO blocks: one step too many does no harm.
  bool used_by(std::string_view statement) const {
    return std::any_of(values_.begin(), values_.end(),
                       [&](const std::string& value) { return statement.find(value) != std::string_view::npos; });
  }

 private:
  std::vector<std::string> values_;
};

[[noreturn]] void refuse_wish(const std::string& wish, int line, const std::filesystem::path& file) {
  ErrorContext context;
  context.at = {file.string(), line, 0};
  context.statement = wish;
  context.state = "Nothing of the file was run.";
  context.hint = "These are known: -- sluice:step, -- sluice:backfill, -- sluice:allow, -- sluice:major.";
  throw Error("this comment asks for something that is not known", context);
}

}  // namespace

std::string Step::text() const {
  std::string out;
  for (const sql::Chunk& piece : pieces) out += std::string(piece.text) + ";\n";
  return out;
}

std::string Script::hash_of_first(size_t count) const {
  std::string text;
  for (size_t i = 0; i < count; i++) text += steps[i].text();
  return files::sha256(text);
}

void leave_out_done(std::vector<history::Migration>& migrations, const Progress& progress, Direction direction) {
  if (progress.direction != direction) return;
  for (history::Migration& migration : migrations) {
    if (!migration.entry.is_called(progress.tag)) continue;
    const std::string text = migration.sql;
    const Script script = read_script(text, migration.file);
    if (progress.done > script.steps.size() || script.hash_of_first(progress.done) != progress.done_hash) return;
    // Of one outside of a transaction it is known only that it was sent.
    const size_t steps = std::min(progress.done + (progress.intent ? 1 : 0), script.steps.size());
    for (size_t i = 0; i < steps; i++)
      for (const sql::Chunk& piece : script.steps[i].pieces) {
        const auto from = static_cast<size_t>(piece.text.data() - text.data());
        for (size_t at = from; at < from + piece.text.size(); at++)
          if (migration.sql[at] != '\n') migration.sql[at] = ' ';
      }
  }
}

Script read_script(std::string_view text, const std::filesystem::path& file) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // some editors begin a file with a byte order mark
  Script script;
  Step step;
  AddedValues added;
  bool plain = true;
  auto finish = [&] {
    if (!step.pieces.empty()) script.steps.push_back(std::move(step));
    step = Step{};
    added = AddedValues{};
  };
  const std::vector<sql::Chunk> chunks = sql::chunks(text);
  for (const sql::Chunk& chunk : chunks) {
    const char* from = chunk.text.data();
    for (const sql::Statement& statement : sql::statements(chunk)) {
      const std::string_view before(from, static_cast<size_t>(statement.text.data() - from));
      from = statement.text.data() + statement.text.size();
      const sql::Wishes wishes = sql::wishes_in(before);
      if (!wishes.unknown.empty()) refuse_wish(wishes.unknown, statement.line, file);
      if (wishes.cuts()) plain = false, finish();
      step.backfill = wishes.backfill;
      step.by_page = wishes.by_page;
      std::vector<std::string> tokens = sql::tokens(statement.text);
      if (sql::begins_with(tokens, {"discard", "all"})) {
        ErrorContext context;
        context.at = {file.string(), statement.line, 0};
        context.statement = std::string(statement.text);
        context.state = "Nothing of the file was run.";
        context.hint =
            "After each migration the session is reset anyway. Within one: RESET ALL; DISCARD PLANS; DISCARD TEMP.";
        throw Error("a migration cannot DISCARD ALL: it would give up the lock that keeps other runners out", context);
      }
      switch (sql::execution(statement)) {
        case sql::Execution::transactional:
          if (added.used_by(statement.text)) plain = false, finish();
          added.note(tokens);
          // What is dropped is kept just before, so the statements before it must have been sent.
          if (!losses_of(statement.text).empty()) plain = false;
          if (wishes.no_keep) step.not_kept.push_back(statement.line);
          step.pieces.push_back({statement.text, statement.line});
          script.statements++;
          if (step.backfill) finish();
          break;
        case sql::Execution::alone:
          plain = false;
          finish();
          step.alone = true;
          step.pieces.push_back({statement.text, statement.line});
          script.statements++;
          finish();
          break;
        case sql::Execution::transaction_control:
          plain = false;
          if (tokens.front() == "rollback" || tokens.front() == "abort") {
            ErrorContext context;
            context.at = {file.string(), statement.line, 0};
            context.statement = std::string(statement.text);
            context.state = "Nothing of the file was run.";
            context.hint = "Take it out, together with what it takes back.";
            throw Error("a migration cannot take itself back", context);
          }
          finish();
          if (tokens.front() == "begin" || tokens.front() == "start") step.begin = std::string(statement.text);
          break;
      }
    }
  }
  finish();
  if (script.steps.empty()) script.steps.emplace_back();
  // One transaction: sent in the pieces that the file itself is cut into, as drizzle-orm does.
  if (plain) script.steps.front().pieces = chunks;
  return script;
}

void fail_in_file(const Error& error, const std::filesystem::path& file, const sql::Chunk& piece,
                  const std::string& state) {
  ErrorContext context = error.context;
  std::vector<sql::Statement> statements = sql::statements(piece);
  context.statement = std::string(piece.text);
  int line = piece.line;
  if (context.at.line > 0) {  // the server counts lines in what it was sent
    line += context.at.line - 1;
    for (const sql::Statement& statement : statements)
      if (statement.line <= line) context.statement = std::string(statement.text);
  } else if (context.finished < statements.size()) {
    line = statements[context.finished].line;
    context.statement = std::string(statements[context.finished].text);
    // Said by the line now.
    std::string place = "It was statement " + std::to_string(context.finished + 1) + " of the text.";
    if (context.detail.ends_with(place)) context.detail.resize(context.detail.size() - place.size());
  }
  context.at = {file.string(), line, 0};
  context.state = state;
  if (context.hint.empty()) {
    const std::vector<std::string> tokens = sql::tokens(context.statement);
    if (context.sqlstate == "25001" && sql::begins_with(tokens, {"reindex"}))
      context.hint =
          "The table is partitioned. REINDEX … CONCURRENTLY runs outside of a transaction, also on one that is; or "
          "name "
          "its partitions one by one.";
    else if (context.sqlstate == "2D000" && sql::begins_with(tokens, {"call"}))
      context.hint =
          "The procedure commits by itself, which it cannot inside a migration's transaction. Call it outside of the "
          "migrations, or write its statements into the file with '-- sluice:step' between.";
  }
  throw Error(error.what(), context);
}

}  // namespace sluice::apply
