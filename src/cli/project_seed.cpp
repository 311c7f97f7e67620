#include "cli/project_seed.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <regex>

#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "server/connection.hpp"
#include "sql/psql.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

std::vector<fs::path> named_files(const fs::path& directory, const std::vector<std::string>& patterns, bool required) {
  std::vector<fs::path> out;
  for (const std::string& pattern : patterns) {
    std::vector<fs::path> found = files::glob(directory, pattern);
    if (found.empty() && required) {
      ErrorContext context;
      context.at.file = (directory / "sluice.toml").string();
      context.hint = "Paths are relative to " + directory.string() + ".";
      throw Error("the seed file '" + pattern + "' does not exist", context);
    }
    for (const fs::path& file : found)
      if (fs::is_regular_file(file)) out.push_back(file);
  }
  return out;
}

// The words of a command that are files: the script in "tsx src/seed.ts". Not what it writes to.
std::vector<fs::path> files_in_command(const fs::path& directory, std::string command) {
  std::vector<fs::path> out;
  command = std::regex_replace(command, std::regex(">+\\s*\\S+"), "");
  std::regex word("[^\\s'\"=;&|<>()]+");
  for (std::sregex_iterator it(command.begin(), command.end(), word), end; it != end; ++it) {
    std::error_code error;
    if (fs::is_regular_file(directory / it->str(), error)) out.push_back(directory / it->str());
  }
  return out;
}

// "where: COPY customers, line 3, column id: …" → 3; 0 if it says no such thing.
int line_in_rows(const std::string& detail) {
  std::smatch found;
  static const std::regex copy(R"(COPY [^\n]*, line (\d+))");
  return std::regex_search(detail, found, copy) ? std::stoi(found[1]) : 0;
}

bool has_transactions(const std::vector<sql::PsqlPart>& parts) {
  for (const sql::PsqlPart& part : parts)
    for (const sql::Statement& statement : sql::statements({part.text, part.line}))
      if (sql::execution(statement) == sql::Execution::transaction_control) return true;
  return false;
}

void run_part(server::Connection& connection, const sql::PsqlPart& part) {
  try {
    if (part.kind == sql::PsqlPart::Kind::copy)
      connection.copy_in(std::string(part.text), part.data);
    else
      connection.execute(part.text);
  } catch (const Error& error) {
    ErrorContext context = error.context;
    const int row = part.kind == sql::PsqlPart::Kind::copy ? line_in_rows(context.detail) : 0;
    context.at.line = row ? part.data_line + row - 1 : part.line + std::max(context.at.line - 1, 0);
    throw Error(error.what(), context);
  }
}

void refuse_command(const fs::path& file, const sql::PsqlPart& part) {
  ErrorContext context;
  context.at = {file.string(), part.line, 0};
  context.statement = std::string(part.text);
  context.state = "Nothing of " + file.filename().string() + " was run.";
  context.hint =
      "Take it out, or let psql run the file, in sluice.toml:\n  [seed]\n  command = \"psql -X -v "
      "ON_ERROR_STOP=1 -1 -f " +
      file.filename().string() + " $DATABASE_URL\"";
  throw Error("this is a command of psql's own, and no SQL", context);
}

// One text without BEGIN is one transaction; so is a file with rows for COPY in it.
void run_file(const fs::path& file, const std::string& url) {
  const std::string sql = files::read(file);
  if (text::trim(sql).empty()) return;
  const std::vector<sql::PsqlPart> parts = sql::psql_parts(sql);
  for (const sql::PsqlPart& part : parts)
    if (part.kind == sql::PsqlPart::Kind::command) refuse_command(file, part);
  server::Target target;
  target.url = url;
  target.application_name = "sluice seed";
  server::Connection connection(target);
  try {
    std::optional<server::Transaction> transaction;
    if (parts.size() > 1 && !has_transactions(parts)) transaction.emplace(connection);
    for (const sql::PsqlPart& part : parts) run_part(connection, part);
    if (transaction) transaction->commit();
  } catch (const Error& error) {
    ErrorContext context = error.context;
    if (context.exit == Exit::interrupted) throw;
    context.at.file = file.string();
    context.statement.clear();  // it is the whole file
    context.state =
        "Nothing of " + file.filename().string() + " is in the database, unless it has a COMMIT of its own.";
    throw Error(error.what(), context);
  }
}

}  // namespace

std::string path_with_node_modules(const fs::path& directory) {
  std::string out;
  for (fs::path up = fs::absolute(directory);; up = up.parent_path()) {
    std::error_code error;
    if (fs::path bin = up / "node_modules" / ".bin"; fs::is_directory(bin, error)) out += bin.string() + ":";
    if (up == up.parent_path()) break;
  }
  const char* path = std::getenv("PATH");
  return "PATH=" + out + (path ? path : "/usr/local/bin:/usr/bin:/bin");
}

std::string ProjectSeed::describe() const {
  std::vector<std::string> parts;
  for (const fs::path& file : files) parts.push_back(file.lexically_proximate(directory).string());
  if (!command.empty()) parts.push_back(command);
  return text::join(parts, ", ");
}

ProjectSeed project_seed(const Config& config) {
  ProjectSeed seed;
  seed.directory = config.file ? fs::absolute(*config.file).parent_path() : config.directory;
  const SeedSettings& settings = config.settings.seed;
  seed.command = settings.command;
  seed.files = named_files(seed.directory, settings.files, true);
  if (seed.empty() && fs::exists(seed.directory / "supabase" / "seed.sql"))
    seed.files.push_back(seed.directory / "supabase" / "seed.sql");
  if (seed.empty()) return seed;
  std::vector<fs::path> all = seed.files;
  for (const auto& more :
       {files_in_command(seed.directory, seed.command), named_files(seed.directory, settings.depends, false)})
    all.insert(all.end(), more.begin(), more.end());
  std::string text = seed.command + "\n";
  for (const fs::path& file : all)
    text += file.lexically_proximate(seed.directory).string() + " " + files::sha256(files::read(file)) + "\n";
  seed.checksum = files::sha256(text);
  return seed;
}

void run_project_seed(const ProjectSeed& seed, const std::string& url, int out, Terminal& terminal) {
  for (const fs::path& file : seed.files) {
    terminal.note("Seeding: " + file.lexically_proximate(seed.directory).string());
    run_file(file, url);
  }
  if (seed.command.empty()) return;
  terminal.note("Seeding: " + seed.command);
  process::Options options;
  options.directory = seed.directory;
  options.environment = {"DATABASE_URL=" + url, path_with_node_modules(seed.directory)};
  int code = process::run_visibly({"/bin/sh", "-c", seed.command}, out, options);
  interrupt::check();
  if (code == 0) return;
  ErrorContext context;
  context.hint = "What it printed stands above. It ran in " + seed.directory.string() +
                 ", with DATABASE_URL set to the database to seed.";
  throw Error("the seed command '" + seed.command + "' ended with " + std::to_string(code), context);
}

}  // namespace sluice::cli
