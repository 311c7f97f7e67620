// What a rename does to a schema: the object gets its new name, and everything that refers to it follows, as it does
// inside PostgreSQL.
#include <cctype>
#include <iterator>

#include "base/text.hpp"
#include "diff/diff.hpp"
#include "model/distribution.hpp"
#include "model/names.hpp"

namespace sluice::diff {

namespace {

using namespace model;

std::string quoted(const std::string& name) { return "\"" + text::replace_all(name, "\"", "\"\"") + "\""; }

// PostgreSQL's quote_ident(), as far as it is seen from outside.
std::string as_printed(const std::string& name) {
  const bool plain = !name.empty() && (name[0] < '0' || name[0] > '9') &&
                     std::all_of(name.begin(), name.end(),
                                 [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  return plain ? name : quoted(name);
}

void replace(std::vector<std::string>& names, const std::string& from, const std::string& to) {
  std::replace(names.begin(), names.end(), from, to);
}

// Expressions are text. drizzle writes a column in them as "table"."column" or as "column"; that much can be followed.
template <class F>
void each_expression(Schema& schema, F&& change) {
  for (Check& check : all<Check>(schema)) change(check.key, check.expression);
  for (Index& index : all<Index>(schema)) {
    if (index.where) change(index.key, *index.where);
    for (IndexColumn& column : index.columns)
      if (column.is_expression) change(index.key, column.expression);
  }
  for (Policy& policy : all<Policy>(schema)) {
    if (policy.using_expression) change(policy.key, *policy.using_expression);
    if (policy.with_check) change(policy.key, *policy.with_check);
  }
  for (Column& column : all<Column>(schema))
    if (column.generated) change(column.key, column.generated->expression);
}

bool is_in(const Key& object, const Key& table) { return object.table == table.name && object.schema == table.schema; }

// "UPDATE (name)", "COLUMN public.users.name".
void rename_in_privileges_and_comments(Schema& schema, const Rename& rename) {
  const std::string& from = rename.from.name;
  const std::string to = as_printed(rename.to.name);
  auto follow = [&](std::string& text, const std::string& before, const std::string& behind) {
    for (const std::string& name : {as_printed(from), quoted(from)})
      if (const std::string end = before + name + behind; text.ends_with(end)) {
        text.replace(text.size() - end.size(), end.size(), before + to + behind);
        return;
      }
  };
  for (Grant& grant : all<Grant>(schema)) {
    if (!(grant.key.owner() == rename.from.owner())) continue;
    for (std::vector<std::string>* list : {&grant.privileges, &grant.grantable}) {
      for (std::string& privilege : *list) follow(privilege, " (", ")");
      std::sort(list->begin(), list->end());
    }
  }
  for (Comment& comment : all<Comment>(schema))
    if (comment.key.owner() == rename.from.owner() && comment.key.name.starts_with("COLUMN "))
      follow(comment.key.name, ".", "");
}

void change_option(Table& table, std::string_view name, const std::string& to) {
  for (auto& [option, value] : table.distributed)
    if (option == name) value.text = to;
}
void rename_group(Schema& schema, const Key& from, const Key& to) {
  for (Table& table : all<Table>(schema))
    if (distribution_option(table, "with") == group_name(from)) change_option(table, "with", group_name(to));
}

void rename_column(Schema& schema, const Rename& rename) {
  const Key table = rename.from.owner();
  const std::string &from = rename.from.name, &to = rename.to.name;
  for (Column& column : all<Column>(schema))
    if (column.key == rename.from) column.key.name = to;
  for (PrimaryKey& key : all<PrimaryKey>(schema))
    if (is_in(key.key, table)) replace(key.columns, from, to);
  for (Unique& unique : all<Unique>(schema))
    if (is_in(unique.key, table)) replace(unique.columns, from, to);
  for (Index& index : all<Index>(schema))
    if (is_in(index.key, table))
      for (IndexColumn& column : index.columns)
        if (!column.is_expression && column.expression == from) column.expression = to;
  for (ForeignKey& key : all<ForeignKey>(schema)) {
    if (is_in(key.key, table)) replace(key.columns_from, from, to);
    if (key.target() == table) replace(key.columns_to, from, to);
  }
  each_expression(schema, [&](const Key& object, std::string& text) {
    if (is_in(object, table)) text = text::replace_all(text, quoted(from), quoted(to));
  });
  rename_in_privileges_and_comments(schema, rename);
  for (Table& owner : all<Table>(schema))
    if (owner.key == table && distribution_column(owner) == from) change_option(owner, "by", to);
  // Those that inherit the column follow.
  const std::string parent = plain_identity(table.schema + "." + table.name);
  for (size_t i = 0; i < all<Table>(schema).size(); i++) {
    const Table& child = all<Table>(schema)[i];
    const Key at{child.key.schema, child.key.name, from};
    if (std::any_of(child.inherits.begin(), child.inherits.end(),
                    [&](const std::string& name) { return plain_identity(name) == parent; }))
      rename_column(schema, {rename.kind, at, {at.schema, at.table, to}});
  }
}

// A relation's name in PostgreSQL's own texts, "ON public.users FOR", where it stands as a whole.
void follow_relation(std::string& text, const Key& from, const Key& to) {
  const std::string old = as_printed(from.schema) + "." + as_printed(from.name);
  const std::string fresh = as_printed(to.schema) + "." + as_printed(to.name);
  auto in_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '"' || c == '.'; };
  for (size_t at = text.find(old); at != std::string::npos; at = text.find(old, at)) {
    const size_t end = at + old.size();
    // A column may follow: "public.users.email".
    const bool whole =
        (at == 0 || !in_name(text[at - 1])) && (end == text.size() || !in_name(text[end]) || text[end] == '.');
    if (whole) text.replace(at, old.size(), fresh);
    at += whole ? fresh.size() : old.size();
  }
}

void rename_in_definitions(Schema& schema, const Key& from, const Key& to) {
  auto follow = [&](std::string& text) { follow_relation(text, from, to); };
  for (Trigger& trigger : all<Trigger>(schema)) follow(trigger.definition);
  for (Rule& rule : all<Rule>(schema)) follow(rule.definition);
  for (Index& index : all<Index>(schema))
    if (index.definition) follow(*index.definition);
  for (Statistics& statistics : all<Statistics>(schema)) follow(statistics.definition), follow(statistics.relation);
  for (Partition& partition : all<Partition>(schema)) follow(partition.of);
  for (Publication& publication : all<Publication>(schema)) follow(publication.definition);
  for (Sequence& sequence : all<Sequence>(schema))
    if (sequence.owned_by) follow(*sequence.owned_by);
  for (Table& table : all<Table>(schema))
    for (std::string& parent : table.inherits) follow(parent);
  for (Comment& comment : all<Comment>(schema))
    if (is_in(comment.key, to)) follow(comment.key.name);
  for (Grant& grant : all<Grant>(schema))
    if (is_in(grant.key, to)) follow(grant.key.name), follow(grant.object);
  for (ForeignKey& key : all<ForeignKey>(schema)) {
    if (!key.definition || !(key.target() == to)) continue;
    follow(*key.definition);
    if (from.schema == "public")  // where it is searched for, PostgreSQL leaves the schema out
      *key.definition = text::replace_all(
          *key.definition, " REFERENCES " + as_printed(from.name) + "(",
          " REFERENCES " + (to.schema == "public" ? "" : as_printed(to.schema) + ".") + as_printed(to.name) + "(");
  }
}

// A table under a new name, in a new schema, or both.
void rename_table(Schema& schema, const Rename& rename) {
  auto qualified = [](const Key& table) {
    return table.schema == "public" ? quoted(table.name) + "." : quoted(table.schema) + "." + quoted(table.name) + ".";
  };
  each_expression(schema, [&](const Key& object, std::string& text) {
    if (is_in(object, rename.from)) text = text::replace_all(text, qualified(rename.from), qualified(rename.to));
  });
  auto move_children = [&](auto& objects) {
    for (auto& object : objects)
      if (is_in(object.key, rename.from)) {
        object.key.schema = rename.to.schema;
        object.key.table = rename.to.name;
      }
  };
  move_children(all<Column>(schema));
  move_children(all<PrimaryKey>(schema));
  move_children(all<Unique>(schema));
  move_children(all<Check>(schema));
  move_children(all<Index>(schema));
  move_children(all<ForeignKey>(schema));
  move_children(all<Policy>(schema));
  move_children(all<Exclusion>(schema));
  move_children(all<Trigger>(schema));
  move_children(all<Rule>(schema));
  move_children(all<Comment>(schema));
  move_children(all<Grant>(schema));
  for (Column& column : all<Column>(schema))
    if (is_in(column.key, rename.to) && column.identity) column.identity->schema = rename.to.schema;
  for (ForeignKey& key : all<ForeignKey>(schema))
    if (key.target() == rename.from) {
      key.schema_to = rename.to.schema;
      key.table_to = rename.to.name;
    }
  rename_in_definitions(schema, rename.from, rename.to);
  rename_group(schema, rename.from, rename.to);
  for (Table& table : all<Table>(schema))
    if (table.key == rename.from) table.key = rename.to;
}

void rename_enum(Schema& schema, const Rename& rename) {
  for (Enum& object : all<Enum>(schema))
    if (object.key == rename.from) object.key = rename.to;
  for (Column& column : all<Column>(schema)) {
    if (column.type_schema != rename.from.schema) continue;
    std::string base = column.type.substr(0, column.type.find('['));
    if (base != rename.from.name) continue;
    column.type = rename.to.name + column.type.substr(base.size());
    column.type_schema = rename.to.schema;
  }
}

void rename_schema(Schema& schema, const Rename& rename) {
  const std::string &from = rename.from.name, &to = rename.to.name;
  for (const Table& table : all<Table>(schema))
    if (table.key.schema == from) rename_group(schema, table.key, {to, "", table.key.name});
  auto move = [&](std::string& name) {
    if (name == from) name = to;
  };
  std::apply(
      [&](auto&... kinds) {
        auto each = [&](auto& objects) {
          for (auto& object : objects) move(object.key.schema);
        };
        (each(kinds), ...);
      },
      schema);
  for (Column& column : all<Column>(schema)) {
    if (column.type_schema) move(*column.type_schema);
    if (column.identity) move(column.identity->schema);
  }
  for (ForeignKey& key : all<ForeignKey>(schema)) move(key.schema_to);
  for (Namespace& object : all<Namespace>(schema)) move(object.key.name);
  // drizzle writes a column of a table that is not in public as "schema"."table"."column".
  each_expression(schema, [&](const Key& object, std::string& text) {
    if (object.schema == to) text = text::replace_all(text, quoted(from) + ".", quoted(to) + ".");
  });
}

void rename_role(Schema& schema, const Rename& rename) {
  for (Role& role : all<Role>(schema))
    if (role.key == rename.from) role.key = rename.to;
  for (Policy& policy : all<Policy>(schema)) replace(policy.to, rename.from.name, rename.to.name);
}

}  // namespace

std::string_view name_of(RenameKind kind) {
  switch (kind) {
    case RenameKind::schema:
      return "schema";
    case RenameKind::enumeration:
      return "enum";
    case RenameKind::sequence:
      return "sequence";
    case RenameKind::role:
      return "role";
    case RenameKind::table:
      return "table";
    case RenameKind::column:
      return "column";
  }
  return "";
}

Renames inverted(const Renames& renames) {
  Renames out;
  for (auto rename = renames.rbegin(); rename != renames.rend(); ++rename)
    out.push_back({rename->kind, rename->to, rename->from});
  return out;
}

Schema renamed(Schema schema, const Renames& renames) {
  for (const Rename& rename : renames) {
    switch (rename.kind) {
      case RenameKind::schema:
        rename_schema(schema, rename);
        break;
      case RenameKind::enumeration:
        rename_enum(schema, rename);
        break;
      case RenameKind::role:
        rename_role(schema, rename);
        break;
      case RenameKind::table:
        rename_table(schema, rename);
        break;
      case RenameKind::column:
        rename_column(schema, rename);
        break;
      case RenameKind::sequence:
        for (Sequence& sequence : all<Sequence>(schema))
          if (sequence.key == rename.from) sequence.key = rename.to;
        break;
    }
  }
  return schema;
}

}  // namespace sluice::diff
