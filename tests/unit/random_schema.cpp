#include "random_schema.hpp"

#include <algorithm>
#include <array>

#include "sql/quote.hpp"

namespace sluice::tests {

using namespace model;
using diff::RenameKind;
using sql::identifier;

namespace {

constexpr std::array odd_words = {
    "plain",   "Capital",   "two words", "select",  "user",     "a\"b",     "it's",      "back\\slash", "größe",
    "表",      "🚰",         "1st",       "dot.ted", "dol$1lar", "per%cent", "--comment", "/* open",     "semi;colon",
    "{brace}", "new\nline", "tab\tbed",  "null",    "ÉCOLE",    "\"",       "\\",        "''",          "e'\\'",
};

// Types between which PostgreSQL can convert, each with a default or without. Enums stand for themselves.
struct Form {
  const char* type;
  const char* default_value = nullptr;
};
const std::vector<std::vector<Form>>& families() {
  static const std::vector<std::vector<Form>> all = {
      {{"integer"}, {"bigint"}, {"smallint", "7"}, {"numeric(10, 2)", "'1.5'"}, {"integer", "5"}, {"bigint", "0"}},
      {{"text"}, {"varchar(50)"}, {"text", "'it''s \\ \"x\"'"}, {"varchar(80)", "''"}, {"text", "lower('A')"}},
      {{"text"}, {"integer"}, {"text", "'3'"}, {"integer", "3"}},
      {{"boolean"}, {"boolean", "true"}, {"boolean", "false"}},
      {{"timestamp"}, {"timestamp with time zone", "now()"}, {"timestamp (3)"}, {"date"}},
      {{"jsonb"}, {"json"}, {"jsonb", "'{\"a\":\"it''s\"}'::jsonb"}, {"text"}},
      {{"text[]"}, {"text[]", "'{}'"}, {"text[]", "'{\"a\",\"b\"}'"}, {"varchar(9)[]"}},
      {{"uuid"}, {"uuid", "gen_random_uuid()"}, {"text"}},
      {{"double precision"}, {"real", "1.5"}, {"numeric"}},
  };
  return all;
}
constexpr int enum_family = -1, enum_list_family = -2, generated_family = -3, identity_family = -4, serial_family = -5;

}  // namespace

Universe::Universe(unsigned long seed) : random_(static_cast<std::mt19937::result_type>(seed)) {
  for (int i = 0; i < 2; i++) schemas_.push_back(item("schema"));
  for (int i = 0; i < 3; i++) {
    enums_.push_back(item("enum"));
    std::vector<std::string> values;
    for (int v = 0; v < 5; v++) values.push_back(odd_name("value"));
    enum_values_.push_back(values);
  }
  for (int i = 0; i < 2; i++) sequences_.push_back(item("sequence"));
  for (int i = 0; i < 2; i++) roles_.push_back(item("role"));
  for (int i = 0; i < 4; i++) {
    TableItem table;
    static_cast<Item&>(table) = item("table");
    table.primary_key = item("pk"), table.unique = item("unique"), table.check = item("check");
    table.index = item("index"), table.expression_index = item("index"), table.policy = item("policy");
    for (int f = 0; f <= i; f++) table.foreign_keys.push_back(item("fk"));
    // The first two are its key, the last one is computed.
    for (int family : {0, 1, static_cast<int>(below(families().size())), static_cast<int>(below(families().size())),
                       static_cast<int>(below(families().size())), enum_family, enum_list_family,
                       chance(50) ? identity_family : serial_family, generated_family}) {
      ColumnItem column;
      static_cast<Item&>(column) = item("column");
      column.family = family;
      table.columns.push_back(column);
    }
    tables_.push_back(table);
    views_.push_back(item("view"));
    materialized_.push_back(item("materialized"));
    star_views_.push_back(item("star"));
  }
}

std::string Universe::odd_name(const char* label) {
  // Distinct by the number, also within the first 63 bytes.
  std::string name = std::to_string(++last_id_) + " " + odd_words[below(odd_words.size())] + " " + label;
  if (chance(15)) name.insert(name.size(), 63 - std::min<size_t>(63, name.size()), 'x');
  if (chance(30)) name = label + std::to_string(last_id_);
  return name;
}

Universe::Item Universe::item(const char* label) {
  Item out{++last_id_, {odd_name(label)}};
  if (chance(60)) out.names.push_back(odd_name(label));
  return out;
}

class Universe::Draw {
 public:
  explicit Draw(Universe& universe) : u_(universe) {}

