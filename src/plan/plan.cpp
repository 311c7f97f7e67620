#include "plan/plan.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "model/names.hpp"
#include "plan/beyond.hpp"
#include "plan/beyond_render.hpp"
#include "plan/casts.hpp"
#include "plan/collisions.hpp"
#include "plan/columns.hpp"
#include "plan/cycles.hpp"
#include "plan/distribution.hpp"
#include "plan/duplicates.hpp"
#include "plan/enums.hpp"
#include "plan/inheritance.hpp"
#include "plan/numbering.hpp"
#include "plan/online.hpp"
#include "plan/partitions.hpp"
#include "plan/rebuild.hpp"
#include "plan/renames.hpp"
#include "plan/render.hpp"
#include "plan/retype.hpp"
#include "plan/views.hpp"

namespace sluice::plan {

namespace {

using namespace model;
using diff::Altered;
using diff::of;

// The columns that are NOT NULL to PostgreSQL because they are part of a composite primary key.
std::set<Key> key_columns(const Schema& schema) {
  std::set<Key> out;
  for (const PrimaryKey& key : all<PrimaryKey>(schema))
    for (const std::string& column : key.columns) out.insert({key.key.schema, key.key.table, column});
  return out;
}

bool is_not_null(const Column& column, const std::set<Key>& in_keys) {
  return column.not_null || column.primary_key || column.identity || is_serial(column.type) ||
         in_keys.contains(column.key);
}

// Collects the statements of one plan. One function for each phase; make() below calls them in order.
// `old` is the schema before the migration, under the names that the renames give it.
class Planner {
 public:
  Planner(const Schema& old, const Schema& after, const diff::Changes& changes, const Options& options,
          std::vector<const Altered<Enum>*> recreated)
      : old_(old),
        after_(after),
        changes_(changes),
        options_(options),
        recreated_(std::move(recreated)),
        views_(plan_views(old, after, changes)),
        beyond_(old, after, changes, views_),
        old_keys_(key_columns(old)),
        keys_(key_columns(after)) {
    for (const Table& table : of<Table>(changes).created) created_tables_.insert(table.key);
    for (const Table& table : of<Table>(changes).dropped) dropped_tables_.insert(table.key);
    for (const Altered<Enum>* change : recreated_) recreated_enums_.insert(change->after.key);
    names_ = contested_names(old, after, changes, views_);
    for (const View& view : all<View>(old))
      if (view.existing) declared_.insert(view.key);
  }

  void rename(const Schema& before) {
    add(rename_all(changes_.renames, of<Namespace>(changes_).created));
    if (!changes_.renames.empty()) add(rename_implicit(before, old_));
  }

  // What goes last gives its name away first, where something new needs it.
  void give_names_away() {
    auto step_aside = [&](const char* kind, const Key& key) {
      if (const Key& aside = names_.present(key); !(aside == key))
        add("ALTER " + std::string(kind) + " " + full_name(key) + " RENAME TO " + sql::identifier(aside.name) + ";");
    };
    for (const Enum& object : of<Enum>(changes_).dropped) step_aside("TYPE", object.key);
    for (const Sequence& object : of<Sequence>(changes_).dropped) step_aside("SEQUENCE", object.key);
  }

