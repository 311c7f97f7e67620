// The commit message of a migration: what it is called, what changed, why, what it breaks or costs.
#include <fmt/format.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/command_list.hpp"
#include "review/review.hpp"
#include "review/rule.hpp"
#include "sql/statements.hpp"

namespace sluice::cli {

namespace {

struct MessageOptions {
  Overrides overrides;
  std::string file;
};

// A statement in words: "sessions: column duration_minutes added (integer)". What has no words of its own is shown as
// SQL.
class Words {
 public:
  explicit Words(std::vector<std::string>& out) : out_(out) {}

  void add(const sql::ParsedStatement& statement) {
    const size_t before = out_.size();
    std::visit([this](const auto& command) { say(command); }, statement.command);
    const bool silent = std::holds_alternative<sql::SetParameter>(statement.command) ||
                        std::holds_alternative<sql::Comment>(statement.command) ||
                        std::holds_alternative<sql::TransactionControl>(statement.command);
    if (out_.size() == before && !silent) out_.push_back(sql::one_line(statement.text, 90));
  }

 private:
  static std::string constraint(const sql::Constraint& item) {
    std::string columns = item.columns.empty() ? "" : " on " + text::join(item.columns, ", ");
    switch (item.kind) {
      case sql::ConstraintKind::foreign_key:
        return "foreign key" + columns + " to " + sql::display(item.references);
      case sql::ConstraintKind::unique:
        return "unique constraint" + (item.index.empty() ? columns : " " + item.name);
      case sql::ConstraintKind::primary_key:
        return "primary key" + columns;
      case sql::ConstraintKind::check:
        return "check " + (item.name.empty() ? "" : item.name + " ") + "(" + item.expression.text + ")";
      default:
        return "constraint " + item.name;
    }
  }

  void say(const sql::CreateTable& create) { out_.push_back("table " + sql::display(create.table.name) + " created"); }
  void say(const sql::AlterTable& alter) {
    const std::string table = sql::display(alter.table.name) + ": ";
    for (const sql::AlterAction& action : alter.actions) {
      const std::string column = table + "column " + action.name;
      switch (action.kind) {
        case sql::Alter::add_column:
          out_.push_back(column + " added (" + sql::display(action.column.type) +
                         (action.column.find(sql::ConstraintKind::not_null) ? ", required" : "") + ")");
          break;
        case sql::Alter::drop_column:
          out_.push_back(column + " dropped");
          break;
        case sql::Alter::type:
          out_.push_back(column + " is " + sql::display(action.column.type) + " now");
          break;
        case sql::Alter::set_not_null:
          out_.push_back(column + " is required now");
          break;
        case sql::Alter::drop_not_null:
          out_.push_back(column + " may be empty now");
          break;
        case sql::Alter::set_default:
          out_.push_back(column + " has the default " + action.expression.text);
          break;
        case sql::Alter::drop_default:
          out_.push_back(column + " has no default any more");
          break;
        case sql::Alter::add_constraint:
          out_.push_back(table + constraint(action.constraint) + " added");
          break;
        case sql::Alter::drop_constraint:
          out_.push_back(table + "constraint " + action.name + " dropped");
          break;
        case sql::Alter::enable_row_security:
          out_.push_back(table + "row-level security on");
          break;
        case sql::Alter::disable_row_security:
          out_.push_back(table + "row-level security off");
          break;
        default:
          break;
      }
    }
  }
  void say(const sql::CreateIndex& create) {
    std::vector<std::string> keys;
    for (const sql::IndexKey& key : create.keys) keys.push_back(key.column.empty() ? key.expression.text : key.column);
    out_.push_back(sql::display(create.table.name) + ": " + (create.unique ? "unique " : "") + "index on " +
                   text::join(keys, ", "));
  }
  void say(const sql::Drop& drop) {
    for (const sql::Target& object : drop.objects)
      out_.push_back(std::string(sql::display(drop.kind)) + " " +
                     (object.of_table_member.empty() ? sql::display(object.name)
                                                     : object.of_table_member + " of " + sql::display(object.name)) +
                     " dropped");
  }
  void say(const sql::Rename& rename) {
    const std::string& member = rename.object.of_table_member;
    out_.push_back((member.empty() ? std::string(sql::display(rename.kind)) + " " + sql::display(rename.object.name)
                                   : sql::display(rename.object.name) + ": " + std::string(sql::display(rename.kind)) +
                                         " " + member) +
                   " is called " + rename.to + " now");
  }
  void say(const sql::CreateEnum& create) { out_.push_back("enum " + sql::display(create.type.name) + " created"); }
  void say(const sql::AlterEnum& alter) {
    out_.push_back("enum " + sql::display(alter.type.name) + ": '" + alter.value + "' " +
                   (alter.renamed_from.empty() ? "added" : "was '" + alter.renamed_from + "'"));
  }
  void say(const sql::CreateView& view) {
    out_.push_back("view " + sql::display(view.view.name) + (view.or_replace ? " replaced" : " created"));
  }
  void say(const sql::Policy& policy) {
    out_.push_back(sql::display(policy.table.name) + ": policy " + policy.name +
                   (policy.create ? " created" : " changed"));
  }
  void say(const sql::Update& update) {
    out_.push_back("rows of " + sql::display(update.table.name) + " updated (" + text::join(update.columns, ", ") +
                   ")");
  }
  void say(const sql::Delete& remove) { out_.push_back("rows of " + sql::display(remove.table.name) + " deleted"); }
  void say(const sql::Insert& insert) { out_.push_back("rows inserted into " + sql::display(insert.table.name)); }
  template <class Command>
  void say(const Command&) {}