  Drawing make() {
    for (const Item& schema : u_.schemas_)
      if (u_.chance(80)) {
        schemas_.push_back(name(schema));
        all<Namespace>(out_.schema).push_back({named(schema, RenameKind::schema, {"", "", schemas_.back()})});
      }
    for (size_t i = 0; i < u_.enums_.size(); i++) add_enum(i);
    for (const Item& sequence : u_.sequences_) add_sequence(sequence);
    for (const Item& role : u_.roles_)
      if (u_.chance(70)) {
        Role drawn{named(role, RenameKind::role, {"", "", name(role)}), u_.chance(50), u_.chance(50), u_.chance(50)};
        all<Role>(out_.schema).push_back(drawn);
      }
    for (const TableItem& table : u_.tables_)
      if (u_.chance(75)) add_table(table);
    for (size_t i = 0; i < tables_.size(); i++) add_references(i);
    for (size_t i = 0; i < tables_.size(); i++) add_views(i);
    return std::move(out_);
  }

 private:
  struct DrawnTable {
    const TableItem* item;
    Key key;
    std::vector<Column> columns;  // with those that exist
    std::vector<int> families;
    std::string unique_column;  // an integer that a foreign key can refer to
  };

  const std::string& name(const Item& item) { return item.names[u_.below(item.names.size())]; }
  std::string place() { return schemas_.empty() || u_.chance(60) ? "public" : schemas_[u_.below(schemas_.size())]; }
  Key named(const Item& item, RenameKind kind, Key key) {
    out_.named[item.id] = {kind, key};
    return key;
  }

  void add_enum(size_t i) {
    if (!u_.chance(80)) return;
    Enum drawn{named(u_.enums_[i], RenameKind::enumeration, {place(), "", name(u_.enums_[i])}), {}};
    for (const std::string& value : u_.enum_values_[i])
      if (u_.chance(75)) drawn.values.push_back(value);
    if (drawn.values.empty()) drawn.values.push_back(u_.enum_values_[i][0]);
    if (u_.chance(15)) std::reverse(drawn.values.begin(), drawn.values.end());
    all<Enum>(out_.schema).push_back(drawn);
  }

  void add_sequence(const Item& sequence) {
    if (!u_.chance(75)) return;
    Sequence drawn{named(sequence, RenameKind::sequence, {place(), "", name(sequence)}), {}};
    drawn.options = options();
    all<Sequence>(out_.schema).push_back(drawn);
  }
  SequenceOptions options() {
    SequenceOptions out;
    if (u_.chance(40)) out.increment = "5";
    if (u_.chance(40)) out.start = "100";
    if (u_.chance(40)) out.max = "100000";
    if (u_.chance(30)) out.cache = "10";
    out.cycle = u_.chance(30);
    return out;
  }

  void add_table(const TableItem& item) {
    DrawnTable table;
    table.item = &item;
    table.key = named(item, RenameKind::table, {place(), "", name(item)});
    bool key_of_two = u_.chance(30);
    for (size_t i = 0; i < item.columns.size(); i++) {
      const ColumnItem& column = item.columns[i];
      if (i > 1 && !u_.chance(70)) continue;
      std::optional<Column> drawn = column_of(column, table);
      if (!drawn) continue;
      if (i == 0 && !key_of_two) drawn->primary_key = drawn->not_null = u_.chance(85);
      if (i == 0 && drawn->primary_key) table.unique_column = drawn->key.name;
      out_.named[column.id] = {RenameKind::column, drawn->key};
      table.columns.push_back(*drawn);
      table.families.push_back(column.family);
    }
    if (key_of_two)
      all<PrimaryKey>(out_.schema)
          .push_back({in(table, item.primary_key), {table.columns[0].key.name, table.columns[1].key.name}});
    if (u_.chance(60)) {
      Unique unique{in(table, item.unique), u_.chance(30), {table.columns[0].key.name}};
      if (u_.chance(40))
        unique.columns.push_back(table.columns[1].key.name);
      else
        table.unique_column = table.columns[0].key.name;
      all<Unique>(out_.schema).push_back(unique);
    }
    Table drawn{table.key, u_.chance(30)};
    all<Table>(out_.schema).push_back(drawn);
    for (const Column& column : table.columns) all<Column>(out_.schema).push_back(column);
    add_to(table);
    tables_.push_back(table);
  }