  void types_and_sequences() {
    add(beyond_.extensions_and_collations());
    for (const Enum& object : of<Enum>(changes_).created)
      if (!names_.waits(object.key)) add(create(object));
    for (const Altered<Enum>& change : of<Enum>(changes_).altered) {
      if (!recreated_enums_.contains(change.after.key)) {
        add(add_values(change));
        continue;
      }
      for (const std::string& value : change.before.values)
        if (std::find(change.after.values.begin(), change.after.values.end(), value) == change.after.values.end())
          note("Enum " + display(change.after.key) + " loses the value " + sql::literal(value) +
               ": the migration fails while a row has it.");
      if (!beyond_.drops_functions()) make_again(change);
    }
    for (const Sequence& object : of<Sequence>(changes_).created)
      if (!names_.waits(object.key)) add(create(object));
    for (const Altered<Sequence>& change : of<Sequence>(changes_).altered) {
      std::vector<Statement> altered;
      if (std::any_of(change.fields.begin(), change.fields.end(), [](std::string_view f) { return f[0] != '_'; }))
        altered = alter_sequence(change);
      // Before its limits, which the other type may not have, and after its value fits.
      if (change.has("_type"))
        altered.insert(
            altered.empty() ? altered.end() : altered.end() - 1,
            {"ALTER SEQUENCE " + full_name(change.after.key) + " AS " + change.after.type.value_or("bigint") + ";"});
      add(std::move(altered));
    }
  }

  void make_again(const Altered<Enum>& change) {
    add(step_aside(change.after.key, old_));
    add(create(change.after));
  }

  void roles() {
    for (const Role& role : of<Role>(changes_).created) add(create(role));
    for (const Altered<Role>& change : of<Role>(changes_).altered) {
      const Role& role = change.after;
      add("ALTER ROLE " + sql::identifier(role.key.name) + " WITH" + (role.create_db ? " CREATEDB" : " NOCREATEDB") +
          (role.create_role ? " CREATEROLE" : " NOCREATEROLE") + (role.inherit ? " INHERIT" : " NOINHERIT") + ";");
    }
  }

  void drop_policies_and_views() {
    for (const Policy& policy : of<Policy>(changes_).dropped) drop_policy(policy);
    for (const Altered<Policy>& change : of<Policy>(changes_).altered)
      if (must_be_made_again(change)) drop_policy(change.before);
    add(beyond_.drop_readers());
    if (!beyond_.idle())
      add(beyond_.drop_views_and_functions());
    else
      for (const View* view : views_.drop) add("DROP " + view_kind(*view) + " " + full_name(view->key) + ";");
    for (const Altered<View>* change : views_.rename) {
      Key at = change->before.key;
      const Key& to = change->after.key;
      std::string alter = "ALTER " + view_kind(change->before) + " ";
      if (at.schema != to.schema) add(alter + full_name(at) + " SET SCHEMA " + sql::identifier(to.schema) + ";");
      at.schema = to.schema;
      if (!same_name(at.name, to.name)) add(alter + full_name(at) + " RENAME TO " + sql::identifier(to.name) + ";");
    }
  }

  // Foreign keys first: they depend on keys and tables that go.
  void drop_constraints() {
    add(leave_parents(old_, after_, changes_));
    add(beyond_.drop_constraints());
    // Those of a dropped table go with it, unless a key that they stand on goes before.
    LostKeys lost = lost_keys(changes_);
    for (const ForeignKey& key : of<ForeignKey>(changes_).dropped)
      if (!dropped_tables_.contains(key.key.owner()) ||
          (!dropped_tables_.contains(key.target()) && stands_on_lost_key(key, lost)))
        drop_constraint(key.key, "\n");
    for (const Altered<ForeignKey>& change : of<ForeignKey>(changes_).altered) drop_constraint(change.before.key, "\n");
    drop_uniques();
    drop_changed<Check>();
    // Those of a view go with it.
    auto drop = [&](const Index& index) {
      bool with_view = std::any_of(views_.drop.begin(), views_.drop.end(),
                                   [&](const View* view) { return view->key == index.key.owner(); });
      if (!with_view) drop_index(index.key);
    };
    for (const Index& index : of<Index>(changes_).dropped) drop(index);
    for (const Altered<Index>& change : of<Index>(changes_).altered) drop(change.before);
    drop_changed<PrimaryKey>();
    for (const Altered<Column>& change : of<Column>(changes_).altered)
      if (change.has("primaryKey") && change.before.primary_key)
        drop_constraint(default_primary_key(change.before.key));
    for (const Column& column : of<Column>(changes_).dropped)
      if (column.primary_key) drop_constraint(default_primary_key(column.key));
    give_identity_names_away();
    add(rename_constraints(changes_));
  }

