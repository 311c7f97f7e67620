#include "plan/shadow.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "model/names.hpp"
#include "plan/carry.hpp"
#include "plan/casts.hpp"
#include "plan/collisions.hpp"
#include "plan/column_users.hpp"
#include "plan/columns.hpp"
#include "plan/enums.hpp"
#include "plan/numbering.hpp"
#include "plan/render.hpp"
#include "plan/views.hpp"

namespace sluice::plan {

using namespace model;
using diff::Altered;

namespace {

std::string alter_column_text(const Key& column) {
  return alter_table(column.owner()) + "ALTER COLUMN " + sql::identifier(column.name) + " ";
}

Key sibling(const Key& column, const std::string& name) { return {column.schema, column.table, name}; }

class Move {
 public:
  Move(Schema& now, const Schema& after, const std::vector<Altered<Column>>& changes, const Retyped& enumerations,
       Recipes& recipes)
      : now_(now), changes_(changes), enumerations_(enumerations), r_(recipes), goal_(now) {
    diff::Renames to_new;
    for (const Altered<Column>& change : changes_) {
      const Key& key = change.after.key;
      for (Column& column : all<Column>(goal_))
        if (column.key == key) column = change.after;
      to_new.push_back({diff::RenameKind::column, key, sibling(key, new_name(key.name))});
      tables_.insert(key.owner());
    }
    for (const auto* change : enumerations_)
      for (Enum& object : all<Enum>(goal_))
        if (object.key == change->after.key) object = change->after;
    const Schema shifted = diff::renamed(goal_, to_new);
    settle<Index>(after, shifted,
                  [](const Index& a, const Index& b) { return a.columns != b.columns || a.where != b.where; });
    settle<Unique>(after, shifted, [](const Unique& a, const Unique& b) { return a.columns != b.columns; });
    settle<PrimaryKey>(after, shifted, [](const PrimaryKey& a, const PrimaryKey& b) { return a.columns != b.columns; });
    settle<Check>(after, shifted, [](const Check& a, const Check& b) { return a.expression != b.expression; });
    settle<ForeignKey>(after, shifted, [](const ForeignKey& a, const ForeignKey& b) {
      return a.columns_from != b.columns_from || a.columns_to != b.columns_to;
    });
    beside_ = diff::renamed(goal_, to_new);
  }

  std::set<Key> run() {
    find_dependents();
    add_columns();
    fill();
    build();
    swap();
    tidy_up();
    now_ = std::move(goal_);
    return std::move(settled_);
  }

 private:
  // What stands on the moving columns becomes what `after` has under its name, or goes.
  template <class Kind, class F>
  void settle(const Schema& after, const Schema& shifted, F&& differs) {
    std::vector<Kind> kept;
    const auto &was = all<Kind>(goal_), &is = all<Kind>(shifted);
    for (size_t i = 0; i < was.size(); i++) {
      if (!differs(was[i], is[i])) {
        kept.push_back(was[i]);
        continue;
      }
      settled_.insert(was[i].key);
      if (const Kind* wanted = find<Kind>(after, was[i].key)) kept.push_back(*wanted);
      if constexpr (!std::is_same_v<Kind, Index>) leaving_.push_back(was[i].key);
      standing_.insert(was[i].key);
    }
    all<Kind>(goal_) = std::move(kept);
  }

  template <class Kind>
  struct Dependent {
    const Kind *old, *fresh;  // as it is; as it is to be said of the new columns
  };

  template <class Kind, class F>
  std::vector<Dependent<Kind>> dependents(F&& differs) const {
    std::vector<Dependent<Kind>> out;
    const auto &was = all<Kind>(goal_), &is = all<Kind>(beside_);
    for (size_t i = 0; i < was.size(); i++)
      if (standing_.contains(was[i].key) || differs(was[i], is[i])) out.push_back({&was[i], &is[i]});
    return out;
  }

