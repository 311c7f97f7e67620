// What impact says, against real servers, PostgreSQL 15 (or what is installed) and 18: each statement runs in a
// transaction, pg_locks, the files of the relations and their sequential scans are read, and must be what was
// predicted. The statements are those of tests/data/locks.txt, as far as the server's version takes them, of
// tests/cases/impact/*.case:
//
//   setup.sql     the objects and rows that are there
//   statements    one a line
//
// and of every case of tests/cases/plan and tests/cases/review, each after the ones before it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/files.hpp"
#include "case_file.hpp"
#include "impact_outcome.hpp"
#include "plan_case.hpp"
#include "review/fix.hpp"
#include "server/connection.hpp"
#include "server/local.hpp"
#include "sql/quote.hpp"

namespace sluice::tests {
namespace {

namespace fs = std::filesystem;

// The newest server that npm brought, for what PostgreSQL 18 does otherwise; tools/test may have put it elsewhere.
const char* const moved = std::getenv("SLUICE_TEST_POSTGRES_18");
const fs::path newest = moved ? fs::path(moved) : fs::path(SLUICE_TEST_MODULES) / "postgres-18" / "native" / "bin";

server::Scratch& scratch(bool other) {
  if (!other) {
    static server::Scratch server{fs::current_path()};
    return server;
  }
  static const std::unique_ptr<server::Scratch> server = [] {
    setenv("SLUICE_PG_BIN", newest.c_str(), 1);
    auto made = std::make_unique<server::Scratch>(fs::current_path(), 18);
    unsetenv("SLUICE_PG_BIN");
    return made;
  }();
  return *server;
}

struct Relation {
  std::string oid, name, kind, file;
};

class Database {
 public:
  Database(bool other, const std::string& setup) : connection_({scratch(other).create_database()}) {
    name_ = connection_.execute("select current_database()").text(0, 0);
    connection_.execute(setup);
  }

  int version() const { return connection_.version() / 10000; }
  server::Connection& connection() { return connection_; }

  // What the statements do, or the server's error. `keep`: it stays done. `scans` gets the tables that were read from
  // beginning to end.
  Outcome observe(const std::string& statements, bool keep, std::set<std::string>& scans) {
    Outcome out;
    connection_.execute("BEGIN");
    const std::vector<Relation> before = relations();
    const std::map<std::string, std::string> read_before = reads();
    bool failed = false;
    try {
      connection_.execute(statements);
      changed(before, out);
      locks(before, out);
      for (const auto& [name, count] : reads())
        if (auto then = read_before.find(name); then == read_before.end() ? count != "0" : then->second != count)
          scans.insert(name);
    } catch (const Error& error) {
      out = {};
      out.error = error.what();
      failed = true;
    }
    connection_.execute(keep && !failed ? "COMMIT" : "ROLLBACK");
    return out;
  }

  // What a statement does that stands outside of transactions: nothing is known of its locks.
  Outcome observe_alone(const std::string& statement) {
    Outcome out;
    const std::vector<Relation> before = relations();
    try {
      connection_.execute(statement);
      changed(before, out);
    } catch (const Error& error) {
      out = {};
      out.error = error.what();
    }
    return out;
  }

 private:
  static constexpr const char* ours =
      "relnamespace not in (select oid from pg_namespace where nspname in ('pg_catalog', 'pg_toast', "
      "'information_schema'))";

  std::vector<Relation> relations() {
    server::Rows rows =
        connection_.execute(std::string("select oid, relname, relkind, relfilenode from pg_class where ") + ours);
    std::vector<Relation> out;
    for (size_t i = 0; i < rows.size(); i++)
      out.push_back({rows.text(i, 0), rows.text(i, 1), rows.text(i, 2), rows.text(i, 3)});
    return out;
  }

  // How often this session has read each table from beginning to end, as far as it has not reported it yet.
  std::map<std::string, std::string> reads() {
    server::Rows rows = connection_.execute(
        std::string("select relname, pg_stat_get_xact_numscans(oid) from pg_class where relkind in ('r', 'm') and ") +
        ours);
    std::map<std::string, std::string> out;
    for (size_t i = 0; i < rows.size(); i++) out[rows.text(i, 0)] = rows.text(i, 1);
    return out;
  }

  void changed(const std::vector<Relation>& before, Outcome& out) {
    for (const Relation& now : relations()) {
      auto then = std::find_if(before.begin(), before.end(), [&](const Relation& r) { return r.oid == now.oid; });
      if (then == before.end()) {
        if (now.kind == "i") out.made.insert(now.name);
      } else if (then->file != now.file && now.file != "0" && now.kind != "S") {
        (now.kind == "i" ? out.rebuild : out.rewrite).insert(now.name);
      }
    }
  }

