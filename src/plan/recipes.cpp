#include "plan/recipes.hpp"

#include "model/names.hpp"
#include "plan/columns.hpp"
#include "plan/numbering.hpp"
#include "plan/render.hpp"

namespace sluice::plan {

using namespace model;

namespace {

std::string alter_column_text(const Key& column) {
  return alter_table(column.owner()) + "ALTER COLUMN " + sql::identifier(column.name) + " ";
}

std::string drop_constraint(const Key& table, const std::string& name) {
  return alter_table(table) + "DROP CONSTRAINT " + sql::identifier(name) + ";";
}

// An index of the table's schema.
std::string index_at(const Key& table, const std::string& name) { return table_name({table.schema, "", name}); }

template <class Kind>
Kind named(Kind object, const std::string& name) {
  object.key.name = name;
  return object;
}

}  // namespace

std::string new_name(const std::string& name) { return own_name(name, "__new"); }
std::string old_name(const std::string& name) { return own_name(name, "__old"); }

void Recipes::stage(const std::vector<Statement>& plain) {
  bool first = true;
  for (Statement statement : plain) {
    if (first && !statements.empty() && statement.transactional) statement.step = true;
    first = false;
    statements.push_back(std::move(statement));
  }
}

// On 18 a constraint; who takes part in keys has one too.
std::string Recipes::not_null_name(const Key& column) {
  auto [at, fresh] = constraints_.try_emplace(column.owner());
  std::set<std::string>& taken = at->second;
  auto choose = [&](const Key& of) {
    for (int number = 0;; number++) {
      std::string name = implicit_name(of.table, of.name, "not_null" + (number ? std::to_string(number) : ""));
      if (taken.insert(name).second) return name;
    }
  };
  if (fresh && known_) {
    auto add = [&](const auto& objects) {
      for (const auto& object : objects)
        if (object.key.owner() == column.owner()) taken.insert(clipped(object.key.name));
    };
    add(all<Check>(*known_)), add(all<Unique>(*known_)), add(all<PrimaryKey>(*known_)), add(all<ForeignKey>(*known_));
    for (const Column& other : all<Column>(*known_))
      if (other.key.owner() == column.owner() && (other.not_null || other.primary_key)) choose(other.key);
  }
  return choose(column);
}

void Recipes::create_index(const Index& index) { alone(create(index, true)); }

void Recipes::replace_index(const Index& before, const Index& after) {
  const std::string name = before.key.name;
  alone(create(named(after, new_name(name)), true));
  step("ALTER INDEX " + index_at(before.key.owner(), name) + " RENAME TO " + sql::identifier(old_name(name)) + ";");
  also("ALTER INDEX " + index_at(before.key.owner(), new_name(name)) + " RENAME TO " + sql::identifier(after.key.name) +
       ";");
  drop_index({before.key.schema, before.key.table, old_name(name)});
}

void Recipes::drop_index(const Key& index) {
  alone("DROP INDEX CONCURRENTLY " + table_name({index.schema, "", index.name}) + ";");
}

void Recipes::build_key(const Key& table, const std::string& name, const std::vector<std::string>& columns,
                        bool nulls_not_distinct) {
  alone("CREATE UNIQUE INDEX CONCURRENTLY " + sql::identifier(name) + " ON " + table_name(table) + " (" +
        sql::identifiers(columns) + ")" + (nulls_not_distinct ? " NULLS NOT DISTINCT" : "") + ";");
}

void Recipes::add_unique(const Unique& unique) {
  build_key(unique.key.owner(), unique.key.name, unique.columns, unique.nulls_not_distinct);
  const std::string name = sql::identifier(unique.key.name);
  step(alter_table(unique.key.owner()) + "ADD CONSTRAINT " + name + " UNIQUE USING INDEX " + name + ";");
}

void Recipes::replace_unique(const Unique& before, const Unique& after) {
  const std::string fresh = new_name(after.key.name);
  build_key(after.key.owner(), fresh, after.columns, after.nulls_not_distinct);
  step(drop_constraint(before.key.owner(), before.key.name));
  also(alter_table(after.key.owner()) + "ADD CONSTRAINT " + sql::identifier(after.key.name) + " UNIQUE USING INDEX " +
       sql::identifier(fresh) + ";");
}

void Recipes::add_primary_key(const PrimaryKey& key) {
  build_key(key.key.owner(), key.key.name, key.columns, false);
  const std::string name = sql::identifier(key.key.name);
  step(alter_table(key.key.owner()) + "ADD CONSTRAINT " + name + " PRIMARY KEY USING INDEX " + name + ";");
}

void Recipes::replace_primary_key(const PrimaryKey& before, const PrimaryKey& after) {
  const std::string fresh = new_name(after.key.name);
  build_key(after.key.owner(), fresh, after.columns, false);
  step(drop_constraint(before.key.owner(), before.key.name));
  also(alter_table(after.key.owner()) + "ADD CONSTRAINT " + sql::identifier(after.key.name) +
       " PRIMARY KEY USING INDEX " + sql::identifier(fresh) + ";");
}

void Recipes::add_check(const Check& check) {
  step(alter_table(check.key.owner()) + "ADD " + constraint(check) + " NOT VALID;");
  validate(check.key.owner(), check.key.name);
}

void Recipes::replace_check(const Check& before, const Check& after) {
  add_check(named(after, new_name(after.key.name)));
  step(drop_constraint(before.key.owner(), before.key.name));
  rename_constraint(after.key.owner(), new_name(after.key.name), after.key.name);
}

void Recipes::add_foreign_key(const ForeignKey& key, bool deferrable) {
  step(alter_table(key.key.owner()) + "ADD " + constraint(key) + (deferrable ? " DEFERRABLE INITIALLY DEFERRED" : "") +
       " NOT VALID;");
  validate(key.key.owner(), key.key.name);
}

void Recipes::replace_foreign_key(const ForeignKey& before, const ForeignKey& after, bool deferrable) {
  add_foreign_key(named(after, new_name(after.key.name)), deferrable);
  step(drop_constraint(before.key.owner(), before.key.name));
  rename_constraint(after.key.owner(), new_name(after.key.name), after.key.name);
}

std::string Recipes::prove_not_null(const Key& column) {
  const std::string name = own_name(column.table, column.name, "is_set");
  step(alter_table(column.owner()) + "ADD CONSTRAINT " + sql::identifier(name) + " CHECK (" +
       sql::identifier(column.name) + " IS NOT NULL) NOT VALID;");
  validate(column.owner(), name);
  return name;
}

void Recipes::set_not_null(const Column& column, const std::optional<std::string>& fill) {
  const Key table = column.key.owner();
  const std::string name = sql::identifier(column.key.name);
  auto fill_rows = [&] {
    if (fill) backfill("UPDATE " + table_name(table) + " SET " + name + " = " + *fill + " WHERE " + name + " IS NULL;");
  };
  // Before the constraint: an UPDATE by others of a row that has no value yet would fail. After it once more, for rows
  // that came in between.
  fill_rows();
  if (version_ >= 18) {
    const std::string made_up = not_null_name(column.key);
    step(alter_table(table) + "ADD CONSTRAINT " + sql::identifier(made_up) + " NOT NULL " + name + " NOT VALID;");
    fill_rows();
    validate(table, made_up);
    return;
  }
  const std::string proof = own_name(table.name, column.key.name, "is_set");
  step(alter_table(table) + "ADD CONSTRAINT " + sql::identifier(proof) + " CHECK (" + name +
       " IS NOT NULL) NOT VALID;");
  fill_rows();
  validate(table, proof);
  step(alter_column_text(column.key) + "SET NOT NULL;");
  also(drop_constraint(table, proof));
}

void Recipes::add_column(const Column& column, const std::optional<std::string>& fill, bool fill_reads_row) {
  const Key table = column.key.owner();
  const std::string name = sql::identifier(column.key.name), alter = alter_column_text(column.key);
  Column bare = column;
  bare.type = integer_of(column.type);
  bare.not_null = bare.primary_key = false;
  bare.default_value.reset();
  bare.identity.reset();
  step(alter_table(table) + "ADD COLUMN " + column_definition(bare, false) + ";");

  const bool serial = is_serial(column.type), required = column.not_null || column.primary_key || serial;
  Key numbers = serial_sequence(column);
  if (column.identity) numbers.name = new_name(column.identity->name);
  std::string value = fill.value_or("DEFAULT");
  if (serial || column.identity) {
    value = "nextval(" + sql::literal(table_name(numbers)) + ")";
    also("CREATE SEQUENCE " + table_name(numbers) + (serial ? " AS " + bare.type : "") +
         (column.identity ? " " + sequence_options(column.identity->options) : "") + " OWNED BY " + table_name(table) +
         "." + name + ";");
    also(alter + "SET DEFAULT " + value + ";");
  } else if (column.default_value) {
    also(alter + "SET DEFAULT " + default_text(column) + ";");
    value = fill.value_or("DEFAULT");
  } else if (!fill_reads_row) {
    // Rows that are inserted meanwhile have the value at once.
    also(alter + "SET DEFAULT " + value + ";");
  }
  if (required || column.identity) {
    if (column.default_value || serial || column.identity || !fill_reads_row)
      backfill("UPDATE " + table_name(table) + " SET " + name + " = " + value + " WHERE " + name + " IS NULL;");
    set_not_null(column, fill_reads_row && !column.default_value ? std::optional(value) : std::nullopt);
  } else {
    backfill("UPDATE " + table_name(table) + " SET " + name + " = " + value + " WHERE " + name + " IS NULL;");
  }
  if (column.identity) {
    // The numbers go on where the sequence that gave them until now stands.
    const std::string own = "pg_get_serial_sequence(" + sql::literal(table_name(table)) + ", " +
                            sql::literal(clipped(column.key.name)) + ")";
    step(alter + "DROP DEFAULT;");
    also("ALTER SEQUENCE " + table_name(numbers) + " OWNED BY NONE;");
    also(alter + "ADD " + identity_clause(*column.identity, table) + ";");
    also("SELECT setval(" + own + ", last_value, is_called) FROM " + table_name(numbers) + ";");
    also("DROP SEQUENCE " + table_name(numbers) + ";");
  } else if (!column.default_value && !serial && !fill_reads_row) {
    step(alter + "DROP DEFAULT;");
  }
}

void Recipes::validate(const Key& table, const std::string& name) {
  step(alter_table(table) + "VALIDATE CONSTRAINT " + sql::identifier(name) + ";");
}

void Recipes::rename_constraint(const Key& table, const std::string& from, const std::string& to) {
  also(alter_table(table) + "RENAME CONSTRAINT " + sql::identifier(from) + " TO " + sql::identifier(to) + ";");
}

}  // namespace sluice::plan
