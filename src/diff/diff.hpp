// Schema × Schema × renames → Changes. Pure: asks nothing, prints nothing.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/error.hpp"
#include "model/schema.hpp"

namespace sluice::diff {

// The kinds whose loss would lose something that cannot be made again, so that "renamed or dropped?" is a question.
enum class RenameKind { schema, enumeration, sequence, role, table, column };

std::string_view name_of(RenameKind kind);

struct Rename {
  RenameKind kind;
  model::Key from, to;

  bool operator==(const Rename&) const = default;
};
using Renames = std::vector<Rename>;

// The renames that undo these: in reverse order, from and to exchanged.
Renames inverted(const Renames& renames);

// The names that `renames` give to the objects of `schema`; everything that refers to them follows.
model::Schema renamed(model::Schema schema, const Renames& renames);

template <class Kind>
struct Altered {
  Kind before, after;
  std::vector<std::string_view> fields;  // names of the fields that differ

  bool has(std::string_view field) const { return std::find(fields.begin(), fields.end(), field) != fields.end(); }
};

template <class Kind>
struct ChangesOf {
  std::vector<Kind> created, dropped;
  std::vector<Altered<Kind>> altered;
  // A new name for an object that is otherwise the same. Found by content; only for kinds that hold no data.
  std::vector<Altered<Kind>> renamed;

  bool empty() const { return created.empty() && dropped.empty() && altered.empty() && renamed.empty(); }
};

template <class>
struct ChangesFor;
template <class... Kind>
struct ChangesFor<std::tuple<std::vector<Kind>...>> {
  using type = std::tuple<ChangesOf<Kind>...>;
};

struct Changes {
  Renames renames;                          // applied first
  ChangesFor<model::Schema>::type by_kind;  // in terms of the new names

  bool empty() const;
};

template <class Kind>
ChangesOf<Kind>& of(Changes& changes) {
  return std::get<ChangesOf<Kind>>(changes.by_kind);
}
template <class Kind>
const ChangesOf<Kind>& of(const Changes& changes) {
  return std::get<ChangesOf<Kind>>(changes.by_kind);
}

// What differs. `renames` are in terms of `before`; several that concern one object are applied one after the other.
Changes compare(const model::Schema& before, const model::Schema& after, const Renames& renames = {});

// A created object that may be a renamed one: `created` against every dropped object of its kind and place.
struct Question {
  RenameKind kind;
  model::Key created;
  std::vector<model::Key> dropped;
};

// What a person has said about them.
struct Answers {
  Renames renames;
  std::vector<std::string> drops;                              // as given to --drop: "users.name", "table:users"
  std::vector<std::pair<RenameKind, model::Key>> creations{};  // said to be new, not renamed
};

// The first question that is still open, asked in the order schemas, enums, sequences, roles, tables, columns, or
// nothing. Columns are compared after the tables are settled. Objects that an answer covers are not asked about.
std::vector<Question> open_questions(const model::Schema& before, const model::Schema& after, const Answers& answers);

// Throws Error if one of the drops names nothing that is dropped, with what could have been meant.
void check_drops(const model::Schema& before, const model::Schema& after, const Answers& answers);

// "users.name=users.full_name", "users.name=full_name", "users=accounts", "column:a.b=a.c". All of them at once: names
// may be exchanged, or handed on from one to the next. What is inside of something renamed is said in terms of its new
// name. The result is to be applied one after the other. Throws Error that lists what could have been meant.
Renames parse_renames(const std::vector<std::string>& texts, const model::Schema& before, const model::Schema& after);

}  // namespace sluice::diff
