// Every command but CREATE TABLE and ALTER TABLE.
#include <map>

#include "base/text.hpp"
#include "sql/parse_parts.hpp"

namespace sluice::sql {

namespace {

std::string value_text(const Node& arg) {
  if (const Node& constant = arg["A_Const"])
    for (const char* kind : {"sval", "ival", "fval", "boolval"})
      if (const Node& found = constant[kind]) return found.empty() ? "0" : found.inner().str();
  for (const char* kind : {"String", "Integer", "Float", "Boolean"})
    if (const Node& found = arg[kind]) return found.empty() ? "0" : found.inner().str();
  if (const Node& type = arg["TypeName"]) return name_of(type["names"]).name;
  return "";
}

const Node& option(const Node& list, std::string_view name) {
  for (const Node& item : list)
    if (item["DefElem"]["defname"].text == name) return item["DefElem"];
  return Node::nothing();
}

// "concurrently", "concurrently on": an option that is there and not off.
bool is_on(const Node& list, std::string_view name) {
  const Node& found = option(list, name);
  if (!found) return false;
  std::string value = text::to_lower(value_text(found["arg"]));
  return value != "false" && value != "off" && value != "0";
}

std::vector<Target> targets(const Node& list, const Source& source) {
  std::vector<Target> out;
  for (const Node& item : list) {
    if (const Node& relation = item["RangeVar"]) out.push_back(relation_target(relation, source));
    if (const Node& relation = item["VacuumRelation"]["relation"]) out.push_back(relation_target(relation, source));
    if (const Node& relation = item["PublicationObjSpec"]["pubtable"]["relation"])
      out.push_back(relation_target(relation, source));
  }
  return out;
}

Target target_at(const Name& name, const Source& source) {
  return {name, "", source.base + static_cast<int>(source.begin)};
}

// An object of DROP, COMMENT and the like. With `member` the last part names what belongs to a table.
Target object_target(const Node& object, bool member, const Source& source) {
  if (const Node& type = object["TypeName"]) return target_at(name_of(type["names"]), source);
  if (const Node& function = object["ObjectWithArgs"]) return target_at(name_of(function["objname"]), source);
  if (const Node& name = object["String"]) return target_at({"", name["sval"].str()}, source);
  std::vector<std::string> parts = strings(object["List"]["items"]);
  Target out = target_at({}, source);
  if (parts.empty()) {
    if (const Node& type = object["List"]["items"].inner()["TypeName"]) out.name = name_of(type["names"]);
    return out;
  }
  if (member) {
    out.of_table_member = parts.back();
    parts.pop_back();
  }
  if (parts.empty()) return out;
  out.name = {parts.size() > 1 ? parts[parts.size() - 2] : "", parts.back()};
  return out;
}

bool is_member(ObjectKind kind) {
  return kind == ObjectKind::trigger || kind == ObjectKind::rule || kind == ObjectKind::policy ||
         kind == ObjectKind::column || kind == ObjectKind::constraint;
}

Command drop(const Node& node, const Source& source) {
  Drop out;
  out.kind = object_kind(node["removeType"].text);
  out.if_exists = node["missing_ok"].is_true();
  out.cascade = node["behavior"].text == "DROP_CASCADE";
  out.concurrently = node["concurrent"].is_true();
  for (const Node& object : node["objects"]) out.objects.push_back(object_target(object, is_member(out.kind), source));
  return out;
}

Command rename(const Node& node, const Source& source) {
  Rename out;
  out.kind = object_kind(node["renameType"].text);
  out.relation = object_kind(node["relationType"].text);
  out.to = node["newname"].str();
  out.if_exists = node["missing_ok"].is_true();
  if (const Node& relation = node["relation"]) {
    out.object = relation_target(relation, source);
    out.object.of_table_member = node["subname"].str();
  } else if (const Node& object = node["object"]) {
    out.object = object_target(object, false, source);
  } else {
    out.object = target_at({"", node["subname"].str()}, source);
  }
  return out;
}

Command create_index(const Node& node, const Source& source) {
  CreateIndex out;
  out.name = node["idxname"].str();
  out.table = relation_target(node["relation"], source);
  out.unique = node["unique"].is_true();
  out.concurrently = node["concurrent"].is_true();
  out.if_not_exists = node["if_not_exists"].is_true();
  out.only = !node["relation"]["inh"].is_true();
  out.nulls_not_distinct = node["nulls_not_distinct"].is_true();
  if (!node["accessMethod"].text.empty()) out.method = node["accessMethod"].str();
  // The keys' texts: the pieces of the first bracket after the table's name.
  const size_t from = static_cast<size_t>(node["relation"]["location"].number());
  std::vector<std::pair<size_t, size_t>> pieces;
  std::string_view keys = bracket_after(source.text, from, source.end, {});
  if (keys.data()) {
    size_t begin = static_cast<size_t>(keys.data() - source.text.data());
    pieces = comma_pieces(source.text, begin, begin + keys.size());
  }
  size_t i = 0;
  for (const Node& item : node["indexParams"]) {
    const Node& element = item["IndexElem"];
    IndexKey key;
    key.column = element["name"].str();
    if (const Node& value = element["expr"]) {
      std::string_view written;
      if (i < pieces.size()) written = source.text.substr(pieces[i].first, pieces[i].second - pieces[i].first);
      if (written.starts_with('('))
        if (std::string_view inner = bracket_after(source.text, pieces[i].first, pieces[i].second, {}); !inner.empty())
          written = inner;
      key.expression = expression(value, written, source);
    }
    key.operator_class = name_of(element["opclass"]).name;
    key.ascending = element["ordering"].text != "SORTBY_DESC";
    key.nulls_first = element["nulls_ordering"].text == "SORTBY_NULLS_FIRST" ||
                      (!key.ascending && element["nulls_ordering"].text != "SORTBY_NULLS_LAST");
    out.keys.push_back(std::move(key));
    i++;
  }
  for (const Node& item : node["indexIncludingParams"]) out.include.push_back(item["IndexElem"]["name"].str());
  if (const Node& where = node["whereClause"])
    out.where = expression(where, clause_after(source.text, from, source.end, {"where"}), source);
  return out;
}

// The query after AS, without what may follow it.
std::string view_query(const Node& relation, const Source& source) {
  const size_t from = static_cast<size_t>(relation["location"].number());
  std::string_view query = clause_after(source.text, from, source.end, {"as"});
  if (!query.data()) return "";
  const size_t begin = static_cast<size_t>(query.data() - source.text.data());
  const std::vector<Token> list = tokens(source.text, begin, source.end);
  for (size_t i = 0; i + 1 < list.size(); i++) {
    if (list[i].depth != 0 || !is_keyword(source.text, list[i], "with") || i == 0) continue;
    for (std::string_view word : {"data", "no", "check", "local", "cascaded"})
      if (is_keyword(source.text, list[i + 1], word))
        return std::string(text::trim(source.text.substr(begin, list[i].begin - begin)));
  }
  return std::string(query);
}

Command create_view(const Node& node, const Source& source) {
  CreateView out;
  out.view = relation_target(node["view"], source);
  out.or_replace = node["replace"].is_true();
  out.temporary = node["view"]["relpersistence"].text == "t";
  out.security_invoker = is_on(node["options"], "security_invoker");
  out.query = view_query(node["view"], source);
  out.uses = column_uses(node["query"]);
  return out;
}

Command create_table_as(const Node& node, const Source& source) {
  const Node& into = node["into"];
  if (node["objtype"].text == "OBJECT_MATVIEW") {
    CreateView out;
    out.materialized = true;
    out.view = relation_target(into["rel"], source);
    out.with_data = !into["skipData"].is_true();
    out.if_not_exists = node["if_not_exists"].is_true();
    out.query = view_query(into["rel"], source);
    out.uses = column_uses(node["query"]);
    return out;
  }
  CreateTable out;
  out.table = relation_target(into["rel"], source);
  out.temporary = into["rel"]["relpersistence"].text == "t";
  out.if_not_exists = node["if_not_exists"].is_true();
  out.from_query = true;
  return out;
}

Command alter_enum(const Node& node, const Source& source) {
  AlterEnum out;
  out.type = target_at(name_of(node["typeName"]), source);
  out.value = node["newVal"].str();
  out.renamed_from = node["oldVal"].str();
  out.neighbour = node["newValNeighbor"].str();
  out.before = !out.neighbour.empty() && !node["newValIsAfter"].is_true();
  out.if_not_exists = node["skipIfNewValExists"].is_true();
  return out;
}

Command alter_domain(const Node& node, const Source& source) {
  using Action = AlterDomain::Action;
  static const std::map<std::string_view, Action> actions = {
      {"T", Action::set_default},    {"N", Action::drop_not_null},   {"O", Action::set_not_null},
      {"C", Action::add_constraint}, {"X", Action::drop_constraint}, {"V", Action::validate}};
  AlterDomain out;
  out.type = target_at(name_of(node["typeName"]), source);
  auto found = actions.find(node["subtype"].text);
  if (found == actions.end()) return Other{"AlterDomainStmt"};
  out.action = found->second;
  if (out.action == Action::set_default && !node["def"]) out.action = Action::drop_default;
  if (out.action == Action::add_constraint) out.constraint = constraint(node["def"]["Constraint"], source);
  out.name = node["name"].str();
  return out;
}

Command create_function(const Node& node, const Source& source) {
  CreateFunction out;
  out.function = target_at(name_of(node["funcname"]), source);
  out.or_replace = node["replace"].is_true();
  out.is_procedure = node["is_procedure"].is_true();
  const Node& options = node["options"];
  out.language = value_text(option(options, "language")["arg"]);
  out.volatility = value_text(option(options, "volatility")["arg"]);
  out.security_definer = value_text(option(options, "security")["arg"]) == "true";
  for (const Node& item : options)
    if (item["DefElem"]["defname"].text == "set" &&
        item["DefElem"]["arg"]["VariableSetStmt"]["name"].text == "search_path")
      out.sets_search_path = true;
  return out;
}

Command create_policy(const Node& node, const Source& source, bool create) {
  Policy out;
  out.create = create;
  out.name = node["policy_name"].str();
  out.table = relation_target(node["table"], source);
  out.permissive = !create || node["permissive"].is_true();
  if (create) out.command = node["cmd_name"].str();
  for (const Node& item : node["roles"]) out.roles.push_back(role(item["RoleSpec"]));
  if (const Node& qual = node["qual"])
    out.using_expression = expression(qual, bracket_after(source.text, source.begin, source.end, {"using"}), source);
  if (const Node& check = node["with_check"])
    out.with_check = expression(check, bracket_after(source.text, source.begin, source.end, {"with", "check"}), source);
  for (const char* part : {"qual", "with_check"})
    for (ColumnUse& use : column_uses(node[part])) out.uses.push_back(std::move(use));
  return out;
}

Command grant(const Node& node, const Source& source) {
  Grant out;
  out.grant = node["is_grant"].is_true();
  out.with_grant_option = node["grant_option"].is_true();
  out.kind = object_kind(node["objtype"].text);
  for (const Node& object : node["objects"])
    out.objects.push_back(object["RangeVar"] ? relation_target(object["RangeVar"], source)
                                             : object_target(object, false, source));
  for (const Node& item : node["grantees"]) out.grantees.push_back(role(item["RoleSpec"]));
  for (const Node& item : node["privileges"]) out.privileges.push_back(item["AccessPriv"]["priv_name"].str());
  return out;
}

Command grant_role(const Node& node, const Source&) {
  Grant out;
  out.is_role = true;
  out.kind = ObjectKind::role;
  out.grant = node["is_grant"].is_true();
  for (const Node& item : node["granted_roles"]) out.privileges.push_back(item["AccessPriv"]["priv_name"].str());
  for (const Node& item : node["grantee_roles"]) out.grantees.push_back(role(item["RoleSpec"]));
  out.with_grant_option = is_on(node["opt"], "admin");
  return out;
}

Command role_statement(const Node& node, Role::Action action) {
  Role out;
  out.action = action;
  out.name = action == Role::Action::create ? node["role"].str() : role(node["role"]);
  const Node& password = option(node["options"], "password");
  out.password = password && password["arg"];
  out.superuser = is_on(node["options"], "superuser");
  return out;
}

Command set_parameter(const Node& node) {
  SetParameter out;
  out.name = text::to_lower(node["name"].text);
  out.local = node["is_local"].is_true();
  std::string kind(node["kind"].text);
  out.reset = kind == "VAR_RESET" || kind == "VAR_RESET_ALL" || kind == "VAR_SET_DEFAULT";
  std::vector<std::string> values;
  for (const Node& item : node["args"]) values.push_back(value_text(item));
  out.value = text::join(values, ", ");
  return out;
}

Command transaction(const Node& node) {
  using Action = TransactionControl::Action;
  static const std::map<std::string_view, Action> actions = {
      {"TRANS_STMT_BEGIN", Action::begin},          {"TRANS_STMT_START", Action::begin},
      {"TRANS_STMT_COMMIT", Action::commit},        {"TRANS_STMT_ROLLBACK", Action::rollback},
      {"TRANS_STMT_SAVEPOINT", Action::savepoint},  {"TRANS_STMT_RELEASE", Action::savepoint},
      {"TRANS_STMT_ROLLBACK_TO", Action::savepoint}};
  auto found = actions.find(node["kind"].text);
  return TransactionControl{found == actions.end() ? Action::other : found->second};
}

// a.x = b.y AND …
bool only_joins(const Node& where) {
  if (const Node& both = where["BoolExpr"]) {
    if (both["boolop"].text != "AND_EXPR") return false;
    for (const Node& arm : both["args"])
      if (!arm["A_Expr"] || !only_joins(arm)) return false;
    return true;
  }
  const Node& equal = where["A_Expr"];
  return equal && equal["lexpr"]["ColumnRef"] && equal["rexpr"]["ColumnRef"];
}

Command update(const Node& node, const Source& source) {
  Update out;
  out.table = relation_target(node["relation"], source);
  for (const Node& item : node["targetList"]) {
    const Node& target = item["ResTarget"];
    out.columns.push_back(target["name"].str());
    const Expression value = expression(target["val"], {}, source);
    if (value.literal && !value.null && !target["indirection"]) out.constants.push_back(out.columns.back());
  }
  out.from = !node["fromClause"].empty();
  if (const Node& where = node["whereClause"]) {
    out.has_where = true;
    out.where = expression(where, clause_after(source.text, source.begin, source.end, {"where"}), source);
    out.only_joins = out.from && only_joins(where);
  }
  return out;
}

Command do_block(const Node& node) {
  DoBlock out;
  out.body = value_text(option(node["args"], "as")["arg"]);
  out.language = value_text(option(node["args"], "language")["arg"]);
  return out;
}

}  // namespace

Command command(std::string_view type, const Node& node, const Source& source) {
  auto is = [&](std::string_view name) { return type == name; };
  if (is("CreateStmt")) return create_table(node, source);
  if (is("AlterTableStmt")) return alter_table(node, source);
  if (is("IndexStmt")) return create_index(node, source);
  if (is("DropStmt")) return drop(node, source);
  if (is("TruncateStmt")) return Truncate{targets(node["relations"], source), node["behavior"].text == "DROP_CASCADE"};
  if (is("RenameStmt")) return rename(node, source);
  if (is("AlterObjectSchemaStmt"))
    return SetSchema{
        object_kind(node["objectType"].text),
        node["relation"] ? relation_target(node["relation"], source) : object_target(node["object"], false, source),
        node["newschema"].str()};
  if (is("ViewStmt")) return create_view(node, source);
  if (is("CreateTableAsStmt")) return create_table_as(node, source);
  if (is("RefreshMatViewStmt"))
    return RefreshView{relation_target(node["relation"], source), node["concurrent"].is_true(),
                       !node["skipData"].is_true()};
  if (is("CreateEnumStmt")) {
    std::vector<std::string> values = strings(node["vals"]);
    return CreateEnum{target_at(name_of(node["typeName"]), source), values};
  }
  if (is("AlterEnumStmt")) return alter_enum(node, source);
  if (is("CreateDomainStmt")) {
    CreateDomain out;
    out.type = target_at(name_of(node["domainname"]), source);
    out.base = type_name(node["typeName"], source);
    for (const Node& item : node["constraints"]) out.constraints.push_back(constraint(item["Constraint"], source));
    return out;
  }
  if (is("AlterDomainStmt")) return alter_domain(node, source);
  if (is("CompositeTypeStmt")) return CreateComposite{relation_target(node["typevar"], source)};
  if (is("CreateSeqStmt")) {
    CreateSequence out;
    out.sequence = relation_target(node["sequence"], source);
    out.if_not_exists = node["if_not_exists"].is_true();
    std::vector<std::string> owner = strings(option(node["options"], "owned_by")["arg"]["List"]["items"]);
    if (owner.size() > 1)
      out.owner_table = Name{owner.size() > 2 ? owner[owner.size() - 3] : "", owner[owner.size() - 2]};
    return out;
  }
  if (is("AlterSeqStmt")) return AlterSequence{relation_target(node["sequence"], source)};
  if (is("CreateSchemaStmt")) return CreateSchema{node["schemaname"].str(), node["if_not_exists"].is_true()};
  if (is("CreateFunctionStmt")) return create_function(node, source);
  if (is("CreateTrigStmt"))
    return CreateTrigger{node["trigname"].str(), relation_target(node["relation"], source), node["replace"].is_true(),
                         strings(node["columns"])};
  if (is("RuleStmt")) return CreateRule{node["rulename"].str(), relation_target(node["relation"], source)};
  if (is("CreatePolicyStmt")) return create_policy(node, source, true);
  if (is("AlterPolicyStmt")) return create_policy(node, source, false);
  if (is("GrantStmt")) return grant(node, source);
  if (is("GrantRoleStmt")) return grant_role(node, source);
  if (is("CreateRoleStmt")) return role_statement(node, Role::Action::create);
  if (is("AlterRoleStmt")) return role_statement(node, Role::Action::alter);
  if (is("DropRoleStmt")) return Role{Role::Action::drop, role(node["roles"].inner()["RoleSpec"]), false, false};
  if (is("CommentStmt")) {
    ObjectKind kind = object_kind(node["objtype"].text);
    return Comment{kind, object_target(node["object"], is_member(kind), source)};
  }
  if (is("ReindexStmt")) {
    Reindex out;
    std::string kind(node["kind"].text);
    out.kind = kind == "REINDEX_OBJECT_INDEX"    ? ObjectKind::index
               : kind == "REINDEX_OBJECT_TABLE"  ? ObjectKind::table
               : kind == "REINDEX_OBJECT_SCHEMA" ? ObjectKind::schema
                                                 : ObjectKind::database;
    out.object =
        node["relation"] ? relation_target(node["relation"], source) : target_at({"", node["name"].str()}, source);
    out.concurrently = is_on(node["params"], "concurrently");
    return out;
  }
  if (is("VacuumStmt"))
    return Vacuum{is_on(node["options"], "full"), !node["is_vacuumcmd"].is_true(), targets(node["rels"], source)};
  if (is("ClusterStmt"))
    return Cluster{node["relation"] ? relation_target(node["relation"], source) : Target{}, node["indexname"].str()};
  if (is("LockStmt")) return Lock{targets(node["relations"], source), node["mode"].number()};
  if (is("CreateStatsStmt")) return CreateStatistics{targets(node["relations"], source)};
  if (is("CreatePublicationStmt")) return Publication{true, targets(node["pubobjects"], source)};
  if (is("AlterPublicationStmt")) return Publication{false, targets(node["pubobjects"], source)};
  if (is("CreateExtensionStmt")) return Extension{Extension::Action::create, node["extname"].str()};
  if (is("AlterExtensionStmt")) return Extension{Extension::Action::alter, node["extname"].str()};
  if (is("SelectStmt")) {
    if (node["intoClause"]) {
      CreateTable out;
      out.table = relation_target(node["intoClause"]["rel"], source);
      out.temporary = node["intoClause"]["rel"]["relpersistence"].text == "t";
      out.from_query = true;
      return out;
    }
    return Query{bool(node["lockingClause"])};
  }
  if (is("InsertStmt")) {
    Insert out;
    out.table = relation_target(node["relation"], source);
    for (const Node& item : node["cols"]) out.columns.push_back(item["ResTarget"]["name"].str());
    out.from_query = node["selectStmt"] && !node["selectStmt"]["SelectStmt"]["valuesLists"];
    out.on_conflict = bool(node["onConflictClause"]);
    return out;
  }
  if (is("UpdateStmt")) return update(node, source);
  if (is("DeleteStmt")) {
    Delete out;
    out.table = relation_target(node["relation"], source);
    if (const Node& where = node["whereClause"]) {
      out.has_where = true;
      out.where = expression(where, clause_after(source.text, source.begin, source.end, {"where"}), source);
    }
    return out;
  }
  if (is("MergeStmt")) {
    Merge out{relation_target(node["relation"], source)};
    for (const Node& clause : node["mergeWhenClauses"])
      out.deletes = out.deletes || clause["MergeWhenClause"]["commandType"].text == "CMD_DELETE";
    return out;
  }
  if (is("CopyStmt"))
    return Copy{node["relation"] ? relation_target(node["relation"], source) : Target{}, node["is_from"].is_true()};
  if (is("VariableSetStmt")) return set_parameter(node);
  if (is("TransactionStmt")) return transaction(node);
  if (is("DoStmt")) return do_block(node);
  if (is("CreatedbStmt")) return Database{false, node["dbname"].str()};
  if (is("DropdbStmt")) return Database{true, node["dbname"].str()};
  return Other{std::string(type)};
}

}  // namespace sluice::sql