  // Columns are added before others are dropped; one of them may need the name of the other's sequence.
  void give_identity_names_away() {
    const auto& columns = of<Column>(changes_);
    std::set<Key> wanted;
    for (const Column& column : columns.created)
      if (column.identity) wanted.insert({column.key.schema, "", clipped(column.identity->name)});
    for (const Column& column : columns.dropped)
      if (column.identity && wanted.contains({column.key.schema, "", clipped(column.identity->name)}))
        add(alter_table(column.key.owner()) + "ALTER COLUMN " + sql::identifier(column.key.name) + " DROP IDENTITY;");
  }

  // Created before dropped, so that a person can put statements between that carry rows over; unless a name of the one
  // is a name of the other.
  void tables() {
    bool drop_first = names_.drop_tables_first;
    if (beyond_.drops_functions()) drop_functions();
    add(beyond_.types_and_functions());
    if (drop_first) drop_tables();
    for (const Enum& object : of<Enum>(changes_).created)
      if (names_.waits(object.key)) add(create(object));
    for (const Sequence& object : of<Sequence>(changes_).created)
      if (names_.waits(object.key)) add(create(object));
    create_tables();
    row_security();
    if (!drop_first) drop_tables();
  }

  // A function goes while the types of its arguments have their names, and after the generated columns that call it.
  void drop_functions() {
    for (const Altered<Column>& change : of<Column>(changes_).altered)
      if (is_replaced(change) && beyond_.calls_replaced(change.before.generated)) {
        drop_column(change.after.key, "drop column");
        gone_.insert(change.after.key);
      }
    for (const Column& column : of<Column>(changes_).dropped)
      if (beyond_.calls_replaced(column.generated) && !follows_parent(column, old_, after_)) {
        drop_column(column.key, "DROP COLUMN");
        gone_.insert(column.key);
      }
    add(beyond_.drop_functions());
    for (const Altered<Enum>* change : recreated_) make_again(*change);
  }

  void columns() {
    // PostgreSQL alters and drops no column that a generated one reads.
    for (const Column& column : of<Column>(changes_).dropped)
      if (column.generated && !gone_.contains(column.key) && !follows_parent(column, old_, after_))
        drop_column(column.key, "DROP COLUMN");
    for (const Altered<Column>& change : of<Column>(changes_).altered) {
      if (comes_from_parent(change.after) || gone_.contains(change.after.key)) continue;
      if (is_replaced(change)) {
        drop_column(change.after.key, "drop column");  // as drizzle-kit writes it
      } else if (change.has("generated")) {
        add(alter_table(change.after.key.owner()) + "ALTER COLUMN " + sql::identifier(change.after.key.name) +
            " DROP EXPRESSION;");
      }
    }
    std::set<Key> settled;
    for (const Altered<Column>& change : of<Column>(changes_).altered) {
      settled.insert(change.after.key);
      if (comes_from_parent(change.after) && comes_from_parent(change.before)) {
        // Its type is the parent's; its default is its own.
        Altered<Column> own{change.before, change.after, {}};
        for (std::string_view field : change.fields)
          if (field == "default" || field == "notNull") own.fields.push_back(field);
        if (!own.fields.empty()) alter(own);
        continue;
      }
      if (is_replaced(change)) {
        if (!change.before.generated)
          note("Column " + display(change.after.key) + " loses its values: they are computed from now on.");
        continue;
      }
      alter(change);
    }
    // A primary key that goes leaves its columns NOT NULL.
    auto leave_null = [&](const PrimaryKey& key) {
      for (const std::string& name : key.columns) loosened_.insert({key.key.schema, key.key.table, name});
    };
    for (const PrimaryKey& key : of<PrimaryKey>(changes_).dropped) leave_null(key);
    for (const Altered<PrimaryKey>& change : of<PrimaryKey>(changes_).altered) leave_null(change.before);
    if (!loosened_.empty())
      for (const Column& column : all<Column>(after_))
        if (loosened_.contains(column.key) && !settled.contains(column.key) && !is_not_null(column, keys_) &&
            old_keys_.contains(column.key))
          add(alter_table(column.key.owner()) + "ALTER COLUMN " + sql::identifier(column.key.name) + " DROP NOT NULL;");
    // Those of a child first: what the parent gets then becomes one with them.
    const std::vector<const Column*> created = with_inheriting(of<Column>(changes_).created, after_, true);
    // Generated columns read the others.
    for (bool generated : {false, true})
      for (const Column* column : created)
        if (column->generated.has_value() == generated && !created_tables_.contains(column->key.owner()) &&
            !follows_parent(*column, old_, after_))
          add_new(*column);
    for (const Altered<Column>& change : of<Column>(changes_).altered)
      if (is_replaced(change) && !comes_from_parent(change.after)) add(add_column(change.after, std::nullopt));
    add(beyond_.tables_created(created_tables_));
  }

