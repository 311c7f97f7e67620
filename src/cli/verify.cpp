// Proves the folder on a scratch server: every migration applies, its snapshot is what the database then is, its way
// back leads back, rows included.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/project_seed.hpp"
#include "cli/proof.hpp"

namespace sluice::cli {

namespace {

using Clock = std::chrono::steady_clock;

struct VerifyOptions {
  Overrides overrides;
  std::optional<int> major;
  bool seed = true;
};

class Verifier {
 public:
  Verifier(Replay& replay, const history::Folder& folder, const apply::LedgerName& ledger, Terminal& terminal)
      : replay_(replay), folder_(folder), terminal_(terminal), ledger_(ledger) {}

  Json run() {
    Json list = Json::array();
    size_t width = 0;
    for (const history::Entry& entry : folder_.entries()) width = std::max(width, entry.tag.size());
    for (const history::Entry& entry : folder_.entries()) {
      Proof proof = prove_migration(replay_, folder_, ledger_, entry, differences_);
      const bool ok = proof.findings.empty();
      std::string line =
          fmt::format("  {} {:<{}}  {}", ok ? terminal_.colored("✔", "32") : terminal_.colored("✘", "31"), entry.tag,
                      width, proof.times());
      if (!proof.locks.empty()) line += "; locks " + text::join(proof.locks, ", ");
      if (!proof.notes.empty()) line += "; " + text::join(proof.notes, "; ");
      terminal_.say(line);
      // Rows that were made up prove nothing against a migration that empty tables take.
      if (!proof.with_rows.empty()) {
        proof.notes.push_back("fails on a table that has rows (verify's own): " +
                              proof.with_rows.substr(0, proof.with_rows.find('\n')));
        terminal_.say("      " + proof.notes.back());
      }
      for (const std::string& finding : proof.findings)
        terminal_.say("      " + text::replace_all(finding, "\n", "\n      "));
      list.push_back({{"migration", entry.tag},
                      {"ok", ok},
                      {"upMs", proof.up_ms},
                      {"locks", proof.locks},
                      {"notes", proof.notes},
                      {"findings", proof.findings}});
      failed_ += !ok;
      if (!proof.go_on) break;
    }
    return list;
  }
  size_t failed() const { return failed_; }

 private:
  Replay& replay_;
  const history::Folder& folder_;
  Terminal& terminal_;
  const apply::LedgerName& ledger_;
  Differences differences_;
  size_t failed_ = 0;
};

// The project's own seed on what all migrations made, in a database without the rows that were made up. Gives what is
// wrong, or nothing.
std::optional<std::string> check_seed(const Config& config, const history::Folder& folder, std::optional<int> major,
                                      const ProjectSeed& seed, Terminal& terminal) {
  Replay replay(config, folder, major);
  replay.up_to_all([](const history::Entry&) { return true; });
  try {
    run_project_seed(seed, replay.url(), STDERR_FILENO, terminal);
  } catch (const Error& error) {
    if (error.context.exit == Exit::interrupted) throw;
    return "the seed does not load: " + in_words(error);
  }
  return std::nullopt;
}

Exit verify(const VerifyOptions& options, Terminal& terminal) {
  Config config = load_config(options.overrides, {Needs::folder});
  history::Folder folder = history::Folder::open(config.out);
  require_folder(folder);
  auto start = Clock::now();
  Replay replay(config, folder, options.major);
  if (!replay.wanted_version()) terminal.warning("PostgreSQL " + std::to_string(*options.major) + " is not installed");
  int version = replay.connection().version();
  terminal.say(fmt::format("{} on a scratch server, PostgreSQL {}.{}", fs::proximate(config.out).string(),
                           version / 10000, version % 10000));
  for (const std::string& each : replay.stand_ins().describe()) terminal.say("  stand-in for " + each);
  Verifier verifier(replay, folder, config.ledger, terminal);
  Json list = verifier.run();
  size_t failed = verifier.failed();
  std::optional<std::string> seed_finding;
  ProjectSeed seed = options.seed ? project_seed(config) : ProjectSeed{};
  if (!seed.empty() && failed == 0) {
    seed_finding = check_seed(config, folder, options.major, seed, terminal);
    terminal.say(fmt::format("  {} seed: {}", seed_finding ? terminal.colored("✘", "31") : terminal.colored("✔", "32"),
                             seed.describe()));
    if (seed_finding) terminal.say("      " + text::replace_all(*seed_finding, "\n", "\n      "));
  }
  double duration = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  terminal.say(fmt::format("{} of {} verified, {} with findings, in {}", list.size() - failed,
                           text::counted(folder.entries().size(), "migration"), failed, text::duration(duration)));
  const bool found = failed > 0 || seed_finding;
  if (terminal.json())
    terminal.answer({{"status", found ? "findings" : "ok"},
                     {"postgres", version / 10000},
                     {"standIns", replay.stand_ins().describe()},
                     {"migrations", list},
                     {"seed", seed_finding ? Json(*seed_finding) : Json(nullptr)},
                     {"durationMs", duration}});
  return found ? Exit::findings : Exit::done;
}

}  // namespace

void add_verify(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = add_command(app, chosen, "verify",
                                  "Prove the folder on a scratch server: up, snapshot, down, up again, with rows",
                                  "  sluice verify\n  sluice verify --postgres 17 --json\n  sluice verify --no-seed");
  add_location_options(command, options->overrides, false);
  command->add_option("--postgres", options->major, "major version to use, if it is installed");
  command->add_flag("!--no-seed", options->seed, "do not load the project's seed at the end");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return verify(*options, terminal); }; });
}

}  // namespace sluice::cli
