// What will the migrations do to data and traffic?
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>

#include "apply/ledger.hpp"
#include "apply/status.hpp"
#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/command_list.hpp"
#include "cli/judgement.hpp"
#include "cli/review_database.hpp"
#include "cli/review_fix.hpp"
#include "cli/review_output.hpp"
#include "review/document.hpp"
#include "review/rules/table.hpp"
#include "server/user_session.hpp"

namespace sluice::cli {

namespace {

// A path as the git repository around us has it; as it is where there is none.
std::string in_repository(const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(path, error);
  for (fs::path at = whole.parent_path(); !error && !at.empty(); at = at.parent_path()) {
    if (fs::exists(at / ".git", error)) return whole.lexically_relative(at).generic_string();
    if (at == at.root_path()) break;
  }
  return path;
}

struct ReviewOptions {
  Overrides overrides;
  std::vector<std::string> files;
  std::optional<std::string> since, explain, database;
  std::string format = "text", fail_on;
  int version = 0;
  bool pending = false, notes = false, impact = false, rules = false, supabase = false, no_supabase = false;
  bool fix = false;
  FixRequest request;  // of --fix
};

std::string shown_path(const fs::path& path) {
  std::error_code error;
  fs::path relative = fs::proximate(path, error);
  return error || relative.string().starts_with("../../..") ? path.string() : relative.string();
}

// The .sql files of the folder that are new or changed since a revision.
std::set<fs::path> changed_since(const std::string& revision, const fs::path& folder) {
  process::Options options;
  options.directory = folder;
  auto git = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "git");
    process::Result result = process::run(arguments, options);
    if (result.exit_code != 0) {
      ErrorContext context;
      context.detail = std::string(text::trim(result.err));
      context.hint = "Give a revision that git knows here, for example --since origin/main.";
      throw Error("git cannot tell what has changed since '" + revision + "'", context);
    }
    return result.out;
  };
  std::set<fs::path> out;
  for (const std::string& list :
       {git({"diff", "--name-only", "--relative", "-z", "--diff-filter=d", revision, "--", "."}),
        git({"ls-files", "--others", "--exclude-standard", "-z", "--", "."})})
    for (const std::string& name : text::split(list, std::string(1, '\0')))
      if (!name.empty()) out.insert(fs::weakly_canonical(folder / name));
  return out;
}

bool is_down(const fs::path& path) { return path.string().ends_with(".down.sql"); }

// Files of the folder that are not what their checksums say. An edit of the newest may be meant, if it is applied
// nowhere; who has applied an older one does not get it.
std::map<fs::path, review::Level> edited_files(const history::Folder& folder) {
  std::map<fs::path, review::Level> out;
  for (const Diagnostic& diagnostic : folder.check())
    if (diagnostic.code == "edited") {
      const fs::path path = fs::weakly_canonical(diagnostic.at.file);
      const bool newest = path == fs::weakly_canonical(folder.path() / folder.entries().back().file_name());
      out[path] = newest ? review::Level::warning : review::Level::error;
    }
  return out;
}

void add_edited(review::FileReview& file, review::Level level) {
  if (file.statements.empty()) return;
  review::Finding finding;
  finding.rule = &review::edited_migration;
  finding.level = level;
  finding.message = "the file is not what was generated";
  finding.safe = finding.rule->safe;
  for (const review::Finding& other : file.findings)
    if (other.rule == finding.rule) return;
  file.findings.insert(file.findings.begin(), finding);
}

// The folder's migrations in their order, and the files that were named.
struct Work {
  std::vector<fs::path> before;                  // only folded
  std::vector<std::pair<fs::path, bool>> files;  // in order; true: reviewed
  bool complete = true;                          // what was there before all of them is known
  bool to_the_end = false;                       // the last of them is the last there is
  std::map<fs::path, review::Level> edited;
};

// The migrations that the database has not.
std::set<fs::path> pending_files(const Config& config, server::Connection& connection) {
  history::Folder folder = history::Folder::open(config.out);
  const apply::Status status = apply::compare(folder, apply::read_ledger(connection, config.ledger));
  std::set<fs::path> out;
  for (const apply::Item& item : status.items)
    if (status.is_pending(item)) out.insert(fs::weakly_canonical(folder.path() / item.entry.file_name()));
  return out;
}

