#include "plan/expand.hpp"

#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "model/names.hpp"
#include "plan/beyond_render.hpp"
#include "plan/both_ways.hpp"
#include "plan/carry.hpp"
#include "plan/column_users.hpp"
#include "plan/halfway.hpp"
#include "plan/numbering.hpp"
#include "plan/old_name.hpp"
#include "plan/recipes.hpp"
#include "plan/render.hpp"
#include "plan/views.hpp"

namespace sluice::plan {

using namespace model;

namespace {

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}
bool any(const std::vector<std::string>& names, const std::vector<std::string>& of) {
  return std::any_of(of.begin(), of.end(), [&](const std::string& name) { return has(names, name); });
}
bool any_word(const Words& words, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return words.has(name); });
}

bool stands_on(const Index& index, const std::vector<std::string>& columns) {
  for (const IndexColumn& column : index.columns)
    if (column.is_expression ? any_word(Words(column.expression), columns) : has(columns, column.expression))
      return true;
  return index.where && any_word(Words(*index.where), columns);
}
bool stands_on(const Unique& unique, const std::vector<std::string>& columns) { return any(unique.columns, columns); }
bool stands_on(const PrimaryKey& key, const std::vector<std::string>& columns) { return any(key.columns, columns); }
bool stands_on(const Check& check, const std::vector<std::string>& columns) {
  return any_word(Words(check.expression), columns);
}
bool stands_on(const ForeignKey& key, const std::vector<std::string>& columns) {
  return any(key.columns_from, columns);
}

Column* column_of(Schema& schema, const Key& table, const std::string& name) {
  for (Column& column : all<Column>(schema))
    if (column.key == Key{table.schema, table.name, name}) return &column;
  return nullptr;
}
const Column* column_of(const Schema& schema, const Key& table, const std::string& name) {
  return find<Column>(schema, {table.schema, table.name, name});
}

std::string null_where(const std::vector<std::string>& empty, const std::vector<std::string>& full) {
  std::vector<std::string> a, b;
  for (const std::string& name : empty) a.push_back(sql::identifier(name) + " IS NULL");
  for (const std::string& name : full) b.push_back(sql::identifier(name) + " IS NOT NULL");
  const std::string either = text::join(b, " OR ");
  return text::join(a, " AND ") + " AND " + (b.size() > 1 ? "(" + either + ")" : either);
}

void fill(Recipes& r, const Key& table, const std::vector<std::string>& columns, const std::vector<std::string>& values,
          const std::vector<std::string>& from) {
  std::vector<std::string> set;
  for (size_t i = 0; i < columns.size(); i++) set.push_back(sql::identifier(columns[i]) + " = " + values[i]);
  r.backfill("UPDATE " + table_name(table) + " SET " + text::join(set, ", ") + " WHERE " + null_where(columns, from) +
             ";");
}

void append(Recipes& r, const Plan& plan) { r.stage(plan.statements); }

// What stands on the old columns: it goes with them.
template <class Kind, class F>
void each_on(const Schema& schema, const Expansion& expansion, F&& visit) {
  for (const Kind& object : all<Kind>(schema))
    if (object.key.owner() == expansion.table && stands_on(object, expansion.old_columns)) visit(object);
}

// As the migration says that began it: what names are made of may change.
std::string name_beside(const Expansion& expansion, const std::string& name) {
  for (const auto& [was, beside] : expansion.replaced)
    if (was == name) return beside;
  return new_name(name);
}

template <class Kind>
void keep_for_old_code(Schema& out, const Schema& known, const Expansion& expansion) {
  each_on<Kind>(known, expansion, [&](const Kind& object) {
    if (const Kind* fresh = find<Kind>(out, object.key); fresh && !stands_on(*fresh, expansion.old_columns)) {
      Kind beside = *fresh;
      beside.key.name = name_beside(expansion, beside.key.name);
      put(out, beside);
    }
    put(out, object);
  });
}

template <class Kind>
void take_old(Schema& schema, const Expansion& expansion) {
  std::erase_if(all<Kind>(schema), [&](const Kind& object) {
    return object.key.owner() == expansion.table && stands_on(object, expansion.old_columns);
  });
}

template <class Kind>
void rename_in(Schema& schema, const Key& table, const std::string& from, const std::string& to) {
  for (Kind& object : all<Kind>(schema))
    if (object.key.owner() == table && object.key.name == from) object.key.name = to;
}

