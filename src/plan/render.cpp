#include "plan/render.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.hpp"

namespace sluice::plan {

using namespace model;

std::string table_name(const Key& table) {
  return sql::qualified(table.schema == "public" ? "" : table.schema, table.name);
}

std::string alter_table(const Key& table) { return "ALTER TABLE " + table_name(table) + " "; }

std::string full_name(const Key& key) { return sql::qualified(key.schema, key.name); }

std::string column_type(const Column& column, sql::EnumStyle style) {
  return sql::type(column.type, column.type_schema, style);
}

// JavaScript knows the largest bigint only as 9223372036854776000.
std::string within_bigint(const std::string& number) {
  const bool negative = number.starts_with('-');
  const std::string digits = number.substr(negative ? 1 : 0);
  const std::string most = negative ? "9223372036854775808" : "9223372036854775807";
  const bool beyond =
      digits.size() == most.size() && digits > most && digits.find_first_not_of("0123456789") == std::string::npos;
  return beyond ? (negative ? "-" : "") + most : number;
}

std::string sequence_options(const SequenceOptions& options) {
  return "INCREMENT BY " + options.increment + " MINVALUE " + within_bigint(options.min) + " MAXVALUE " +
         within_bigint(options.max) + " START WITH " + options.start + " CACHE " + options.cache;
}

std::string identity_clause(const Identity& identity, const Key& table) {
  return std::string("GENERATED ") + (identity.type == "always" ? "ALWAYS" : "BY DEFAULT") +
         " AS IDENTITY (sequence name " + table_name({table.schema, "", identity.name}) + " " +
         sequence_options(identity.options) + (identity.options.cycle ? " CYCLE" : "") + ")";
}

std::string default_text(const Column& column) {
  const std::string& text = column.default_value->text;
  bool json = column.type.starts_with("json"), array = column.type.find('[') != std::string::npos;
  size_t end = text.rfind('\'');
  if ((!json && !array) || text.empty() || text.front() != '\'' || end == 0) return text;
  // Behind the literal there may be a cast. '' is a quote, anything else a mistake.
  std::string_view inner(text.data() + 1, end - 1), cast(text.data() + end + 1, text.size() - end - 1);
  if (!cast.empty() && !cast.starts_with("::")) return text;
  for (size_t at = inner.find('\''); at != std::string_view::npos; at = inner.find('\'', at)) {
    size_t run = at;
    while (run < inner.size() && inner[run] == '\'') run++;
    if ((run - at) % 2 == 1) return sql::literal(inner) + std::string(cast);
    at = run;
  }
  return text;
}

std::string column_definition(const Column& column, bool in_create) {
  std::string out = sql::identifier(column.key.name) + " " + column_type(column, sql::EnumStyle::bare_in_public);
  if (column.collation) out += " COLLATE " + *column.collation;
  if (column.primary_key) out += " PRIMARY KEY";
  if (column.default_value) out += " DEFAULT " + default_text(column);
  if (column.generated)
    out += " GENERATED ALWAYS AS (" + column.generated->expression + ")" +
           (column.generated->type == "virtual" ? " VIRTUAL" : " STORED");
  // An identity column is NOT NULL by itself; drizzle-kit says so all the same in ADD COLUMN.
  if (column.not_null && !(column.identity && in_create)) out += " NOT NULL";
  if (column.identity) out += " " + identity_clause(*column.identity, column.key.owner());
  return out;
}

namespace {
// As PostgreSQL prints it, where that is more than drizzle can say.
template <class Kind>
std::string defined(const Kind& object) {
  return "CONSTRAINT " + sql::identifier(object.key.name) + " " + *object.definition;
}
}  // namespace

std::string constraint(const PrimaryKey& key) {
  if (key.definition) return defined(key);
  return "CONSTRAINT " + sql::identifier(key.key.name) + " PRIMARY KEY(" + sql::identifiers(key.columns) + ")";
}

std::string constraint(const Unique& unique) {
  if (unique.definition) return defined(unique);
  return "CONSTRAINT " + sql::identifier(unique.key.name) + " UNIQUE" +
         (unique.nulls_not_distinct ? " NULLS NOT DISTINCT" : "") + "(" + sql::identifiers(unique.columns) + ")";
}

std::string constraint(const Check& check) {
  if (check.definition) return defined(check);
  return "CONSTRAINT " + sql::identifier(check.key.name) + " CHECK (" + check.expression + ")";
}

std::string constraint(const ForeignKey& key) {
  if (key.definition) return defined(key);
  return "CONSTRAINT " + sql::identifier(key.key.name) + " FOREIGN KEY (" + sql::identifiers(key.columns_from) +
         ") REFERENCES " + full_name(key.target()) + "(" + sql::identifiers(key.columns_to) + ") ON DELETE " +
         key.on_delete + " ON UPDATE " + key.on_update;
}

std::string create(const Namespace& object) { return "CREATE SCHEMA " + sql::identifier(object.key.name) + ";\n"; }

std::string create(const Enum& object) {
  std::vector<std::string> values;
  for (const std::string& value : object.values) values.push_back(sql::literal(value));
  return "CREATE TYPE " + full_name(object.key) + " AS ENUM(" + text::join(values, ", ") + ");";
}

std::string create(const Sequence& object) {
  return "CREATE SEQUENCE " + full_name(object.key) + (object.type ? " AS " + *object.type : "") + " " +
         sequence_options(object.options) + (object.options.cycle ? " CYCLE" : "") + ";";
}

std::string create(const Role& role) {
  std::string with;
  if (role.create_db) with += " CREATEDB";
  if (role.create_role) with += " CREATEROLE";
  if (!role.inherit) with += " NOINHERIT";
  return "CREATE ROLE " + sql::identifier(role.key.name) + (with.empty() ? "" : " WITH" + with) + ";";
}

std::string create(const Index& index, bool concurrently) {
  if (index.definition) {
    std::string out = *index.definition + ";";
    if (size_t at = out.find(" INDEX "); concurrently && at != std::string::npos) out.insert(at + 6, " CONCURRENTLY");
    return out;
  }
  std::vector<std::string> columns;
  for (const IndexColumn& column : index.columns) {
    std::string item = column.is_expression ? column.expression : sql::identifier(column.expression);
    if (column.opclass) item += " " + *column.opclass;
    if (!column.ascending) item += " DESC";
    if (!column.ascending || column.nulls != "last")
      item += " NULLS " + std::string(column.nulls == "first" ? "FIRST" : "LAST");
    columns.push_back(std::move(item));
  }
  std::vector<std::string> with;
  for (const auto& [name, value] : index.with) with.push_back(name + "=" + value.text);
  return std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " + (concurrently ? "CONCURRENTLY " : "") +
         sql::identifier(index.key.name) + " ON " + table_name(index.key.owner()) + " USING " + index.method + " (" +
         text::join(columns, ",") + ")" + (with.empty() ? "" : " WITH (" + text::join(with, ",") + ")") +
         (index.where ? " WHERE " + *index.where : "") + ";";
}

std::string view_kind(const View& view) { return view.materialized ? "MATERIALIZED VIEW" : "VIEW"; }

std::string view_option_name(const std::string& name) {
  std::string out;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') {
      out += '_';
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c;
    }
  }
  return out;
}

