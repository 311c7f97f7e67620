// The objects of a schema as drizzle-kit 1.0 keeps them in its snapshots (versions 8 and 9): one list of rows, each a
// JSON object with its "entityType". docs/formats.md describes them; read off drizzle-kit 1.0.0-rc.5.
//
// A Schema says less than rows do (whether a name was given, attributes of roles) and says it in version 7's spelling.
// So what has not changed keeps its row as it is, and drizzle-kit finds no difference where there is none.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/schema.hpp"

namespace sluice::model {

using Row = nlohmann::ordered_json;

// An object that got another name: its kind as rows call it ("tables", "columns", …), its key before and after.
struct RowRename {
  std::string type;
  Key from, to;
};

class Rows {
 public:
  Rows() = default;
  // Throws Error, in which `name` is the file's, for what is no row, and for two rows of one object.
  Rows(const Row& list, const std::string& name);

  const std::vector<Row>& list() const { return rows_; }
  bool empty() const { return rows_.empty(); }
  // The row of that key ("tables\0[\"public\",\"users\"]"), or nullptr.
  const Row* find(const std::string& key) const;

  // False if there is a row of this key already; then nothing changes.
  bool add(Row row);
  void remove(const std::string& key);
  // Gives fields of a row other values. Where its name is one of them, all that refers to it follows. False, with
  // nothing changed, if there is no such row or two rows would have one key.
  bool set(const std::string& key, const Row& fields);
  bool rename(const RowRename& rename);
  // One entry of "deltas" in a snapshot of version 9. Throws Error for what is none, and for a name given twice.
  void apply(const Row& delta);

  // In the order of the kinds, as drizzle-kit writes them.
  Row to_json() const;

 private:
  void index();
  void follow(const Row& before, const Row& after);

  std::vector<Row> rows_;
  std::unordered_map<std::string, size_t> places_;
};

std::string key_of(const Row& row);
// Equal whatever the order of their members; what is absent is null.
bool same(const Row& a, const Row& b);

// What brings `before` to `after`, as "deltas" say it: the renames first.
std::vector<Row> deltas(const Rows& before, const Rows& after, const std::vector<RowRename>& renames);

// Names that nobody gave are those that the objects have: in `wanted`, each constraint and index without a name of its
// own gets the name of the one in `known` that is otherwise the same.
void keep_names(const Rows& known, Rows& wanted);

Schema schema_of(const Rows& rows);
Rows rows_of(const Schema& schema);
// rows_of(), except that what is in `known` and has not changed keeps its row.
Rows rows_of(const Schema& schema, const Rows& known);

}  // namespace sluice::model
