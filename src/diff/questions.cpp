#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "diff/diff.hpp"
#include "model/names.hpp"

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
  // A table that becomes a partition, or was one, is where it was.
  auto has = [](const std::vector<Partition>& partitions, const Key& key) {
    return std::any_of(partitions.begin(), partitions.end(), [&](const Partition& other) { return other.key == key; });
  };
  std::erase_if(out.back().dropped, [&](const Key& key) { return has(of<Partition>(changes).created, key); });
  std::erase_if(out.back().created, [&](const Key& key) { return has(of<Partition>(changes).dropped, key); });
  // Columns of a created table are no candidates: the table itself was. The tables stand in the order of their columns.
  Candidates columns = candidates<Column>(RenameKind::column, changes);
  // What a parent's column becomes, the inherited one becomes with it.
  std::set<Key> inherited;
  for (const auto* list : {&of<Column>(changes).created, &of<Column>(changes).dropped})
    for (const Column& column : *list)
      if (column.inherited.value_or(false)) inherited.insert(column.key);
  for (const Altered<Table>& change : of<Table>(changes).altered)
    if (change.has("_inherits"))
      std::erase_if(inherited, [&](const Key& key) { return key.owner() == change.after.key; });
  for (std::vector<Key>* list : {&columns.created, &columns.dropped})
    std::erase_if(*list, [&](const Key& key) { return inherited.contains(key); });
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

namespace {

struct Wanted {
  std::string text, from, to;
  std::optional<Rename> found;
};

bool names_from(const Wanted& wanted, RenameKind kind, const Key& key) { return names(wanted.from, kind, key); }
bool names_to(const Wanted& wanted, RenameKind kind, const Key& key) {
  // The right side may leave out what the left side said: users.name=full_name.
  return names(wanted.to, kind, key) ||
         (kind == RenameKind::column && wanted.to == key.name &&
          names(wanted.from, kind, {key.schema, key.table, wanted.from.substr(wanted.from.rfind('.') + 1)}));
}

// Each needs a name that is free: those that free one come first, and in a circle one steps aside.
Renames one_after_another(Renames pending, const std::set<Key>& taken) {
  Renames out;
  while (!pending.empty()) {
    auto free = std::find_if(pending.begin(), pending.end(), [&](const Rename& rename) {
      return std::none_of(pending.begin(), pending.end(), [&](const Rename& other) { return other.from == rename.to; });
    });
    if (free != pending.end()) {
      out.push_back(*free);
      pending.erase(free);
      continue;
    }
    Rename& first = pending.front();
    Key aside = first.from;
    for (std::string suffix = "_old"; taken.contains(aside); suffix += "_")
      aside.name = model::own_name(first.from.name, suffix);
    out.push_back({first.kind, first.from, aside});
    first.from = aside;
  }
  return out;
}

// Reads the texts that speak of one kind of object, and applies them to `before`. What is renamed must be gone unless
// another takes its name, and the new name be new unless what had it gives it away.
template <class Kind>
void settle(RenameKind kind, Schema& before, const Schema& after, std::vector<Wanted>& all_wanted, Renames& out) {
  std::set<Key> old, now;
  for (const Kind& object : all<Kind>(before)) old.insert(object.key);
  for (const Kind& object : all<Kind>(after)) now.insert(object.key);
  auto any = [&](auto&& names_it, const Key& key) {
    return std::any_of(all_wanted.begin(), all_wanted.end(),
                       [&](const Wanted& wanted) { return names_it(wanted, kind, key); });
  };
  Renames renames;
  for (Wanted& wanted : all_wanted) {
    for (const Key& from : old) {
      if (!names_from(wanted, kind, from) || (now.contains(from) && !any(names_to, from))) continue;
      for (const Key& to : now) {
        if (from == to || !names_to(wanted, kind, to) || !may_be_renamed(kind, from, to)) continue;
        if (old.contains(to) && !any(names_from, to)) continue;
        if (std::any_of(renames.begin(), renames.end(),
                        [&](const Rename& other) { return other.from == from || other.to == to; }))
          continue;
        if (wanted.found) {
          ErrorContext context;
          context.hint = "Put the kind before it, for example --rename table:" + wanted.text + ".";
          throw Error("--rename " + wanted.text + " can mean several things", context);
        }
        wanted.found = Rename{kind, from, to};
        renames.push_back(*wanted.found);
      }
    }
  }
  old.insert(now.begin(), now.end());
  renames = one_after_another(std::move(renames), old);
  if (!renames.empty()) before = renamed(std::move(before), renames);
  out.insert(out.end(), renames.begin(), renames.end());
}

[[noreturn]] void names_nothing(const Wanted& wanted, const Schema& before, const Schema& after) {
  ErrorContext context;
  std::string possible;
  for (const Candidates& group : all_candidates(compare(before, after)))
    for (const Key& dropped : group.dropped)
      for (const Key& created : group.created)
        if (may_be_renamed(group.kind, dropped, created))
          possible += "\n  --rename " + display(dropped) + "=" + display(created) + "   (" +
                      std::string(name_of(group.kind)) + ")";
  context.hint = possible.empty() ? "Nothing was both dropped and created, so nothing can be renamed: the schema must "
                                    "have the new name already."
                                  : "These are possible:" + possible;
  throw Error("--rename " + wanted.text + " does not name something dropped and something created", context);
}

}  // namespace

Renames parse_renames(const std::vector<std::string>& texts, const Schema& before, const Schema& after) {
  Renames out;
  if (texts.empty()) return out;
  std::vector<Wanted> wanted;
  for (const std::string& text : texts) {
    size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
      ErrorContext usage;
      usage.hint =
          "Write --rename old=new, for example --rename users.name=users.full_name or --rename users=accounts.";
      throw Error("--rename '" + text + "' is not of the form old=new", usage);
    }
    wanted.push_back({text, text.substr(0, equals), text.substr(equals + 1), std::nullopt});
  }
  Schema now = before;
  // Order matters: what is inside of something is said in terms of its new name.
  settle<Namespace>(RenameKind::schema, now, after, wanted, out);
  settle<Enum>(RenameKind::enumeration, now, after, wanted, out);
  settle<Sequence>(RenameKind::sequence, now, after, wanted, out);
  settle<Role>(RenameKind::role, now, after, wanted, out);
  settle<Table>(RenameKind::table, now, after, wanted, out);
  settle<Column>(RenameKind::column, now, after, wanted, out);
  for (const Wanted& one : wanted)
    if (!one.found) names_nothing(one, now, after);
  return out;
}

}  // namespace sluice::diff