  void find_dependents() {
    indexes_ =
        dependents<Index>([](const Index& a, const Index& b) { return a.columns != b.columns || a.where != b.where; });
    uniques_ = dependents<Unique>([](const Unique& a, const Unique& b) { return a.columns != b.columns; });
    primary_keys_ =
        dependents<PrimaryKey>([](const PrimaryKey& a, const PrimaryKey& b) { return a.columns != b.columns; });
    checks_ = dependents<Check>([](const Check& a, const Check& b) { return a.expression != b.expression; });
    foreign_keys_ = dependents<ForeignKey>([](const ForeignKey& a, const ForeignKey& b) {
      return a.columns_from != b.columns_from || a.columns_to != b.columns_to;
    });
    for (const Policy& policy : all<Policy>(goal_)) {
      Words words(policy.using_expression.value_or("") + " " + policy.with_check.value_or(""));
      for (const Altered<Column>& change : changes_)
        if (words.has(change.after.key.name)) {
          policies_.push_back(&policy);
          break;
        }
    }
  }

  // The type that the new column has until its enum has its name.
  Column shadow_of(const Column& column) const {
    Column out = column;
    out.key.name = new_name(column.key.name);
    out.type = integer_of(column.type);
    out.not_null = out.primary_key = false;
    out.default_value.reset();
    out.identity.reset();
    for (const auto* change : enumerations_)
      if (has_type(column, change->after.key))
        out.type = new_name(change->after.key.name) + column.type.substr(change->after.key.name.size());
    return out;
  }

  // The new value, computed from the old column that is written like `source`.
  std::string converted(const Altered<Column>& change, const std::string& source) const {
    Column before = change.before, after = shadow_of(change.after);
    before.type = integer_of(before.type);
    before.key.name = after.key.name = "sluice value";
    std::optional<std::string> expression = conversion(before, after);
    return expression ? text::replace_all(*expression, sql::identifier("sluice value"), source) : source;
  }

  std::vector<const Altered<Column>*> of_table(const Key& table) const {
    std::vector<const Altered<Column>*> out;
    for (const Altered<Column>& change : changes_)
      if (change.after.key.owner() == table) out.push_back(&change);
    return out;
  }

  static std::string function_name(const Key& table) {
    return table_name({table.schema, "", own_name("sluice_move", table.name, "sync")});
  }
  // Triggers fire in the order of their names; this one sees what the others have made of the row.
  static std::string trigger_text(const Key& table) { return own_name("zz_sluice_move", table.name, "sync"); }
  static std::string trigger_name(const Key& table) { return sql::identifier(trigger_text(table)); }

  // The names of what the schema knows to stand on columns of the table.
  std::set<std::string> known_users(const Key& table) const {
    std::set<std::string> out;
    auto add = [&](const auto& objects) {
      for (const auto& object : objects)
        if (object.key.owner() == table) out.insert(object.key.name);
    };
    add(all<Index>(now_)), add(all<Unique>(now_)), add(all<PrimaryKey>(now_));
    add(all<Check>(now_)), add(all<Policy>(now_)), add(all<Column>(now_));
    for (const ForeignKey& key : all<ForeignKey>(now_))
      if (key.key.owner() == table || key.target() == table) out.insert(key.key.name);
    for (const View& view : all<View>(now_)) out.insert(view.key.name);
    for (const Altered<Column>* change : of_table(table))
      if (change->before.primary_key) out.insert(default_primary_key(change->before.key).name);
    return out;
  }

  ViewPlan concerned_views() const {
    diff::Changes columns_only;
    diff::of<Column>(columns_only).altered = changes_;
    return plan_views(now_, goal_, columns_only);
  }

