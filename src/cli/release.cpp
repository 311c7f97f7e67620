#include "cli/release.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "apply/status.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/expansions.hpp"
#include "cli/judgement.hpp"
#include "cli/migration_text.hpp"
#include "cli/project_seed.hpp"
#include "cli/written.hpp"
#include "diff/diff.hpp"
#include "history/git.hpp"
#include "plan/plan.hpp"
#include "review/rule.hpp"
#include "server/connection.hpp"
#include "server/user_session.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

enum class Answer { yes, no, person };

struct Line {
  const char* list;
  const char* question;
  Answer answer;
  std::string reason;
  std::string next;  // what to do about a no, or what the person does
};

// What the checklist is about.
struct Release {
  std::vector<history::Entry> migrations;
  std::string how;                        // "new since main"
  std::vector<review::FileReview> files;  // of the migrations, then of what is not generated yet
  std::vector<std::string> texts;         // of the files
  bool not_generated = false;             // the schema has changes that no migration has
  std::string schema_problem;             // why the schema cannot be read
  std::vector<Diagnostic> folder_problems;

  std::string names() const {
    std::vector<std::string> tags;
    for (const history::Entry& entry : migrations) tags.push_back(entry.tag);
    return text::join(tags, ", ");
  }
};

std::optional<std::string> named_url(const Config& config, const std::string& name) {
  for (const NamedDatabase& database : config.settings.databases) {
    if (database.name != name) continue;
    std::string url = database.url;
    for (size_t at = url.find("${"); at != std::string::npos; at = url.find("${", at)) {
      const size_t end = url.find('}', at);
      if (end == std::string::npos) break;
      auto found = config.environment.find(url.substr(at + 2, end - at - 2));
      url.replace(at, end - at + 1, found == config.environment.end() ? "" : found->second);
    }
    if (!text::trim(url).empty()) return url;
  }
  return std::nullopt;
}

// What a database has of the release.
struct Applied {
  bool reached = false, local = false;
  std::string name, problem;
  std::vector<std::string> missing, edited;
  std::string last;  // when the last of them was applied
};

Applied ask(const std::string& url, const history::Folder& folder, const Config& config, const Release& release) {
  Applied out;
  try {
    server::Target target;
    target.url = url;
    target.application_name = "sluice check";
    target.connect_timeout = std::chrono::seconds(3);
    server::Connection connection(target);
    server::protect(connection);
    out.reached = true;
    out.local = connection.is_local();
    out.name = connection.describe();
    const apply::Status status = apply::compare(folder, apply::read_ledger(connection, config.ledger));
    for (const apply::Item& item : status.items) {
      const bool ours = std::any_of(release.migrations.begin(), release.migrations.end(),
                                    [&](const history::Entry& entry) { return entry.tag == item.entry.tag; });
      if (!ours) continue;
      if (status.is_pending(item)) out.missing.push_back(item.entry.tag);
      if (item.state == apply::State::edited) out.edited.push_back(item.entry.tag);
      if (item.row && item.row->applied_at) out.last = std::max(out.last, *item.row->applied_at);
    }
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted) throw;
    out.problem = error.what();
  }
  return out;
}

// The migrations of the release, and how they were told apart.
void choose(Release& release, const ReleaseOptions& options, const Config& config, const history::Folder& folder) {
  const std::vector<history::Entry>& entries = folder.entries();
  auto since = [&](const history::Git& git, const std::string& revision) {
    std::vector<history::Entry> out;
    for (const history::Entry& entry : entries) {
      std::optional<std::string> text = files::read_if_exists(folder.path() / entry.file_name());
      if (text && git.show(revision, entry.file_name()).value_or("") != text::trim(*text) &&
          git.show(revision, entry.file_name()) != text)
        out.push_back(entry);
    }
    return out;
  };
  const std::optional<history::Git> git = folder.exists() ? history::Git::find(folder.path()) : std::nullopt;
  if (options.since) {
    if (!git || !git->commit(*options.since))
      throw Error("git knows no revision '" + *options.since + "' here",
                  {.hint = "Give one that it knows, for example --since origin/main."});
    release.migrations = since(*git, *options.since);
    release.how = "new since " + *options.since;
    return;
  }
  if (std::optional<std::string> url = named_url(config, "production")) {
    Release all;
    all.migrations = entries;
    const Applied production = ask(*url, folder, config, all);
    if (production.reached) {
      for (const history::Entry& entry : entries)
        if (std::find(production.missing.begin(), production.missing.end(), entry.tag) != production.missing.end())
          release.migrations.push_back(entry);
      release.how = "not applied in production yet";
      return;
    }
  }
  if (git) {
    for (const char* main : {"origin/main", "origin/master", "main", "master"}) {
      if (!git->commit(main) || !git->commit("HEAD")) continue;
      if (std::optional<std::string> base = git->merge_base("HEAD", main)) {
        release.migrations = since(*git, *base);
        release.how = std::string("new since ") + main;
        if (!release.migrations.empty()) return;
      }
      break;
    }
  }
  if (!entries.empty()) release.migrations = {entries.back()};
  release.how = "the newest";
}

