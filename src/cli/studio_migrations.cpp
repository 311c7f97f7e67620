#include "cli/studio_migrations.hpp"

#include <algorithm>
#include <map>

#include "apply/rollback.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/preflight.hpp"
#include "cli/review_database.hpp"
#include "cli/review_output.hpp"
#include "cli/steps.hpp"
#include "ddl/from_schema.hpp"
#include "plan/plan.hpp"
#include "server/user_session.hpp"

namespace sluice::cli {

namespace {

Config at(const Config& config, const studio::Database& database) {
  Config out = config;
  out.url = database.url;
  out.url_source = database.label;
  return out;
}

server::Connection connect(const studio::Database& database) {
  server::Target target;
  target.url = database.url;
  target.application_name = "sluice studio";
  target.connect_timeout = std::chrono::seconds(5);
  server::Connection connection(target);
  server::protect(connection);
  return connection;
}

review::Options review_options(const Config& config, std::string_view text) {
  review::Options options;
  if (config.settings.review.server) options.version = *config.settings.review.server;
  options.supabase = config.settings.review.supabase.value_or(review::looks_like_supabase(text));
  for (const auto& [rule, reason] : config.settings.review.allow) options.allowed.push_back({rule, reason, false});
  return options;
}

// One file of what `review --json` answers.
Json review_of(review::Reviewer& reviewer, const std::string& name, const std::string& text) {
  std::vector<Reviewed> files(1);
  files[0].path = name;
  files[0].text = text;
  files[0].review = reviewer.review(name, files[0].text);
  return review_json(files, 0)["files"][0];
}

Json status(const Config& config, const studio::Database& database) {
  const history::Folder folder = history::Folder::open(config.out);
  server::Connection connection = connect(database);
  const apply::Ledger ledger = apply::read_ledger(connection, config.ledger);
  Json out = status_json(apply::compare(folder, ledger));
  out["describe"] = connection.describe();
  out["local"] = connection.is_local();
  out["name"] = connection.execute("SELECT pg_catalog.current_database()").text(0, 0);
  out["folder"] = Json::array();
  for (const Diagnostic& diagnostic : folder.check()) out["folder"].push_back(to_json(diagnostic));
  for (Json& item : out["migrations"]) {
    const history::Entry* entry = history::find_entry(folder.entries(), item["migration"].get<std::string>());
    item["down"] = entry && fs::exists(folder.path() / entry->down_name());
  }
  return out;
}

Json migration(const Config& config, const std::string& tag) {
  const history::Folder folder = history::Folder::open(config.out);
  std::vector<std::string> before;
  for (const history::Entry& entry : folder.entries()) {
    if (entry.tag != tag) {
      before.push_back(files::read_if_exists(folder.path() / entry.file_name()).value_or(""));
      continue;
    }
    const history::Migration found = folder.read(entry);
    const std::optional<std::string> down = folder.read_down(entry);
    review::Reviewer reviewer(review_options(config, found.sql));
    for (const std::string& text : before) reviewer.pass(text);
    Json out{{"tag", tag},
             {"file", fs::proximate(found.file).string()},
             {"sql", found.sql},
             {"down", down ? Json(*down) : Json(nullptr)},
             {"when", entry.when}};
    out["review"] = review_of(reviewer, found.file.string(), found.sql);
    return out;
  }
  throw Error("there is no migration " + tag + " in the folder (any more)");
}

Json preflight_of(const Config& config, const studio::Database& database) {
  const history::Folder folder = history::Folder::open(config.out);
  server::Connection connection = connect(database);
  apply::MigrateOptions options;
  options.execute.ledger = config.ledger;
  options.skip_deleted = connection.is_local();
  const std::vector<history::Migration> pending =
      apply::pending(folder, apply::compare(folder, apply::read_ledger(connection, config.ledger)), options);
  const Preflight found = preflight(connection, pending);
  Json out{
      {"pending", Json::array()}, {"obstacles", Json::array()}, {"asked", found.asked}, {"skipped", found.skipped}};
  for (const Obstacle& obstacle : found.obstacles)
    out["obstacles"].push_back({{"file", history::short_name(obstacle.file)},
                                {"line", obstacle.line},
                                {"statement", obstacle.statement},
                                {"message", to_diagnostic(obstacle).message},
                                {"rows", obstacle.rows},
                                {"query", obstacle.query}});
  // With the database's sizes: a lock on a small table is none.
  review::Options reviewed = review_options(config, "");
  reviewed.version = std::clamp(connection.version() / 10000, 13, 18);
  review::Reviewer reviewer(reviewed, live_catalog(connection));
  for (const history::Migration& migration : pending) {
    std::vector<Reviewed> files(1);
    files[0].path = migration.entry.file_name();
    files[0].text = migration.sql;
    files[0].review = reviewer.review(files[0].path, files[0].text);
    weigh(files[0].review, connection);
    Json review = review_json(files, reviewed.version)["files"][0];
    review["tag"] = migration.entry.tag;
    out["pending"].push_back(review);
  }
  return out;
}

std::function<void(const std::string&)> teller(studio::Events& events, const studio::Database& database,
                                               const char* state) {
  return [&events, id = database.id, state](const std::string& text) {
    events.push({{"type", "run"}, {"database", id}, {"state", state}, {"text", text}});
  };
}

studio::Json apply_up_to(const Config& config, const studio::Database& database, const std::string& to,
                         studio::Events& events) {
  studio::Json done = studio::Json::array();
  Told told;
  told.applying = teller(events, database, "applying");
  told.warning = teller(events, database, "waiting for");
  told.step = teller(events, database, "step");
  told.backfilling = teller(events, database, "backfilling");
  told.applied = [&](const std::string& tag, double milliseconds) {
    teller(events, database, "applied")(tag);
    done.push_back({{"migration", tag}, {"ms", milliseconds}});
  };
  Terminal quiet(true);
  try {
    apply_pending(at(config, database), to.empty() ? std::nullopt : std::optional(to), told, quiet);
  } catch (const Error& error) {
    return {{"applied", done}, {"error", studio::error_json(error)}};
  }
  return {{"applied", done}};
}

studio::Json roll_back(const Config& config, const studio::Database& database, const std::string& to,
                       studio::Events& events) {
  const history::Folder folder = history::Folder::open(config.out);
  require_folder(folder);
  Terminal quiet(true);
  Runner runner(at(config, database), "rollback", quiet);
  apply::RollbackOptions run;
  run.execute = runner.execute;
  run.run = runner.info;
  run.to = to;
  apply_run_options({.wait_seconds = 30, .lock_timeout = std::nullopt}, run.execute);
  run.execute.warning = teller(events, database, "waiting for");
  run.rolling_back = teller(events, database, "rolling back");
  run.look = [&](server::Connection& connection, const history::Migration& down) {
    refuse_obstacles_of_way_back(connection, down, quiet);
  };
  const std::vector<apply::Back> plan =
      apply::plan_rollback(folder, apply::read_ledger(runner.connection, config.ledger), run);
  studio::Json done = studio::Json::array();
  for (const apply::Applied& each : apply::rollback(runner.connection, folder, plan, run))
    done.push_back({{"migration", each.tag}, {"ms", each.milliseconds}});
  return {{"rolledBack", done}};
}

std::vector<std::string> texts(const studio::Json& answers, const char* name) {
  return answers.value(name, std::vector<std::string>());
}

// What is still to be said before a migration can be made: {"questions"} or {"backfills"}; empty if nothing.
Json questions_of(const Config& config, const GenerateOptions& options, const model::Schema& known,
                  const model::Schema& wanted) {
  diff::Answers answers{diff::parse_renames(options.questions.renames, known, wanted), options.questions.drops, {}};
  Json out;
  for (const diff::Question& question : cli::open_questions(known, wanted, options.questions, answers)) {
    const std::string kind(diff::name_of(question.kind));
    Json dropped = Json::array();
    for (const model::Key& key : question.dropped) dropped.push_back(model::display(key));
    out["questions"].push_back({{"kind", kind}, {"created", model::display(question.created)}, {"dropped", dropped}});
  }
  if (!out.empty()) return out;
  const plan::Options plan_options{.backfill = parse_backfills(options.questions.backfills),
                                   .deferrable_cycles = config.settings.deferrable_cycles};
  const diff::Changes changes = diff::compare(known, wanted, answers.renames);
  for (const model::Column& column : plan::make(known, wanted, changes, plan_options).missing_backfill)
    out["backfills"].push_back({{"column", model::display(column.key)}, {"type", column.type}});
  return out;
}

// Thrown through generate_from() to say that there is a question.
struct Open {
  Json questions;
};

studio::Json generate(const Config& config, const studio::Json& given, bool dry_run) {
  if (config.schema.empty()) throw Error("the configuration does not say where the schema is");
  GenerateOptions options;
  options.dry_run = dry_run;
  options.questions.renames = texts(given, "renames");
  options.questions.creations = texts(given, "creations");
  options.questions.backfills = texts(given, "backfills");
  if (const std::string name = given.value("name", ""); !name.empty()) options.name = name;
  options.compared = [&](const model::Schema& known, const model::Schema& wanted) {
    if (Json open = questions_of(config, options, known, wanted); !open.empty()) throw Open{open};
  };
  std::map<std::string, Json> drafts;
  options.drafted = [&](const std::string& tag, const model::Schema& before, const history::Addition& addition) {
    review::Reviewer reviewer(review_options(config, addition.up), ddl::from_schema(before, addition.up));
    drafts[tag] = {{"sql", addition.up}, {"down", addition.down}, {"review", review_of(reviewer, tag, addition.up)}};
  };
  Terminal quiet(true);
  try {
    const files::DirectoryLock lock(fs::current_path());
    Json answer = generate_from(config, options, quiet);
    if (answer.contains("migrations"))
      for (Json& each : answer["migrations"])
        if (const auto draft = drafts.find(each["migration"].get<std::string>()); draft != drafts.end())
          each.update(draft->second);
    return answer;
  } catch (const Open& open) {
    Json answer{{"status", "question"}};
    answer.update(open.questions);
    return answer;
  }
}

}  // namespace

studio::Migrations studio_migrations(const Config& config) {
  using studio::Database, studio::Events;
  return {
      [&](const Database& database) { return studio::Json(status(config, database)); },
      [&](const std::string& tag) { return studio::Json(migration(config, tag)); },
      [&](const Database& database) { return studio::Json(preflight_of(config, database)); },
      [&](const Database& database) {
        Terminal quiet(true);
        return studio::Json(drift_of(at(config, database), quiet));
      },
      [&](const Database& database, const std::string& to, Events& events) {
        return apply_up_to(config, database, to, events);
      },
      [&](const Database& database, const std::string& to, Events& events) {
        return roll_back(config, database, to, events);
      },
      [&](const studio::Json& answers) { return generate(config, answers, true); },
      [&](const studio::Json& answers) { return generate(config, answers, false); },
  };
}

}  // namespace sluice::cli