Work collect(const ReviewOptions& options, const Config* config, const std::set<fs::path>& pending) {
  Work work;
  std::set<fs::path> wanted, known;
  std::vector<fs::path> named;  // in the order in which they were typed
  for (const std::string& file : options.files) {
    if (!fs::exists(file)) {
      ErrorContext context;
      context.at.file = file;
      context.hint = "Name .sql files, or no file at all for the whole migrations folder.";
      throw Error("there is no file " + file, context);
    }
    if (history::is_dated(file)) {
      const history::Folder folder = history::Folder::open(file);
      for (const history::Entry& entry : folder.entries())
        named.push_back(fs::weakly_canonical(folder.path() / entry.file_name()));
    } else if (fs::is_directory(file)) {
      for (const fs::path& each : files::glob(file, "*.sql"))
        if (!is_down(each)) named.push_back(fs::weakly_canonical(each));
    } else {
      named.push_back(fs::weakly_canonical(file));
    }
  }
  wanted.insert(named.begin(), named.end());
  wanted.insert(pending.begin(), pending.end());
  const bool all = options.files.empty() && !options.since && !options.pending;
  if (config) {
    history::Folder folder = history::Folder::open(config->out);
    if (options.since && folder.exists())
      for (const fs::path& path : changed_since(*options.since, folder.path()))
        if (path.extension() == ".sql" && !is_down(path)) wanted.insert(path);
    for (const history::Entry& entry : folder.entries()) {
      const fs::path path = fs::weakly_canonical(folder.path() / entry.file_name());
      known.insert(path);
      if (fs::exists(path)) work.files.emplace_back(path, all || wanted.contains(path));
    }
    work.edited = edited_files(folder);
    work.to_the_end = all;
    if (folder.entries().empty() && all)
      for (const fs::path& path : files::glob(folder.path(), "*.sql"))
        if (!is_down(path)) work.files.emplace_back(path, true);
  }
  work.complete = !work.files.empty();
  named.insert(named.end(), wanted.begin(), wanted.end());
  for (const fs::path& path : named)
    if (known.insert(path).second) work.files.emplace_back(path, true);
  // What stands after the last reviewed file does not matter.
  while (!work.files.empty() && !work.files.back().second) work.files.pop_back();
  return work;
}

Exit explain(const std::string& name, Terminal& terminal) {
  const review::Rule* rule = review::find_rule(name);
  if (!rule) {
    std::string nearest;
    size_t distance = 6;
    for (const review::Rule* each : review::rules())
      if (size_t d = text::edit_distance(name, each->name); d < distance) distance = d, nearest = each->name;
    ErrorContext context;
    context.hint = nearest.empty() ? "sluice review --rules lists them." : "Did you mean " + nearest + "?";
    throw Error("there is no rule '" + name + "'", context);
  }
  terminal.say(fmt::format("{} {} ({})\n\n{}\n\nInstead: {}", rule->code, terminal.bold(rule->name),
                           display(rule->level), rule->reason, rule->safe));
  if (terminal.json())
    terminal.answer({{"code", rule->code},
                     {"name", rule->name},
                     {"level", display(rule->level)},
                     {"reason", rule->reason},
                     {"safe", rule->safe}});
  return Exit::done;
}

Exit list_rules(Terminal& terminal) {
  Json list = Json::array();
  for (const review::Rule* rule : review::rules()) {
    terminal.say(fmt::format("{}  {:<30} {:<8} {}", rule->code, rule->name, display(rule->level), rule->reason));
    list.push_back({{"code", rule->code},
                    {"name", rule->name},
                    {"level", display(rule->level)},
                    {"reason", rule->reason},
                    {"safe", rule->safe}});
  }
  if (terminal.json()) terminal.answer({{"rules", list}});
  return Exit::done;
}

