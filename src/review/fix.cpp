#include "review/fix.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/text.hpp"
#include "ddl/fold.hpp"
#include "review/rules/table.hpp"
#include "sql/quote.hpp"
#include "sql/statements.hpp"

namespace sluice::review {

namespace {

using Kind = FixedFile::Kind;

// One statement, rewritten: what stays in its place, and what comes later.
struct Rewritten {
  std::vector<std::string> now;  // in its place; empty: nothing
  struct Later {
    Kind kind;
    std::string what;  // for the migration's name: "sessions_starts_idx"
    std::vector<std::string> statements, down, comments;
  };
  std::optional<Later> prepare;  // between what stays and `later`
  std::optional<Later> later;
  std::optional<Pending> pending;
  // Later statements of the file that name all of these would run too early.
  std::vector<std::string> needed_by;
  // A unique key that foreign keys of later statements may refer to.
  ddl::Name key_table;
  std::vector<std::string> key_columns;
  std::string sentence;
  std::vector<std::string> undone_in, undo_first;
  std::string refused;  // why it cannot be rewritten; then the rest is empty
};

std::string table_sql(const ddl::Name& table) {
  return sql::qualified(table.schema == "public" ? "" : table.schema, table.name);
}

std::string alter(const ddl::Name& table, const std::string& action) {
  return "ALTER TABLE " + table_sql(table) + " " + action + ";";
}

// The statement with `insertion` after the first words of it that match; empty if they do not.
std::string after_words(std::string_view statement, const std::vector<std::string_view>& words,
                        const std::string& insertion) {
  size_t at = 0;
  for (std::string_view word : words) {
    while (at < statement.size() && std::isspace(static_cast<unsigned char>(statement[at]))) at++;
    if (text::to_lower(std::string(statement.substr(at, word.size()))) != word) return "";
    at += word.size();
  }
  return std::string(statement.substr(0, at)) + insertion + std::string(statement.substr(at));
}

bool names_all(std::string_view statement, const std::vector<std::string>& names) {
  const std::vector<std::string> words = sql::words_of(statement);
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::find(words.begin(), words.end(), name) != words.end();
  });
}

class Fixer {
 public:
  Fixer(const ddl::Catalog& before, const FileReview& file, std::string_view text, const FixOptions& how)
      : catalog_(before), file_(file), text_(text), how_(how) {}

  Fix run() {
    for (const Judged& judged : file_.statements)
      if (judged.impact.ends_transaction) return refuse_all("the file has a BEGIN or COMMIT of its own");
    if (!file_.parsed.failures.empty()) return refuse_all("a statement of the file cannot be read");
    std::vector<std::optional<Rewritten>> rewritten(file_.statements.size());
    for (size_t i = 0; i < file_.statements.size(); i++) {
      number_ = static_cast<int>(i);
      std::optional<Rewritten> made = rewrite(*file_.statements[i].statement);
      if (made && made->refused.empty()) made->refused = needed_too_early(i, *made);
      if (made && !made->refused.empty()) {
        result_.left.push_back("line " + std::to_string(file_.statements[i].statement->line) + ": " + made->refused);
        made.reset();
      }
      if (made && made->later && made->later->kind == Kind::backfill)
        filled_later_.insert(
            catalog_.resolve(std::get<sql::Update>(file_.statements[i].statement->command).table.name));
      rewritten[i] = std::move(made);
      ddl::fold(catalog_, *file_.statements[i].statement, number_);
    }
    if (std::none_of(rewritten.begin(), rewritten.end(), [](const auto& each) { return each.has_value(); }) &&
        !wants_lock_timeout())
      return result_;
    assemble(rewritten);
    return result_;
  }

 private:
  Fix refuse_all(const std::string& why) {
    if (std::any_of(file_.findings.begin(), file_.findings.end(), [](const Finding& f) { return !f.allowed; }))
      result_.left.push_back(why);
    return result_;
  }

