#include "read/catalog/reader.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "model/names.hpp"
#include "read/catalog/spelling.hpp"

namespace sluice::read {

using namespace model;

namespace {

std::string action(const std::string& code) {
  switch (code.empty() ? 'a' : code[0]) {
    case 'r':
      return "restrict";
    case 'c':
      return "cascade";
    case 'n':
      return "set null";
    case 'd':
      return "set default";
    default:
      return "no action";
  }
}

std::string command(const std::string& code) {
  switch (code.empty() ? '*' : code[0]) {
    case 'r':
      return "SELECT";
    case 'a':
      return "INSERT";
    case 'w':
      return "UPDATE";
    case 'd':
      return "DELETE";
    default:
      return "ALL";
  }
}

// security_barrier → securityBarrier, toast.autovacuum_enabled stays
std::string camel_case(const std::string& name) {
  std::string out;
  for (size_t i = 0; i < name.size(); i++) {
    if (name[i] == '_' && i + 1 < name.size()) {
      i++;
      out += static_cast<char>(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 'a' + 'A' : name[i]);
    } else {
      out += name[i];
    }
  }
  return out;
}

// A definition as it stands behind AS: no semicolon, no white space around it.
std::string view_text(const std::string& definition) {
  std::string_view text = text::trim(definition);
  if (text.ends_with(';')) text.remove_suffix(1);
  return std::string(text::trim(text));
}

// True if the sequence is what serial makes: any other has to be said by itself.
bool is_serials_own(const Sequence& sequence, const Column& column) {
  SequenceOptions own;
  if (column.type == "integer") own.max = "2147483647";
  if (column.type == "smallint") own.max = "32767";
  Key key{column.key.schema, "", implicit_name(column.key.table, column.key.name, "seq")};
  return sequence.key == key && sequence.options == own;
}

Literal option_value(const std::string& value) {
  std::string lower = text::to_lower(value);
  if (lower == "on" || lower == "true" || lower == "yes") return {"true", false};
  if (lower == "off" || lower == "false" || lower == "no") return {"false", false};
  bool number = !value.empty() && value.size() < 16 && value.find_first_not_of("0123456789") == std::string::npos &&
                (value.size() == 1 || value[0] != '0');
  return {value, !number};
}

}  // namespace

Options options_of(const std::vector<std::string>& texts) {
  Options out;
  for (const std::string& text : texts) {
    size_t equals = text.find('=');
    if (equals != std::string::npos) out.emplace_back(text.substr(0, equals), option_value(text.substr(equals + 1)));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

bool Reader::hidden(const Key& key) const {
  return std::find(options.hidden.begin(), options.hidden.end(), key) != options.hidden.end() ||
         !passes(options.tables, key.name);
}

void Reader::relation(const Row& row) {
  Key key = row.key(0, 1);
  if (hidden(key)) return;
  const std::string& kind = row.text(2);
  if (kind == "v" || kind == "m") {
    View view;
    view.key = key;
    view.definition = view_text(row.text(8));
    for (auto& [name, value] : options_of(row.list(5))) view.with.emplace_back(camel_case(name), value);
    view.materialized = kind == "m";
    if (!row.null(7)) view.tablespace = row.text(7);
    if (view.materialized && row.text(6) != "heap") view.using_method = row.text(6);
    views.emplace(key, std::move(view));
    return;
  }
  if (row.is(9)) return;  // a partition: its parent stands for it
  if (kind == "p") note("partitioned table", key, "", true);
  if (row.is(10)) note("inherited table", key, "", true);
  if (row.is(11)) note("unlogged table", key, "", true);
  if (row.is(4)) note("forced row security", key, "", true);
  if (!row.null(5)) note("storage parameters", key, text::join(row.list(5), ", "), true);
  if (!row.null(7)) note("tablespace", key, row.text(7), true);
  tables.insert(key);
  all<Table>(out.schema).push_back({key, row.is(3)});
}

void Reader::sequence(const Row& row) {
  Sequence sequence;
  sequence.key = row.key(0, 1);
  sequence.options.start = row.text(2);
  sequence.options.increment = row.text(3);
  sequence.options.min = row.text(4);
  sequence.options.max = row.text(5);
  sequence.options.cache = row.text(6);
  sequence.options.cycle = row.is(7);
  if (!row.null(10))
    sequences[row.key(8, 9, 10)] = {sequence, row.text(11) == "i", row.text(12)};
  else if (std::find(options.hidden.begin(), options.hidden.end(), sequence.key) == options.hidden.end())
    all<Sequence>(out.schema).push_back(std::move(sequence));
}

void Reader::column(const Row& row) {
  Column column;
  column.key = row.key(0, 1, 3);
  auto view = views.find(column.key.owner());
  if (view == views.end() && !has_table(column.key.owner())) return;

  bool of_extension = row.is(10), is_enum = row.text(7) == "e";
  std::string type = row.text(4);
  if (is_enum) {
    type = row.text(8);
    column.type_schema = row.text(9);
  } else if (of_extension && !options.beyond) {
    // Extensions stand in any schema; drizzle names their types bare. SQL says where they are.
    if (size_t dot = type.find('.'); dot != std::string::npos && dot < type.find('(')) type.erase(0, dot + 1);
  }
  column.type = is_enum ? type : spelled_type(type);
  if (row.is(6)) {
    int dimensions = std::max(1, std::atoi(row.text(5).c_str()));
    for (int i = 0; i < dimensions; i++) column.type += "[]";
  }
  column.not_null = row.is(11);
  if (view != views.end()) {
    column.not_null = false;
    view->second.columns.push_back(std::move(column));
    return;
  }
  if (row.text(7) == "d") note("domain as type", column.key, column.type, true);
  if (!row.null(15)) note("collation", column.key, row.text(15), true);
  if (!row.text(14).empty()) {
    column.generated = Generated{row.text(12), row.text(14) == "v" ? "virtual" : "stored"};
    if (row.text(14) == "v") note("virtual generated column", column.key, "", true);
  } else if (!row.null(12)) {
    column.default_value = spelled_default(row.text(12), column.type);
  }
  if (auto found = sequences.find(column.key); found != sequences.end()) {
    OwnedSequence& owned = found->second;
    bool is_integer = column.type == "integer" || column.type == "bigint" || column.type == "smallint";
    if (!row.text(13).empty() && owned.internal) {
      column.identity = Identity{row.text(13) == "a" ? "always" : "byDefault", owned.sequence.key.name,
                                 owned.sequence.key.schema, owned.sequence.options};
      owned.used = true;
    } else if (is_integer && column.not_null && row.text(12) == owned.nextval &&
               (!options.beyond || is_serials_own(owned.sequence, column))) {
      column.type = column.type == "integer" ? "serial" : column.type == "bigint" ? "bigserial" : "smallserial";
      column.default_value.reset();
      owned.used = true;
    }
  }
  all<Column>(out.schema).push_back(std::move(column));
}

void Reader::constraint(const Row& row) {
  Key key = row.key(0, 1, 2);
  if (!has_table(key.owner())) return;
  std::vector<std::string> columns = row.list(4);
  if (row.is(11)) note("deferrable constraint", key, "", true);
  if (!row.is(12)) note("constraint that is not valid", key, "", true);
  if (row.is(13)) note("NO INHERIT", key, "", true);
  if (row.is(17)) note("INCLUDE", key, "", true);
  switch (row.text(3)[0]) {
    case 'p':
      all<PrimaryKey>(out.schema).push_back({key, std::move(columns)});
      break;
    case 'u':
      all<Unique>(out.schema).push_back({key, row.is(15), std::move(columns)});
      break;
    case 'c':
      all<Check>(out.schema).push_back({key, row.text(10)});
      break;
    case 'f':
      if (row.is(14)) note("MATCH FULL", key, "", true);
      if (row.is(16)) note("ON DELETE SET with a list of columns", key, "", true);
      all<ForeignKey>(out.schema)
          .push_back({key, row.text(6), row.text(5), std::move(columns), row.list(7), action(row.text(8)),
                      action(row.text(9))});
      break;
    default:
      note("exclusion constraint", key, row.text(10));
  }
}

void Reader::index(const Row& row) {
  Index index;
  index.key = row.key(0, 1, 2);
  bool of_view = row.text(11) == "m";
  if (of_view) {
    if (views.contains(index.key.owner())) note("index of a materialized view", index.key);
    return;
  }
  if (!has_table(index.key.owner())) return;
  index.unique = row.is(3);
  index.method = row.text(4);
  index.where = row.maybe(5);
  index.with = options_of(row.list(6));
  bool ordered = index.method == "btree";
  for (const auto& part : nlohmann::json::parse(row.text(7))) {
    IndexColumn column;
    bool is_column = part[1].is_string();
    int order = part[3].get<int>();
    bool descending = ordered && (order & 1), nulls_first = ordered && (order & 2);
    std::optional<std::string> opclass;
    if (part[2].is_string()) opclass = part[2].get<std::string>();
    column.expression = part[is_column ? 1 : 0].get<std::string>();
    column.is_expression = !is_column;
    if (is_column) {
      column.ascending = !descending;
      column.nulls = nulls_first ? "first" : "last";
      column.opclass = opclass;
    } else {  // drizzle has one text for all of it
      if (opclass) column.expression += " " + *opclass;
      if (descending) column.expression += " DESC";
      if (nulls_first != descending) column.expression += nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
    index.columns.push_back(std::move(column));
  }
  if (row.is(8)) note("INCLUDE", index.key, "", true);
  if (row.is(9)) note("NULLS NOT DISTINCT of an index", index.key, "", true);
  if (!row.is(10)) {
    note("index that is not valid", index.key, "left by CREATE INDEX CONCURRENTLY that failed", true);
    index.definition = row.text(13) + " /* not valid */";  // no schema wants that
  }
  if (row.is(12)) note("collation of an index", index.key, "", true);
  all<Index>(out.schema).push_back(std::move(index));
}

void Reader::policy(const Row& row) {
  Policy policy;
  policy.key = row.key(0, 1, 2);
  policy.as = row.is(3) ? "PERMISSIVE" : "RESTRICTIVE";
  policy.command = command(row.text(4));
  policy.to = row.list(5);
  std::sort(policy.to.begin(), policy.to.end());
  policy.using_expression = row.maybe(6);
  policy.with_check = row.maybe(7);
  bool elsewhere = std::find(options.policies_of.begin(), options.policies_of.end(), policy.key.owner()) !=
                   options.policies_of.end();
  if (elsewhere)
    out.policies_elsewhere.push_back(std::move(policy));
  else if (has_table(policy.key.owner()))
    all<Policy>(out.schema).push_back(std::move(policy));
}

void Reader::role(const Row& row) {
  const std::string& name = row.text(0);
  auto in = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  bool wanted = in(options.roles.include) || (options.roles.all && !row.is(4));
  if (wanted && !in(options.roles.exclude))
    all<Role>(out.schema).push_back({{"", "", name}, row.is(1), row.is(2), row.is(3)});
}

void Reader::other(const Row& row) {
  Key key = row.key(1, 2, 3);
  if (!key.table.empty() && hidden(key.owner())) return;
  note(row.text(0), key, row.text(4));
}

void Reader::finish() {
  // A primary key of one column that has PostgreSQL's own name is .primaryKey() of the column, if the table says it.
  std::set<Key> keys, inherited;
  for (const Column& column : all<Column>(out.schema))
    if (column.inherited.value_or(false)) inherited.insert(column.key);
  std::erase_if(all<PrimaryKey>(out.schema), [&](const PrimaryKey& key) {
    if (key.definition || key.columns.size() != 1 || key.key.name != implicit_name(key.key.table, "", "pkey"))
      return false;
    const Key column{key.key.schema, key.key.table, key.columns.front()};
    if (inherited.contains(column)) return false;
    keys.insert(column);
    return true;
  });
  for (Column& column : all<Column>(out.schema)) column.primary_key = keys.contains(column.key);
  for (auto& [key, view] : views) all<View>(out.schema).push_back(std::move(view));
  // A sequence of a column that is neither serial nor identity is a sequence like others.
  for (auto& [column, owned] : sequences) {
    if (owned.used || owned.internal || !has_table(column.owner())) continue;
    note("OWNED BY of a sequence", owned.sequence.key, display(column), true);
    all<Sequence>(out.schema).push_back(owned.sequence);
  }
}

}  // namespace sluice::read