// Reviews them, and what the schema has beyond them.
void judge(Release& release, const Config& config, const history::Folder& folder, Terminal& terminal) {
  std::string not_generated;
  try {
    const Written written = read_written(config, false, nullptr, terminal);
    std::optional<model::Snapshot> last = folder.last_snapshot();
    bool adopted = false;
    const model::Schema known =
        known_in_words_of(written, last ? last->schema : model::Schema{}, folder, config, terminal, adopted);
    const model::Schema wanted = with_open_expansions(written.schema, known, folder);
    const diff::Changes changes = diff::compare(known, wanted, {});
    release.not_generated = !changes.empty();
    for (const plan::Statement& statement : plan::make(known, wanted, changes).statements)
      not_generated += std::string(text::trim(statement.sql)) + "\n";
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted) throw;
    release.schema_problem = error.what();
  }
  std::vector<std::string> all;
  std::vector<bool> ours;
  for (const history::Entry& entry : folder.entries()) {
    all.push_back(files::read_if_exists(folder.path() / entry.file_name()).value_or(""));
    ours.push_back(std::any_of(release.migrations.begin(), release.migrations.end(),
                               [&](const history::Entry& each) { return each.tag == entry.tag; }));
  }
  review::Options options = review_options(config, {all.begin(), all.end()});
  review::Reviewer reviewer(options);
  release.texts.reserve(all.size() + 1);
  for (size_t i = 0; i < all.size(); i++) {
    if (!ours[i]) {
      reviewer.pass(all[i]);
      continue;
    }
    release.texts.push_back(std::move(all[i]));
    release.files.push_back(reviewer.review(folder.entries()[i].file_name(), release.texts.back()));
  }
  if (!release.not_generated) return;
  release.texts.push_back(not_generated);
  release.files.push_back(reviewer.review("not generated yet", release.texts.back()));
}

// Answers by what review found of some rules.
Line by_rules(const Release& release, const char* list, const char* question,
              const std::vector<std::string_view>& rules, const std::string& good) {
  std::vector<std::string> found, allowed;
  std::string safe;
  for (const review::FileReview& file : release.files)
    for (const review::Finding& finding : file.findings) {
      const std::string_view name = finding.rule->name;
      if (finding.level == review::Level::note || std::find(rules.begin(), rules.end(), name) == rules.end()) continue;
      const std::string where =
          file.name +
          (release.not_generated && &file == &release.files.back() ? ": " : ":" + std::to_string(finding.line) + ": ");
      if (finding.allowed) {
        allowed.push_back(where + finding.message + " (allowed: " + *finding.allowed + ")");
        continue;
      }
      found.push_back(where + finding.message);
      if (safe.empty()) safe = finding.safe;
    }
  if (!found.empty()) return {list, question, Answer::no, text::join(found, "\n"), safe};
  if (!allowed.empty()) return {list, question, Answer::yes, text::join(allowed, "\n"), ""};
  return {list, question, Answer::yes, good, ""};
}

const std::vector<std::string_view> breaking = {"drop-column",
                                                "drop-table",
                                                "drop-schema",
                                                "rename-column",
                                                "rename-table",
                                                "rename-schema",
                                                "view-dropped",
                                                "function-dropped",
                                                "not-null-breaks-old-code",
                                                "old-code-cannot-insert",
                                                "enum-value-renamed",
                                                "required-column-without-value"};
const std::vector<std::string_view> losing = {
    "drop-column",   "drop-table",        "truncate",           "delete-rows",   "drop-schema",
    "drop-database", "lossy-type-change", "cascade-takes-more", "drop-sequence", "drop-extension"};