// Where files are named, a project around them is of help and not required.
std::optional<Config> find_config(const ReviewOptions& options) {
  if (options.files.empty() || options.overrides.config || options.overrides.out)
    return load_config(options.overrides, {Needs::folder});
  try {
    return load_config(options.overrides, {Needs::folder});
  } catch (const Error&) {
    return std::nullopt;
  }
}

void print_text(const std::vector<Reviewed>& files, const ReviewOptions& options, Terminal& terminal) {
  const Totals sums = totals(files);
  for (const Reviewed& file : files) {
    if (options.impact) terminal.say(terminal.bold(file.path) + "\n" + impact_text(file.review));
    for (const review::Finding& finding : file.review.findings)
      if (is_shown(finding, options.notes)) terminal.say(finding_text(file, finding, terminal));
  }
  if (sums.errors + sums.warnings == 0)
    terminal.success(sentence(sums, files.size()));
  else
    terminal.say(sentence(sums, files.size()));
  if (sums.notes && !options.notes)
    terminal.detail("  --notes shows the notes too, --impact what each statement locks");
}

Exit review(const ReviewOptions& given, Terminal& terminal) {
  if (given.rules) return list_rules(terminal);
  if (given.explain) return explain(*given.explain, terminal);
  std::optional<Config> config = find_config(given);
  ReviewOptions options = given;
  const ReviewSettings settings = config ? config->settings.review : ReviewSettings{};
  if (options.fail_on.empty()) options.fail_on = settings.fail_on.value_or("error");
  const review::Level fail_on =
      options.fail_on == "never" ? review::Level::error : review::parse_level(options.fail_on);
  options.notes = options.notes || options.fail_on == "note";
  if (!options.fix &&
      (options.request.write || options.request.ignore_database || !options.request.lock_timeout.empty()))
    throw Error("--write, --lock-timeout and --ignore-database belong to --fix",
                {.hint = "sluice review --fix --write"});
  // What is rewritten is the newest migration, unless files are named.
  if (options.fix && config && options.files.empty() && !options.since && !options.pending) {
    const history::Folder folder = history::Folder::open(config->out);
    if (!folder.entries().empty()) options.files = {(folder.path() / folder.entries().back().file_name()).string()};
  }
  std::optional<server::Connection> connection;
  if (options.database || options.pending) {
    server::Target target;
    target.application_name = "sluice review";
    target.url =
        options.database ? *options.database : load_config(options.overrides, {Needs::folder, Needs::database}).url;
    connection.emplace(target);
    server::protect(*connection);
    if (!options.version && !settings.server) options.version = std::clamp(connection->version() / 10000, 13, 18);
  }
  const Work work = collect(options, config ? &*config : nullptr,
                            options.pending && config ? pending_files(*config, *connection) : std::set<fs::path>{});

  std::vector<Reviewed> files;
  std::vector<std::string> texts;
  texts.reserve(work.files.size());
  for (const auto& [path, reviewed] : work.files) texts.push_back(files::read(path));
  review::Options judging =
      review_options(config ? *config : Config{.out = fs::current_path()}, {texts.begin(), texts.end()});
  if (options.version) judging.version = options.version;
  if (connection) judging.server = connection->version();
  if (options.supabase || options.no_supabase) judging.supabase = options.supabase;
  ddl::Catalog catalog;
  catalog.complete = work.complete;
  review::Reviewer reviewer(judging, catalog);
  files.reserve(work.files.size());
  ddl::Catalog before;  // of the last file
  for (size_t i = 0; i < work.files.size(); i++) {
    if (!work.files[i].second) {
      reviewer.pass(texts[i]);
      continue;
    }
    if (options.fix) before = reviewer.catalog();
    Reviewed& file = files.emplace_back();
    file.path = shown_path(work.files[i].first);
    file.text = std::move(texts[i]);
    file.review = reviewer.review(file.path, file.text, work.to_the_end && i + 1 == work.files.size());
    if (auto edited = work.edited.find(work.files[i].first); edited != work.edited.end())
      add_edited(file.review, edited->second);
    if (connection) weigh(file.review, *connection);
  }

  for (const review::Allowance& unused : reviewer.unused())
    if (given.files.empty() && !given.since && !given.pending)
      terminal.warning("sluice.toml allows " + unused.rule + ", and nothing of it was found");
  if (options.fix && files.empty()) throw Error("there is no migration to rewrite", {.hint = "Name its file."});
  if (options.fix) {
    const Json fixed = fix_migration(config ? &*config : nullptr, options.overrides, work.files.back().first,
                                     files.back().text, files.back().review, before, options.request, terminal);
    if (terminal.json()) terminal.answer(fixed);
    return Exit::done;
  }
  // Where those are read, nobody knows in which directory of the repository this has run.
  if (options.format == "sarif" || options.format == "gitlab" || options.format == "github")
    for (Reviewed& file : files) file.path = in_repository(file.path);
  if (terminal.json() || options.format == "json")
    std::cout << review_json(files, judging.version).dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
  else if (options.format == "sarif")
    std::cout << sarif(files).dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
  else if (options.format == "gitlab")
    std::cout << gitlab(files).dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
  else if (options.format == "github")
    std::cout << github(files, options.notes);
  else if (options.format == "markdown")
    std::cout << markdown(files, options.notes);
  else
    print_text(files, options, terminal);
  std::cout.flush();
  if (options.fail_on == "never") return Exit::done;
  const Totals sums = totals(files);
  const bool fails = sums.errors || (fail_on <= review::Level::warning && sums.warnings) ||
                     (fail_on == review::Level::note && sums.notes);
  return fails ? Exit::findings : Exit::done;
}

}  // namespace

