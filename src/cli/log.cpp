// Who ran what, when, and how it went.
#include <fmt/format.h>

#include "apply/runs.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "server/user_session.hpp"

namespace sluice::cli {

namespace {

struct LogOptions {
  Overrides overrides;
  size_t limit = 20;
  std::optional<std::string> migration;
};

Json to_json(const apply::Run& run) {
  auto given = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  return {{"runId", run.run_id},
          {"command", run.command},
          {"outcome", run.outcome},
          {"startedAt", run.started_at},
          {"durationMs", run.duration_ms ? Json(*run.duration_ms) : Json(nullptr)},
          {"role", run.role},
          {"osUser", given(run.os_user)},
          {"host", given(run.host)},
          {"version", run.version},
          {"gitRevision", given(run.git_revision)},
          {"migrations", run.migrations},
          {"statements", run.statements},
          {"retries", run.retries},
          {"lockWaitMs", run.lock_wait_ms},
          {"error", given(run.error)},
          {"sqlstate", given(run.sqlstate)},
          {"failedAt", given(run.failed_at)}};
}

void print(const apply::Run& run, Terminal& terminal) {
  const char* color = run.outcome == "done" ? "32" : run.outcome == "running" ? "33" : "31";
  std::string line = fmt::format("{}  {:<8}  {:<11}", run.started_at, run.command, run.outcome);
  line = text::replace_all(line, run.outcome, terminal.colored(run.outcome, color));
  line += "  " + (run.os_user.empty() ? run.role : run.os_user + " as " + run.role);
  if (!run.host.empty()) line += " on " + run.host;
  line += ", sluice " + run.version;
  if (!run.git_revision.empty()) line += ", git " + run.git_revision;
  terminal.say(line);
  if (!run.migrations.empty()) terminal.say("    " + text::join(run.migrations, ", "));
  std::string numbers = text::counted(size_t(run.statements), "statement");
  if (run.duration_ms) numbers += " in " + text::duration(*run.duration_ms);
  if (run.lock_wait_ms > 0) numbers += ", waited for locks " + text::duration(run.lock_wait_ms);
  if (run.retries > 0) numbers += ", " + text::counted(size_t(run.retries), "more attempt");
  terminal.detail("    " + numbers);
  if (!run.error.empty())
    terminal.say("    " + (run.failed_at.empty() ? "" : run.failed_at + ": ") + run.error +
                 (run.sqlstate.empty() ? "" : " [SQLSTATE " + run.sqlstate + "]"));
}

Exit log(const LogOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::database});
  server::Connection connection({config.url, "sluice log"});
  server::protect(connection);
  std::vector<apply::Run> runs = apply::read_runs(connection, options.limit, options.migration);
  Json list = Json::array();
  for (const apply::Run& run : runs) {
    print(run, terminal);
    list.push_back(to_json(run));
  }
  if (runs.empty()) terminal.say("No runs are recorded in " + connection.describe());
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"runs", list}});
  return Exit::done;
}

}  // namespace

void add_log(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<LogOptions>();
  CLI::App* command = add_command(app, chosen, "log", "Show the last runs: who, when, what, how long, how it ended",
                                  "  sluice log\n  sluice log --migration 0003_add_duration_to_sessions --json");
  add_location_options(command, options->overrides, true);
  command->add_option("--limit", options->limit, "how many (default 20)")->check(CLI::PositiveNumber);
  command->add_option("--migration", options->migration, "only runs that applied or took back this one");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return log(*options, terminal); }; });
}

}  // namespace sluice::cli
