#include "impact/impact.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "impact/judge.hpp"
#include "sql/citus.hpp"
#include "sql/quote.hpp"

namespace sluice::impact {

namespace {

using ddl::Relation;
using ddl::RelationKind;
using sql::ObjectKind;

struct Visitor {
  Judge& judge;
  const ddl::Catalog& catalog = judge.catalog;
  Impact& impact = judge.impact;

  Name resolve(const sql::Target& target) const { return catalog.resolve(target.name); }
  Name index_name(const sql::Target& target) const {
    const Relation* table = catalog.table_of_index(target.name);
    return {table ? table->name.schema : resolve(target).schema, target.name.name};
  }
  // Every relation that the statement reads, besides `except`.
  void reads(const Name& except, Lock lock, bool scan) {
    for (const sql::Target& target : judge.statement.relations) {
      const Name name = resolve(target);
      if (name == except) continue;
      Touched& item = judge.lock(name, lock);
      if (scan) item.scan = true;
    }
  }
  void alone() { impact.outside_transaction = true; }

  void operator()(const sql::CreateTable& create) { judge.create_table(create); }
  void operator()(const sql::AlterTable& alter) { judge.alter_table(alter); }

  void operator()(const sql::CreateIndex& create) {
    const Name name = resolve(create.table);
    const Relation* table = catalog.find(name);
    Relation unknown;
    unknown.name = name;
    const Relation& known = table ? *table : unknown;
    const std::string made = ddl::index_name(catalog, known, create);
    if (create.concurrently) {
      alone();
      judge.lock(name, Lock::share_update_exclusive).scan = true;
      judge.create_index(name, made);
      if (known.kind == RelationKind::partitioned_table)
        judge.refuse("cannot create index on partitioned table \"" + name.name + "\" concurrently");
    } else {
      judge.lock(name, Lock::share);
      judge.create_index(name, made);
      if (known.kind == RelationKind::partitioned_table) {
        judge.lock({name.schema, made}, Lock::none).rebuild = false;
        if (!create.only) in_partitions(create, known);
      } else {
        judge.scan(name);
      }
    }
    if (create.unique) risk_duplicates(create, known);
  }

  void risk_duplicates(const sql::CreateIndex& create, const Relation& table) {
    std::vector<std::string> columns, keys;
    for (const sql::IndexKey& key : create.keys) {
      if (!key.column.empty()) columns.push_back(key.column);
      keys.push_back(key.column.empty() ? "(" + key.expression.text + ")" : sql::identifier(key.column));
    }
    const bool plain = columns.size() == keys.size();
    for (const std::string& name : columns)
      if (const ddl::Column* column = table.column(name); column && column->unfilled && !create.nulls_not_distinct)
        return;  // NULL is like no other NULL
    if (holds_unique_key(table, columns, create.nulls_not_distinct)) return;
    const std::string what = "rows of " + sql::display(table.name) + " with the same " +
                             (plain ? text::join(columns, ", ") : text::join(keys, ", "));
    if (plain && create.where.empty())
      return judge.risk_duplicates(table.name, what, columns, create.nulls_not_distinct);
    const std::string list = text::join(keys, ", "), where = create.where.text;
    judge.risk(table.name, what,
               (where.empty() ? "" : "(" + where + ") AND ") + "(" + list + ") IN (SELECT " + list + " FROM " +
                   quoted(table.name) + (where.empty() ? "" : " WHERE " + where) + " GROUP BY " + list +
                   " HAVING count(*) > 1)");
  }

  void in_partitions(const sql::CreateIndex& create, const Relation& parent) {
    for (const Relation* partition : catalog.partitions(parent.name)) {
      sql::CreateIndex unnamed = create;
      unnamed.name.clear();
      judge.lock(partition->name, Lock::share);
      judge.create_index(partition->name, ddl::index_name(catalog, *partition, unnamed));
      if (partition->kind == RelationKind::partitioned_table)
        in_partitions(create, *partition);
      else
        judge.scan(partition->name);
    }
  }