void add_review(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ReviewOptions>();
  CLI::App* command = add_command(app, chosen, "review",
                                  "Say what migrations will do to data and traffic: locks, rewrites, losses, failures",
                                  "  sluice review                          # the whole folder\n"
                                  "  sluice review drizzle/0007_add_totals.sql\n"
                                  "  sluice review --since origin/main --format github\n"
                                  "  sluice review --impact --server 17\n"
                                  "  sluice review --pending --database \"$STAGING_URL\"\n"
                                  "  sluice review --explain foreign-key-blocks-writes\n"
                                  "  sluice review --fix                    # and --write, when it is what you want");
  add_location_options(command, options->overrides, true);
  add_dialect_option(command, options->overrides);
  command->add_option("files", options->files, "migration files or folders (default: the whole migrations folder)");
  command->add_option("--since", options->since, "only migrations that are new or changed since this git revision");
  command->add_flag("--pending", options->pending, "only migrations that the database has not");
  command->add_option("--database", options->database,
                      "a database: sizes make findings heavy or light, and rows that a statement fears are counted");
  command->add_option("--format", options->format, "text, json, sarif, github, gitlab or markdown")
      ->check(CLI::IsMember({"text", "json", "sarif", "github", "gitlab", "markdown"}));
  command
      ->add_option("--fail-on", options->fail_on,
                   "exit with 2 from this level on: error (default), warning, note or never")
      ->check(CLI::IsMember({"error", "warning", "note", "never"}));
  command->add_option("--server", options->version, "PostgreSQL's major version, 13 to 18 (default 15)")
      ->check(CLI::Range(13, 18));
  command->add_flag("--fix", options->fix, "show the newest migration (or the file) in its safe form, as a difference");
  command->add_flag("--write", options->request.write,
                    "with --fix: write it, with its way back, snapshots, journal and checksums");
  command->add_option("--lock-timeout", options->request.lock_timeout,
                      "with --fix: begin with SET LOCAL lock_timeout, for runners that set none (sluice migrate does)");
  command->add_flag("--ignore-database", options->request.ignore_database,
                    "with --write: no database is asked whether the migration is applied");
  command->add_flag("--notes", options->notes, "show notes too (json, sarif and gitlab always have them)");
  command->add_flag("--impact", options->impact, "show what each statement locks, reads and rewrites");
  command->add_flag("--supabase", options->supabase, "Supabase's rules too (default: where the project looks like it)");
  command->add_flag("--no-supabase", options->no_supabase, "without Supabase's rules");
  command->add_flag("--rules", options->rules, "list the rules");
  command->add_option("--explain", options->explain, "explain a rule");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return review(*options, terminal); }; });
}

}  // namespace sluice::cli
