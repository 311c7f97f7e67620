#include "cli/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "apply/script.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "model/distribution.hpp"
#include "plan/plan.hpp"
#include "read/catalog/citus.hpp"
#include "sql/quote.hpp"

namespace sluice::cli {

namespace {

std::unique_ptr<server::Scratch> start(const fs::path& project, std::optional<int> major, bool& wanted) {
  if (major) {
    try {
      return std::make_unique<server::Scratch>(project, major);
    } catch (const Error&) {
      wanted = false;  // not installed: any other is better than none
    }
  }
  return std::make_unique<server::Scratch>(project);
}

// $1: tables that are not the project's, as a condition on n.nspname and c.oid.
constexpr const char* fill_tables = R"(CREATE TEMPORARY TABLE IF NOT EXISTS sluice_filled (relation oid PRIMARY KEY);
DO $fill$
DECLARE
  t record; col record; names text; vals text; found boolean;
BEGIN
  FOR pass IN 1..3 LOOP
    FOR t IN SELECT c.oid, c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND {} ORDER BY c.oid LOOP
      BEGIN
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || t.name || ')' INTO found;
        CONTINUE WHEN found;
        FOR n IN 1..2 LOOP
          names := ''; vals := '';
          FOR col IN SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, y.typcategory AS category, y.typname,
                     a.atttypmod AS modifier, f.confrelid::regclass::text AS other,
                     (SELECT b.attname FROM pg_attribute b WHERE b.attrelid = f.confrelid AND b.attnum = f.confkey[1]) AS target
                   FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid LEFT JOIN pg_constraint f ON f.conrelid = t.oid
                     AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum]
                   WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.atthasdef
                     AND a.attidentity = '' AND a.attgenerated = '' LOOP
            names := names || ', ' || quote_ident(col.attname);
            vals := vals || ', ' || CASE
              WHEN col.other IS NOT NULL THEN format('(SELECT %I FROM %s ORDER BY 1 LIMIT 1 OFFSET %s)', col.target, col.other, n - 1)
              WHEN col.category = 'E' THEN format('(enum_range(NULL::%s))[1]', col.type)
              WHEN col.category = 'N' THEN n::text
              WHEN col.category = 'B' THEN 'true'
              WHEN col.category = 'A' THEN quote_literal('{{}}')
              WHEN col.category = 'S' THEN quote_literal(left('v' || n, CASE WHEN col.modifier > 4 THEN col.modifier - 4 ELSE 9 END))
              WHEN col.category = 'D' THEN quote_literal('2026-01-0' || n || ' 12:00:00')
              WHEN col.category = 'T' THEN quote_literal(n || ' days')
              WHEN col.category = 'I' THEN quote_literal('10.0.0.' || n)
              WHEN col.typname = 'uuid' THEN quote_literal(md5(n::text))
              WHEN col.typname IN ('json', 'jsonb') THEN quote_literal('{{"n": ' || n || '}}')
              ELSE 'NULL' END || CASE WHEN col.other IS NULL AND col.category IN ('D', 'S', 'T', 'I', 'A', 'U') THEN '::' || col.type ELSE '' END;
          END LOOP;
          EXECUTE 'INSERT INTO ' || t.name || CASE WHEN names = '' THEN ' DEFAULT VALUES'
            ELSE ' (' || substr(names, 3) || ') VALUES (' || substr(vals, 3) || ')' END;
        END LOOP;
        INSERT INTO pg_temp.sluice_filled VALUES (t.oid) ON CONFLICT DO NOTHING;
      EXCEPTION WHEN OTHERS THEN NULL;  -- a rule of its own: it stays empty
      END;
    END LOOP;
  END LOOP;
END $fill$)";

std::string of_project(const apply::LedgerName& ledger) {
  return "n.nspname NOT IN ('information_schema', 'sluice') AND n.nspname NOT LIKE 'pg\\_%' AND c.oid IS DISTINCT FROM "
         "to_regclass(" +
         sql::literal(ledger.sql()) + ")";
}

}  // namespace