  std::vector<std::string>& out_;
};

// People's own comments: they say why.
std::vector<std::string> comments(const std::string& file) {
  std::vector<std::string> out;
  for (const std::string& line : text::split(file, "\n")) {
    std::string_view trimmed = text::trim(line);
    if (!trimmed.starts_with("--") || trimmed.starts_with("-->")) continue;
    trimmed = text::trim(trimmed.substr(2));
    if (trimmed.empty() || trimmed.starts_with("Migration:") || trimmed.starts_with("Created:") ||
        trimmed.starts_with("sluice:"))
      continue;
    out.emplace_back(trimmed);
  }
  return out;
}

std::string description(const std::string& stem) {
  std::string name = stem;
  name.erase(0, std::min(name.find_first_not_of("0123456789"), name.size()));
  name = text::replace_all(text::replace_all(name, "_", " "), "-", " ");
  return std::string(text::trim(name));
}

// The migration that is meant, after those before it.
review::FileReview reviewed(const MessageOptions& options, fs::path& path, std::string& content) {
  Config config = load_config(options.overrides, {Needs::folder});
  history::Folder folder = history::Folder::open(config.out);
  if (options.file.empty() && folder.entries().empty()) {
    ErrorContext context;
    context.at.file = config.out.string();
    context.hint = "Run 'sluice generate' first, or name the migration's file.";
    throw Error("there is no migration", context);
  }
  path = options.file.empty() ? folder.path() / folder.entries().back().file_name() : fs::path(options.file);
  content = files::read(path);
  review::Reviewer reviewer({});
  for (const history::Entry& entry : folder.entries()) {
    const fs::path each = folder.path() / entry.file_name();
    if (fs::weakly_canonical(each) == fs::weakly_canonical(path)) break;
    if (fs::exists(each)) reviewer.pass(files::read(each));
  }
  return reviewer.review(history::short_name(path), content);
}

Exit message(const MessageOptions& options, Terminal& terminal) {
  fs::path path;
  std::string content;
  review::FileReview review = reviewed(options, path, content);
  std::vector<std::string> what, impacts;
  Words words(what);
  for (const sql::ParsedStatement& statement : review.parsed.statements) words.add(statement);
  for (const review::Finding& finding : review.findings)
    if (finding.level != review::Level::note)
      impacts.push_back(finding.message + (finding.allowed ? " (allowed: " + *finding.allowed + ")" : ""));
  const std::vector<std::string> why = comments(content);
  const std::string title = "migration: " + description(history::tag_in(fs::weakly_canonical(path).string()));

  std::string out = title + "\n\n";
  for (const std::string& line : what) out += "- " + line + "\n";
  out += "- Why: " + (why.empty() ? "…" : text::join(why, " ")) + "\n";
  if (impacts.empty()) out += "- No breaking changes, no data impact\n";
  for (const std::string& line : impacts) out += "- Impact: " + line + "\n";
  terminal.say(std::string(text::trim(out)));
  if (why.empty()) terminal.warning("say why: the migration has no comment to take it from");
  if (terminal.json())
    terminal.answer({{"title", title}, {"what", what}, {"why", why}, {"impacts", impacts}, {"message", out}});
  return Exit::done;
}

}  // namespace

void add_message(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<MessageOptions>();
  CLI::App* command = add_command(app, chosen, "message",
                                  "Print the commit message of a migration: what changed, why, what it breaks or costs",
                                  "  sluice message                 # of the newest migration\n"
                                  "  git commit -m \"$(sluice message)\"\n"
                                  "  sluice message drizzle/0003_add_duration_to_sessions.sql");
  add_location_options(command, options->overrides, false);
  add_dialect_option(command, options->overrides);
  command->add_option("file", options->file, "the migration (default: the newest one)");
  command->callback(
      [&chosen, options] { chosen.run = [options](Terminal& terminal) { return message(*options, terminal); }; });
}

}  // namespace sluice::cli
