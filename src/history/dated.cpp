#include "history/dated.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "base/text.hpp"
#include "history/footprints.hpp"
#include "model/beyond.hpp"

namespace sluice::history {

using model::Row;
using model::Rows;

namespace {

constexpr size_t digits = 14;

[[noreturn]] void malformed(const std::string& file, int line, const std::string& what) {
  throw Error(what, {.hint = "Restore the file from version control.", .at = {file, line, 0}});
}

std::string text_of(const Row& row, const char* name) {
  const auto found = row.find(name);
  return found != row.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Row parse(const std::string& text, const std::string& file) {
  try {
    return Row::parse(text);
  } catch (const Row::parse_error& error) {
    malformed(file, text::line_of(text, error.byte ? error.byte - 1 : 0),
              text::trim(text).empty() ? "the snapshot is empty" : "the snapshot is not valid JSON");
  } catch (const Row::exception& error) {
    malformed(file, 0, "the snapshot cannot be read: " + std::string(error.what()));
  }
}

}  // namespace

std::optional<std::int64_t> time_of_folder(std::string_view name) {
  if (name.size() <= digits || name[digits] != '_' ||
      !std::all_of(name.begin(), name.begin() + digits, [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  auto number = [&](size_t from, size_t count) { return std::stoi(std::string(name.substr(from, count))); };
  using namespace std::chrono;
  const year_month_day day{year(number(0, 4)), month(static_cast<unsigned>(number(4, 2))),
                           std::chrono::day(static_cast<unsigned>(number(6, 2)))};
  if (!day.ok() || number(8, 2) > 23 || number(10, 2) > 59 || number(12, 2) > 60) return std::nullopt;
  const auto time =
      sys_days(day).time_since_epoch() + hours(number(8, 2)) + minutes(number(10, 2)) + seconds(number(12, 2));
  return duration_cast<milliseconds>(time).count();
}

std::vector<Entry> dated_entries(const std::vector<std::string>& names) {
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  std::vector<Entry> out;
  for (const std::string& name : sorted)
    if (const auto time = time_of_folder(name)) {
      Entry entry{static_cast<int>(out.size()), "9", *time, name, true};
      entry.own_folder = true;
      out.push_back(std::move(entry));
    }
  return out;
}

Snapshots::Snapshots(const std::vector<std::pair<std::string, std::string>>& files, const std::string& where,
                     std::set<std::string> beyond)
    : beyond_(std::move(beyond)) {
  for (const auto& [folder, text] : files) {
    const std::string file = (where.empty() ? "" : where + "/") + folder + "/snapshot.json";
    try {
      nodes_.push_back(read(folder, file, text));
    } catch (const Row::exception& error) {  // something of another type than it has
      malformed(file, 0, "the snapshot is malformed: " + std::string(error.what()));
    }
  }
}

Snapshots::Node Snapshots::read(const std::string& folder, const std::string& file, const std::string& text) const {
  Node node;
  node.folder = folder;
  node.file = file;
  const Row json = parse(text, node.file);
  if (!json.is_object()) malformed(node.file, 1, "the snapshot is not an object");
  node.id = text_of(json, "id");
  node.version = text_of(json, "version");
  if (const std::string dialect = text_of(json, "dialect"); dialect != "postgres" && dialect != "postgresql")
    throw Error("the snapshot is for '" + dialect + "'",
                {.hint = "Sluice works with PostgreSQL only.", .at = {node.file, 0, 0}});
  if (node.version != "8" && node.version != "9")
    throw Error("the snapshot has the unknown version '" + node.version + "'",
                {.hint = "In a folder for each migration, versions 8 and 9 are read.", .at = {node.file, 0, 0}});
  if (node.id.empty() || !json.contains("prevIds") || !json["prevIds"].is_array())
    malformed(node.file, 0, "the snapshot has no \"id\" or no \"prevIds\"");
  for (const Row& id : json["prevIds"])
    if (id.is_string() && id.get<std::string>() != model::first_prev_id) node.before.push_back(id.get<std::string>());
  if (json.contains("footprints") && json["footprints"].is_array()) node.footprints = json["footprints"];
  node.base = text_of(json, "type") == "base" || (node.version == "8" && node.before.empty());
  if (node.base) {
    node.rows = Rows(json.contains("ddl") ? json["ddl"] : Row(), node.file);
  } else if (node.version == "8") {
    // As if it were of version 9: what it changes.
    const Rows after(json.contains("ddl") ? json["ddl"] : Row(), node.file);
    const Rows before = state_of(with_ancestors(node.before));
    node.deltas = model::deltas(before, after, {});
    node.footprints = footprints_of(before, after, node.deltas);
  } else {
    if (!json.contains("deltas") || !json["deltas"].is_array()) malformed(node.file, 0, "\"deltas\" is not a list");
    for (const Row& delta : json["deltas"]) node.deltas.push_back(delta);
  }
  return node;
}

bool Snapshots::has(const std::string& folder) const {
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const Node& node) { return node.folder == folder; });
}

const Snapshots::Node* Snapshots::find(const std::string& id) const {
  for (const Node& node : nodes_)
    if (node.id == id) return &node;
  return nullptr;
}

std::vector<std::string> Snapshots::leaves() const {
  std::vector<std::string> out;
  for (const Node& node : nodes_)
    if (std::none_of(nodes_.begin(), nodes_.end(), [&](const Node& other) {
          return std::find(other.before.begin(), other.before.end(), node.id) != other.before.end();
        }))
      out.insert(out.begin(), node.id);
  return out;
}

std::set<size_t> Snapshots::with_ancestors(const std::vector<std::string>& ids) const {
  std::set<size_t> out;
  std::vector<std::string> todo = ids;
  while (!todo.empty()) {
    const Node* node = find(todo.back());
    todo.pop_back();
    if (!node || !out.insert(static_cast<size_t>(node - nodes_.data())).second) continue;
    todo.insert(todo.end(), node->before.begin(), node->before.end());
  }
  return out;
}

std::set<size_t> Snapshots::ancestors(size_t node) const { return with_ancestors({nodes_[node].id}); }

// In the order of the folders, each after those that it follows on.
Rows Snapshots::state_of(const std::set<size_t>& nodes) const {
  Rows state;
  for (const size_t i : nodes) {
    const Node& node = nodes_[i];
    if (node.base) {
      state = node.rows;
      continue;
    }
    try {
      for (const Row& delta : node.deltas) state.apply(delta);
    } catch (const Error& error) {
      throw Error(
          "the snapshots do not fit together: " + std::string(error.what()),
          {.hint = "'sluice check' says which migrations of two branches contradict each other, and what to do.",
           .at = {node.file, 0, 0}});
    }
  }
  return state;
}

Rows Snapshots::state(const std::string& folder) const {
  std::set<size_t> wanted;
  for (size_t i = 0; i < nodes_.size() && (folder.empty() || nodes_[i].folder <= folder); i++) wanted.insert(i);
  if (!wanted.empty() && std::none_of(wanted.begin(), wanted.end(), [&](size_t i) { return nodes_[i].base; }))
    throw Error(
        "no snapshot of the folder is one to begin with",
        {.hint = "Restore the first migration's folder from version control.", .at = {nodes_.front().file, 0, 0}});
  return state_of(wanted);
}

std::vector<Diagnostic> Snapshots::check() const {
  std::vector<Diagnostic> out;
  auto error = [&](const std::string& code, const std::string& message, const Node& node, const std::string& hint) {
    out.push_back({Severity::error, code, message, {node.file, 0, 0}, hint});
  };
  const Node* base = nullptr;
  for (const Node& node : nodes_) {
    if (node.base && base)
      error("two-first-snapshots", base->folder + " and " + node.folder + " both begin a history", node,
            "A folder has one first migration. Take one of them out, with those that follow on it.");
    if (node.base && !base) base = &node;
    for (const std::string& id : node.before) {
      const Node* before = find(id);
      if (!before)
        error("snapshot-chain", node.folder + " follows on a snapshot that is not in the folder", node,
              "Restore the migration before it from version control.");
      else if (node.folder < before->folder)
        error("order", node.folder + " is dated before " + before->folder + ", on which it follows", node,
              "Give its folder a later time.");
    }
  }
  if (!out.empty()) return out;
  // Branches: what one has that the other does not.
  std::set<std::pair<size_t, size_t>> told;
  std::vector<size_t> leaf_nodes;
  for (const std::string& id : leaves()) leaf_nodes.push_back(static_cast<size_t>(find(id) - nodes_.data()));
  for (size_t i = 0; i < leaf_nodes.size(); i++)
    for (size_t j = i + 1; j < leaf_nodes.size(); j++) {
      const std::set<size_t> one = ancestors(leaf_nodes[j]), other = ancestors(leaf_nodes[i]);
      struct Side {
        std::vector<Row> footprints;
        std::vector<size_t> of;  // the node of each
      };
      auto only = [&](const std::set<size_t>& these, const std::set<size_t>& those) {
        Side side;
        for (const size_t node : these)
          if (!those.contains(node))
            for (const Row& footprint : nodes_[node].footprints) {
              side.footprints.push_back(footprint);
              side.of.push_back(node);
            }
        return side;
      };
      auto beyond = [&](const std::set<size_t>& these, const std::set<size_t>& those) {
        return std::any_of(these.begin(), these.end(),
                           [&](size_t node) { return !those.contains(node) && beyond_.contains(nodes_[node].folder); });
      };
      // Each says all of it, as it was in its branch.
      if (beyond(one, other) && beyond(other, one))
        error("two-branches-beyond",
              nodes_[leaf_nodes[j]].folder + " and " + nodes_[leaf_nodes[i]].folder +
                  " both say in _beyond.json what there is besides tables",
              nodes_[leaf_nodes[i]],
              "Two branches were merged. Take one of the migrations out ('sluice drop' the later one), and run 'sluice "
              "generate': the new one follows on the other.");
      const Side in_one = only(one, other), in_other = only(other, one);
      const auto clash = clash_between(in_one.footprints, in_other.footprints);
      if (!clash) continue;
      size_t first = in_one.of[clash->one_at], second = in_other.of[clash->other_at];
      std::string first_does = clash->one, second_does = clash->other;
      if (second < first) {
        std::swap(first, second);
        std::swap(first_does, second_does);
      }
      if (!told.emplace(first, second).second) continue;  // of another pair of leaves
      // 'sluice drop' takes the last one out; on any other, migrations follow that would lose what they follow on.
      error("two-branches",
            nodes_[first].folder + " (" + first_does + ") and " + nodes_[second].folder + " (" + second_does +
                ") contradict each other",
            nodes_[second],
            second + 1 == nodes_.size()
                ? "Two branches were merged. If " + nodes_[second].folder +
                      " is applied nowhere, take it out ('sluice drop') and run 'sluice generate': the new one follows "
                      "on the other branch."
                : "Two branches were merged, and both have gone on since. If what they made is right as it is, 'sluice "
                  "generate --custom --name join --ignore-conflicts' writes a migration that follows on both.");
    }
  return out;
}

model::Snapshot dated_snapshot_of(const Snapshots& snapshots, const std::string& tag, const std::vector<Entry>& entries,
                                  const std::function<std::optional<std::string>(const std::string&)>& read) {
  model::Snapshot out{"", "", "7", model::schema_of(snapshots.state(tag))};
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (!tag.empty() && entry->tag > tag) continue;
    if (const std::optional<std::string> text = read(entry->beyond_name())) {
      model::carry_beyond(out, *text, entry->beyond_name());
      break;
    }
  }
  return out;
}

void Snapshots::refuse_cut(const std::string& folder) const {
  auto refuse = [](const Node& node, const std::string& message) {
    throw Error(message, {.hint = "Squash all of them, or up to a migration (--to) where no branch is open: all before "
                                  "it lead to it, and all behind it follow on it.",
                          .state = "Nothing was changed.",
                          .at = {node.file, 0, 0},
                          .exit = Exit::refused});
  };
  const auto last = std::find_if(nodes_.begin(), nodes_.end(), [&](const Node& node) { return node.folder == folder; });
  if (last == nodes_.end() || last + 1 == nodes_.end()) return;
  const size_t at = static_cast<size_t>(last - nodes_.begin());
  const std::set<size_t> before = ancestors(at);
  for (size_t i = 0; i < nodes_.size(); i++) {
    if (i < at && !before.contains(i))
      refuse(nodes_[i], nodes_[i].folder + " is of a branch that " + folder + " does not follow on");
    for (const std::string& id : nodes_[i].before)
      if (const Node* parent = find(id); i > at && parent && parent->folder < folder)
        refuse(nodes_[i], nodes_[i].folder + " follows on " + parent->folder + ", not on " + folder);
  }
}

std::string Snapshots::as_first(const std::string& folder) const {
  for (const Node& node : nodes_)
    if (node.folder == folder) return print_dated_snapshot(node.version, node.id, {}, {}, state(folder), {});
  throw Error("there is no snapshot of " + folder);
}

std::vector<std::pair<std::string, std::string>> Snapshots::in_version_9() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Node& node : nodes_) {
    const Rows before = state_of(with_ancestors(node.before));
    Rows after = node.base ? node.rows : before;
    for (const Row& delta : node.deltas) after.apply(delta);
    out.emplace_back(node.folder, print_dated_snapshot("9", node.id, node.before, before, after, {}));
  }
  return out;
}

