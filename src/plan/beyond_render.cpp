#include "plan/beyond_render.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "model/names.hpp"
#include "plan/render.hpp"

namespace sluice::plan {

using namespace model;

namespace {

std::string with_semicolon(const std::string& definition) { return definition + ";"; }

std::string listed(const model::Options& options) {
  std::vector<std::string> items;
  for (const auto& [name, value] : options) items.push_back(name + "=" + value.text);
  return text::join(items, ", ");
}

bool has(const model::Options& options, const std::string& name, const Literal* value) {
  return std::any_of(options.begin(), options.end(),
                     [&](const auto& option) { return option.first == name && (!value || option.second == *value); });
}

// SET STORAGE DEFAULT is a word of PostgreSQL 16. Types of a fixed length have PLAIN and can have nothing else.
std::string default_storage(const std::string& type) {
  bool main = type.starts_with("numeric") || type == "inet" || type == "cidr";
  return main && type.find('[') == std::string::npos ? "MAIN" : "EXTENDED";
}

}  // namespace

void add(std::vector<Statement>& to, std::string sql) { to.push_back({std::move(sql)}); }
void add(std::vector<Statement>& to, std::vector<Statement> more) {
  for (Statement& statement : more) to.push_back(std::move(statement));
}

std::string privilege_list(const std::vector<std::string>& privileges) {
  constexpr std::array every = {"DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"};
  bool all = std::all_of(every.begin(), every.end(), [&](const char* name) {
    return std::find(privileges.begin(), privileges.end(), name) != privileges.end();
  });
  return all ? "ALL" : text::join(privileges, ", ");
}

std::string create(const Extension& extension) {
  return "CREATE EXTENSION IF NOT EXISTS " + sql::identifier(extension.key.name) + " WITH SCHEMA " +
         sql::identifier(extension.schema) + ";";
}

std::string create(const Collation& collation) {
  return "CREATE COLLATION " + full_name(collation.key) + " (" + collation.definition + ");";
}

std::vector<Statement> create(const Domain& domain, bool beside_old) {
  std::string out = "CREATE DOMAIN " + full_name(domain.key) + " AS " + domain.type;
  if (domain.collation) out += " COLLATE " + *domain.collation;
  if (domain.default_value) out += " DEFAULT " + *domain.default_value;
  // PostgreSQL 18 would call it ..._not_null1 as long as the old one has the name.
  if (domain.not_null && beside_old)
    out += " CONSTRAINT " + sql::identifier(implicit_name(domain.key.name, "", "not_null"));
  if (domain.not_null) out += " NOT NULL";
  std::vector<Statement> later;  // NOT VALID is not a word of CREATE DOMAIN
  for (const auto& [name, check] : domain.checks) {
    std::string constraint = " CONSTRAINT " + sql::identifier(name) + " " + check.text;
    if (check.text.ends_with(" NOT VALID"))
      add(later, "ALTER DOMAIN " + full_name(domain.key) + " ADD" + constraint + ";");
    else
      out += constraint;
  }
  std::vector<Statement> all{{out + ";"}};
  add(all, std::move(later));
  return all;
}

std::string create(const CompositeType& type) {
  std::vector<std::string> attributes;
  for (const auto& [name, kind] : type.attributes) attributes.push_back(sql::identifier(name) + " " + kind.text);
  return "CREATE TYPE " + full_name(type.key) + " AS (" + text::join(attributes, ", ") + ");";
}

std::string create(const RangeType& type) {
  return "CREATE TYPE " + full_name(type.key) + " AS RANGE (" + type.definition + ");";
}

std::string create(const Function& function) { return with_semicolon(function.definition); }

std::string create(const Partition& partition) {
  return "CREATE TABLE " + table_name(partition.key) + " PARTITION OF " + partition.of + " " + partition.bound +
         (partition.partition_by ? " PARTITION BY " + *partition.partition_by : "") + ";";
}

std::vector<Statement> create(const Trigger& trigger) {
  std::vector<Statement> out{{with_semicolon(trigger.definition)}};
  if (trigger.enabled != "ENABLE")
    out.push_back(
        {alter_table(trigger.key.owner()) + trigger.enabled + " TRIGGER " + sql::identifier(trigger.key.name) + ";"});
  return out;
}

std::vector<Statement> create(const Statistics& statistics) {
  std::vector<Statement> out{{with_semicolon(statistics.definition)}};
  if (statistics.target)
    out.push_back({"ALTER STATISTICS " + full_name(statistics.key) + " SET STATISTICS " + *statistics.target + ";"});
  return out;
}

std::string create(const Rule& rule) { return with_semicolon(rule.definition); }

std::string create(const EventTrigger& trigger) { return with_semicolon(trigger.definition); }

std::string create(const Publication& publication) {
  return "CREATE PUBLICATION " + sql::identifier(publication.key.name) + " " + publication.definition + ";";
}

std::string create(const Comment& comment) {
  bool backslash = comment.text.find('\\') != std::string::npos;
  std::string literal = sql::literal(comment.text);
  if (backslash) literal = "E" + text::replace_all(literal, "\\", "\\\\");
  return "COMMENT ON " + comment.key.name + " IS " + literal + ";";
}

std::vector<Statement> create(const Grant& grant) {
  if (grant.privileges.empty()) return {{"REVOKE ALL ON " + grant.object + " FROM " + grant.grantee + ";"}};
  std::vector<Statement> out;
  std::vector<std::string> plain;
  for (const std::string& privilege : grant.privileges)
    if (std::find(grant.grantable.begin(), grant.grantable.end(), privilege) == grant.grantable.end())
      plain.push_back(privilege);
  std::string on = " ON " + grant.object + " TO " + grant.grantee;
  if (!plain.empty()) out.push_back({"GRANT " + privilege_list(plain) + on + ";"});
  if (!grant.grantable.empty())
    out.push_back({"GRANT " + privilege_list(grant.grantable) + on + " WITH GRANT OPTION;"});
  return out;
}

std::string revoke(const Grant& grant) {
  // What everybody has by default comes back.
  bool by_default = grant.grantee == "PUBLIC" && grant.privileges.empty();
  if (by_default && grant.object.starts_with("TYPE ")) return "GRANT USAGE ON " + grant.object + " TO PUBLIC;";
  if (by_default) return "GRANT EXECUTE ON " + grant.object + " TO PUBLIC;";
  return "REVOKE ALL ON " + grant.object + " FROM " + grant.grantee + ";";
}

std::vector<Statement> alter_domain(const diff::Altered<Domain>& change) {
  std::vector<Statement> out;
  const Domain &before = change.before, &after = change.after;
  std::string alter = "ALTER DOMAIN " + full_name(after.key) + " ";
  auto has = [](const model::Options& checks, const auto& check) {
    return std::find(checks.begin(), checks.end(), check) != checks.end();
  };
  for (const auto& check : before.checks)
    if (!has(after.checks, check)) out.push_back({alter + "DROP CONSTRAINT " + sql::identifier(check.first) + ";"});
  if (change.has("default"))
    out.push_back({alter + (after.default_value ? "SET DEFAULT " + *after.default_value : "DROP DEFAULT") + ";"});
  if (change.has("notNull")) out.push_back({alter + (after.not_null ? "SET" : "DROP") + " NOT NULL;"});
  for (const auto& check : after.checks)
    if (!has(before.checks, check))
      out.push_back({alter + "ADD CONSTRAINT " + sql::identifier(check.first) + " " + check.second.text + ";"});
  return out;
}

model::Options attributes_then(const diff::Altered<CompositeType>& change) {
  model::Options kept, fresh;
  for (const auto& was : change.before.attributes)
    for (const auto& attribute : change.after.attributes)
      if (attribute.first == was.first) kept.push_back(attribute);
  for (const auto& attribute : change.after.attributes)
    if (!has(change.before.attributes, attribute.first, nullptr)) fresh.push_back(attribute);
  kept.insert(kept.end(), fresh.begin(), fresh.end());
  return kept;
}

std::vector<Statement> alter_composite(const diff::Altered<CompositeType>& change) {
  std::vector<Statement> out;
  std::string alter = "ALTER TYPE " + full_name(change.after.key) + " ";
  auto type_in = [](const model::Options& attributes, const std::string& name) -> const Literal* {
    for (const auto& [other, type] : attributes)
      if (other == name) return &type;
    return nullptr;
  };
  for (const auto& [name, type] : change.before.attributes)
    if (!type_in(change.after.attributes, name))
      out.push_back({alter + "DROP ATTRIBUTE " + sql::identifier(name) + ";"});
  for (const auto& [name, type] : change.after.attributes) {
    const Literal* old = type_in(change.before.attributes, name);
    if (!old) out.push_back({alter + "ADD ATTRIBUTE " + sql::identifier(name) + " " + type.text + ";"});
    if (old && !(*old == type))
      out.push_back({alter + "ALTER ATTRIBUTE " + sql::identifier(name) + " SET DATA TYPE " + type.text + ";"});
  }
  return out;
}

std::string table_prefix(const Table& table) { return table.unlogged.value_or(false) ? "UNLOGGED " : ""; }

std::string table_suffix(const Table& table) {
  std::string out;
  if (!table.inherits.empty()) out += " INHERITS (" + text::join(table.inherits, ", ") + ")";
  if (table.partition_by) out += " PARTITION BY " + *table.partition_by;
  if (table.access_method) out += " USING " + sql::identifier(*table.access_method);
  if (!table.with.empty()) out += " WITH (" + listed(table.with) + ")";
  if (table.tablespace) out += " TABLESPACE " + sql::identifier(*table.tablespace);
  return out;
}

std::vector<Statement> table_settings(const Table* before, const Table& after) {
  std::vector<Statement> out;
  std::string alter = alter_table(after.key);
  bool forced = after.force_row_security.value_or(false);
  if (forced != (before && before->force_row_security.value_or(false)))
    out.push_back({alter + (forced ? "FORCE" : "NO FORCE") + " ROW LEVEL SECURITY;"});
  if (!before) return out;
  bool unlogged = after.unlogged.value_or(false);
  if (unlogged != before->unlogged.value_or(false))
    out.push_back({alter + "SET " + (unlogged ? "UNLOGGED" : "LOGGED") + ";"});
  model::Options set;
  for (const auto& option : after.with)
    if (!has(before->with, option.first, &option.second)) set.push_back(option);
  std::vector<std::string> gone;
  for (const auto& option : before->with)
    if (!has(after.with, option.first, nullptr)) gone.push_back(option.first);
  if (!gone.empty()) out.push_back({alter + "RESET (" + text::join(gone, ", ") + ");"});
  if (!set.empty()) out.push_back({alter + "SET (" + listed(set) + ");"});
  if (after.tablespace != before->tablespace)
    out.push_back({alter + "SET TABLESPACE " + sql::identifier(after.tablespace.value_or("pg_default")) + ";"});
  return out;
}

std::vector<Statement> column_settings(const Column* before, const Column& after) {
  std::vector<Statement> out;
  std::string alter = alter_table(after.key.owner()) + "ALTER COLUMN " + sql::identifier(after.key.name) + " SET ";
  auto changed = [&](std::optional<std::string> Column::*field) {
    return after.*field != (before ? before->*field : std::nullopt);
  };
  if (changed(&Column::storage))
    out.push_back({alter + "STORAGE " + after.storage.value_or(default_storage(after.type)) + ";"});
  if (changed(&Column::compression))
    out.push_back({alter + "COMPRESSION " + after.compression.value_or("default") + ";"});
  if (changed(&Column::statistics)) out.push_back({alter + "STATISTICS " + after.statistics.value_or("-1") + ";"});
  return out;
}

std::string bare_name(const Function& function) { return function.key.name.substr(0, function.key.name.find('(')); }

std::string named(const Function& function) {
  std::string name = bare_name(function);
  return function.kind + " " + full_name({function.key.schema, "", name}) + function.key.name.substr(name.size());
}

}  // namespace sluice::plan