  bool found(const Rule& rule) const {
    return std::any_of(file_.findings.begin(), file_.findings.end(), [&](const Finding& finding) {
      return finding.rule == &rule && finding.statement == number_ && !finding.allowed;
    });
  }
  const Finding* found_any(const std::vector<const Rule*>& rules) const {
    for (const Finding& finding : file_.findings)
      if (finding.statement == number_ && !finding.allowed &&
          std::find(rules.begin(), rules.end(), finding.rule) != rules.end())
        return &finding;
    return nullptr;
  }

  static Rewritten refuse(const std::string& why) {
    Rewritten out;
    out.refused = why;
    return out;
  }

  // A later statement that counts on what would now come later still.
  std::string needed_too_early(size_t at, const Rewritten& made) const {
    if (made.needed_by.empty()) return "";
    for (size_t i = at + 1; i < file_.statements.size(); i++) {
      const sql::ParsedStatement& later = *file_.statements[i].statement;
      if (std::holds_alternative<sql::Comment>(later.command)) continue;
      if (made.later && made.later->kind == Kind::backfill && fixes_not_null(i)) continue;  // both go to later files
      if (names_all(later.text, made.needed_by) || refers_to_key(later, made))
        return "line " + std::to_string(later.line) + " counts on it";
    }
    return "";
  }
  bool refers_to_key(const sql::ParsedStatement& later, const Rewritten& made) const {
    if (made.key_columns.empty()) return false;
    if (const auto* insert = std::get_if<sql::Insert>(&later.command))
      return insert->on_conflict && catalog_.resolve(insert->table.name) == made.key_table;
    auto refers = [&](const sql::Constraint& key) {
      return key.kind == sql::ConstraintKind::foreign_key && catalog_.resolve(key.references) == made.key_table &&
             (key.referenced.empty() || std::is_permutation(key.referenced.begin(), key.referenced.end(),
                                                            made.key_columns.begin(), made.key_columns.end()));
    };
    auto any = [&](const std::vector<sql::Constraint>& list) { return std::any_of(list.begin(), list.end(), refers); };
    if (const auto* create = std::get_if<sql::CreateTable>(&later.command)) {
      if (any(create->constraints)) return true;
      return std::any_of(create->columns.begin(), create->columns.end(),
                         [&](const sql::ColumnDefinition& column) { return any(column.constraints); });
    }
    if (const auto* alter_table = std::get_if<sql::AlterTable>(&later.command))
      return std::any_of(alter_table->actions.begin(), alter_table->actions.end(), [&](const sql::AlterAction& each) {
        return refers(each.constraint) || any(each.column.constraints);
      });
    return false;
  }
  bool fixes_not_null(size_t statement) const {
    return std::any_of(file_.findings.begin(), file_.findings.end(), [&](const Finding& finding) {
      return finding.rule == &not_null_blocks && finding.statement == static_cast<int>(statement) && !finding.allowed;
    });
  }

  std::optional<Rewritten> rewrite(const sql::ParsedStatement& statement) {
    if (statement.in_block) return std::nullopt;  // a DO block stays as it is
    if (const auto* create = std::get_if<sql::CreateIndex>(&statement.command)) {
      if (found(index_blocks_writes)) return index(*create, statement);
    } else if (const auto* drop = std::get_if<sql::Drop>(&statement.command)) {
      if (found(drop_index_blocks)) return dropped_index(*drop, statement);
    } else if (std::get_if<sql::Reindex>(&statement.command)) {
      if (found(reindex_blocks)) return refuse("REINDEX belongs into a job: REINDEX … CONCURRENTLY");
    } else if (const auto* update = std::get_if<sql::Update>(&statement.command)) {
      if (found(backfill_in_migration)) return backfill(*update, statement);
    } else if (const auto* alter_table = std::get_if<sql::AlterTable>(&statement.command)) {
      const Finding* finding = found_any({&foreign_key_blocks_writes, &check_blocks, &not_null_blocks, &unique_blocks,
                                          &exclusion_blocks, &table_rewrite, &type_change_rebuilds_index});
      if (!finding) return std::nullopt;
      if (alter_table->actions.size() != 1) return refuse("an ALTER TABLE with several actions is not taken apart");
      return action(*alter_table, alter_table->actions[0], statement, *finding->rule);
    }
    return std::nullopt;
  }

