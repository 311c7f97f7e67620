// Is the migrations folder in order?
#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/release.hpp"

namespace sluice::cli {

namespace {

struct CheckOptions {
  Overrides overrides;
  bool update = false, release = false, ignore_conflicts = false;
  std::optional<std::string> since;
};

Exit check(const CheckOptions& options, Terminal& terminal) {
  if (options.since && !options.release)
    throw Error("--since belongs to --release", {.hint = "sluice check --release --since origin/main"});
  if (options.release) return check_release({options.overrides, options.since}, terminal);
  Config config = load_config(options.overrides, {Needs::folder});
  if (std::optional<Diagnostic> conflict = history::Folder::check_conflict(config.out)) {
    if (!terminal.json()) terminal.print(*conflict);
    if (terminal.json()) terminal.answer({{"status", "findings"}, {"findings", Json::array({to_json(*conflict)})}});
    return Exit::findings;
  }
  history::Folder folder = history::Folder::open(config.out);
  if (!folder.exists()) {
    ErrorContext context;
    context.at.file = config.out.string();
    context.hint =
        "Run 'sluice generate' first, or set 'out' in the configuration (or --out) to the migrations folder.";
    throw Error("the migrations folder does not exist", context);
  }
  if (options.update) {
    folder.update_checksums();
    terminal.success(std::string("Checksums updated: ") +
                     (folder.dated() ? "_sluice.sum of each migration" : "meta/_sluice.sum"));
  }
  std::vector<Diagnostic> found = folder.check();
  if (options.ignore_conflicts && folder.dated())
    std::erase_if(found, [](const Diagnostic& each) { return each.code == "two-branches"; });
  size_t errors = 0;
  Json list = Json::array();
  for (const Diagnostic& diagnostic : found) {
    errors += diagnostic.severity == Severity::error;
    if (!terminal.json()) terminal.print(diagnostic);
    list.push_back(to_json(diagnostic));
  }
  if (found.empty())
    terminal.success(text::counted(folder.entries().size(), "migration") + ", everything is in order");
  else
    terminal.say(fmt::format("{}, {} in {}", text::counted(errors, "error"),
                             text::counted(found.size() - errors, "warning"),
                             text::counted(folder.entries().size(), "migration")));
  if (terminal.json()) terminal.answer({{"status", errors ? "findings" : "ok"}, {"findings", list}});
  return errors ? Exit::findings : Exit::done;
}

}  // namespace

void add_check(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command = add_command(
      app, chosen, "check",
      "Check the migrations folder: edited, missing, duplicated or out-of-order files; the checklist of a release",
      "  sluice check\n  sluice check --update    # the edits are meant, and applied nowhere\n"
      "  sluice check --release --since origin/main");
  add_location_options(command, options->overrides, true);
  add_dialect_option(command, options->overrides);
  command->add_flag("--update", options->update, "write the checksums anew from the files as they are");
  command->add_flag("--ignore-conflicts", options->ignore_conflicts,
                    "in a folder of drizzle-kit 1.0: not whether merged branches contradict each other");
  command->add_flag("--release", options->release,
                    "walk the safety checklist: before generating, committing, deploying");
  command->add_option("--since", options->since, "with --release: what is new since this git revision");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return check(*options, terminal); }; });
}

}  // namespace sluice::cli
