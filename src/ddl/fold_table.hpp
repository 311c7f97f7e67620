// CREATE TABLE and ALTER TABLE over a catalog.
#pragma once

#include "ddl/catalog.hpp"
#include "sql/ast.hpp"

namespace sluice::ddl {

void create_table(Catalog& catalog, const sql::CreateTable& create, int number);
void alter_table(Catalog& catalog, const sql::AlterTable& alter, int number);
void rename_column(Catalog& catalog, Relation& table, const std::string& from, const std::string& to);

}  // namespace sluice::ddl