  void locks(const std::vector<Relation>& before, Outcome& out) {
    weak.clear();
    server::Rows rows = connection_.execute(std::string(
        "select l.relation, coalesce(c.relname, ''), l.mode, "
        "coalesce(c.relnamespace::regnamespace::text, ''), coalesce(c.relkind, '-') from pg_locks l left join "
        "pg_class c on c.oid = l.relation where l.locktype = 'relation' and l.pid = "
        "pg_backend_pid() and l.granted and l.database <> 0"));
    const std::map<std::string, int> strength = {
        {"AccessShareLock", 1}, {"RowShareLock", 2},          {"RowExclusiveLock", 3}, {"ShareUpdateExclusiveLock", 4},
        {"ShareLock", 5},       {"ShareRowExclusiveLock", 6}, {"ExclusiveLock", 7},    {"AccessExclusiveLock", 8}};
    std::map<std::string, impact::Lock> strongest;
    for (size_t i = 0; i < rows.size(); i++) {
      std::string name = rows.text(i, 1);
      const std::string schema = rows.text(i, 3);
      if (schema == "pg_catalog" || schema == "pg_toast" || schema == "information_schema") continue;
      if (name.empty()) {
        auto gone =
            std::find_if(before.begin(), before.end(), [&](const Relation& r) { return r.oid == rows.text(i, 0); });
        if (gone == before.end() || gone->kind == "v" || gone->kind == "S") continue;
        name = gone->name + "(dropped)";
      }
      const auto mode = static_cast<impact::Lock>(strength.at(rows.text(i, 2)));
      // The planner looks at indexes of what a check reads, and who writes rows writes into indexes.
      if (rows.text(i, 4) == "i" && (mode == impact::Lock::access_share || mode == impact::Lock::row_exclusive))
        weak.insert(name);
      if (rows.text(i, 4) == "S") weak.insert(name);  // nobody waits long for a sequence
      strongest[name] = std::max(strongest[name], mode);
    }
    for (const auto& [name, mode] : strongest) out.locks[name] = short_lock(mode);
  }

  server::Connection connection_;
  std::string name_;

 public:
  std::set<std::string> weak;  // of the last statement: locks that impact need not know of
};

ddl::Catalog folded(const std::string& setup) {
  ddl::Catalog catalog;
  for (const sql::ParsedStatement& statement : sql::parse(setup).statements) ddl::fold(catalog, statement, 0);
  ddl::forget_numbers(catalog);
  ddl::commit(catalog);
  return catalog;
}

// True if nothing that the statement reads as a query can be mistaken for what its command reads.
bool is_definition(const sql::ParsedStatement& statement) {
  return std::holds_alternative<sql::AlterTable>(statement.command) ||
         std::holds_alternative<sql::CreateIndex>(statement.command) ||
         std::holds_alternative<sql::AlterDomain>(statement.command);
}

// False if the server refuses it.
bool compare(Database& database, const ddl::Catalog& catalog, const std::string& statements, const std::string& where,
             bool keep) {
  const sql::ParsedFile parsed = sql::parse(statements);
  std::set<std::string> scans;
  impact::Session session{database.version()};
  const bool alone = parsed.statements.size() == 1 &&
                     impact::judge(catalog, parsed.statements[0], session).outside_transaction && keep;
  Outcome observed = database.observe(statements, keep && !alone, scans);
  if (alone) {
    EXPECT_NE(observed.error.find("cannot run inside a transaction block"), std::string::npos) << where << statements;
    observed = database.observe_alone(statements);
  }
  Outcome predicted = predict(catalog, statements, database.version(), alone);
  // A required column needs rows to fail; an empty table is looked at too.
  const bool needs_rows = observed.error.empty() && predicted.error == "contains null values";
  if (needs_rows) predicted = predict(catalog, statements, database.version(), alone, false);
  for (const std::string& name : database.weak)
    if (!predicted.locks.contains(name) || name.find("seq") != std::string::npos) observed.locks.erase(name);
  std::erase_if(predicted.locks, [](const auto& lock) { return lock.first.find("seq") != std::string::npos; });
  std::erase_if(observed.locks, [](const auto& lock) { return lock.first.find("seq") != std::string::npos; });
  const std::set<std::string> scan = predicted.scan;
  predicted.scan.clear();
  if (alone) predicted.locks.clear();
  if (!observed.error.empty()) {
    // What the case does not have may be there in a project.
    const bool unknown = observed.error.find("does not exist") != std::string::npos;
    EXPECT_TRUE(unknown || !predicted.error.empty())
        << where << ": " << statements << "\n  the server says: " << observed.error
        << "\n  predicted: " << predicted.text();
    return false;
  }
  // REINDEX CONCURRENTLY builds another index and gives it the name.
  if (alone && std::holds_alternative<sql::Reindex>(parsed.statements[0].command)) return true;
  // What a function or a DO block does is not visible to impact, and it says so.
  if (parsed.statements.size() == 1 && (std::holds_alternative<sql::Query>(parsed.statements[0].command) ||
                                        impact::judge(catalog, parsed.statements[0], session).opaque))
    return true;
  EXPECT_EQ(observed.text(), predicted.text()) << where << ": " << statements;
  if (alone || needs_rows || !is_definition(parsed.statements.back())) return true;
  // In a table of a few rows a partner is looked up by its index.
  const auto* altered = std::get_if<sql::AlterTable>(&parsed.statements.back().command);
  for (const std::string& table : scan)
    EXPECT_TRUE((altered && altered->table.name.name != table) || scans.contains(table))
        << where << ": nothing read " << table << ": " << statements;
  for (const std::string& table : scans)
    EXPECT_TRUE(scan.contains(table)) << where << ": it read " << table << ": " << statements;
  return true;
}

class OnServer : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam() && !fs::exists(newest / "postgres") && !fs::is_symlink(newest / "postgres"))
      GTEST_SKIP() << "npm brought no PostgreSQL 18 for this machine";
  }
};
INSTANTIATE_TEST_SUITE_P(Impact, OnServer, testing::Values(false, true),
                         [](const auto& each) { return each.param ? "PostgreSQL18" : "Installed"; });