void make_roles(server::Connection& connection, const model::Schema& schema) {
  std::set<std::string> there, needed;
  server::Rows rows = connection.execute("SELECT rolname FROM pg_roles");
  for (size_t i = 0; i < rows.size(); i++) there.insert(rows.text(i, 0));
  for (const model::Policy& policy : model::all<model::Policy>(schema))
    needed.insert(policy.to.begin(), policy.to.end());
  for (const char* keyword : {"public", "current_user", "current_role", "session_user"}) needed.erase(keyword);
  // The grantee is written as SQL names it.
  for (const model::Grant& grant : model::all<model::Grant>(schema)) {
    std::string name = grant.grantee;
    if (name.starts_with('"')) name = text::replace_all(name.substr(1, name.size() - 2), "\"\"", "\"");
    if (name != "PUBLIC") needed.insert(name);
  }
  // Those that the schema declares are made by its own statements.
  for (const model::Role& role : model::all<model::Role>(schema)) needed.erase(role.key.name);
  for (const std::string& name : needed)
    if (!there.contains(name)) connection.execute("CREATE ROLE " + sql::identifier(name));
}

void build_schema(server::Connection& connection, const model::Schema& schema) {
  make_roles(connection, schema);
  if (model::any_distributed(schema)) read::make_citus_stand_in(connection);
  std::vector<plan::Statement> statements = plan::make({}, schema, diff::compare({}, schema)).statements;
  bool together = std::all_of(statements.begin(), statements.end(), [](const auto& s) { return s.transactional; });
  std::optional<server::Transaction> transaction;
  if (together) transaction.emplace(connection);
  for (const plan::Statement& statement : statements) connection.execute(statement.sql);
  if (transaction) transaction->commit();
}

read::CatalogOptions catalog_options(const apply::LedgerName& ledger, const std::vector<std::string>& schemas) {
  read::CatalogOptions options;
  options.schemas = schemas;
  options.without_schemas = {"sluice"};
  if (ledger.schema != "public") options.without_schemas.push_back(ledger.schema);
  options.hidden.push_back({ledger.schema, "", ledger.table});
  return options;
}

std::vector<plan::Statement> statements_between(const model::Schema& from, const model::Schema& to, bool exact) {
  plan::Options options;
  options.exact_row_security = exact;
  options.reverse = true;  // nobody can be asked what rows get
  return plan::make(from, to, diff::compare(from, to), options).statements;
}

Replay::Replay(const Config& config, const history::Folder& folder, std::optional<int> major, const std::string& tenant,
               const std::vector<std::string>& shared)
    : config_(config),
      folder_(folder),
      tenant_{tenant, {}, tenant, {}},
      shared_(shared),
      scratch_(start(config.directory, major, wanted_version_)),
      target_(target()),
      connection_(target_) {
  for (const history::Entry& entry : folder.entries())
    beyond_ = beyond_ || fs::exists(folder.path() / entry.beyond_name());
  if (beyond_)
    if (std::optional<model::Snapshot> last = folder.last_snapshot()) make_roles(connection_, last->schema);
}

// An empty database with the stand-ins in it.
server::Target Replay::target() {
  server::Target target;
  target.url = scratch_->create_database();
  target.application_name = "sluice replay";
  server::Connection connection(target);
  if (!stand_ins_) {
    std::vector<std::string> texts;
    for (const history::Entry& entry : folder_.entries())
      if (std::optional<std::string> sql = files::read_if_exists(folder_.path() / entry.file_name()))
        texts.push_back(std::move(*sql));
    stand_ins_.emplace(config_, texts, connection);
  }
  stand_ins_->make(connection);
  for (const std::string& schema : apply::schemas_of(tenant_, shared_)) {
    connection.execute("CREATE SCHEMA IF NOT EXISTS " + sql::identifier(schema));
    target.search_path += (target.search_path.empty() ? "" : ", ") + sql::identifier(schema);
  }
  return target;
}

void Replay::without_stand_ins(model::Schema& schema) const {
  const std::set<std::string>& others = stand_ins_->schemas();
  std::apply(
      [&](auto&... lists) {
        (std::erase_if(lists,
                       [&](const auto& object) {
                         using Object = std::remove_cvref_t<decltype(object)>;
                         return others.contains(std::is_same_v<Object, model::Namespace> ? object.key.name
                                                                                         : object.key.schema);
                       }),
         ...);
      },
      schema);
  std::erase_if(model::all<model::Index>(schema), [&](const model::Index& index) { return stand_ins_->lacks(index); });
}

