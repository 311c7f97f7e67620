#include "diff/words.hpp"

#include <array>
#include <map>
#include <set>

#include "model/names.hpp"

namespace sluice::diff {

namespace {

using namespace model;

Key clipped_key(const Key& key) { return {clipped(key.schema), clipped(key.table), clipped(key.name)}; }

template <class Kind>
std::map<Key, const Kind*> by_clipped_key(const Schema& schema) {
  std::map<Key, const Kind*> out;
  for (const Kind& object : all<Kind>(schema)) out.emplace(clipped_key(object.key), &object);
  return out;
}

// Takes the fields of `live` in which it differs from `read_back`.
template <class Kind>
void take_differences(Kind& out, const Kind& read_back, const Kind& live) {
  std::array<const void*, 24> was{}, is{};
  size_t count = 0, at = 0;
  Kind::fields(read_back, [&](const char*, const auto& field) { was.at(count++) = &field; });
  count = 0;
  Kind::fields(live, [&](const char*, const auto& field) { is.at(count++) = &field; });
  Kind::fields(out, [&](const char*, auto& field) {
    using Field = std::remove_cvref_t<decltype(field)>;
    const auto& before = *static_cast<const Field*>(was.at(at));
    const auto& now = *static_cast<const Field*>(is.at(at++));
    if (!(before == now)) field = now;
  });
}

template <class Kind>
void merge(const Schema& wanted, const Schema& read_back, const Schema& live, const std::map<Key, Key>& tables,
           Schema& out) {
  auto in_words = by_clipped_key<Kind>(wanted), in_catalog = by_clipped_key<Kind>(read_back),
       in_database = by_clipped_key<Kind>(live);
  // In the order of `wanted`, so that what is made of it comes in that order too.
  for (const Kind& object : all<Kind>(wanted)) {
    auto twin = in_catalog.find(clipped_key(object.key)), found = in_database.find(clipped_key(object.key));
    if (twin == in_catalog.end()) {
      // Nothing that a catalog shows: a view that is only declared.
      all<Kind>(out).push_back(object);
    } else if (found != in_database.end()) {
      Kind merged = object;
      take_differences(merged, *twin->second, *found->second);
      all<Kind>(out).push_back(std::move(merged));
    }
  }
  for (const Kind& object : all<Kind>(live)) {
    Key key = clipped_key(object.key);
    if (in_words.contains(key) || in_catalog.contains(key)) continue;
    Kind extra = object;
    if (auto table = tables.find(extra.key.owner()); !extra.key.table.empty() && table != tables.end())
      extra.key.table = table->second.name;
    all<Kind>(out).push_back(std::move(extra));
  }
}

// .primaryKey() says no name: under whatever name the key of that one column is there, it is the same. And where the
// schema gives a key PostgreSQL's own name, it is a constraint of that name.
void align_primary_keys(const Schema& wanted, Schema& catalog) {
  std::set<Key> plain, named;
  for (const Column& column : all<Column>(wanted))
    if (column.primary_key) plain.insert(clipped_key(column.key));
  for (const PrimaryKey& key : all<PrimaryKey>(wanted))
    if (key.columns.size() == 1)
      named.insert({clipped(key.key.schema), clipped(key.key.table), clipped(key.columns.front())});
  std::set<Key> set;
  std::erase_if(all<PrimaryKey>(catalog), [&](const PrimaryKey& key) {
    Key column{key.key.schema, key.key.table, key.columns.front()};
    if (key.columns.size() != 1 || !plain.contains(column)) return false;
    set.insert(column);
    return true;
  });
  for (Column& column : all<Column>(catalog)) {
    if (set.contains(column.key)) column.primary_key = true;
    if (!column.primary_key || !named.contains(column.key)) continue;
    column.primary_key = false;
    all<PrimaryKey>(catalog).push_back(
        {{column.key.schema, column.key.table, implicit_name(column.key.table, "", "pkey")}, {column.key.name}});
  }
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         (c & 0x80);
}

// The identifier `from` of an SQL text under another name; what stands in single quotes stays.
std::string with_word(const std::string& sql, const std::string& from, const std::string& to) {
  std::string out;
  for (size_t i = 0; i < sql.size();) {
    size_t end = i + 1;
    if (sql[i] == '\'' || sql[i] == '"') {
      while (end < sql.size() && sql[end] != sql[i]) end++;
      end = std::min(end + 1, sql.size());
      bool is = sql[i] == '"' && sql.substr(i + 1, end - i - 2) == from;
      out += is ? "\"" + to + "\"" : sql.substr(i, end - i);
    } else if (is_word(sql[i])) {
      while (end < sql.size() && is_word(sql[end])) end++;
      std::string word = sql.substr(i, end - i);
      out += word == from ? to : word;
    } else {
      out += sql[i];
    }
    i = end;
  }
  return out;
}

}  // namespace

Schema in_words_of(const Schema& wanted, Schema read_back, Schema live) {
  align_primary_keys(wanted, read_back);
  align_primary_keys(wanted, live);
  std::map<Key, Key> tables;
  for (const Table& table : all<Table>(wanted)) tables.emplace(clipped_key(table.key), table.key);
  Schema out;
  std::apply(
      [&](const auto&... kind) {
        (merge<typename std::remove_cvref_t<decltype(kind)>::value_type>(wanted, read_back, live, tables, out), ...);
      },
      wanted);
  return out;
}

Schema with_aligned_keys(const Schema& wanted, Schema catalog) {
  align_primary_keys(wanted, catalog);
  return catalog;
}

Schema renamed_catalog(Schema catalog, const Renames& renames) {
  for (const Rename& rename : renames) {
    catalog = renamed(std::move(catalog), {rename});
    if (rename.kind != RenameKind::column && rename.kind != RenameKind::table) continue;
    Key table = rename.kind == RenameKind::column ? rename.to.owner() : rename.to;
    auto follow = [&](const Key& object, std::string& text) {
      if (object.owner() == table) text = with_word(text, rename.from.name, rename.to.name);
    };
    for (Check& check : all<Check>(catalog)) follow(check.key, check.expression);
    for (Index& index : all<Index>(catalog)) {
      if (index.where) follow(index.key, *index.where);
      for (IndexColumn& column : index.columns)
        if (column.is_expression) follow(index.key, column.expression);
    }
    for (Policy& policy : all<Policy>(catalog)) {
      if (policy.using_expression) follow(policy.key, *policy.using_expression);
      if (policy.with_check) follow(policy.key, *policy.with_check);
    }
    for (Column& column : all<Column>(catalog))
      if (column.generated) follow(column.key, column.generated->expression);
  }
  return catalog;
}

}  // namespace sluice::diff
