// Adopts a database that was made another way: its migrations are recorded as applied, none is run. With --from the
// migrations of another tool come into the folder first.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "apply/lock.hpp"
#include "apply/runs.hpp"
#include "apply/status.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/migration_text.hpp"
#include "cli/schema_named.hpp"
#include "cli/stand_ins.hpp"
#include "cli/written.hpp"
#include "history/import.hpp"
#include "history/rewrite.hpp"
#include "history/version.hpp"
#include "read/catalog/catalog.hpp"
#include "server/local.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

struct BaselineOptions {
  Overrides overrides;
  std::optional<std::string> from, to;
  std::string reason;
  bool dry_run = false, unchecked = false;
};

// ---- another tool's folder

void run_file(server::Connection& connection, const history::ForeignMigration& migration, const std::string& text) {
  for (const sql::Chunk& chunk : sql::chunks(text))
    for (const sql::Statement& statement : sql::statements(chunk)) try {
        connection.execute(statement.text);
      } catch (const Error& error) {
        if (error.context.exit == Exit::interrupted) throw;
        ErrorContext context = error.context;
        context.at = {migration.file.string(), statement.line, 0};
        context.statement = std::string(statement.text);
        context.state = "Nothing was written.";
        context.hint =
            "The migrations were tried one after the other on an empty scratch server, to know the schema after each. "
            "What they take for granted can be made there by a SQL file, which sluice.toml names:\n"
            "  [verify]\n  stand_ins = \"stand_ins.sql\"\n"
            "Or leave them behind and begin with the database as it is: sluice pull --baseline";
        throw Error(error.what(), context);
      }
}

// Another tool's folder as ours will have it.
struct Imported {
  history::ForeignFolder foreign;
  std::vector<history::Addition> additions;  // with the schema after each
  size_t applied = 0;                        // so many of them, from the first, the database has already
  std::optional<StandIns> stand_ins;         // with which the schemas were read
};

void read_schemas(Imported& imported, const Config& config, Terminal& terminal) {
  server::Scratch scratch(config.directory);
  server::Target target;
  target.url = scratch.create_database();
  std::vector<std::string> texts;
  for (const history::ForeignMigration& migration : imported.foreign.migrations) texts.push_back(migration.up);
  {
    server::Connection first(target);
    imported.stand_ins.emplace(config, texts, first, imported.foreign.tool == history::Tool::supabase);
    imported.stand_ins->make(first);
  }
  server::Connection connection(target);  // with the settings that the database got
  // A function may call what has no stand-in.
  if (!imported.stand_ins->missing_extensions().empty()) connection.execute("SET check_function_bodies = false");
  read::CatalogOptions catalog;
  catalog.schemas.clear();
  catalog.without_schemas.assign(imported.stand_ins->schemas().begin(), imported.stand_ins->schemas().end());
  // With a schema in SQL the snapshots say what drizzle has no word for too.
  catalog.beyond = std::any_of(config.schema.begin(), config.schema.end(),
                               [](const std::string& pattern) { return pattern.ends_with(".sql"); });
  std::vector<std::string> left_out;
  for (const history::ForeignMigration& migration : imported.foreign.migrations) {
    run_file(connection, migration, imported.stand_ins->without_missing(migration.up, left_out));
    history::Addition addition;
    addition.name = migration.name;
    addition.up = migration.up.empty() ? "-- empty\n" : migration.up;
    addition.down = migration.down;
    addition.schema = read::catalog(connection, catalog).schema;
    addition.prefix = config.prefix;
    addition.breakpoints = false;
    addition.time = history::now() + static_cast<std::int64_t>(imported.additions.size()) * 1000;
    imported.additions.push_back(std::move(addition));
  }
  for (const std::string& name : imported.stand_ins->missing_extensions())
    terminal.warning("the extension " + name + " is not installed here: the snapshots are read without " +
                     (name == "vector" ? "its indexes" : "it"));
  for (const std::string& index : left_out) terminal.warning("not in the snapshots: " + index);
}

