// git's merge driver for meta/: the journal and the checksums of both sides together, without conflict markers.
#include <iostream>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "history/git.hpp"
#include "history/merge_driver.hpp"

namespace sluice::cli {

namespace {

struct MergeDriverOptions {
  Overrides overrides;
  std::string base, here, other, path;
  bool install = false;
};

// Exit code 1 tells git that there is a conflict.
Exit merge(const MergeDriverOptions& options, Terminal& terminal) {
  std::string name = fs::path(options.path).filename().string();
  history::MergedFile merged = history::merge_file(name, files::read_if_exists(options.base).value_or(""),
                                                   files::read(options.here), files::read(options.other));
  // git reads the file that it named, so it is written in place.
  files::write_atomically(options.here, merged.text);
  if (merged.conflict && name == "_journal.json")
    terminal.warning("both branches added migrations: run 'sluice rebase', then git add and commit");
  return merged.conflict ? Exit::error : Exit::done;
}

// git finds the program on the PATH; where it is not there, by its place.
std::string program() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  for (const std::string& directory : text::split(std::getenv("PATH") ? std::getenv("PATH") : "", ":"))
    if (!directory.empty() && fs::exists(fs::path(directory) / "sluice", error)) return "sluice";
  return self.empty() ? "sluice" : "'" + text::replace_all(self.string(), "'", "'\\''") + "'";
}

Exit install(const MergeDriverOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::folder});
  if (history::is_dated(config.out)) {
    terminal.say("Nothing to set up: each migration has a folder of its own, which two branches never both change");
    if (terminal.json()) terminal.answer({{"status", "nothing_to_do"}});
    return Exit::done;
  }
  std::optional<history::Git> git = history::Git::find(config.directory);
  if (!git) {
    ErrorContext context;
    context.hint = "Run it inside the repository, where git is installed.";
    throw Error("there is no git repository here", context);
  }
  fs::path top = git->top();
  std::string folder = fs::weakly_canonical(config.out).lexically_relative(fs::weakly_canonical(top)).generic_string();
  if (folder.empty() || folder.starts_with("..")) {
    ErrorContext context;
    context.at.file = config.out.string();
    throw Error("the migrations folder is not in the repository " + top.string(), context);
  }
  std::string line = (folder == "." ? "" : folder + "/") + "meta/* merge=sluice";
  if (line.find(' ') != line.find(" merge=")) line = "\"" + text::replace_all(line, " merge=", "\" merge=");
  fs::path attributes = top / ".gitattributes";
  std::string known = files::read_if_exists(attributes).value_or("");
  bool there = ("\n" + known + "\n").find("\n" + line + "\n") != std::string::npos;
  if (!there)
    files::write_atomically(attributes, known + (known.empty() || known.ends_with('\n') ? "" : "\n") + line + "\n");
  const std::string driver = program() + " merge-driver %O %A %B %P";
  if (!git->run({"config", "merge.sluice.name", "migrations of both sides"}) ||
      !git->run({"config", "merge.sluice.driver", driver}))
    throw Error("git config merge.sluice.driver failed");
  terminal.success((there ? "Stands in " : "Added to ") + fs::proximate(attributes).string() + ": " + line);
  terminal.success("Set in this clone: git config merge.sluice.driver \"" + driver + "\"");
  if (terminal.json()) terminal.answer({{"status", "ok"}, {"attributes", attributes.string()}, {"line", line}});
  return Exit::done;
}

Exit merge_driver(const MergeDriverOptions& options, Terminal& terminal) {
  if (options.install) return install(options, terminal);
  if (!options.path.empty()) return merge(options, terminal);
  ErrorContext context;
  context.hint = "git runs it with %O %A %B %P. To set it up: sluice merge-driver --install";
  throw Error("merge-driver needs four arguments", context);
}

}  // namespace

void add_merge_driver(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<MergeDriverOptions>();
  CLI::App* command =
      add_command(app, chosen, "merge-driver", "For git: merge the journal and checksums of two branches",
                  "  sluice merge-driver --install    # .gitattributes, and git config of this clone");
  command->add_flag("--install", options->install, "set it up in this repository");
  command->add_option("base", options->base, "%O: the common version");
  command->add_option("here", options->here, "%A: this side's version; the result is written to it");
  command->add_option("other", options->other, "%B: the other side's version");
  command->add_option("path", options->path, "%P: the file's path");
  add_location_options(command, options->overrides, false);
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return merge_driver(*options, terminal); }; });
}

}  // namespace sluice::cli
