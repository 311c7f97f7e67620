#include "plan/plan.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "plan/columns.hpp"
#include "plan/enums.hpp"
#include "plan/render.hpp"
#include "plan/views.hpp"

namespace sluice::plan {

namespace {

using namespace model;
using diff::Altered;
using diff::of;
using diff::Rename;
using diff::RenameKind;

// Collects the statements of one plan. One function for each phase; make() below calls them in order.
class Planner {
 public:
  Planner(const Schema& before, const Schema& after, const diff::Changes& changes, const Options& options)
      : before_(before), after_(after), changes_(changes), options_(options), views_(plan_views(before, after, changes)) {
    for (const Table& table : of<Table>(changes).created) created_tables_.insert(table.key);
    for (const Table& table : of<Table>(changes).dropped) dropped_tables_.insert(table.key);
  }

  void rename_and_create_schemas() {
    for (const Rename& rename : changes_.renames)
      if (rename.kind == RenameKind::schema)
        add("ALTER SCHEMA " + sql::identifier(rename.from.name) + " RENAME TO " + sql::identifier(rename.to.name) + ";\n");
    for (const Namespace& object : of<Namespace>(changes_).created) add(create(object));
  }

  void rename_tables_and_columns() {
    for (const Rename& rename : changes_.renames) {
      if (rename.kind == RenameKind::table) rename_table(rename);
      if (rename.kind == RenameKind::column)
        add(alter_table(rename.to.owner()) + "RENAME COLUMN " + sql::identifier(rename.from.name) + " TO " +
            sql::identifier(rename.to.name) + ";");
    }
  }

  void types_and_sequences() {
    rename_objects(RenameKind::enumeration, "TYPE");
    for (const Enum& object : of<Enum>(changes_).created) add(create(object));
    for (const Altered<Enum>& change : of<Enum>(changes_).altered)
      if (can_add_values(change, after_, changes_)) add(add_values(change));
    rename_objects(RenameKind::sequence, "SEQUENCE");
    for (const Sequence& object : of<Sequence>(changes_).created) add(create(object));
    for (const Altered<Sequence>& change : of<Sequence>(changes_).altered)
      add("ALTER SEQUENCE " + full_name(change.after.key) + " " + sequence_options(change.after.options) +
          (change.after.options.cycle ? " CYCLE" : change.before.options.cycle ? " NO CYCLE" : "") + ";");
  }

  void roles() {
    for (const Rename& rename : changes_.renames)
      if (rename.kind == RenameKind::role)
        add("ALTER ROLE " + sql::identifier(rename.from.name) + " RENAME TO " + sql::identifier(rename.to.name) + ";");
    for (const Role& role : of<Role>(changes_).created) add(create(role));
    for (const Altered<Role>& change : of<Role>(changes_).altered) {
      const Role& role = change.after;
      add("ALTER ROLE " + sql::identifier(role.key.name) + " WITH" + (role.create_db ? " CREATEDB" : " NOCREATEDB") +
          (role.create_role ? " CREATEROLE" : " NOCREATEROLE") + (role.inherit ? " INHERIT" : " NOINHERIT") + ";");
    }
  }

  void drop_policies() {
    for (const Policy& policy : of<Policy>(changes_).dropped) drop_policy(policy);
    for (const Altered<Policy>& change : of<Policy>(changes_).altered)
      if (must_be_made_again(change)) drop_policy(change.before);
  }

  void drop_views() {
    for (const View* view : views_.drop) add("DROP " + view_kind(*view) + " " + full_name(view->key) + ";");
  }