  // Before keys are added: a key must have the column by which the table is spread, a foreign key may cross servers
  // only where Citus knows both tables.
  void distribute() { add(plan::distribute(old_, after_, changes_, notes_)); }

  void add_constraints() {
    for (const Altered<Column>& change : of<Column>(changes_).altered)
      if (change.has("primaryKey") && change.after.primary_key && !is_replaced(change))
        add(alter_table(change.after.key.owner()) + "ADD PRIMARY KEY (" + sql::identifier(change.after.key.name) +
            ");");
    add_changed<PrimaryKey>();
    add_changed<Unique>();
    // A foreign key may point at what a unique index makes unique.
    std::set<Key> targets;
    for (const ForeignKey& key : of<ForeignKey>(changes_).created) targets.insert(key.target());
    for (const Altered<ForeignKey>& change : of<ForeignKey>(changes_).altered) targets.insert(change.after.target());
    auto is_target = [&](const Index& index) {
      return index.unique && !index.where && targets.contains(index.key.owner());
    };
    each_index([&](const Index& index) {
      if (is_target(index)) create_index(index, false);
    });
    std::set<Key> deferred = options_.deferrable_cycles ? keys_in_cycles(after_) : std::set<Key>();
    auto add_foreign_key = [&](const ForeignKey& key) {
      add(alter_table(key.key.owner()) + "ADD " + constraint(key) +
          (deferred.contains(key.key) ? " DEFERRABLE INITIALLY DEFERRED;" : ";"));
    };
    for (const ForeignKey& key : of<ForeignKey>(changes_).created) add_foreign_key(key);
    for (const Altered<ForeignKey>& change : of<ForeignKey>(changes_).altered) add_foreign_key(change.after);
    each_index([&](const Index& index) {
      if (!is_target(index)) create_index(index, index.concurrently);
    });
    add(beyond_.add_constraints());
  }

  void drop_columns() {
    // Those of a parent first: a child can only drop what it does not inherit any more.
    for (const Column* column : with_inheriting(of<Column>(changes_).dropped, old_, false)) {
      if (column->generated || follows_parent(*column, old_, after_)) continue;
      note("Column " + display(column->key) + " is dropped with its values.");
      drop_column(column->key, "DROP COLUMN");
    }
    // A check may read a column that was just added.
    add_changed<Check>();
  }