  std::optional<Rewritten> index(const sql::CreateIndex& create, const sql::ParsedStatement& statement) {
    const ddl::Relation* table = catalog_.find(create.table.name);
    if (table && table->kind == ddl::RelationKind::partitioned_table)
      return refuse(
          "PostgreSQL builds no index of a partitioned table CONCURRENTLY: ON ONLY it, CONCURRENTLY on each "
          "partition, then ATTACH");
    std::string made = after_words(statement.text, {"create", "index"}, " CONCURRENTLY");
    if (made.empty()) made = after_words(statement.text, {"create", "unique", "index"}, " CONCURRENTLY");
    if (made.empty()) return refuse("CREATE INDEX is written in an unusual way");
    // An invalid index that a failed run left must not pass for the one that is wanted.
    if (create.if_not_exists)
      if (const size_t at = text::to_lower(made).find("if not exists"); at != std::string::npos)
        made.erase(at, std::string_view("if not exists ").size());
    std::string name = create.name;
    const ddl::Name where = catalog_.resolve(create.table.name);
    if (name.empty()) {
      if (!table) return refuse("the index has no name");
      name = ddl::index_name(catalog_, *table, create);
      made = after_words(made, {create.unique ? "create unique index concurrently" : "create index concurrently"},
                         " " + sql::identifier(name));
      if (made.empty()) return refuse("the index has no name");
    }
    Rewritten out;
    const std::string drop =
        "DROP INDEX CONCURRENTLY " + sql::qualified(where.schema == "public" ? "" : where.schema, name) + ";";
    out.later = {Kind::build, name, {made + ";"}, {drop}, {}};
    out.pending = Pending{Pending::Kind::index, where, name, {}, ""};
    out.needed_by = {name};
    if (create.unique) {
      out.key_table = where;
      for (const sql::IndexKey& key : create.keys) out.key_columns.push_back(key.column);
    }
    out.undone_in = {"index " + name};
    out.sentence = "the index " + name + " is built CONCURRENTLY, in a migration of its own";
    return out;
  }

  std::optional<Rewritten> dropped_index(const sql::Drop& drop, const sql::ParsedStatement& statement) {
    if (drop.objects.size() != 1 || drop.cascade) return refuse("DROP INDEX of several, or with CASCADE");
    const ddl::Name name = drop.objects[0].name;
    const ddl::Relation* table = catalog_.table_of_index(name);
    if (!table) return refuse("whose index " + name.name + " is, is not known");
    if (table->kind == ddl::RelationKind::partitioned_table || table->partition_of)
      return refuse("PostgreSQL drops no index of a partitioned table CONCURRENTLY");
    const std::string made = after_words(statement.text, {"drop", "index"}, " CONCURRENTLY");
    if (made.empty()) return refuse("DROP INDEX is written in an unusual way");
    // The way back stays with the original, which is undone after this: there the index is made again.
    return refuse("DROP INDEX is short; to be sure, write it as a migration of its own: " + made + ";");
  }

  std::optional<Rewritten> action(const sql::AlterTable& alter_table, const sql::AlterAction& action,
                                  const sql::ParsedStatement& statement, const Rule& rule) {
    const ddl::Relation* table = catalog_.find(alter_table.table.name);
    if (!table) return refuse("the table is not known");
    if (table->kind == ddl::RelationKind::partitioned_table)
      return refuse("partitioned tables take other steps: each partition first, then the parent");
    const sql::Constraint& constraint = action.constraint;
    if (action.kind == sql::Alter::set_not_null) return not_null(*table, action.name);
    if (action.kind == sql::Alter::add_constraint) {
      switch (constraint.kind) {
        case sql::ConstraintKind::foreign_key:
        case sql::ConstraintKind::check:
          return not_valid(*table, constraint, statement);
        case sql::ConstraintKind::unique:
        case sql::ConstraintKind::primary_key:
          return using_index(*table, constraint, statement);
        default:
          break;
      }
    }
    return refuse(std::string(rule.name) + ": " + rule.safe);
  }

