// CREATE TABLE and ALTER TABLE.
#include <map>

#include "sql/parse_parts.hpp"

namespace sluice::sql {

namespace {

// CREATE_TABLE_LIKE_…, the bits of a LIKE clause.
constexpr int like_constraints = 4, like_defaults = 8, like_indexes = 64;

}  // namespace

CreateTable create_table(const Node& node, const Source& source) {
  CreateTable out;
  out.table = relation_target(node["relation"], source);
  out.if_not_exists = node["if_not_exists"].is_true();
  out.temporary = node["relation"]["relpersistence"].text == "t";
  out.unlogged = node["relation"]["relpersistence"].text == "u";
  for (const Node& element : node["tableElts"]) {
    const Node& content = element.inner();
    if (element.type() == "ColumnDef") {
      out.columns.push_back(column_definition(content, source));
    } else if (element.type() == "Constraint") {
      out.constraints.push_back(constraint(content, source));
    } else if (element.type() == "TableLikeClause") {
      out.like.push_back(relation_target(content["relation"], source));
      const int options =
          content["options"].text.empty() ? 0 : static_cast<int>(std::stoll(content["options"].str()) & 0x7fffffff);
      out.like_constraints = out.like_constraints || (options & like_constraints);
      out.like_defaults = out.like_defaults || (options & like_defaults);
      out.like_indexes = out.like_indexes || (options & like_indexes);
    }
  }
  for (const Node& parent : node["inhRelations"]) {
    Target target = relation_target(parent["RangeVar"], source);
    if (node["partbound"])
      out.partition_of = target;
    else
      out.inherits.push_back(target);
  }
  out.default_partition = node["partbound"]["is_default"].is_true();
  out.partitioned = bool(node["partspec"]);
  for (const Node& key : node["partspec"]["partParams"])
    out.partition_columns.push_back(key["PartitionElem"]["name"].str());
  return out;
}

namespace {

Alter alter_kind(std::string_view subtype) {
  static const std::map<std::string_view, Alter> kinds = {
      {"AT_AddColumn", Alter::add_column},
      {"AT_ColumnDefault", Alter::set_default},
      {"AT_DropNotNull", Alter::drop_not_null},
      {"AT_SetNotNull", Alter::set_not_null},
      {"AT_SetExpression", Alter::set_expression},
      {"AT_DropExpression", Alter::drop_expression},
      {"AT_SetStatistics", Alter::statistics},
      {"AT_SetOptions", Alter::column_options},
      {"AT_ResetOptions", Alter::column_options},
      {"AT_SetStorage", Alter::storage},
      {"AT_SetCompression", Alter::compression},
      {"AT_DropColumn", Alter::drop_column},
      {"AT_AddConstraint", Alter::add_constraint},
      {"AT_AlterConstraint", Alter::alter_constraint},
      {"AT_ValidateConstraint", Alter::validate_constraint},
      {"AT_DropConstraint", Alter::drop_constraint},
      {"AT_AlterColumnType", Alter::type},
      {"AT_ChangeOwner", Alter::owner},
      {"AT_ClusterOn", Alter::cluster_on},
      {"AT_DropCluster", Alter::cluster_on},
      {"AT_SetLogged", Alter::logged},
      {"AT_SetUnLogged", Alter::unlogged},
      {"AT_SetAccessMethod", Alter::access_method},
      {"AT_SetTableSpace", Alter::tablespace},
      {"AT_SetRelOptions", Alter::options},
      {"AT_ResetRelOptions", Alter::options},
      {"AT_EnableTrig", Alter::enable_trigger},
      {"AT_EnableAlwaysTrig", Alter::enable_trigger},
      {"AT_EnableReplicaTrig", Alter::enable_trigger},
      {"AT_EnableTrigAll", Alter::enable_trigger},
      {"AT_EnableTrigUser", Alter::enable_trigger},
      {"AT_DisableTrig", Alter::disable_trigger},
      {"AT_DisableTrigAll", Alter::disable_trigger},
      {"AT_DisableTrigUser", Alter::disable_trigger},
      {"AT_EnableRule", Alter::enable_rule},
      {"AT_EnableAlwaysRule", Alter::enable_rule},
      {"AT_EnableReplicaRule", Alter::enable_rule},
      {"AT_DisableRule", Alter::disable_rule},
      {"AT_AddInherit", Alter::inherit},
      {"AT_DropInherit", Alter::no_inherit},
      {"AT_ReplicaIdentity", Alter::replica_identity},
      {"AT_EnableRowSecurity", Alter::enable_row_security},
      {"AT_DisableRowSecurity", Alter::disable_row_security},
      {"AT_ForceRowSecurity", Alter::force_row_security},
      {"AT_NoForceRowSecurity", Alter::no_force_row_security},
      {"AT_AttachPartition", Alter::attach_partition},
      {"AT_DetachPartition", Alter::detach_partition},
      {"AT_DetachPartitionFinalize", Alter::detach_finalize},
      {"AT_AddIdentity", Alter::add_identity},
      {"AT_SetIdentity", Alter::set_identity},
      {"AT_DropIdentity", Alter::drop_identity},
  };
  auto found = kinds.find(subtype);
  return found == kinds.end() ? Alter::other : found->second;
}

// The tree has no places for actions: they are the pieces between commas after the table's name.
std::vector<std::pair<size_t, size_t>> action_pieces(const Source& source, const Node& relation) {
  size_t from = static_cast<size_t>(relation["location"].number());
  std::vector<Token> list = tokens(source.text, from, source.end);
  size_t after = from;
  for (size_t i = 0; i < list.size(); i += 2) {  // schema . name
    after = list[i].end;
    if (i + 1 >= list.size() || source.text[list[i + 1].begin] != '.') break;
  }
  if (after < source.end && source.text[after] == '*') after++;
  auto pieces = comma_pieces(source.text, after, source.end);
  return pieces;
}

}  // namespace

AlterTable alter_table(const Node& node, const Source& source) {
  AlterTable out;
  out.kind = object_kind(node["objtype"].text);
  out.table = relation_target(node["relation"], source);
  out.only = !node["relation"]["inh"].is_true();
  out.if_exists = node["missing_ok"].is_true();
  const auto pieces = action_pieces(source, node["relation"]);
  for (const Node& item : node["cmds"]) {
    const Node& content = item["AlterTableCmd"];
    const Node& def = content["def"];
    AlterAction action;
    action.kind = alter_kind(content["subtype"].text);
    action.name = content["name"].str();
    action.if_exists = content["missing_ok"].is_true();
    action.cascade = content["behavior"].text == "DROP_CASCADE";
    auto [begin, end] = out.actions.size() < pieces.size() ? pieces[out.actions.size()]
                                                           : std::pair<size_t, size_t>{source.begin, source.end};
    action.at = source.base + static_cast<int>(begin);
    switch (action.kind) {
      case Alter::add_column:
        action.column = column_definition(def["ColumnDef"], source);
        action.name = action.column.name;
        break;
      case Alter::type:
        action.column = column_definition(def["ColumnDef"], source);
        action.column.name = action.name;
        if (const Node& using_value = def["ColumnDef"]["raw_default"])
          action.expression = expression(using_value, clause_after(source.text, begin, end, {"using"}), source);
        break;
      case Alter::set_default:
        if (def)
          action.expression = expression(def, clause_after(source.text, begin, end, {"set", "default"}), source);
        else
          action.kind = Alter::drop_default;
        break;
      case Alter::set_expression:
        action.expression = expression(def, bracket_after(source.text, begin, end, {"as"}), source);
        break;
      case Alter::add_constraint:
        action.constraint = constraint(def["Constraint"], source);
        action.name = action.constraint.name;
        break;
      case Alter::add_identity:
        action.constraint = constraint(def["Constraint"], source);
        break;
      case Alter::alter_constraint:
        action.name = def.inner()["conname"].str();
        break;
      case Alter::attach_partition:
      case Alter::detach_partition:
      case Alter::detach_finalize: {
        const Node& partition = def["PartitionCmd"];
        action.other = relation_target(partition["name"], source);
        action.default_partition = partition["bound"]["is_default"].is_true();
        action.concurrently = partition["concurrent"].is_true();
        break;
      }
      case Alter::inherit:
      case Alter::no_inherit:
        action.other = relation_target(def["RangeVar"], source);
        break;
      case Alter::options:
        for (const Node& option : def["List"]["items"]) action.options.push_back(option["DefElem"]["defname"].str());
        break;
      case Alter::owner:
        action.name = role(content["newowner"]);
        break;
      default:
        break;
    }
    out.actions.push_back(std::move(action));
  }
  return out;
}

}  // namespace sluice::sql
