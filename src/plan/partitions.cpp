#include "plan/partitions.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "model/names.hpp"
#include "plan/beyond_render.hpp"
#include "plan/halfway.hpp"
#include "plan/numbering.hpp"
#include "plan/render.hpp"
#include "sql/lexer.hpp"

namespace sluice::plan {

using namespace model;

namespace {

bool is_of(const Partition& partition, const Key& table) {
  return plain_identity(full_name(table)) == plain_identity(partition.of);
}

const Partition* parent_partition(const Schema& schema, const Partition& partition) {
  for (const Partition& other : all<Partition>(schema))
    if (is_of(partition, other.key)) return &other;
  return nullptr;
}

// RANGE (at), of the table or the partition that it is a part of.
std::string partitioned_by(const Schema& schema, const Partition& partition) {
  if (const Partition* parent = parent_partition(schema, partition)) return parent->partition_by.value_or("");
  const Table* table = root_of(schema, partition);
  return table ? table->partition_by.value_or("") : "";
}

const Partition* default_beside(const Schema& schema, const Partition& partition) {
  for (const Partition& other : all<Partition>(schema))
    if (other.bound == "DEFAULT" && other.key != partition.key &&
        plain_identity(other.of) == plain_identity(partition.of))
      return &other;
  return nullptr;
}

std::string attach_text(const Partition& partition) {
  return "ALTER TABLE " + partition.of + " ATTACH PARTITION " + table_name(partition.key) + " " + partition.bound + ";";
}
std::string detach_text(const Partition& partition, bool concurrently = false) {
  return "ALTER TABLE " + partition.of + " DETACH PARTITION " + table_name(partition.key) +
         (concurrently ? " CONCURRENTLY;" : ";");
}

std::string drop_check(const Key& table, const std::string& name) {
  return alter_table(table) + "DROP CONSTRAINT " + sql::identifier(name) + ";";
}

// Checks with which PostgreSQL reads neither the partition nor the default one while it attaches.
class Proofs {
 public:
  Proofs(Recipes& recipes, const Schema& schema, const Partition& partition, bool has_rows) : recipes_(recipes) {
    const std::optional<std::string> condition = bound_condition(partitioned_by(schema, partition), partition.bound);
    if (!condition) return;
    if (has_rows) prove(partition.key, partition.key.name, "_bound", *condition);
    if (const Partition* rest = default_beside(schema, partition))
      prove(rest->key, rest->key.name + "_" + partition.key.name, "_excluded", "NOT (" + *condition + ")");
  }
  void drop() {
    for (const auto& [table, name] : made_) recipes_.also(drop_check(table, name));
  }

 private:
  void prove(const Key& table, const std::string& name, const std::string& suffix, const std::string& condition) {
    const Check check{{table.schema, table.name, own_name(name, suffix)}, condition};
    recipes_.add_check(check);
    made_.emplace_back(table, check.key.name);
  }