apply::MigrateOptions Replay::migrate_options() {
  apply::MigrateOptions options;
  options.execute.ledger = config_.ledger;
  options.execute.replays = true;
  options.execute.run_id = options.run.run_id = connection_.execute("SELECT clock_timestamp()").text(0, 0);
  options.run.command = "verify";
  options.execute.instead = [this](std::string_view text) { return stand_ins_->without_missing(text, left_out_); };
  options.execute.committing = [this] { read_locks(); };
  options.allow_out_of_order = true;
  if (!tenant_.schema.empty())
    options.adapt = [this](history::Migration& migration) { apply::adapt(migration, tenant_); };
  return options;
}

apply::RollbackOptions Replay::rollback_options() {
  apply::RollbackOptions options;
  options.execute.ledger = config_.ledger;
  options.execute.replays = true;
  options.execute.run_id = options.run.run_id = connection_.execute("SELECT clock_timestamp()").text(0, 0);
  options.run.command = "verify";
  options.execute.instead = [this](std::string_view text) { return stand_ins_->without_missing(text, left_out_); };
  return options;
}

void Replay::up_to_all(const std::function<bool(const history::Entry&)>& which) {
  apply::MigrateOptions options = migrate_options();
  options.only = which;
  apply::migrate(connection_, folder_, options);
}

namespace {

// The steps of a file that were done, as a file that has no others; nothing if they are not what was run.
std::optional<std::string> done_steps(const std::string& sql, const fs::path& file, const apply::Progress& progress,
                                      bool intent) {
  const apply::Script script = apply::read_script(sql, file);
  const size_t steps = progress.done + (intent ? 1 : 0);
  if (steps > script.steps.size() || script.hash_of_first(progress.done) != progress.done_hash) return std::nullopt;
  if (intent && script.steps[progress.done].pieces.front().text != *progress.intent) return std::nullopt;
  std::string out;
  for (size_t i = 0; i < steps; i++) {
    const apply::Step& step = script.steps[i];
    if (i > 0) out += "COMMIT;\n";
    if (step.begin != "BEGIN") out += step.begin + ";\n";
    out += step.text();
  }
  return out;
}

}  // namespace

bool Replay::in_part(const history::Entry& entry, const apply::Progress& progress, bool intent) {
  const bool up = progress.direction == apply::Direction::up;
  const std::optional<std::string> file = up ? folder_.read(entry).sql : folder_.read_down(entry);
  const std::optional<std::string> sql =
      file ? done_steps(*file, up ? entry.file_name() : entry.down_name(), progress, intent) : std::nullopt;
  if (!sql) return false;
  if (up) {
    apply::MigrateOptions options = migrate_options();
    options.only = [&](const history::Entry& each) { return each.tag == entry.tag; };
    options.adapt = [&](history::Migration& migration) {
      migration.sql = *sql;
      apply::adapt(migration, tenant_);
    };
    apply::migrate(connection_, folder_, options);
    return true;
  }
  apply::RollbackOptions options = rollback_options();
  options.adapt = [&](std::string& text, const fs::path& down_file) {
    history::Migration down;
    down.sql = *sql, down.file = down_file;
    apply::adapt(down, tenant_);
    text = down.sql;
  };
  const std::vector<apply::Back> plan =
      apply::plan_rollback(folder_, apply::read_ledger(connection_, config_.ledger), options);
  if (plan.size() != 1 || plan.front().entry.tag != entry.tag) return false;
  apply::rollback(connection_, folder_, plan, options);
  return true;
}

void Replay::up(const history::Entry& entry) {
  connection_.execute(
      "CREATE TEMPORARY TABLE IF NOT EXISTS sluice_tables_before (relation oid, name text); TRUNCATE "
      "sluice_tables_before; INSERT INTO sluice_tables_before SELECT c.oid, c.oid::regclass FROM pg_catalog.pg_class c "
      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm') AND " +
      of_project(config_.ledger));
  locks_.clear();
  left_out_.clear();
  up_to_all([&](const history::Entry& each) { return each.tag == entry.tag; });
}