  void add_columns() {
    bool first = true;
    auto add = [&](std::string sql) {
      if (std::exchange(first, false))
        r_.step(std::move(sql));
      else
        r_.also(std::move(sql));
    };
    for (const Key& table : tables_) {
      std::vector<std::string> names;
      for (const Altered<Column>* change : of_table(table)) names.push_back(change->before.key.name);
      add(refuse_unknown_users(table, names, concerned_views().drop, known_users(table),
                               "The online change of a type leaves it behind: drop it, migrate, and make it again; or "
                               "write the change with generate --no-online."));
    }
    for (const auto* change : enumerations_) {
      Enum made = change->after;
      made.key.name = new_name(made.key.name);
      add(create(made));
    }
    for (const Key& table : tables_) {
      first = true;  // one lock at a time
      for (const Altered<Column>* change : of_table(table))
        add(alter_table(table) + "ADD COLUMN " + column_definition(shadow_of(change->after), false) + ";");
    }
  }

  // A value of another kind may come out in another way in a session with other settings than this migration's.
  bool depends_on_settings(const Altered<Column>& change) const {
    const Column before = change.before, after = shadow_of(change.after);
    auto settled = [](const Column& column) {
      const Family family = family_of(integer_of(column.type));
      return column.type_schema || family == Family::number || column.type == "uuid" || column.type == "boolean";
    };
    const bool texts = family_of(before.type) == Family::text && family_of(after.type) == Family::text;
    const bool is_enum = std::any_of(enumerations_.begin(), enumerations_.end(),
                                     [&](const auto* moved) { return has_type(change.after, moved->after.key); });
    return !texts && !is_enum && !(settled(before) && settled(after));
  }

  // Keeps the new columns equal to the old ones from now on.
  void create_trigger(const Key& table) {
    std::string assignments;
    bool by_settings = false;
    for (const Altered<Column>* change : of_table(table)) {
      by_settings = by_settings || depends_on_settings(*change);
      assignments += "  NEW." + sql::identifier(new_name(change->after.key.name)) +
                     " := " + converted(*change, "NEW." + sql::identifier(change->before.key.name)) + ";\n";
    }
    r_.step("CREATE FUNCTION " + function_name(table) + "() RETURNS trigger LANGUAGE plpgsql " +
            (by_settings ? "SET timezone FROM CURRENT SET datestyle FROM CURRENT SET intervalstyle FROM CURRENT\n"
                           "SET extra_float_digits FROM CURRENT SET bytea_output FROM CURRENT "
                         : "") +
            "AS $$\nBEGIN\n" + assignments + "  RETURN NEW;\nEND\n$$;");
    r_.also("CREATE TRIGGER " + trigger_name(table) + " BEFORE INSERT OR UPDATE ON " + table_name(table) +
            " FOR EACH ROW EXECUTE FUNCTION " + function_name(table) + "();");
  }

  // A trigger makes PostgreSQL lock, and log, each row that is updated once more. So the rows are filled before it is
  // there, and those that others write meanwhile after it, if it can be seen which they are.
  void fill() {
    for (const Key& table : tables_) {
      const std::vector<const Altered<Column>*> columns = of_table(table);
      std::vector<std::string> set, open, stale;
      bool can_tell = true;
      for (const Altered<Column>* change : columns) {
        const std::string old = sql::identifier(change->before.key.name);
        const std::string fresh = sql::identifier(new_name(change->after.key.name));
        const std::string value = converted(*change, old);
        set.push_back(fresh + " = " + value);
        open.push_back((columns.size() > 1 ? "(" : "") + fresh + " IS NULL AND " + old + " IS NOT NULL" +
                       (columns.size() > 1 ? ")" : ""));
        stale.push_back(fresh + " IS DISTINCT FROM " + as_new(*change, value));
        can_tell = can_tell && equal_is_same(shadow_of(change->after));
      }
      const std::string update = "UPDATE " + table_name(table) + " SET " + text::join(set, ", ") + " WHERE ";
      if (!can_tell) create_trigger(table);
      r_.backfill(update + text::join(open, " OR ") + ";", can_tell);
      if (!can_tell) continue;
      create_trigger(table);
      r_.backfill(update + text::join(stale, " OR ") + ";", true);
    }
  }

