// Proves the folder on a scratch server: every migration applies, its snapshot is what the database then is, its way
// back leads back, rows included.
#include <fmt/format.h>

#include <chrono>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/replay.hpp"

namespace sluice::cli {

namespace {

using Clock = std::chrono::steady_clock;

struct VerifyOptions {
  Overrides overrides;
  std::optional<int> major;
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
      notes_.clear();
      findings_.clear();
      std::string times;
      bool go_on = check(entry, times);
      terminal_.say(fmt::format("  {} {:<{}}  {}",
                                findings_.empty() ? terminal_.colored("✔", "32") : terminal_.colored("✘", "31"),
                                entry.tag, width, times + (notes_.empty() ? "" : "; " + text::join(notes_, "; "))));
      for (const std::string& finding : findings_)
        terminal_.say("      " + text::replace_all(finding, "\n", "\n      "));
      list.push_back({{"migration", entry.tag},
                      {"ok", findings_.empty()},
                      {"upMs", up_ms_},
                      {"notes", notes_},
                      {"findings", findings_}});
      failed_ += !findings_.empty();
      if (!go_on) break;
    }
    return list;
  }
  size_t failed() const { return failed_; }

 private:
  // False if the migrations after it cannot be looked at.
  bool check(const history::Entry& entry, std::string& times) {
    auto before = replay_.catalog();
    replay_.add_rows();
    auto rows_before = replay_.rows();
    auto start = Clock::now();
    try {
      replay_.up(entry);
    } catch (const Error& error) {
      if (error.context.exit == Exit::interrupted) throw;
      findings_.push_back("does not apply: " + describe(error));
      return false;
    }
    up_ms_ = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    times = "up " + text::duration(up_ms_);
    auto after = replay_.catalog();
    check_snapshot(entry, after.schema);
    if (!folder_.read_down(entry)) {
      notes_.push_back("no way back");
      return true;
    }
    auto rows_after = replay_.rows();
    start = Clock::now();
    try {
      replay_.down();
    } catch (const Error& error) {
      if (error.context.exit == Exit::interrupted) throw;
      findings_.push_back("cannot be taken back: " + describe(error));
      return !replay_.connection().broken() && apply::read_ledger(replay_.connection(), ledger_).progress.empty();
    }
    times += ", down " + text::duration(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    compare("after up and down the schema is not what it was before", before.schema, replay_.catalog().schema);
    compare("after up and down", rows_before, replay_.rows());
    try {
      replay_.up(entry);
    } catch (const Error& error) {
      if (error.context.exit == Exit::interrupted) throw;
      findings_.push_back("does not apply a second time, after it was taken back: " + describe(error));
      return false;
    }
    compare("after up, down and up the schema is not what it was after the first time", after.schema,
            replay_.catalog().schema);
    compare("after up, down and up", rows_after, replay_.rows());
    return true;
  }

  void check_snapshot(const history::Entry& entry, const model::Schema& found) {
    fs::path file = folder_.path() / "meta" / (entry.tag.substr(0, entry.tag.find('_')) + "_snapshot.json");
    std::optional<std::string> text = files::read_if_exists(file);
    if (!text) {
      notes_.push_back("no snapshot");
      return;
    }
    try {
      compare("the database is not what " + file.filename().string() + " says; what would have to be run besides:",
              found, replay_.build(model::parse_snapshot(*text, file.string()).schema));
    } catch (const Error& error) {
      if (error.context.exit == Exit::interrupted) throw;
      notes_.push_back(std::string("snapshot not compared, since it does not stand alone (") + error.what() + ")");
    }
  }

  void compare(const std::string& what, const model::Schema& expected, const model::Schema& found) {
    if (diff::compare(expected, found).empty()) return;
    std::string finding = what;
    for (const plan::Statement& statement : statements_between(expected, found))
      finding += "\n  " + std::string(text::trim(statement.sql));
    findings_.push_back(finding);
  }

  void compare(const std::string& when, const std::vector<std::pair<std::string, std::string>>& expected,
               const std::vector<std::pair<std::string, std::string>>& found) {
    for (const auto& [table, content] : expected)
      for (const auto& [other, now] : found)
        if (table == other && content != now)
          findings_.push_back(when + " the rows of " + table + " are others; before:\n  " +
                              text::replace_all(content, "\n", "\n  ") + "\nnow:\n  " +
                              text::replace_all(now, "\n", "\n  "));
  }

  static std::string describe(const Error& error) {
    std::string out = error.what();
    if (!error.context.sqlstate.empty()) out += " [SQLSTATE " + error.context.sqlstate + "]";
    if (error.context.at.known()) {
      out += "\nat " + fs::path(error.context.at.file).filename().string();
      if (error.context.at.line > 0) out += ":" + std::to_string(error.context.at.line);
    }
    if (!error.context.statement.empty()) out += "\nstatement: " + error.context.statement;
    if (!error.context.detail.empty()) out += "\ndetail: " + error.context.detail;
    return out;
  }

  Replay& replay_;
  const history::Folder& folder_;
  Terminal& terminal_;
  const apply::LedgerName& ledger_;
  std::vector<std::string> notes_, findings_;
  double up_ms_ = 0;
  size_t failed_ = 0;
};

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
  Verifier verifier(replay, folder, config.ledger, terminal);
  Json list = verifier.run();
  double duration = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  terminal.say(fmt::format("{} of {} migrations verified, {} with findings, in {}", list.size() - verifier.failed(),
                           folder.entries().size(), verifier.failed(), text::duration(duration)));
  if (terminal.json())
    terminal.answer({{"status", verifier.failed() ? "findings" : "ok"},
                     {"postgres", version / 10000},
                     {"migrations", list},
                     {"durationMs", duration}});
  return verifier.failed() ? Exit::findings : Exit::done;
}

}  // namespace

void add_verify(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = add_command(app, chosen, "verify",
                                  "Prove the folder on a scratch server: up, snapshot, down, up again, with rows",
                                  "  sluice verify\n  sluice verify --postgres 17 --json");
  add_location_options(command, options->overrides, false);
  command->add_option("--postgres", options->major, "major version to use, if it is installed");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return verify(*options, terminal); }; });
}

}  // namespace sluice::cli