std::string create(const View& view) {
  std::string out = "CREATE " + view_kind(view) + " " + full_name(view.key);
  if (view.using_method) out += " USING " + sql::identifier(*view.using_method);
  if (!view.with.empty()) {
    std::vector<std::string> options;
    for (const auto& [name, value] : view.with) options.push_back(view_option_name(name) + " = " + value.text);
    out += " WITH (" + text::join(options, ", ") + ")";
  }
  if (view.tablespace) out += " TABLESPACE " + *view.tablespace;
  out += " AS (" + view.definition.value_or("") + ")";
  if (view.with_no_data.value_or(false)) out += " WITH NO DATA";
  return out + ";";
}

std::string role_list(const std::vector<std::string>& roles) {
  constexpr std::array keywords = {"current_user", "current_role", "session_user", "public"};
  std::vector<std::string> out;
  for (const std::string& role : roles)
    out.push_back(std::find(keywords.begin(), keywords.end(), role) != keywords.end() ? role : sql::identifier(role));
  return text::join(out, ", ");
}

std::string policy_table(const Policy& policy) {
  return policy.linked_to ? *policy.linked_to : table_name(policy.key.owner());
}

std::string create(const Policy& policy) {
  return "CREATE POLICY " + sql::identifier(policy.key.name) + " ON " + policy_table(policy) + " AS " + policy.as +
         " FOR " + policy.command + " TO " + role_list(policy.to) +
         (policy.using_expression ? " USING (" + *policy.using_expression + ")" : "") +
         (policy.with_check ? " WITH CHECK (" + *policy.with_check + ")" : "") + ";";
}

}  // namespace sluice::plan