  void create_tables() {
    auto columns = by_table<Column>(after_);
    auto primary_keys = by_table<PrimaryKey>(after_);
    auto uniques = by_table<Unique>(after_);
    auto checks = by_table<Check>(after_);
    auto policies = by_table<Policy>(after_);
    for (const Table& table : of<Table>(changes_).created) {
      std::vector<std::string> lines;
      for (const Column* column : columns[table.key]) lines.push_back(column_definition(*column, true));
      for (const PrimaryKey* key : primary_keys[table.key]) lines.push_back(constraint(*key));
      for (const Unique* unique : uniques[table.key]) lines.push_back(constraint(*unique));
      for (const Check* check : checks[table.key]) lines.push_back(constraint(*check));
      add("CREATE TABLE " + table_name(table.key) + " (\n\t" + text::join(lines, ",\n\t") + "\n);\n");
      if (table.row_security || !policies[table.key].empty()) add(alter_table(table.key) + "ENABLE ROW LEVEL SECURITY;");
    }
  }

  // drizzle turns row security on with the first policy, also without enableRLS().
  void row_security() {
    auto policies_before = by_table<Policy>(before_);
    auto policies_after = by_table<Policy>(after_);
    for (const Table& table : all<Table>(after_)) {
      if (created_tables_.contains(table.key)) continue;
      const Table* old = find_renamed(table.key);
      bool was = old && (old->row_security || policies_before.contains(old->key));
      bool is = table.row_security || policies_after.contains(table.key);
      if (was != is) add(alter_table(table.key) + (is ? "ENABLE" : "DISABLE") + " ROW LEVEL SECURITY;");
    }
  }

  void drop_constraints_and_tables() {
    for (const ForeignKey& key : of<ForeignKey>(changes_).dropped)
      if (!dropped_tables_.contains(key.key.owner())) drop_constraint(key.key, "\n");
    for (const Altered<ForeignKey>& change : of<ForeignKey>(changes_).altered) drop_constraint(change.before.key, "\n");
    for (const Table& table : of<Table>(changes_).dropped) {
      note("Table " + display(table.key) + " is dropped with its rows.");
      add("DROP TABLE " + table_name(table.key) + " CASCADE;");
    }
    drop_changed<Unique>();
    drop_changed<Check>();
    for (const Index& index : of<Index>(changes_).dropped) drop_index(index.key);
    for (const Altered<Index>& change : of<Index>(changes_).altered) drop_index(change.before.key);
    drop_changed<PrimaryKey>();
    for (const Altered<Column>& change : of<Column>(changes_).altered)
      if (change.has("primaryKey") && change.before.primary_key) drop_constraint(default_primary_key(change.before.key));
    for (const Column& column : of<Column>(changes_).dropped)
      if (column.primary_key) drop_constraint(default_primary_key(column.key));
  }

  void recreate_enums() {
    for (const Altered<Enum>& change : of<Enum>(changes_).altered) {
      if (can_add_values(change, after_, changes_)) continue;
      for (const std::string& value : change.before.values)
        if (std::find(change.after.values.begin(), change.after.values.end(), value) == change.after.values.end())
          note("Enum " + display(change.after.key) + " loses the value " + sql::literal(value) +
               ": the migration fails while a row has it.");
      add(recreate(change, before_, after_));
    }
  }

  void columns() {
    for (const Altered<Column>& change : of<Column>(changes_).altered) {
      std::optional<std::string> value = backfill_for(change.after);
      if (change.has("notNull") && change.after.not_null && !value && !change.after.primary_key)
        note("Column " + display(change.after.key) +
             " becomes NOT NULL: the migration fails while a row has NULL there (--backfill " +
             display(change.after.key) + "=<value> fills them).");
      add(alter_column(change, value));
    }
    for (const Column& column : of<Column>(changes_).created) {
      if (created_tables_.contains(column.key.owner())) continue;
      std::optional<std::string> value;
      if (needs_backfill(column)) {
        value = backfill_for(column);
        if (!value && options_.reverse) value = made_up(column);
        if (!value && !options_.reverse && !declared_empty(column)) missing_.push_back(column);
      }
      add(add_column(column, value));
    }
  }

