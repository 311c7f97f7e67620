// What the parts of the catalog reader share while one database is read. Private to read/catalog.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "read/catalog/catalog.hpp"

namespace sluice::read {

// A row of a result by position. NULL is "".
class Row {
 public:
  explicit Row(const std::vector<std::optional<std::string>>& cells) : cells_(cells) {}

  const std::string& text(size_t i) const {
    static const std::string none;
    return cells_[i] ? *cells_[i] : none;
  }
  bool is(size_t i) const { return text(i) == "t"; }
  bool null(size_t i) const { return !cells_[i]; }
  const std::optional<std::string>& maybe(size_t i) const { return cells_[i]; }
  // A JSON list of texts.
  std::vector<std::string> list(size_t i) const {
    if (null(i)) return {};
    return nlohmann::json::parse(text(i)).get<std::vector<std::string>>();
  }
  model::Key key(size_t schema, size_t name) const { return {text(schema), "", text(name)}; }
  model::Key key(size_t schema, size_t table, size_t name) const { return {text(schema), text(table), text(name)}; }

 private:
  const std::vector<std::optional<std::string>>& cells_;
};

// The questions about one database: sent together, their answers taken in the order in which they were put.
class Questions {
 public:
  using Take = std::function<void(const server::Rows& rows)>;

  // $1 and $2 in `sql` stand for the literals that run() is given.
  void ask(const std::string& sql, Take take) { questions_.push_back({sql, std::move(take)}); }
  void ask_each(const std::string& sql, std::function<void(const Row& row)> visit) {
    ask(sql, [visit = std::move(visit)](const server::Rows& rows) {
      for (const auto& cells : rows.rows) visit(Row(cells));
    });
  }
  void run(server::Connection& connection, const std::vector<std::string>& literals) const;

 private:
  struct Question {
    std::string sql;
    Take take;
  };
  std::vector<Question> questions_;
};

// A sequence that belongs to a column.
struct OwnedSequence {
  model::Sequence sequence;
  bool internal = false;  // of an identity column
  std::string nextval;    // the default of a serial column, as pg_get_expr prints it
  bool used = false;      // as serial or identity
};

struct Reader {
  const CatalogOptions& options;
  Catalog out;
  std::set<model::Key> tables;                    // that passed the filters: relkind r and p
  std::map<model::Key, model::View> views;        // likewise
  std::map<model::Key, OwnedSequence> sequences;  // by column
  std::set<model::Key> partitions = {};           // where all of the catalog is read

  void note(std::string kind, model::Key key, std::string detail = "", bool partly = false) {
    out.not_covered.push_back({std::move(kind), std::move(key), std::move(detail), partly});
  }
  bool hidden(const model::Key& key) const;
  bool has_table(const model::Key& owner) const { return tables.contains(owner); }

  void relation(const Row& row);
  void sequence(const Row& row);
  void column(const Row& row);
  void constraint(const Row& row);
  void index(const Row& row);
  void policy(const Row& row);
  void role(const Row& row);
  void distribution(const server::Rows& rows);  // in citus.cpp
  void other(const Row& row);
  void finish();
};

// "fillfactor=70" → {fillfactor, 70}. Numbers and booleans are bare, and on/off are true/false.
model::Options options_of(const std::vector<std::string>& texts);

}  // namespace sluice::read
