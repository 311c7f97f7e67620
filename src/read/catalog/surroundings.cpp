#include "read/catalog/surroundings.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"
#include "model/names.hpp"
#include "server/user_session.hpp"
#include "sql/quote.hpp"

namespace sluice::read {

namespace {

using namespace model;

// Every word of the schema's SQL texts: a name that is not among them is not used.
class Words {
 public:
  explicit Words(const Schema& schema) {
    for (const Column& column : all<Column>(schema)) {
      add(column.type);
      if (column.default_value) add(column.default_value->text);
      if (column.generated) add(column.generated->expression);
    }
    for (const Check& check : all<Check>(schema)) add(check.expression);
    for (const Index& index : all<Index>(schema)) {
      add(index.method);
      if (index.where) add(*index.where);
      for (const IndexColumn& column : index.columns) {
        if (column.is_expression) add(column.expression);
        if (column.opclass) add(*column.opclass);
      }
    }
    for (const View& view : all<View>(schema))
      if (view.definition) add(*view.definition);
    for (const Policy& policy : all<Policy>(schema)) {
      if (policy.using_expression) add(*policy.using_expression);
      if (policy.with_check) add(*policy.with_check);
      if (policy.linked_to) add(*policy.linked_to);
    }
  }
  bool contain(const std::string& name) const { return words_.contains(text::to_lower(name)); }

 private:
  // Words in quotes count as a whole and in pieces; too many do no harm.
  void add(const std::string& sql) {
    std::string word;
    for (size_t i = 0; i <= sql.size(); i++) {
      char c = i < sql.size() ? sql[i] : ' ';
      if (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || (c & 0x80)) {
        word += c;
      } else {
        if (!word.empty()) words_.insert(text::to_lower(word));
        word.clear();
      }
      if (c == '"')
        if (size_t end = sql.find('"', i + 1); end != std::string::npos)
          words_.insert(text::to_lower(sql.substr(i + 1, end - i - 1)));
    }
  }

  std::set<std::string> words_;
};

std::vector<std::string> list_of(const std::string& json) {
  return json.empty() ? std::vector<std::string>{} : nlohmann::json::parse(json).get<std::vector<std::string>>();
}

std::string oid_list(const std::vector<std::string>& oids) { return "{" + text::join(oids, ",") + "}"; }

constexpr const char* user_schemas = " n.nspname !~ '^pg_' and n.nspname <> 'information_schema' ";

#define NOT_OF_EXTENSION(catalog, oid)                                                                      \
  " not exists (select from pg_depend own where own.classid = '" catalog "'::regclass and own.objid = " oid \
  " and own.deptype = 'e') "

class Maker {
 public:
  Maker(server::Connection& connection, const Schema& schema, bool everything)
      : connection_(connection), schema_(schema), words_(schema), everything_(everything) {
    for (const Namespace& object : all<Namespace>(schema)) present_.insert(object.key.name);
    present_.insert("public");
  }

  Surroundings make() && {
    out_.search_path = connection_.execute("SELECT current_setting('search_path')").text(0, 0);
    extensions();
    types();
    functions();
    access_methods();
    tables();
    std::set<std::string> roles;
    for (const Policy& policy : all<Policy>(schema_)) roles.insert(policy.to.begin(), policy.to.end());
    for (const char* keyword : {"public", "current_user", "current_role", "session_user"}) roles.erase(keyword);
    out_.roles.assign(roles.begin(), roles.end());
    return std::move(out_);
  }

 private:
  void need_schema(const std::string& name) {
    if (present_.insert(name).second) out_.before.push_back("CREATE SCHEMA IF NOT EXISTS " + sql::identifier(name));
  }

  void extensions() {
    server::Rows rows = connection_.execute(
        "select x.extname, n.nspname, (select json_agg(distinct coalesce(t.typname, p.proname, o.opcname, m.amname)) "
        "from pg_depend d "
        "left join pg_type t on d.classid = 'pg_type'::regclass and t.oid = d.objid "
        "left join pg_proc p on d.classid = 'pg_proc'::regclass and p.oid = d.objid "
        "left join pg_opclass o on d.classid = 'pg_opclass'::regclass and o.oid = d.objid "
        "left join pg_am m on d.classid = 'pg_am'::regclass and m.oid = d.objid "
        "where d.refclassid = 'pg_extension'::regclass and d.refobjid = x.oid and d.deptype = 'e' "
        "and coalesce(t.typname, p.proname, o.opcname, m.amname) is not null) "
        "from pg_extension x join pg_namespace n on n.oid = x.extnamespace where x.extname <> 'plpgsql' order by "
        "x.oid");
    for (size_t i = 0; i < rows.size(); i++) {
      bool used = everything_;
      for (const std::string& member : list_of(rows.text(i, 2))) used = used || words_.contain(member);
      if (!used) continue;
      if (!rows.text(i, 1).starts_with("pg_")) need_schema(rows.text(i, 1));
      out_.before.push_back("CREATE EXTENSION IF NOT EXISTS " + sql::identifier(rows.text(i, 0)) + " SCHEMA " +
                            sql::identifier(rows.text(i, 1)) + " CASCADE");
    }
  }

  // A table and a view have a type of their name.
  bool declares_type(const std::string& schema, const std::string& name) const {
    auto in = [&](const auto& kind) {
      return std::any_of(kind.begin(), kind.end(), [&](const auto& object) {
        return object.key.schema == schema && same_name(object.key.name, name);
      });
    };
    return in(all<Enum>(schema_)) || in(all<Table>(schema_)) || in(all<View>(schema_));
  }