TEST_P(OnServer, MeasuredStatements) {
  const std::string setup = files::read(std::string(SLUICE_TEST_DATA) + "/locks_schema.sql");
  Database database(GetParam(), setup);
  const ddl::Catalog catalog = folded(setup);
  std::string last;
  for (const std::string& line : text::split(files::read(std::string(SLUICE_TEST_DATA) + "/locks.txt"), "\n")) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> cells = text::split(line, " | ");
    if (cells[2] == last) continue;
    last = cells[2];
    compare(database, catalog, cells[2], cells[0], false);
  }
}

TEST_P(OnServer, StatementsOfTheImpactCases) {
  for (const fs::path& path : case_files("impact")) {
    CaseFile file = CaseFile::read(path);
    const std::string setup = file.find("setup.sql") ? *file.find("setup.sql") : "";
    Database database(GetParam(), setup);
    const ddl::Catalog catalog = folded(setup);
    for (const std::string& statement : file.lines("statements"))
      compare(database, catalog, statement, path.filename().string(), false);
  }
}

// What databases of Supabase have, as far as the cases name it.
constexpr const char* supabase = R"(
CREATE SCHEMA auth;
CREATE TABLE auth.users (id uuid PRIMARY KEY, email text);
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid';
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT NULL::jsonb';
CREATE FUNCTION public.greet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE SCHEMA storage;
CREATE TABLE storage.objects (id uuid PRIMARY KEY);
)";

bool is_about_extension(const sql::ParsedStatement& statement) {
  const auto* drop = std::get_if<sql::Drop>(&statement.command);
  return std::holds_alternative<sql::Extension>(statement.command) ||
         (drop && drop->kind == sql::ObjectKind::extension);
}

// Each statement of the text after the ones before it, each in a transaction of its own.
void walk(Database& database, ddl::Catalog& catalog, const std::string& text, const std::string& where) {
  for (const sql::ParsedStatement& statement : sql::parse(text).statements) {
    if (std::holds_alternative<sql::TransactionControl>(statement.command) ||
        std::holds_alternative<sql::Database>(statement.command) || is_about_extension(statement))
      continue;
    const std::string sql(statement.text);
    const auto* rename = std::get_if<sql::Rename>(&statement.command);
    if (std::holds_alternative<sql::Role>(statement.command) || (rename && rename->kind == sql::ObjectKind::role)) {
      try {  // roles are the server's: another database has made it
        database.connection().execute(sql);
      } catch (const Error&) {
        continue;
      }
      continue;
    }
    if (!compare(database, catalog, sql, where, true)) continue;
    for (const sql::ParsedStatement& inside : statement.inside) ddl::fold(catalog, inside, 0);
    ddl::fold(catalog, statement, 0);
    ddl::forget_numbers(catalog);
    ddl::commit(catalog);
  }
}