  void drop_relation(const sql::Drop& drop, const Name& name, const std::string& shown_kind) {
    const Relation* known = catalog.find(name);
    if (!known && drop.if_exists && catalog.complete) return;
    const bool empty = judge.is_empty(name);
    Touched& item = judge.lock(name, Lock::access_exclusive);
    item.dropped = true;
    item.fresh = empty;
    if (!empty && drop.kind == ObjectKind::table)
      judge.lose(name, "table " + sql::display(name), true, counting(name, ""));
    if (!known) return;
    for (const ddl::Index& index : known->indexes) judge.drop_index(*known, index.name);
    for (const ddl::Constraint& constraint : known->constraints)
      if (constraint.definition.kind == sql::ConstraintKind::foreign_key && constraint.definition.references != name)
        judge.lock(constraint.definition.references, Lock::access_exclusive);
    auto goes_too = [&](const Name& other) {
      return std::any_of(drop.objects.begin(), drop.objects.end(),
                         [&](const sql::Target& t) { return catalog.resolve(t.name) == other; });
    };
    for (const Relation* child : catalog.referencing(name)) {
      if (child->name == name || goes_too(child->name)) continue;
      if (drop.cascade)
        judge.lock(child->name, Lock::access_exclusive);
      else
        judge.refuse("foreign keys of " + sql::display(child->name) + " refer to " + shown_kind + " " +
                     sql::display(name));
    }
    for (const Relation* view : catalog.views_on(name)) {
      if (goes_too(view->name)) continue;
      if (drop.cascade) {
        judge.lock(view->name, Lock::access_exclusive).dropped = true;
        for (const ddl::Index& index : view->indexes) judge.drop_index(*view, index.name);
      } else {
        judge.refuse("the view " + sql::display(view->name) + " reads " + sql::display(name));
      }
    }
    for (const Relation* partition : catalog.partitions(name)) drop_relation(drop, partition->name, "partition");
  }

  void operator()(const sql::Drop& drop) {
    for (const sql::Target& object : drop.objects) {
      if (drop.kind == ObjectKind::table || drop.kind == ObjectKind::view ||
          drop.kind == ObjectKind::materialized_view || drop.kind == ObjectKind::sequence ||
          drop.kind == ObjectKind::foreign_table) {
        drop_relation(drop, resolve(object), std::string(sql::display(drop.kind)));
      } else if (drop.kind == ObjectKind::index) {
        const Relation* table = catalog.table_of_index(object.name);
        if (!table && drop.if_exists && catalog.complete) continue;
        const Name index = index_name(object);
        const ddl::Index* known = table ? table->index(index.name) : nullptr;
        if (known && !known->constraint.empty())
          judge.refuse("cannot drop index " + index.name + " because constraint " + known->constraint + " requires it");
        if (drop.concurrently) {
          alone();
          if (table) judge.lock(table->name, Lock::share_update_exclusive);
          judge.lock(index, Lock::share_update_exclusive).dropped = true;
        } else {
          if (table) judge.lock(table->name, Lock::access_exclusive);
          judge.lock(index, Lock::access_exclusive).dropped = true;
        }
        if (table) {
          for (Touched& item : impact.touched)
            if (item.relation == index) item.index_of = table->name.name, item.fresh = judge.is_empty(table->name);
        }
      } else if (drop.kind == ObjectKind::trigger || drop.kind == ObjectKind::rule || drop.kind == ObjectKind::policy) {
        judge.lock(resolve(object), Lock::access_exclusive);
      } else if (drop.kind == ObjectKind::schema) {
        for (const auto& [name, relation] : catalog.relations())
          if (name.schema == object.name.name) {
            judge.lock(name, Lock::access_exclusive).dropped = true;
            for (const ddl::Index& index : relation.indexes) judge.drop_index(relation, index.name);
            if (relation.is_table() && !judge.is_empty(name))
              judge.lose(name, "table " + sql::display(name), true, counting(name, ""));
          }
        if (impact.losses.empty()) judge.lose({}, "schema " + object.name.name + " with what is in it", true, "");
      } else if (drop.kind == ObjectKind::type || drop.kind == ObjectKind::domain) {
        drop_type(drop, object);
      }
    }
  }