  std::optional<Rewritten> not_valid(const ddl::Relation& table, const sql::Constraint& constraint,
                                     const sql::ParsedStatement& statement) {
    std::string made(statement.text);
    const std::string name = ddl::constraint_name(catalog_, table, constraint);
    if (constraint.name.empty()) {
      const size_t at = static_cast<size_t>(constraint.at - statement.at);
      if (constraint.at < statement.at || at >= made.size()) return refuse("the constraint has no name");
      made.insert(at, "CONSTRAINT " + sql::identifier(name) + " ");
    }
    Rewritten out;
    out.now = {std::string(text::trim(made)) + " NOT VALID;"};
    out.later = {Kind::validate, name, {alter(table.name, "VALIDATE CONSTRAINT " + sql::identifier(name))}, {}, {}};
    out.needed_by = {name};
    out.sentence = "the constraint " + name + " is added NOT VALID, and validated in a migration after it";
    return out;
  }

  std::optional<Rewritten> not_null(const ddl::Relation& table, const std::string& column) {
    Rewritten out;
    const std::string check = table.name.name.substr(0, 20) + "_" + column.substr(0, 20) + "_present";
    const std::string quoted = sql::identifier(column);
    out.now = {alter(table.name,
                     "ADD CONSTRAINT " + sql::identifier(check) + " CHECK (" + quoted + " IS NOT NULL) NOT VALID")};
    out.later = {Kind::validate,
                 check,
                 {alter(table.name, "VALIDATE CONSTRAINT " + sql::identifier(check)),
                  alter(table.name, "ALTER COLUMN " + quoted + " SET NOT NULL"),
                  alter(table.name, "DROP CONSTRAINT " + sql::identifier(check))},
                 {alter(table.name, "ALTER COLUMN " + quoted + " DROP NOT NULL"),
                  alter(table.name,
                        "ADD CONSTRAINT " + sql::identifier(check) + " CHECK (" + quoted + " IS NOT NULL) NOT VALID")},
                 {}};
    out.pending = Pending{Pending::Kind::not_null, table.name, column, {}, check};
    out.needed_by = {table.name.name, column};
    out.undone_in = {"not null " + table.name.name + "." + column};
    const std::string drop = alter(table.name, "DROP CONSTRAINT " + sql::identifier(check));
    if (filled_later_.contains(table.name)) {
      // The check holds for every row that is written, also for old ones that were not filled yet.
      out.prepare = {Kind::prepare, check, std::move(out.now), {drop}, {}};
      out.now.clear();
    } else {
      out.undo_first = {drop};
    }
    out.sentence = "a check proves that " + shown(table.name) + "." + column +
                   " has no NULL; with it SET NOT NULL reads nothing, in a migration after it";
    return out;
  }