void make_roles(server::Connection& connection, const std::string& text) {
  for (const char* role : {"anon", "authenticated", "service_role", "reader"})
    if (text.find(role) != std::string::npos)
      connection.execute("do $$ begin create role " + sql::identifier(role) +
                         "; exception when duplicate_object then null; end $$");
}

// What Citus locks only a cluster shows.
bool needs_citus(const fs::path& path) { return path.stem().string().find("citus") != std::string::npos; }

TEST_P(OnServer, StatementsOfTheReviewCases) {
  for (const fs::path& path : case_files("review")) {
    if (needs_citus(path)) continue;
    CaseFile file = CaseFile::read(path);
    std::string setup = file.find("before.sql") ? *file.find("before.sql") : "", all;
    for (const auto& [name, content] : file.sections)
      if (name.ends_with(".sql")) all += content;
    if (all.find("auth.") != std::string::npos) setup = supabase + setup;
    Database database(GetParam(), "");
    make_roles(database.connection(), all);
    database.connection().execute(setup);
    ddl::Catalog catalog = folded(setup);
    for (const auto& [name, content] : file.sections)
      if (name.ends_with(".sql") && name != "before.sql")
        walk(database, catalog, content, path.filename().string() + " " + name);
  }
}

// The statements that make a plan case's first schema. To evaluate it takes longer than all the rest.
const std::string& before_plan_case(const fs::path& path, const CaseFile& file) {
  static std::map<fs::path, std::string> known;
  auto [found, is_new] = known.emplace(path, "");
  if (!is_new) return found->second;
  PlanInput input = read_plan_input(file);
  for (const plan::Statement& statement : plan::make({}, input.before, diff::compare({}, input.before, {})).statements)
    found->second += statement.sql + "\n";
  return found->second;
}

TEST_P(OnServer, StatementsOfThePlanCases) {
  for (const fs::path& path : case_files("plan")) {
    if (needs_citus(path)) continue;
    CaseFile file = CaseFile::read(path);
    Database database(GetParam(), "");
    const std::string& setup = before_plan_case(path, file);
    try {
      database.connection().execute(setup);
    } catch (const Error& error) {
      ADD_FAILURE() << path << ": " << error.what();
      continue;
    }
    ddl::Catalog catalog = folded(setup);
    for (const char* name : {"migration.sql", "down.sql"})
      if (const std::string* text = file.find(name))
        walk(database, catalog, *text, path.filename().string() + " " + name);
  }
}

// Each statement by itself; gives the catalog, one fact a line.
std::string catalog_after(bool other, const std::string& setup, const std::vector<std::string>& files) {
  Database database(other, setup);
  for (const std::string& file : files)
    for (const sql::ParsedStatement& statement : sql::parse(file).statements) {
      if (std::holds_alternative<sql::SetParameter>(statement.command)) continue;
      database.connection().execute(statement.text);
    }
  std::string out;
  server::Rows rows = database.connection().execute(files::read(SLUICE_CATALOG_SQL));
  for (size_t i = 0; i < rows.size(); i++) out += rows.text(i, 0) + "\n";
  return out;
}

TEST_P(OnServer, SafeFormsMakeTheSameSchema) {
  for (const fs::path& path : case_files("fix")) {
    CaseFile file = CaseFile::read(path);
    const std::string setup = *file.find("before.sql"), migration = *file.find("migration.sql");
    const ddl::Catalog before = folded(setup);
    review::Reviewer reviewer({}, before);
    const review::FileReview reviewed = reviewer.review("0004_all.sql", migration);
    const review::Fix fix = review::fix(before, reviewed, migration, {"", "all"});
    if (fix.empty()) continue;
    std::vector<std::string> files, and_back;
    for (const review::FixedFile& each : fix.files) files.push_back(each.text);
    EXPECT_EQ(catalog_after(GetParam(), setup, {migration}), catalog_after(GetParam(), setup, files)) << path;
    const std::string* down = file.find("down.sql");
    if (!down) continue;
    and_back = files;
    for (size_t i = fix.files.size(); i-- > 1;) and_back.push_back(text::join(fix.files[i].down, "\n"));
    and_back.push_back(review::fixed_down(*down, fix));
    EXPECT_EQ(catalog_after(GetParam(), setup, {migration, *down}), catalog_after(GetParam(), setup, and_back)) << path;
  }
}

}  // namespace
}  // namespace sluice::tests