  void drop_type(const sql::Drop& drop, const sql::Target& object) {
    const Name type = catalog.resolve_type(object.name);
    for (const auto& [name, relation] : catalog.relations())
      for (const ddl::Column& column : relation.columns) {
        if (catalog.resolve_type({column.type.schema, column.type.name}) != type) continue;
        if (!drop.cascade) {
          judge.refuse("column " + sql::display(name) + "." + column.name + " has the type " + sql::display(type));
        } else {
          judge.lock(name, Lock::access_exclusive);
          if (!judge.is_empty(name)) judge.lose(name, "column " + sql::display(name) + "." + column.name, false, "");
        }
      }
  }

  void truncate(const Name& name, bool cascade) {
    const Relation* known = catalog.find(name);
    if (const Touched* before = impact.find(name); before && before->emptied) return;
    {
      Touched& item = judge.lock(name, Lock::access_exclusive);
      item.rewrite = item.emptied = true;
      item.scan = known && !known->indexes.empty();  // the indexes are built over nothing
    }
    if (!judge.is_empty(name)) judge.lose(name, "all rows of " + sql::display(name), true, counting(name, ""));
    if (!known) return;
    for (const ddl::Index& index : known->indexes) {
      Touched& built = judge.lock_index(*known, index.name, Lock::access_exclusive);
      built.rebuild = built.emptied = true;
    }
    for (const Relation* child : catalog.referencing(name))
      if (cascade) truncate(child->name, true);
    for (const Relation* partition : catalog.partitions(name)) truncate(partition->name, cascade);
  }
  void operator()(const sql::Truncate& statement) {
    for (const sql::Target& target : statement.tables) truncate(resolve(target), statement.cascade);
    if (statement.cascade) return;
    for (const sql::Target& target : statement.tables)
      for (const Relation* child : catalog.referencing(resolve(target)))
        if (const Touched* too = impact.find(child->name); !too || !too->emptied)
          judge.refuse("foreign keys of " + sql::display(child->name) + " refer to " + sql::display(resolve(target)));
  }

  void operator()(const sql::Rename& rename) {
    if (rename.kind == ObjectKind::type || rename.kind == ObjectKind::domain || rename.kind == ObjectKind::schema ||
        rename.kind == ObjectKind::role || rename.kind == ObjectKind::database || rename.kind == ObjectKind::function)
      return;
    const Name name = resolve(rename.object);
    const bool index = !catalog.find(name) && catalog.table_of_index(rename.object.name);
    if (rename.object.of_table_member.empty()) {
      if (index || rename.kind == ObjectKind::index) {
        const Relation* table = catalog.table_of_index(rename.object.name);
        Touched& item = judge.lock(index_name(rename.object), Lock::share_update_exclusive);
        if (table) item.index_of = table->name.name, item.fresh = judge.is_empty(table->name);
      } else {
        judge.lock(name, Lock::access_exclusive);
      }
    } else {
      judge.lock(name, Lock::access_exclusive);
      // A constraint's index is called like it.
      const Relation* table = catalog.find(name);
      if (table && rename.kind == ObjectKind::constraint && table->index(rename.object.of_table_member))
        judge.lock_index(*table, rename.to, Lock::share_update_exclusive);
    }
  }

  void operator()(const sql::SetSchema& set) {
    const Relation* moved = catalog.find(set.object.name);
    if (!moved) return;
    judge.lock(moved->name, Lock::access_exclusive);
    for (const auto& [name, relation] : catalog.relations())  // its sequences go with it
      if (relation.owner == moved->name) judge.lock(name, Lock::access_exclusive);
  }

