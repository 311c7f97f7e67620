#include "docs/beyond.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "model/distribution.hpp"

namespace sluice::docs {

using namespace model;

namespace {

// PostgreSQL spells a name in more ways than one.
std::string plain(const std::string& identity) {
  std::string out = text::replace_all(text::replace_all(identity, "\"", ""), " ", "");
  return text::to_lower(text::replace_all(out, "public.", ""));
}

bool is(const std::string& identity, const Key& relation) { return plain(identity) == plain(full_name(relation)); }

std::string options_text(const Options& options) {
  std::vector<std::string> items;
  for (const auto& [name, value] : options) items.push_back(name + " = " + value.text);
  return text::join(items, ", ");
}

void add(std::vector<Facts>& to, const std::string& title, std::vector<Inline> lines) {
  if (!lines.empty()) to.push_back({title, std::move(lines)});
}

}  // namespace

Inline code(const std::string& text) { return "`" + text::replace_all(text, "`", "'") + "`"; }

Inline codes(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) out.push_back(code(name));
  return text::join(out, ", ");
}

std::string full_name(const Key& key) { return (key.schema.empty() ? "" : key.schema + ".") + key.name; }

Remarks::Remarks(const Schema& schema) {
  for (const Comment& comment : all<Comment>(schema)) comments_[plain(comment.key.name)] = comment.text;
  std::set<Key> relations;
  for (const Table& table : all<Table>(schema)) relations.insert(table.key);
  for (const View& view : all<View>(schema)) relations.insert(view.key);
  for (const Grant& grant : all<Grant>(schema)) {
    std::vector<std::string> words;
    for (const std::string& privilege : grant.privileges) {
      bool grantable = std::find(grant.grantable.begin(), grant.grantable.end(), privilege) != grant.grantable.end();
      words.push_back(privilege + (grantable ? " (may be passed on)" : ""));
    }
    Inline line = code(grant.grantee) + ": " + (words.empty() ? "none" : text::join(words, ", "));
    if (relations.contains(grant.key.owner()))
      privileges_[grant.key.owner()].push_back(line);
    else
      other_privileges_.push_back(code(grant.object) + " to " + line);
  }
}

std::string Remarks::comment(const std::string& kind, const std::string& object) const {
  auto found = comments_.find(plain(kind + " " + object));
  return found == comments_.end() ? "" : found->second;
}

Inline Remarks::remark(const std::string& kind, const std::string& object) const {
  std::string text = comment(kind, object);
  return text.empty() ? "" : " – " + text;
}

std::vector<Inline> Remarks::privileges(const Key& relation) const {
  auto found = privileges_.find(relation);
  return found == privileges_.end() ? std::vector<Inline>{} : found->second;
}

std::vector<Inline> properties_of(const Table& table) {
  std::vector<Inline> out;
  if (const std::string column = distribution_column(table); !column.empty()) {
    const std::string beside = distribution_option(table, "with");
    out.push_back("distributed by " + code(column) + (beside.empty() ? "" : ", beside " + code(beside)));
  }
  if (is_reference_table(table)) out.emplace_back("reference table");
  if (table.partition_by) out.push_back("partitioned by " + code(*table.partition_by));
  if (!table.inherits.empty()) out.push_back("inherits from " + codes(table.inherits));
  if (table.unlogged.value_or(false)) out.push_back("unlogged: empty after a crash");
  if (!table.with.empty()) out.push_back("storage parameters " + code(options_text(table.with)));
  if (table.tablespace) out.push_back("tablespace " + code(*table.tablespace));
  if (table.access_method) out.push_back("access method " + code(*table.access_method));
  if (table.replica_identity) out.push_back("replica identity " + code(*table.replica_identity));
  return out;
}