  // Of the new type, where that is not what the expression gives.
  std::string as_new(const Altered<Column>& change, const std::string& value) const {
    const Column before = change.before, after = shadow_of(change.after);
    static const std::set<std::string> integers{"smallint", "integer", "bigint"};
    if (integers.contains(integer_of(before.type)) && integers.contains(after.type)) return value;
    return "(" + value + ")::" + column_type(after, sql::EnumStyle::qualified);
  }

  // True if values that are equal cannot be told apart: not 1.0 and 1.00.
  bool equal_is_same(const Column& column) const {
    if (is_array(column) || column.collation) return false;
    for (const auto* change : enumerations_)
      if (column.type == new_name(change->after.key.name)) return true;
    static const std::set<std::string> types{
        "smallint", "integer",           "bigint",  "oid",   "uuid", "boolean",  "date", "timestamp with time zone",
        "text",     "character varying", "varchar", "bytea", "time", "timestamp"};
    return !column.type_schema && types.contains(column.type);
  }

  bool is_required(const Column& column) const {
    return column.not_null || column.primary_key || column.identity || is_serial(column.type) ||
           std::any_of(all<PrimaryKey>(goal_).begin(), all<PrimaryKey>(goal_).end(), [&](const PrimaryKey& key) {
             return key.key.owner() == column.key.owner() &&
                    std::find(key.columns.begin(), key.columns.end(), column.key.name) != key.columns.end();
           });
  }

  // What stands on the old columns, once more on the new ones, under other names.
  void build() {
    const diff::Changes changes = diff::compare(now_, goal_);
    auto is_as_before = [&](const auto& object) {
      using Kind = std::remove_cvref_t<decltype(object)>;
      const auto& altered = diff::of<Kind>(changes).altered;
      return find<Kind>(now_, object.key) &&
             std::none_of(altered.begin(), altered.end(), [&](const auto& c) { return c.after.key == object.key; });
    };
    size_t begin = 0;
    for (const Altered<Column>& change : changes_) {
      if (is_required(change.after)) {
        proofs_[change.after.key] = r_.prove_not_null(sibling(change.after.key, new_name(change.after.key.name)));
        // No cast makes NULL of a value; an empty list has no first element.
        if (is_required(change.before) && is_array(change.before) == is_array(change.after))
          r_.statements.back().allow = "may-fail-on-data the backfill has filled it";
      }
      if (change.after.primary_key) {
        const Key key = default_primary_key(change.after.key);
        begin = r_.statements.size();
        r_.build_key(key.owner(), new_name(key.name), {new_name(change.after.key.name)}, false);
        allow_if_it_held(begin, change.before.primary_key);
      }
    }
    for (const auto& [old, fresh] : primary_keys_) {
      begin = r_.statements.size();
      r_.build_key(fresh->key.owner(), new_name(fresh->key.name), fresh->columns, false);
      allow_if_it_held(begin, is_as_before(*old));
    }
    for (const auto& [old, fresh] : uniques_) {
      begin = r_.statements.size();
      r_.build_key(fresh->key.owner(), new_name(fresh->key.name), fresh->columns, fresh->nulls_not_distinct);
      allow_if_it_held(begin, is_as_before(*old));
    }
    for (const auto& [old, fresh] : indexes_) {
      Index index = *fresh;
      index.key.name = new_name(index.key.name);
      begin = r_.statements.size();
      r_.create_index(index);
      allow_if_it_held(begin, is_as_before(*old));
    }
    for (const auto& [old, fresh] : checks_) {
      Check check = *fresh;
      check.key.name = new_name(check.key.name);
      begin = r_.statements.size();
      r_.add_check(check);
      allow_if_it_held(begin, is_as_before(*old));
    }
    for (const auto& [old, fresh] : foreign_keys_) {
      ForeignKey key = *fresh;
      key.key.name = new_name(key.key.name);
      begin = r_.statements.size();
      r_.add_foreign_key(key, false);
      allow_if_it_held(begin, is_as_before(*old));
    }
  }