  void add_constraints() {
    for (const Altered<Column>& change : of<Column>(changes_).altered)
      if (change.has("primaryKey") && change.after.primary_key)
        add(alter_table(change.after.key.owner()) + "ADD PRIMARY KEY (" + sql::identifier(change.after.key.name) + ");");
    add_changed<PrimaryKey>();
    add_changed<Unique>();
    for (const ForeignKey& key : of<ForeignKey>(changes_).created) add_constraint(key);
    for (const Altered<ForeignKey>& change : of<ForeignKey>(changes_).altered) add_constraint(change.after);
    for (const Index& index : of<Index>(changes_).created) create_index(index);
    for (const Altered<Index>& change : of<Index>(changes_).altered) create_index(change.after);
  }

  void drop_columns() {
    for (const Column& column : of<Column>(changes_).dropped) {
      if (!column.generated) note("Column " + display(column.key) + " is dropped with its values.");
      add(alter_table(column.key.owner()) + "DROP COLUMN " + sql::identifier(column.key.name) + ";");
    }
    // A check may read a column that was just added.
    add_changed<Check>();
  }

  void rename_constraints() {
    rename_all<PrimaryKey>();
    rename_all<Unique>();
    rename_all<Check>();
    rename_all<ForeignKey>();
    for (const Altered<Index>& change : of<Index>(changes_).renamed)
      add("ALTER INDEX " + table_name({change.before.key.schema, "", change.before.key.name}) + " RENAME TO " +
          sql::identifier(change.after.key.name) + ";");
  }

  void create_views() {
    for (const Altered<View>& change : of<View>(changes_).renamed)
      add("ALTER " + view_kind(change.before) + " " + full_name(change.before.key) + " RENAME TO " +
          sql::identifier(change.after.key.name) + ";");
    for (const Altered<View>& change : of<View>(changes_).altered) alter_view_options(change);
    for (const View* view : views_.create) add(create(*view));
  }

  void create_policies() {
    for (const Policy& policy : of<Policy>(changes_).created) add(create(policy));
    for (const Altered<Policy>& change : of<Policy>(changes_).altered) {
      const Policy& policy = change.after;
      if (must_be_made_again(change)) {
        add(create(policy));
        continue;
      }
      add("ALTER POLICY " + sql::identifier(policy.key.name) + " ON " + policy_table(policy) + " TO " +
          role_list(policy.to) + (policy.using_expression ? " USING (" + *policy.using_expression + ")" : "") +
          (policy.with_check ? " WITH CHECK (" + *policy.with_check + ")" : "") + ";");
    }
  }

  void drop_types_sequences_roles_schemas() {
    for (const Enum& object : of<Enum>(changes_).dropped) add("DROP TYPE " + full_name(object.key) + ";");
    for (const Sequence& object : of<Sequence>(changes_).dropped) add("DROP SEQUENCE " + full_name(object.key) + ";");
    for (const Role& role : of<Role>(changes_).dropped) add("DROP ROLE " + sql::identifier(role.key.name) + ";");
    for (const Namespace& object : of<Namespace>(changes_).dropped)
      add("DROP SCHEMA " + sql::identifier(object.key.name) + ";\n");
  }

  Plan finish() && { return {std::move(statements_), std::move(missing_), std::move(notes_)}; }

 private:
  void add(std::string sql, bool transactional = true) { statements_.push_back({std::move(sql), transactional}); }
  void add(std::vector<Statement> statements) {
    for (Statement& statement : statements) statements_.push_back(std::move(statement));
  }
  void note(std::string text) { notes_.push_back(std::move(text)); }

  void rename_table(const Rename& rename) {
    Key at = rename.from;
    if (rename.from.schema != rename.to.schema) {
      add("ALTER TABLE " + full_name(at) + " SET SCHEMA " + sql::identifier(rename.to.schema) + ";\n");
      at.schema = rename.to.schema;
    }
    if (rename.from.name == rename.to.name) return;
    add("ALTER TABLE " + table_name(at) + " RENAME TO " + sql::identifier(rename.to.name) + ";");
    // What PostgreSQL named after the table keeps the old name; IF EXISTS because an older rename may have left an even
    // older one.
    for (const Column& column : all<Column>(before_)) {
      if (column.key.owner() != rename.from) continue;
      if (column.primary_key) rename_if_exists("INDEX", at.schema, rename, "_pkey");
      if (is_serial(column.type)) rename_if_exists("SEQUENCE", at.schema, rename, "_" + column.key.name + "_seq");
    }
  }