  std::optional<Rewritten> using_index(const ddl::Relation& table, const sql::Constraint& constraint,
                                       const sql::ParsedStatement& statement) {
    const bool primary = constraint.kind == sql::ConstraintKind::primary_key;
    if (constraint.columns.empty() || !constraint.index.empty())
      return refuse("the constraint's columns are not known");
    if (constraint.deferrable) return refuse("a deferrable constraint");
    if (names_all(statement.text, {"include"})) return refuse("a constraint with INCLUDE");
    if (names_all(statement.text, {"without", "overlaps"})) return refuse("a constraint WITHOUT OVERLAPS");
    if (primary)
      for (const std::string& column : constraint.columns)
        if (const ddl::Column* known = table.column(column); !known || !known->not_null)
          return refuse("the key's column " + column + " is not NOT NULL yet: make it so in a migration before");
    const std::string name = ddl::constraint_name(catalog_, table, constraint);
    Rewritten out;
    const std::string index = sql::identifier(name);
    out.later = {Kind::build,
                 name,
                 {"CREATE UNIQUE INDEX CONCURRENTLY " + index + " ON " + table_sql(table.name) + " (" +
                      sql::identifiers(constraint.columns) + ")" +
                      (constraint.nulls_not_distinct ? " NULLS NOT DISTINCT" : "") + ";",
                  alter(table.name,
                        "ADD CONSTRAINT " + index + (primary ? " PRIMARY KEY" : " UNIQUE") + " USING INDEX " + index)},
                 {alter(table.name, "DROP CONSTRAINT " + index)},
                 {}};
    out.pending =
        Pending{primary ? Pending::Kind::primary_key : Pending::Kind::unique, table.name, name, constraint.columns, ""};
    out.needed_by = {name};
    out.key_table = table.name;
    out.key_columns = constraint.columns;
    out.undone_in = {"constraint " + name};
    out.sentence = "the index of " + name +
                   " is built CONCURRENTLY, then the constraint takes it over, in a migration "
                   "of its own";
    return out;
  }

  std::optional<Rewritten> backfill(const sql::Update& update, const sql::ParsedStatement& statement) {
    const ddl::Name name = catalog_.resolve(update.table.name);
    const ddl::Relation* table = catalog_.find(name);
    if (!table) return refuse("the table is not known");
    std::string made(text::trim(statement.text));
    // A column that this file has made is NULL in every row that was not filled yet.
    const std::string fresh = column_made_here(name, update);
    const std::vector<std::string> words = sql::words_of(statement.text);
    const bool plain = std::find(words.begin(), words.end(), "from") == words.end() &&
                       std::find(words.begin(), words.end(), "returning") == words.end();
    if (!update.has_where && !fresh.empty() && plain) made += " WHERE " + sql::identifier(fresh) + " IS NULL";
    Rewritten out;
    out.later = {Kind::backfill, name.name, {made + ";"}, {}, {}};
    const ddl::Constraint* key = table->primary_key();
    if (key && key->definition.columns.size() == 1 && plain && (update.has_where || !fresh.empty())) {
      const std::string id = sql::identifier(key->definition.columns[0]);
      const std::string lower = text::to_lower(made);
      const size_t where = lower.rfind(" where ");
      if (where != std::string::npos)
        out.later->comments = {
            "A large table is filled in batches before this runs; then it finds nothing to do. Again and again, until "
            "it",
            "says UPDATE 0:",
            "  " + sql::one_line(made.substr(0, where), 1000) + " WHERE " + id + " IN (SELECT " + id + " FROM " +
                table_sql(name) + made.substr(where) + " LIMIT 5000 FOR UPDATE SKIP LOCKED);"};
    }
    out.needed_by = {name.name};
    out.sentence = "every row of " + shown(name) + " is filled in a migration of its own, without a lock on the table";
    return out;
  }

  std::string column_made_here(const ddl::Name& table, const sql::Update& update) const {
    for (const Judged& judged : file_.statements)
      if (const auto* alter_table = std::get_if<sql::AlterTable>(&judged.statement->command))
        for (const sql::AlterAction& each : alter_table->actions)
          if (each.kind == sql::Alter::add_column && catalog_.resolve(alter_table->table.name) == table &&
              !each.column.find(sql::ConstraintKind::default_value) &&
              std::find(update.columns.begin(), update.columns.end(), each.name) != update.columns.end())
            return each.name;
    return "";
  }

  // ---- putting it together

