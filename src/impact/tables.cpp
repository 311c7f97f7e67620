// CREATE TABLE and ALTER TABLE: most of what can go wrong.
#include <algorithm>

#include "base/text.hpp"
#include "impact/judge.hpp"
#include "impact/type_change.hpp"
#include "impact/volatility.hpp"
#include "sql/quote.hpp"

namespace sluice::impact {

namespace {

using ddl::Relation;
using ddl::RelationKind;
using sql::Alter;
using sql::ConstraintKind;

bool has(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// A valid constraint proves that the column has no NULL: SET NOT NULL looks at no rows.
bool proved_not_null(const Relation& table, const std::string& column) {
  return std::any_of(table.constraints.begin(), table.constraints.end(), [&](const ddl::Constraint& c) {
    return c.valid && c.definition.kind == ConstraintKind::check && has(c.definition.expression.not_null, column);
  });
}

// CHECK ("a" IS NOT NULL), as it is written or as PostgreSQL prints it.
bool says_only_not_null(const sql::Expression& check) {
  if (check.not_null.size() != 1) return false;
  std::string_view text = text::trim(check.text);
  if (text.starts_with('(') && text.ends_with(')')) text = text.substr(1, text.size() - 2);
  const std::string& column = check.not_null.front();
  return text == column + " IS NOT NULL" || text == sql::identifier(column) + " IS NOT NULL" ||
         text == "\"" + column + "\" IS NOT NULL";
}

bool is_not_null(const Relation& table, const std::string& name) {
  const ddl::Column* column = table.column(name);
  return column && column->not_null;
}

std::string joined_columns(const std::vector<std::string>& columns, const std::string& separator) {
  std::string out;
  for (const std::string& column : columns) out += (out.empty() ? "" : separator) + column;
  return out;
}

// One ALTER TABLE with its actions in turn. `table` may be unknown: then only what the text itself says is known.
class AlterJudge {
 public:
  AlterJudge(Judge& judge, const sql::AlterTable& alter)
      : judge_(judge),
        catalog_(judge.catalog),
        alter_(alter),
        name_(judge.catalog.resolve(alter.table.name)),
        table_(judge.catalog.find(alter.table.name)) {
    unknown_.name = name_;
    unknown_.complete = false;
  }

  void all() {
    if (alter_.if_exists && !table_ && catalog_.complete) return;
    for (const sql::AlterAction& action : alter_.actions) one(action);
  }

 private:
  const Relation& table() const { return table_ ? *table_ : unknown_; }
  Touched& lock(Lock mode) { return judge_.lock(name_, mode); }

  // Partitions and children take the same lock and the same work, unless ONLY was said.
  std::vector<const Relation*> with_partitions() const {
    std::vector<const Relation*> out{&table()};
    if (alter_.only) return out;
    for (size_t i = 0; i < out.size() && i < 10000; i++)
      for (const Relation* partition : catalog_.partitions(out[i]->name)) out.push_back(partition);
    return out;
  }
  void scan() {
    for (const Relation* relation : with_partitions())
      if (relation->kind != RelationKind::partitioned_table) judge_.scan(relation->name);
  }
  void rewrite() {
    for (const Relation* relation : with_partitions()) {
      if (relation->kind == RelationKind::partitioned_table)
        judge_.lock(relation->name, Lock::access_exclusive);
      else
        judge_.rewrite(*relation);
    }
  }
  void lock_tree(Lock mode) {
    for (const Relation* relation : with_partitions()) judge_.lock(relation->name, mode);
  }

  void one(const sql::AlterAction& action) {
    switch (action.kind) {
      case Alter::add_column:
        return add_column(action);
      case Alter::drop_column:
        return drop_column(action);
      case Alter::type:
        return change_type(action);
      case Alter::set_not_null:
        lock_tree(Lock::access_exclusive);
        if (!is_not_null(table(), action.name) && !added_not_null(action.name)) {
          if (!proved_not_null(table(), action.name)) scan();
          const ddl::Column* column = table().column(action.name);
          if (!proved_not_null(table(), action.name) && !(column && column->filled)) risk_null(action.name);
        }
        return;
      case Alter::add_constraint:
        return add_constraint(action.constraint, false);
      case Alter::drop_constraint:
        return drop_constraint(action);
      case Alter::validate_constraint:
        return validate(action.name);
      case Alter::alter_constraint:
        lock(Lock::access_exclusive);
        return;
      case Alter::add_identity: {
        lock_tree(Lock::access_exclusive);
        judge_.create({name_.schema, ddl::made_up_name(catalog_, table(), {action.name}, "seq")});
        return;
      }
      case Alter::set_expression:
        rewrite();
        judge_.impact.reversible = true;
        return;
      case Alter::statistics:
      case Alter::column_options:
      case Alter::cluster_on:
        lock(Lock::share_update_exclusive);
        return;
      case Alter::options:
        lock(only_light_options(action) ? Lock::share_update_exclusive : Lock::access_exclusive);
        return;
      case Alter::enable_trigger:
      case Alter::disable_trigger:
        lock(Lock::share_row_exclusive);
        return;
      case Alter::attach_partition:
        return attach(action);
      case Alter::detach_partition:
        return detach(action);
      case Alter::detach_finalize:
        lock(Lock::share_update_exclusive);
        return;
      case Alter::inherit:
        lock(Lock::access_exclusive);
        if (action.other) judge_.lock(catalog_.resolve(action.other->name), Lock::share_update_exclusive);
        return;
      case Alter::no_inherit:
        lock(Lock::access_exclusive);
        if (action.other) judge_.lock(catalog_.resolve(action.other->name), Lock::access_share);
        return;
      case Alter::logged:
      case Alter::unlogged:
      case Alter::tablespace:
        rewrite();
        return;
      case Alter::access_method:
        lock(Lock::access_exclusive);  // rewrites if it is another one than the table has
        if (action.name != "heap") rewrite();
        return;
      default:
        lock(Lock::access_exclusive);
        return;
    }
  }

  bool only_light_options(const sql::AlterAction& action) const {  // reloptions.c
    if (alter_.kind == sql::ObjectKind::view) return false;
    return std::all_of(action.options.begin(), action.options.end(), [](const std::string& option) {
      return option != "user_catalog_table" && option != "security_barrier" && option != "security_invoker" &&
             option != "check_option" && option != "vacuum_truncate_never";
    });
  }

  // SET NOT NULL and the like in an earlier action of the same statement.
  bool added_not_null(const std::string& column) const { return has(made_not_null_, column); }
  void risk_null(const std::string& column) {
    made_not_null_.push_back(column);
    const size_t before = judge_.impact.risks.size();
    const std::string name = sql::identifier(column);
    judge_.risk(name_, "rows with NULL in " + sql::display(name_) + "." + column, "t." + name + " IS NULL");
    if (judge_.impact.risks.size() > before)
      judge_.impact.risks.back().mend = "UPDATE " + quoted(name_) + " SET " + name + " = … WHERE " + name + " IS NULL;";
  }

  void add_column(const sql::AlterAction& action) {
    const sql::ColumnDefinition& column = action.column;
    lock_tree(Lock::access_exclusive);
    if (table().column(column.name) && !dropped_here(column.name)) {
      if (!action.if_exists) judge_.refuse("column \"" + column.name + "\" exists already");
      return;
    }
    const sql::Constraint* fallback = column.find(ConstraintKind::default_value);
    const sql::Constraint* generated = column.find(ConstraintKind::generated);
    const bool serial = column.type.schema.empty() && column.type.name.ends_with("serial");
    const bool identity = column.find(ConstraintKind::identity) != nullptr;
    const bool has_value = serial || identity || generated || (fallback && !fallback->expression.null);
    const bool rewrites = serial || identity || (generated && generated->stored) ||
                          is_constrained_domain(catalog_, column.type) ||
                          (fallback && volatility(catalog_, fallback->expression).is_volatile);
    if (rewrites) rewrite();
    if (serial || identity) {
      judge_.create({name_.schema, ddl::made_up_name(catalog_, table(), {column.name}, "seq")});
    }
    const bool required = column.find(ConstraintKind::not_null) || column.find(ConstraintKind::primary_key);
    if (required && !has_value)
      judge_.risk(name_, "rows that would have no value in the required column " + column.name, "", true);
    for (const sql::Constraint& constraint : column.constraints) {
      if (constraint.kind == ConstraintKind::check) {
        scan();
        if (has_value) judge_.risk(name_, "rows whose value in " + column.name + " does not pass the check", "");
      } else if (constraint.kind == ConstraintKind::unique || constraint.kind == ConstraintKind::primary_key) {
        add_constraint(constraint, true);
        if (has_value && !rewrites && !judge_.is_empty(name_)) {
          judge_.risk(name_, "rows that would get the same value in the unique column " + column.name, "");
          judge_.impact.risks.back().query = "SELECT count(*) FROM (SELECT FROM " + quoted(name_) + " OFFSET 1) others";
        }
      } else if (constraint.kind == ConstraintKind::foreign_key) {
        const Name target = catalog_.resolve(constraint.references);
        judge_.lock(target, Lock::share_row_exclusive);
        judge_.refuse_foreign_key(constraint, [&](const std::string&) { return &column.type; });
        if (has_value) {
          scan();
          judge_.scan(target);
        }
      }
    }
  }

  // PostgreSQL drops first, whatever the order of the text.
  bool dropped_here(const std::string& column) const {
    return std::any_of(alter_.actions.begin(), alter_.actions.end(), [&](const sql::AlterAction& action) {
      return action.kind == Alter::drop_column && action.name == column;
    });
  }

  void drop_column(const sql::AlterAction& action) {
    lock_tree(Lock::access_exclusive);
    const ddl::Column* column = table().column(action.name);
    if (!column && table_ && table().complete && action.if_exists) return;
    const std::string shown = sql::display(name_) + "." + action.name;
    if (!judge_.is_empty(name_) && !(column && column->generated))
      judge_.lose(name_, "column " + shown, false,
                  counting(name_, "t." + sql::identifier(action.name) + " IS NOT NULL"));
    for (const ddl::Index& index : table().indexes)
      if (index.uses(action.name)) judge_.drop_index(table(), index.name);
    for (const ddl::Constraint& constraint : table().constraints)
      if (constraint.definition.kind == ConstraintKind::foreign_key && has(constraint.definition.columns, action.name))
        judge_.lock(constraint.definition.references, Lock::access_exclusive);
    for (const Relation* child : catalog_.referencing(name_))
      for (const ddl::Constraint& key : child->constraints)
        if (key.definition.references == name_ && has(referenced_columns(key.definition), action.name))
          depends(action.cascade, child->name, "the foreign key " + key.definition.name + " refers to it");
    for (const Relation* view : catalog_.views_on(name_)) {
      if (!view->uses_column(name_, action.name)) continue;
      if (!depends(action.cascade, view->name, "the view " + sql::display(view->name) + " reads it")) continue;
      Touched& gone = judge_.lock(view->name, Lock::access_exclusive);
      gone.dropped = true;
      for (const ddl::Index& index : view->indexes) judge_.drop_index(*view, index.name);
    }
  }

  // With CASCADE the other one goes too, without it the statement is refused.
  bool depends(bool cascade, const Name& other, const std::string& because) {
    if (cascade) {
      judge_.lock(other, Lock::access_exclusive);
    } else {
      judge_.refuse(because);
    }
    return cascade;
  }

  std::vector<std::string> referenced_columns(const sql::Constraint& key) const {
    if (!key.referenced.empty()) return key.referenced;
    const ddl::Constraint* primary = table().primary_key();
    return primary ? primary->definition.columns : std::vector<std::string>();
  }

  void change_type(const sql::AlterAction& action) {
    lock_tree(Lock::access_exclusive);
    const ddl::Column* column = table().column(action.name);
    if (!column) {  // nothing is known of it: take it for the worst
      rewrite();
      return;
    }
    const sql::TypeName& to = action.column.type;
    TypeVerdict verdict = judge_type_change(catalog_, column->type, to, judge_.session.version, judge_.session.utc);
    const sql::Expression& with = action.expression;
    const std::string shown = sql::display(name_) + "." + action.name;
    const bool plain_cast = with.cast_column == action.name || (with.columns.size() == 1 && with.text == action.name);
    if (!with.empty() && !plain_cast) {
      verdict.change = TypeChange::rewrite;
      verdict.can_fail = verdict.can_lose = !only_moves_zone(*column, to, with);
      if (const ddl::Type* target = catalog_.type({to.schema, to.name});
          target && target->kind == ddl::Type::Kind::enumeration && with.text_cast_column == action.name) {
        verdict.can_lose = false;  // a value is there under its name, or it fails
        verdict.can_fail = !has_every_value(*column, *target);
      }
    } else if (!with.empty() && verdict.change == TypeChange::needs_using) {
      verdict.change = TypeChange::rewrite;
      if (const ddl::Type* target = catalog_.type({to.schema, to.name});
          target && target->kind == ddl::Type::Kind::enumeration)
        verdict.can_fail = !has_every_value(*column, *target);
    }
    if (verdict.change == TypeChange::needs_using || verdict.change == TypeChange::impossible) {
      judge_.refuse("column \"" + action.name + "\" cannot be cast automatically to type " + sql::display(to));
      rewrite();
      return;
    }
    if (!column->default_value.empty() && !column->generated && verdict.change == TypeChange::rewrite)
      check_default(*column, to);
    for (const ddl::Index& index : table().indexes)
      if (index.uses(action.name) && index.method == "btree" && !verdict.unindexable.empty())
        judge_.refuse("data type " + verdict.unindexable +
                      " has no default operator class for access method \"btree\"");
    for (const Relation* view : catalog_.views_on(name_))
      if (view->uses_column(name_, action.name))
        judge_.refuse("cannot alter type of a column used by a view or rule: " + sql::display(view->name));
    for (const sql::Policy& policy : table().policies)
      if (has(policy.using_expression.columns, action.name))
        judge_.refuse("cannot alter type of a column used in a policy definition: " + policy.name);
    for (const ddl::Column& other : table().columns)
      if (other.generated && has(other.default_value.columns, action.name))
        judge_.refuse("cannot alter type of a column used by a generated column: " + other.name);
    for (const ddl::Trigger& trigger : table().triggers)
      if (has(trigger.columns, action.name))
        judge_.refuse("cannot alter type of a column used in a trigger definition: " + trigger.name);

    const bool rewrites = verdict.change == TypeChange::rewrite;
    if (rewrites) rewrite();
    // A collation that is not said is the type's own: a column that has one loses it.
    const bool other_collation = action.column.collation != column->collation;
    for (const ddl::Index& index : table().indexes) {
      if (!index.uses(action.name)) continue;
      Touched& item = judge_.lock_index(table(), index.name, Lock::access_exclusive);
      item.replaced = true;
      if (rewrites || verdict.change == TypeChange::index || other_collation) {
        item.rebuild = true;
        scan();
      }
    }
    // A check on the column is made again, and what is made again is checked, also where the rows stay as they are.
    for (const ddl::Constraint& constraint : table().constraints)
      if (constraint.definition.kind == ConstraintKind::check && constraint.valid &&
          has(constraint.definition.expression.columns, action.name))
        scan();
    for (const ddl::Constraint& constraint : table().constraints)
      if (constraint.definition.kind == ConstraintKind::foreign_key &&
          has(constraint.definition.columns, action.name)) {
        const Name& parent = constraint.definition.references;
        judge_.lock(parent, Lock::access_exclusive);
        if (constraint.valid && rewrites) judge_.scan(parent);
      }
    for (const Relation* child : catalog_.referencing(name_)) {
      for (const ddl::Constraint& key : child->constraints) {
        if (key.definition.references != name_ || !has(referenced_columns(key.definition), action.name)) continue;
        judge_.lock(child->name, Lock::access_exclusive);
        if (key.valid && rewrites) {
          judge_.scan(child->name);
          scan();
        }
      }
    }
    if (verdict.can_fail && rewrites && !column->unfilled) {
      const std::string cast = with.empty() || plain_cast ? "" : with.text;
      const ddl::Type* target = catalog_.type({to.schema, to.name});
      const bool by_name = target && target->kind == ddl::Type::Kind::enumeration &&
                           (plain_cast || with.text_cast_column == action.name);
      if (by_name)
        risk_no_enum_value(action.name, *target, to);
      else
        judge_.risk(name_, "values of " + shown + " that cannot become " + sql::display(to), "");
      if (!by_name && !judge_.impact.risks.empty() && judge_.impact.risks.back().query.empty()) {
        // Whether a value casts is only known by casting it: the query that tells does so, and fails where one does
        // not.
        const std::string value = cast.empty() ? "t." + sql::identifier(action.name) + "::" + sql::display(to) : cast;
        judge_.impact.risks.back().sample = "SELECT count(" + value + ") FROM " + quoted(name_) + " t";
      }
    }
    if (verdict.can_lose && !judge_.is_empty(name_) && !column->unfilled)
      judge_.lose(name_, "precision or parts of values of " + shown, false, "");
  }

  // The type may be made by the same file, so the rows are asked for the names of the values and not for a cast.
  void risk_no_enum_value(const std::string& column, const ddl::Type& target, const sql::TypeName& to) {
    std::string values;
    for (const std::string& value : target.values) values += (values.empty() ? "" : ", ") + sql::literal(value);
    const std::string name = sql::identifier(column), strange = " <> ALL (ARRAY[" + values + "]::text[])";
    std::string value = "t." + name + "::text", rows = quoted(name_) + " t";
    std::string condition = value + strange;
    if (to.dimensions) {
      condition = "EXISTS (SELECT FROM unnest(t." + name + "::text[]) v WHERE v" + strange + ")";
      rows += ", unnest(t." + name + "::text[]) v";
      value = "v";
    }
    const size_t before = judge_.impact.risks.size();
    judge_.risk(name_,
                "values of " + sql::display(name_) + "." + column + " that " + sql::display(to) + " does not have",
                condition);
    if (judge_.impact.risks.size() == before) return;
    // Which values, too.
    Risk& risk = judge_.impact.risks.back();
    risk.query = "SELECT count(*), string_agg(DISTINCT " + value + ", ', ') FROM " + rows + " WHERE " + value + strange;
    risk.sample = "SELECT " + value + " AS " + name + ", count(*) AS rows FROM " + rows + " WHERE " + value + strange +
                  " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5";
  }

  // An enum's values are all among those of the other.
  bool has_every_value(const ddl::Column& column, const ddl::Type& target) const {
    const ddl::Type* from = catalog_.type({column.type.schema, column.type.name});
    return from && from->kind == ddl::Type::Kind::enumeration &&
           std::all_of(from->values.begin(), from->values.end(),
                       [&](const std::string& value) { return has(target.values, value); });
  }

  // timestamp AT TIME ZONE … and back: every value has its own.
  static bool only_moves_zone(const ddl::Column& column, const sql::TypeName& to, const sql::Expression& with) {
    const std::string &a = column.type.name, &b = to.name;
    const bool zones = (a == "timestamp" && b == "timestamptz") || (a == "timestamptz" && b == "timestamp");
    return zones && to.modifiers.empty() && with.columns.size() == 1 && with.columns[0] == column.name &&
           with.functions.size() == 1 && with.functions[0].name == "timezone";
  }

  void check_default(const ddl::Column& column, const sql::TypeName& to) {
    for (const sql::AlterAction& other : alter_.actions)
      if (other.name == column.name && (other.kind == Alter::drop_default || other.kind == Alter::set_default)) return;
    // A default keeps its type by assignment only; an enum's 'x'::mood does not become another type by itself.
    const ddl::Type* from = catalog_.type({column.type.schema, column.type.name});
    const ddl::Type* target = catalog_.type({to.schema, to.name});
    for (const Name& cast : column.default_value.types)  // 'x'::mood in a text column: the cast to text was not written
      if (target && catalog_.type(cast) == target) return;
    const bool from_enum = from && from->kind == ddl::Type::Kind::enumeration;
    const bool to_enum = target && target->kind == ddl::Type::Kind::enumeration;
    if (from != target && to_enum && !column.type.dimensions)
      judge_.refuse("default for column \"" + column.name + "\" cannot be cast automatically to type " +
                    sql::display(to));
    (void)from_enum;
  }

  void add_constraint(const sql::Constraint& constraint, bool new_column) {
    const std::string shown = sql::display(name_);
    switch (constraint.kind) {
      case ConstraintKind::check:
        lock_tree(Lock::access_exclusive);
        if (constraint.not_valid || !constraint.enforced) return;
        scan();
        judge_.risk(name_, "rows of " + shown + " that do not pass the check",
                    "NOT (" + constraint.expression.text + ")");
        return;
      case ConstraintKind::not_null:
        lock_tree(Lock::access_exclusive);
        if (constraint.not_valid) return;
        for (const std::string& column : constraint.columns)
          if (!is_not_null(table(), column) && !proved_not_null(table(), column)) {
            scan();
            risk_null(column);
          }
        return;
      case ConstraintKind::foreign_key: {
        const Name target = catalog_.resolve(constraint.references);
        if (constraint.not_valid && table().kind == RelationKind::partitioned_table && judge_.session.version < 18)
          judge_.refuse("cannot add NOT VALID foreign key on partitioned table \"" + name_.name + "\"");
        lock_tree(Lock::share_row_exclusive);
        judge_.lock(target, Lock::share_row_exclusive);
        judge_.refuse_foreign_key(constraint, [&](const std::string& name) {
          const ddl::Column* column = table().column(name);
          return column ? &column->type : nullptr;
        });
        if (constraint.not_valid || !constraint.enforced || empty_tree()) return;
        scan();
        if (judge_.is_empty(name_)) return;  // nothing is looked up for no rows
        judge_.scan(target);
        if (any_unfilled(constraint.columns)) return;  // NULL refers to nothing
        if (stood_before(constraint)) return;
        judge_.risk(name_,
                    "rows of " + shown + " whose " + joined_columns(constraint.columns, ", ") + " is not in " +
                        sql::display(target),
                    orphan_condition(catalog_, name_, constraint));
        return;
      }
      case ConstraintKind::primary_key:
      case ConstraintKind::unique:
      case ConstraintKind::exclusion:
        return add_index_constraint(constraint, new_column);
      default:
        lock(Lock::access_exclusive);
        return;
    }
  }

  // NULL in every row, so that nothing can be wrong with the values.
  bool any_unfilled(const std::vector<std::string>& columns) const {
    return std::any_of(columns.begin(), columns.end(), [&](const std::string& name) {
      const ddl::Column* column = table().column(name);
      return column && column->unfilled;
    });
  }

  // The same key in place of one that was valid until now: of another name, or with another ON DELETE.
  bool stood_before(const sql::Constraint& key) const {
    auto same = [&](const sql::Constraint& old) {
      return old.kind == ConstraintKind::foreign_key && old.columns == key.columns &&
             catalog_.resolve(old.references) == catalog_.resolve(key.references) && referenced(old) == referenced(key);
    };
    for (const auto& [table, old] : catalog_.dropped_keys)
      if (table == name_ && same(old)) return true;
    return std::any_of(table().constraints.begin(), table().constraints.end(),
                       [&](const ddl::Constraint& old) { return old.valid && same(old.definition); });
  }
  std::vector<std::string> referenced(const sql::Constraint& key) const {
    if (!key.referenced.empty()) return key.referenced;
    const Relation* parent = catalog_.find(key.references);
    const ddl::Constraint* primary = parent ? parent->primary_key() : nullptr;
    return primary ? primary->definition.columns : std::vector<std::string>();
  }

  bool empty_tree() const {
    return table().kind == RelationKind::partitioned_table && catalog_.partitions(name_).empty();
  }

  void add_index_constraint(const sql::Constraint& constraint, bool new_column) {
    lock_tree(Lock::access_exclusive);
    const std::string shown = sql::display(name_);
    const std::string made = ddl::constraint_name(catalog_, table(), constraint);
    std::vector<std::string> columns = constraint.columns;
    if (!constraint.index.empty()) {
      const ddl::Index* index = table().index(constraint.index);
      if (made != constraint.index) judge_.lock_index(table(), made, Lock::share_update_exclusive);  // it is renamed
      if (index) {
        columns = index->leading_columns();
        if (!index->where.empty() || columns.size() != index->keys.size())
          judge_.refuse("\"" + index->name + "\" is a partial index or has expressions");
      }
    } else {
      for (const Relation* relation : with_partitions()) {
        if (relation->kind != RelationKind::partitioned_table) judge_.scan(relation->name);
        judge_.create_index(relation->name,
                            relation == &table() ? made : ddl::made_up_name(catalog_, *relation, columns, "key"));
      }
      if (!new_column && constraint.kind != ConstraintKind::exclusion) risk_duplicates(constraint, columns);
      if (constraint.kind == ConstraintKind::exclusion)
        judge_.risk(name_, "rows of " + shown + " that exclude each other", "");
    }
    if (constraint.kind == ConstraintKind::primary_key)
      for (const std::string& column : columns)
        if (!new_column && !is_not_null(table(), column) && !added_not_null(column) &&
            !proved_not_null(table(), column)) {
          scan();
          risk_null(column);
        }
  }

  void risk_duplicates(const sql::Constraint& constraint, const std::vector<std::string>& columns) {
    if (columns.empty() || (any_unfilled(columns) && !constraint.nulls_not_distinct)) return;
    if (holds_unique_key(table(), columns, constraint.nulls_not_distinct)) return;
    judge_.risk_duplicates(name_, "rows of " + sql::display(name_) + " with the same " + joined_columns(columns, ", "),
                           columns, constraint.nulls_not_distinct);
  }

  void drop_constraint(const sql::AlterAction& action) {
    lock_tree(Lock::access_exclusive);
    const ddl::Constraint* constraint = table().constraint(action.name);
    if (!constraint) return;
    if (constraint->definition.kind == ConstraintKind::foreign_key)
      judge_.lock(constraint->definition.references, Lock::access_exclusive);
    for (const ddl::Index& index : table().indexes)
      if (index.constraint == action.name) judge_.drop_index(table(), index.name);
    const bool is_key = constraint->definition.kind == ConstraintKind::primary_key ||
                        constraint->definition.kind == ConstraintKind::unique;
    if (!is_key) return;
    for (const Relation* child : catalog_.referencing(name_))
      for (const ddl::Constraint& key : child->constraints) {
        if (key.definition.references != name_ || referenced_columns(key.definition) != constraint->definition.columns)
          continue;
        if (other_key(constraint->definition)) continue;
        depends(action.cascade, child->name, "the foreign key " + key.definition.name + " needs it");
      }
  }

  // Another unique index on the same columns: a foreign key may hang on that one.
  bool other_key(const sql::Constraint& constraint) const {
    return std::any_of(table().indexes.begin(), table().indexes.end(), [&](const ddl::Index& index) {
      return index.unique && index.constraint != constraint.name && index.leading_columns() == constraint.columns;
    });
  }

  void validate(const std::string& constraint_name) {
    const ddl::Constraint* constraint = table().constraint(constraint_name);
    if (!constraint && added_here(constraint_name)) {
      scan();
      return;
    }
    lock_tree(Lock::share_update_exclusive);
    if (constraint && constraint->valid) return;
    scan();
    if (!constraint) return;
    const sql::Constraint& definition = constraint->definition;
    if (definition.kind == ConstraintKind::foreign_key) {
      judge_.lock(definition.references, Lock::row_share).scan = true;
      judge_.risk(name_,
                  "rows of " + sql::display(name_) + " whose " + joined_columns(definition.columns, ", ") +
                      " is not in " + sql::display(definition.references),
                  orphan_condition(catalog_, name_, definition));
    } else if (definition.kind == ConstraintKind::check && says_only_not_null(definition.expression)) {
      risk_null(definition.expression.not_null.front());
    } else if (definition.kind == ConstraintKind::check) {
      judge_.risk(name_, "rows of " + sql::display(name_) + " that do not pass the check " + constraint_name,
                  "NOT (" + definition.expression.text + ")");
    } else if (definition.kind == ConstraintKind::not_null) {
      for (const std::string& column : definition.columns) risk_null(column);
    }
  }

  bool added_here(const std::string& constraint) const {
    return std::any_of(alter_.actions.begin(), alter_.actions.end(), [&](const sql::AlterAction& action) {
      return action.kind == Alter::add_constraint && action.constraint.name == constraint;
    });
  }

  void attach(const sql::AlterAction& action) {
    if (!action.other) return;
    if (alter_.kind == sql::ObjectKind::index) {
      judge_.lock(name_, Lock::access_exclusive);
      return;
    }
    lock(Lock::share_update_exclusive);
    const Name child = catalog_.resolve(action.other->name);
    Touched& attached = judge_.lock(child, Lock::access_exclusive);
    const Relation* known = catalog_.find(child);
    const bool proved = known && bounds_proved(*known);
    if (!proved && !(known && known->kind == RelationKind::partitioned_table)) attached.scan = true;
    for (const Relation* partition : catalog_.partitions(name_)) {
      if (!partition->default_partition) continue;
      Touched& other = judge_.lock(partition->name, Lock::access_exclusive);
      if (!excludes_bounds(*partition)) other.scan = true;
    }
    // Indexes of the parent that the partition has not are built while it is locked.
    if (known)
      for (const ddl::Index& index : table().indexes) {
        const bool there = std::any_of(known->indexes.begin(), known->indexes.end(), [&](const ddl::Index& own) {
          return own.leading_columns() == index.leading_columns() && own.unique == index.unique &&
                 own.method == index.method;
        });
        if (there) continue;
        attached.scan = true;
        judge_.create_index(child, ddl::made_up_name(catalog_, *known, index.leading_columns(), "idx"));
      }
  }

  // A valid CHECK on every key column spares the scan. Whether it implies the bounds is the server's business; a check
  // that names the key and excludes NULL was made for that.
  bool bounds_proved(const Relation& child) const {
    const std::vector<std::string>& keys = table().partition_columns;
    if (keys.empty()) return false;
    return std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
      return std::any_of(child.constraints.begin(), child.constraints.end(), [&](const ddl::Constraint& c) {
        const sql::Expression& expression = c.definition.expression;
        return c.valid && c.definition.kind == ConstraintKind::check && has(expression.columns, key) &&
               (has(expression.not_null, key) || is_not_null(child, key)) && expression.columns.size() > 1;
      });
    });
  }
  bool excludes_bounds(const Relation& other) const {
    return std::any_of(other.constraints.begin(), other.constraints.end(), [&](const ddl::Constraint& c) {
      return c.valid && c.definition.kind == ConstraintKind::check &&
             text::to_lower(text::trim(c.definition.expression.text)).starts_with("not") &&
             std::any_of(table().partition_columns.begin(), table().partition_columns.end(),
                         [&](const std::string& key) { return has(c.definition.expression.columns, key); });
    });
  }

