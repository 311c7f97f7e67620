#include "cli/proof.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "base/text.hpp"
#include "diff/words.hpp"

namespace sluice::cli {

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// A line for each object, or each of its fields.
std::vector<std::string> what_differs(const model::Schema& found, const model::Schema& wanted) {
  std::vector<std::string> out;
  size_t kind = 0;
  auto add = [&](const auto& of_kind) {
    auto say = [&](const std::string& what, const model::Key& key) {
      out.push_back(std::to_string(kind) + " " + model::display(key) + " " + what);
    };
    for (const auto& each : of_kind.created) say("created", each.key);
    for (const auto& each : of_kind.dropped) say("dropped", each.key);
    for (const auto& each : of_kind.renamed) say("renamed", each.after.key);
    for (const auto& each : of_kind.altered)
      for (const std::string_view field : each.fields) say(std::string(field), each.after.key);
    kind++;
  };
  const diff::Changes changes = diff::compare(found, wanted);
  std::apply([&](const auto&... of_kind) { (add(of_kind), ...); }, changes.by_kind);
  return out;
}

// Schemas that hold what the snapshot says and that it does not say itself: drizzle's pgSchema that is not exported,
// made by a migration that somebody wrote.
std::set<std::string> undeclared_schemas(const model::Schema& schema) {
  std::set<std::string> out;
  for (const model::Table& table : model::all<model::Table>(schema)) out.insert(table.key.schema);
  for (const model::Enum& type : model::all<model::Enum>(schema)) out.insert(type.key.schema);
  for (const model::View& view : model::all<model::View>(schema)) out.insert(view.key.schema);
  for (const model::Namespace& known : model::all<model::Namespace>(schema)) out.erase(known.key.name);
  out.erase("public");
  return out;
}

class Prover {
 public:
  Prover(Replay& replay, const history::Folder& folder, const apply::LedgerName& ledger, Differences& known)
      : replay_(replay), folder_(folder), ledger_(ledger), known_(known) {}

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
      // The rows are invented: real ones may be others, or none.
      if (!applies_without_rows(entry)) {
        proof_.findings.push_back("does not apply: " + in_words(error));
        return false;
      }
      proof_.with_rows = in_words(error);
      rows_before = rows_removed_;
    }
    proof_.up_ms = milliseconds_since(start);
    proof_.locks = replay_.locks();
    for (const std::string& each : replay_.left_out()) proof_.notes.push_back("left out: " + each);
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

  // First without verify's own rows, then without those that migrations have made of them, and any others.
  bool applies_without_rows(const history::Entry& entry) {
    for (const bool all : {false, true}) {
      try {
        if (replay_.connection().broken()) return false;
        replay_.remove_rows(all);
        rows_removed_ = replay_.rows();
        replay_.up(entry);
        return true;
      } catch (const Error& error) {
        if (error.context.exit == Exit::interrupted) throw;
      }
    }
    return false;
  }

  void check_snapshot(const history::Entry& entry, model::Schema found) {
    std::optional<model::Snapshot> snapshot = folder_.snapshot_after(entry);
    if (!snapshot) {
      proof_.notes.push_back("no snapshot");
      return;
    }
    try {
      fs::path name = entry.snapshot_name();
      // No snapshot says what a migration adds to what stands in for something else: a policy of storage.objects.
      replay_.without_stand_ins(found);
      std::set<std::string> lent = undeclared_schemas(snapshot->schema);
      model::Schema standing = snapshot->schema;
      for (const std::string& schema : lent) model::all<model::Namespace>(standing).push_back({{"", "", schema}});
      model::Schema said = replay_.build(standing);
      replay_.without_stand_ins(said);
      forget_lent(found, said, std::move(lent));
      // The key of a table that was renamed has its old name still.
      compare_snapshot(entry, history::short_name(name), diff::with_aligned_keys(said, found), said);
    } catch (const Error& error) {
      if (error.context.exit == Exit::interrupted) throw;
      proof_.notes.push_back(std::string("snapshot not compared, since it does not stand alone (") + error.what() +
                             ")");
    }
  }

  // Such a schema is made before the first table is in it.
  void forget_lent(model::Schema& found, model::Schema& said, std::set<std::string> lent) const {
    const auto& there = model::all<model::Namespace>(found);
    const bool more = std::any_of(there.begin(), there.end(), [&](const model::Namespace& each) {
      return !model::find<model::Namespace>(said, each.key) && !lent.contains(each.key.name);
    });
    if (std::optional<model::Snapshot> last = more ? folder_.last_snapshot() : std::nullopt)
      lent.merge(undeclared_schemas(last->schema));
    for (model::Schema* schema : {&found, &said})
      std::erase_if(model::all<model::Namespace>(*schema),
                    [&](const model::Namespace& each) { return lent.contains(each.key.name); });
  }

  // A difference stays until a migration ends it: only the first one is at fault.
  void compare_snapshot(const history::Entry& entry, const std::string& name, const model::Schema& found,
                        const model::Schema& wanted) {
    Differences now;
    std::string since;
    bool is_new = false;
    for (const std::string& object : what_differs(found, wanted)) {
      const auto before = known_.objects.find(object);
      const bool known = before != known_.objects.end();
      is_new = is_new || !known;
      if (known && (since.empty() || before->second < since)) since = before->second;
      now.objects.emplace(object, known ? before->second : entry.tag);
    }
    std::string finding;
    if (!now.objects.empty())
      for (const plan::Statement& statement : statements_between(found, wanted)) {
        std::string sql(text::trim(statement.sql));
        if (!known_.statements.contains(sql)) finding += "\n  " + sql;
        now.statements.insert(std::move(sql));
      }
    known_ = std::move(now);
    if (!since.empty()) proof_.notes.push_back("the difference to the snapshots since " + since + " is still there");
    if (is_new)
      proof_.findings.push_back("the database is not what " + name +
                                " says; what would have to be run besides:" + finding);
  }

  void compare(const std::string& what, const model::Schema& expected, const model::Schema& found) {
    // What no statement can make equal, an inherited column that became the child's own, is no difference one way.
    if (diff::compare(expected, found).empty() || diff::compare(found, expected).empty()) return;
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
  Differences& known_;
  std::vector<std::pair<std::string, std::string>> rows_removed_;
  Proof proof_;
};

}  // namespace

std::string Proof::times() const {
  return up_ms == 0 ? "" : "up " + text::duration(up_ms) + (down ? ", down " + text::duration(down_ms) : "");
}

Proof prove_migration(Replay& replay, const history::Folder& folder, const apply::LedgerName& ledger,
                      const history::Entry& entry, Differences& known) {
  return Prover(replay, folder, ledger, known).run(entry);
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