  bool wants_lock_timeout() const {
    if (how_.lock_timeout.empty()) return false;
    bool busy = false;
    for (const Judged& judged : file_.statements) {
      const auto* set = std::get_if<sql::SetParameter>(&judged.statement->command);
      if (judged.impact.outside_transaction || (set && set->name == "lock_timeout")) return false;
      for (const impact::Touched& item : judged.impact.touched)
        busy = busy || (impact::blocks_writes(item.lock) && !item.fresh && !item.created);
    }
    return busy;
  }

  void assemble(const std::vector<std::optional<Rewritten>>& rewritten) {
    FixedFile original;
    original.text = edited(rewritten);
    result_.files.push_back(std::move(original));
    // Filled first, then indexes, then what reads and proves: each kind is one migration.
    for (Kind kind : {Kind::backfill, Kind::build, Kind::prepare, Kind::validate}) {
      FixedFile file;
      file.kind = kind;
      std::vector<std::string> names;
      for (const auto& each : rewritten) {
        if (!each) continue;
        const std::optional<Rewritten::Later>& part = kind == Kind::prepare ? each->prepare : each->later;
        if (!part || part->kind != kind) continue;
        const Rewritten::Later& later = *part;
        names.push_back(later.what);
        file.statements.insert(file.statements.end(), later.statements.begin(), later.statements.end());
        file.comments.insert(file.comments.end(), later.comments.begin(), later.comments.end());
        file.down.insert(file.down.begin(), later.down.begin(), later.down.end());
        if (kind != Kind::prepare)
          file.undone_in.insert(file.undone_in.end(), each->undone_in.begin(), each->undone_in.end());
      }
      if (names.empty()) continue;
      const char* verb = kind == Kind::backfill  ? "fill_"
                         : kind == Kind::build   ? "build_"
                         : kind == Kind::prepare ? "check_"
                                                 : "validate_";
      file.name = verb + (names.size() == 1 ? names[0] : (how_.name.empty() ? names[0] + "_and_others" : how_.name));
      file.text = text::join(file.statements, "\n" + std::string(sql::breakpoint) + "\n") + "\n";
      result_.files.push_back(std::move(file));
    }
    // What the schema lacks after each file.
    for (const auto& each : rewritten) {
      if (!each) continue;
      result_.done.push_back(each->sentence);
      result_.undo_first.insert(result_.undo_first.end(), each->undo_first.begin(), each->undo_first.end());
      if (!each->pending) continue;
      for (FixedFile& file : result_.files) {
        if (file.kind == each->later->kind) break;
        file.pending.push_back(*each->pending);
        if (each->prepare && file.kind < Kind::prepare) file.pending.back().check.clear();
      }
    }
    if (wants_lock_timeout())
      result_.done.push_back("a statement waits " + how_.lock_timeout + " for its lock at most");
  }

  // The file's text with the statements rewritten where they stand; everything else stays as it is.
  std::string edited(const std::vector<std::optional<Rewritten>>& rewritten) {
    std::string out;
    size_t at = 0;
    for (size_t i = 0; i < rewritten.size(); i++) {
      if (!rewritten[i]) continue;
      const sql::ParsedStatement& statement = *file_.statements[i].statement;
      const size_t begin = static_cast<size_t>(statement.at);
      size_t end = begin + statement.text.size();
      if (end < text_.size() && text_[end] == ';') end++;
      out += text_.substr(at, begin - at);
      at = end;
      if (rewritten[i]->now.empty()) {
        at = after_separator(at);
        continue;
      }
      out += text::join(rewritten[i]->now, "\n");
    }
    out += text_.substr(at);
    if (wants_lock_timeout()) {
      const std::string set = "SET LOCAL lock_timeout = " + sql::literal(how_.lock_timeout) + ";";
      const bool breakpoints = text_.find(sql::breakpoint) != std::string_view::npos;
      const size_t first = static_cast<size_t>(file_.statements.front().statement->at);
      out.insert(std::min(first, out.size()), set + (breakpoints ? std::string(sql::breakpoint) : "") + "\n");
    }
    return without_empty_pieces(out);
  }