  void types() {
    server::Rows rows = connection_.execute(
        std::string(
            "select n.nspname, t.typname, case t.typtype "
            "when 'd' then format('DOMAIN %I.%I AS %s', n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod)) "
            "when 'e' then format('TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname, (select "
            "string_agg(quote_literal(enumlabel), ', ' "
            "order by enumsortorder) from pg_enum where enumtypid = t.oid)) "
            "when 'r' then format('TYPE %I.%I AS RANGE (subtype = %s)', n.nspname, t.typname, "
            "(select format_type(rngsubtype, null) from pg_range where rngtypid = t.oid)) "
            "else format('TYPE %I.%I AS (%s)', n.nspname, t.typname, (select string_agg(format('%I %s', attname, "
            "format_type(atttypid, atttypmod)), ', ' order by attnum) from pg_attribute where attrelid = t.typrelid "
            "and attnum > 0 and not attisdropped)) end "
            "from pg_type t join pg_namespace n on n.oid = t.typnamespace "
            "where (t.typtype in ('d', 'e', 'r') or (t.typtype = 'c' and exists (select from pg_class c "
            "where c.oid = t.typrelid and c.relkind = 'c'))) and") +
        user_schemas + "and" + NOT_OF_EXTENSION("pg_type", "t.oid") + "order by t.oid");
    for (size_t i = 0; i < rows.size(); i++) {
      if (declares_type(rows.text(i, 0), rows.text(i, 1))) continue;
      need_schema(rows.text(i, 0));
      out_.before.push_back("CREATE " + rows.text(i, 2));
    }
  }

  void functions() {
    server::Rows names = connection_.execute(
        std::string("select p.oid, n.nspname, p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace "
                    "where p.prokind in ('f', 'p') and") +
        user_schemas + "and" + NOT_OF_EXTENSION("pg_proc", "p.oid") + "order by p.oid");
    std::vector<std::string> oids;
    for (size_t i = 0; i < names.size(); i++) {
      if (!everything_ && !words_.contain(names.text(i, 2))) continue;
      need_schema(names.text(i, 1));
      oids.push_back(names.text(i, 0));
    }
    if (oids.empty()) return;
    server::Rows rows = connection_.query(
        "select pg_get_functiondef(oid) from unnest($1::oid[]) with ordinality o (oid, position) order by position",
        {oid_list(oids)});
    out_.before.emplace_back("SET LOCAL check_function_bodies = off");
    for (size_t i = 0; i < rows.size(); i++) out_.before.push_back(rows.text(i, 0));
  }

  // They are few; one that nothing uses does no harm.
  void access_methods() {
    server::Rows rows = connection_.execute(
        std::string("select format('CREATE ACCESS METHOD %I TYPE %s HANDLER %s', amname, "
                    "case amtype when 't' then 'TABLE' else 'INDEX' end, amhandler) "
                    "from pg_am m where oid >= 16384 and") +  // 16384: the first oid that is not PostgreSQL's own
        NOT_OF_EXTENSION("pg_am", "m.oid") +
        "order by oid");
    for (size_t i = 0; i < rows.size(); i++) out_.before.push_back(rows.text(i, 0));
  }

  // Tables that the schema's texts and foreign keys name and that it does not make itself.
  void tables() {
    std::set<Key> made, targets;
    for (const Table& table : all<Table>(schema_)) made.insert({table.key.schema, "", clipped(table.key.name)});
    for (const View& view : all<View>(schema_))
      if (!view.existing) made.insert({view.key.schema, "", clipped(view.key.name)});
    for (const ForeignKey& key : all<ForeignKey>(schema_)) targets.insert({key.schema_to, "", clipped(key.table_to)});
    server::Rows names = connection_.execute(
        std::string("select c.oid, n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
                    "where c.relkind in ('r', 'p', 'v', 'm', 'f') and") +
        user_schemas + "and" + NOT_OF_EXTENSION("pg_class", "c.oid") + "order by c.oid");
    std::vector<std::string> oids;
    for (size_t i = 0; i < names.size(); i++) {
      Key key{names.text(i, 1), "", names.text(i, 2)};
      if (made.contains(key) || (!targets.contains(key) && !words_.contain(key.name))) continue;
      need_schema(key.schema);
      oids.push_back(names.text(i, 0));
    }
    if (oids.empty()) return;
    server::Rows rows = connection_.query(
        "select format('CREATE TABLE %I.%I (%s)', n.nspname, c.relname, "
        "(select string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum) "
        "from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped)), "
        "(select json_agg(format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, conname, "
        "pg_get_constraintdef(k.oid))) from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u')), "
        "(select json_agg(pg_get_indexdef(i.indexrelid)) from pg_index i where i.indrelid = c.oid and i.indisunique "
        "and i.indpred is null and i.indexprs is null "
        "and not exists (select from pg_constraint k where k.conindid = i.indexrelid)) "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = any($1::oid[])",
        {oid_list(oids)});
    for (size_t i = 0; i < rows.size(); i++) {
      out_.tables.push_back(rows.text(i, 0));
      for (size_t column : {1u, 2u})
        for (const std::string& statement : list_of(rows.text(i, column))) out_.tables.push_back(statement);
    }
  }

  server::Connection& connection_;
  const Schema& schema_;
  Words words_;
  bool everything_;
  std::set<std::string> present_;
  Surroundings out_;
};

}  // namespace

Surroundings surroundings(server::Connection& connection, const Schema& schema, bool everything) {
  connection.execute("BEGIN READ ONLY");
  server::Rows path = connection.execute(std::string("SELECT coalesce(") + server::users_search_path +
                                         ", pg_catalog.current_setting('search_path'))");
  // Types are named with their schemas.
  connection.execute("SET LOCAL search_path = ''");
  Surroundings out = Maker(connection, schema, everything).make();
  out.search_path = path.text(0, 0);
  connection.execute("ROLLBACK");
  return out;
}

}  // namespace sluice::read
