// Is the migrations folder in order?
#include <fmt/format.h>

#include "cli/commands.hpp"

namespace sluice::cli {

Exit check(const CheckOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::folder});
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
    terminal.success("Checksums updated: meta/_sluice.sum");
  }
  std::vector<Diagnostic> found = folder.check();
  size_t errors = 0;
  Json list = Json::array();
  for (const Diagnostic& diagnostic : found) {
    errors += diagnostic.severity == Severity::error;
    if (!terminal.json()) terminal.print(diagnostic);
    list.push_back(to_json(diagnostic));
  }
  if (found.empty())
    terminal.success(fmt::format("{} migrations, everything is in order", folder.entries().size()));
  else
    terminal.say(
        fmt::format("{} errors, {} warnings in {} migrations", errors, found.size() - errors, folder.entries().size()));
  if (terminal.json()) terminal.answer({{"status", errors ? "findings" : "ok"}, {"findings", list}});
  return errors ? Exit::findings : Exit::done;
}

}  // namespace sluice::cli
