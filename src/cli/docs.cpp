// The data model as a document, from the folder alone.
#include "docs/docs.hpp"

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "history/folder.hpp"

namespace sluice::cli {

namespace {

struct DocsOptions {
  Overrides overrides;
  std::optional<std::string> file;
  bool html = false, check = false;
};

// The schema after each migration that has a snapshot.
std::vector<docs::Step> read_steps(const history::Folder& folder) {
  std::vector<docs::Step> steps;
  for (const history::Entry& entry : folder.entries()) {
    if (std::optional<model::Snapshot> snapshot = folder.snapshot_after(entry))
      steps.push_back({entry.tag, std::move(snapshot->schema)});
  }
  if (!steps.empty() || folder.entries().empty()) return steps;
  // Folders whose snapshots are named in another way: the last one alone.
  if (std::optional<model::Snapshot> last = folder.last_snapshot())
    steps.push_back({folder.entries().back().tag, last->schema});
  return steps;
}

Exit docs_command(const DocsOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::folder});
  history::Folder folder = history::Folder::open(config.out);
  if (!folder.exists()) {
    ErrorContext context;
    context.at.file = config.out.string();
    context.hint = "Run 'sluice generate' first, or give the migrations folder with --migrations.";
    throw Error("the migrations folder does not exist", context);
  }
  docs::Document document =
      docs::describe(read_steps(folder), config.out.lexically_proximate(config.directory).generic_string());
  std::string text = options.html ? docs::html(document) : docs::markdown(document);
  fs::path file = config.directory / options.file.value_or(options.html ? "docs/schema.html" : "docs/schema.md");
  std::string shown = file.lexically_proximate(config.directory).string();
  bool current = files::read_if_exists(file) == text;
  if (options.check) {
    if (current)
      terminal.success(shown + " is up to date");
    else
      terminal.say(terminal.colored("!", "31") + " " + shown + (fs::exists(file) ? " is stale" : " does not exist") +
                   ": run 'sluice docs" + (options.html ? " --html" : "") + "' and commit it");
  } else if (!current) {
    fs::create_directories(file.parent_path());
    files::write_atomically(file, text);
  }
  if (!options.check)
    terminal.success(fmt::format("{} {}: {}, {}", current ? "Up to date:" : "Written:", shown,
                                 text::counted(document.tables.size(), "table"),
                                 text::counted(document.views.size(), "view")));
  if (terminal.json())
    terminal.answer({{"status", current         ? "current"
                                : options.check ? "stale"
                                                : "written"},
                     {"file", shown},
                     {"tables", document.tables.size()}});
  return options.check && !current ? Exit::findings : Exit::done;
}

}  // namespace

void add_docs(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DocsOptions>();
  CLI::App* command = add_command(app, chosen, "docs",
                                  "Write the data model as a document: tables, keys, indexes, policies, and a diagram",
                                  "  sluice docs                       # docs/schema.md, with a Mermaid diagram\n"
                                  "  sluice docs --html --out model.html\n"
                                  "  sluice docs --check               # in CI: exit code 2 when the file is stale");
  command->add_option("--config", options->overrides.config,
                      "drizzle.config.ts to use (default: the one in the working directory)");
  command->add_option("--migrations", options->overrides.out,
                      "migrations folder (default: 'out' of the configuration)");
  command->add_option("--out", options->file, "file to write (default: docs/schema.md, docs/schema.html)");
  command->add_flag("--html", options->html, "one page of HTML that needs nothing else");
  command->add_flag("--check", options->check, "write nothing; exit code 2 if the file is not what would be written");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return docs_command(*options, terminal); }; });
}

}  // namespace sluice::cli
