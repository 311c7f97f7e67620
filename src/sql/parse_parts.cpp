#include "sql/parse_parts.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"

namespace sluice::sql {

std::string display(const Name& name) {
  return name.schema.empty() || name.schema == "public" ? name.name : name.schema + "." + name.name;
}

std::string display(const TypeName& type) {
  std::string out = type.schema.empty() ? type.name : type.schema + "." + type.name;
  if (!type.modifiers.empty() && type.name != "interval") out += "(" + text::join(type.modifiers, ",") + ")";
  if (type.name == "interval" && type.modifiers.size() == 2) out += "(" + type.modifiers[1] + ")";
  for (int i = 0; i < type.dimensions; i++) out += "[]";
  return out;
}

const Constraint* ColumnDefinition::find(ConstraintKind kind) const {
  for (const Constraint& constraint : constraints)
    if (constraint.kind == kind) return &constraint;
  return nullptr;
}

std::string_view display(ObjectKind kind) {
  constexpr std::array<std::string_view, 22> names = {
      "table",  "index",    "view",     "materialized view", "sequence",    "foreign table", "type",
      "domain", "schema",   "function", "trigger",           "rule",        "policy",        "extension",
      "role",   "database", "column",   "constraint",        "publication", "subscription",  "statistics",
      "object"};
  return names[static_cast<size_t>(kind)];
}

ObjectKind object_kind(std::string_view type) {
  static const std::map<std::string_view, ObjectKind> kinds = {
      {"OBJECT_TABLE", ObjectKind::table},
      {"OBJECT_INDEX", ObjectKind::index},
      {"OBJECT_VIEW", ObjectKind::view},
      {"OBJECT_MATVIEW", ObjectKind::materialized_view},
      {"OBJECT_SEQUENCE", ObjectKind::sequence},
      {"OBJECT_FOREIGN_TABLE", ObjectKind::foreign_table},
      {"OBJECT_TYPE", ObjectKind::type},
      {"OBJECT_DOMAIN", ObjectKind::domain},
      {"OBJECT_SCHEMA", ObjectKind::schema},
      {"OBJECT_FUNCTION", ObjectKind::function},
      {"OBJECT_PROCEDURE", ObjectKind::function},
      {"OBJECT_ROUTINE", ObjectKind::function},
      {"OBJECT_AGGREGATE", ObjectKind::function},
      {"OBJECT_TRIGGER", ObjectKind::trigger},
      {"OBJECT_RULE", ObjectKind::rule},
      {"OBJECT_POLICY", ObjectKind::policy},
      {"OBJECT_EXTENSION", ObjectKind::extension},
      {"OBJECT_ROLE", ObjectKind::role},
      {"OBJECT_DATABASE", ObjectKind::database},
      {"OBJECT_COLUMN", ObjectKind::column},
      {"OBJECT_TABCONSTRAINT", ObjectKind::constraint},
      {"OBJECT_PUBLICATION", ObjectKind::publication},
      {"OBJECT_SUBSCRIPTION", ObjectKind::subscription},
      {"OBJECT_STATISTIC_EXT", ObjectKind::statistics},
  };
  auto found = kinds.find(type);
  return found == kinds.end() ? ObjectKind::other : found->second;
}

void walk(const Node& root, const std::function<void(std::string_view type, const Node&)>& visit) {
  std::vector<const Node*> open{&root};
  while (!open.empty()) {
    const Node* node = open.back();
    open.pop_back();
    if (node->kind != Node::Kind::object && node->kind != Node::Kind::list) continue;
    // A wrapper has one member, whose name is a type: it begins with a capital letter.
    if (!node->key.empty() && node->kind == Node::Kind::object) visit(node->key, *node);
    for (const Node& member : *node) open.push_back(&member);
  }
}

std::vector<std::string> strings(const Node& list) {
  std::vector<std::string> out;
  for (const Node& item : list) out.push_back(item["String"]["sval"].str());
  return out;
}

Name name_of(const Node& list) {
  std::vector<std::string> parts = strings(list);
  if (parts.empty()) return {};
  return {parts.size() > 1 ? parts[parts.size() - 2] : "", parts.back()};
}

Name relation_name(const Node& range_var) { return {range_var["schemaname"].str(), range_var["relname"].str()}; }

Target relation_target(const Node& range_var, const Source& source) {
  return {relation_name(range_var), "", source.at(range_var["location"])};
}

namespace {

std::string constant_text(const Node& value) {  // of an A_Const's content
  for (const char* kind : {"ival", "fval", "sval", "boolval", "bsval"})
    if (const Node& found = value[kind]) {
      if (found.empty())
        return std::string_view(kind) == "ival" ? "0" : std::string_view(kind) == "boolval" ? "false" : "";
      return found.inner().str();
    }
  return "";
}

const std::map<std::string_view, std::string_view>& own_types() {
  static const std::map<std::string_view, std::string_view> names = {
      {"int2", "smallint"},           {"int4", "integer"},      {"int8", "bigint"},         {"float4", "real"},
      {"float8", "double precision"}, {"bool", "boolean"},      {"bpchar", "char"},         {"decimal", "numeric"},
      {"serial4", "serial"},          {"serial8", "bigserial"}, {"serial2", "smallserial"}, {"character", "char"}};
  return names;
}

// Types that pg_catalog has and SQL names without it. Others without a schema may be the user's.
}  // namespace

TypeName type_name(const Node& type, const Source& source) {
  TypeName out;
  std::vector<std::string> parts = strings(type["names"]);
  const bool system = parts.size() > 1 && parts[parts.size() - 2] == "pg_catalog";
  if (!parts.empty()) out.name = parts.back();
  if (parts.size() > 1 && !system) out.schema = parts[parts.size() - 2];
  for (const Node& modifier : type["typmods"])
    out.modifiers.push_back(modifier["A_Const"] ? constant_text(modifier["A_Const"])
                                                : modifier["ColumnRef"]["fields"].inner()["String"]["sval"].str());
  if (out.schema.empty()) {
    if (out.name == "bpchar" && out.modifiers.empty()) {
      out.name = "bpchar";  // without a length it is another type than char
    } else if (out.name == "char" && !system) {
      out.name = "\"char\"";
    } else if (auto found = own_types().find(out.name); found != own_types().end()) {
      out.name = found->second;
    }
  }
  for (const Node& bound : type["arrayBounds"]) out.dimensions += bool(bound);
  out.at = source.at(type["location"]);
  return out;
}

namespace {

// The columns that are not null wherever the condition is not false: what PostgreSQL's prover finds for SET NOT NULL.
std::vector<std::string> implied_not_null(const Node& node, int depth) {
  std::vector<std::string> out;
  if (depth > 200) return out;
  if (const Node& test = node["NullTest"]) {
    const Node& fields = test["arg"]["ColumnRef"]["fields"];
    if (test["nulltesttype"].text == "IS_NOT_NULL" && fields) out.push_back(name_of(fields).name);
  } else if (const Node& boolean = node["BoolExpr"]) {
    bool first = true;
    for (const Node& arm : boolean["args"]) {
      std::vector<std::string> more = implied_not_null(arm, depth + 1);
      if (boolean["boolop"].text == "AND_EXPR") {
        out.insert(out.end(), more.begin(), more.end());
      } else if (boolean["boolop"].text == "OR_EXPR") {
        if (first) {
          out = more;
        } else {
          std::erase_if(out,
                        [&](const std::string& c) { return std::find(more.begin(), more.end(), c) == more.end(); });
        }
      }
      first = false;
    }
  }
  return out;
}

}  // namespace

Expression expression(const Node& node, std::string_view written, const Source& source) {
  Expression out;
  out.text = std::string(text::trim(written));
  const char* from = written.data();
  const bool inside = from >= source.text.data() && from <= source.text.data() + source.text.size();
  out.at = inside ? source.base + static_cast<int>(from - source.text.data()) : source.at(Node::nothing());
  if (!node) return out;
  const Node* constant = &node;
  while ((*constant)["TypeCast"]) constant = &(*constant)["TypeCast"]["arg"];
  if (const Node& value = (*constant)["A_Const"]) {
    out.literal = true;
    out.null = value["isnull"].is_true();
    out.is_true = value["boolval"]["boolval"].is_true();
  }
  if (node["TypeCast"] && node["TypeCast"]["arg"]["ColumnRef"])
    out.cast_column = name_of(node["TypeCast"]["arg"]["ColumnRef"]["fields"]).name;
  if (const Node& inner = node["TypeCast"]["arg"]["TypeCast"]; inner && inner["arg"]["ColumnRef"]) {
    const TypeName through = type_name(inner["typeName"], source);
    if (through.name == "text" || (through.name == "varchar" && through.modifiers.empty()))
      out.text_cast_column = name_of(inner["arg"]["ColumnRef"]["fields"]).name;
  }
  if (const Node& equal = node["A_Expr"]; equal && equal["name"].inner()["String"]["sval"].text == "=") {
    const Node &left = equal["lexpr"]["A_Const"], &right = equal["rexpr"]["A_Const"];
    if (left && right && !left["isnull"] && constant_text(left) == constant_text(right)) out.is_true = true;
  }
  walk(node, [&](std::string_view type, const Node& part) {
    if (type == "FuncCall") {
      out.functions.push_back(name_of(part["funcname"]));
    } else if (type == "SQLValueFunction") {
      std::string op = text::to_lower(part["op"].text);
      out.functions.push_back({"", op.starts_with("svfop_") ? op.substr(6) : op});
    } else if (type == "ColumnRef") {
      out.columns.push_back(name_of(part["fields"]).name);
    } else if (type == "typeName") {
      out.types.push_back({type_name(part, source).schema, type_name(part, source).name});
    }
  });
  out.not_null = implied_not_null(node, 0);
  return out;
}

namespace {

// The end of a DEFAULT's expression: a comma, a bracket that closes, or the next constraint of the column.
std::string_view default_text(std::string_view text, size_t begin, size_t end) {
  const std::vector<Token> list = tokens(text, begin, end);
  size_t i = 0;
  while (i < list.size() && !is_keyword(text, list[i], "default")) i++;
  if (++i >= list.size()) return {};
  size_t stop = list[i].end;
  for (size_t j = i + 1; j < list.size() && list[j].depth >= 0; j++) {
    if (list[j].depth == 0) {
      if (text[list[j].begin] == ',') break;
      bool ends = false;
      for (std::string_view word :
           {"not", "null", "constraint", "check", "unique", "primary", "references", "generated", "collate",
            "deferrable", "initially", "default", "storage", "compression"})
        ends = ends || is_keyword(text, list[j], word);
      if (ends && !is_keyword(text, list[j - 1], "is")) break;
    }
    stop = list[j].end;
  }
  return text.substr(list[i].begin, stop - list[i].begin);
}

}  // namespace

Constraint constraint(const Node& node, const Source& source) {
  static const std::map<std::string_view, ConstraintKind> kinds = {{"CONSTR_NULL", ConstraintKind::null},
                                                                   {"CONSTR_NOTNULL", ConstraintKind::not_null},
                                                                   {"CONSTR_DEFAULT", ConstraintKind::default_value},
                                                                   {"CONSTR_IDENTITY", ConstraintKind::identity},
                                                                   {"CONSTR_GENERATED", ConstraintKind::generated},
                                                                   {"CONSTR_CHECK", ConstraintKind::check},
                                                                   {"CONSTR_PRIMARY", ConstraintKind::primary_key},
                                                                   {"CONSTR_UNIQUE", ConstraintKind::unique},
                                                                   {"CONSTR_EXCLUSION", ConstraintKind::exclusion},
                                                                   {"CONSTR_FOREIGN", ConstraintKind::foreign_key}};
  Constraint out;
  auto kind = kinds.find(node["contype"].text);
  if (kind != kinds.end()) out.kind = kind->second;
  out.name = node["conname"].str();
  out.at = source.at(node["location"]);
  const size_t begin = static_cast<size_t>(out.at - source.base);
  out.columns = strings(node["keys"]);
  if (out.kind == ConstraintKind::foreign_key) {
    out.columns = strings(node["fk_attrs"]);
    out.references = relation_name(node["pktable"]);
    out.referenced = strings(node["pk_attrs"]);
    if (!node["fk_del_action"].text.empty()) out.on_delete = node["fk_del_action"].text[0];
    if (!node["fk_upd_action"].text.empty()) out.on_update = node["fk_upd_action"].text[0];
  }
  if (out.kind == ConstraintKind::check)
    out.expression = expression(node["raw_expr"], bracket_after(source.text, begin, source.end, {"check"}), source);
  if (out.kind == ConstraintKind::generated)
    out.expression = expression(node["raw_expr"], bracket_after(source.text, begin, source.end, {"as"}), source);
  if (out.kind == ConstraintKind::default_value)
    out.expression = expression(node["raw_expr"], default_text(source.text, begin, source.end), source);
  out.index = node["indexname"].str();
  out.not_valid = node["skip_validation"].is_true();
  const bool can_be_off = out.kind == ConstraintKind::check || out.kind == ConstraintKind::foreign_key;
  out.enforced = !can_be_off || node["is_enforced"].is_true();
  out.deferrable = node["deferrable"].is_true();
  out.nulls_not_distinct = node["nulls_not_distinct"].is_true();
  out.stored = node["generated_kind"].text != "v";
  out.always = node["generated_when"].text == "a";
  return out;
}

ColumnDefinition column_definition(const Node& node, const Source& source) {
  ColumnDefinition out;
  out.name = node["colname"].str();
  out.at = source.at(node["location"]);
  out.type = type_name(node["typeName"], source);
  if (const Node& collation = node["collClause"]) out.collation = name_of(collation["collname"]).name;
  for (const Node& item : node["constraints"]) {
    const Node& content = item["Constraint"];
    std::string_view type = content["contype"].text;
    if (type.starts_with("CONSTR_ATTR")) {  // DEFERRABLE …: of the constraint before it
      if (!out.constraints.empty()) {
        if (type == "CONSTR_ATTR_DEFERRABLE" || type == "CONSTR_ATTR_DEFERRED")
          out.constraints.back().deferrable = true;
        if (type == "CONSTR_ATTR_NOT_ENFORCED") out.constraints.back().enforced = false;
      }
      continue;
    }
    out.constraints.push_back(constraint(content, source));
    if (out.constraints.back().columns.empty()) out.constraints.back().columns = {out.name};
  }
  return out;
}

std::string role(const Node& spec) {
  std::string type(spec["roletype"].text);
  if (type == "ROLESPEC_PUBLIC") return "public";
  if (type == "ROLESPEC_CSTRING" || type.empty()) return spec["rolename"].str();
  return text::to_lower(type.substr(std::min<size_t>(9, type.size())));  // current_user …
}

}  // namespace sluice::sql