  void create_views() {
    for (const Altered<View>* change : views_.alter_options) add(alter_options(*change));
    for (const View* view : views_.create) {
      // It is there already, by other hands.
      if (declared_.contains(view->key)) add("DROP " + view_kind(*view) + " IF EXISTS " + full_name(view->key) + ";");
      if (beyond_.idle()) add(create(*view));
    }
    if (!beyond_.idle()) add(beyond_.create_views_and_functions());
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

  void triggers_comments_and_grants() {
    if (beyond_.idle()) return;
    add(beyond_.triggers_and_rules());
    add(beyond_.finish(notes_));
  }

  void drop_types_sequences_roles_schemas() {
    if (!beyond_.idle()) add(beyond_.drop_types_and_functions());
    for (const Altered<Enum>* change : recreated_)
      add("DROP TYPE " + full_name(old_type(change->after.key, old_)) + ";");
    for (const Enum& object : of<Enum>(changes_).dropped)
      add("DROP TYPE " + full_name(names_.present(object.key)) + ";");
    for (const Sequence& object : of<Sequence>(changes_).dropped)
      add("DROP SEQUENCE " + full_name(names_.present(object.key)) + ";");
    if (!beyond_.idle()) add(beyond_.drop_extensions_and_collations());
    for (const Role& role : of<Role>(changes_).dropped) add("DROP ROLE " + sql::identifier(role.key.name) + ";");
    for (const Namespace& object : of<Namespace>(changes_).dropped)
      add("DROP SCHEMA " + sql::identifier(object.key.name) + ";\n");
    // What cannot stand in a transaction comes last, so that all before it is one.
    add(std::move(last_));
  }

  // drizzle makes names of any length.
  void note_long_names() {
    std::vector<std::string> names;
    auto add = [&](const auto& kind) {
      for (const auto& object : kind.created)
        if (object.key.name.size() > max_name_bytes)
          names.push_back(object.key.name + " (" + clipped(object.key.name) + ")");
    };
    std::apply([&](const auto&... kinds) { (add(kinds), ...); }, changes_.by_kind);
    if (!names.empty())
      note("PostgreSQL keeps 63 bytes of a name, and shortens these: " + text::join(names, ", ") + ".");
  }

  Plan finish() && {
    std::vector<Statement> mode = citus_mode(old_, after_, changes_, statements_);
    statements_.insert(statements_.begin(), mode.begin(), mode.end());
    return {std::move(statements_), std::move(missing_), std::move(notes_)};
  }

 private:
  void add(std::string sql) { statements_.push_back({std::move(sql)}); }
  void add(std::vector<Statement> statements) {
    for (Statement& statement : statements) statements_.push_back(std::move(statement));
  }
  void note(std::string text) { notes_.push_back(std::move(text)); }

  void create_tables() {
    if (created_tables_.empty()) return;
    auto columns = by_table<Column>(after_);
    auto primary_keys = by_table<PrimaryKey>(after_);
    auto uniques = by_table<Unique>(after_);
    auto checks = by_table<Check>(after_);
    auto policies = by_table<Policy>(after_);
    const std::map<Key, Repeats> repeated = repeated_uniques(after_);
    for (const Table* created : parents_first(of<Table>(changes_).created)) {
      const Table& table = *created;
      std::vector<std::string> lines;
      std::vector<const Unique*> left;
      for (const Column* column : columns[table.key])
        if (!comes_from_parent(*column)) lines.push_back(column_definition(*column, true));
      for (const PrimaryKey* key : primary_keys[table.key]) lines.push_back(constraint(*key));
      for (const Unique* unique : uniques[table.key])
        if (repeated.contains(unique->key))
          left.push_back(unique);
        else
          lines.push_back(constraint(*unique));
      for (const Check* check : checks[table.key])
        if (!check->definition || !check->definition->ends_with("NOT VALID")) lines.push_back(constraint(*check));
      add("CREATE " + table_prefix(table) + "TABLE " + table_name(table.key) + " (\n\t" + text::join(lines, ",\n\t") +
          "\n)" + table_suffix(table) + ";\n");
      for (const Unique* unique : left) add_constraint(*unique);
      if (table.row_security || policies.contains(table.key))
        add(alter_table(table.key) + "ENABLE ROW LEVEL SECURITY;");
    }
  }

  void drop_tables() {
    std::vector<const Table*> dropped = parents_first(of<Table>(changes_).dropped);
    if (std::any_of(dropped.begin(), dropped.end(), [](const Table* table) { return !table->inherits.empty(); }))
      std::reverse(dropped.begin(), dropped.end());
    for (const Table* each : dropped) {
      const Table& table = *each;
      note("Table " + display(table.key) + " is dropped with its rows.");
      add("DROP TABLE " + table_name(table.key) + " CASCADE;");
    }
  }

  // A table that inherits comes after those that it inherits from; else the order stays.
  static std::vector<const Table*> parents_first(const std::vector<Table>& tables) {
    std::vector<const Table*> out;
    std::set<const Table*> seen;
    auto visit = [&](auto& self, const Table& table) -> void {
      if (!seen.insert(&table).second) return;
      for (const std::string& parent : table.inherits)
        for (const Table& other : tables)
          if (Words(parent).has(other.key.name)) self(self, other);
      out.push_back(&table);
    };
    for (const Table& table : tables) visit(visit, table);
    return out;
  }
  static bool comes_from_parent(const Column& column) { return column.inherited.value_or(false); }

  // drizzle turns row security on with the first policy, also without enableRLS().
  void row_security() {
    std::map<Key, bool> was;
    auto policies_before = by_table<Policy>(old_), policies = by_table<Policy>(after_);
    for (const Table& table : all<Table>(old_))
      was[table.key] = table.row_security || (!options_.exact_row_security && policies_before.contains(table.key));
    for (const Table& table : all<Table>(after_)) {
      auto found = was.find(table.key);
      bool is = table.row_security || (!options_.exact_row_security && policies.contains(table.key));
      if (found != was.end() && found->second != is)
        add(alter_table(table.key) + (is ? "ENABLE" : "DISABLE") + " ROW LEVEL SECURITY;");
    }
  }

  void alter(const Altered<Column>& change) {
    const Column& column = change.after;
    std::optional<std::string> value = backfill_for(column);
    // A default says what a row without a value should have.
    bool becomes_required = change.has("notNull") && column.not_null && !column.primary_key;
    if (becomes_required && !value && column.default_value && given(column) != "none") value = "DEFAULT";
    if (becomes_required && !value && !is_serial(column.type))
      note("Column " + display(column.key) +
           " becomes NOT NULL: the migration fails while a row has NULL there (--backfill " + display(column.key) +
           "=<value> fills them).");
    if (changes_type(change) && !recreated_enums_.contains(enum_of(column)) && may_fail(change.before, column))
      note("Column " + display(column.key) + " changes from " + change.before.type + " to " + column.type +
           ": the migration fails while a row has a value that does not fit.");
    add(alter_column(change, {is_not_null(change.before, old_keys_), is_not_null(column, keys_)}, value));
  }
  static Key enum_of(const Column& column) {
    return {column.type_schema.value_or(""), "", std::string(element_of(column.type))};
  }

  void add_new(const Column& column) {
    bool not_null = is_not_null(column, keys_);
    if (!needs_backfill(column, not_null)) return add(add_column(column, std::nullopt));
    if (options_.reverse) return bring_back(column);
    std::optional<std::string> value = backfill_for(column);
    if (!value && given(column) != "none") missing_.push_back(column);
    add(add_column(column, value));
  }

  // The values of a column that was dropped are gone; rows that exist get some that fit.
  void bring_back(const Column& column) {
    auto in = [&](const std::vector<std::string>& columns) {
      return std::find(columns.begin(), columns.end(), column.key.name) != columns.end();
    };
    auto any = [&](const auto& kind, auto&& holds) {
      return std::any_of(kind.begin(), kind.end(), [&](const auto& object) {
        return object.key.table == column.key.table && object.key.schema == column.key.schema && holds(object);
      });
    };
    if (any(all<ForeignKey>(after_), [&](const ForeignKey& key) { return in(key.columns_from); })) {
      note("Column " + display(column.key) + " refers to another table: bringing it back fails while there are rows.");
      return add(add_column(column, std::nullopt));
    }
    bool distinct =
        column.primary_key || any(all<PrimaryKey>(after_), [&](const PrimaryKey& key) { return in(key.columns); }) ||
        any(all<Unique>(after_),
            [&](const Unique& unique) { return unique.columns.size() == 1 && in(unique.columns); }) ||
        any(all<Index>(after_), [&](const Index& index) {
          return index.unique && index.columns.size() == 1 && index.columns[0].expression == column.key.name;
        });
    if (distinct && (column.type == "integer" || column.type == "bigint" || column.type == "smallint")) {
      note("Column " + display(column.key) + " comes back with numbers from 1: its values are gone.");
      return add(add_numbered_column(column));
    }
    std::optional<std::string> value =
        column.type_schema && !is_array(column) && !distinct ? first_value(column) : neutral_value(column, distinct);
    note(value ? "Column " + display(column.key) + " comes back with " + *value + " in every row: its values are gone."
               : "Column " + display(column.key) + " cannot come back while there are rows: its values are gone.");
    add(add_column(column, value));
  }

  // One that the type has already: a value cannot be used in the transaction that adds it.
  std::optional<std::string> first_value(const Column& column) const {
    for (const Enum& object : all<Enum>(after_)) {
      if (!has_type(column, object.key) || object.values.empty()) continue;
      const Enum* old = find<Enum>(old_, object.key);
      auto known = std::find_if(object.values.begin(), object.values.end(), [&](const std::string& value) {
        return old && std::find(old->values.begin(), old->values.end(), value) != old->values.end();
      });
      return sql::literal(known == object.values.end() ? object.values.front() : *known);
    }
    return std::nullopt;
  }

  static bool must_be_made_again(const Altered<Policy>& change) {
    // ALTER POLICY can neither change AS and FOR nor take an expression away.
    return change.has("as") || change.has("for") || change.has("on") || change.has(rebuilt) ||
           (change.before.using_expression && !change.after.using_expression) ||
           (change.before.with_check && !change.after.with_check);
  }

  void drop_policy(const Policy& policy) {
    if (!dropped_tables_.contains(policy.key.owner()))
      add("DROP POLICY " + sql::identifier(policy.key.name) + " ON " + policy_table(policy) + " CASCADE;");
  }

  void drop_column(const Key& key, const std::string& words) {
    add(alter_table(key.owner()) + words + " " + sql::identifier(key.name) + ";");
  }
  void drop_constraint(const Key& key, const std::string& end = "") {
    add(alter_table(key.owner()) + "DROP CONSTRAINT " + sql::identifier(key.name) + ";" + end);
  }
  void drop_index(const Key& key) { add("DROP INDEX " + table_name({key.schema, "", key.name}) + ";"); }

  template <class Kind>
  void drop_changed() {
    for (const Kind* object : with_inheriting(of<Kind>(changes_).dropped, old_, false)) drop_constraint(object->key);
    for (const Altered<Kind>& change : of<Kind>(changes_).altered) drop_constraint(change.before.key);
  }
  void drop_uniques() {
    const auto& uniques = of<Unique>(changes_);
    if (uniques.dropped.empty() && uniques.altered.empty()) return;
    const std::map<Key, Repeats> repeated = repeated_uniques(old_);
    auto drop = [&](const Unique& unique) {
      if (auto found = repeated.find(unique.key); found != repeated.end())
        add(drop_repeated(unique, found->second));
      else
        drop_constraint(unique.key);
    };
    for (const Unique& unique : uniques.dropped) drop(unique);
    for (const Altered<Unique>& change : uniques.altered) drop(change.before);
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

  template <class F>
  void each_index(F&& visit) {
    // Those of views come after them.
    auto of_view = [](const Index& index) { return index.columns.empty() && index.definition; };
    for (const Index& index : of<Index>(changes_).created)
      if (!of_view(index)) visit(index);
    for (const Altered<Index>& change : of<Index>(changes_).altered)
      if (!of_view(change.after)) visit(change.after);
  }
  void create_index(const Index& index, bool concurrently) {
    // A table that was created a moment ago has no traffic: CONCURRENTLY would only take the transaction away.
    if (concurrently && !created_tables_.contains(index.key.owner()))
      last_.push_back({create(index, true), false});
    else
      add(create(index, false));
  }

  std::optional<std::string> given(const Column& column) const { return given_backfill(options_, column); }
  std::optional<std::string> backfill_for(const Column& column) const {
    std::optional<std::string> value = given(column);
    if (value == "none") value.reset();
    return value;
  }

  const Schema &old_, &after_;
  const diff::Changes& changes_;
  const Options& options_;
  std::vector<const Altered<Enum>*> recreated_;
  ViewPlan views_;
  Beyond beyond_;
  std::set<Key> old_keys_, keys_;  // columns of composite primary keys
  std::set<Key> created_tables_, dropped_tables_, recreated_enums_, loosened_;
  std::set<Key> gone_;      // columns that were dropped early
  std::set<Key> declared_;  // views that others made
  ContestedNames names_;
  std::vector<Statement> statements_, last_;
  std::vector<Column> missing_;
  std::vector<std::string> notes_;
};

}  // namespace

std::optional<std::string> given_backfill(const Options& options, const Column& column) {
  for (const std::string& name :
       {display(column.key), column.key.schema + "." + column.key.table + "." + column.key.name})
    if (auto found = options.backfill.find(name); found != options.backfill.end()) return found->second;
  return std::nullopt;
}

Plan make(const Schema& before, const Schema& after, const diff::Changes& changes, const Options& options) {
  // The names as the database has them. compare() has done the same.
  std::optional<Schema> distinct_before = as_in_database(before), distinct_after = as_in_database(after);
  const Schema& from = distinct_before ? *distinct_before : before;
  const Schema& to = distinct_after ? *distinct_after : after;
  std::optional<Schema> renamed;
  if (!changes.renames.empty()) renamed = diff::renamed(from, changes.renames);
  const Schema& old = renamed ? *renamed : from;
  if (std::optional<Plan> moved = with_moved_partitions(from, old, to, changes, options)) return std::move(*moved);
  if (options.online)
    if (std::optional<Plan> online = make_online(from, old, to, changes, options)) return std::move(*online);

  std::optional<diff::Changes> retyped = with_retyped(old, to, changes, to_recreate(to, changes, options));
  const diff::Changes& all_changes = retyped ? *retyped : changes;
  std::vector<const Altered<Enum>*> recreated = to_recreate(to, all_changes, options);
  std::optional<diff::Changes> more = with_rebuilds(old, to, all_changes, recreated);
  Planner planner(old, to, more ? *more : all_changes, options, recreated);
  // Order matters. Names first, so that everything after may use the new ones.
  planner.rename(from);
  planner.give_names_away();
  planner.types_and_sequences();
  planner.roles();
  // What reads tables goes before they change.
  planner.drop_policies_and_views();
  planner.drop_constraints();
  planner.tables();
  // Columns are added before the constraints on them, and dropped after the constraints that replace theirs.
  planner.columns();
  planner.distribute();
  planner.add_constraints();
  planner.drop_columns();
  planner.create_views();
  planner.create_policies();
  planner.triggers_comments_and_grants();
  // Types go when no column has them any more, schemas when they are empty.
  planner.drop_types_sequences_roles_schemas();
  if (!options.reverse) planner.note_long_names();
  return std::move(planner).finish();
}

Plan reverse(const Schema& before, const Schema& after, const diff::Renames& renames, bool deferrable_cycles,
             const std::optional<Online>& online) {
  Options options;
  options.online = online;
  options.reverse = true;
  options.deferrable_cycles = deferrable_cycles;
  return make(after, before, diff::compare(after, before, diff::inverted(renames)), options);
}

}  // namespace sluice::plan
