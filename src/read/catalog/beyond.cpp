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

class BeyondReader {
 public:
  BeyondReader(server::Connection& connection, const std::string& oids, Reader& reader)
      : connection_(connection), oids_(oids), reader_(reader), schema_(reader.out.schema) {}

  void read() {
    types();
    each(queries::functions, [&](const Row& row) {
      add<Function>(
          {row.key(0, 1), row.text(2), trimmed(row.text(3)), row.text(4), row.text(5), row.text(6), row.is(7)});
    });
    tables();
    constraints_and_indexes();
    each(queries::triggers, [&](const Row& row) {
      if (known(row.key(0, 1))) add<Trigger>({row.key(0, 1, 2), row.text(3), row.text(4)});
    });
    each(queries::rules, [&](const Row& row) {
      if (known(row.key(0, 1))) add<Rule>({row.key(0, 1, 2), trimmed(row.text(3))});
    });
    each(queries::statistics, [&](const Row& row) {
      add<Statistics>({row.key(0, 1), row.text(2), row.text(3), row.maybe(4)});
    });
    each(queries::event_triggers, [&](const Row& row) { add<EventTrigger>({{"", "", row.text(0)}, row.text(1)}); });
    each(queries::publications(connection_.version()), [&](const Row& row) {
      add<Publication>({{"", "", row.text(0)}, std::string(text::trim(row.text(1)))});
    });
    each(queries::comments, [&](const Row& row) {
      Key relation = row.key(0, 1);
      if (relation.name.empty() || !reader_.hidden(relation)) add<Comment>({row.key(0, 1, 2), row.text(3)});
    });
    each(queries::grants, [&](const Row& row) {
      Key relation = row.key(0, 1);
      if (!relation.name.empty() && reader_.hidden(relation)) return;
      Key key{relation.schema, relation.name, row.text(2) + " TO " + row.text(3)};
      add<Grant>({std::move(key), row.text(2), row.text(3), row.list(4), row.list(5)});
    });
    each(queries::beyond_not_covered, [&](const Row& row) { reader_.other(row); });
  }

  void domains() {
    each(queries::domains, [&](const Row& row) {
      add<Domain>({row.key(0, 1), row.text(2), row.maybe(3), row.maybe(4), row.is(5), pairs(row, 6)});
    });
  }

 private:
  template <class F>
  void each(const std::string& sql, F&& visit) {
    for (const auto& cells : connection_.query(sql, {oids_}).rows) visit(Row(cells));
  }
  template <class Kind>
  void add(Kind object) {
    all<Kind>(schema_).push_back(std::move(object));
  }
  bool known(const Key& relation) const {
    return reader_.tables.contains(relation) || reader_.views.contains(relation) || partitions_.contains(relation);
  }

  void types() {
    each(queries::extensions, [&](const Row& row) { add<Extension>({{"", "", row.text(0)}, row.text(1)}); });
    each(queries::collations, [&](const Row& row) { add<Collation>({row.key(0, 1), row.text(2)}); });
    domains();
    each(queries::composites, [&](const Row& row) { add<CompositeType>({row.key(0, 1), pairs(row, 2)}); });
    each(queries::ranges, [&](const Row& row) { add<RangeType>({row.key(0, 1), row.text(2)}); });
    std::map<Key, Row> parts;
    server::Rows rows = connection_.query(queries::sequence_parts, {oids_});
    for (const auto& cells : rows.rows) parts.emplace(Row(cells).key(0, 1), Row(cells));
    auto take = [&](Sequence& sequence) {
      auto found = parts.find(sequence.key);
      if (found == parts.end()) return;
      sequence.type = found->second.maybe(2);
      sequence.owned_by = found->second.maybe(3);
    };
    for (Sequence& sequence : all<Sequence>(schema_)) take(sequence);
    for (auto& [column, owned] : reader_.sequences) take(owned.sequence);
  }

  void tables() {
    std::map<Key, Table*> tables;
    for (Table& table : all<Table>(schema_)) tables.emplace(table.key, &table);
    each(queries::table_parts, [&](const Row& row) {
      Key key = row.key(0, 1);
      if (row.is(10)) {
        if (reader_.hidden(key)) return;
        partitions_.insert(key);
        Partition partition{key, row.list(3).front(), row.text(11), row.maybe(2)};
        all<Partition>(schema_).push_back(std::move(partition));
        return;
      }
      auto found = tables.find(key);
      if (found == tables.end()) return;
      Table& table = *found->second;
      table.partition_by = row.maybe(2);
      table.inherits = row.list(3);
      if (row.is(4)) table.unlogged = true;
      if (row.is(5)) table.force_row_security = true;
      table.with = options_of(row.list(6));
      table.tablespace = row.maybe(7);
      table.access_method = row.maybe(8);
      table.replica_identity = row.maybe(9);
    });
    std::map<Key, Column*> columns;
    for (Column& column : all<Column>(schema_)) columns.emplace(column.key, &column);
    each(queries::column_parts, [&](const Row& row) {
      auto found = columns.find(row.key(0, 1, 2));
      if (found == columns.end()) return;
      Column& column = *found->second;
      if (row.is(3)) column.inherited = true;
      column.collation = row.maybe(4);
      column.storage = row.maybe(5);
      column.compression = row.maybe(6);
      column.statistics = row.maybe(7);
    });
  }

  template <class Kind>
  void define(const Key& key, const std::string& definition) {
    for (Kind& object : all<Kind>(schema_))
      if (object.key == key) object.definition = definition;
  }

  void constraints_and_indexes() {
    each(queries::constraint_parts, [&](const Row& row) {
      Key key = row.key(0, 1, 2);
      if (!reader_.has_table(key.owner())) return;
      const std::string& definition = row.text(4);
      switch (row.text(3)[0]) {
        case 'p':
          return define<PrimaryKey>(key, definition);
        case 'u':
          return define<Unique>(key, definition);
        case 'c':
          return define<Check>(key, definition);
        case 'f':
          return define<ForeignKey>(key, definition);
        default:
          add<Exclusion>({key, definition});
      }
    });
    std::set<Key> inherited;
    each(queries::inherited_constraints, [&](const Row& row) { inherited.insert(row.key(0, 1, 2)); });
    std::erase_if(all<Check>(schema_), [&](const Check& check) { return inherited.contains(check.key); });
    each(queries::index_parts, [&](const Row& row) {
      Key key = row.key(0, 1, 2);
      if (reader_.has_table(key.owner())) define<Index>(key, row.text(3));
      if (!reader_.views.contains(key.owner())) return;
      Index index;
      index.key = key;
      index.definition = row.text(3);
      add<Index>(std::move(index));
    });
  }

  server::Connection& connection_;
  const std::string& oids_;
  Reader& reader_;
  Schema& schema_;
  std::set<Key> partitions_;
};

}  // namespace

void read_beyond(server::Connection& connection, const std::string& oids, Reader& reader) {
  BeyondReader(connection, oids, reader).read();
}

void read_domains(server::Connection& connection, const std::string& oids, Reader& reader) {
  BeyondReader(connection, oids, reader).domains();
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
                                             "OWNED BY of a sequence"};
  std::erase_if(reader.out.not_covered, [](const NotCovered& note) { return covered.contains(note.kind); });
}

}  // namespace sluice::read