void rename_replaced(Recipes& r, Schema& schema, const Expansion& expansion, bool to_final) {
  for (const auto& [name, beside] : expansion.replaced) {
    const std::string& from = to_final ? beside : name;
    const std::string& to = to_final ? name : beside;
    if (find<Index>(schema, {expansion.table.schema, expansion.table.name, from}))
      r.also("ALTER INDEX " + table_name({expansion.table.schema, "", from}) + " RENAME TO " + sql::identifier(to) +
             ";");
    else
      r.also(alter_table(expansion.table) + "RENAME CONSTRAINT " + sql::identifier(from) + " TO " +
             sql::identifier(to) + ";");
    rename_in<Index>(schema, expansion.table, from, to);
    rename_in<Unique>(schema, expansion.table, from, to);
    rename_in<Check>(schema, expansion.table, from, to);
    rename_in<ForeignKey>(schema, expansion.table, from, to);
  }
}

// What is said of the columns of `from` besides their definition is said of `name`, one of `to`.
void carry(Recipes& r, const Schema& known, const Key& table, const std::vector<std::string>& from,
           const std::vector<std::string>& to, const std::string& name) {
  const bool renamed = from.size() == 1 && to.size() == 1;
  r.also(renamed ? carry_over(known, table, {{from.front(), name}}, true) : carry_rights(table, from, name), carried);
}

std::string alter_column_text(const Key& table, const std::string& column) {
  return alter_table(table) + "ALTER COLUMN " + sql::identifier(column) + " ";
}

// Review sees neither what the trigger writes nor what the backfill has filled.
void allow_not_null(Recipes& r, size_t begin, const Schema& known, const Expansion& e) {
  const bool always_had_values = std::all_of(e.old_columns.begin(), e.old_columns.end(), [&](const std::string& name) {
    return column_of(known, e.table, name)->not_null;
  });
  for (size_t i = begin; i < r.statements.size(); i++) {
    const std::string& sql = r.statements[i].sql;
    const bool validates = sql.find(" VALIDATE CONSTRAINT ") != std::string::npos;
    if (sql.ends_with(" SET NOT NULL;") || (validates && r.version() >= 18))
      r.statements[i].allow = "not-null-breaks-old-code the trigger writes it";
    else if (validates && always_had_values)
      r.statements[i].allow = "may-fail-on-data the backfill has filled it";
  }
}

std::vector<Expansion> together(const std::vector<Expansion>& a, const std::vector<Expansion>& b) {
  std::vector<Expansion> out = a;
  out.insert(out.end(), b.begin(), b.end());
  return out;
}

std::string guard(const Expansion& e, int idle) {
  std::vector<std::string> names, patterns;
  if (e.old_columns.empty()) {
    names.push_back(display(e.table));
    patterns.push_back("true");
  }
  for (const std::string& name : e.old_columns) {
    names.push_back(display(Key{e.table.schema, e.table.name, name}));
    patterns.push_back("prosrc ~ " + sql::literal(says_name(name)));
  }
  const std::string what = text::join(names, ", ");
  auto refuse = [&](const std::string& query, const std::string& message, const std::string& hint) {
    return "  FOR reader IN " + query + " LOOP\n    RAISE EXCEPTION " + sql::literal("% " + message + " %") +
           ", reader, " + sql::literal(what) + " USING HINT = " + sql::literal(hint) + ";\n  END LOOP;\n";
  };
  return "DO $sluice$\nDECLARE\n  ago numeric;\n  reader text;\nBEGIN\n"
         "  FOR ago IN SELECT extract(epoch FROM clock_timestamp()) - last_value FROM " +
         last_write_sequence(e) + " WHERE is_called LOOP\n    IF ago < " + std::to_string(idle) +
         " THEN\n      RAISE EXCEPTION '% was " + (e.old_columns.empty() ? "used" : "written") +
         " by the old code % s ago', " + sql::literal(what) +
         ", round(ago) USING HINT = 'Stop the code that still does; this migration waits for " + std::to_string(idle) +
         " s without.';\n    END IF;\n  END LOOP;\n" +
         refuse("SELECT who FROM (" + column_users_sql(e.table, e.old_columns) + ") AS users ORDER BY who LIMIT 1",
                "uses", "Change or drop it first.") +
         refuse(
             "SELECT 'function ' || p.oid::regprocedure::text FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace "
             "n ON n.oid = p.pronamespace WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'sluice') AND "
             "prosrc ~ " +
                 sql::literal(says_name(e.table.name)) + " AND (" + text::join(patterns, " OR ") + ") LIMIT 1",
             "still says", "Change or drop the function first.") +
         "END\n$sluice$;";
}