// golang-migrate's note that the migration of that version began and did not end: how far it came nobody knows.
void refuse_dirty(server::Connection& connection, const std::string& table) {
  server::Rows dirty =
      connection.execute("SELECT t.version::text FROM " + table + " t WHERE (to_jsonb(t) ->> 'dirty')::boolean");
  if (dirty.size() == 0) return;
  const std::string version = dirty.text(0, 0);
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was changed.";
  context.hint = "Look what of it is there. Finish it by hand and say so with 'migrate force " + version +
                 "', or undo it and force the version before it; then run this again.";
  throw Error("migration " + version + " of golang-migrate failed half-way in " + connection.describe() + " (" + table +
                  " says dirty)",
              context);
}

// The versions that the tool's own table in the database has; nothing if there is no such table.
std::optional<std::set<std::string>> applied_versions(server::Connection& connection,
                                                      const history::ForeignFolder& foreign) {
  std::string table, query;
  switch (foreign.tool) {
    case history::Tool::supabase:
      table = "supabase_migrations.schema_migrations";
      query = "SELECT version::text FROM " + table;
      break;
    case history::Tool::prisma:
      table = "public._prisma_migrations";
      query = "SELECT migration_name FROM " + table + " WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL";
      break;
    case history::Tool::dbmate:
    case history::Tool::golang_migrate:
      table = "public.schema_migrations";
      query = "SELECT version::text FROM " + table;
      break;
    case history::Tool::flyway:
      table = "public.flyway_schema_history";
      query = "SELECT version::text FROM " + table + " WHERE success AND version IS NOT NULL";
      break;
  }
  if (connection.query("SELECT pg_catalog.to_regclass($1)::text", {table}).text(0, 0).empty()) return std::nullopt;
  if (foreign.tool == history::Tool::golang_migrate) refuse_dirty(connection, table);
  server::Rows rows = connection.execute(query);
  std::set<std::string> out;
  for (size_t i = 0; i < rows.size(); i++) out.insert(rows.text(i, 0));
  if (foreign.tool != history::Tool::golang_migrate) return out;
  // It has one row: the version that was reached.
  long long reached = out.empty() ? -1 : std::strtoll(out.begin()->c_str(), nullptr, 10);
  out.clear();
  for (const history::ForeignMigration& migration : foreign.migrations)
    if (std::strtoll(migration.version.c_str(), nullptr, 10) <= reached) out.insert(migration.version);
  return out;
}

// Looks through the other tool's folder and its table in the database; writes nothing.
Imported look_through(const BaselineOptions& options, const Config& config, const history::Folder& folder,
                      server::Connection& connection, Terminal& terminal) {
  if (!folder.entries().empty()) {
    ErrorContext context;
    context.exit = Exit::refused;
    context.at.file = config.out.string();
    context.state = "Nothing was changed.";
    context.hint = "Give another folder with --out.";
    throw Error("the migrations folder has migrations already, and another tool's cannot go before them", context);
  }
  Imported out;
  out.foreign = history::read_foreign(*options.from);
  const std::vector<history::ForeignMigration>& migrations = out.foreign.migrations;
  std::optional<std::set<std::string>> known = applied_versions(connection, out.foreign);
  while (known && out.applied < migrations.size() && known->contains(migrations[out.applied].version)) out.applied++;
  if (!known && !options.to) {
    ErrorContext context;
    context.state = "Nothing was changed.";
    context.hint =
        "Say which is the last one that it has: --to " + migrations.back().name + ", or --to none if it is empty.";
    throw Error(connection.describe() + " has no table of " + std::string(history::name_of(out.foreign.tool)) +
                    " that says what is applied",
                context);
  }
  if (!known && *options.to != "none") {
    for (size_t i = 0; i < migrations.size(); i++)
      if (migrations[i].name == *options.to || migrations[i].version == *options.to) out.applied = i + 1;
    if (!out.applied) throw Error("--to " + *options.to + " is none of the migrations in " + *options.from);
  }
  read_schemas(out, config, terminal);
  return out;
}

