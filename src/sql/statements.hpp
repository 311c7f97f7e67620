// A migration file as SQL: its chunks, the statements in them, and what kind of statement each is.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::sql {

// The text that separates statements in drizzle's files. drizzle-orm splits there and sends each piece as one query.
inline constexpr std::string_view breakpoint = "--> statement-breakpoint";

struct Chunk {
  std::string_view text;
  int line = 1;  // in the file, of the chunk's first character
};

// The pieces between breakpoints that contain more than white space and comments.
std::vector<Chunk> chunks(std::string_view file);

struct Statement {
  std::string_view text;  // without leading comments and white space, without the semicolon
  int line = 1;           // in the chunk's file
};

// The statements of one chunk, split at semicolons outside of quotes, dollar quotes, comments and BEGIN ATOMIC bodies.
std::vector<Statement> statements(const Chunk& chunk);

enum class Execution {
  transactional,        // may stand in a transaction block
  alone,                // PostgreSQL refuses it inside one: CREATE INDEX CONCURRENTLY, VACUUM, CREATE DATABASE, …
  transaction_control,  // BEGIN, COMMIT, ROLLBACK: ends the transaction that the migration runs in
};
Execution execution(const Statement& statement);

// The words, texts, names and signs of a statement, comments left out. Words are in lower case; quoted names and texts
// stand as they are written.
std::vector<std::string> tokens(std::string_view statement);
// True if these are the first of them.
bool begins_with(const std::vector<std::string>& tokens, std::initializer_list<std::string_view> words);
// Every word in the text that may be a name, in lower case unless quoted.
std::vector<std::string> words_of(std::string_view text);

// The statement without comments, and with ? for its texts: they may be anybody's data.
std::string without_texts(std::string_view statement);

// The statement on one line, cut to `width` characters, for progress and messages.
std::string one_line(std::string_view statement, size_t width);

}  // namespace sluice::sql