  // Values that stay apart, and in their order, satisfy what they did before.
  void allow_if_it_held(size_t begin, bool held) {
    static const std::set<std::string> integers{"smallint", "integer", "bigint"};
    if (!held) return;
    for (const Altered<Column>& change : changes_)
      if (!integers.contains(integer_of(change.before.type)) || !integers.contains(integer_of(change.after.type)))
        return;
    for (size_t i = begin; i < r_.statements.size(); i++)
      if (const std::string& sql = r_.statements[i].sql;
          sql.starts_with("CREATE UNIQUE INDEX ") || sql.find(" VALIDATE CONSTRAINT ") != std::string::npos)
        r_.statements[i].allow = "may-fail-on-data the values are those of the old column";
  }

  void lock() {
    std::set<Key> all = tables_;
    for (const auto& [old, fresh] : foreign_keys_) {
      all.insert(old->key.owner());
      all.insert(old->target());
    }
    std::vector<std::string> names;
    for (const Key& table : all) names.push_back(table_name(table));
    // All at once and in one order: nobody can stand between two of them.
    r_.step("LOCK TABLE " + text::join(names, ", ") + " IN ACCESS EXCLUSIVE MODE;",
            "explicit-lock names are exchanged under it, and no rows are read");
  }

  void swap() {
    lock();
    for (const Key& table : tables_) {
      std::vector<std::pair<std::string, std::string>> columns;
      for (const Altered<Column>* change : of_table(table))
        columns.emplace_back(change->before.key.name, new_name(change->after.key.name));
      r_.also(carry_over(now_, table, columns, false), carried);
      if (has_new_index(table)) r_.also(note_marks(table));
      fill_attached(table);
    }
    const ViewPlan views = concerned_views();
    for (const View* view : views.drop) r_.also("DROP " + view_kind(*view) + " " + full_name(view->key) + ";");
    for (const Policy* policy : policies_)
      r_.also("DROP POLICY " + sql::identifier(policy->key.name) + " ON " + policy_table(*policy) + ";");
    auto drop = [&](const Key& key) {
      r_.also(alter_table(key.owner()) + "DROP CONSTRAINT " + sql::identifier(key.name) + ";");
    };
    // Collected in the order of the kinds: foreign keys are last, and go first.
    for (auto key = leaving_.rbegin(); key != leaving_.rend(); ++key) drop(*key);
    for (const Altered<Column>& change : changes_)
      if (change.before.primary_key) drop(default_primary_key(change.before.key));
    for (const Key& table : tables_) {
      r_.also("DROP TRIGGER " + trigger_name(table) + " ON " + table_name(table) + ";");
      r_.also("DROP FUNCTION " + function_name(table) + "();", "function-dropped only the trigger called it");
    }
    for (const auto* change : enumerations_) {
      const Key &key = change->after.key, fresh{key.schema, "", new_name(key.name)};
      r_.also("ALTER TYPE " + full_name(key) + " RENAME TO " + sql::identifier(old_name(key.name)) + ";");
      r_.also("ALTER TYPE " + full_name(fresh) + " RENAME TO " + sql::identifier(key.name) + ";");
    }
    for (const Altered<Column>& change : changes_) change_places(change);

    auto use_index = [&](const Key& key, const char* what) {
      r_.also(alter_table(key.owner()) + "ADD CONSTRAINT " + sql::identifier(key.name) + " " + what + " USING INDEX " +
              sql::identifier(new_name(key.name)) + ";");
    };
    for (const Altered<Column>& change : changes_)
      if (change.after.primary_key) use_index(default_primary_key(change.after.key), "PRIMARY KEY");
    for (const auto& [old, fresh] : primary_keys_) use_index(old->key, "PRIMARY KEY");
    for (const auto& [old, fresh] : uniques_) use_index(old->key, "UNIQUE");
    for (const Dependent<Index>& each : indexes_) {
      const Key& key = each.old->key;
      auto rename = [&](const std::string& from, const std::string& to) {
        r_.also("ALTER INDEX " + table_name({key.schema, "", from}) + " RENAME TO " + sql::identifier(to) + ";");
      };
      rename(key.name, old_name(key.name));
      rename(new_name(key.name), key.name);
    }
    auto rename = [&](const Key& key) {
      r_.also(alter_table(key.owner()) + "RENAME CONSTRAINT " + sql::identifier(new_name(key.name)) + " TO " +
              sql::identifier(key.name) + ";");
    };
    for (const auto& [old, fresh] : checks_) rename(old->key);
    for (const auto& [old, fresh] : foreign_keys_) rename(old->key);
    for (const Key& table : tables_)
      if (has_new_index(table)) r_.also(restore_marks(table), carried);
    refuse_what_was_left();
    for (const View* view : views.create) r_.also(create(*view));
    for (const Policy* policy : policies_) r_.also(create(*policy));
  }