  std::optional<Column> column_of(const ColumnItem& item, const DrawnTable& table) {
    Column column;
    column.key = {table.key.schema, table.key.name, name(item)};
    column.not_null = u_.chance(35);
    const auto& enums = all<Enum>(out_.schema);
    switch (item.family) {
      case enum_family:
      case enum_list_family: {
        if (enums.empty()) return std::nullopt;
        const Enum& type = enums[u_.below(enums.size())];
        column.type = type.key.name + (item.family == enum_list_family ? "[]" : "");
        column.type_schema = type.key.schema;
        if (u_.chance(40))
          column.default_value =
              Literal{item.family == enum_family ? sql::literal(type.values[u_.below(type.values.size())]) : "'{}'"};
        return column;
      }
      case generated_family:
        column.type = "text";
        column.not_null = false;
        column.generated = Generated{identifier(table.columns[1].key.name) + " || '" + (u_.chance(50) ? "x'" : "y'")};
        return column;
      case identity_family: {
        column.type = u_.chance(50) ? "integer" : "bigint";
        if (!u_.chance(70)) return column;
        column.not_null = true;
        Identity identity;
        identity.type = u_.chance(50) ? "always" : "byDefault";
        identity.name = u_.chance(50) ? "ids " + std::to_string(item.id) : "Ids\"" + std::to_string(item.id);
        identity.schema = table.key.schema;
        identity.options = options();
        if (identity.options.max.size() > 10)
          identity.options.max = column.type == "integer" ? "2147483647" : "9223372036854775807";
        column.identity = identity;
        return column;
      }
      case serial_family:
        column.type = std::array{"serial", "bigserial", "integer"}[u_.below(3)];
        column.not_null = column.not_null || column.type != "integer";
        return column;
      default: {
        const auto& forms = families()[static_cast<size_t>(item.family)];
        // The first column is the key, and what foreign keys refer to.
        bool is_key = &item == table.item->columns.data();
        const Form& form = is_key ? forms[u_.below(2)] : forms[u_.below(forms.size())];
        // What the generated column reads is a text with any length.
        column.type = &item == &table.item->columns[1] ? "text" : form.type;
        if (form.default_value && column.type == form.type) {
          std::string text = form.default_value;
          bool is_number = text.find_first_not_of("0123456789.") == std::string::npos;
          column.default_value = Literal{text, !is_number && text != "true" && text != "false"};
        }
        return column;
      }
    }
  }

  Key in(const DrawnTable& table, const Item& item) { return {table.key.schema, table.key.name, name(item)}; }
  static std::string of(const DrawnTable& table, const std::string& column) {
    return (table.key.schema == "public" ? "" : identifier(table.key.schema) + ".") + identifier(table.key.name) + "." +
           identifier(column);
  }

  // What reads one table only.
  void add_to(const DrawnTable& table) {
    const std::string& first = table.columns[0].key.name;
    const std::string& last = table.columns.back().key.name;
    if (u_.chance(50))
      all<Check>(out_.schema)
          .push_back({in(table, table.item->check),
                      of(table, u_.chance(50) ? first : last) + (u_.chance(50) ? " is not null" : " is null or true")});
    if (u_.chance(60)) {
      Index index;
      index.key = in(table, table.item->index);
      index.columns.push_back({first, false, u_.chance(60), u_.chance(60) ? "last" : "first", std::nullopt});
      if (u_.chance(40)) index.columns.push_back({table.columns[1].key.name, false, true, "last", std::nullopt});
      index.unique = u_.chance(30);
      if (u_.chance(30)) index.where = of(table, last) + " is not null";
      if (u_.chance(30)) index.with = {{"fillfactor", Literal{u_.chance(50) ? "70" : "80", false}}};
      all<Index>(out_.schema).push_back(index);
    }
    if (u_.chance(40)) {
      Index index;
      index.key = in(table, table.item->expression_index);
      index.columns.push_back(
          {"lower(" + identifier(table.columns[1].key.name) + ")", true, true, "last", std::nullopt});
      all<Index>(out_.schema).push_back(index);
    }
    if (u_.chance(50)) {
      Policy policy;
      policy.key = in(table, table.item->policy);
      policy.as = u_.chance(50) ? "PERMISSIVE" : "RESTRICTIVE";
      policy.command = std::array{"ALL", "UPDATE", "SELECT"}[u_.below(3)];
      policy.to = {"public"};
      if (const auto& roles = all<Role>(out_.schema); !roles.empty() && u_.chance(60))
        policy.to = {roles[u_.below(roles.size())].key.name};
      if (u_.chance(70)) policy.using_expression = identifier(u_.chance(50) ? first : last) + " is not null";
      if (policy.command != "SELECT" && u_.chance(50)) policy.with_check = identifier(first) + " is not null";
      all<Policy>(out_.schema).push_back(policy);
    }
  }