  void rename_if_exists(const std::string& kind, const std::string& schema, const Rename& rename,
                        const std::string& suffix) {
    add("ALTER " + kind + " IF EXISTS " + table_name({schema, "", rename.from.name + suffix}) + " RENAME TO " +
        sql::identifier(rename.to.name + suffix) + ";");
  }

  // Enums and sequences: moved, then renamed.
  void rename_objects(RenameKind kind, const std::string& word) {
    for (const Rename& rename : changes_.renames) {
      if (rename.kind != kind) continue;
      Key at = rename.from;
      if (at.schema != rename.to.schema) {
        add("ALTER " + word + " " + full_name(at) + " SET SCHEMA " + sql::identifier(rename.to.schema) + ";");
        at.schema = rename.to.schema;
      }
      if (at.name != rename.to.name)
        add("ALTER " + word + " " + full_name(at) + " RENAME TO " + sql::identifier(rename.to.name) + ";");
    }
  }

  static bool must_be_made_again(const Altered<Policy>& change) {
    // ALTER POLICY can neither change AS and FOR nor take an expression away.
    return change.has("as") || change.has("for") || change.has("on") ||
           (change.before.using_expression && !change.after.using_expression) ||
           (change.before.with_check && !change.after.with_check);
  }

  void drop_policy(const Policy& policy) {
    if (!dropped_tables_.contains(policy.key.owner()))
      add("DROP POLICY " + sql::identifier(policy.key.name) + " ON " + policy_table(policy) + " CASCADE;");
  }

  // The table of this name before the migration, under whatever name it had.
  const Table* find_renamed(const Key& key) const {
    Key old = key;
    for (auto rename = changes_.renames.rbegin(); rename != changes_.renames.rend(); ++rename) {
      if (rename->kind == RenameKind::table && rename->to == old) old = rename->from;
      if (rename->kind == RenameKind::schema && rename->to.name == old.schema) old.schema = rename->from.name;
    }
    return find<Table>(before_, old);
  }

  void drop_constraint(const Key& key, const std::string& end = "") {
    add(alter_table(key.owner()) + "DROP CONSTRAINT " + sql::identifier(key.name) + ";" + end);
  }
  void drop_index(const Key& key) { add("DROP INDEX " + table_name({key.schema, "", key.name}) + ";"); }

  // PostgreSQL's name for a primary key that was given none.
  static Key default_primary_key(const Key& column) { return {column.schema, column.table, column.table + "_pkey"}; }

  template <class Kind>
  void drop_changed() {
    for (const Kind& object : of<Kind>(changes_).dropped) drop_constraint(object.key);
    for (const Altered<Kind>& change : of<Kind>(changes_).altered) drop_constraint(change.before.key);
  }
  template <class Kind>
  void add_constraint(const Kind& object) {
    add(alter_table(object.key.owner()) + "ADD " + constraint(object) + ";");
  }
  template <class Kind>
  void add_changed() {
    for (const Kind& object : of<Kind>(changes_).created)
      if (!created_tables_.contains(object.key.owner())) add_constraint(object);
    for (const Altered<Kind>& change : of<Kind>(changes_).altered) add_constraint(change.after);
  }
  template <class Kind>
  void rename_all() {
    for (const Altered<Kind>& change : of<Kind>(changes_).renamed)
      add(alter_table(change.before.key.owner()) + "RENAME CONSTRAINT " + sql::identifier(change.before.key.name) +
          " TO " + sql::identifier(change.after.key.name) + ";");
  }

  void create_index(const Index& index) {
    // A table that was created a moment ago has no traffic: CONCURRENTLY would only take the transaction away.
    bool concurrently = index.concurrently && !created_tables_.contains(index.key.owner());
    add(create(index, concurrently), !concurrently);
  }

