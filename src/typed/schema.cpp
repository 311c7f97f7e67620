#include "typed/schema.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "model/beyond.hpp"
#include "model/snapshot.hpp"

namespace sluice::typed {

using namespace model;

namespace {

std::string text_of(std::string_view s) { return std::string(s); }

std::string quoted(std::string_view s) { return "'" + text::replace_all(std::string(s), "'", "''") + "'"; }

constexpr std::string_view actions[] = {"no action", "restrict", "cascade", "set null", "set default"};
constexpr std::string_view interval_fields[] = {"",
                                                "year",
                                                "month",
                                                "day",
                                                "hour",
                                                "minute",
                                                "second",
                                                "year to month",
                                                "day to hour",
                                                "day to minute",
                                                "day to second",
                                                "hour to minute",
                                                "hour to second",
                                                "minute to second"};

// As drizzle prints it.
std::string type_of(const pg::column_info& c) {
  std::string out = text_of(c.sql_type);
  auto before_zone = [&](const std::string& precision) {
    size_t zone = out.find(" with time zone");
    out.insert(zone == std::string::npos ? out.size() : zone, precision);
  };
  if (c.is_interval) {
    if (c.scale > 0) out += " " + text_of(interval_fields[c.scale]);
    if (c.length >= 0) out += "(" + std::to_string(c.length) + ")";
  } else if (c.length >= 0) {
    std::string given = "(" + std::to_string(c.length);
    if (c.scale >= 0) given += ", " + std::to_string(c.scale);
    before_zone((out.starts_with("timestamp") ? " " : "") + given + ")");
  }
  for (int i = 0; i < c.dimensions; i++) out += "[" + (c.sizes[i] > 0 ? std::to_string(c.sizes[i]) : "") + "]";
  return out;
}

std::optional<Literal> default_of(const pg::column_info& c) {
  using Default = pg::column_info::Default;
  switch (c.default_kind) {
    case Default::none:
      return std::nullopt;
    case Default::expression:
      return Literal{text_of(c.default_text)};
    case Default::quoted:
      return Literal{quoted(c.default_text) + (c.is_json ? "::" + text_of(c.sql_type) : "")};
    case Default::number:
      if (c.sql_type == "numeric") return Literal{quoted(std::to_string(c.default_number))};
      return Literal{std::to_string(c.default_number), false};
    case Default::truth:
      return Literal{c.default_number != 0 ? "true" : "false", false};
  }
  return std::nullopt;
}

SequenceOptions options_of(const pg::sequence_options& given, std::string_view type) {
  auto or_else = [](long long value, std::string otherwise) {
    return value == pg::unsaid ? otherwise : std::to_string(value);
  };
  SequenceOptions out;
  out.increment = or_else(given.increment, "1");
  bool descending = out.increment.starts_with('-');
  std::string highest = type == "integer" ? "2147483647" : type == "smallint" ? "32767" : "9223372036854775807";
  // drizzle's lowest value does not follow the type of an identity column.
  out.min = or_else(given.min_value, !descending ? "1" : type.empty() ? "-9223372036854775808" : "-32768");
  out.max = or_else(given.max_value, descending ? "-1" : highest);
  out.start = or_else(given.start_with, descending ? out.max : out.min);
  out.cache = or_else(given.cache, "1");
  out.cycle = given.cycle;
  return out;
}

class Maker {
 public:
  explicit Maker(const pg::schema_definition& given) : given_(given) {}

  Schema make() && {
    for (std::string_view name : given_.schemas) add_namespace(name);
    for (const pg::enum_info* e : given_.enums) add_enum(*e);
    for (const pg::domain_info* d : given_.domains) add_domain(*d);
    for (const pg::table_definition& table : given_.tables)
      if (!table.is_view) {
        add_namespace(table.schema);
        for (const pg::column_info& c : table.columns) {
          if (c.enumeration != nullptr) add_enum(*c.enumeration);
          if (c.domain != nullptr) add_domain(*c.domain);
        }
      }
    for (const pg::sequence_definition& s : given_.sequences) {
      add_namespace(s.schema);
      all<Sequence>(out_).push_back({{text_of(s.schema), "", text_of(s.name)}, options_of(s.options, "")});
    }
    for (const pg::role_definition& r : given_.roles)
      all<Role>(out_).push_back(
          {{"", "", text_of(r.name)}, r.options.create_db, r.options.create_role, r.options.inherit});
    for (const pg::table_definition& table : given_.tables) {
      once({text_of(table.schema), "", text_of(table.name)}, table.is_view ? "view" : "table");
      table.is_view ? add_view(table) : add_table(table);
    }
    for (const pg::view_definition& view : given_.views) {
      once({text_of(view.schema), "", text_of(view.name)}, "view");
      add_view(view);
    }
    check_references();
    return std::move(out_);
  }

