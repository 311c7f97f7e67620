// What impact says, against a real server: each statement runs in a transaction, pg_locks and the files of the
// relations are read, and must be what was predicted. The statements are those of tests/data/locks.txt, as far as this
// server's version takes them, and of tests/cases/impact/*.case:
//
//   setup.sql     the objects and rows that are there
//   statements    one a line
//
// Scans leave no trace that a transaction can read; they are in the measurements only.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.hpp"
#include "case_file.hpp"
#include "impact_outcome.hpp"
#include "server/connection.hpp"
#include "server/local.hpp"

namespace sluice::tests {
namespace {

namespace fs = std::filesystem;

server::Scratch& scratch() {
  static server::Scratch server{fs::current_path()};
  return server;
}

struct Relation {
  std::string oid, name, kind, file;
};

class Database {
 public:
  explicit Database(const std::string& setup) : connection_({scratch().create_database()}) {
    connection_.execute(setup);
  }

  int version() const { return connection_.version() / 10000; }

  // What the statements do, or the server's error.
  Outcome observe(const std::string& statements) {
    Outcome out;
    connection_.execute("BEGIN");
    const std::vector<Relation> before = relations();
    try {
      connection_.execute(statements);
      const std::vector<Relation> after = relations();
      locks(before, out);
      for (const Relation& now : after) {
        auto then = std::find_if(before.begin(), before.end(), [&](const Relation& r) { return r.oid == now.oid; });
        if (then == before.end()) {
          if (now.kind == "i") out.made.insert(now.name);
        } else if (then->file != now.file && now.file != "0") {
          (now.kind == "i" ? out.rebuild : out.rewrite).insert(now.name);
        }
      }
    } catch (const Error& error) {
      out = {};
      out.error = error.what();
    }
    connection_.execute("ROLLBACK");
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

  void locks(const std::vector<Relation>& before, Outcome& out) {
    server::Rows rows =
        connection_.execute(std::string("select l.relation, coalesce(c.relname, ''), l.mode, "
                                        "coalesce(c.relnamespace::regnamespace::text, '') from pg_locks l left join "
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
      strongest[name] = std::max(strongest[name], mode);
    }
    for (const auto& [name, mode] : strongest) out.locks[name] = short_lock(mode);
  }

  server::Connection connection_;
};

ddl::Catalog folded(const std::string& setup) {
  ddl::Catalog catalog;
  for (const sql::ParsedStatement& statement : sql::parse(setup).statements) ddl::fold(catalog, statement, 0);
  ddl::forget_numbers(catalog);
  return catalog;
}

void compare(Database& database, const ddl::Catalog& catalog, const std::string& statements, const std::string& where) {
  Outcome observed = database.observe(statements);
  Outcome predicted = predict(catalog, statements, database.version());
  predicted.scan.clear();
  if (!observed.error.empty()) {
    EXPECT_FALSE(predicted.error.empty()) << where << ": " << statements << "\n  the server says: " << observed.error
                                          << "\n  predicted: " << predicted.text();
    return;
  }
  EXPECT_EQ(observed.text(), predicted.text()) << where << ": " << statements;
}

TEST(ImpactOnServer, MeasuredStatements) {
  const std::string setup = files::read(std::string(SLUICE_TEST_DATA) + "/locks_schema.sql");
  Database database(setup);
  const ddl::Catalog catalog = folded(setup);
  std::string last;
  for (const std::string& line : text::split(files::read(std::string(SLUICE_TEST_DATA) + "/locks.txt"), "\n")) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> cells = text::split(line, " | ");
    if (cells[2] == last) continue;
    last = cells[2];
    compare(database, catalog, cells[2], cells[0]);
  }
}

class ImpactCase : public testing::Test {
 public:
  explicit ImpactCase(fs::path path) : path_(std::move(path)) {}
  void TestBody() override {
    CaseFile file = CaseFile::read(path_);
    const std::string setup = file.find("setup.sql") ? *file.find("setup.sql") : "";
    Database database(setup);
    const ddl::Catalog catalog = folded(setup);
    for (const std::string& statement : file.lines("statements"))
      compare(database, catalog, statement, path_.filename().string());
  }

 private:
  fs::path path_;
};

}  // namespace

void register_impact_cases() {
  for (const fs::path& path : case_files("impact"))
    testing::RegisterTest("ImpactOnServer", path.stem().c_str(), nullptr, nullptr, path.c_str(), 1,
                          [path]() -> testing::Test* { return new ImpactCase(path); });
}

}  // namespace sluice::tests

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  sluice::tests::register_impact_cases();
  return RUN_ALL_TESTS();
}