std::string print_dated_snapshot(const std::string& version, const std::string& id,
                                 const std::vector<std::string>& previous, const Rows& before, const Rows& after,
                                 const std::vector<model::RowRename>& renames) {
  const std::vector<std::string> ids = previous.empty() ? std::vector{std::string(model::first_prev_id)} : previous;
  Row out = Row::object();
  if (version == "8") {
    Row names = Row::array();
    for (const model::RowRename& rename : renames) {
      auto text = [](const model::Key& key) {
        std::vector<std::string> parts;
        for (const std::string& part : {key.schema, key.table, key.name})
          if (!part.empty()) parts.push_back(part);
        return text::join(parts, ".");
      };
      names.push_back(text(rename.from) + "->" + text(rename.to));
    }
    out = {{"version", "8"}, {"dialect", "postgres"},  {"id", id},
           {"prevIds", ids}, {"ddl", after.to_json()}, {"renames", std::move(names)}};
  } else {
    const std::vector<Row> deltas = model::deltas(before, after, renames);
    out = {{"type", previous.empty() ? "base" : "diff"},
           {"version", "9"},
           {"dialect", "postgres"},
           {"id", id},
           {"prevIds", ids},
           {"footprints", footprints_of(before, after, deltas)}};
    if (previous.empty())
      out["ddl"] = after.to_json();
    else
      out["deltas"] = deltas;
  }
  return out.dump(2, ' ', false, Row::error_handler_t::replace);
}

}  // namespace sluice::history