Stage contract_table(Stage stage, const Schema& known, const Expansion& e, Recipes up, const Options& options) {
  Recipes down(options.online ? options.online->version : 15);
  drop_old_name(up, e);
  Schema now = known;
  take<View>(now, e.table);
  std::erase_if(all<Grant>(now), [&](const Grant& grant) { return grant.key.owner() == e.table; });
  append(up, make(now, stage.after, diff::compare(now, stage.after), options));
  Options reversed = options;
  reversed.reverse = true;
  append(down, make(stage.after, now, diff::compare(stage.after, now), reversed));
  create_old_name(down, known, e);
  if (!up.statements.empty()) up.statements.front().step = false;
  stage.up.statements = std::move(up.statements);
  stage.down.statements = std::move(down.statements);
  return stage;
}

}  // namespace

std::string cannot_expand(const Schema& known, const Schema& wanted, const Expansion& e, int version) {
  if (!e.new_table.empty()) return cannot_keep_old_name(known, wanted, e, version);
  for (const std::string& name : e.old_columns) {
    const Column* column = column_of(known, e.table, name);
    if (!column) return display(Key{e.table.schema, e.table.name, name}) + " is not there";
    if (column->primary_key) return display(column->key) + " is the primary key";
    if (column->generated || column->identity || is_serial(column->type))
      return display(column->key) + " gets its values from the database";
  }
  for (const std::string& name : e.new_columns) {
    const Column* column = column_of(wanted, e.table, name);
    if (!column) return display(Key{e.table.schema, e.table.name, name}) + " is not in the schema";
    if (column_of(known, e.table, name)) return display(column->key) + " is there already";
    if (column->primary_key || column->generated || column->identity || is_serial(column->type))
      return display(column->key) + " gets its values from the database, or is the primary key";
  }
  for (const PrimaryKey& key : all<PrimaryKey>(known))
    if (key.key.owner() == e.table && stands_on(key, e.old_columns)) return "the primary key stands on it";
  for (const ForeignKey& key : all<ForeignKey>(known))
    if (key.target() == e.table && any(key.columns_to, e.old_columns))
      return "the foreign key " + key.key.name + " of " + display(key.key.owner()) + " refers to it";
  for (const Column& column : all<Column>(known))
    if (column.key.owner() == e.table && column.generated &&
        any_word(Words(column.generated->expression), e.old_columns))
      return "the generated column " + column.key.name + " reads it";
  return "";
}

namespace {

bool is_said_of(const Comment& comment, const Expansion& e, const std::string& column) {
  return comment.key.owner() == e.table &&
         plain_identity(comment.key.name) == plain_identity("COLUMN " + full_name(e.table) + "." + column);
}
bool is_on_column(const std::string& privilege, const std::string& column) {
  return privilege.ends_with(" (" + column + ")") || privilege.ends_with(" (" + sql::identifier(column) + ")");
}

// What the old code may do with the old columns, and what is said of them, stays until they go.
void keep_said_of(Schema& out, const Schema& known, const Expansion& e) {
  for (const std::string& name : e.old_columns) {
    for (const Comment& comment : all<Comment>(known))
      if (is_said_of(comment, e, name)) put(out, comment);
    auto keep = [&](const std::vector<std::string>& from, std::vector<std::string>& to) {
      for (const std::string& privilege : from)
        if (is_on_column(privilege, name) && !has(to, privilege))
          to.insert(std::upper_bound(to.begin(), to.end(), privilege), privilege);
    };
    for (const Grant& grant : all<Grant>(known)) {
      if (!(grant.key.owner() == e.table)) continue;
      const Grant* there = find<Grant>(out, grant.key);
      Grant both = there ? *there : Grant{grant.key, grant.object, grant.grantee, {}, {}};
      keep(grant.privileges, both.privileges);
      keep(grant.grantable, both.grantable);
      if (!both.privileges.empty()) put(out, both);
    }
  }
}

// Both go with the columns.
void take_said_of(Schema& schema, const Expansion& e) {
  for (const std::string& name : e.old_columns) {
    std::erase_if(all<Comment>(schema), [&](const Comment& comment) { return is_said_of(comment, e, name); });
    std::erase_if(all<Grant>(schema), [&](Grant& grant) {
      if (!(grant.key.owner() == e.table)) return false;
      auto on_it = [&](const std::string& privilege) { return is_on_column(privilege, name); };
      std::erase_if(grant.grantable, on_it);
      return std::erase_if(grant.privileges, on_it) > 0 && grant.privileges.empty();
    });
  }
}

}  // namespace