Line reviewed(const Release& release) {
  constexpr const char *list = "Before committing", *question = "Migration file reviewed";
  size_t errors = 0, warnings = 0;
  for (const review::FileReview& file : release.files) {
    errors += file.count(review::Level::error);
    warnings += file.count(review::Level::warning);
  }
  for (const Diagnostic& problem : release.folder_problems)
    if (problem.severity == Severity::error)
      return {list, question, Answer::no, "the folder is not in order: " + problem.message, "sluice check"};
  if (!release.schema_problem.empty())
    return {list, question, Answer::no, "the schema cannot be read: " + release.schema_problem, ""};
  if (release.not_generated)
    return {list, question, Answer::no, "the schema has changes that no migration has", "sluice generate"};
  if (errors)
    return {list, question, Answer::no,
            fmt::format("review finds {}, {}", text::counted(errors, "error"), text::counted(warnings, "warning")),
            "sluice review; what is meant is allowed with a reason: -- sluice:allow RULE REASON"};
  if (release.migrations.empty()) return {list, question, Answer::yes, "there is no new migration", ""};
  return {list, question, Answer::person, "review finds no errors, " + text::counted(warnings, "warning"),
          "read " + release.names() + ": is it what was meant?"};
}

Line applied_locally(const Release& release, const history::Folder& folder, const ReleaseOptions& options) {
  constexpr const char *list = "Before committing", *question = "Applied and tested locally";
  if (release.migrations.empty()) return {list, question, Answer::yes, "there is no new migration", ""};
  Config config;
  try {
    config = load_config(options.overrides, {Needs::folder, Needs::database});
  } catch (const Error& error) {
    if (options.overrides.url) throw;
    return {list, question, Answer::no, "there is no local database", "sluice db start, then sluice migrate"};
  }
  const Applied applied = ask(config.url, folder, config, release);
  if (!applied.reached) return {list, question, Answer::no, applied.problem, "start the database, then sluice migrate"};
  if (!applied.local)
    return {list, question, Answer::person, "the configured database is not of this machine: " + applied.name,
            "apply it to a database of yours and try it"};
  if (!applied.missing.empty())
    return {list, question, Answer::no, text::join(applied.missing, ", ") + " is not applied to " + applied.name,
            "sluice migrate"};
  if (!applied.edited.empty())
    return {list, question, Answer::no,
            text::join(applied.edited, ", ") + " was edited after it was applied to " + applied.name,
            "sluice db reset, and try it again"};
  return {list, question, Answer::yes, "applied to " + applied.name + (applied.last.empty() ? "" : ", " + applied.last),
          ""};
}

Line seeded(const Config& config) {
  constexpr const char *list = "Before committing", *question = "Seed data works with changes";
  try {
    const ProjectSeed seed = project_seed(config);
    if (seed.empty()) return {list, question, Answer::yes, "the project has no seed", ""};
    return {list, question, Answer::person, "the seed is " + seed.describe(), "sluice db reset migrates and runs it"};
  } catch (const Error& error) {
    return {list, question, Answer::no, error.what(), ""};
  }
}

Line on_staging(const Release& release, const history::Folder& folder, const Config& config) {
  constexpr const char *list = "Before deploying", *question = "Migration tested on staging";
  if (release.migrations.empty()) return {list, question, Answer::yes, "there is no new migration", ""};
  const std::optional<std::string> url = named_url(config, "staging");
  if (!url)
    return {list, question, Answer::person, "sluice.toml names no [databases.staging] to ask",
            "apply it to staging and run the tests there"};
  const Applied applied = ask(*url, folder, config, release);
  if (!applied.reached)
    return {list, question, Answer::person, "staging does not answer: " + applied.problem, "ask there"};
  if (!applied.missing.empty())
    return {list, question, Answer::no, text::join(applied.missing, ", ") + " is not applied to staging",
            "sluice migrate --url \"$STAGING_URL\""};
  return {list, question, Answer::yes, "applied to staging" + (applied.last.empty() ? "" : ", " + applied.last), ""};
}