void bring_in(const Imported& imported, history::Folder& folder, Terminal& terminal) {
  for (const history::Addition& addition : imported.additions) folder.add(addition);
  terminal.success(fmt::format("Imported {} of {}: {} to {}", text::counted(imported.additions.size(), "migration"),
                               history::name_of(imported.foreign.tool), folder.entries().front().tag,
                               folder.entries().back().tag));
}

// ---- recording

// What the database has that the snapshot has not, and the other way round. With `imported` the snapshot was read from
// a server just now, else it is spelled by one.
std::vector<std::string> differences(const model::Schema& snapshot, const Config& config, const Overrides& overrides,
                                     const std::optional<Imported>& imported) {
  model::Schema wanted = imported ? snapshot : as_read_back(snapshot, extensions_of(config.url));
  model::Schema there = read_database(config.url, snapshot, overrides);
  if (imported)
    std::erase_if(model::all<model::Index>(there),
                  [&](const model::Index& index) { return imported->stand_ins->lacks(index); });
  std::vector<std::string> lines;
  for (const auto& [sign, line] : summary(diff::compare(there, wanted)))
    lines.push_back(sign == "+"   ? "the database lacks the " + line
                    : sign == "-" ? "only the database has the " + line
                                  : "it differs in the " + line);
  return lines;
}

void refuse_different(const model::Schema& snapshot, const history::Entry& last, const Config& config,
                      const Overrides& overrides, const std::optional<Imported>& imported) {
  std::vector<std::string> lines = differences(snapshot, config, overrides, imported);
  if (lines.empty()) return;
  ErrorContext context;
  context.exit = Exit::refused;
  context.state = "Nothing was recorded.";
  if (lines.size() > 20) lines.resize(20), lines.emplace_back("…");
  context.detail = text::join(lines, "\n");
  context.hint = "'sluice diff database folder@" + last.number() +
                 "' prints the statements that would make them equal. --to says how far the database is; --unchecked "
                 "records it all the same.";
  throw Error("the database is not what the migrations up to " + last.tag + " make", context);
}

// Of the first `count` migrations what the ledger has not. One that is half applied is not what a baseline is about.
std::vector<history::Entry> not_recorded(const history::Folder& folder, const apply::Ledger& ledger, size_t count) {
  const apply::Status status = apply::compare(folder, ledger);
  std::vector<history::Entry> out;
  for (size_t i = 0; i < count; i++) {
    const apply::Item& item = status.items[i];
    if (!status.is_pending(item)) continue;
    if (item.progress) {
      ErrorContext context;
      context.exit = Exit::refused;
      context.state = "Nothing was recorded.";
      context.hint =
          "Finish it: sluice migrate. If its rest is there already, forget how far it came (sluice repair "
          "--forget " +
          item.entry.tag + "), then record it.";
      throw Error(
          fmt::format("{} is half applied ({} of {} steps)", item.entry.tag, item.progress->done, item.progress->total),
          context);
    }
    out.push_back(item.entry);
  }
  return out;
}

void record_all(const std::vector<history::Entry>& entries, const history::Folder& folder, const Config& config,
                apply::Ledger ledger, Runner& runner, const BaselineOptions& options) {
  server::Connection& connection = runner.connection;
  apply::prepare_ledger(connection, config.ledger, ledger);
  runner.info.command = "baseline" + (options.reason.empty() ? "" : ": " + options.reason);
  apply::begin_run(connection, config.ledger, ledger, runner.info);
  std::vector<std::string> tags;
  try {
    server::Transaction transaction(connection);
    for (const history::Entry& entry : entries) {
      apply::record(connection, config.ledger, ledger, folder.read(entry), 0, runner.info.run_id);
      tags.push_back(entry.tag);
    }
    transaction.commit();
  } catch (const Error& error) {
    apply::end_run(connection, runner.target, ledger, runner.info.run_id, {}, {}, &error);
    throw;
  }
  apply::end_run(connection, runner.target, ledger, runner.info.run_id, tags, {}, nullptr);
}

