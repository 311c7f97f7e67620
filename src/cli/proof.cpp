#include "cli/proof.hpp"

#include <fmt/format.h>

#include <chrono>

#include "base/text.hpp"

namespace sluice::cli {

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

class Prover {
 public:
  Prover(Replay& replay, const history::Folder& folder, const apply::LedgerName& ledger)
      : replay_(replay), folder_(folder), ledger_(ledger) {}

  Proof run(const history::Entry& entry) {
    proof_.go_on = check(entry);
    return std::move(proof_);
  }

 private:
  // False if the migrations after it cannot be looked at.
  bool check(const history::Entry& entry) {
    auto before = replay_.catalog();
    replay_.add_rows();
    auto rows_before = replay_.rows();
    auto start = Clock::now();
    try {
      replay_.up(entry);
    } catch (const Error& error) {
      if (error.context.exit == Exit::interrupted) throw;
      proof_.findings.push_back("does not apply: " + in_words(error));
      return false;
    }
    proof_.up_ms = milliseconds_since(start);
    proof_.locks = replay_.locks();
    auto after = replay_.catalog();
    check_snapshot(entry, after.schema);
    if (!folder_.read_down(entry)) {
      proof_.notes.push_back("no way back");
      return true;
    }
    auto rows_after = replay_.rows();
    start = Clock::now();
    try {
      replay_.down();
    } catch (const Error& error) {
      if (error.context.exit == Exit::interrupted) throw;
      proof_.findings.push_back("cannot be taken back: " + in_words(error));
      return !replay_.connection().broken() && apply::read_ledger(replay_.connection(), ledger_).progress.empty();
    }
    proof_.down_ms = milliseconds_since(start);
    proof_.down = true;
    compare("after up and down the schema is not what it was before", before.schema, replay_.catalog().schema);
    compare("after up and down", rows_before, replay_.rows());
    try {
      replay_.up(entry);
    } catch (const Error& error) {
      if (error.context.exit == Exit::interrupted) throw;
      proof_.findings.push_back("does not apply a second time, after it was taken back: " + in_words(error));
      return false;
    }
    compare("after up, down and up the schema is not what it was after the first time", after.schema,
            replay_.catalog().schema);
    compare("after up, down and up", rows_after, replay_.rows());
    return true;
  }

  void check_snapshot(const history::Entry& entry, const model::Schema& found) {
    std::optional<model::Snapshot> snapshot = folder_.snapshot_after(entry);
    if (!snapshot) {
      proof_.notes.push_back("no snapshot");
      return;
    }
    try {
      fs::path name = entry.snapshot_name();
      compare("the database is not what " + history::short_name(name) + " says; what would have to be run besides:",
              found, replay_.build(snapshot->schema));
    } catch (const Error& error) {
      if (error.context.exit == Exit::interrupted) throw;
      proof_.notes.push_back(std::string("snapshot not compared, since it does not stand alone (") + error.what() +
                             ")");
    }
  }

  void compare(const std::string& what, const model::Schema& expected, const model::Schema& found) {
    if (diff::compare(expected, found).empty()) return;
    std::string finding = what;
    for (const plan::Statement& statement : statements_between(expected, found))
      finding += "\n  " + std::string(text::trim(statement.sql));
    proof_.findings.push_back(finding);
  }

  void compare(const std::string& when, const std::vector<std::pair<std::string, std::string>>& expected,
               const std::vector<std::pair<std::string, std::string>>& found) {
    for (const auto& [table, content] : expected)
      for (const auto& [other, now] : found)
        if (table == other && content != now)
          proof_.findings.push_back(when + " the rows of " + table + " are others; before:\n  " +
                                    text::replace_all(content, "\n", "\n  ") + "\nnow:\n  " +
                                    text::replace_all(now, "\n", "\n  "));
  }

  Replay& replay_;
  const history::Folder& folder_;
  const apply::LedgerName& ledger_;
  Proof proof_;
};

}  // namespace

std::string Proof::times() const {
  return up_ms == 0 ? "" : "up " + text::duration(up_ms) + (down ? ", down " + text::duration(down_ms) : "");
}

Proof prove_migration(Replay& replay, const history::Folder& folder, const apply::LedgerName& ledger,
                      const history::Entry& entry) {
  return Prover(replay, folder, ledger).run(entry);
}

std::string in_words(const Error& error) {
  std::string out = error.what();
  if (!error.context.sqlstate.empty()) out += " [SQLSTATE " + error.context.sqlstate + "]";
  if (error.context.at.known()) {
    out += "\nat " + history::short_name(error.context.at.file);
    if (error.context.at.line > 0) out += ":" + std::to_string(error.context.at.line);
  }
  if (!error.context.statement.empty()) out += "\nstatement: " + error.context.statement;
  if (!error.context.detail.empty()) out += "\ndetail: " + error.context.detail;
  return out;
}

}  // namespace sluice::cli