  void operator()(const sql::CreateView& create) {
    const Name name = resolve(create.view);
    const bool there = catalog.find(name) != nullptr;
    reads(name, Lock::access_share, create.materialized && create.with_data);
    Touched& view = judge.lock(name, Lock::access_exclusive);
    view.created = !there;
    view.fresh = !there;
  }

  void operator()(const sql::RefreshView& refresh) {
    const Name name = resolve(refresh.view);
    const Relation* view = catalog.find(name);
    if (view)
      for (const Name& read : view->reads) judge.lock(read, Lock::access_share).scan = true;
    if (refresh.concurrently) {
      judge.lock(name, Lock::exclusive);
      if (view)
        for (const ddl::Index& index : view->indexes) judge.lock_index(*view, index.name, Lock::row_exclusive);
      return;
    }
    Touched& item = judge.lock(name, Lock::access_exclusive);
    item.rewrite = true;
    if (view)
      for (const ddl::Index& index : view->indexes)
        judge.lock_index(*view, index.name, Lock::access_exclusive).rebuild = true;
  }

  void operator()(const sql::AlterDomain& alter) {
    using Action = sql::AlterDomain::Action;
    const bool validates = alter.action == Action::set_not_null || alter.action == Action::validate ||
                           (alter.action == Action::add_constraint && !alter.constraint.not_valid);
    if (!validates) return;
    const Name type = catalog.resolve_type(alter.type.name);
    for (const auto& [name, relation] : catalog.relations())
      for (const ddl::Column& column : relation.columns)
        if (catalog.resolve_type({column.type.schema, column.type.name}) == type) {
          judge.lock(name, Lock::share).scan = true;
          judge.risk(name, "values of " + sql::display(name) + "." + column.name + " that the domain does not allow",
                     alter.action == Action::set_not_null ? "t." + sql::identifier(column.name) + " IS NULL" : "");
        }
  }

  void operator()(const sql::CreateComposite& create) { judge.create(resolve(create.type)); }
  void operator()(const sql::CreateSequence& create) {
    if (!catalog.find(create.sequence.name)) judge.create(resolve(create.sequence));
    if (create.owner_table) judge.lock(catalog.resolve(*create.owner_table), Lock::access_share);
  }
  void operator()(const sql::AlterSequence& alter) { judge.lock(resolve(alter.sequence), Lock::share_row_exclusive); }
  void operator()(const sql::CreateTrigger& create) { judge.lock(resolve(create.table), Lock::share_row_exclusive); }
  void operator()(const sql::CreateRule& create) { judge.lock(resolve(create.table), Lock::access_exclusive); }
  void operator()(const sql::Policy& policy) { judge.lock(resolve(policy.table), Lock::access_exclusive); }
  void operator()(const sql::Grant& grant) {
    if (judge.session.version < 18 || grant.is_role || grant.kind != ObjectKind::table) return;
    for (const sql::Target& object : grant.objects) judge.lock(resolve(object), Lock::access_share);
  }
  void operator()(const sql::Comment& comment) {
    if (comment.kind == ObjectKind::index)
      judge.lock(index_name(comment.object), Lock::share_update_exclusive);
    else if (comment.kind == ObjectKind::table || comment.kind == ObjectKind::view ||
             comment.kind == ObjectKind::materialized_view || comment.kind == ObjectKind::sequence ||
             comment.kind == ObjectKind::column)
      judge.lock(resolve(comment.object), Lock::share_update_exclusive);
  }