Line way_back(const Release& release, const history::Folder& folder) {
  constexpr const char *list = "Before deploying", *question = "Rollback plan documented";
  std::vector<std::string> without, with;
  std::string missing;  // the first file that is not there
  for (const history::Entry& entry : release.migrations) {
    const std::optional<std::string> down = folder.read_down(entry);
    if (down && !text::trim(*down).empty()) {
      with.push_back(entry.down_name());
      continue;
    }
    if (without.empty()) missing = entry.down_name();
    without.push_back(entry.tag);
  }
  if (!without.empty())
    return {list, question, Answer::no, "no way back: " + text::join(without, ", "),
            "write the statements that undo it into " + missing};
  if (with.empty()) return {list, question, Answer::yes, "there is no new migration", ""};
  bool loses = false;
  for (const review::FileReview& file : release.files)
    for (const review::Judged& judged : file.statements) loses = loses || !judged.impact.losses.empty();
  return {list, question, Answer::yes,
          text::join(with, ", ") + (loses ? "; what it drops is kept by sluice migrate and comes back with it" : ""),
          ""};
}

void print(const Release& release, const std::vector<Line>& lines, Terminal& terminal) {
  terminal.say("Release: " + (release.migrations.empty() ? "no migration" : release.names()) + " (" + release.how +
               ")" + (release.not_generated ? ", and changes of the schema that are not generated yet" : ""));
  std::string list;
  for (const Line& line : lines) {
    if (list != line.list) terminal.say("\n" + terminal.bold(line.list));
    list = line.list;
    const auto [mark, color] = line.answer == Answer::yes  ? std::pair{"✔", "32"}
                               : line.answer == Answer::no ? std::pair{"✘", "31;1"}
                                                           : std::pair{"?", "33"};
    terminal.say(std::string("  ") + terminal.colored(mark, color) + " " + line.question);
    terminal.detail("      " + text::replace_all(line.reason, "\n", "\n      "));
    if (!line.next.empty())
      terminal.say(std::string("      ") + (line.answer == Answer::person ? "only a person can say: " : "instead: ") +
                   line.next);
  }
}

}  // namespace

Exit check_release(const ReleaseOptions& options, Terminal& terminal) {
  const Config config = load_config(options.overrides, {Needs::folder});
  const history::Folder folder = history::Folder::open(config.out);
  Release release;
  release.folder_problems = folder.check();
  choose(release, options, config, folder);
  judge(release, config, folder, terminal);

  constexpr const char *generating = "Before generating", *committing = "Before committing",
                       *deploying = "Before deploying";
  std::vector<Line> lines;
  lines.push_back(by_rules(release, generating, "Schema changes are backwards compatible", breaking,
                           "nothing is taken away from code that still runs"));
  lines.push_back(by_rules(release, generating, "New NOT NULL columns have defaults",
                           {"required-column-without-value", "old-code-cannot-insert"},
                           "every one that is added to an existing table has"));
  lines.push_back(
      by_rules(release, generating, "No data loss from column removals", losing, "no statement loses data"));
  lines.push_back(by_rules(release, generating, "Indexes added for new foreign keys", {"foreign-key-without-index"},
                           "every new foreign key has one"));
  lines.push_back(reviewed(release));
  lines.push_back(applied_locally(release, folder, options));
  lines.push_back(seeded(config));
  lines.push_back({committing, "Tests pass", Answer::person, "no test is known here", "run them, or look at CI"});
  lines.push_back(on_staging(release, folder, config));
  lines.push_back(by_rules(release, deploying, "No breaking changes for current code", breaking,
                           "nothing is taken away from code that still runs"));
  lines.push_back(way_back(release, folder));

  Json list = Json::array();
  size_t no = 0, person = 0;
  for (const Line& line : lines) {
    no += line.answer == Answer::no;
    person += line.answer == Answer::person;
    list.push_back({{"list", line.list},
                    {"question", line.question},
                    {"answer", line.answer == Answer::yes  ? "yes"
                               : line.answer == Answer::no ? "no"
                                                           : "person"},
                    {"reason", line.reason},
                    {"next", line.next}});
  }
  print(release, lines, terminal);
  terminal.say(fmt::format("\n{} of {} answered with yes, {} with no, {} for a person", lines.size() - no - person,
                           lines.size(), no, person));
  if (terminal.json()) {
    Json tags = Json::array();
    for (const history::Entry& entry : release.migrations) tags.push_back(entry.tag);
    terminal.answer({{"status", no ? "findings" : "ok"}, {"release", tags}, {"how", release.how}, {"lines", list}});
  }
  return no ? Exit::findings : Exit::done;
}

}  // namespace sluice::cli
