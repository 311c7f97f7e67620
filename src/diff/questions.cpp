#include <map>

#include "base/text.hpp"
#include "diff/diff.hpp"

namespace sluice::diff {

namespace {

using namespace model;

struct Candidates {
  RenameKind kind;
  std::vector<Key> created, dropped;
};

template <class Kind>
Candidates candidates(RenameKind kind, const Changes& changes) {
  Candidates out{kind, {}, {}};
  for (const Kind& object : of<Kind>(changes).created) out.created.push_back(object.key);
  for (const Kind& object : of<Kind>(changes).dropped) out.dropped.push_back(object.key);
  return out;
}

// Order matters: a column is asked about only when it is settled which table it is in.
std::vector<Candidates> all_candidates(const Changes& changes) {
  std::vector<Candidates> out{
      candidates<Namespace>(RenameKind::schema, changes), candidates<Enum>(RenameKind::enumeration, changes),
      candidates<Sequence>(RenameKind::sequence, changes), candidates<Role>(RenameKind::role, changes),
      candidates<Table>(RenameKind::table, changes)};
  // Columns of a created table are no candidates: the table itself was. The tables stand in the order of their columns.
  Candidates columns = candidates<Column>(RenameKind::column, changes);
  std::map<Key, size_t> place;
  auto group_of = [&](const Key& column) -> Candidates* {
    auto found = place.find(column.owner());
    return found == place.end() ? nullptr : &out[found->second];
  };
  for (const Key& key : columns.dropped) {
    if (place.emplace(key.owner(), out.size()).second) out.push_back({RenameKind::column, {}, {}});
    group_of(key)->dropped.push_back(key);
  }
  for (const Key& key : columns.created)
    if (Candidates* group = group_of(key)) group->created.push_back(key);
  return out;
}

// "column:users.name" or "users.name"; a leading "public." may be written.
bool names(const std::string& text, RenameKind kind, const Key& key) {
  std::string plain = text;
  if (size_t colon = text.find(':'); colon != std::string::npos) {
    if (text.substr(0, colon) != name_of(kind)) return false;
    plain = text.substr(colon + 1);
  }
  return plain == display(key) || plain == "public." + display(key);
}

bool may_be_renamed(RenameKind kind, const Key& from, const Key& to) {
  return kind != RenameKind::column || from.owner() == to.owner();
}

}  // namespace

std::vector<Question> open_questions(const Schema& before, const Schema& after, const Answers& answers) {
  Changes changes = compare(before, after, answers.renames);
  std::vector<Question> open;
  for (Candidates& group : all_candidates(changes)) {
    std::erase_if(group.dropped, [&](const Key& key) {
      return std::any_of(answers.drops.begin(), answers.drops.end(),
                         [&](const std::string& drop) { return names(drop, group.kind, key); });
    });
    if (group.dropped.empty() || group.created.empty()) continue;
    size_t asked = open.size();
    for (const Key& created : group.created) {
      auto said = std::find(answers.creations.begin(), answers.creations.end(), std::pair{group.kind, created});
      if (said == answers.creations.end()) open.push_back({group.kind, created, group.dropped});
    }
    // A table or schema that turns out to be renamed changes every question after it.
    if (group.kind != RenameKind::column && open.size() > asked) return open;
  }
  return open;
}

void check_drops(const Schema& before, const Schema& after, const Answers& answers) {
  std::vector<Candidates> groups = all_candidates(compare(before, after, answers.renames));
  std::string possible;
  for (const Candidates& group : groups)
    for (const Key& dropped : group.dropped) possible += "\n  --drop " + display(dropped);
  for (const std::string& drop : answers.drops) {
    bool known = std::any_of(groups.begin(), groups.end(), [&](const Candidates& group) {
      return std::any_of(group.dropped.begin(), group.dropped.end(),
                         [&](const Key& key) { return names(drop, group.kind, key); });
    });
    if (known) continue;
    ErrorContext context;
    context.state = "Nothing was written.";
    context.hint = possible.empty() ? "Nothing is dropped." : "These are possible:" + possible;
    throw Error("--drop " + drop + " does not name something that is dropped", context);
  }
}

Rename parse_rename(const std::string& text, const Schema& before, const Schema& after, const Renames& already) {
  size_t equals = text.find('=');
  ErrorContext usage;
  usage.hint = "Write --rename old=new, for example --rename users.name=users.full_name or --rename users=accounts.";
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw Error("--rename '" + text + "' is not of the form old=new", usage);
  std::string from = text.substr(0, equals), to = text.substr(equals + 1);

  Changes changes = compare(before, after, already);
  std::vector<Rename> found;
  std::string possible;
  for (const Candidates& group : all_candidates(changes))
    for (const Key& dropped : group.dropped)
      for (const Key& created : group.created) {
        if (!may_be_renamed(group.kind, dropped, created)) continue;
        possible += "\n  --rename " + display(dropped) + "=" + display(created) + "   (" +
                    std::string(name_of(group.kind)) + ")";
        // The right side may leave out what the left side said: users.name=full_name.
        bool short_form = group.kind == RenameKind::column && to == created.name;
        if (names(from, group.kind, dropped) && (names(to, group.kind, created) || short_form))
          found.push_back({group.kind, dropped, created});
      }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    usage.hint = "Put the kind before it, for example --rename table:" + text + ".";
    throw Error("--rename " + text + " can mean several things", usage);
  }
  usage.hint = possible.empty() ? "Nothing was both dropped and created, so nothing can be renamed."
                                : "These are possible:" + possible;
  throw Error("--rename " + text + " does not name something dropped and something created", usage);
}

}  // namespace sluice::diff