  Recipes& recipes_;
  std::vector<std::pair<Key, std::string>> made_;
};

template <class Kind>
std::vector<Kind> parts(const Schema& schema, const Key& table) {
  std::vector<Kind> out;
  for (const Kind& object : all<Kind>(schema))
    if (object.key.owner() == table) out.push_back(object);
  return out;
}

template <class Kind>
bool same_content(const Kind& a, const Kind& b) {
  std::vector<const void*> fields;
  Kind::fields(a, [&](const char*, const auto& field) { fields.push_back(&field); });
  bool same = true;
  size_t at = 0;
  Kind::fields(b, [&](const char*, const auto& field) {
    same = same && *static_cast<const std::remove_cvref_t<decltype(field)>*>(fields[at++]) == field;
  });
  return same;
}

// `parent`'s objects of a kind as those of `child`; what `own` has of the same content keeps its name.
template <class Kind, class Name>
void put_like(Schema& out, const Schema& from, const Key& parent, const Key& child, const Schema& own, Name&& name) {
  for (Kind object : parts<Kind>(from, parent)) {
    object.key = {child.schema, child.name, name(object)};
    for (const Kind& was : parts<Kind>(own, child))
      if (same_content(object, was)) object.key = was.key;
    put(out, object);
  }
}

// What a partition has of its table, as a table of its own, with the names that PostgreSQL gives.
void put_as_table(Schema& out, const Schema& from, const Table& parent, const Key& child, const Schema& own) {
  const Table* was_table = find<Table>(own, child);
  put(out, was_table ? *was_table : Table{child});
  for (const Column& like : parts<Column>(from, parent.key)) {
    Column column = like;
    column.key = {child.schema, child.name, like.key.name};
    column.type = integer_of(like.type);
    column.identity.reset();
    // Inserts into the partition itself may go on with a sequence of their own.
    const Column* was = find<Column>(own, column.key);
    if (was && is_serial(was->type) && is_serial(like.type)) column.type = was->type;
    put(out, column);
  }
  const std::string table = child.name;
  auto made_up = [&](const std::vector<std::string>& columns, const char* label) {
    return implicit_name(table, text::join(columns, "_"), label);
  };
  put_like<PrimaryKey>(out, from, parent.key, child, own,
                       [&](const PrimaryKey&) { return implicit_name(table, "", "pkey"); });
  put_like<Unique>(out, from, parent.key, child, own,
                   [&](const Unique& unique) { return made_up(unique.columns, "key"); });
  put_like<Check>(out, from, parent.key, child, own, [](const Check& check) { return check.key.name; });
  put_like<ForeignKey>(out, from, parent.key, child, own, [](const ForeignKey& key) { return key.key.name; });
  put_like<Index>(out, from, parent.key, child, own, [&](const Index& index) {
    std::vector<std::string> columns;
    for (const IndexColumn& column : index.columns)
      columns.push_back(column.is_expression ? "expr" : column.expression);
    return made_up(columns, "idx");
  });
  std::erase_if(all<Index>(out), [&](const Index& index) { return index.key.owner() == child && index.definition; });
}

template <class Kind>
void keep_extra(Schema& out, const Schema& own, const Key& table) {
  for (const Kind& object : parts<Kind>(own, table))
    if (!find<Kind>(out, object.key)) put(out, object);
}

// Column and bounds out of "RANGE (at)" and "FOR VALUES FROM ('a') TO ('b')", in the text's own words.
std::optional<std::string> single_column(const std::string& partition_by) {
  const size_t from = partition_by.find('('), to = partition_by.rfind(')');
  if (from == std::string::npos || to == std::string::npos) return std::nullopt;
  std::string name = partition_by.substr(from + 1, to - from - 1);
  const sql::Lexer lexer(name);
  if (name.empty() || lexer.end_of_token(0) != name.size()) return std::nullopt;
  return name;
}

}  // namespace

std::optional<std::string> bound_condition(const std::string& partition_by, const std::string& bound) {
  const std::optional<std::string> column = single_column(partition_by);
  if (!column) return std::nullopt;
  const std::string range = "FOR VALUES FROM (", list = "FOR VALUES IN (", to = ") TO (";
  std::string out = *column + " IS NOT NULL";
  if (bound.starts_with(range) && bound.ends_with(")")) {
    const size_t middle = bound.find(to);
    if (middle == std::string::npos || bound.find(to, middle + 1) != std::string::npos) return std::nullopt;
    const std::string low = bound.substr(range.size(), middle - range.size());
    const std::string high = bound.substr(middle + to.size(), bound.size() - middle - to.size() - 1);
    if (low != "MINVALUE") out += " AND " + *column + " >= " + low;
    if (high != "MAXVALUE") out += " AND " + *column + " < " + high;
    return out;
  }
  if (bound.starts_with(list) && bound.ends_with(")") && bound.find("NULL") == std::string::npos)
    return out + " AND " + *column + " IN (" + bound.substr(list.size());
  return std::nullopt;
}

const Table* root_of(const Schema& schema, const Partition& partition) {
  for (const Table& table : all<Table>(schema))
    if (is_of(partition, table.key)) return &table;
  const Partition* parent = parent_partition(schema, partition);
  return parent ? root_of(schema, *parent) : nullptr;
}

bool is_read_to_attach(const Schema& schema, const Partition& partition, bool has_rows) {
  return partition.bound != "DEFAULT" && (has_rows || default_beside(schema, partition)) &&
         !bound_condition(partitioned_by(schema, partition), partition.bound);
}

void create_partition(Recipes& recipes, const Schema& schema, const Partition& partition) {
  Proofs proofs(recipes, schema, partition, false);
  // PARTITION OF would lock all of the table, and the default partition while it is read.
  recipes.step("CREATE TABLE " + table_name(partition.key) + " (LIKE " + partition.of +
                   " INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE);",
               "table-without-primary-key it gets the table's keys when it is attached");
  recipes.also(attach_text(partition));
  proofs.drop();
}

void change_bound(Recipes& recipes, const Schema& schema, const Partition& before, const Partition& after) {
  Proofs proofs(recipes, schema, after, true);
  recipes.step(detach_text(before), "detach-blocks it is attached again at once, and no rows are read");
  recipes.also(attach_text(after));
  proofs.drop();
}

void drop_partition(Recipes& recipes, const Schema& schema, const Partition& partition) {
  if (recipes.version() >= 14 && !default_beside(schema, partition) && partition.bound != "DEFAULT")
    recipes.alone(detach_text(partition, true));
  recipes.step("DROP TABLE " + table_name(partition.key) + ";");
}

std::optional<Plan> with_moved_partitions(const Schema& before, const Schema& old, const Schema& after,
                                          const diff::Changes& changes, const Options& options) {
  std::vector<const Partition*> attached, detached;
  for (const Partition& partition : all<Partition>(after))
    if (find<Table>(old, partition.key) && root_of(after, partition)) attached.push_back(&partition);
  for (const Partition& partition : all<Partition>(before))
    if (find<Table>(after, partition.key) && root_of(before, partition)) detached.push_back(&partition);
  if (attached.empty() && detached.empty()) return std::nullopt;

  // Out of their tables first, then all the rest, then into their tables: these must have their columns.
  Recipes recipes(options.online ? options.online->version : 0);
  Schema apart = before, joined = after;
  for (const Partition* partition : detached) {
    recipes.also(detach_text(*partition));
    take<Partition>(apart, partition->key);
    put_as_table(apart, before, *root_of(before, *partition), partition->key, after);
  }
  for (const Partition* partition : attached) {
    const Key& key = partition->key;
    take<Partition>(joined, key);
    put_as_table(joined, after, *root_of(after, *partition), key, old);
    keep_extra<Unique>(joined, old, key), keep_extra<Index>(joined, old, key), keep_extra<Check>(joined, old, key);
  }
  Plan rest = make(apart, joined, diff::compare(apart, joined, changes.renames), options);
  if (options.online)
    recipes.stage(rest.statements);
  else
    recipes.statements.insert(recipes.statements.end(), rest.statements.begin(), rest.statements.end());
  for (const Partition* partition : attached) {
    if (!options.online) {
      recipes.also(attach_text(*partition));
      continue;
    }
    Proofs proofs(recipes, joined, *partition, true);
    if (is_read_to_attach(joined, *partition, true))
      rest.notes.push_back("Partition " + display(partition->key) +
                           " is read under a lock when it is attached: its bound is not one column's.");
    recipes.step(attach_text(*partition));
    proofs.drop();
  }
  recipes.statements.front().step = false;
  rest.statements = std::move(recipes.statements);
  return rest;
}

}  // namespace sluice::plan