Schema in_between(const Schema& wanted, const Schema& known, const std::vector<Expansion>& expansions) {
  Schema out = wanted;
  for (const Expansion& e : expansions) {
    if (!e.new_table.empty()) {
      if (const View* view = find<View>(known, e.table)) put(out, *view);
      for (const Grant& grant : all<Grant>(known))
        if (grant.key.owner() == e.table && find<View>(known, e.table)) put(out, grant);
      continue;
    }
    bool optional = e.new_columns.empty();
    for (const std::string& name : e.new_columns)
      if (Column* column = column_of(out, e.table, name)) {
        optional = optional || !column->not_null;
        // The old column's default counts as long as the trigger is there: it must see which of the two was given.
        column->default_value.reset();
      }
    for (const std::string& name : e.old_columns)
      if (const Column* column = column_of(known, e.table, name)) {
        Column kept = *column;
        if (optional) kept.not_null = false;
        put(out, kept);
      }
    keep_for_old_code<Index>(out, known, e);
    keep_for_old_code<Unique>(out, known, e);
    keep_for_old_code<Check>(out, known, e);
    keep_for_old_code<ForeignKey>(out, known, e);
    keep_said_of(out, known, e);
  }
  return out;
}

Stage expand(const Schema& before, const Schema& wanted, std::vector<Expansion>& expansions,
             const std::vector<Expansion>& others, const Options& options) {
  const int version = options.online ? options.online->version : 15;
  Stage stage;
  Recipes up(version, &before), down(version);
  choose_names(expansions, others);
  // Tables first: what else is planned knows them by their new names.
  Schema known = before;
  std::vector<Schema> names;
  for (const Expansion& e : expansions) {
    names.push_back(known);
    if (e.new_table.empty()) continue;
    rename_and_keep(up, known, e, version);
    known = with_old_name(known, e, version);
  }
  stage.after = in_between(wanted, known, together(others, expansions));
  Schema now = known;
  for (Expansion& e : expansions) {
    if (!e.new_table.empty()) continue;
    auto note_replaced = [&](const auto& object) {
      if (const auto beside = new_name(object.key.name);
          find<std::remove_cvref_t<decltype(object)>>(stage.after, {e.table.schema, e.table.name, beside}))
        e.replaced.emplace_back(object.key.name, beside);
    };
    each_on<Index>(known, e, note_replaced), each_on<Unique>(known, e, note_replaced);
    each_on<Check>(known, e, note_replaced), each_on<ForeignKey>(known, e, note_replaced);

    bool first = true;
    auto add = [&](std::string sql) {
      std::exchange(first, false) ? up.step(std::move(sql)) : up.also(std::move(sql));
    };
    for (const std::string& name : e.new_columns) {
      Column bare = *column_of(stage.after, e.table, name);
      bare.not_null = false;
      add(alter_table(e.table) + "ADD COLUMN " + column_definition(bare, false) + ";");
      put(now, bare);
      carry(up, known, e.table, e.old_columns, e.new_columns, name);
    }
    std::vector<const Column*> loosened;
    for (const std::string& name : e.old_columns) {
      Column* column = column_of(now, e.table, name);
      if (column->not_null && !column_of(stage.after, e.table, name)->not_null) {
        add(alter_column_text(e.table, name) + "DROP NOT NULL;");
        column->not_null = false;
        loosened.push_back(column_of(known, e.table, name));
      }
    }
    if (first) add("CREATE SCHEMA IF NOT EXISTS sluice;");
    create_trigger(up, stage.after, e);
    if (!e.new_columns.empty()) fill(up, e.table, e.new_columns, e.to_new, e.old_columns);
    for (const std::string& name : e.new_columns)
      if (Column* column = column_of(now, e.table, name); column_of(stage.after, e.table, name)->not_null) {
        const size_t begin = up.statements.size();
        up.set_not_null(*column, std::nullopt);
        column->not_null = true;
        allow_not_null(up, begin, known, e);
      }
    // The trigger goes last: if a row has no value, both columns are still equal.
    for (const Column* column : loosened) down.set_not_null(*column, std::nullopt);
    const size_t begin = down.statements.size();
    drop_trigger(down, e);
    down.statements[begin].step = true;
  }
  Plan rest = make(now, stage.after, diff::compare(now, stage.after), options);
  stage.up.missing_backfill = std::move(rest.missing_backfill);
  append(up, rest);
  Schema back = stage.after;
  for (const Expansion& e : expansions)
    for (const std::string& name : e.old_columns) put(back, *column_of(known, e.table, name));
  Options reversed = options;
  reversed.reverse = true;
  append(down, make(back, known, diff::compare(back, known), reversed));
  // The old columns have the values.
  for (Statement& statement : down.statements)
    for (const Expansion& e : expansions)
      for (const std::string& name : e.new_columns)
        if (statement.sql == alter_table(e.table) + "DROP COLUMN " + sql::identifier(name) + ";")
          statement.no_keep = true;
  for (size_t i = expansions.size(); i-- > 0;)
    if (!expansions[i].new_table.empty()) drop_and_rename_back(down, names[i], expansions[i]);
  if (!up.statements.empty()) up.statements.front().step = false;
  if (!down.statements.empty()) down.statements.front().step = false;
  stage.up.statements = std::move(up.statements);
  stage.down.statements = std::move(down.statements);
  return stage;
}