 private:
  void once(const Key& key, const std::string& kind) {
    if (!names_.insert(key).second)
      throw pg::Error(kind + " " + display(key) +
                      " is declared twice: give each object once to sluice_schema(… TABLES …)");
  }

  void add_namespace(std::string_view name) {
    if (name == "public" || name.empty()) return;
    Key key{"", "", text_of(name)};
    if (find<Namespace>(out_, key) == nullptr) all<Namespace>(out_).push_back({key});
  }

  void add_enum(const pg::enum_info& e) {
    add_namespace(e.schema);
    Key key{text_of(e.schema), "", text_of(e.name)};
    std::vector<std::string> values;
    for (size_t i = 0; i < e.count; i++) values.push_back(text_of(e.labels[i]));
    if (const Enum* other = find<Enum>(out_, key)) {
      if (other->values != values) throw pg::Error("enum " + display(key) + " is declared twice, with other labels");
      return;
    }
    all<Enum>(out_).push_back({key, values});
  }

  void add_domain(const pg::domain_info& d) {
    add_namespace(d.schema);
    Domain domain;
    domain.key = {text_of(d.schema), "", text_of(d.type.name)};
    domain.type = type_of(d.type);
    if (d.type.enumeration != nullptr) {
      add_enum(*d.type.enumeration);
      Key base{text_of(d.type.enumeration->schema), "", text_of(d.type.enumeration->name)};
      domain.type.replace(0, base.name.size(), type_text(base));
    }
    if (auto value = default_of(d.type)) domain.default_value = value->text;
    domain.not_null = d.type.not_null;
    for (size_t i = 0; i < d.count; i++)
      domain.checks.emplace_back(text_of(d.checks[i].name), Literal{"CHECK (" + text_of(d.checks[i].expression) + ")"});
    if (const Domain* other = find<Domain>(out_, domain.key)) {
      if (other->type != domain.type || other->default_value != domain.default_value ||
          other->not_null != domain.not_null || other->checks != domain.checks)
        throw pg::Error("domain " + display(domain.key) + " is declared twice, in two ways");
      return;
    }
    all<Domain>(out_).push_back(domain);
  }

  void add_view(const pg::table_definition& table) {
    add_namespace(table.schema);
    View view;
    view.key = {text_of(table.schema), "", text_of(table.name)};
    view.definition = text_of(table.sql);
    view.materialized = table.is_materialized;
    all<View>(out_).push_back(view);
  }

  void add_view(const pg::view_definition& given) {
    add_namespace(given.schema);
    View view;
    view.key = {text_of(given.schema), "", text_of(given.name)};
    if (!given.sql.empty()) view.definition = text_of(given.sql);
    view.materialized = given.options.materialized;
    view.existing = given.options.existing;
    if (given.options.no_data >= 0) view.with_no_data = given.options.no_data == 1;
    if (!given.options.with.empty())
      for (const std::string& option : text::split(given.options.with, ",")) {
        size_t at = option.find('=');
        if (at == std::string::npos)
          throw pg::Error("the options of view " + display(view.key) + " are name=value, separated by commas, not '" +
                          option + "'");
        std::string value = option.substr(at + 1);
        view.with.emplace_back(option.substr(0, at), Literal{value, value != "true" && value != "false"});
      }
    if (!given.options.tablespace.empty()) view.tablespace = text_of(given.options.tablespace);
    if (!given.options.method.empty()) view.using_method = text_of(given.options.method);
    all<View>(out_).push_back(view);
  }