std::vector<Facts> facts_of(const Schema& schema, const Key& relation, const Remarks& remarks) {
  std::vector<Facts> out;
  const std::string on = " on " + full_name(relation);
  std::vector<Inline> lines;
  // Partitions may be partitioned.
  auto partitions = [&](auto& self, const Key& parent) -> void {
    for (const Partition& partition : all<Partition>(schema)) {
      if (!is(partition.of, parent)) continue;
      lines.push_back(code(display(partition.key)) + (parent == relation ? "" : " of " + code(display(parent))) + ": " +
                      code(partition.bound) +
                      (partition.partition_by ? ", partitioned by " + code(*partition.partition_by) : "") +
                      remarks.remark("TABLE", full_name(partition.key)));
      self(self, partition.key);
    }
  };
  partitions(partitions, relation);
  add(out, "Partitions", std::exchange(lines, {}));
  for (const Table& table : all<Table>(schema))
    for (const std::string& parent : table.inherits)
      if (is(parent, relation)) lines.push_back(code(display(table.key)));
  add(out, "Inherited by", std::exchange(lines, {}));
  for (const Exclusion& object : all<Exclusion>(schema))
    if (object.key.owner() == relation)
      lines.push_back(code(object.key.name) + ": " + code(object.definition) +
                      remarks.remark("CONSTRAINT", object.key.name + on));
  add(out, "Exclusion constraints", std::exchange(lines, {}));
  for (const Trigger& object : all<Trigger>(schema))
    if (object.key.owner() == relation)
      lines.push_back(code(object.key.name) + ": " + code(object.definition) +
                      (object.enabled == "ENABLE" ? "" : ", " + text::to_lower(object.enabled)) +
                      remarks.remark("TRIGGER", object.key.name + on));
  add(out, "Triggers", std::exchange(lines, {}));
  for (const Rule& object : all<Rule>(schema))
    if (object.key.owner() == relation)
      lines.push_back(code(object.key.name) + ": " + code(object.definition) +
                      remarks.remark("RULE", object.key.name + on));
  add(out, "Rules", std::exchange(lines, {}));
  for (const Statistics& object : all<Statistics>(schema))
    if (is(object.relation, relation))
      lines.push_back(code(display(object.key)) + ": " + code(object.definition) +
                      (object.target ? ", target " + *object.target : "") +
                      remarks.remark("STATISTICS", full_name(object.key)));
  add(out, "Statistics", std::exchange(lines, {}));
  add(out, "Privileges", remarks.privileges(relation));
  return out;
}

std::vector<ViewDoc> functions_of(const Schema& schema, const Remarks& remarks) {
  std::vector<ViewDoc> out;
  for (const Function& function : all<Function>(schema)) {
    ViewDoc item;
    item.name = display(function.key);
    item.definition = function.definition;
    item.comment = remarks.comment(function.kind, full_name(function.key));
    out.push_back(std::move(item));
  }
  return out;
}

std::vector<Facts> other_facts(const Schema& schema, const Remarks& remarks) {
  std::vector<Facts> out;
  std::vector<Inline> lines;
  for (const Extension& object : all<Extension>(schema))
    lines.push_back(code(object.key.name) + " in schema " + code(object.schema) +
                    remarks.remark("EXTENSION", object.key.name));
  add(out, "Extensions", std::exchange(lines, {}));
  for (const Collation& object : all<Collation>(schema))
    lines.push_back(code(display(object.key)) + ": " + code(object.definition) +
                    remarks.remark("COLLATION", full_name(object.key)));
  add(out, "Collations", std::exchange(lines, {}));
  for (const Domain& object : all<Domain>(schema)) {
    Inline line = code(display(object.key)) + ": " + code(object.type);
    if (object.collation) line += ", collation " + code(*object.collation);
    if (object.not_null) line += ", not null";
    if (object.default_value) line += ", default " + code(*object.default_value);
    for (const auto& [name, check] : object.checks) line += ", " + code(name) + " " + code(check.text);
    lines.push_back(line + remarks.remark("TYPE", full_name(object.key)));
  }
  add(out, "Domains", std::exchange(lines, {}));
  for (const CompositeType& object : all<CompositeType>(schema)) {
    std::vector<std::string> attributes;
    for (const auto& [name, type] : object.attributes) attributes.push_back(name + " " + type.text);
    lines.push_back(code(display(object.key)) + ": " + code("(" + text::join(attributes, ", ") + ")") +
                    remarks.remark("TYPE", full_name(object.key)));
  }
  add(out, "Composite types", std::exchange(lines, {}));
  for (const RangeType& object : all<RangeType>(schema))
    lines.push_back(code(display(object.key)) + ": " + code(object.definition) +
                    remarks.remark("TYPE", full_name(object.key)));
  add(out, "Range types", std::exchange(lines, {}));
  for (const EventTrigger& object : all<EventTrigger>(schema))
    lines.push_back(code(object.key.name) + ": " + code(object.definition) +
                    remarks.remark("EVENT TRIGGER", object.key.name));
  add(out, "Event triggers", std::exchange(lines, {}));
  for (const Publication& object : all<Publication>(schema))
    lines.push_back(code(object.key.name) + ": " + code(object.definition) +
                    remarks.remark("PUBLICATION", object.key.name));
  add(out, "Publications", std::exchange(lines, {}));
  add(out, "Privileges", remarks.other_privileges());
  return out;
}

}  // namespace sluice::docs