  bool has_new_index(const Key& table) const {
    auto any = [&](const auto& dependents) {
      return std::any_of(dependents.begin(), dependents.end(),
                         [&](const auto& each) { return each.old->key.owner() == table; });
    };
    const auto columns = of_table(table);
    return any(indexes_) || any(uniques_) || any(primary_keys_) ||
           std::any_of(columns.begin(), columns.end(), [](const auto* change) { return change->after.primary_key; });
  }

  // A partition that was attached since brought rows that the trigger has not seen; its copy of the trigger is younger.
  void fill_attached(const Key& table) {
    std::vector<std::string> set, stale;
    for (const Altered<Column>* change : of_table(table)) {
      const std::string fresh = sql::identifier(new_name(change->after.key.name));
      const std::string value = converted(*change, sql::identifier(change->before.key.name));
      set.push_back(fresh + " = " + value);
      stale.push_back(fresh + " IS NULL");
    }
    r_.also(
        "DO $sluice$\nDECLARE\n  part regclass;\nBEGIN\n  FOR part IN\n"
        "    SELECT c.tgrelid FROM pg_catalog.pg_trigger p JOIN pg_catalog.pg_trigger c\n"
        "      ON (c.tgname, c.tgfoid) = (p.tgname, p.tgfoid) AND c.tgrelid <> p.tgrelid AND c.xmin <> p.xmin\n"
        "    WHERE p.tgrelid = " +
            sql::literal(table_name(table)) + "::regclass AND p.tgname = " + sql::literal(trigger_text(table)) +
            "\n  LOOP\n    EXECUTE 'UPDATE ONLY ' || part || " +
            sql::literal(" SET " + text::join(set, ", ") + " WHERE " + text::join(stale, " OR ")) +
            ";\n  END LOOP;\nEND\n$sluice$;",
        "not-judged it fills what came with a partition that was attached meanwhile");
  }

  // Something may have come since the first look: nothing is changed then.
  void refuse_what_was_left() {
    std::set<std::string> indexes;
    for (const Dependent<Index>& each : indexes_) indexes.insert(old_name(each.old->key.name));
    for (const Key& table : tables_) {
      std::vector<std::string> names;
      for (const Altered<Column>* change : of_table(table)) names.push_back(old_name(change->before.key.name));
      r_.also(refuse_unknown_users(table, names, {}, indexes, "Drop it, run migrate again, and make it again."));
    }
  }