  void add_table(const pg::table_definition& table) {
    std::string schema = text_of(table.schema), name = text_of(table.name);
    auto key = [&](const std::string& object) { return Key{schema, name, object}; };
    auto named = [&](const std::string& given, const std::vector<std::string>& columns, const std::string& ending) {
      return key(!given.empty() ? given : name + "_" + text::join(columns, "_") + "_" + ending);
    };
    all<Table>(out_).push_back({{schema, "", name}, table.more.is_row_security});
    std::set<std::string> seen;
    for (const pg::column_info& c : table.columns) {
      std::string column = text_of(c.name);
      if (!seen.insert(column).second) throw pg::Error("column " + name + "." + column + " is declared twice");
      add_column(key(column), c);
      if (c.unique) all<Unique>(out_).push_back({named("", {column}, "unique"), false, {column}});
      if (!c.ref_table.empty())
        add_foreign_key({}, key(""), {column}, text_of(c.ref_schema), text_of(c.ref_table), {text_of(c.ref_column)},
                        c.deleted, c.updated);
    }
    for (const pg::primary_key_definition& p : table.more.primary_keys)
      all<PrimaryKey>(out_).push_back({named(p.name, p.columns, "pk"), p.columns});
    for (const pg::unique_definition& u : table.more.uniques)
      all<Unique>(out_).push_back({named(u.name, u.columns, "unique"), u.is_nulls_not_distinct, u.columns});
    for (const pg::check_definition& c : table.more.checks) all<Check>(out_).push_back({key(c.name), c.expression});
    for (const pg::foreign_key_definition& f : table.more.foreign_keys)
      add_foreign_key(f.name, key(""), f.columns, f.to_schema.empty() ? schema : f.to_schema, f.to_table, f.to_columns,
                      f.deleted, f.updated);
    for (const pg::index_definition& i : table.more.indexes) {
      Index index;
      std::vector<std::string> columns;
      for (const pg::index_part& part : i.columns) {
        if (part.is_expression && i.name.empty())
          throw pg::Error("an index of " + name + " on an expression needs a name: index(\"…\").on(…)");
        columns.push_back(part.text);
        index.columns.push_back({part.text, part.is_expression, part.ascending, part.nulls, std::nullopt});
        if (!part.opclass.empty()) index.columns.back().opclass = part.opclass;
      }
      index.key = named(i.name, columns, "index");
      index.unique = i.is_unique;
      if (!i.condition.empty()) index.where = i.condition;
      index.concurrently = i.is_concurrent;
      index.method = i.method;
      for (const auto& [option, value] : i.options) index.with.emplace_back(option, Literal{value});
      all<Index>(out_).push_back(index);
    }
    for (const pg::policy_definition& p : table.more.policies) {
      Policy policy;
      policy.key = key(p.name);
      policy.as = p.as;
      policy.command = p.command;
      policy.to = p.roles;
      policy.using_expression = p.using_expression;
      policy.with_check = p.check_expression;
      all<Policy>(out_).push_back(policy);
    }
  }

  void add_column(const Key& key, const pg::column_info& c) {
    Column column;
    column.key = key;
    column.type = type_of(c);
    if (c.enumeration != nullptr) column.type_schema = text_of(c.enumeration->schema);
    column.primary_key = c.primary_key;
    column.not_null = c.not_null;
    column.default_value = default_of(c);
    if (!c.generated.empty()) column.generated = Generated{text_of(c.generated)};
    if (c.identity) {
      Identity identity;
      identity.type = c.identity_always ? "always" : "byDefault";
      identity.name = c.sequence_name.empty() ? key.table + "_" + key.name + "_seq" : text_of(c.sequence_name);
      identity.schema = key.schema;
      identity.options = options_of(c.sequence, c.sql_type);
      column.identity = identity;
    }
    all<Column>(out_).push_back(column);
  }

  void add_foreign_key(const std::string& name, const Key& owner, const std::vector<std::string>& columns,
                       const std::string& schema_to, const std::string& table_to,
                       const std::vector<std::string>& columns_to, pg::on_delete deleted, pg::on_update updated) {
    ForeignKey out;
    out.key = owner;
    out.key.name = !name.empty() ? name
                                 : owner.table + "_" + text::join(columns, "_") + "_" + table_to + "_" +
                                       text::join(columns_to, "_") + "_fk";
    out.schema_to = schema_to;
    out.table_to = table_to;
    out.columns_from = columns;
    out.columns_to = columns_to;
    out.on_delete = text_of(actions[static_cast<size_t>(deleted)]);
    out.on_update = text_of(actions[static_cast<size_t>(updated)]);
    all<ForeignKey>(out_).push_back(out);
  }

  // Those by names could not be checked when the program was compiled. A table that is not part of the schema is one
  // of somebody else.
  void check_references() const {
    for (const ForeignKey& key : all<ForeignKey>(out_)) {
      if (find<Table>(out_, key.target()) == nullptr) continue;
      for (const std::string& column : key.columns_to) {
        Key wanted{key.schema_to, key.table_to, column};
        if (find<Column>(out_, wanted) != nullptr) continue;
        throw pg::Error("foreign key " + key.key.name + " of " + display(key.key.owner()) + " refers to " +
                        display(wanted) + ", which is not declared");
      }
    }
  }

  const pg::schema_definition& given_;
  Schema out_;
  std::set<Key> names_;
};

}  // namespace

Schema to_model(const pg::schema_definition& schema) { return Maker(schema).make(); }

}  // namespace sluice::typed

namespace sluice::pg {

std::string snapshot(const schema_definition& schema) {
  model::Snapshot out;
  out.id = out.prev_id = model::first_prev_id;
  out.schema = typed::to_model(schema);
  std::string beyond = model::print_beyond(out);
  return model::print_snapshot(out) + (beyond.empty() ? "" : "\n\f" + beyond);
}

int print_schema(const schema_definition& schema) {
  try {
    std::string out = snapshot(schema) + "\n";
    return std::fwrite(out.data(), 1, out.size(), stdout) == out.size() && std::fflush(stdout) == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

}  // namespace sluice::pg