  // Behind the white space and the separator that follow a statement that is taken out.
  size_t after_separator(size_t at) const {
    size_t end = at;
    while (end < text_.size() && std::isspace(static_cast<unsigned char>(text_[end]))) end++;
    if (text_.substr(end).starts_with(sql::breakpoint)) {
      end += sql::breakpoint.size();
      if (end < text_.size() && text_[end] == '\n') end++;
      return end;
    }
    return at < text_.size() && text_[at] == '\n' ? at + 1 : at;
  }

  // A separator at the end has nothing behind it any more.
  static std::string without_empty_pieces(std::string text) {
    std::string_view trimmed = text::trim(text);
    while (trimmed.ends_with(sql::breakpoint)) {
      trimmed.remove_suffix(sql::breakpoint.size());
      while (!trimmed.empty() && std::isspace(static_cast<unsigned char>(trimmed.back()))) trimmed.remove_suffix(1);
    }
    const size_t begin = text.find_first_not_of(" \t\r\n");
    return begin == std::string::npos ? "" : text.substr(0, begin) + std::string(trimmed) + "\n";
  }

  ddl::Catalog catalog_;
  const FileReview& file_;
  std::string_view text_;
  const FixOptions& how_;
  int number_ = 0;
  std::set<ddl::Name> filled_later_;  // tables whose filling goes to a later migration
  Fix result_;
};

}  // namespace

Fix fix(const ddl::Catalog& before, const FileReview& file, std::string_view text, const FixOptions& how) {
  Fix made = Fixer(before, file, text, how).run();
  if (made.files.size() < 2) return made;
  // If nothing is left of the original, the first of the others takes its place, and keeps its way back.
  if (sql::parse(made.files[0].text).statements.empty()) {
    made.files[0].text += made.files[1].text;
    made.files[0].comments = made.files[1].comments;
    made.files[0].pending = made.files[1].pending;
    made.files.erase(made.files.begin() + 1);
  }
  return made;
}

std::string fixed_down(std::string_view down, const Fix& fix) {
  std::set<std::string> gone;
  for (const FixedFile& file : fix.files) gone.insert(file.undone_in.begin(), file.undone_in.end());
  auto is_gone = [&](const sql::ParsedStatement& statement) {
    if (const auto* drop = std::get_if<sql::Drop>(&statement.command))
      return drop->kind == sql::ObjectKind::index && drop->objects.size() == 1 &&
             gone.contains("index " + drop->objects[0].name.name);
    const auto* alter_table = std::get_if<sql::AlterTable>(&statement.command);
    if (!alter_table || alter_table->actions.size() != 1) return false;
    const sql::AlterAction& action = alter_table->actions[0];
    if (action.kind == sql::Alter::drop_constraint) return gone.contains("constraint " + action.name);
    return action.kind == sql::Alter::drop_not_null &&
           gone.contains("not null " + alter_table->table.name.name + "." + action.name);
  };
  const sql::ParsedFile parsed = sql::parse(down);
  const bool breakpoints = down.find(sql::breakpoint) != std::string_view::npos || parsed.statements.size() < 2;
  std::vector<std::string> statements = fix.undo_first;
  for (const sql::ParsedStatement& statement : parsed.statements)
    if (!is_gone(statement)) statements.push_back(std::string(statement.text) + ";");
  const bool same = fix.undo_first.empty() && statements.size() == parsed.statements.size();
  if (same || !parsed.failures.empty()) return std::string(down);
  // What stands above the first statement stays; comments between statements go with the rearrangement.
  const size_t first = parsed.statements.empty() ? down.size() : static_cast<size_t>(parsed.statements[0].at);
  const std::string head(down.substr(0, first));
  return head + text::join(statements, breakpoints ? "\n" + std::string(sql::breakpoint) + "\n" : "\n") + "\n";
}

}  // namespace sluice::review