// The locks of the transaction that is about to commit, ROW EXCLUSIVE and weaker ones aside: reading and writing rows.
void Replay::read_locks() {
  if (connection_.execute("SELECT to_regclass('pg_temp.sluice_tables_before')").text(0, 0).empty()) return;
  server::Rows rows = connection_.execute(
      "SELECT upper(trim(regexp_replace(replace(m.mode, 'Lock', ''), '([A-Z])', ' \\1', 'g'))), b.name FROM (SELECT "
      "DISTINCT ON (l.relation) l.relation, l.mode FROM pg_catalog.pg_locks l WHERE l.pid = "
      "pg_catalog.pg_backend_pid() "
      "AND l.locktype = 'relation' AND l.granted AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', "
      "'RowExclusiveLock') ORDER BY l.relation, array_position(ARRAY['AccessExclusiveLock', 'ExclusiveLock', "
      "'ShareRowExclusiveLock', 'ShareLock', 'ShareUpdateExclusiveLock'], l.mode)) m JOIN sluice_tables_before b USING "
      "(relation) ORDER BY 2");
  for (size_t i = 0; i < rows.size(); i++) {
    std::string lock = rows.text(i, 0) + " " + rows.text(i, 1);
    if (std::find(locks_.begin(), locks_.end(), lock) == locks_.end()) locks_.push_back(lock);
  }
}

void Replay::start_from(model::Schema schema) {
  without_stand_ins(schema);
  build_schema(connection_, schema);
}

void Replay::down() {
  const apply::RollbackOptions options = rollback_options();
  const std::vector<apply::Back> plan =
      apply::plan_rollback(folder_, apply::read_ledger(connection_, config_.ledger), options);
  apply::rollback(connection_, folder_, plan, options);
}

void Replay::add_rows() { connection_.execute(fmt::format(fill_tables, of_project(config_.ledger))); }

void Replay::remove_rows(bool all) {
  std::vector<std::string> others;
  for (const std::string& schema : stand_ins_->schemas()) others.push_back(sql::literal(schema));
  if (others.empty()) others.emplace_back("NULL");
  connection_.execute(fmt::format(
      "SET session_replication_role = replica; DO $clear$ DECLARE names text; BEGIN SELECT "
      "string_agg(c.oid::regclass::text, "
      "', ') INTO names FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE "
      "c.relkind IN ('r', 'p') AND (c.oid IN (SELECT relation FROM pg_temp.sluice_filled) OR {} AND NOT "
      "coalesce(n.nspname IN ({}), false) AND {}); IF names IS NOT NULL THEN EXECUTE 'TRUNCATE ' || names || ' "
      "CASCADE'; END "
      "IF; END $clear$; TRUNCATE pg_temp.sluice_filled; RESET session_replication_role",
      all ? "true" : "false", text::join(others, ", "), of_project(config_.ledger)));
}

std::vector<std::pair<std::string, std::string>> Replay::rows() {
  server::Rows tables = connection_.execute(
      "SELECT c.oid::regclass::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
      "c.relnamespace "
      "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND " +
      of_project(config_.ledger) + " ORDER BY 1");
  std::vector<std::pair<std::string, std::string>> out;
  for (size_t i = 0; i < tables.size(); i++) {
    std::string name = tables.text(i, 0);
    // As jsonb: the order of columns does not count.
    server::Rows content = connection_.execute(
        "SELECT coalesce(string_agg(r, E'\\n' ORDER BY r), '') FROM (SELECT to_jsonb(t)::text AS r FROM " + name +
        " t) x");
    out.emplace_back(name, content.text(0, 0));
  }
  return out;
}

read::Catalog Replay::catalog(bool beyond) {
  read::CatalogOptions options = catalog_options(config_.ledger, {});
  options.beyond = beyond;
  return read::catalog(connection_, options);
}

model::Schema Replay::build(model::Schema schema) {
  // Roles are of the whole server: the migrations have made them.
  model::all<model::Role>(schema).clear();
  without_stand_ins(schema);
  server::Connection fresh(target());
  build_schema(fresh, schema);
  read::CatalogOptions options = catalog_options(config_.ledger, {});
  options.beyond = beyond_;
  return read::catalog(fresh, options).schema;
}

}  // namespace sluice::cli