  void operator()(const sql::Reindex& reindex) {
    const bool index = reindex.kind == ObjectKind::index;
    const Relation* table = index ? catalog.table_of_index(reindex.object.name) : catalog.find(reindex.object.name);
    if (reindex.concurrently || reindex.kind == ObjectKind::schema || reindex.kind == ObjectKind::database) alone();
    const Lock on_table = reindex.concurrently ? Lock::share_update_exclusive : Lock::share;
    const Lock on_index = reindex.concurrently ? Lock::share_update_exclusive : Lock::access_exclusive;
    if (index) {
      if (table) judge.lock(table->name, on_table).scan = true;
      Touched& item = judge.lock(index_name(reindex.object), on_index);
      item.rebuild = true;
      if (table) item.index_of = table->name.name;
    } else if (reindex.kind == ObjectKind::table) {
      judge.lock(resolve(reindex.object), on_table).scan = true;
      if (table)
        for (const ddl::Index& each : table->indexes) judge.lock_index(*table, each.name, on_index).rebuild = true;
    }
  }

  void operator()(const sql::Vacuum& vacuum) {
    if (!vacuum.analyze_only) alone();
    if (vacuum.tables.empty())  // all that there are
      for (const auto& [name, relation] : catalog.relations()) {
        if (!relation.is_table() && relation.kind != RelationKind::materialized_view) continue;
        if (vacuum.full && relation.kind != RelationKind::partitioned_table)
          judge.rewrite(relation);
        else
          judge.lock(name, vacuum.full ? Lock::access_exclusive : Lock::share_update_exclusive);
      }
    for (const sql::Target& table : vacuum.tables) {
      const Relation* known = catalog.find(table.name);
      if (vacuum.full && known)
        judge.rewrite(*known);
      else
        judge.lock(resolve(table), vacuum.full ? Lock::access_exclusive : Lock::share_update_exclusive);
    }
  }
  void operator()(const sql::Cluster& cluster) {
    if (cluster.table.name.name.empty()) return alone();
    if (const Relation* known = catalog.find(cluster.table.name))
      judge.rewrite(*known);
    else
      judge.lock(resolve(cluster.table), Lock::access_exclusive).rewrite = true;
  }
  void operator()(const sql::Lock& lock) {
    for (const sql::Target& table : lock.tables)
      judge.lock(resolve(table), static_cast<Lock>(std::clamp(lock.mode, 0, 8)));
  }
  void operator()(const sql::CreateStatistics& create) {
    for (const sql::Target& table : create.tables) judge.lock(resolve(table), Lock::share_update_exclusive);
  }
  void operator()(const sql::Publication& publication) {
    for (const sql::Target& table : publication.tables) judge.lock(resolve(table), Lock::share_update_exclusive);
  }