  void alter_view_options(const Altered<View>& change) {
    bool rebuilt = std::any_of(views_.create.begin(), views_.create.end(),
                               [&](const View* view) { return view->key == change.after.key; });
    if (rebuilt) return;
    std::string alter = "ALTER " + view_kind(change.after) + " " + full_name(change.after.key) + " ";
    auto value_of = [](const model::Options& options, const std::string& name) -> const Literal* {
      for (const auto& [key, value] : options)
        if (key == name) return &value;
      return nullptr;
    };
    std::vector<std::string> set, reset;
    for (const auto& [name, value] : change.after.with) {
      const Literal* old = value_of(change.before.with, name);
      if (!old || !(*old == value)) set.push_back(view_option_name(name) + " = " + value.text);
    }
    for (const auto& [name, value] : change.before.with)
      if (!value_of(change.after.with, name)) reset.push_back(view_option_name(name));
    if (!reset.empty()) add(alter + "RESET (" + text::join(reset, ", ") + ");");
    if (!set.empty()) add(alter + "SET (" + text::join(set, ", ") + ");");
    if (change.has("tablespace")) add(alter + "SET TABLESPACE " + change.after.tablespace.value_or("pg_default") + ";");
    if (change.has("using"))
      add(alter + "SET ACCESS METHOD " + sql::identifier(change.after.using_method.value_or("heap")) + ";");
  }

  std::optional<std::string> given(const Column& column) const {
    for (const std::string& name : {display(column.key), column.key.schema + "." + column.key.table + "." + column.key.name})
      if (auto found = options_.backfill.find(name); found != options_.backfill.end()) return found->second;
    return std::nullopt;
  }
  bool declared_empty(const Column& column) const { return given(column) == "none"; }
  std::optional<std::string> backfill_for(const Column& column) const {
    std::optional<std::string> value = given(column);
    if (value == "none") value.reset();
    return value;
  }

  std::optional<std::string> made_up(const Column& column) {
    for (const ForeignKey& key : all<ForeignKey>(after_))
      if (key.key.owner() == column.key.owner() &&
          std::find(key.columns_from.begin(), key.columns_from.end(), column.key.name) != key.columns_from.end()) {
        note("Column " + display(column.key) + " refers to another table: bringing it back fails while there are rows.");
        return std::nullopt;
      }
    std::optional<std::string> value = neutral_value(column);
    note(value ? "Column " + display(column.key) + " comes back with " + *value + " in every row: its values are gone."
               : "Column " + display(column.key) + " cannot come back while there are rows: its values are gone.");
    return value;
  }

  const Schema &before_, &after_;
  const diff::Changes& changes_;
  const Options& options_;
  ViewPlan views_;
  std::set<Key> created_tables_, dropped_tables_;
  std::vector<Statement> statements_;
  std::vector<Column> missing_;
  std::vector<std::string> notes_;
};

}  // namespace

Plan make(const Schema& before, const Schema& after, const diff::Changes& changes, const Options& options) {
  Planner planner(before, after, changes, options);
  // Order matters. Names first, so that everything after may use the new ones.
  planner.rename_and_create_schemas();
  planner.rename_tables_and_columns();
  planner.types_and_sequences();
  planner.roles();
  // What reads tables goes before they change.
  planner.drop_policies();
  planner.drop_views();
  planner.create_tables();
  planner.row_security();
  // Foreign keys go before the tables and keys that they point at.
  planner.drop_constraints_and_tables();
  planner.rename_constraints();
  planner.recreate_enums();
  // Columns are added before the constraints on them, and dropped after the constraints that replace theirs.
  planner.columns();
  planner.add_constraints();
  planner.drop_columns();
  planner.create_views();
  planner.create_policies();
  // Types go when no column has them any more, schemas when they are empty.
  planner.drop_types_sequences_roles_schemas();
  return std::move(planner).finish();
}

Plan reverse(const Schema& before, const Schema& after, const diff::Renames& renames) {
  Options options;
  options.reverse = true;
  return make(after, before, diff::compare(after, before, diff::inverted(renames)), options);
}

}  // namespace sluice::plan