  void add_references(size_t i) {
    DrawnTable& table = tables_[i];
    for (size_t f = 0; f <= i && f < table.item->foreign_keys.size(); f++) {
      DrawnTable& target = tables_[f];
      if (target.unique_column.empty() || !u_.chance(50)) continue;
      // Its own column of a type that fits: the key, which is a number as the target's is.
      ForeignKey key;
      key.key = in(table, table.item->foreign_keys[f]);
      key.schema_to = target.key.schema;
      key.table_to = target.key.name;
      key.columns_from = {table.columns[0].key.name};
      key.columns_to = {target.unique_column};
      key.on_delete = std::array{"no action", "cascade", "restrict"}[u_.below(3)];
      key.on_update = std::array{"no action", "cascade"}[u_.below(2)];
      all<ForeignKey>(out_.schema).push_back(key);
    }
  }

  void add_views(size_t i) {
    const DrawnTable& table = tables_[i];
    std::string from = " from " + sql::qualified(table.key.schema == "public" ? "" : table.key.schema, table.key.name);
    auto at = static_cast<size_t>(table.item - u_.tables_.data());
    auto add = [&](const Item& item, const std::string& definition, bool materialized) -> View& {
      View view;
      view.key = {place(), "", name(item)};
      view.definition = definition;
      view.materialized = materialized;
      all<View>(out_.schema).push_back(view);
      return all<View>(out_.schema).back();
    };
    if (u_.chance(50)) {
      std::string columns = identifier(table.columns[0].key.name);
      if (u_.chance(50)) columns += ", " + identifier(table.columns.back().key.name);
      View& view = add(u_.views_[at], "select " + columns + from, false);
      if (u_.chance(30)) view.with = {{"securityInvoker", Literal{u_.chance(50) ? "true" : "false", false}}};
    }
    if (u_.chance(30)) {
      View& view =
          add(u_.materialized_[at],
              "select " + identifier(table.columns[1].key.name) + ", count(*) as n" + from + " group by 1", true);
      if (u_.chance(40)) view.with = {{"fillfactor", Literal{u_.chance(50) ? "70" : "80", false}}};
      if (u_.chance(30)) view.with_no_data = true;
    }
    if (u_.chance(30)) add(u_.star_views_[at], "select *" + from, false);
  }

  Universe& u_;
  Drawing out_;
  std::vector<std::string> schemas_;
  std::vector<DrawnTable> tables_;
};

Universe::Drawing Universe::draw() { return Draw(*this).make(); }

diff::Renames Universe::renames(const Drawing& from, const Drawing& to) {
  diff::Renames out;
  std::map<std::string, std::string> schemas;
  std::map<Key, Key> tables;
  auto schema_now = [&](const std::string& name) {
    auto found = schemas.find(name);
    return found == schemas.end() ? name : found->second;
  };
  auto each = [&](RenameKind kind, auto&& visit) {
    for (const auto& [id, object] : from.named)
      if (auto other = to.named.find(id); object.first == kind && other != to.named.end())
        visit(object.second, other->second.second);
  };
  each(RenameKind::schema, [&](const Key& before, const Key& after) {
    if (before == after || !chance(50)) return;
    out.push_back({RenameKind::schema, before, after});
    schemas[before.name] = after.name;
  });
  for (RenameKind kind : {RenameKind::enumeration, RenameKind::sequence, RenameKind::role, RenameKind::table})
    each(kind, [&](const Key& before, const Key& after) {
      Key now = {schema_now(before.schema), "", before.name};
      bool renamed = !(now == after) && chance(50);
      if (renamed) out.push_back({kind, now, after});
      if (kind == RenameKind::table && (renamed || now == after)) tables[before] = after;
    });
  each(RenameKind::column, [&](const Key& before, const Key& after) {
    auto table = tables.find(before.owner());
    if (table == tables.end() || !(table->second == after.owner()) || before.name == after.name || !chance(50)) return;
    out.push_back({RenameKind::column, {after.schema, after.table, before.name}, after});
  });
  return out;
}

}  // namespace sluice::tests