  void detach(const sql::AlterAction& action) {
    if (!action.other) return;
    const Name child = catalog_.resolve(action.other->name);
    const Relation* standard = nullptr;
    for (const Relation* partition : catalog_.partitions(name_))
      if (partition->default_partition && partition->name != child) standard = partition;
    if (action.concurrently) {
      judge_.impact.outside_transaction = true;
      lock(Lock::share_update_exclusive);
      judge_.lock(child, Lock::access_exclusive);
      if (standard) judge_.refuse("cannot detach partitions concurrently when a default partition exists");
      return;
    }
    lock(Lock::access_exclusive);
    judge_.lock(child, judge_.session.version < 14 ? Lock::share_update_exclusive : Lock::access_exclusive);
    if (standard) judge_.lock(standard->name, Lock::access_exclusive);
  }

  Judge& judge_;
  const ddl::Catalog& catalog_;
  const sql::AlterTable& alter_;
  Name name_;
  const Relation* table_;
  Relation unknown_;
  std::vector<std::string> made_not_null_;
};

}  // namespace

void Judge::alter_table(const sql::AlterTable& alter) {
  if (alter.kind == sql::ObjectKind::index) {
    const ddl::Relation* table = catalog.table_of_index(alter.table.name);
    const Name index{table ? table->name.schema : catalog.resolve(alter.table.name).schema, alter.table.name.name};
    for (const sql::AlterAction& action : alter.actions)
      lock(index, action.kind == sql::Alter::options || action.kind == sql::Alter::statistics
                      ? Lock::share_update_exclusive
                      : Lock::access_exclusive);
    if (table) lock(index, Lock::none).index_of = table->name.name;
    return;
  }
  AlterJudge(*this, alter).all();
}

