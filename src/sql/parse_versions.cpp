// Which server knows the syntax first: the release notes of PostgreSQL 14 to 18.
#include "sql/parse_parts.hpp"

namespace sluice::sql {

void find_needed_version(const Node& statement, ParsedStatement& out) {
  auto needs = [&](int version, const char* because) {
    if (version > out.needs_version) out.needs_version = version, out.needs_because = because;
  };
  auto check = [&](std::string_view type, const Node& node) {
    if (type == "AlterTableCmd") {
      std::string_view kind = node["subtype"].text;
      if (kind == "AT_SetCompression") needs(14, "SET COMPRESSION");
      if (kind == "AT_SetAccessMethod") needs(15, "SET ACCESS METHOD");
      if (kind == "AT_SetExpression") needs(17, "SET EXPRESSION");
      if (kind == "AT_DetachPartitionFinalize") needs(14, "DETACH PARTITION … FINALIZE");
    } else if (type == "PartitionCmd") {
      if (node["concurrent"].is_true()) needs(14, "DETACH PARTITION … CONCURRENTLY");
    } else if (type == "Constraint") {
      std::string_view kind = node["contype"].text;
      const bool can_be_off = kind == "CONSTR_CHECK" || kind == "CONSTR_FOREIGN";
      if (can_be_off && !node["is_enforced"].is_true()) needs(18, "NOT ENFORCED");
      if (kind == "CONSTR_ATTR_NOT_ENFORCED" || kind == "CONSTR_ATTR_ENFORCED") needs(18, "NOT ENFORCED");
      if (kind == "CONSTR_NOTNULL" && node["keys"]) needs(18, "a NOT NULL constraint of the table");
      if (kind == "CONSTR_GENERATED" && node["generated_kind"].text == "v") needs(18, "a virtual generated column");
      if (node["nulls_not_distinct"].is_true()) needs(15, "NULLS NOT DISTINCT");
      if (node["without_overlaps"].is_true() || node["fk_with_period"].is_true()) needs(18, "WITHOUT OVERLAPS");
      if (node["fk_del_set_cols"]) needs(15, "ON DELETE SET NULL (columns)");
    } else if (type == "IndexStmt") {
      if (node["nulls_not_distinct"].is_true()) needs(15, "NULLS NOT DISTINCT");
    } else if (type == "MergeStmt") {
      needs(node["returningClause"] ? 17 : 15, node["returningClause"] ? "MERGE … RETURNING" : "MERGE");
    } else if (type == "CreateTrigStmt") {
      if (node["replace"].is_true()) needs(14, "CREATE OR REPLACE TRIGGER");
    } else if (type == "CreateFunctionStmt") {
      if (node["sql_body"]) needs(14, "a function body in SQL");
    } else if (type == "JsonTable") {
      needs(17, "JSON_TABLE");
    } else if (type == "JsonFuncExpr") {
      needs(17, "JSON_VALUE, JSON_QUERY, JSON_EXISTS");
    } else if (type == "JsonObjectConstructor" || type == "JsonArrayConstructor" || type == "JsonIsPredicate") {
      needs(16, "SQL/JSON constructors");
    } else if (type == "ColumnDef") {
      if (!node["storage_name"].text.empty()) needs(16, "STORAGE in a column's definition");
      if (!node["compression"].text.empty()) needs(14, "COMPRESSION");
    } else if (type == "ATAlterConstraint") {
      if (node["alterEnforceability"].is_true() || node["alterInheritability"].is_true())
        needs(18, "ALTER CONSTRAINT … ENFORCED");
    } else if (type == "PublicationObjSpec") {
      if (node["pubtable"]["whereClause"] || node["pubtable"]["columns"])
        needs(15, "a publication of some rows or columns");
    }
  };
  walk(statement, check);
}

}  // namespace sluice::sql