  void operator()(const sql::Insert& insert) {
    const Name name = resolve(insert.table);
    judge.lock(name, Lock::row_exclusive);
    reads(name, Lock::access_share, insert.from_query);
  }
  void operator()(const sql::Update& update) {
    const Name name = resolve(update.table);
    Touched& item = judge.lock(name, Lock::row_exclusive);
    if (!update.has_where) item.scan = true;
    reads(name, Lock::access_share, false);
    impact.reversible = judge.is_empty(name);
  }
  void operator()(const sql::Delete& statement) {
    const Name name = resolve(statement.table);
    Touched& item = judge.lock(name, Lock::row_exclusive);
    if (!statement.has_where) item.scan = true;
    reads(name, Lock::access_share, false);
    if (!judge.is_empty(name))
      judge.lose(name, (statement.has_where ? "rows of " : "all rows of ") + sql::display(name), true,
                 statement.has_where && judge.statement.relations.size() == 1
                     ? "SELECT count(*) FROM " + quoted(name) + " AS " + sql::identifier(name.name) + " WHERE " +
                           statement.where.text
                     : counting(name, ""));
  }
  void operator()(const sql::Merge& merge) {
    judge.lock(resolve(merge.table), Lock::row_exclusive);
    reads(resolve(merge.table), Lock::access_share, false);
    impact.reversible = false;
    if (merge.deletes) lose_rows(resolve(merge.table), true);
  }
  void lose_rows(const Name& name, bool some) {
    if (!judge.is_empty(name))
      judge.lose(name, (some ? "rows of " : "all rows of ") + sql::display(name), true, some ? "" : counting(name, ""));
  }
  // DELETE in a WITH query of the statement.
  void also_deletes() {
    for (const sql::Delete& also : judge.statement.deletes) {
      const Name name = resolve(also.table);
      Touched& item = judge.lock(name, Lock::row_exclusive);
      if (!also.has_where) item.scan = true;
      lose_rows(name, also.has_where);
    }
  }
  void operator()(const sql::Copy& copy) {
    if (!copy.table.name.name.empty())
      judge.lock(resolve(copy.table), copy.from ? Lock::row_exclusive : Lock::access_share);
  }
  void operator()(const sql::Query& query) {
    reads({}, query.locks_rows ? Lock::row_share : Lock::access_share, false);
    if (std::optional<sql::CitusCall> call = sql::citus_call(judge.statement)) return distribute(*call);
    for (const Name& function : judge.statement.functions)
      if (catalog.function(function)) impact.opaque = true;
  }
  // Citus copies the rows to where they are to be. What is spread already gets a new table, that takes the old one's
  // place at the end.
  void distribute(const sql::CitusCall& call) {
    if (call.is("citus_add_local_table_to_metadata")) return;
    const Relation* table = catalog.find(call.table);
    if (!table) return;
    if (call.is("create_distributed_table_concurrently")) {
      judge.lock(table->name, Lock::share_update_exclusive).scan = true;
      alone();
    } else if (call.is("undistribute_table") || call.alters()) {
      judge.lock(table->name, Lock::access_exclusive);
      judge.rewrite(*table);
    } else if (!call.is("update_distributed_table_colocation")) {
      judge.lock(table->name, Lock::exclusive).scan = true;
    }
  }
  void operator()(const sql::DoBlock&) { impact.opaque = !judge.statement.only_looks; }
  void operator()(const sql::TransactionControl& control) {
    impact.ends_transaction = control.action != sql::TransactionControl::Action::savepoint;
  }
  void operator()(const sql::Database& database) {
    alone();
    if (database.drop) judge.lose({}, "database " + database.name, true, "");
  }

  template <class Command>
  void operator()(const Command&) {}
};

// ALTER TYPE … ADD VALUE: the value cannot be used before the transaction has committed.
void check_new_values(Judge& judge) {
  if (!judge.session.in_transaction) return;
  if (std::holds_alternative<sql::AlterEnum>(judge.statement.command)) return;
  for (const auto& [name, type] : judge.catalog.types()) {
    if (type.new_values.empty()) continue;
    if (type.created_by >= 0 && judge.session.version >= 17) continue;
    for (const std::string& word : judge.statement.words) {
      if (!type.new_values.contains(word)) continue;
      bool used = judge.statement.text.find(name.name) != std::string_view::npos;
      for (const sql::Target& target : judge.statement.relations)
        if (const Relation* relation = judge.catalog.find(target.name))
          for (const ddl::Column& column : relation->columns)
            used = used || judge.catalog.resolve_type({column.type.schema, column.type.name}) == name;
      if (used) judge.refuse("unsafe use of new value \"" + word + "\" of enum type " + name.name);
    }
  }
}

}  // namespace

Impact judge(const ddl::Catalog& before, const sql::ParsedStatement& statement, const Session& session) {
  Judge judge(before, statement, session);
  Visitor visitor{judge};
  std::visit(visitor, statement.command);
  visitor.also_deletes();
  if (statement.needs_version > session.version)
    judge.impact.refused = statement.needs_because + " needs PostgreSQL " + std::to_string(statement.needs_version);
  check_new_values(judge);
  return std::move(judge.impact);
}

void follow(Session& session, const sql::ParsedStatement& statement) {
  const auto* set = std::get_if<sql::SetParameter>(&statement.command);
  if (!set || set->name != "timezone") return;
  const std::string zone = text::to_lower(set->value);
  session.utc =
      set->reset || zone == "utc" || zone == "gmt" || zone == "etc/utc" || zone == "0" || zone == "z" || zone == "zulu";
}

}  // namespace sluice::impact
