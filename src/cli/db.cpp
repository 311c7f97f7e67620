// The developer's own PostgreSQL server: start, stop, status, url, psql.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/process.hpp"
#include "cli/db.hpp"

namespace sluice::cli {

server::LocalOptions local_options(const DatabaseOptions& options) {
  server::LocalOptions local;
  local.project = fs::current_path();
  local.port = options.port.value_or(local.port);
  if (options.data) local.data = fs::absolute(*options.data);
  local.major = options.version;
  return local;
}

Overrides with_local_server(const DatabaseOptions& options) {
  Overrides overrides = options.overrides;
  if (!overrides.url && (options.port || options.data))
    overrides.url = server::local_status(local_options(options)).url;
  return overrides;
}

void add_server_options(CLI::App* command, DatabaseOptions& options) {
  command->add_option("--port", options.port, "port of the local server (default 54322)")->check(CLI::Range(1, 65535));
  command->add_option("--data", options.data, "directory of the local server's data");
}

namespace {

Json to_json(const server::LocalStatus& status) {
  return {{"running", status.running},    {"url", status.url},         {"version", status.version}, {"pid", status.pid},
          {"data", status.data.string()}, {"log", status.log.string()}};
}

Exit db_start(const DatabaseOptions& options, Terminal& terminal) {
  server::LocalOptions local = local_options(options);
  server::LocalStatus before = server::local_status(local);
  if (!before.running) terminal.say(before.exists ? "Starting PostgreSQL …" : "Making a new PostgreSQL server …");
  server::LocalStatus status = server::local_start(local);
  const bool was_running = before.running && before.pid == status.pid;
  terminal.success(fmt::format("PostgreSQL {} {}: {}", status.version,
                               was_running ? "is running already" : "is running", status.url));
  terminal.detail("  data " + status.data.string());
  if (terminal.json()) terminal.answer(to_json(status));
  return Exit::done;
}

Exit db_stop(const DatabaseOptions& options, Terminal& terminal) {
  const server::LocalOptions local = local_options(options);
  bool stopped = server::local_stop(local);
  if (stopped)
    terminal.success(fmt::format("PostgreSQL stopped (port {})", local.port));
  else
    terminal.say("PostgreSQL is not running");
  if (terminal.json()) terminal.answer({{"stopped", stopped}});
  return Exit::done;
}

Exit db_status(const DatabaseOptions& options, Terminal& terminal) {
  server::LocalStatus status = server::local_status(local_options(options));
  if (status.running) {
    terminal.success(fmt::format("PostgreSQL {} is running: {}", status.version, status.url));
    terminal.detail("  data " + status.data.string());
    terminal.detail("  log  " + status.log.string());
  } else {
    terminal.say(status.exists ? "PostgreSQL is stopped (start it with 'sluice db start')"
                               : "There is no local server yet (make one with 'sluice db start')");
  }
  if (terminal.json()) terminal.answer(to_json(status));
  return Exit::done;
}

Exit db_url(const DatabaseOptions& options, Terminal& terminal) {
  std::string url = server::local_status(local_options(options)).url;
  if (terminal.json())
    terminal.answer({{"url", url}});
  else
    terminal.say(url);
  return Exit::done;
}

Exit db_psql(const DatabaseOptions& options, Terminal&) {
  Overrides overrides = with_local_server(options);
  std::string url = overrides.url ? *overrides.url : load_config(overrides, {Needs::database}).url;
  if (!process::find_program("psql")) {
    ErrorContext context;
    context.hint = "Install PostgreSQL's client, for example: apt-get install postgresql-client.";
    throw Error("psql was not found in PATH", context);
  }
  // The password goes by the environment: arguments stand in the process list for everybody to read.
  server::PsqlTarget target = server::for_psql(url);
  if (!target.password.empty()) setenv("PGPASSWORD", target.password.c_str(), 1);
  std::vector<std::string> arguments{"psql", "--dbname=" + target.text};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  execvp("psql", argv.data());
  throw Error(std::string("cannot start psql: ") + std::strerror(errno));
}

}  // namespace

void add_db(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DatabaseOptions>();
  CLI::App* db = app.add_subcommand("db", "A local PostgreSQL server without Docker; copies, snapshots and backups");
  db->require_subcommand(1);
  auto add = [&](const std::string& name, const std::string& help, Exit (*run)(const DatabaseOptions&, Terminal&),
                 bool server) {
    CLI::App* command = add_command(*db, chosen, name, help, "");
    if (!server) add_location_options(command, options->overrides, true);
    add_server_options(command, *options);
    command->callback([&chosen, options, run] {
      chosen.run = [options, run](Terminal& terminal) { return run(*options, terminal); };
    });
    return command;
  };
  add("start", "Start it (and make it, the first time)", db_start, true)
      ->add_option("--pg", options->version, "PostgreSQL version, when several are installed");
  add("stop", "Stop it", db_stop, true);
  add("status", "Show whether it runs", db_status, true);
  add("url", "Print its URL", db_url, true);
  add("psql", "Open psql on the project's database", db_psql, false)
      ->add_option("arguments", options->arguments, "arguments for psql, after --");
  add_db_backup(*db, chosen);
  add_db_reset(*db, chosen);
  add_db_fork(*db, chosen);
  add_db_snapshot(*db, chosen);
}

}  // namespace sluice::cli
