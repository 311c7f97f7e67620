// A page for the database and the migrations, served on this machine.
#include <fmt/format.h>

#include <thread>

#include "base/interrupt.hpp"
#include "base/process.hpp"
#include "cli/command_line.hpp"
#include "cli/command_list.hpp"
#include "cli/live.hpp"
#include "cli/studio_migrations.hpp"
#include "cli/watch_files.hpp"

namespace sluice::cli {

namespace {

constexpr int usual_port = 4983;  // drizzle-kit's

struct StudioOptions {
  Overrides overrides;
  std::optional<int> port;
  std::optional<std::string> host;  // of drizzle-kit
  bool no_open = false, read_only = false, verbose = false;
  int timeout_seconds = 30;
};

// The configuration's database first, then those of sluice.toml.
std::vector<studio::Database> databases_of(const Config& config) {
  std::vector<studio::Database> out;
  out.push_back({"default", config.url_source == "--url" ? "--url" : "development", config.url, false});
  for (const NamedDatabase& named : config.settings.databases) {
    const std::string url = url_of(config, named);
    if (url.empty()) continue;
    if (server::same_database(config.url, url)) {
      out.front().label = named.name;
      out.front().is_protected = out.front().is_protected || named.is_protected;
    } else {
      out.push_back({named.name, named.name, url, named.is_protected});
    }
  }
  return out;
}

// The port that was asked for, or the usual one, or the next that is free.
std::unique_ptr<studio::HttpServer> listen(const std::optional<int>& port) {
  if (port) return std::make_unique<studio::HttpServer>(*port);
  for (int next = usual_port; next < usual_port + 10; next++) {
    try {
      return std::make_unique<studio::HttpServer>(next);
    } catch (const Error&) {  // another studio
    }
  }
  return std::make_unique<studio::HttpServer>(0);
}

// In the background, and without a word if there is no browser: the address is printed anyway.
void open_browser(const std::string& address) {
  for (const char* name : {"xdg-open", "wslview", "open"}) {
    if (!process::find_program(name)) continue;
    try {
      process::run({"/bin/sh", "-c", "\"$0\" \"$1\" >/dev/null 2>&1 &", name, address});
    } catch (const Error&) {
    }
    return;
  }
}

// The migrations are watched as well: 'sluice generate' in a terminal makes one, and writes several files for it.
std::set<fs::path> directories_to_watch(const Config& config) {
  std::set<fs::path> out = source_directories(config);
  out.insert({config.out.parent_path(), config.out});
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(config.out, error))
    if (entry.is_directory(error)) out.insert(entry.path());
  return out;
}

// Tells the pages when a schema file or a migration is saved.
void watch(const Config& config, studio::Events& events) {
  try {
    FileWatch files;
    files.add(directories_to_watch(config));
    while (files.wait()) {
      files.add(directories_to_watch(config));
      events.push({{"type", "saved"}});
    }
  } catch (const Error& error) {
    events.push({{"type", "unwatched"}, {"text", error.what()}});
  }
}

Exit run_studio(const StudioOptions& options, Terminal& terminal) {
  if (options.host && *options.host != "127.0.0.1" && *options.host != "localhost") {
    ErrorContext context;
    context.exit = Exit::refused;
    context.hint = "For a studio elsewhere, forward its port: ssh -L 4983:127.0.0.1:4983 HOST";
    throw Error("the studio listens on this machine only, not on --host " + *options.host, context);
  }
  const Config config = load_config(options.overrides, {Needs::database});
  const std::unique_ptr<studio::HttpServer> server = listen(options.port);
  studio::Studio studio(*server, databases_of(config), options.read_only, options.timeout_seconds,
                        {config.directory.string(), fs::proximate(config.out).string()}, studio_migrations(config));
  terminal.success("Sluice Studio: " + studio.address());
  terminal.detail("  Only this machine can reach it. Ctrl-C ends it.");
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"url", studio.address()}, {"port", server->port()}});
  if (!options.no_open && terminal.interactive()) open_browser(studio.address());
  std::thread watcher([&] { watch(config, studio.events()); });
  studio.run();
  watcher.join();
  return Exit::done;
}

}  // namespace

void add_studio(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<StudioOptions>();
  CLI::App* command = add_command(app, chosen, "studio", "Open a page for rows, SQL, the schema and migrations",
                                  "  sluice studio\n"
                                  "  sluice studio --read-only --url \"$STAGING_URL\"\n"
                                  "  sluice studio --port 5000 --no-open");
  add_location_options(command, options->overrides, true);
  command->add_option("--port", options->port, "port to listen on, 0 for any (default: 4983, or the next that is free)")
      ->check(CLI::Range(0, 65535));
  command->add_flag("--no-open", options->no_open, "do not open a browser");
  command->add_flag("--read-only", options->read_only, "change nothing, in no database");
  command
      ->add_option("--statement-timeout", options->timeout_seconds,
                   "seconds after which a statement is stopped (default 30; 0: never)")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--host", options->host, "of drizzle-kit: 127.0.0.1, the only one there is");
  command->add_flag("--verbose", options->verbose, "of drizzle-kit; changes nothing");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return run_studio(*options, terminal); }; });
}

}  // namespace sluice::cli