  void change_places(const Altered<Column>& change) {
    const Column &before = change.before, &after = change.after;
    const Key table = after.key.owner(), aside = sibling(before.key, old_name(before.key.name));
    auto rename = [&](const std::string& from, const std::string& to) {
      r_.also(alter_table(table) + "RENAME COLUMN " + sql::identifier(from) + " TO " + sql::identifier(to) + ";",
              "rename-column there is a column of this name again in the same transaction");
    };
    rename(before.key.name, aside.name);
    rename(new_name(after.key.name), after.key.name);
    const Key sequence = serial_sequence(after);
    const std::string next = "current_setting('sluice.next')";
    if (before.identity) {
      // The numbers go on: PostgreSQL drops the sequence together with the identity.
      r_.also("SELECT set_config('sluice.next', (CASE WHEN is_called THEN last_value + (" +
              before.identity->options.increment + ") ELSE last_value END)::text, true) FROM " +
              table_name({before.key.schema, "", before.identity->name}) + ";");
      r_.also(alter_column_text(aside) + "DROP IDENTITY;");
    }
    if (is_serial(before.type)) {
      if (is_serial(after.type))
        r_.also("ALTER SEQUENCE " + table_name(sequence) + " AS " + integer_of(after.type) + " OWNED BY " +
                table_name(table) + "." + sql::identifier(after.key.name) + ";");
      r_.also(alter_column_text(aside) + "DROP DEFAULT;");
    } else if (before.default_value) {
      r_.also(alter_column_text(aside) + "DROP DEFAULT;");
    }
    if (is_required(before)) r_.also(alter_column_text(aside) + "DROP NOT NULL;");
    if (auto proof = proofs_.find(after.key); proof != proofs_.end()) {
      r_.also(alter_column_text(after.key) + "SET NOT NULL;",
              is_required(before) && !is_serial(after.type) ? "not-null-breaks-old-code it was required before" : "");
      r_.also(alter_table(table) + "DROP CONSTRAINT " + sql::identifier(proof->second) + ";");
    }
    if (is_serial(after.type))
      r_.also(alter_column_text(after.key) + "SET DEFAULT nextval(" + sql::literal(table_name(sequence)) + ");");
    else if (after.default_value)
      r_.also(alter_column_text(after.key) + "SET DEFAULT " + default_text(after) + ";");
    if (after.identity) {
      r_.also(alter_column_text(after.key) + "ADD " + identity_clause(*after.identity, table) + ";");
      if (before.identity)
        r_.also("SELECT setval(pg_get_serial_sequence(" + sql::literal(table_name(table)) + ", " +
                sql::literal(clipped(after.key.name)) + "), " + next + "::bigint, false);");
    }
  }

  void tidy_up() {
    for (const Altered<Column>& change : changes_) {
      r_.step(alter_table(change.after.key.owner()) + "DROP COLUMN " +
                  sql::identifier(old_name(change.before.key.name)) + ";",
              "drop-column its values are in the column of the new type");
      r_.without_keeping();
    }
    for (const auto* change : enumerations_) {
      Key key = change->after.key;
      key.name = old_name(key.name);
      r_.step("DROP TYPE " + full_name(key) + ";");
    }
  }

  Schema& now_;
  const std::vector<Altered<Column>>& changes_;
  const Retyped& enumerations_;
  Recipes& r_;
  Schema goal_, beside_;  // after the move; the same, said of the new columns beside the old ones
  std::set<Key> tables_;
  std::vector<Dependent<Index>> indexes_;
  std::vector<Dependent<Unique>> uniques_;
  std::vector<Dependent<PrimaryKey>> primary_keys_;
  std::vector<Dependent<Check>> checks_;
  std::vector<Dependent<ForeignKey>> foreign_keys_;
  std::vector<const Policy*> policies_;
  std::set<Key> standing_, settled_;
  std::vector<Key> leaving_;  // constraints that stand on the old columns
  std::map<Key, std::string> proofs_;
};

}  // namespace

std::set<Key> move_columns(Schema& now, const Schema& after, const std::vector<Altered<Column>>& changes,
                           const Retyped& enumerations, Recipes& recipes) {
  return Move(now, after, changes, enumerations, recipes).run();
}

}  // namespace sluice::plan