std::string cannot_contract(const Schema& known, const Expansion& e) {
  if (!e.new_table.empty() && !find<View>(known, e.table)) return display(e.table) + " is not a view in it";
  for (const std::vector<std::string>* columns : {&e.old_columns, &e.new_columns})
    for (const std::string& name : *columns)
      if (!column_of(known, e.table, name)) return display(Key{e.table.schema, e.table.name, name}) + " is not in it";
  return "";
}

Stage contract(const Schema& known, const Schema& wanted, const Expansion& e, const std::vector<Expansion>& others,
               std::optional<int> idle, const Options& options) {
  const int version = options.online ? options.online->version : 15;
  Stage stage;
  stage.after = in_between(wanted, known, others);
  Recipes up(version), down(version);
  if (idle) up.step(guard(e, *idle));
  if (!e.new_table.empty()) return contract_table(std::move(stage), known, e, std::move(up), options);
  drop_trigger(up, e);
  Schema now = known;
  for (const std::string& name : e.old_columns)
    if (column_of(known, e.table, name)->not_null) up.also(alter_column_text(e.table, name) + "DROP NOT NULL;");
  for (const std::string& name : e.new_columns) {
    const Column* column = column_of(stage.after, e.table, name);
    if (!column || !column->default_value) continue;
    up.also(alter_column_text(e.table, name) + "SET DEFAULT " + default_text(*column) + ";");
    column_of(now, e.table, name)->default_value = column->default_value;
  }
  // With the trigger, in one transaction: if something unforeseen still stands on a column, nothing has changed.
  for (const std::string& name : e.old_columns) {
    up.also(alter_table(e.table) + "DROP COLUMN " + sql::identifier(name) + ";",
            "drop-column the code that used it is gone");
    if (!e.new_columns.empty()) up.without_keeping();
    take<Column>(now, {e.table.schema, e.table.name, name});
  }
  take_old<Index>(now, e), take_old<Unique>(now, e), take_old<Check>(now, e), take_old<ForeignKey>(now, e);
  take_said_of(now, e);
  rename_replaced(up, now, e, true);
  const Schema contracted = now;
  append(up, make(now, stage.after, diff::compare(now, stage.after), options));

  // The way back is the way in once more: the old columns beside the new ones.
  Options reversed = options;
  reversed.reverse = true;
  append(down, make(stage.after, contracted, diff::compare(stage.after, contracted), reversed));
  Schema back = contracted;
  bool first = true;
  for (const std::string& name : e.old_columns) {
    Column column = *column_of(known, e.table, name), bare = column;
    column.not_null = bare.not_null = false;
    // With a default it would be in every row, and nothing would be computed from the new columns.
    if (!e.new_columns.empty()) bare.default_value.reset();
    const std::string add = alter_table(e.table) + "ADD COLUMN " + column_definition(bare, false) + ";";
    std::exchange(first, false) ? down.step(add) : down.also(add);
    if (!e.new_columns.empty()) carry(down, contracted, e.table, e.new_columns, e.old_columns, name);
    if (bare.default_value != column.default_value)
      down.also(alter_column_text(e.table, name) + "SET DEFAULT " + default_text(column) + ";");
    put(back, column);
  }
  for (const std::string& name : e.new_columns)
    if (Column* column = column_of(back, e.table, name); column->default_value) {
      down.also(alter_column_text(e.table, name) + "DROP DEFAULT;");
      column->default_value.reset();
    }
  create_trigger(down, known, e);
  rename_replaced(down, back, e, false);
  if (!e.new_columns.empty()) fill(down, e.table, e.old_columns, e.to_old, e.new_columns);
  for (const std::string& name : e.old_columns)
    if (Column* column = column_of(back, e.table, name); column_of(known, e.table, name)->not_null) {
      down.set_not_null(*column, std::nullopt);
      column->not_null = true;
    }
  append(down, make(back, known, diff::compare(back, known), reversed));
  if (!up.statements.empty()) up.statements.front().step = false;
  if (!down.statements.empty()) down.statements.front().step = false;
  stage.up.statements = std::move(up.statements);
  stage.down.statements = std::move(down.statements);
  return stage;
}

}  // namespace sluice::plan