void Judge::create_table(const sql::CreateTable& create_) {
  const Name name = catalog.resolve(create_.table.name);
  if (catalog.find(name)) {
    if (!create_.if_not_exists) refuse("relation \"" + name.name + "\" exists already");
    return;
  }
  ddl::Relation made;
  made.name = name;
  create(name);
  auto add_index = [&](const std::string& index) {
    create_index(name, index);
    lock({name.schema, index}, Lock::none).fresh = true;
  };
  auto reference = [&](const sql::Constraint& constraint) {
    const Name target = catalog.resolve(constraint.references);
    if (target != name) lock(target, Lock::share_row_exclusive);
    refuse_foreign_key(constraint, [&](const std::string& column_name) -> const sql::TypeName* {
      for (const sql::ColumnDefinition& column : create_.columns)
        if (column.name == column_name) return &column.type;
      return nullptr;
    });
  };
  auto constraint = [&](const sql::Constraint& item) {
    if (item.kind == ConstraintKind::foreign_key) reference(item);
    if (item.kind == ConstraintKind::primary_key || item.kind == ConstraintKind::unique ||
        item.kind == ConstraintKind::exclusion)
      add_index(ddl::constraint_name(catalog, made, item));
  };
  for (const sql::ColumnDefinition& column : create_.columns) {
    const bool serial = column.type.schema.empty() && column.type.name.ends_with("serial");
    if (serial || column.find(ConstraintKind::identity))
      create({name.schema, ddl::made_up_name(catalog, made, {column.name}, "seq")});
    for (const sql::Constraint& item : column.constraints) constraint(item);
  }
  for (const sql::Constraint& item : create_.constraints) constraint(item);
  for (const sql::Target& like : create_.like) {
    const ddl::Relation* source = catalog.find(like.name);
    lock(catalog.resolve(like.name), Lock::access_share);
    if (!source || !create_.like_indexes) continue;
    for (const ddl::Index& index : source->indexes) {
      const bool primary = source->primary_key() && source->primary_key()->definition.name == index.constraint &&
                           !index.constraint.empty();
      sql::CreateIndex unnamed;
      unnamed.keys = index.keys;
      unnamed.include = index.include;
      add_index(primary                     ? ddl::made_up_name(catalog, made, {}, "pkey")
                : !index.constraint.empty() ? ddl::made_up_name(catalog, made, index.leading_columns(), "key")
                                            : ddl::index_name(catalog, made, unnamed));
    }
  }
  for (const sql::Target& parent : create_.inherits) lock(catalog.resolve(parent.name), Lock::share_update_exclusive);
  if (create_.partition_of) {
    const Name parent = catalog.resolve(create_.partition_of->name);
    lock(parent, Lock::access_exclusive);
    if (const ddl::Relation* known = catalog.find(parent))
      for (const ddl::Index& index : known->indexes) {
        const bool primary = known->primary_key() && known->primary_key()->definition.name == index.constraint &&
                             !index.constraint.empty();
        add_index(primary ? ddl::made_up_name(catalog, made, {}, "pkey")
                          : ddl::made_up_name(catalog, made, index.leading_columns(),
                                              index.constraint.empty() ? "idx" : "key"));
      }
    for (const ddl::Relation* other : catalog.partitions(parent))
      if (other->default_partition) lock(other->name, Lock::access_exclusive).scan = true;
  }
  if (create_.from_query)
    for (const sql::Target& read : statement.relations)
      if (catalog.resolve(read.name) != name) lock(catalog.resolve(read.name), Lock::access_share).scan = true;
}

}  // namespace sluice::impact