Exit baseline(const BaselineOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::folder, Needs::database});
  files::DirectoryLock lock(fs::current_path());
  history::Folder folder = history::open_to_write(config.out);
  if (options.from && wants_dated(config)) folder.begin_dated();
  Runner runner(config, "baseline", terminal);
  size_t count = 0;
  std::optional<Imported> imported;
  if (options.from) {
    imported.emplace(look_through(options, config, folder, runner.connection, terminal));
    for (const std::string& name : imported->foreign.left_out)
      terminal.warning(name + " is not a versioned migration and was left out");
    if (options.dry_run) {
      terminal.say(fmt::format("Would import {} migrations of {}, {} of them applied", imported->additions.size(),
                               history::name_of(imported->foreign.tool), imported->applied));
      if (terminal.json()) terminal.answer({{"status", "dry_run"}, {"recorded", Json::array()}});
      return Exit::done;
    }
    bring_in(*imported, folder, terminal);
    count = imported->applied;
  } else {
    require_folder(folder);
    count = folder.entries().size();
    if (options.to) {
      const history::Entry* last = history::find_entry(folder.entries(), *options.to);
      if (!last) throw Error("there is no migration '" + *options.to + "' in the folder");
      count = static_cast<size_t>(last - folder.entries().data()) + 1;
    }
  }
  // Looked at and recorded under one lock: what another runner does meanwhile is not recorded a second time.
  if (!options.dry_run)
    apply::take_lock(runner.connection, config.ledger, apply::LockScope::session, runner.execute.lock);
  const apply::Ledger ledger = apply::read_ledger(runner.connection, config.ledger);
  const std::vector<history::Entry> open = not_recorded(folder, ledger, count);
  Json tags = Json::array();
  for (const history::Entry& entry : open) tags.push_back(entry.tag);
  if (open.empty()) {
    terminal.say("Nothing to record in " + runner.connection.describe());
  } else {
    if (!options.unchecked) {
      std::optional<model::Snapshot> snapshot =
          history::version_on_disk(config.out, folder.entries(), "the folder").snapshot(count - 1);
      refuse_different(snapshot ? snapshot->schema : model::Schema{}, folder.entries()[count - 1], config,
                       options.overrides, imported);
    }
    if (!options.dry_run) record_all(open, folder, config, ledger, runner, options);
    for (const history::Entry& entry : open)
      terminal.success((options.dry_run ? "Would record as applied: " : "Recorded as applied, not run: ") +
                       entry.file_name());
  }
  if (terminal.json()) terminal.answer({{"status", options.dry_run ? "dry_run" : "ok"}, {"recorded", tags}});
  return Exit::done;
}

}  // namespace

void add_baseline(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<BaselineOptions>();
  CLI::App* command = add_command(
      app, chosen, "baseline", "Adopt a database that has the schema already: record migrations as applied",
      "  sluice generate --name init && sluice baseline      # made by hand or by push\n"
      "  sluice baseline --to 0004 --reason 'restored from a dump'\n"
      "  sluice baseline --from supabase/migrations          # also Prisma, dbmate, golang-migrate, Flyway");
  add_location_options(command, options->overrides, true);
  command->add_option("--from", options->from, "folder of another tool's migrations, which come into ours first");
  command->add_option("--to", options->to, "the last migration that the database has (default: all of the folder)");
  command->add_option("--reason", options->reason, "why; stands in the history of runs ('sluice log')");
  command->add_flag("--unchecked", options->unchecked, "do not compare the database with the snapshot");
  command->add_flag("--dry-run", options->dry_run, "say what would be recorded, change nothing");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return baseline(*options, terminal); }; });
}

}  // namespace sluice::cli
