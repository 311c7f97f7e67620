#include "read/catalog/beyond.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "read/catalog/beyond_queries.hpp"
#include "read/catalog/spelling.hpp"

namespace sluice::read {

using namespace model;

namespace {

std::string trimmed(const std::string& definition) {
  std::string_view text = text::trim(definition);
  while (text.ends_with(';')) text = text::trim(text.substr(0, text.size() - 1));
  return std::string(text);
}

// A JSON list of pairs.
Options pairs(const Row& row, size_t at) {
  Options out;
  if (row.null(at)) return out;
  for (const auto& pair : nlohmann::json::parse(row.text(at)))
    out.emplace_back(pair[0].get<std::string>(), Literal{pair[1].get<std::string>()});
  return out;
}

template <class Kind>
void add(Reader& reader, Kind object) {
  all<Kind>(reader.out.schema).push_back(std::move(object));
}

bool known(const Reader& reader, const Key& relation) {
  return reader.tables.contains(relation) || reader.views.contains(relation) || reader.partitions.contains(relation);
}

void ask_types(Questions& questions, Reader& reader) {
  questions.ask_each(queries::extensions, [&reader](const Row& row) {
    add<Extension>(reader, {{"", "", row.text(0)}, row.text(1)});
  });
  questions.ask_each(queries::collations, [&reader](const Row& row) {
    add<Collation>(reader, {row.key(0, 1), row.text(2)});
  });
  ask_domains(questions, reader);
  questions.ask_each(queries::composites, [&reader](const Row& row) {
    add<CompositeType>(reader, {row.key(0, 1), pairs(row, 2)});
  });
  questions.ask_each(queries::ranges, [&reader](const Row& row) {
    add<RangeType>(reader, {row.key(0, 1), row.text(2)});
  });
  questions.ask(queries::sequence_parts, [&reader](const server::Rows& rows) {
    std::map<Key, Row> parts;
    for (const auto& cells : rows.rows) parts.emplace(Row(cells).key(0, 1), Row(cells));
    auto take = [&](Sequence& sequence) {
      auto found = parts.find(sequence.key);
      if (found == parts.end()) return;
      sequence.type = found->second.maybe(2);
      sequence.owned_by = found->second.maybe(3);
    };
    for (Sequence& sequence : all<Sequence>(reader.out.schema)) take(sequence);
    for (auto& [column, owned] : reader.sequences) take(owned.sequence);
  });
}

void take_tables(Reader& reader, const server::Rows& rows) {
  std::map<Key, Table*> tables;
  for (Table& table : all<Table>(reader.out.schema)) tables.emplace(table.key, &table);
  for (const auto& cells : rows.rows) {
    const Row row(cells);
    Key key = row.key(0, 1);
    if (row.is(10)) {
      if (reader.hidden(key)) continue;
      reader.partitions.insert(key);
      add<Partition>(reader, {key, row.list(3).front(), row.text(11), row.maybe(2)});
      continue;
    }
    auto found = tables.find(key);
    if (found == tables.end()) continue;
    Table& table = *found->second;
    table.partition_by = row.maybe(2);
    table.inherits = row.list(3);
    if (row.is(4)) table.unlogged = true;
    if (row.is(5)) table.force_row_security = true;
    table.with = options_of(row.list(6));
    table.tablespace = row.maybe(7);
    table.access_method = row.maybe(8);
    table.replica_identity = row.maybe(9);
  }
}

void take_columns(Reader& reader, const server::Rows& rows) {
  std::map<Key, Column*> columns;
  for (Column& column : all<Column>(reader.out.schema)) columns.emplace(column.key, &column);
  for (const auto& cells : rows.rows) {
    const Row row(cells);
    auto found = columns.find(row.key(0, 1, 2));
    if (found == columns.end()) continue;
    Column& column = *found->second;
    if (row.is(3)) column.inherited = true;
    column.collation = row.maybe(4);
    column.storage = row.maybe(5);
    column.compression = row.maybe(6);
    column.statistics = row.maybe(7);
  }
}

template <class Kind>
void define(Reader& reader, const Key& key, const std::string& definition) {
  for (Kind& object : all<Kind>(reader.out.schema))
    if (object.key == key && !object.definition) object.definition = definition;
}

void take_constraint(Reader& reader, const Row& row) {
  Key key = row.key(0, 1, 2);
  if (!reader.has_table(key.owner())) return;
  const std::string& definition = row.text(4);
  switch (row.text(3)[0]) {
    case 'p':
      return define<PrimaryKey>(reader, key, definition);
    case 'u':
      return define<Unique>(reader, key, definition);
    case 'c':
      return define<Check>(reader, key, definition);
    case 'f':
      return define<ForeignKey>(reader, key, definition);
    default:
      add<Exclusion>(reader, {key, definition});
  }
}

void take_index(Reader& reader, const Row& row) {
  Key key = row.key(0, 1, 2);
  if (reader.has_table(key.owner())) define<Index>(reader, key, row.text(3));
  if (!reader.views.contains(key.owner())) return;
  Index index;
  index.key = key;
  index.definition = row.text(3);
  add<Index>(reader, std::move(index));
}

}  // namespace

void ask_beyond(Questions& questions, int version, Reader& reader) {
  ask_types(questions, reader);
  questions.ask_each(queries::functions, [&reader](const Row& row) {
    add<Function>(reader,
                  {row.key(0, 1), row.text(2), trimmed(row.text(3)), row.text(4), row.text(5), row.text(6), row.is(7)});
  });
  questions.ask(queries::table_parts, [&reader](const server::Rows& rows) { take_tables(reader, rows); });
  questions.ask(queries::column_parts(version), [&reader](const server::Rows& rows) { take_columns(reader, rows); });
  questions.ask_each(queries::constraint_parts(version), [&reader](const Row& row) { take_constraint(reader, row); });
  questions.ask(queries::inherited_constraints, [&reader](const server::Rows& rows) {
    std::set<Key> inherited;
    for (const auto& cells : rows.rows) inherited.insert(Row(cells).key(0, 1, 2));
    std::erase_if(all<Check>(reader.out.schema), [&](const Check& check) { return inherited.contains(check.key); });
  });
  questions.ask_each(queries::index_parts(version), [&reader](const Row& row) { take_index(reader, row); });
  questions.ask_each(queries::triggers, [&reader](const Row& row) {
    if (known(reader, row.key(0, 1))) add<Trigger>(reader, {row.key(0, 1, 2), row.text(3), row.text(4)});
  });
  questions.ask_each(queries::rules, [&reader](const Row& row) {
    if (known(reader, row.key(0, 1))) add<Rule>(reader, {row.key(0, 1, 2), trimmed(row.text(3))});
  });
  questions.ask_each(queries::statistics, [&reader](const Row& row) {
    add<Statistics>(reader, {row.key(0, 1), row.text(2), row.text(3), row.maybe(4)});
  });
  questions.ask_each(queries::event_triggers, [&reader](const Row& row) {
    add<EventTrigger>(reader, {{"", "", row.text(0)}, row.text(1)});
  });
  questions.ask_each(queries::publications(version), [&reader](const Row& row) {
    add<Publication>(reader, {{"", "", row.text(0)}, std::string(text::trim(row.text(1)))});
  });
  questions.ask_each(queries::comments, [&reader](const Row& row) {
    Key relation = row.key(0, 1);
    if (relation.name.empty() || !reader.hidden(relation)) add<Comment>(reader, {row.key(0, 1, 2), row.text(3)});
  });
  questions.ask_each(queries::grants, [&reader](const Row& row) {
    Key relation = row.key(0, 1);
    if (!relation.name.empty() && reader.hidden(relation)) return;
    Key key{relation.schema, relation.name, row.text(2) + " TO " + row.text(3)};
    add<Grant>(reader, {std::move(key), row.text(2), row.text(3), row.list(4), row.list(5)});
  });
  questions.ask_each(queries::beyond_not_covered, [&reader](const Row& row) { reader.other(row); });
}

void ask_domains(Questions& questions, Reader& reader) {
  questions.ask_each(queries::domains, [&reader](const Row& row) {
    add<Domain>(reader, {row.key(0, 1), row.text(2), row.maybe(3), row.maybe(4), row.is(5), pairs(row, 6)});
  });
}

void finish_domains(Reader& reader) {
  std::erase_if(reader.out.not_covered,
                [](const NotCovered& note) { return note.kind == "domain" || note.kind == "domain as type"; });
}

void finish_beyond(Reader& reader) {
  static const std::set<std::string> covered{"partitioned table",
                                             "inherited table",
                                             "unlogged table",
                                             "forced row security",
                                             "storage parameters",
                                             "tablespace",
                                             "domain as type",
                                             "collation",
                                             "virtual generated column",
                                             "deferrable constraint",
                                             "constraint that is not valid",
                                             "NO INHERIT",
                                             "INCLUDE",
                                             "MATCH FULL",
                                             "ON DELETE SET with a list of columns",
                                             "exclusion constraint",
                                             "index of a materialized view",
                                             "NULLS NOT DISTINCT of an index",
                                             "collation of an index",
                                             "OWNED BY of a sequence",
                                             "distributed table",
                                             "reference table"};
  std::erase_if(reader.out.not_covered, [](const NotCovered& note) { return covered.contains(note.kind); });
}

}  // namespace sluice::read
